"""The commands for devices' lives: transition, suggestion."""

from typing import Annotated

import typer

from devreg.cli_options import Config

suggestion = typer.Typer(no_args_is_help=True, help="What sources suggest of devices' states.")


def transition(
    device: Annotated[str, typer.Argument(help="Asset tag, serial number, IMEI or D-number; exact.")],
    state: Annotated[
        str | None,
        typer.Argument(
            help="planned, ordered, in_stock, in_use, in_repair, lost, retired, disposed; none shows the steps there are.",
            show_default=False,
        ),
    ] = None,
    fields: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FIELD=VALUE…]", help="What the step asks for, such as unit=kasavuori.", show_default=False
        ),
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Kept with the step.", show_default=False)] = None,
    document: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND=REFERENCE", help="sanitisation, decision or other; repeatable.", show_default=False),
    ] = None,
    config: Config = None,
) -> None:
    """A device's next state; each step asks for what belongs to it."""
    from devreg.commands import moving

    moving.transition(config, device, state, fields or [], reason=reason, documents=document or [])


@suggestion.command("dismiss")
def suggestion_dismiss(
    device: Annotated[str, typer.Argument(help="Asset tag, serial number, IMEI or D-number; exact.")],
    reason: Annotated[str, typer.Option(help="Kept in the audit trail.", show_default=False)],
    config: Config = None,
) -> None:
    """No to what is suggested for a device, until something newer speaks for it."""
    from devreg.commands import moving

    moving.dismiss(config, device, reason=reason)
