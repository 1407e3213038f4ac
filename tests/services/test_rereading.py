"""A sheet that is read again only when it changed, and units called by their names; through whole runs on both engines."""

from pathlib import Path
from typing import Any

from register_rig import Listed, devices, later, page, row, rows, run, run_of

from collectors.sheet import SheetCollector, SheetOptions
from devreg.domain.absence import Grace
from devreg.domain.observation import Subject
from devreg.settings import Loaded, Settings
from devreg.store import schema
from devreg.store.engine import Sessions
from devreg.store.runs import Ended

HEAD = "Sarjanumero;Ostopäivä;Toimipaikka"


class Counting(SheetCollector):
    """Counts how often the sheet is read."""

    reads = 0

    def read(self) -> Any:
        Counting.reads += 1
        return super().read()


def sheet(folder: Path, *lines: str) -> None:
    (folder / "papers.csv").write_text("\n".join((HEAD, *lines)) + "\n", encoding="utf-8")


def taken(sessions: Sessions, folder: Path, minutes: int, mapping: str = "1", **more: Any) -> tuple[Ended, int]:
    """How a run of the sheet ended, and how often it read the file."""
    options = SheetOptions(kind="sheet", path="papers.csv", profile="purchases")
    Counting.reads = 0
    collector = Counting("papers", options, Loaded(Settings(), folder / "devreg.toml"))
    ended = run_of(sessions, collector, "papers", "sheet", later(minutes), mapping, **more)
    return ended, Counting.reads


def units(sessions: Sessions, *named: tuple[str, str | None, str | None], minutes: int = 0) -> None:
    said = [
        row(unit, Subject.UNIT, id=unit, **{key: name for key, name in (("name_fi", fi), ("name_sv", sv)) if name})
        for unit, fi, sv in named
    ]
    run(sessions, page(*said), name="units", kind="sheet", now=later(minutes))


def test_an_unchanged_file_is_not_read_and_all_it_said_is_seen_again(sessions: Sessions, tmp_path: Path) -> None:
    sheet(tmp_path, *(f"SER{n:05d};1.8.2025;" for n in range(30)))
    assert taken(sessions, tmp_path, 0)[1] == 1
    again, reads = taken(sessions, tmp_path, 60)
    assert (reads, again.verdict, again.counts.seen, again.counts.same, again.counts.missing) == (
        0,
        "complete",
        30,
        30,
        0,
    )
    assert {line["seen_run"] for line in rows(sessions, schema.sighting)} == {again.run_id}
    assert {line["last_seen"] for line in rows(sessions, schema.sighting)} == {later(60)}
    (tmp_path / "papers.csv").touch()
    assert taken(sessions, tmp_path, 120)[1] == 0
    sheet(tmp_path, *(f"SER{n:05d};1.8.2025;" for n in range(29)))
    changed, reads = taken(sessions, tmp_path, 180)
    assert (reads, changed.counts.seen) == (1, 29)


def test_what_an_earlier_run_missed_goes_when_its_grace_is_over_though_the_file_stays_as_it_is(
    sessions: Sessions, tmp_path: Path
) -> None:
    sheet(tmp_path, *(f"SER{n:05d};1.8.2025;" for n in range(30)))
    taken(sessions, tmp_path, 0)
    sheet(tmp_path, *(f"SER{n:05d};1.8.2025;" for n in range(29)))
    taken(sessions, tmp_path, 60, grace=Grace(runs=3))
    taken(sessions, tmp_path, 2 * 24 * 60, grace=Grace(runs=3))
    ended, reads = taken(sessions, tmp_path, 3 * 24 * 60, grace=Grace(runs=3))
    assert (reads, ended.counts.missing) == (0, 1)


def test_a_file_is_read_again_after_a_run_that_failed_and_when_it_is_read_otherwise(
    sessions: Sessions, tmp_path: Path
) -> None:
    sheet(tmp_path, "SER00001;1.8.2025;")
    taken(sessions, tmp_path, 0)
    (tmp_path / "papers.csv").rename(tmp_path / "away.csv")
    failed, _ = taken(sessions, tmp_path, 60)
    assert (failed.verdict, failed.counts.missing) == ("failed", 0)
    assert "there is no file" in (failed.error or "")
    (tmp_path / "away.csv").rename(tmp_path / "papers.csv")
    assert taken(sessions, tmp_path, 120)[1] == 1
    assert taken(sessions, tmp_path, 180)[1] == 0
    assert taken(sessions, tmp_path, 240, mapping="2")[1] == 1


