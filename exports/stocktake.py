"""The receipt of a stock-take as a workbook: who counted what and when on the first sheet, every line on the second."""

from collections.abc import Sequence
from pathlib import Path

from devreg.i18n import in_language
from devreg.services.browse import Listed
from exports.lists import widths
from exports.looks import Look
from exports.workbook import Book, Page, Rows


def write(title: str, facts: Sequence[tuple[str, object]], lines: Listed, out: Path, language: str, trail: str) -> int:
    """Write it; how many texts had to be changed to fit a cell. `facts` are label and value, ready to be read."""
    t = in_language(language)
    with Book(t, title, trail) as book:
        sheet = book.sheet(t("Receipt"), (28, 40), Page(portrait=True))
        sheet.title(title)
        for label, value in facts:
            sheet.add(label, value, look=Look(align="left"))
        sheet.space(24)
        sheet.add(t("Date and signature"), "_" * 38, look=Look())
        counted = book.sheet(t("Counted"), widths(book, lines), Page(frozen_rows=1))
        counted.table("counted", Rows(lines.columns, lines.rows), filters=True)
        book.save(out)
    return book.changed
