"""How values are written, and how wide."""

from datetime import UTC, date, datetime

import pytest

from devreg.i18n import Catalogue
from devreg.ports import Column, ColumnType
from tui.cells import cell, size
from tui.screens.facets import value_label
from tui.widgets.columns import first_showing, fitted, visible
from tui.widgets.rows import GONE, PAGE, Rows

EN = Catalogue("en")


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (ColumnType.TEXT, "PF3K", "PF3K"),
        (ColumnType.INTEGER, 12345, "12,345"),
        (ColumnType.NUMBER, 25.5, "25.50"),
        (ColumnType.MONEY_CENTS, 1250, "€12.50"),
        (ColumnType.DATE, date(2026, 11, 24), "24 Nov 2026"),
        (ColumnType.DATETIME, datetime(2026, 11, 24, 6, 15, tzinfo=UTC), "24 Nov 2026 08:15"),
        (ColumnType.BOOLEAN, True, "yes"),
        (ColumnType.BOOLEAN, False, "no"),
        (ColumnType.PERCENT, 0.93, "93%"),
        (ColumnType.BYTES, 8 * 2**30, "8 GB"),
        (ColumnType.WORD, "in_stock", "in stock"),
        (ColumnType.WORD, "unheard_of", "unheard_of"),
        (ColumnType.WORD, "held", "■ held"),
        (ColumnType.INTEGER, 0, "0"),
        (ColumnType.INTEGER, None, ""),
    ],
)
def test_a_value_is_written_by_its_type_and_unknown_is_never_zero(kind: ColumnType, value: object, text: str) -> None:
    assert cell(Column("x", "X", kind), value, EN).text == text


def test_memory_counts_in_powers_of_two_and_disks_in_powers_of_ten() -> None:
    assert size(16 * 2**30, EN) == "16 GB"
    assert size(256_060_514_304, EN) == "256 GB"
    assert size(1_500_000_000_000, EN) == "1.5 TB"


def test_a_filter_value_is_told_in_words() -> None:
    assert value_label(Column("x", "X", ColumnType.BOOLEAN), "True", EN) == "yes"
    assert value_label(Column("x", "X", ColumnType.BOOLEAN), None, EN) == "not known"


def test_free_text_is_cut_at_its_declared_width_and_numbers_never() -> None:
    columns = [Column("t", "T", ColumnType.TEXT, 5), Column("n", "N", ColumnType.INTEGER, 3)]
    rows = [{"t": "a long text", "n": 123456789}]
    assert fitted(columns, rows, lambda c: c.label, lambda c, v: str(v)) == [5, 9]


def test_a_number_column_that_does_not_fit_is_left_out_and_text_is_cut() -> None:
    text, number = Column("t", "T"), Column("n", "N", ColumnType.INTEGER)
    assert [slot.width for slot in visible([text, number], [10, 8], 1, 15)] == [10]
    assert [slot.width for slot in visible([text, text], [10, 8], 1, 17)] == [10, 5]


def test_moving_to_a_column_scrolls_no_further_than_needed() -> None:
    columns = [Column(str(n), str(n)) for n in range(6)]
    widths = [10] * 6
    assert first_showing(columns, widths, 2, 1, 34) == 1
    assert first_showing(columns, widths, 4, 1, 34) == 3
    assert first_showing(columns, widths, 2, 3, 34) == 2
    assert first_showing(columns, widths, 0, 3, 34) == 1


def test_only_few_pages_are_kept_and_the_least_used_go_first() -> None:
    rows = Rows()
    rows.reset(range(5_000))
    for page in range(20):
        assert rows.lacking(page * PAGE, page * PAGE) == [page]
        rows.put([page], [{"n": n} for n in rows.keys_of([page])])
    assert rows.row(0) is None
    assert rows.row(19 * PAGE) == {"n": 19 * PAGE}
    assert len(list(rows.loaded())) == 12 * PAGE


def test_a_row_that_went_away_is_known_to_be_gone() -> None:
    rows = Rows()
    rows.reset([1, 2, 3])
    rows.put([0], [{"n": 1}])
    assert rows.row(2) is GONE
    assert rows.place(2, near=0) == 1
    assert rows.place(9, near=5) == 2
