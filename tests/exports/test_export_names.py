"""Names of sheets, tables and columns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.names import sheet_name, table_headers, table_name


@given(st.text(max_size=80), st.sets(st.text(max_size=31).map(str.casefold), max_size=5))
def test_any_text_gives_a_sheet_name_that_is_allowed_and_not_taken(text: str, taken: set[str]) -> None:
    name = sheet_name(text, taken)
    assert 1 <= len(name) <= 31
    assert not set(name) & set("[]:*?/\\")
    assert not name.startswith("'")
    assert not name.endswith("'")
    assert name.casefold() not in taken


def test_names_equal_after_cutting_are_told_apart() -> None:
    long = "Kielikylpy Grani Språkbad ja muut paikat"
    first = sheet_name(long)
    second = sheet_name(long, {first.casefold()})
    assert (first, second) == ("Kielikylpy Grani Språkbad ja mu", "Kielikylpy Grani Språkbad ja 2")


def test_the_name_excel_keeps_for_itself_is_avoided() -> None:
    assert sheet_name("History").casefold() != "history"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("units", "units"),
        ("pupil counts", "pupil_counts"),
        ("A1", "T_A1"),
        ("R1C1", "T_R1C1"),
        ("1st", "T_1st"),
        ("", "T_"),
        ("R", "T_R"),
    ],
)
def test_a_table_name_is_never_an_address(text: str, name: str) -> None:
    assert table_name(text) == name


def test_a_taken_table_name_gets_a_number() -> None:
    assert table_name("Units", {"units"}) == "Units_2"


@pytest.mark.parametrize("headers", [["a", "A"], ["a", ""], ["a", "\x00"], []])
def test_headers_that_a_spreadsheet_would_repair_are_refused_with_the_sheet(headers: list[str]) -> None:
    with pytest.raises(ValueError, match="sheet Units"):
        table_headers(headers, "Units")


def test_a_header_is_one_line() -> None:
    assert table_headers(["two\nlines", "b"], "x") == ["two lines", "b"]
