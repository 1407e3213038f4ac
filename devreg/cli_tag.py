"""The commands for asset tags and labels; help in English, as all of `devreg.cli`."""

from pathlib import Path
from typing import Annotated

import typer

from devreg.cli_options import Config

tag = typer.Typer(no_args_is_help=True, help="Asset tags of the register's own series.")

_Out = typer.Option(metavar="FILE.pdf", help="Sheets of labels, as [labels] says; one code alone also .svg, .png.")
_Skip = Annotated[int, typer.Option(metavar="N", min=0, help="Labels of the first sheet that are used up.")]


@tag.command("next")
def tag_next(
    count: Annotated[int, typer.Option(metavar="N", min=1, help="How many to show.")] = 1, config: Config = None
) -> None:
    """Print the tags that would be given next; gives none."""
    from devreg.commands import tagging

    tagging.upcoming(config, count)


@tag.command("issue")
def tag_issue(
    devices: Annotated[
        list[str] | None,
        typer.Argument(metavar="[DEVICE]…", help="Devices to give a tag to; none: see --count.", show_default=False),
    ] = None,
    count: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Instead: so many tags that wait for devices.", show_default=False),
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Kept with the tags.", show_default=False)] = None,
    out: Annotated[Path | None, _Out] = None,
    skip: _Skip = 0,
    config: Config = None,
) -> None:
    """Give tags that nothing has or ever had, and print them; a device that has one keeps it."""
    from devreg.commands import tagging

    tagging.issue(config, devices or [], count, reason=reason, out=out, skip=skip)


def label(
    out: Annotated[Path, _Out],
    devices: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[DEVICE]…", help="Asset tag, serial number, IMEI or D-number; exact.", show_default=False
        ),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(metavar="COL=VAL", help="All devices with this value, as in list.", show_default=False),
    ] = None,
    issue: Annotated[bool, typer.Option("--issue", help="Give a tag to those that have none.")] = False,
    reason: Annotated[str | None, typer.Option(help="Kept with the tags given.", show_default=False)] = None,
    skip: _Skip = 0,
    config: Config = None,
) -> None:
    """Labels to print: a code that says the tag, the tag itself, whose the device is, the end of its serial number."""
    from devreg.commands import tagging

    tagging.label(config, devices or [], where or [], out=out, issue=issue, reason=reason, skip=skip)
