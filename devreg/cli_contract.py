"""The commands of `devreg contract`; help in English, as all of `devreg.cli`."""

from typing import Annotated

import typer

from devreg.cli_options import Config

contract = typer.Typer(no_args_is_help=True, help="Leases, support contracts, warranties, subscriptions.")
Contract = Annotated[str, typer.Argument(metavar="CONTRACT", help="C000012, or the contract's number; exact.")]
Devices = Annotated[
    list[str], typer.Argument(metavar="DEVICE…", help="Asset tag, serial number, IMEI or D-number; exact.")
]
Reason = Annotated[str, typer.Option(help="Kept in the history.", show_default=False)]
Why = Annotated[str | None, typer.Option(help="Kept in the history.", show_default=False)]
On = Annotated[str | None, typer.Option(metavar="DATE", help="The day; else today.", show_default=False)]
Undo = Annotated[bool, typer.Option("--undo", help="Take it back: it was not so.")]
Form = Annotated[str, typer.Option("--format", help="table or json.")]


@contract.command("add")
def add(
    fields: Annotated[
        list[str],
        typer.Argument(
            metavar="FIELD=VALUE…",
            help="kind=lease, support, warranty or subscription; number, supplier, start, end, months, notice_days, notice_months, "
            "return_days, renewal_months, vat_rate, monthly_fee (of the contract as a whole).",
        ),
    ],
    config: Config = None,
    reason: Why = None,
) -> None:
    """A contract that no source lists; prints its number."""
    from devreg.commands import contracting

    contracting.add(config, fields, reason)


@contract.command("change")
def change(
    which: Contract,
    fields: Annotated[
        list[str], typer.Argument(metavar="FIELD=VALUE…", help="As in add; FIELD= takes a person's value back.")
    ],
    reason: Reason,
    device: Annotated[
        str | None,
        typer.Option(
            metavar="DEVICE",
            help="Of this device in it: end, monthly_fee, residual, extension_fee, damage_fee, missing_fee, insured.",
            show_default=False,
        ),
    ] = None,
    config: Config = None,
) -> None:
    """A person's value for what was agreed; the next read of a source changes it no more."""
    from devreg.commands import contracting

    contracting.change(config, which, fields, device=device, reason=reason)


@contract.command("end")
def end(which: Contract, reason: Reason, on: On = None, config: Config = None) -> None:
    """Notice was given: its last day; it is not renewed."""
    from devreg.commands import contracting

    contracting.end(config, which, on, reason)


@contract.command("attach")
def attach(
    which: Contract,
    devices: Devices,
    agreed: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="FIELD=VALUE", help="Agreed for each: monthly_fee=18,45. Repeatable.", show_default=False
        ),
    ] = None,
    reason: Why = None,
    config: Config = None,
) -> None:
    """Put devices into a contract."""
    from devreg.commands import contracting

    contracting.attach(config, which, devices, agreed or [], reason)


@contract.command("detach")
def detach(
    which: Contract, devices: Devices, reason: Reason, on: On = None, undo: Undo = False, config: Config = None
) -> None:
    """Take devices out of a contract; that they were in it stays known."""
    from devreg.commands import contracting

    contracting.detach(config, which, devices, on, reason, undo=undo)


@contract.command("decide")
def decide(
    which: Contract,
    decision: Annotated[str, typer.Argument(metavar="return|extend|buy-out|none", help="none takes it back.")],
    devices: Annotated[
        list[str] | None,
        typer.Argument(metavar="[DEVICE…]", help="All that are still here when none is named.", show_default=False),
    ] = None,
    on: Annotated[
        str | None, typer.Option(metavar="DATE", help="The last day; of an extension the new one.", show_default=False)
    ] = None,
    months: Annotated[int | None, typer.Option(min=1, help="How long it is extended.", show_default=False)] = None,
    reason: Why = None,
    config: Config = None,
) -> None:
    """What becomes of leased devices when the lease ends."""
    from devreg.commands import contracting

    contracting.decide(config, which, decision, devices or [], on=on, months=months, reason=reason)


@contract.command("returned")
def returned(
    which: Contract,
    devices: Devices,
    on: On = None,
    damaged: Annotated[bool, typer.Option("--damaged", help="The damage fee is due.")] = False,
    undo: Undo = False,
    reason: Why = None,
    config: Config = None,
) -> None:
    """Leased devices went back to the lessor."""
    from devreg.commands import contracting

    contracting.returned(config, which, devices, on, reason, damaged=damaged, undo=undo)


@contract.command("missing")
def missing(
    which: Contract, devices: Devices, on: On = None, undo: Undo = False, reason: Why = None, config: Config = None
) -> None:
    """Leased devices can't be returned: the missing fee is due."""
    from devreg.commands import contracting

    contracting.missing(config, which, devices, on, reason, undo=undo)


@contract.command("document")
def document(
    which: Contract,
    place: Annotated[str, typer.Argument(help="Where it is: a path or an address.")],
    title: Annotated[str | None, typer.Option(help="What it is; needed to add one.", show_default=False)] = None,
    remove: Annotated[bool, typer.Option("--remove", help="It is not there any more.")] = False,
    reason: Why = None,
    config: Config = None,
) -> None:
    """Remember where a document of the contract is; the register holds no copy."""
    from devreg.commands import contracting

    contracting.document(config, which, place, title, reason, remove=remove)


@contract.command("show")
def show(which: Contract, config: Config = None, form: Form = "table") -> None:
    """One contract: terms with who says what, devices and how each stands, documents, history."""
    from devreg.commands import contract_page

    contract_page.show(config, which, form)
