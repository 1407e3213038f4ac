"""CSV, JSON and JSON lines."""

import csv
import io
import json
from datetime import UTC, date, datetime

import pytest

from devreg.ports import Column, ColumnType
from exports.lines import Csv, Format, guarded, write
from exports.workbook import Rows

COLUMNS = (
    Column("id", "Device"),
    Column("name", "Name"),
    Column("price_cents", "Price", ColumnType.MONEY_CENTS),
    Column("seen", "Last seen", ColumnType.DATETIME),
    Column("bought", "Purchase date", ColumnType.DATE),
    Column("managed", "Managed", ColumnType.BOOLEAN),
    Column("sources", "Sources"),
)
SEEN = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
ROW = ("D000001", 'Åsa\'s; "iPad"\nx', -1250, SEEN, date(2025, 1, 2), True, ("intune", "leases"))
EMPTY = ("D000002", None, None, None, None, None, None)


def text(rows: Rows, form: Format, style: Csv = Csv()) -> str:
    out = io.BytesIO()
    write(rows, out, form, style)
    return out.getvalue().decode("utf-8")


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_csv_is_read_back_as_it_was(delimiter: str) -> None:
    read = list(
        csv.reader(
            io.StringIO(text(Rows(COLUMNS, [ROW, EMPTY]), Format.CSV, Csv(delimiter)), newline=""), delimiter=delimiter
        )
    )
    assert read[0] == [column.key for column in COLUMNS]
    assert read[1] == [
        "D000001",
        'Åsa\'s; "iPad"\nx',
        "-1250",
        "2026-11-24T06:00:00Z",
        "2025-01-02",
        "true",
        "intune, leases",
    ]
    assert read[2] == ["D000002", "", "", "", "", "", ""]


def test_csv_lines_end_as_the_standard_says_and_the_mark_is_a_choice() -> None:
    rows = Rows((Column("a", "A"),), [("x",)])
    assert text(rows, Format.CSV) == "a\r\nx\r\n"
    assert text(rows, Format.CSV, Csv(bom=True)) == "\ufeffa\r\nx\r\n"


@pytest.mark.parametrize(
    "hostile", ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", " =1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201", "\x00=1"]
)
def test_csv_text_that_a_spreadsheet_would_obey_is_guarded(hostile: str) -> None:
    (value,) = list(csv.reader(io.StringIO(text(Rows((Column("a", "A"),), [(hostile,)]), Format.CSV), newline="")))[1]
    assert value.startswith("'")


def test_a_number_is_a_number_however_negative() -> None:
    assert text(Rows((Column("a", "A", ColumnType.INTEGER),), [(-5,)]), Format.CSV) == "a\r\n-5\r\n"


@pytest.mark.parametrize("harmless", ["a=1", "[/]", "", "x-1", "Åsa"])
def test_harmless_text_is_not_guarded(harmless: str) -> None:
    assert guarded(harmless) == harmless


@pytest.mark.parametrize("form", [Format.JSON, Format.JSONL])
def test_json_keeps_types_and_says_null_for_not_known(form: Format) -> None:
    written = text(Rows(COLUMNS, [ROW, EMPTY]), form)
    read = json.loads(written) if form is Format.JSON else [json.loads(line) for line in written.splitlines()]
    assert read[0] == {
        "id": "D000001",
        "name": 'Åsa\'s; "iPad"\nx',
        "price_cents": -1250,
        "seen": "2026-11-24T06:00:00Z",
        "bought": "2025-01-02",
        "managed": True,
        "sources": ["intune", "leases"],
    }
    assert read[1]["name"] is None


def test_an_empty_list_is_valid_json() -> None:
    assert json.loads(text(Rows(COLUMNS, []), Format.JSON)) == []
    assert text(Rows(COLUMNS, []), Format.JSONL) == ""


@pytest.mark.parametrize("form", list(Format))
@pytest.mark.parametrize("value", ["\ud800", "\x00", float("nan"), 2**70, {"=a": {1}}, frozenset({"b", "a"})])
def test_nothing_a_row_can_hold_stops_the_export(form: Format, value: object) -> None:
    assert text(Rows((Column("a", "A"),), [(value,), ("after",)]), form).count("after") == 1


def test_rows_are_written_as_they_come() -> None:
    out = io.BytesIO()

    def rows():  # type: ignore[no-untyped-def]
        yield ("first",)
        assert b"first" in out.getvalue() or out.tell() > 0
        yield ("second",)

    write(Rows((Column("a", "A"),), rows()), out, Format.CSV)
    assert b"second" in out.getvalue()
