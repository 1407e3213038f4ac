"""Proof of a wipe: who looked at the device, and the sanitisation record."""

from pathlib import Path
from typing import Annotated

import typer

from devreg.cli_action import Which, action
from devreg.cli_options import Config

__all__ = ["action"]

_Title = Annotated[str | None, typer.Option(help="What they are.", show_default=False)]
_Place = Annotated[str | None, typer.Option("--location", help="Where it was done.", show_default=False)]
_Contact = Annotated[str | None, typer.Option(help="Where they can be reached.", show_default=False)]


@action.command("verify")
def action_verify(
    which: Which,
    method: Annotated[str, typer.Option(help="What was looked at, and how.", show_default=False)],
    person: Annotated[str | None, typer.Option(help="Who looked; else you.", show_default=False)] = None,
    title: _Title = None,
    on: Annotated[str | None, typer.Option(metavar="DAY", help="When; else today.", show_default=False)] = None,
    place: _Place = None,
    contact: _Contact = None,
    category: Annotated[
        str | None, typer.Option(help="clear, purge or destroy (SP 800-88); else not classified.", show_default=False)
    ] = None,
    config: Config = None,
) -> None:
    """Write down that somebody looked at a wiped device."""
    from devreg.commands import certifying

    certifying.verify(
        config, which, method=method, person=person, title=title, on=on, place=place, contact=contact, category=category
    )


@action.command("certificate")
def action_certificate(
    which: Which,
    out: Annotated[Path, typer.Option(metavar="FILE", help="A .txt or .xlsx file.")],
    order: Annotated[bool, typer.Option("--order", help="The record of an order, which claims no wipe.")] = False,
    title: _Title = None,
    place: _Place = None,
    contact: _Contact = None,
    media_type: Annotated[str | None, typer.Option(help="Else: built-in storage.", show_default=False)] = None,
    before: Annotated[str | None, typer.Option(help="How confidential what was on it was.", show_default=False)] = None,
    after: Annotated[str | None, typer.Option(help="How confidential it is now.", show_default=False)] = None,
    destination: Annotated[str | None, typer.Option(help="Where the device goes.", show_default=False)] = None,
    lang: Annotated[
        str | None, typer.Option(help="fi, sv or en; else the settings' language.", show_default=False)
    ] = None,
    config: Config = None,
) -> None:
    """The sanitisation record of a confirmed wipe, to be signed; what is not given is left to be written by hand."""
    from devreg.commands import certifying
    from devreg.services.certificates import Beside

    beside = Beside(title, place, contact, media_type, before, after, destination)
    certifying.certificate(config, which, beside, out=out, language=lang, order=order)
