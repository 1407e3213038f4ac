"""The one way into a worksheet: rows appended top to bottom, every text made inert, every sheet ready to print.

Written in openpyxl's write-only mode, reports and long lists alike: rows leave memory as they come, so a list of any
length takes a few megabytes. What must be known before the first row (widths, frozen rows) is therefore given with the sheet.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from textwrap import wrap
from typing import Any, Final, Self

import msgspec
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table as ExcelTable
from openpyxl.worksheet.table import TableStyleInfo

from devreg.i18n import Catalogue
from devreg.ports import Column, ColumnType
from exports.cells import cell_value, escaped, inert, is_identifier, number_format
from exports.columns import labels, placed, with_gaps
from exports.files import replacing
from exports.finishing import finish
from exports.formulas import Formula, Result, cells
from exports.looks import FONT, HEADER, HEADING, PLAIN, TITLE, Link, Look, Styled, apply
from exports.names import sheet_name, table_headers, table_name

LINE_POINTS: Final = 13.0
ROW_POINTS: Final = 15.0
MAX_ROWS: Final = 1_048_576
_LEGIBLE: Final = 215.0
"""Characters that an A4 shows across before its letters get too small to read."""


class Page(msgspec.Struct, frozen=True):
    """How a sheet opens and prints: A4, as wide as the page."""

    frozen_rows: int = 0
    one_page: bool = False
    """Shrink it to a single page."""
    portrait: bool = False
    row_height: float | None = None
    """Points; None: as high as the text."""


class Area(msgspec.Struct, frozen=True):
    """Where a table's rows are: 1-based, header row included in neither."""

    sheet: str
    first_row: int
    last_row: int
    columns: tuple[str, ...]
    """Column keys, from column A on."""

    def column(self, key: str) -> int:
        """The 1-based number of a column."""
        return self.columns.index(key) + 1

    def cells(self, key: str) -> str:
        """A column's cells, as a formula on another sheet names them."""
        return cells(get_column_letter(self.column(key)), self.first_row, self.last_row, self.sheet)


class Rows(msgspec.Struct, frozen=True):
    """A list with its columns: what a view, a screen or a measure hands over."""

    columns: tuple[Column, ...]
    rows: Iterable[Mapping[str, object] | Sequence[object]]
    """By key, or in the order of the columns."""