def test_a_sheet_with_something_to_correct_is_read_each_time_and_told_each_time(
    sessions: Sessions, tmp_path: Path
) -> None:
    sheet(tmp_path, "SER00001;1.8.2025;", "SER00002;soon;")
    for minutes in (0, 60):
        ended, reads = taken(sessions, tmp_path, minutes)
        assert (reads, ended.counts.rejected) == (1, 1)


def test_an_emptied_sheet_and_one_that_lost_a_column_call_nothing_missing(sessions: Sessions, tmp_path: Path) -> None:
    sheet(tmp_path, *(f"SER{n:05d};1.8.2025;" for n in range(30)))
    taken(sessions, tmp_path, 0)
    sheet(tmp_path)
    emptied, _ = taken(sessions, tmp_path, 60)
    assert (emptied.verdict, emptied.counts.missing) == ("failed", 0)
    assert "has no rows below its header" in (emptied.error or "")
    text = "Sarjanumero;Toimipaikka\n" + "".join(f"SER{n:05d};\n" for n in range(30))
    (tmp_path / "papers.csv").write_text(text, encoding="utf-8")
    lost, _ = taken(sessions, tmp_path, 120)
    assert (lost.verdict, lost.counts.missing) == ("failed", 0)
    assert "has no column for purchase_date any more" in (lost.error or "")
    assert {str(device["purchase_date"]) for device in devices(sessions)} == {"2025-08-01"}
    sheet(tmp_path, "SER00001;1.8.2025;")
    held, _ = taken(sessions, tmp_path, 180)
    assert (held.verdict, held.counts.missing) == ("held", 0)


def test_a_unit_is_known_by_its_finnish_or_swedish_name_or_its_id(sessions: Sessions, tmp_path: Path) -> None:
    units(sessions, ("mantymaki", "Mäntymäen koulu", None), ("svenska", None, "Granhultsskolan"))
    sheet(tmp_path, "S0001;;mäntymäen  KOULU", "S0002;;Granhultsskolan", "S0003;;mantymaki", "S0004;;")
    ended, _ = taken(sessions, tmp_path, 60)
    assert [device["unit"] for device in devices(sessions)] == ["mantymaki", "svenska", "mantymaki", None]
    assert ended.warnings == ()


def test_a_name_that_nobody_has_or_several_have_is_told_and_left_as_it_is(sessions: Sessions, tmp_path: Path) -> None:
    units(sessions, ("a", "Keskuskoulu", None), ("b", None, "Keskuskoulu"), ("keskus", "Muu", None))
    sheet(tmp_path, "S0001;;Keskuskoulu", "S0002;;Mäntymäki", "S0003;;keskus")
    ended, _ = taken(sessions, tmp_path, 60)
    assert ended.warnings == (
        "Units that the list of units does not know: “Mäntymäki”.",
        "“Keskuskoulu” is the name of several units: a, b; write the id.",
    )
    assert [device["unit"] for device in devices(sessions)] == ["Keskuskoulu", "Mäntymäki", "keskus"]


def test_a_sheet_read_before_the_list_of_units_is_put_right_by_the_next_run(sessions: Sessions, tmp_path: Path) -> None:
    sheet(tmp_path, "S0001;;Mäntymäen koulu", "S0002;;")
    early, _ = taken(sessions, tmp_path, 0)
    assert early.warnings == ()  # no list of units, nothing to say about it
    units(sessions, ("mantymaki", "Mäntymäen koulu", None), minutes=30)
    ended, reads = taken(sessions, tmp_path, 60)
    assert (reads, ended.counts.changed, ended.counts.same) == (1, 1, 1)
    assert [device["unit"] for device in devices(sessions)] == ["mantymaki", None]
    assert taken(sessions, tmp_path, 120)[1] == 0


def test_other_kinds_of_sources_speak_of_units_by_id_only(sessions: Sessions) -> None:
    units(sessions, ("mantymaki", "Mäntymäen koulu", None))
    ended = run_of(sessions, Listed(page(row("1", serial="S0001", unit="Mäntymäen koulu"))), now=later(60))
    assert (devices(sessions)[0]["unit"], ended.warnings) == ("Mäntymäen koulu", ())


def test_a_dry_run_leaves_nothing_to_remember(sessions: Sessions, tmp_path: Path) -> None:
    sheet(tmp_path, "S0001;;")
    taken(sessions, tmp_path, 0, dry_run=True)
    assert rows(sessions, schema.memo) == []
