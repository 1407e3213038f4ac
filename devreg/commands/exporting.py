"""export: every list as files for a data warehouse."""

from contextlib import ExitStack
from pathlib import Path

from devreg import wiring
from devreg.commands.following import follow, weigh
from devreg.errors import Misconfigured, Refused
from devreg.services import warehouse
from devreg.services.acting import looked
from devreg.terminal import say
from exports import lines, parquet
from exports.files import replacing
from exports.workbook import Rows

_PARQUET = "parquet"
_FORMATS = (lines.Format.CSV.value, lines.Format.JSONL.value, _PARQUET)


def export(config: Path | None, folder: Path, form: str, views: str | None) -> None:
    """Write a file a list; those that were there are replaced when all are whole, and stay when one can't be written."""
    if form not in _FORMATS:
        raise Misconfigured(f"There is no format {form!r}.", next_step="There are csv, jsonl and parquet.")
    if form == _PARQUET:
        parquet.demand()
    app = wiring.open_app(config)
    wanted = warehouse.chosen(views)
    follow(app)
    if "offers" in wanted:
        weigh(app)
    said = {"folder": folder.name, "format": form, "lists": "all" if views is None else ", ".join(wanted)}
    looked(
        app.sessions, app.actor(), "export", "report", said, now=wiring.now()
    )  # before anything is written (safety.md 32)
    written = []
    with ExitStack() as files, warehouse.streamed(app.sessions, wanted) as lists:
        _make(folder)
        for one in lists:
            written.append(folder / f"{one.name}.{form}")
            _write(Rows(one.columns, one.rows), files.enter_context(replacing(written[-1])), form)
    for path in written:
        say(str(path))


def _make(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(
            f"{out} can't be written: {error.strerror or error}.", next_step="Name a folder that can be written."
        ) from error


def _write(rows: Rows, out: Path, form: str) -> None:
    if form == _PARQUET:
        parquet.write(rows, out)
        return
    with out.open("wb") as file:
        lines.write(rows, file, lines.Format(form))
