"""A list of the register as one worksheet of a workbook."""

from devreg.services.browse import Listed
from exports.looks import Look
from exports.workbook import Book, Page, Rows, width_of

NOTE = Look(size=9, colour="404040")
"""Small print."""


def write_list(book: Book, name: str, table: str, title: str, found: Listed, note: str | None = None) -> None:
    """Title, a note if there is one, and the list as a table with filters; texts in the reader's language."""
    frozen = 2 if note is None else 3
    sheet = book.sheet(name, [width_of(column, book.t) for column in found.columns], Page(frozen_rows=frozen))
    sheet.title(title)
    if note is not None:
        sheet.add(note, look=NOTE)
    sheet.table(table, Rows(found.columns, found.rows), filters=True)
