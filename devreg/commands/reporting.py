"""equality, report: numbers and workbooks."""

from datetime import date
from pathlib import Path

from devreg import __version__, wiring
from devreg.commands.following import follow, weigh
from devreg.commands.looking import print_rows
from devreg.domain.planning import Scenario
from devreg.errors import Misconfigured
from devreg.i18n import LANGUAGES, N_, in_language
from devreg.ports import Column, ColumnType
from devreg.services import audit, circulation, contract_report, phones, planning, snapshots
from devreg.services import equality as service
from devreg.services.acting import looked
from devreg.services.browse import Browser, Query
from devreg.services.equality import SOURCE_COLUMNS, UNIT_MEASURES
from devreg.services.equality_apart import apart
from devreg.services.equality_notes import notes
from devreg.services.planning import Planned
from devreg.terminal import note, say
from devreg.wiring import App
from exports import circulation as circulation_workbook
from exports import contracts as contracts_workbook
from exports import equality as workbook
from exports import inventory
from exports import phones as phones_workbook
from exports.workbook import Rows

_, _NEED, _FIT, _COVERAGE, *_QUALITY = UNIT_MEASURES
_COLUMNS = (
    Column("unit", N_("Unit id"), ColumnType.TEXT, 14),
    Column("name", N_("Unit"), ColumnType.TEXT, 30),
    Column("language", N_("Language"), ColumnType.WORD, 10),
    Column("pupils", N_("Pupils"), ColumnType.INTEGER, 8),
    _NEED,
    Column("devices", N_("Devices"), ColumnType.INTEGER, 8),
    _FIT,
    _COVERAGE,
)
"""What a table shows; the other forms have the measures of quality too."""


def equality(config: Path | None, day: date | None, form: str) -> None:
    """Print coverage by unit, worst first; on a terminal what must be known beside it."""
    app = wiring.open_app(config)
    follow(app)
    kept = snapshots.units_of(app.sessions, day, wiring.now()) if day else None
    if kept is not None:
        swedish = app.t.language == "sv"
        named = [
            row | {"name": (row["sv"] or row["fi"] if swedish else row["fi"] or row["sv"]) or row["unit"]}
            for row in kept
        ]
        print_rows(app.t, _COLUMNS, named, form)
        return
    assessment = service.measure(app.sessions, app.loaded.settings.equality, wiring.now())
    rows = [
        {
            "unit": line.unit.id,
            "name": line.unit.name(app.t.language),
            "language": line.unit.language,
            "pupils": line.pupils,
            "devices": line.total,
            **service.measured(line),
        }
        for line in assessment.units
    ]
    if form != "table":
        print_rows(app.t, (*_COLUMNS, *_QUALITY), rows, form)
        return
    print_rows(app.t, _COLUMNS, rows, form)
    for line in notes(assessment, app.t) if rows else ():
        note(line)


def report_equality(config: Path | None, out: Path, language: str | None) -> None:
    """Write the equality workbook, one file a language."""
    app = wiring.open_app(config)
    for path in write_equality(app, out, language or app.t.language):
        say(str(path))


def write_equality(app: App, out: Path, language: str) -> list[Path]:
    """The files written: FILE.xlsx, or FILE-fi.xlsx, FILE-sv.xlsx and FILE-en.xlsx for "all"."""
    follow(app)
    files = _files(app, "equality", out, language)
    planned = _planned(app)
    for one, path in files.items():
        now = wiring.now()
        seen = service.picture(app.sessions, app.loaded.settings.equality, one, now)
        sources = Rows(SOURCE_COLUMNS, seen.sources)
        workbook.write(
            workbook.EqualityReport(
                assessment=seen.assessment,
                made_at=now,
                apart=apart(Browser(app.sessions, one)),
                devices=Rows(seen.device_columns, seen.devices),
                sources=sources,
                history=snapshots.history(app.sessions, app.loaded.settings.equality, seen.assessment),
                planned=planned,
                version=__version__,
                trail=str(audit.head(app.sessions)),
            ),
            path,
            one,
        )
    return [*files.values()]


