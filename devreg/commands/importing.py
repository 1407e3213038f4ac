"""import: a spreadsheet taken in by hand, after a look at what it would change."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from collectors import sheet_profiles
from devreg import wiring
from devreg.commands import looking
from devreg.domain.fields import DEVICE_FIELDS, parse_value
from devreg.domain.words import label
from devreg.errors import Misconfigured
from devreg.i18n import N_, Catalogue
from devreg.ports import Column, ColumnType
from devreg.services import importing as service
from devreg.services.browse import Browser
from devreg.services.import_lines import Line, Result
from devreg.services.importing import Imported, Wish
from devreg.terminal import note, say, shown, table
from exports.template import TemplateColumn, write_template

COLUMNS: Final = (
    Column("row", N_("Row"), ColumnType.INTEGER, 5),
    Column("result", N_("Result"), ColumnType.WORD, 10),
    Column("device", N_("Device"), ColumnType.TEXT, 8),
    Column("field", N_("Field"), ColumnType.WORD, 14),
    Column("old", N_("From"), ColumnType.TEXT, 16),
    Column("new", N_("To"), ColumnType.TEXT, 16),
    Column("reason", N_("Reason"), ColumnType.SENTENCE, 40),
)
_SHOWN: Final = (*COLUMNS[:4], Column("change", N_("Change"), ColumnType.TEXT, 32))
"""On a screen what was and what is share a column: most fields have only one of them."""


def import_file(config: Path | None, file: Path, profile: str, encoding: str | None, *, wish: Wish, form: str) -> int:
    """Show what the file changes, and write it when that is wished; 1 when some rows could not be taken."""
    app = wiring.open_app(config)
    reader, feed = wiring.importer(app, file, profile, encoding)
    done = service.import_sheet(app.sessions, app.actor(), feed, reader.read(), wish, wiring.now())
    if form == "table":
        columns = {column.key: column for column in Browser(app.sessions, app.t.language).view("devices").columns}
        _print(app.t, done.lines, columns)
    else:
        looking.print_rows(app.t, COLUMNS, [msgspec.structs.asdict(line) for line in done.lines], form)
    note(_summary(app.t, done, wish))
    return 1 if done.needs_person else 0


def template(config: Path | None, profile: str, out: Path | None, file: Path | None) -> int:
    """Write an empty workbook that the profile reads."""
    if out is None or file is not None:
        raise Misconfigured("Name a FILE to import, or a --template to write.")
    app = wiring.open_app(config)
    asked = sheet_profiles.template(profile, wiring.profile(app, profile), app.t.language)
    write_template(out, app.t, profile, [_column(app.t, one) for one in asked])
    note(app.t("Written: {file}.", file=out))
    return 0


def _column(t: Catalogue, asked: sheet_profiles.Asked) -> TemplateColumn:
    said = ", ".join(t(label(word)) for word in asked.members) or asked.example
    need = t("must be there") if asked.must else t("tells which device or unit") if asked.names_row else ""
    return TemplateColumn(asked.heading, need, said)


def _print(t: Catalogue, lines: Sequence[Line], columns: Mapping[str, Column]) -> None:
    """A table of what changes, a row's number and result once; then why rows were not taken."""
    table(t, _SHOWN, list(_told(t, lines, columns)))
    for line in lines:
        if line.reason:
            about = ", ".join(filter(None, (t("row {number}", number=line.row), line.field and t(label(line.field)))))
            say(t.said(line.reason if line.reason.startswith(f"row {line.row}") else f"{about}: {line.reason}"))


def _told(t: Catalogue, lines: Sequence[Line], columns: Mapping[str, Column]) -> Iterator[dict[str, object]]:
    before = 0
    for line in lines:
        values = msgspec.structs.asdict(line)
        if line.row == before and sys.stdout.isatty():
            values |= {"row": None, "result": None, "device": None}
        before = line.row
        old, new = (_value(t, columns, line.field, text) for text in (line.old, line.new))
        yield values | {"change": new if old is None else f"{old} → {new or '–'}"}


def _value(t: Catalogue, columns: Mapping[str, Column], field: str | None, text: str | None) -> str | None:
    """A value of the history as people read it."""
    if field is None or text is None:
        return text
    if field in DEVICE_FIELDS:
        return shown(t, columns[field], parse_value(field, text))
    if field.endswith("_cents"):
        return t.money(int(text))
    try:
        return t.date(date.fromisoformat(text))
    except ValueError:
        return t(label(text))


def _summary(t: Catalogue, done: Imported, wish: Wish) -> str:
    words = {
        Result.NEW: t("new"), Result.CHANGED: t("changed"), Result.UNCHANGED: t("unchanged"), Result.REJECTED: t("rejected"),
        Result.AMBIGUOUS: t("ambiguous"),
    }  # fmt: skip
    counts = ", ".join(f"{word} {t.number(done.rows[result])}" for result, word in words.items())
    lines = [t("Rows: {counts}.", counts=counts), *map(t.said, done.warnings)]
    if done.masked:
        lines.append(
            t("Cells that held a personal identity code: {n}; the codes were masked.", n=t.number(done.masked))
        )
    lines.append(t("Written.") if wish.apply else t("Nothing was written: add --apply to write it."))
    return "\n".join(lines)
