"""Files that appear whole or not at all."""

from pathlib import Path

import pytest

from devreg.errors import Misconfigured, Refused
from exports.files import replacing


def test_a_finished_file_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    out = tmp_path / "a.txt"
    out.write_text("old")
    out.chmod(0o640)
    with replacing(out) as part:
        part.write_text("new")
        assert out.read_text() == "old"
    assert out.read_text() == "new"
    assert out.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [out]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "a.txt"
    out.write_text("old")
    with pytest.raises(KeyError):
        _break_off(out)
    assert out.read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]


def _break_off(out: Path) -> None:
    with replacing(out) as part:
        part.write_text("half")
        raise KeyError


def test_a_new_file_gets_the_rights_any_new_file_has(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    with replacing(tmp_path / "a.txt") as part:
        part.touch()
    assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(Misconfigured, match="folder .*nowhere does not exist"),
        replacing(tmp_path / "nowhere" / "a.xlsx"),
    ):
        pass


def test_a_folder_is_not_overwritten(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="is a folder"), replacing(tmp_path):
        pass


@pytest.mark.parametrize("mark", ["~$a.xlsx", ".~lock.a.xlsx#"])
def test_a_file_that_is_open_elsewhere_is_refused_before_anything_is_written(tmp_path: Path, mark: str) -> None:
    out = tmp_path / "a.xlsx"
    out.write_text("old")
    (tmp_path / mark).touch()
    with pytest.raises(Refused, match="it is open"), replacing(out) as part:
        part.write_text("new")
    assert out.read_text() == "old"


def test_a_disk_error_is_told_with_the_file_and_what_to_do(tmp_path: Path) -> None:
    with (
        pytest.raises(Refused, match=r"a\.xlsx can't be written: No space left.*Nothing was changed"),
        replacing(tmp_path / "a.xlsx"),
    ):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_a_link_keeps_pointing_to_the_file_that_is_replaced(tmp_path: Path) -> None:
    real, link = tmp_path / "real.txt", tmp_path / "link.txt"
    real.write_text("old")
    link.symlink_to(real)
    with replacing(link) as part:
        part.write_text("new")
    assert link.is_symlink()
    assert real.read_text() == "new"
