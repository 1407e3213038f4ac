"""A list of the register as one worksheet of a workbook."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from devreg.ports import Column, ColumnType
from devreg.services.browse import Listed
from exports.cells import cell_value
from exports.columns import width_of
from exports.looks import Look
from exports.workbook import Book, Page, Rows, Sheet

NOTE = Look(size=9, colour="404040")
"""Small print."""
_LONGEST: Final = 32.0
"""Characters of a text before the next column covers it."""
_SENTENCE: Final = 60.0
_OF_ANY_LENGTH: Final = frozenset({ColumnType.TEXT, ColumnType.WORD, ColumnType.OF_FIELD})


def write_list(book: Book, name: str, table: str, title: str, found: Listed, note: str | None = None) -> None:
    """Title, a note if there is one, and the list as a table with filters; texts in the reader's language."""
    frozen = 2 if note is None else 3
    sheet = book.sheet(name, widths(book, found), Page(frozen_rows=frozen))
    sheet.title(title)
    if note is not None:
        sheet.add(note, look=NOTE)
    sheet.table(table, Rows(found.columns, found.rows), filters=True)


def table_or(
    sheet: Sheet,
    name: str,
    columns: tuple[Column, ...],
    rows: Sequence[Mapping[str, object] | Sequence[object]],
    none: str,
) -> None:
    """The rows as a table among others of its sheet; without any, words that say so."""
    if rows:
        sheet.table(name, Rows(columns, rows), ruled=True)
    else:
        sheet.add(none)


def widths(book: Book, found: Listed) -> list[float]:
    """Each column as wide as its header and its longest text."""
    return [*_widths(book, found)]


def _widths(book: Book, found: Listed) -> Iterator[float]:
    for column in found.columns:
        if column.type is ColumnType.SENTENCE:
            yield _SENTENCE
        elif column.type in _OF_ANY_LENGTH:
            said = (cell_value(row.get(column.key), column.type, book.t) for row in found.rows)
            longest = max((len(str(text)) for text in said if text is not None), default=0)
            header = width_of(Column(column.key, column.label, ColumnType.TEXT, 0), book.t)
            yield max(header, min(longest + 2.0, _LONGEST))
        else:
            yield width_of(column, book.t)
