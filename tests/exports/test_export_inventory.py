"""A list as a workbook, hostile texts first of all."""

import tracemalloc
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet._writer import ALL_TEMP_FILES
from python_calamine import CalamineWorkbook

from devreg.errors import Refused
from devreg.ports import Column, ColumnType
from exports import inventory
from exports.cells import escaped, inert
from exports.workbook import Rows


def test_hostile_texts_are_read_back_as_the_texts_they_were(
    hostile_rows: Rows, hostile: tuple[str, ...], tmp_path: Path
) -> None:
    out = tmp_path / "list.xlsx"
    changed = inventory.write(hostile_rows, "Devices", out, "en")
    sheet = load_workbook(out).worksheets[0]
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type in ("f", "e")]
    assert [sheet.cell(n + 2, 2).value for n in range(len(hostile))] == [escaped(inert(text).text) for text in hostile]
    assert changed == sum(inert(text).changed for text in hostile)


def test_a_reader_that_knows_the_format_sees_the_text_without_escapes(
    hostile_rows: Rows, hostile: tuple[str, ...], tmp_path: Path
) -> None:
    out = tmp_path / "list.xlsx"
    inventory.write(hostile_rows, "Devices", out, "en")
    read = CalamineWorkbook.from_path(out).get_sheet_by_index(0).to_python()
    assert [row[1] for row in read[1:]] == [inert(text).text for text in hostile]


def test_text_that_begins_like_a_formula_stays_text_when_somebody_edits_it(
    hostile_rows: Rows, hostile: tuple[str, ...], tmp_path: Path
) -> None:
    out = tmp_path / "list.xlsx"
    inventory.write(hostile_rows, "Devices", out, "en")
    sheet = load_workbook(out).worksheets[0]
    for n, text in enumerate(hostile, 2):
        assert sheet.cell(n, 2).quotePrefix == inert(text).risky


def test_identifiers_are_text_and_stay_so(hostile_rows: Rows, tmp_path: Path) -> None:
    out = tmp_path / "list.xlsx"
    inventory.write(hostile_rows, "Devices", out, "en")
    imei = load_workbook(out).worksheets[0]["C2"]
    assert (imei.value, imei.data_type, imei.number_format) == ("356938035643809", "s", "@")


def test_the_header_is_the_first_row_and_a_table_is_marked_up(
    hostile_rows: Rows, hostile: tuple[str, ...], tmp_path: Path
) -> None:
    out = tmp_path / "list.xlsx"
    inventory.write(hostile_rows, "Devices", out, "en")
    sheet = load_workbook(out).worksheets[0]
    table = sheet.tables["Devices"]
    assert table.ref == f"A1:E{len(hostile) + 1}"
    assert table.column_names == [cell.value for cell in sheet[1]]
    assert sheet.freeze_panes == "A2"
    assert sheet["D2"].value == datetime(2026, 11, 24, 8, 0)
    assert sheet["D2"].number_format == "d mmm yyyy\\ hh:mm"


def test_columns_that_a_translation_makes_alike_are_told_apart_by_key(tmp_path: Path) -> None:
    out = tmp_path / "list.xlsx"
    columns = (Column("unit", "Unit"), Column("unit_name", "unit"), Column("id", "Device"))
    inventory.write(Rows(columns, [("a", "b", "c")]), "Devices", out, "en")
    assert [cell.value for cell in load_workbook(out).worksheets[0][1]] == ["Unit (unit)", "unit (unit_name)", "Device"]


def test_an_empty_list_is_headers_without_a_table(tmp_path: Path) -> None:
    out = tmp_path / "list.xlsx"
    inventory.write(Rows((Column("a", "Name"),), []), "Devices", out, "en")
    sheet = load_workbook(out).worksheets[0]
    assert [cell.value for cell in sheet[1]] == ["Name"]
    assert not sheet.tables


def test_rows_may_be_mappings_and_a_missing_key_is_an_empty_cell(tmp_path: Path) -> None:
    out = tmp_path / "list.xlsx"
    columns = (Column("a", "Name"), Column("b", "Number", ColumnType.INTEGER))
    inventory.write(Rows(columns, [{"b": 1}, {"a": "x"}]), "Devices", out, "en")
    read = list(load_workbook(out).worksheets[0].iter_rows(min_row=2, values_only=True))
    assert read == [(None, 1), ("x", None)]


def test_a_source_that_breaks_half_way_leaves_the_old_workbook(tmp_path: Path) -> None:
    out = tmp_path / "list.xlsx"
    inventory.write(Rows((Column("a", "Name"),), [("old",)]), "Devices", out, "en")

    def broken() -> Iterator[tuple[str]]:
        yield ("new",)
        raise ConnectionError("database went away")

    with pytest.raises(ConnectionError):
        inventory.write(Rows((Column("a", "Name"),), broken()), "Devices", out, "en")
    assert load_workbook(out).worksheets[0]["A2"].value == "old"
    assert list(tmp_path.iterdir()) == [out]
    assert not [file for file in ALL_TEMP_FILES if Path(file).exists()]


def test_a_workbook_open_elsewhere_is_refused_and_leaves_no_temporary_files(tmp_path: Path) -> None:
    (tmp_path / "~$list.xlsx").touch()
    with pytest.raises(Refused, match="it is open"):
        inventory.write(Rows((Column("a", "Name"),), [("new",)]), "Devices", tmp_path / "list.xlsx", "en")
    assert [path.name for path in tmp_path.iterdir()] == ["~$list.xlsx"]
    assert not [file for file in ALL_TEMP_FILES if Path(file).exists()]


def test_a_long_list_takes_little_memory(tmp_path: Path) -> None:
    columns = tuple(Column(f"c{n}", f"Column {n}") for n in range(10))
    rows = ((f"text {n}",) * 10 for n in range(6_000))
    tracemalloc.start()
    inventory.write(Rows(columns, rows), "Devices", tmp_path / "list.xlsx", "en")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8_000_000
