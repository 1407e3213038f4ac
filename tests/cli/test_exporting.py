"""`export`: every list as files of one moment, readable by a warehouse whatever a source said."""

import json
import sys
from pathlib import Path

import pytest
from cli_rig import Cli

from devreg.store.views import of_language


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_every_list_goes_into_a_file_of_its_own(register: Cli, form: str) -> None:
    register("collect")
    done = register("export", "out/new", "--format", form)
    assert (done.code, done.err) == (0, "")
    assert done.lines == [str(Path("out", "new", f"{view}.{form}")) for view in of_language("fi")]
    assert {path.name for path in (register.folder / "out/new").iterdir()} == {Path(line).name for line in done.lines}


def test_who_takes_the_register_out_stands_in_the_audit_trail(register: Cli) -> None:
    assert register("export", "secret/out", "--views", "units,devices").code == 0
    told = register("list", "audit", "--format", "json").json()
    (line,) = (line for line in told if line["act"] == "export")
    assert json.loads(line["after"]) == {"folder": "out", "format": "csv", "lists": "units, devices"}


def test_chosen_lists_only_and_a_formula_is_no_formula_in_csv(register: Cli) -> None:
    register("collect")
    done = register("export", "out", "--views", "devices, contracts")
    assert done.lines == [str(Path("out/devices.csv")), str(Path("out/contracts.csv"))]
    assert "'=1+1" in (register.folder / "out/devices.csv").read_text(encoding="utf-8")
    register("export", "out", "--views", "devices", "--format", "jsonl")
    assert '"name":"=1+1"' in (register.folder / "out/devices.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("--format", "xlsx"), "There are csv, jsonl and parquet."),
        (("--views", "devices,phnoes"), "There is no list 'phnoes'."),
    ],
)
def test_a_wrong_wish_writes_nothing_and_names_what_there_is(empty: Cli, wrong: tuple[str, ...], said: str) -> None:
    done = empty("export", "out", *wrong)
    assert done.code == 2
    assert said in done.err
    assert not (empty.folder / "out").exists()


def test_without_pyarrow_parquet_is_refused_with_what_to_do(empty: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    done = empty("export", "out", "--format", "parquet")
    assert done.code == 2
    assert "Parquet files need pyarrow" in done.err
    assert "devreg[bi]" in done.err
    assert not (empty.folder / "out").exists()
    assert empty("export", "out", "--format", "jsonl", "--views", "devices").code == 0


def test_when_one_file_cannot_be_written_all_old_ones_stay_and_nothing_half_is_left(register: Cli) -> None:
    assert register("export", "out", "--views", "devices,units").code == 0
    before = (register.folder / "out/devices.csv").read_bytes()
    register("collect")
    (register.folder / "out/.~lock.units.csv#").touch()
    done = register("export", "out", "--views", "devices,units")
    assert done.code == 1
    assert "it is open" in done.err
    assert (register.folder / "out/devices.csv").read_bytes() == before
    assert {path.name for path in (register.folder / "out").iterdir()} == {
        "devices.csv",
        "units.csv",
        ".~lock.units.csv#",
    }