def _planned(app: App) -> Planned | None:
    """What would close the whole gap; None where no solver is installed."""
    try:
        return planning.plan(app.sessions, app.loaded.settings.equality, None, None, wiring.now(), Scenario.FULL)
    except Misconfigured:
        return None


def report_phones(config: Path | None, out: Path, language: str | None) -> None:
    """Write the phones workbook, one file a language."""
    app = wiring.open_app(config)
    for path in write_phones(app, out, language or app.t.language):
        say(str(path))


def write_phones(app: App, out: Path, language: str) -> list[Path]:
    """The files written, named as those of `write_equality`."""
    follow(app)
    files = _files(app, "phones", out, language)
    for one, path in files.items():
        picture = phones.picture(Browser(app.sessions, one), wiring.now())
        phones_workbook.write(picture, path, one, str(audit.head(app.sessions)))
    return [*files.values()]


def report_circulation(config: Path | None, out: Path, language: str | None) -> None:
    """Write the circulation workbook, one file a language."""
    app = wiring.open_app(config)
    for path in write_circulation(app, out, language or app.t.language):
        say(str(path))


def write_circulation(app: App, out: Path, language: str) -> list[Path]:
    """The files written, named as those of `write_equality`."""
    follow(app)
    weigh(app)
    files, settings = _files(app, "circulation", out, language), app.loaded.settings
    for one, path in files.items():
        picture = circulation.picture(app.sessions, settings.circulation, one, wiring.now())
        circulation_workbook.write(picture, path, one, str(audit.head(app.sessions)))
    return [*files.values()]


def report_contracts(config: Path | None, out: Path, language: str | None) -> None:
    """Write the contracts workbook, one file a language."""
    app = wiring.open_app(config)
    for path in write_contracts(app, out, language or app.t.language):
        say(str(path))


def write_contracts(app: App, out: Path, language: str) -> list[Path]:
    """The files written, named as those of `write_equality`."""
    follow(app)
    files = _files(app, "contracts", out, language)
    for one, path in files.items():
        seen = contract_report.picture(
            app.sessions, Browser(app.sessions, one), app.loaded.settings.contracts, wiring.now()
        )
        contracts_workbook.write(seen, path, one, str(audit.head(app.sessions)))
    return [*files.values()]


def _files(app: App, report: str, out: Path, language: str) -> dict[str, Path]:
    """Language -> file: FILE.xlsx, or FILE-fi.xlsx, FILE-sv.xlsx and FILE-en.xlsx for "all"; that they are written is told first."""
    demand_language(language, (*LANGUAGES, "all"))
    _tell(app, report, out)
    if language != "all":
        return {language: out}
    return {one: out.with_name(f"{out.stem}-{one}{out.suffix}") for one in LANGUAGES}


def report_inventory(config: Path | None, out: Path, language: str | None) -> None:
    """Write every device into one workbook."""
    app = wiring.open_app(config)
    changed = write_inventory(app, out, language or app.t.language)
    say(str(out))
    if changed:
        note(app.t.many("{n} text was made harmless", "{n} texts were made harmless", changed))


def write_inventory(app: App, out: Path, language: str) -> int:
    """Write the workbook of all devices; how many texts had to be made harmless."""
    follow(app)
    demand_language(language, LANGUAGES)
    _tell(app, "inventory", out)
    browser = Browser(app.sessions, language)
    info = browser.view("devices")
    keys = browser.keys("devices", Query())
    pages = (browser.rows("devices", keys[start : start + 1_000]) for start in range(0, len(keys), 1_000))
    columns = tuple(column for column in info.columns if column.key not in {"vendor", "ports", "lease_end"})
    rows = Rows(columns, (row for page in pages for row in page))
    title = in_language(language)(info.title)
    return inventory.write(rows, title, out, language, str(audit.head(app.sessions)))


def _tell(app: App, report: str, out: Path) -> None:
    """Who takes a report out stands in the audit trail (safety.md 32), by the file's name without where it is."""
    looked(app.sessions, app.actor(), f"report {report}", "report", {"file": out.name}, now=wiring.now())


def demand_language(language: str, allowed: tuple[str, ...]) -> None:
    if language not in allowed:
        raise Misconfigured(f"There is no language {language!r}.", next_step=f"There are: {', '.join(allowed)}.")
