"""Cells as people fill them in, in Finnish, Swedish and Excel."""

from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import sheet_cells as cells
from collectors.sheet_fields import FIELDS


@pytest.mark.parametrize(
    ("cell", "cents"),
    [
        ("12,50 €", 1250), ("12.50", 1250), ("1 234,50", 123450), ("1\u00a0234,50\u00a0€", 123450),
        ("1.234,50", 123450), ("1,234.50", 123450),
        ("EUR 12,5", 1250), ("18,45 €/kk", 1845), ("12 euroa", 1200), (12.5, 1250), (0.1 + 0.2, 30), (700, 70000), ("0", 0),
        ("1234567", 123456700),
        ("0,125", 12), (None, None), ("", None), ("  ", None),
    ],
)  # fmt: skip
def test_prices_become_cents(cell: Any, cents: int | None) -> None:
    assert cells.money_cents(cell) == cents


@pytest.mark.parametrize(
    "cell", ["1.234", "12.345", "twelve", "-5", "1,2,3", "12,50 $", True, date(2026, 1, 1), "1e5", "9" * 20, time(8)]
)
def test_what_is_no_price_or_could_be_two_is_refused(cell: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        cells.money_cents(cell)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("24.11.2026", date(2026, 11, 24)), ("1.2.2026", date(2026, 2, 1)), ("01.02.2026.", date(2026, 2, 1)),
        ("2026-11-24", date(2026, 11, 24)),
        ("2026-11-24 08:00", date(2026, 11, 24)), (datetime(2026, 11, 24, 8), date(2026, 11, 24)), (date(2026, 11, 24), date(2026, 11, 24)),
        (46350.0, date(2026, 11, 24)), (46350, date(2026, 11, 24)), ("", None), (None, None),
    ],
)  # fmt: skip
def test_finnish_iso_and_excel_dates_are_days(cell: Any, day: date | None) -> None:
    assert cells.day(cell) == day


@pytest.mark.parametrize("cell", ["31.2.2026", "24.11.26", "11/24/2026", "soon", 7, 1e9, True, "2026-13-01", time(8)])
def test_what_is_no_day_is_refused_with_an_example(cell: Any) -> None:
    with pytest.raises(ValueError, match=r"date"):
        cells.day(cell)


@pytest.mark.parametrize("cell", ["kyllä", "Kyllä", "K", "ja", "x", "X", "yes", "1", 1.0, 1, True, "TRUE"])
def test_yes_in_any_language_is_true(cell: Any) -> None:
    assert cells.boolean(cell) is True


@pytest.mark.parametrize("cell", ["ei", "Nej", "no", "0", 0.0, False, "-"])
def test_no_in_any_language_is_false(cell: Any) -> None:
    assert cells.boolean(cell) is False


def test_an_empty_cell_is_neither_yes_nor_no() -> None:
    assert cells.boolean(None) is None
    assert cells.boolean(" ") is None
    with pytest.raises(ValueError, match="neither yes nor no"):
        cells.boolean("ehkä")


@pytest.mark.parametrize(
    ("cell", "text"), [(356741081122334.0, "356741081122334"), ("R5CX0", "R5CX0"), (12345678, "12345678"), (None, None)]
)
def test_identifiers_typed_as_numbers_keep_their_digits(cell: Any, text: str | None) -> None:
    assert cells.identifier(cell) == text


@pytest.mark.parametrize("cell", ["3,56741E+14", "3.56741E+14", "4E+14", 12.5])
def test_identifiers_that_excel_rounded_away_are_refused(cell: Any) -> None:
    with pytest.raises(ValueError, match="lost its digits"):
        cells.identifier(cell)


@pytest.mark.parametrize(
    ("cell", "rate"), [("25,5 %", 25.5), ("25.5", 25.5), (0.255, 25.5), (24.0, 24.0), (0, 0.0), ("0 %", 0.0)]
)
def test_vat_is_per_cent_however_it_is_written(cell: Any, rate: float) -> None:
    assert cells.percent(cell) == pytest.approx(rate)


@pytest.mark.parametrize(("cell", "number"), [("24 kk", 24), ("36 mån.", 36), (24.0, 24), ("30 pv", 30), ("0", 0)])
def test_counts_may_carry_their_word(cell: Any, number: int) -> None:
    assert cells.count(cell) == number


@pytest.mark.parametrize("cell", [24.5, "-1", "noin 20", True])
def test_what_is_no_count_is_refused(cell: Any) -> None:
    with pytest.raises(ValueError, match="number"):
        cells.count(cell)


@pytest.mark.parametrize(
    ("field", "cell", "word"),
    [
        ("kind", "Kannettava", "laptop"), ("kind", "telefon", "phone"), ("kind", "Chromebook", "chromebook"), ("kind", "UPS", "ups"),
        ("kind", "tukiasema", "access_point"), ("use", "Oppilas", "pupil"), ("use", "digilab", "digilab"), ("stage", "luokat 7–9", "7-9"),
        ("stage", "3–6", "3-6"), ("stage", "Lukio", "upper"), ("stage", "esiopetus", "pre"), ("state", "Poistettu käytöstä", "retired"),
        ("ownership", "oma", "personal"), ("contract.kind", "Leasingsopimus", "lease"), ("stage", "ÅRSKURS 1-2", "1-2"),
        ("headcount.stage", datetime(2026, 6, 3), "3-6"),
    ],
)  # fmt: skip
def test_closed_sets_take_the_glossarys_words(field: str, cell: Any, word: str) -> None:
    assert FIELDS[field].parse(cell) == word


def test_a_word_outside_the_set_is_refused_with_what_is_allowed() -> None:
    with pytest.raises(ValueError, match="“leipäkone” is not one of laptop, desktop"):
        FIELDS["kind"].parse("leipäkone")


_ANY_CELL = st.one_of(
    st.text(),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.none(),
)


@given(name=st.sampled_from(sorted(FIELDS)), cell=_ANY_CELL)
def test_any_cell_gives_a_value_nothing_or_a_reason(name: str, cell: Any) -> None:
    try:
        value = FIELDS[name].parse(cell)
    except (ValueError, OverflowError, ArithmeticError):
        return
    assert value is None or value != ""
