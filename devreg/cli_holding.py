"""Who has which device, and who leaves: verbs about holders."""

from pathlib import Path
from typing import Annotated

import typer

from devreg.cli_options import Config


def assign(
    device: Annotated[str, typer.Argument(help="Asset tag, serial number, IMEI or D-number; exact.")],
    person: Annotated[
        str | None,
        typer.Option(metavar="P", help="Who has it: e-mail, user name or exact name.", show_default=False),
    ] = None,
    unit: Annotated[
        str | None,
        typer.Option(
            metavar="U", help="Where it is: id or name. Without --person nobody holds it.", show_default=False
        ),
    ] = None,
    nobody: Annotated[bool, typer.Option("--none", help="Nobody has it from now on.")] = False,
    reason: Annotated[str | None, typer.Option(help="Kept in the history.", show_default=False)] = None,
    receipt: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also make the receipt: .txt or .xlsx.", show_default=False),
    ] = None,
    config: Config = None,
) -> None:
    """Hand a device to a person or a unit, or take it back."""
    from devreg.commands import holding

    holding.assign(config, device, person=person, unit=unit, nobody=nobody, reason=reason, out=receipt)


def person(
    who: Annotated[str, typer.Argument(metavar="P", help="E-mail, user name or exact name.")],
    config: Config = None,
    form: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
) -> None:
    """One person: accounts in every directory, devices they have and devices they had."""
    from devreg.commands import holding

    holding.person(config, who, form)


def extract(
    who: Annotated[str, typer.Argument(metavar="P", help="E-mail, user name or exact name.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="A .json file; only its owner can read it.")],
    reason: Annotated[str | None, typer.Option(help="Kept in the trail.", show_default=False)] = None,
    config: Config = None,
) -> None:
    """Everything the register holds on one person, as one file, for that person."""
    from devreg.commands import personal

    personal.extract(config, who, out, reason)


def receipt(
    devices: Annotated[list[str], typer.Argument(metavar="DEVICE…", help="In the same hands.")],
    kind: Annotated[str, typer.Option(help="handover or return.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="A .txt or .xlsx file.")],
    lang: Annotated[
        str | None, typer.Option(help="fi, sv or en; else the settings' language.", show_default=False)
    ] = None,
    config: Config = None,
) -> None:
    """A paper to sign when devices are handed over or come back."""
    from devreg.commands import holding

    holding.receipt(config, devices, kind, out, lang)
