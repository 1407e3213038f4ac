"""The commands of `devreg plan`; help in English, as all of `devreg.cli`."""

import sys
from datetime import datetime
from typing import Annotated

import typer

from devreg.cli_options import Config

plan = typer.Typer(
    invoke_without_command=True,
    help="What to move and what to buy, so that all schools are equally equipped: move first, buy second.",
)

_Budget = Annotated[
    float | None,
    typer.Option(metavar="EUR", min=0, help="What may be spent; scenario C spends it.", show_default=False),
]
_AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], metavar="DATE", help="Plan for that day.", show_default=False),
]
_Move = Annotated[str, typer.Argument(metavar="MOVE", help="Such as M000012.")]
_Reason = Annotated[str | None, typer.Option(help="Kept in the history.", show_default=False)]


@plan.callback()
def plan_show(
    context: typer.Context,
    budget: _Budget = None,
    as_of: _AsOf = None,
    scenario: Annotated[
        str | None,
        typer.Option(
            metavar="A|B|C|D",
            help="A moves the surplus, B shares the shortage, C also spends the budget, D buys all that is missing. "
            "Not set: C with a budget, else A.",
            show_default=False,
        ),
    ] = None,
    form: Annotated[str, typer.Option("--format", help="table, csv, json or jsonl.")] = "table",
    config: Config = None,
) -> None:
    """All scenarios compared, and what one of them moves and buys. Changes nothing."""
    if context.invoked_subcommand is None:
        from devreg.commands import planning

        planning.show(config, budget, as_of, scenario, form)


@plan.command("accept")
def plan_accept(
    plan_id: Annotated[str, typer.Argument(metavar="ID", help="As the plan calls itself, such as A-1f3b5c.")],
    budget: _Budget = None,
    as_of: _AsOf = None,
    row: Annotated[
        list[int] | None, typer.Option(metavar="N", help="Only this row of the plan. Repeatable.", show_default=False)
    ] = None,
    reason: _Reason = None,
    config: Config = None,
) -> None:
    """Keep a plan's moves as steps to tick off; --budget and --as-of as it was made with."""
    from devreg.commands import planning

    planning.accept(config, plan_id, budget, as_of, rows=row or [], reason=reason)


@plan.command("tick")
def plan_tick(
    moves: Annotated[list[str], typer.Argument(metavar="MOVE…", help="Such as M000012.")],
    reason: _Reason = None,
    config: Config = None,
) -> None:
    """The next step of each move is done."""
    from devreg.commands import planning

    sys.exit(planning.tick(config, moves, reason=reason))


@plan.command("drop")
def plan_drop(
    move: _Move,
    reason: Annotated[str, typer.Option(help="Kept with the move.", show_default=False)],
    config: Config = None,
) -> None:
    """Give up a move that was not made."""
    from devreg.commands import planning

    planning.drop(config, move, reason=reason)
