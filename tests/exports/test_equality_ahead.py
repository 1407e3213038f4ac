"""The equality workbook's sheets of time and of the plan, from a register on both engines."""

from datetime import timedelta
from pathlib import Path

import pytest
from office_rig import printed
from openpyxl import Workbook, load_workbook
from register_rig import NOON, actor, browser, page, row, run

from devreg.domain.device import Kind
from devreg.domain.observation import Subject
from devreg.domain.planning import Scenario
from devreg.ports import Column
from devreg.services import snapshots
from devreg.services.equality import measure
from devreg.services.equality_apart import apart
from devreg.services.planning import plan
from devreg.settings import Equality
from devreg.store.engine import Sessions
from exports.equality import EqualityReport, write
from exports.workbook import Rows

SETTINGS = Equality(prices={Kind.CHROMEBOOK: 330.0})
HOSTILE = '=HYPERLINK("http://x")\x1b[31m'


def city(sessions: Sessions, devices: int, name: str = "Länsikoulu") -> None:
    """East needs four and has one; west needs one and has the rest."""
    held = {
        "kind": "chromebook",
        "use": "pupil",
        "stage": "7-9",
        "state": "in_use",
        "manages": True,
        "model": HOSTILE,
        "holder": "Åke",
    }
    run(
        sessions,
        page(
            row("east", Subject.UNIT, id="east", name_fi="Itäkoulu", name_sv="Östra skolan", kind="school", language="fi"),
            row("west", Subject.UNIT, id="west", name_fi=name, name_sv="Västra skolan", kind="school", language="sv"),
            *(row(f"h{u}", Subject.HEADCOUNT, unit=u, date="2026-09-20", stage="7-9", pupils=n) for u, n in (("east", 4), ("west", 1))),
            row("e1", serial="SERE1", as_of=NOON, unit="east", **held),
            *(row(f"w{n}", serial=f"SERW{n}", as_of=NOON, unit="west", **held) for n in range(1, devices)),
        ),
    )  # fmt: skip


def made(sessions: Sessions, folder: Path, language: str = "en", *, solved: bool = True) -> Workbook:
    result, nothing = measure(sessions, SETTINGS, NOON), Rows((Column("id", "Device"),), [])
    report = EqualityReport(
        result, NOON, apart(browser(sessions, language)), nothing, nothing,
        history=snapshots.history(sessions, SETTINGS, result),
        planned=plan(sessions, SETTINGS, None, None, NOON, Scenario.FULL) if solved else None,
    )  # fmt: skip
    write(report, folder / "equality.xlsx", language)
    return load_workbook(folder / "equality.xlsx")


def lines(book: Workbook, sheet: str, table: str) -> list[list[object]]:
    found = book[sheet]
    return [[cell.value for cell in row] for row in found[found.tables[table].ref]]


def texts(book: Workbook, sheet: str) -> list[str]:
    return [str(row[0].value) for row in book[sheet].iter_rows() if row[0].value is not None]


def test_without_earlier_figures_the_sheet_says_so_and_shows_today(sessions: Sessions, tmp_path: Path) -> None:
    city(sessions, 4)
    book = made(sessions, tmp_path)
    assert "No earlier figures are kept. `devreg snapshot` keeps them, once a term." in texts(book, "Over time")
    assert [line[:5] for line in lines(book, "Over time", "trend")[1:]] == [["24 Nov 2026", 0.8, 5, 4, 3]]


def test_kept_figures_stand_before_todays_with_what_changed(sessions: Sessions, tmp_path: Path) -> None:
    city(sessions, 2)
    for days in (30, 10):
        snapshots.keep(sessions, actor(), SETTINGS, NOON - timedelta(days=days))
    city(sessions, 4)
    book = made(sessions, tmp_path)
    rows = lines(book, "Over time", "trend")[1:]
    assert [(line[0], line[3], line[7]) for line in rows] == [
        ("25 Oct 2026", 2, "first"), ("14 Nov 2026", 2, "yes"), ("24 Nov 2026", 4, "yes"),
    ]  # fmt: skip
    assert any(text.startswith("Since 14 Nov 2026") for text in texts(book, "Over time"))
    assert len(book["Over time"]._charts) == 1  # type: ignore[attr-defined]


def test_the_plan_names_what_moves_and_what_is_bought_but_no_person(sessions: Sessions, tmp_path: Path) -> None:
    city(sessions, 4)
    book = made(sessions, tmp_path)
    header, *scenarios = lines(book, "Moves and purchases", "scenarios")
    assert [(line[0], line[2], line[3], line[4]) for line in scenarios] == [
        ("A", 2, 0, 0), ("B", 2, 0, 0), ("D", 2, 1, 330),
    ]  # fmt: skip
    assert [line[2:4] for line in lines(book, "Moves and purchases", "plan_units")[1:]] == [[0.25, 1], [1, 1]]
    assert [line[:4] for line in lines(book, "Moves and purchases", "purchases")[1:]] == [
        ["Itäkoulu", "Lower secondary (7–9)", "Chromebook", 1]
    ]
    header, *moves = lines(book, "Moves and purchases", "moves")
    assert "Holder" not in header
    sheet = book["Moves and purchases"]
    assert not sheet.merged_cells.ranges
    for marked in sheet.tables.values():
        heads, *held = ([cell.value for cell in row] for row in sheet[marked.ref])
        assert heads == marked.column_names
        assert len({str(head).casefold() for head in heads}) == len(heads)
        assert held
        assert all(any(value is not None for value in row) for row in held)
    assert {line[header.index("Serial number")] for line in moves} <= {"SERW1", "SERW2", "SERW3"}
    model = book["Moves and purchases"].tables["moves"].ref
    cells = [cell for row in book["Moves and purchases"][model] for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert not any("Åke" in str(cell.value) or "\x1b" in str(cell.value) for cell in cells)


def test_where_no_solver_is_installed_the_sheet_says_so(sessions: Sessions, tmp_path: Path) -> None:
    city(sessions, 4)
    book = made(sessions, tmp_path, solved=False)
    assert "Planning needs the solver HiGHS, which is not installed." in texts(book, "Moves and purchases")


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_the_summary_still_prints_as_one_page_with_links_to_the_new_sheets(
    sessions: Sessions, tmp_path: Path, language: str
) -> None:
    city(sessions, 4)
    book = made(sessions, tmp_path, language)
    first, second, *_ = printed(tmp_path / "equality.xlsx", tmp_path)
    for name in {"fi": ("Ajan mittaan", "Siirrot ja hankinnat"), "sv": ("Över tid", "Flyttar och anskaffningar")}[
        language
    ]:
        assert name in book.sheetnames
        assert name in first
        assert name not in second