class Book:
    """A workbook in one language. Used in a `with` block, so that a list that breaks off leaves no temporary files."""

    def __init__(self, t: Catalogue, title: str, trail: str = "") -> None:
        """`trail`: where the audit trail ended when it was made; stands in the file's properties as one more witness."""
        self.t = t
        self.changed = 0
        """Texts that had to be changed to fit a cell."""
        self._book = _empty_book(t.language, inert(title).text, trail)
        self._styles: dict[tuple[Look, bool, bool], Any] = {}
        self._sheet_names: set[str] = set()
        self._table_names: set[str] = set()
        self.alt_texts: list[str] = []
        self._results: dict[int, list[Result]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        for worksheet in self._book.worksheets if error else ():
            if not worksheet.closed:
                worksheet.close()
            if Path(worksheet._writer.out).exists():  # a save that fails has removed some already
                worksheet._writer.cleanup()

    def sheet(self, name: str, widths: Sequence[float], page: Page = Page()) -> "Sheet":
        """A new sheet; its name is cleaned and made unique. Widths are in characters."""
        name = sheet_name(name, self._sheet_names)
        self._sheet_names.add(name.casefold())
        return Sheet(self, name, widths, page)

    def table_name(self, name: str) -> str:
        """The name made fit and unique for a table."""
        name = table_name(name, self._table_names)
        self._table_names.add(name.casefold())
        return name

    def save(self, out: Path) -> None:
        """Write the file whole or not at all. Raises as `files.replacing`."""
        with replacing(out) as part:
            self._book.save(part)
            finish(part, self.alt_texts, self._results)

    def new_worksheet(self, name: str) -> Any:
        """openpyxl's worksheet, for `Sheet`."""
        return self._book.create_sheet(name)

    def cell(self, worksheet: Any, value: object, look: Look) -> Any:
        """What a worksheet is given for a value: a text is never a formula, an error or a number; only a `Formula` is one."""
        if isinstance(value, Formula):
            self._results.setdefault(self._book.index(worksheet) + 1, []).append(value.result)
            return self._styled(worksheet, f"={value.text}", (look, False, False))
        if isinstance(value, Link):
            cell = self.cell(worksheet, value.text, msgspec.structs.replace(look, colour="0563C1", link=True))
            where = value.sheet.replace("'", "''")
            cell.hyperlink = Hyperlink(ref="", location=f"'{where}'!A1", display=inert(value.text).text)
            return cell
        if not isinstance(value, str):
            return None if value is None and not look.ruled else self._styled(worksheet, value, (look, False, False))
        safe = inert(value)
        self.changed += safe.changed
        as_text = look.format == "General" and is_identifier(safe.text)
        if look is PLAIN and not (safe.risky or as_text or safe.text.startswith("#")):
            return escaped(safe.text)  # openpyxl takes it for text by itself, in half the time
        cell = self._styled(worksheet, escaped(safe.text), (look, safe.risky, as_text))
        cell.data_type = "s"
        return cell

    def _styled(self, worksheet: Any, value: object, key: tuple[Look, bool, bool]) -> Any:
        """A cell with the one style array that all cells of a look share: setting font and fill anew takes twice the time."""
        cell: Any = WriteOnlyCell(worksheet)
        if key not in self._styles:
            look, quoted, as_text = key
            apply(look, cell, quoted=quoted, as_text=as_text)
            self._styles[key] = cell._style
        cell.value = value
        cell._style = self._styles[key]
        return cell


class Sheet:
    """A worksheet being written, row after row."""

    def __init__(self, book: Book, name: str, widths: Sequence[float], page: Page) -> None:
        self.name = name
        self.row = 0
        """The last row written."""
        self._book = book
        self._page = page
        self._widths = widths
        self._sheet = book.new_worksheet(name)
        for n, width in enumerate(widths, 1):
            self._sheet.column_dimensions[get_column_letter(n)].width = width
        if page.frozen_rows:
            self._sheet.freeze_panes = f"A{page.frozen_rows + 1}"
        _prepare_print(self._sheet, name, page)

    def add(self, *values: object, look: Look = Look(), height: float | None = None) -> None:
        """One row from column A on; None leaves a cell empty."""
        self._send([self._cell(value, look) for value in values], height)

    def title(self, text: str) -> None:
        """The sheet's title; the first thing on it."""
        self.add(text, look=TITLE, height=26)

    def heading(self, text: str) -> None:
        """A heading, with room above it."""
        self.add(text, look=HEADING, height=24)

    def space(self, height: float = 6) -> None:
        """A low empty row between two parts."""
        self.add(height=height)

    def links(self, sheets: Iterable[str]) -> None:
        """Links to other sheets side by side, each with room for its name; what a row has no room for stands in the next."""
        cells: list[Any] = []
        for name in sheets:
            cell = self._book.cell(self._sheet, Link(name, name), Look())
            room, taken = 0.0, 0
            while room < len(name) + 1 and len(cells) + taken < len(self._widths):
                room += self._widths[len(cells) + taken]
                taken += 1
            if cells and room < len(name) + 1:
                self._send(cells)
                cells, taken = [], 1
            cells += [cell, *[None] * (taken - 1)]
        self._send(cells)

    def table(
        self,
        name: str,
        rows: Rows,
        *,
        filters: bool = False,
        ruled: bool = False,
        reach: int = 0,
        total: Mapping[str, object] | None = None,
    ) -> Area:
        """A marked-up table with one header row; with filters also stripes, and its header on every printed page.

        With filters every column is on the sheet, and as many are printed as can be read side by side: the first ones.
        `reach`: header and rules go on to this column, so that long texts of the last column stand inside the table.
        `total`: a last row in bold.
        Raises ValueError for headers a spreadsheet would have to repair.
        """
        t = self._book.t
        headers = table_headers(labels(rows.columns, t), self.name)
        top = self.row + 1
        wraps = filters and any(column.type is ColumnType.SENTENCE for column in rows.columns)
        upright = "center" if ruled else "top" if wraps else None
        looks = [
            placed(
                Look(
                    format=number_format(column.type, t.language),
                    ruled=ruled,
                    upright=upright,
                    wrap=wraps and column.type is ColumnType.SENTENCE,
                ),
                column,
                gap=gap,
            )
            for column, gap in with_gaps(rows.columns, ruled=ruled)
        ]
        looks = [PLAIN if look == PLAIN else look for look in looks]
        beyond = reach - len(rows.columns)
        header = msgspec.structs.replace(HEADER, ruled=ruled)
        cells = [
            self._cell(text, placed(header, column, gap=gap))
            for text, (column, gap) in zip(headers, with_gaps(rows.columns, ruled=ruled), strict=True)
        ]
        height = max(self._page.row_height or ROW_POINTS, self._wrapped_height(cells))
        self._send([*cells, *(self._cell(None, header) for _ in range(beyond))], height)
        for row in rows.rows:
            self._append(row, rows.columns, looks, beyond, wraps=wraps)
        if total is not None:
            self._append(
                total, rows.columns, [msgspec.structs.replace(look, bold=True) for look in looks], 0, wraps=False
            )
        if self.row > top:
            self._mark_up(name, headers, top, filters=filters)
        if filters:
            self._sheet.print_title_rows = f"{top}:{top}"
            legible = sum(total <= _LEGIBLE for total in accumulate(self._widths))
            if legible < len(self._widths):  # else notes that are longer than the table would be cut
                self.print_only(get_column_letter(max(1, legible)))
        return Area(self.name, top + 1, self.row, tuple(column.key for column in rows.columns))

    def chart(self, chart: Any, column: str, row: int, alt_text: str) -> None:
        """Put an openpyxl chart with its top left corner in a cell."""
        self._sheet.add_chart(chart, f"{column}{row}")
        self._book.alt_texts.append(inert(alt_text).text)

    def print_only(self, last_column: str) -> None:
        """Limit the print to columns from A on and the rows written."""
        self._sheet.print_area = f"A1:{last_column}{self.row}"

    @property
    def raw(self) -> Any:
        """openpyxl's worksheet, for references of charts."""
        return self._sheet

    def _append(
        self,
        row: Mapping[str, object] | Sequence[object],
        columns: Sequence[Column],
        looks: Sequence[Look],
        beyond: int,
        *,
        wraps: bool,
    ) -> None:
        values = [row.get(c.key) for c in columns] if isinstance(row, Mapping) else row
        t = self._book.t
        cells = []
        for value, column, look in zip(values, columns, looks, strict=True):
            if isinstance(value, Styled):
                look, value = value.look, value.value
            cells.append(self._book.cell(self._sheet, cell_value(value, column.type, t), look))
        cells += [self._book.cell(self._sheet, None, looks[-1]) for _ in range(beyond)]
        self._send(cells, max(ROW_POINTS, self._wrapped_height(cells)) if wraps else None)

    def _send(self, cells: list[Any], height: float | None = None) -> None:
        self.row += 1
        if self.row > MAX_ROWS:
            raise ValueError(f"sheet {self.name} is full: a worksheet has {MAX_ROWS} rows; narrow the list")
        if self._page.row_height:
            height = height or max(self._page.row_height, self._wrapped_height(cells))
        if height:
            self._sheet.row_dimensions[self.row].height = height
        self._sheet.append(cells)

    def _wrapped_height(self, cells: Sequence[Any]) -> float:
        """Room for wrapped text, which not every program makes by itself."""
        lines = [
            # A width counts digits; letters are narrower on average, bold ones are not.
            len(wrap(cell.value, int(width * (0.95 if cell.font.bold else 1.05))))
            for cell, width in zip(cells, self._widths, strict=False)
            if isinstance(cell, Cell) and isinstance(cell.value, str) and cell.alignment.wrap_text
        ]
        return max(lines, default=0) * LINE_POINTS + 3

    def _cell(self, value: object, look: Look) -> Any:
        value, look = (value.value, value.look) if isinstance(value, Styled) else (value, look)
        return self._book.cell(self._sheet, value, look)

    def _mark_up(self, name: str, headers: Sequence[str], top: int, *, filters: bool) -> None:
        last = get_column_letter(len(headers))
        table: Any = ExcelTable(displayName=self._book.table_name(name), ref=f"A{top}:{last}{self.row}")
        table._initialise_columns()  # write-only sheets can't be read back for the header texts
        for column, header in zip(table.tableColumns, headers, strict=True):
            column.name = escaped(header)
        if not filters:
            table.autoFilter = None
        table.tableStyleInfo = TableStyleInfo("TableStyleLight1" if filters else None, showRowStripes=filters)
        self._sheet.tables.add(table)  # add_table would warn that write-only sheets need the columns set, as they are


def _empty_book(language: str, title: str, trail: str) -> Any:
    book: Any = Workbook(write_only=True)
    # The default font is what unstyled rows, row heights and column widths go by; openpyxl has no public way to set it.
    font = Font(FONT, 10)
    book._fonts = IndexedList([font])
    book._named_styles["Normal"].font = font
    book.properties.creator = "devreg"
    book.properties.title = title
    book.properties.keywords = f"audit {trail}" if trail else None
    book.properties.language = language
    book.properties.created = datetime.now(UTC).replace(tzinfo=None)
    return book


def _prepare_print(worksheet: Any, name: str, page: Page) -> None:
    worksheet.page_setup.paperSize = 9  # A4
    worksheet.page_setup.orientation = "portrait" if page.portrait else "landscape"
    worksheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    worksheet.page_setup.fitToWidth = 1
    worksheet.page_setup.fitToHeight = 1 if page.one_page else 0
    worksheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.45, bottom=0.55, header=0.2, footer=0.25)
    worksheet.oddFooter.left.text = name.replace("&", "&&")
    worksheet.oddFooter.right.text = "&P / &N"
    worksheet.sheet_view.showGridLines = False
