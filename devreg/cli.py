"""The command line: verbs, their options, exit codes; a plain-text twin for every screen.

Each command opens what it needs and calls a service; nothing is decided here. Help is in English, everything else follows
the language of the settings.
"""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from devreg import __version__
from devreg.cli_audit import audit
from devreg.cli_contract import contract
from devreg.cli_db import db
from devreg.cli_evidence import action
from devreg.cli_holding import assign, extract, person, receipt
from devreg.cli_lifecycle import suggestion, transition
from devreg.cli_operator import operator
from devreg.cli_options import Config
from devreg.cli_plan import plan
from devreg.cli_reading import export, list_, show, where
from devreg.cli_report import report
from devreg.cli_schedule import schedule
from devreg.cli_stocktake import stocktake
from devreg.cli_tag import label, tag

app = typer.Typer(
    name="devreg",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="A city's devices in one register.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
alarm = typer.Typer(no_args_is_help=True, help="What the register tells by itself.")
app.command()(transition)
app.add_typer(suggestion, name="suggestion")
app.add_typer(action, name="action")
app.add_typer(alarm, name="alarm")
app.add_typer(db, name="db")
app.add_typer(operator, name="operator")
app.add_typer(audit, name="audit")
app.add_typer(contract, name="contract")
app.add_typer(plan, name="plan")
app.add_typer(report, name="report")
app.add_typer(schedule, name="schedule")
app.command()(assign)
app.command()(person)
app.command("list")(list_)
app.command()(show)
app.command()(where)
app.command()(export)
app.command()(extract)
app.command()(receipt)
app.add_typer(stocktake, name="stocktake")
app.add_typer(tag, name="tag")
app.command()(label)

Sources = Annotated[
    list[str] | None, typer.Argument(metavar="[SOURCE]…", help="All when none is named.", show_default=False)
]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"devreg {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="Folder for devreg.toml and the database.")] = Path()) -> None:
    """Write a commented devreg.toml and create the database; nothing there is overwritten."""
    from devreg.commands import keeping

    keeping.init(folder)


@app.command()
def check(
    sources: Sources = None,
    config: Config = None,
    form: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
    notify: Annotated[bool, typer.Option("--notify", help="Also send a trial message by mail or command.")] = False,
) -> None:
    """Look whether everything works: settings, database, each source's reachability, credential and rights."""
    from devreg.commands import checking

    sys.exit(checking.check(config, sources or [], form, notify=notify))


@app.command()
def collect(
    sources: Sources = None,
    config: Config = None,
    due: Annotated[bool, typer.Option("--due", help="Only sources whose time has come.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do all of it and keep nothing.")] = False,
    accept_held: Annotated[
        str | None, typer.Option("--accept-held", metavar="RUN", help="Believe this held run.", show_default=False)
    ] = None,
) -> None:
    """Read sources into the register."""
    from devreg.commands import collecting

    sys.exit(collecting.collect(config, sources or [], due=due, dry_run=dry_run, accept_held=accept_held))


@app.command("import")
def import_(
    profile: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="How its columns map: [profiles.NAME], or purchases, leases, subscriptions, units, headcounts, servers, digilab.",
        ),
    ],
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="An .xlsx or .csv file.", show_default=False),
    ] = None,
    template: Annotated[
        Path | None,
        typer.Option(metavar="FILE.xlsx", help="Instead: write an empty sheet for the profile.", show_default=False),
    ] = None,
    config: Config = None,
    apply: Annotated[bool, typer.Option("--apply", help="Write it; else only the difference is shown.")] = False,
    clear_empty: Annotated[
        bool, typer.Option("--clear-empty", help="An empty cell takes back what an earlier import of the row said.")
    ] = False,
    ask: Annotated[
        bool, typer.Option("--ask", help="Keep rows that fit several devices, as questions for `devreg review`.")
    ] = False,
    encoding: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Of a csv, such as cp1252; else told from it.", show_default=False),
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Kept with the import.", show_default=False)] = None,
    form: Annotated[str, typer.Option("--format", help="table, csv, json or jsonl.")] = "table",
) -> None:
    """A spreadsheet into the register: shows row by row what it changes, and writes only with --apply."""
    from devreg.commands import importing
    from devreg.services.importing import Wish

    if template is not None or file is None:
        sys.exit(importing.template(config, profile, template, file))
    wish = Wish(apply=apply, clear_empty=clear_empty, ask=ask, reason=reason)
    sys.exit(importing.import_file(config, file, profile, encoding, wish=wish, form=form))


@alarm.command("list")
def alarm_list(
    config: Config = None,
    form: Annotated[str, typer.Option("--format", help="table, csv, json or jsonl.")] = "table",
) -> None:
    """What the register has told, newest first; what nobody has taken up stands on top."""
    from devreg.commands import looking

    looking.list_view(config, "alarms", search="", where=(), sort=None, columns=None, limit=None, form=form)


