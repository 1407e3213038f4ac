"""The commands of `devreg schedule`; help in English, as all of `devreg.cli`."""

from typing import Annotated

import typer

from devreg.cli_options import Config

schedule = typer.Typer(no_args_is_help=True, help="Let the operating system run `collect --due`.")


@schedule.callback()
def _group() -> None:
    """Keeps `print` a command of its own while it is the only one."""


@schedule.command("print")
def schedule_print(
    kind: Annotated[str, typer.Argument(metavar="systemd|cron|windows", help="For which timer.")],
    user: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who runs it; else who owns the register.", show_default=False)
    ] = None,
    only: Annotated[
        str | None, typer.Option(metavar="UNIT", help="systemd: this unit alone.", show_default=False)
    ] = None,
    config: Config = None,
) -> None:
    """Print units, a crontab line or a task that run `collect --due` every five minutes; nothing is installed."""
    from devreg.commands import timing

    timing.print_schedule(config, kind, user, only)
