"""The phones workbook: the same figures as lists, summary and database views, in three languages, whatever a source wrote."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook
from register_rig import browser, page, row, run
from sqlalchemy import text

from devreg.domain.observation import Subject
from devreg.domain.phones import Category
from devreg.domain.words import label
from devreg.i18n import LANGUAGES, Catalogue
from devreg.ports import Query
from devreg.services import phones
from devreg.store.engine import Sessions
from exports import phones as workbook

NOW = datetime.now(UTC)
OURS = {"kind": "phone", "unit": "a"}
ENROLLED = {**OURS, "manages": True, "os": "iOS", "supervised": True, "ownership": "company"}


def fill(sessions: Sessions, *, whole: bool = True) -> None:
    papers = [row(f"p{n}", serial=f"SER{n}", **OURS) for n in range(1, 7)]
    papers += [
        row("lost", serial="SERLOST", state="lost", **OURS),
        row("box", serial="SERBOX", state="in_stock", **OURS),
    ]
    run(sessions, page(row("a", Subject.UNIT, id="a", name_fi="Aula"), *papers), name="papers", kind="sheet", now=NOW)
    seen = [
        row("1", serial="SER1", as_of=NOW, phone_number="+358500000001", name="=cmd|' /C calc'!A0", **ENROLLED),
        row("2", serial="SER2", as_of=NOW - timedelta(days=40), **ENROLLED),
        row("3", serial="SER3", as_of=NOW, **{**ENROLLED, "ownership": "personal"}),
        row("4", serial="STRANGER", as_of=NOW, **{**ENROLLED, "unit": "b"}),
        row("5", serial="OWN", as_of=NOW, **{**ENROLLED, "ownership": "personal"}),
    ]
    run(sessions, page(*seen, failed=[] if whole else ["x"]), now=NOW)


def sheets(sessions: Sessions, folder: Path, language: str) -> list[list[list[Any]]]:
    out = folder / f"phones-{language}.xlsx"
    workbook.write(phones.picture(browser(sessions, language), NOW), out, language)
    book = CalamineWorkbook.from_path(out)
    return [book.get_sheet_by_index(place).to_python() for place in range(len(book.sheet_names))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_summary_list_and_database_view_count_the_same_phones(
    sessions: Sessions, tmp_path: Path, language: str
) -> None:
    fill(sessions)
    with sessions.read.begin() as session:
        stored = Counter(session.execute(text("SELECT category FROM bi_phones")).scalars())
    assert stored == {
        "enrolled": 1, "enrolled_silent": 1, "enrolled_unlisted": 1, "enrolled_as_personal": 1, "papers_only": 3, "lost": 1,
        "in_stock": 1, "private": 1,
    }  # fmt: skip
    found = phones.figures(browser(sessions, language))
    assert {str(line.category): line.phones for line in found.categories} == stored
    t = Catalogue(language)
    summary, listed, *_ = sheets(sessions, tmp_path, language)
    written = Counter(line[0] for line in listed[2:])
    assert written == {t(label(category)): number for category, number in stored.items()}
    assert {(line[0], line[1]) for line in summary} >= set(written.items())
    assert (found.phones, found.managed, found.coverage) == (7, 2, 2 / 7)
    with sessions.read.begin() as session:
        sums = session.execute(text("SELECT sum(phones), sum(managed) FROM bi_phone_coverage")).one()
    assert tuple(map(int, sums)) == (found.phones, found.managed)


def test_phones_that_need_something_come_first_and_those_without_a_number_have_a_sheet(
    sessions: Sessions, tmp_path: Path
) -> None:
    fill(sessions)
    _, listed, numberless, *_ = sheets(sessions, tmp_path, "en")
    steps = [bool(line[1]) for line in listed[2:]]
    assert steps == sorted(steps, reverse=True)
    assert sum(steps) == phones.figures(browser(sessions)).to_do == 7
    serials = {line[3] for line in numberless[2:]}
    assert serials == {"SER2", "SER3", "SER4", "SER5", "SER6", "STRANGER"}


def test_a_number_that_no_phone_in_use_has_stands_with_its_fee_and_one_that_a_phone_has_does_not(
    sessions: Sessions, tmp_path: Path
) -> None:
    fill(sessions)
    sim = {"number": "OP-1", "kind": "subscription", "supplier": "Oper", "monthly_fee_cents": 990}
    numbers = (
        row("s1", Subject.SUBSCRIPTION, phone_number="+358500000001", contract=sim),
        row("s2", Subject.SUBSCRIPTION, phone_number="+358500000002", holder="Aino", contract=sim),
    )
    run(sessions, page(*numbers), name="operator", kind="sheet", now=NOW)
    phoneless = sheets(sessions, tmp_path, "en")[3]
    assert [(line[0], line[2], line[4], line[5]) for line in phoneless[2:]] == [("+358500000002", "Aino", "Oper", 9.9)]


def test_a_range_is_given_while_a_reading_was_not_whole(sessions: Sessions, tmp_path: Path) -> None:
    fill(sessions, whole=False)
    found = phones.figures(browser(sessions))
    assert (found.coverage, found.at_most, found.not_known) == (2 / 7, 5 / 7, 3)
    assert Category.PAPERS_ONLY not in {line.category for line in found.categories}
    summary = sheets(sessions, tmp_path, "en")[0]
    assert any("at most 71%" in str(cell) for line in summary for cell in line)


def test_no_text_of_a_source_becomes_a_formula_and_an_empty_register_has_a_workbook_too(
    sessions: Sessions, tmp_path: Path
) -> None:
    assert phones.figures(browser(sessions)).coverage is None
    sheets(sessions, tmp_path, "sv")
    fill(sessions)
    sheets(sessions, tmp_path, "fi")
    book = load_workbook(tmp_path / "phones-fi.xlsx")
    assert not [cell for sheet in book for line in sheet.iter_rows() for cell in line if cell.data_type in ("f", "e")]
    assert browser(sessions).keys("phones", Query(where=(("name", "=cmd|' /C calc'!A0"),)))
