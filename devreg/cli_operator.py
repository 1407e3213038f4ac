"""The commands of `devreg operator`; help in English, as all of `devreg.cli`."""

from typing import Annotated

import typer

from devreg.cli_options import Config

operator = typer.Typer(no_args_is_help=True, help="Who may do what.")


@operator.command("add")
def operator_add(
    name: Annotated[str, typer.Argument(help="Database user; made when there is none.")],
    role: Annotated[str, typer.Option(help="viewer, collector, technician, approver or admin.")],
    entra: Annotated[str | None, typer.Option(metavar="UPN", help="Who it is in Entra.", show_default=False)] = None,
    config: Config = None,
) -> None:
    """Give a database user a role (PostgreSQL)."""
    from devreg.commands import operating

    operating.add(config, name, role, entra)


@operator.command("list")
def operator_list(
    config: Config = None, form: Annotated[str, typer.Option("--format", help="table, csv, json or jsonl.")] = "table"
) -> None:
    """Who has which role."""
    from devreg.commands import operating

    operating.list_(config, form)


@operator.command("remove")
def operator_remove(name: Annotated[str, typer.Argument(help="Database user.")], config: Config = None) -> None:
    """Take a database user's role away; nothing is dropped, and the history keeps the name (PostgreSQL)."""
    from devreg.commands import operating

    operating.remove(config, name)
