"""The commands of `devreg audit`; help in English, as all of `devreg.cli`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from devreg.cli_options import Config

audit = typer.Typer(no_args_is_help=True, help="The audit trail: what people did, and how runs ended.")


@audit.command("verify")
def audit_verify(
    anchor: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ROWS:HASH", help="Compare with this too, as printed by anchor. Repeatable.", show_default=False
        ),
    ] = None,
    config: Config = None,
) -> None:
    """Follow the trail from its first row; names the first row that can't be believed, and why."""
    from devreg.commands import auditing

    sys.exit(auditing.verify(config, anchor or []))


@audit.command("anchor")
def audit_anchor(config: Config = None) -> None:
    """Print where the trail ends now, and write it to the files of the settings."""
    from devreg.commands import auditing

    auditing.anchor(config)


@audit.command("export")
def audit_export(
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where to write it.")],
    form: Annotated[
        str | None, typer.Option("--format", help="jsonl or csv; else by the file's name.", show_default=False)
    ] = None,
    config: Config = None,
) -> None:
    """Write the whole trail to a file; that it was taken out is in the trail."""
    from devreg.commands import auditing

    auditing.export(config, out, form)


@audit.command("purge")
def audit_purge(
    reason: Annotated[str | None, typer.Option(help="Kept in the trail.", show_default=False)] = None,
    config: Config = None,
) -> None:
    """Remove who, why and the values from rows older than the settings keep them; the trail still verifies."""
    from devreg.commands import auditing

    auditing.purge(config, reason)
