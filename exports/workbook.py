"""The one way into a worksheet: rows appended top to bottom, every text made inert, every sheet ready to print.

Written in openpyxl's write-only mode, reports and long lists alike: rows leave memory as they come, so a list of any
length takes a few megabytes. What must be known before the first row (widths, frozen rows) is therefore given with the sheet.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

import msgspec
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table as ExcelTable
from openpyxl.worksheet.table import TableStyleInfo

from devreg.i18n import Catalogue
from devreg.ports import Column, ColumnType
from exports.alt_text import describe_charts
from exports.cells import cell_value, escaped, inert, is_identifier, number_format
from exports.files import replacing
from exports.names import sheet_name, table_headers, table_name

FONT: Final = "Arial"
"""On every machine with a spreadsheet, or with a stand-in of the same widths."""
INK: Final = "1A1A1A"
HEAD: Final = "1F3864"
"""White on it has a contrast of 11:1."""
LINE_POINTS: Final = 13.0
MAX_ROWS: Final = 1_048_576
_RIGHT: Final = frozenset(ColumnType) - {ColumnType.TEXT, ColumnType.WORD, ColumnType.BOOLEAN}


class Look(msgspec.Struct, frozen=True):
    """How a cell looks. Colour never carries meaning alone."""

    bold: bool = False
    size: float = 10
    colour: str = INK
    fill: str | None = None
    align: str | None = None
    indent: int = 0
    """Steps away from the side it is aligned to."""
    wrap: bool = False
    top: bool = False
    """At the top of a row that wrapped text makes higher."""
    format: str = "General"
    ruled: bool = False
    link: bool = False


PLAIN: Final = Look()
TITLE: Final = Look(bold=True, size=16, colour=HEAD)
HEADING: Final = Look(bold=True, size=12, colour=HEAD)
HEADER: Final = Look(bold=True, colour="FFFFFF", fill=HEAD, wrap=True)


class Styled(msgspec.Struct, frozen=True):
    """A value with a look of its own, in a row of plain ones."""

    value: object
    look: Look


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


class Rows(msgspec.Struct, frozen=True):
    """A list with its columns: what a view, a screen or a measure hands over."""

    columns: tuple[Column, ...]
    rows: Iterable[Mapping[str, object] | Sequence[object]]
    """By key, or in the order of the columns."""


class Book:
    """A workbook in one language. Used in a `with` block, so that a list that breaks off leaves no temporary files."""

    def __init__(self, t: Catalogue, title: str) -> None:
        self.t = t
        self.changed = 0
        """Texts that had to be changed to fit a cell."""
        self._book = _empty_book(t.language, inert(title).text)
        self._styles: dict[tuple[Look, bool], Any] = {}
        self._sheet_names: set[str] = set()
        self._table_names: set[str] = set()
        self.alt_texts: list[str] = []

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
            describe_charts(part, self.alt_texts)

    def new_worksheet(self, name: str) -> Any:
        """openpyxl's worksheet, for `Sheet`."""
        return self._book.create_sheet(name)

    def cell(self, worksheet: Any, value: object, look: Look) -> Any:
        """A cell that is what it looks like: a text is never a formula, an error or a number."""
        text = value if isinstance(value, str) else None
        safe = None if text is None else inert(text)
        cell: Any = WriteOnlyCell(worksheet)
        if safe is None:
            cell.value = value
        else:
            self.changed += safe.changed
            cell.value = escaped(safe.text)
            cell.data_type = "s"
            if look.format == "General" and is_identifier(safe.text):
                look = msgspec.structs.replace(look, format="@")
        cell._style = self._style(worksheet, look, quoted=safe is not None and safe.risky)
        return cell

    def _style(self, worksheet: Any, look: Look, *, quoted: bool) -> Any:
        """One style array for each look: assigning font, fill and border anew takes twice the time of the whole file."""
        key = (look, quoted)
        if key not in self._styles:
            model: Any = WriteOnlyCell(worksheet)
            model.font = Font(
                FONT, look.size, bold=look.bold, color=look.colour, underline="single" if look.link else None
            )
            model.alignment = Alignment(
                look.align, vertical="top" if look.top else "center", wrap_text=look.wrap, indent=look.indent
            )
            model.number_format = look.format
            if look.fill:
                model.fill = PatternFill("solid", fgColor=look.fill)
            if look.ruled:
                model.border = Border(bottom=Side("thin", color="BFBFBF"))
            model.quotePrefix = quoted
            self._styles[key] = model._style
        return self._styles[key]


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

    def add(self, *values: object, look: Look = PLAIN, height: float | None = None) -> None:
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
        """A row of links to other sheets."""
        cells = []
        for name in sheets:
            cell = self._book.cell(self._sheet, name, Look(colour="0563C1", link=True))
            where = name.replace("'", "''")
            cell.hyperlink = Hyperlink(ref="", location=f"'{where}'!A1", display=name)
            cells.append(cell)
        self._send(cells)

    def table(
        self, name: str, rows: Rows, *, filters: bool = False, ruled: bool = False, header_height: float | None = None
    ) -> Area:
        """A marked-up table with one header row; with filters also stripes, and its header on every printed page.

        Raises ValueError for headers a spreadsheet would have to repair.
        """
        t = self._book.t
        headers = table_headers([t(column.label) for column in rows.columns], self.name)
        top = self.row + 1
        looks = [
            _placed(Look(format=number_format(c.type, t.language), ruled=ruled), n, c)
            for n, c in enumerate(rows.columns)
        ]
        heads = [
            Styled(text, _placed(HEADER, n, c)) for n, (text, c) in enumerate(zip(headers, rows.columns, strict=True))
        ]
        self.add(*heads, height=header_height)
        for row in rows.rows:
            self._append(row, rows.columns, looks)
        if self.row > top:
            self._mark_up(name, headers, top, filters=filters)
        if filters:
            self._sheet.print_title_rows = f"{top}:{top}"
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
        self, row: Mapping[str, object] | Sequence[object], columns: Sequence[Column], looks: Sequence[Look]
    ) -> None:
        values = [row.get(c.key) for c in columns] if isinstance(row, Mapping) else row
        t = self._book.t
        cells = [
            self._cell(
                Styled(cell_value(value.value, c.type, t), value.look)
                if isinstance(value, Styled)
                else cell_value(value, c.type, t),
                look,
            )
            for value, c, look in zip(values, columns, looks, strict=True)
        ]
        self._send(cells)

    def _send(self, cells: list[Any], height: float | None = None) -> None:
        self.row += 1
        if self.row > MAX_ROWS:
            raise ValueError(f"sheet {self.name} is full: a worksheet has {MAX_ROWS} rows; narrow the list")
        height = height or self._wrapped_height(cells) or self._page.row_height
        if height:
            self._sheet.row_dimensions[self.row].height = height
        self._sheet.append(cells)

    def _wrapped_height(self, cells: Sequence[Any]) -> float | None:
        """Room for wrapped text, which not every program makes by itself; None without such text."""
        lines = [
            math.ceil(len(cell.value) * 0.9 / width)  # a width counts digits; letters are narrower on average
            for cell, width in zip(cells, self._widths, strict=False)
            if cell is not None and cell.alignment.wrap_text and isinstance(cell.value, str)
        ]
        return max(lines) * LINE_POINTS + 3 if lines and max(lines) > 1 else None

    def _cell(self, value: object, look: Look) -> Any:
        if isinstance(value, Styled):
            return self._book.cell(self._sheet, value.value, value.look)
        return None if value is None and look is PLAIN else self._book.cell(self._sheet, value, look)

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


def _placed(look: Look, n: int, column: Column) -> Look:
    """Numbers to the right, with a gap to the next column; texts beside them with a gap too."""
    if column.type in _RIGHT:
        return msgspec.structs.replace(look, align="right", indent=1)
    return msgspec.structs.replace(look, align="left", indent=1) if n else look


def _empty_book(language: str, title: str) -> Any:
    book: Any = Workbook(write_only=True)
    # The default font is what unstyled rows, row heights and column widths go by; openpyxl has no public way to set it.
    font = Font(FONT, 10)
    book._fonts = IndexedList([font])
    book._named_styles["Normal"].font = font
    book.properties.creator = "devreg"
    book.properties.title = title
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
