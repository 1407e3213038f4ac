"""What a cell may hold."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from devreg.i18n import Catalogue
from devreg.ports import ColumnType
from exports.cells import MAX_TEXT, cell_value, inert, number_format

T = Catalogue("en")


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_whatever_comes_in_can_be_written_as_xml(text: str) -> None:
    safe = inert(text)
    element = etree.Element("t")
    element.text = safe.text
    assert etree.fromstring(etree.tostring(element)).text in (safe.text, None)
    assert safe.changed == (safe.text != text)


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", " =1", "\uff1d1", "'=1", "\n=1", "\u200b=1"])
def test_text_that_begins_like_a_formula_is_risky_and_unchanged(text: str) -> None:
    assert inert(text) == type(inert(""))(text, changed=False, risky=True)


@pytest.mark.parametrize("text", ["1=1", "a-b", "{=1}", "", "Åsa's iPad", "#N/A"])
def test_other_text_is_left_alone(text: str) -> None:
    assert inert(text) == type(inert(""))(text, changed=False, risky=False)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\x00b\x1f", "ab"),
        ("\ud800x", "x"),
        ("x\ufffe\uffff", "x"),
        ("\u202egpj.exe", "gpj.exe"),
        ("a\r\nb\rc", "a\nb\nc"),
    ],
)
def test_characters_no_worksheet_can_hold_are_taken_out_and_counted(text: str, kept: str) -> None:
    assert inert(text).text == kept
    assert inert(text).changed


@pytest.mark.parametrize("letter", ["x", "\N{BEAR FACE}"])
def test_text_over_the_limit_is_cut_visibly_by_utf_16_units(letter: str) -> None:
    cut = inert(letter * 40_000).text
    assert MAX_TEXT - 2 <= len(cut.encode("utf-16-le")) // 2 <= MAX_TEXT
    assert cut.endswith("…")


def test_text_at_the_limit_is_kept_whole() -> None:
    assert not inert("x" * MAX_TEXT).changed


@pytest.mark.parametrize(
    ("value", "kind", "cell"),
    [
        (None, ColumnType.TEXT, None),
        (356938035643809, ColumnType.TEXT, "356938035643809"),
        (1234567890123456, ColumnType.INTEGER, "1234567890123456"),
        (123456789012345, ColumnType.INTEGER, 123456789012345),
        (1250, ColumnType.MONEY_CENTS, 12.5),
        (float("nan"), ColumnType.NUMBER, None),
        (float("inf"), ColumnType.PERCENT, None),
        ("in_use", ColumnType.WORD, "in use"),
        ("a source's new word", ColumnType.WORD, "a source's new word"),
        ("R000001 failed.", ColumnType.SENTENCE, "R000001 failed."),
        (True, ColumnType.BOOLEAN, "yes"),
        (False, ColumnType.BOOLEAN, "no"),
        (("a", "b"), ColumnType.TEXT, "a, b"),
        ("many", ColumnType.INTEGER, "many"),
        (date(1, 1, 1), ColumnType.DATE, "0001-01-01"),
        (date(2026, 11, 24), ColumnType.DATE, date(2026, 11, 24)),
        (datetime(2026, 11, 24, 22, 30, tzinfo=UTC), ColumnType.DATETIME, datetime(2026, 11, 25, 0, 30)),
        (datetime(2026, 11, 24, 22, 30, tzinfo=UTC), ColumnType.DATE, date(2026, 11, 25)),
    ],
)
def test_values_become_what_a_spreadsheet_keeps_exactly(value: object, kind: ColumnType, cell: object) -> None:
    assert cell_value(value, kind, T) == cell


@pytest.mark.parametrize(("language", "day"), [("fi", "d.m.yyyy"), ("sv", "d.m.yyyy"), ("en", "d mmm yyyy")])
def test_dates_are_shown_as_the_language_writes_them(language: str, day: str) -> None:
    assert number_format(ColumnType.DATE, language) == day
