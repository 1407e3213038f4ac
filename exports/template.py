"""An empty workbook to fill in, with what its columns mean on a second sheet."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from devreg.i18n import N_, Catalogue
from devreg.ports import Column
from exports.columns import width_of
from exports.workbook import Book, Page, Rows

_HELP: Final = (
    Column("heading", N_("Column"), width=28),
    Column("need", N_("Needed"), width=30),
    Column("said", N_("What to write"), width=80),
)


class TemplateColumn(msgspec.Struct, frozen=True):
    """One column of the sheet; texts in the reader's language."""

    heading: str
    need: str
    said: str


def write_template(out: Path, t: Catalogue, name: str, columns: Sequence[TemplateColumn]) -> None:
    """Write the file whole or not at all. Raises as `files.replacing`."""
    heads = tuple(Column(f"c{n}", column.heading) for n, column in enumerate(columns))
    with Book(t, name) as book:
        sheet = book.sheet(name, [width_of(column, t) for column in heads], Page(frozen_rows=1))
        sheet.table(name, Rows(heads, ()))
        meaning = book.sheet(t("Columns"), [column.width for column in _HELP], Page(frozen_rows=1))
        meaning.table("columns", Rows(_HELP, [msgspec.structs.astuple(column) for column in columns]))
        book.save(out)
