"""The commands of `devreg stocktake`; help in English, as all of `devreg.cli`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from devreg.cli_options import Config

stocktake = typer.Typer(no_args_is_help=True, help="Count what is at a place.")

_Number = Annotated[str, typer.Argument(metavar="ID", help="Such as S000012.")]
_Out = Annotated[
    Path | None, typer.Option(metavar="FILE.xlsx", help="Also write it as a workbook.", show_default=False)
]


@stocktake.command("start")
def stocktake_start(
    unit: Annotated[str, typer.Argument(help="Its id or its name; what belongs to it is counted with it.")],
    room: Annotated[
        list[str] | None, typer.Option(metavar="ROOM", help="Only this room. Repeatable.", show_default=False)
    ] = None,
    config: Config = None,
) -> None:
    """Write down what should be there now; prints the stock-take's number."""
    from devreg.commands import counting

    counting.start(config, unit, room or [])


@stocktake.command("scan")
def stocktake_scan(
    number: _Number,
    codes: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CODE]…",
            help="Asset tag, serial number, IMEI, MAC address or D-number; none: read line by line.",
            show_default=False,
        ),
    ] = None,
    config: Config = None,
) -> None:
    """Say of each code what it is and whether it belongs here; without codes a scanner types them."""
    from devreg.commands import counting

    sys.exit(counting.scan(config, number, codes))


@stocktake.command("close")
def stocktake_close(number: _Number, out: _Out = None, config: Config = None) -> None:
    """End it and print its receipt; corrections are proposed, never made."""
    from devreg.commands import counting

    counting.close(config, number, out)


@stocktake.command("show")
def stocktake_show(number: _Number, out: _Out = None, config: Config = None) -> None:
    """How it stands, or its receipt when it is closed."""
    from devreg.commands import counting

    counting.show(config, number, out)
