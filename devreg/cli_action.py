"""The commands for remote actions: lock, wipe and the like, with a second person and limits between wish and deed."""

import sys
from typing import Annotated

import typer

from devreg.cli_options import Config

action = typer.Typer(no_args_is_help=True, help="Remote actions: lock, wipe, retire and the like.")

Which = Annotated[str, typer.Argument(metavar="ACTION", help="Its number, such as A000012.")]
Why = Annotated[str, typer.Option(help="Kept with it.", show_default=False)]


@action.command("request")
def action_request(
    kind: Annotated[str, typer.Argument(help="lock, wipe, retire, lost_mode, locate, disable, …")],
    device: Annotated[str, typer.Argument(help="Asset tag, serial number, IMEI or D-number; exact.")],
    reason: Why,
    confirm: Annotated[
        str | None,
        typer.Option(
            metavar="TAG",
            help="Its asset tag (its serial number where it has none), typed: for what can't be taken back.",
            show_default=False,
        ),
    ] = None,
    despite: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Why nevertheless, where something warns.", show_default=False),
    ] = None,
    via: Annotated[
        str | None,
        typer.Option(metavar="SOURCE", help="The tool to act through, where several could.", show_default=False),
    ] = None,
    then: Annotated[
        str | None,
        typer.Option(metavar="STATE", help="Its state once it is confirmed, such as in_stock.", show_default=False),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="message, phone, footer, minutes, keep_esim, protected, …; repeatable. A wrong one is told what there is.",
            show_default=False,
        ),
    ] = None,
    config: Config = None,
) -> None:
    """Ask for an action. What can be taken back (lock, locate, …) is sent at once; a wipe waits for a second person."""
    from devreg.commands import remote

    code = remote.request(
        config, kind, device, reason=reason, confirm=confirm, despite=despite, via=via, then=then, options=option or []
    )
    sys.exit(code)


@action.command("lost")
def action_lost(
    device: Annotated[str, typer.Argument(help="Asset tag, serial number, IMEI or D-number; exact.")],
    reason: Why,
    config: Config = None,
) -> None:
    """Report a device lost: it is locked where something can lock it, and its state changes; else what to do instead."""
    from devreg.commands import remote

    sys.exit(remote.lost(config, device, reason=reason))


@action.command("approve")
def action_approve(
    which: Which,
    reason: Annotated[str | None, typer.Option(help="Kept in the audit trail.", show_default=False)] = None,
    config: Config = None,
) -> None:
    """Yes to what somebody else requested; they then send it."""
    from devreg.commands import remote

    sys.exit(remote.approve(config, which, reason=reason))


@action.command("reject")
def action_reject(which: Which, reason: Why, config: Config = None) -> None:
    """No to what somebody else requested."""
    from devreg.commands import remote

    sys.exit(remote.reject(config, which, reason=reason))


@action.command("cancel")
def action_cancel(which: Which, reason: Why, config: Config = None) -> None:
    """Call off what has not been sent."""
    from devreg.commands import remote

    sys.exit(remote.cancel(config, which, reason=reason))


@action.command("send")
def action_send(which: Which, config: Config = None) -> None:
    """Send what was requested, signed in as yourself: the second, explicit act."""
    from devreg.commands import remote

    sys.exit(remote.send(config, which))


@action.command("settle")
def action_settle(
    which: Annotated[
        list[str] | None, typer.Argument(metavar="[ACTION…]", help="None: all that are due.", show_default=False)
    ] = None,
    as_: Annotated[
        str | None,
        typer.Option(
            "--as", metavar="OUTCOME", help="By your word: confirmed, failed or accepted.", show_default=False
        ),
    ] = None,
    reason: Annotated[str | None, typer.Option(help="How you know.", show_default=False)] = None,
    config: Config = None,
) -> None:
    """Look what became of what was sent. Sends nothing."""
    from devreg.commands import remote

    sys.exit(remote.settled(config, which or [], outcome=as_, reason=reason))


@action.command("where")
def action_where(which: Which, config: Config = None) -> None:
    """Where a device is that you had located: signed in as yourself, shown once and kept nowhere."""
    from devreg.commands import finding

    sys.exit(finding.where(config, which))


@action.command("show")
def action_show(
    which: Which,
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", help="table or json.")] = "table",
    config: Config = None,
) -> None:
    """One action with its timeline."""
    from devreg.commands import remote

    remote.show(config, which, form)


@action.command("freeze")
def action_freeze(reason: Why, config: Config = None) -> None:
    """Stop all remote actions: this machine at once, even without network or database, and everybody by the register."""
    from devreg.commands import remote

    sys.exit(remote.freeze(config, reason=reason))


@action.command("unfreeze")
def action_unfreeze(reason: Why, config: Config = None) -> None:
    """Let remote actions go again."""
    from devreg.commands import remote

    remote.unfreeze(config, reason=reason)


@action.command("unhold")
def action_unhold(reason: Why, config: Config = None) -> None:
    """Let wipes go again after too many were requested in a short time."""
    from devreg.commands import remote

    remote.unhold(config, reason=reason)


@action.command("limits")
def action_limits(
    apply: Annotated[bool, typer.Option("--apply", help="Put those of the settings into force.")] = False,
    config: Config = None,
) -> None:
    """The limits in force."""
    from devreg.commands import remote

    sys.exit(remote.limits(config, apply=apply))
