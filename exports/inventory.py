"""Any list as a workbook: the header in the first row, so that other programs read it without being told."""

from pathlib import Path

from devreg.i18n import in_language
from exports.columns import width_of
from exports.workbook import Book, Page, Rows


def write(rows: Rows, title: str, out: Path, language: str, trail: str = "") -> int:
    """Write one list, however long; how many texts had to be changed to fit a cell. Raises as `exports.files.replacing`.

    The title is an English msgid; it names the sheet and the file's properties.
    """
    t = in_language(language)
    widths = [width_of(column, t) for column in rows.columns]
    with Book(t, t(title), trail) as book:
        book.sheet(t(title), widths, Page(frozen_rows=1)).table(title, rows, filters=True)
        book.save(out)
    return book.changed
