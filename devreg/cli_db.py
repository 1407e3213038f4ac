"""The commands of `devreg db`; help in English, as all of `devreg.cli`."""

import sys
from typing import Annotated

import typer

from devreg.cli_options import Config

db = typer.Typer(no_args_is_help=True, help="Keep the database.")


@db.command("upgrade")
def db_upgrade(config: Config = None) -> None:
    """Bring the database to this program's schema."""
    from devreg.commands import keeping

    keeping.upgrade(config)


@db.command("status")
def db_status(config: Config = None) -> None:
    """Where the database stands."""
    from devreg.commands import keeping

    sys.exit(keeping.status(config))


@db.command("replay")
def db_replay(config: Config = None) -> None:
    """Rebuild every device from the stored records with today's mapping, keeping ids and decisions."""
    from devreg.commands import deciding

    sys.exit(deciding.replay(config))


@db.command("rename-source")
def db_rename_source(
    old: Annotated[str, typer.Argument(help="The name it has in the register.")],
    new: Annotated[str, typer.Argument(help="The name it has in the settings now.")],
    config: Config = None,
) -> None:
    """Give a source another name, with its records and runs."""
    from devreg.commands import keeping

    keeping.rename_source(config, old, new)


@db.command("purge-names")
def db_purge_names(
    reason: Annotated[str | None, typer.Option(help="Kept in the trail.", show_default=False)] = None,
    config: Config = None,
) -> None:
    """Put a number in place of holders whose time is over by [privacy] of the settings; devices keep their history."""
    from devreg.commands import personal

    personal.purge_names(config, reason)