@alarm.command("ack")
def alarm_ack(
    number: Annotated[str, typer.Argument(metavar="ID", help="Number of the alarm.")],
    config: Config = None,
    reason: Annotated[str | None, typer.Option(help="What is done about it.", show_default=False)] = None,
) -> None:
    """Take an alarm up: somebody sees to it."""
    from devreg.commands import alarming

    alarming.acknowledge(config, number, reason)


@app.command()
def add(
    fields: Annotated[
        list[str], typer.Argument(metavar="FIELD=VALUE…", help="Such as serial=5CD1294QWE kind=laptop unit=kasavuori.")
    ],
    config: Config = None,
    reason: Annotated[str | None, typer.Option(help="Kept in the history.", show_default=False)] = None,
) -> None:
    """A device by hand."""
    from devreg.commands import editing

    editing.add(config, fields, reason)


@app.command("set")
def set_(
    device: Annotated[str, typer.Argument(help="Asset tag, serial number, IMEI or D-number; exact.")],
    fields: Annotated[
        list[str], typer.Argument(metavar="FIELD=VALUE…", help="Such as room=A101; FIELD= takes a person's value back.")
    ],
    reason: Annotated[str, typer.Option(help="Kept with the value and in the history.", show_default=False)],
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="The last day it counts; else for good.", show_default=False)
    ] = None,
    config: Config = None,
) -> None:
    """A person's value for a field; it wins over every source unless the field is locked to one."""
    from devreg.commands import editing

    editing.edit(config, device, fields, reason=reason, until=until)


@app.command()
def review(
    question: Annotated[
        str | None, typer.Argument(metavar="[ID|undo]", help="An open question; none lists them.", show_default=False)
    ] = None,
    answer: Annotated[
        str | None,
        typer.Argument(metavar="[merge|split|keep|DECISION]", help="The answer, or what to undo.", show_default=False),
    ] = None,
    into: Annotated[
        str | None, typer.Option(metavar="DEVICE", help="The device that stays.", show_default=False)
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Kept with the decision.", show_default=False)] = None,
    config: Config = None,
    form: Annotated[str, typer.Option("--format", help="table, csv, json or jsonl.")] = "table",
) -> None:
    """Questions about which records are one device: list them, answer one, or undo a decision."""
    from devreg.commands import deciding

    deciding.review(config, question, answer, into=into, reason=reason, form=form)


@app.command()
def equality(
    config: Config = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            metavar="DATE", formats=["%Y-%m-%d"], help="A day that `snapshot` kept; else now.", show_default=False
        ),
    ] = None,
    form: Annotated[str, typer.Option("--format", help="table, csv, json or jsonl.")] = "table",
) -> None:
    """How equally schools and day-care centres are equipped, worst first."""
    from devreg.commands import reporting

    reporting.equality(config, as_of.date() if as_of else None, form)


@app.command()
def tools(
    config: Config = None, form: Annotated[str, typer.Option("--format", help="table, csv, json or jsonl.")] = "table"
) -> None:
    """Which system should manage which devices, and what each may be trusted for."""
    from devreg.commands import tooling

    tooling.tools(config, form)


@app.command()
def snapshot(
    config: Config = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(metavar="DATE", formats=["%Y-%m-%d"], help="The day to keep; else today.", show_default=False),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Keep it in the place of one of the same day.")] = False,
    reason: Annotated[str | None, typer.Option(help="Why it is replaced.", show_default=False)] = None,
) -> None:
    """Keep the term's figures of equality, and tell what changed since the last time."""
    from devreg.commands import keeping_figures

    keeping_figures.snapshot(config, as_of.date() if as_of else None, reason, replace=replace)


@app.command()
def demo(
    devices: Annotated[int, typer.Option(min=100, help="About so many devices.")] = 2600,
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep the city's register and reports here.", show_default=False)
    ] = None,
    no_tui: Annotated[bool, typer.Option("--no-tui", help="Print the summary and end.")] = False,
) -> None:
    """A small invented city on this machine: stand-ins for every source, a first collection, reports, the terminal UI."""
    from devreg.commands import demonstrating

    sys.exit(demonstrating.demo(devices, keep, no_tui=no_tui))


@app.command()
def tui(config: Config = None) -> None:
    """The terminal UI."""
    from devreg.commands import showing

    sys.exit(showing.tui(config))


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="A new file; nothing is overwritten.")], config: Config = None
) -> None:
    """A verified copy of the register, made while others use it."""
    from devreg.commands import keeping

    sys.exit(keeping.back_up(config, file))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that backup made.")],
    config: Config = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="SQLite: keep what is there beside, under another name.")
    ] = False,
) -> None:
    """Put a backup into the database that the settings name."""
    from devreg.commands import keeping

    sys.exit(keeping.restore(config, file, replace=replace))
