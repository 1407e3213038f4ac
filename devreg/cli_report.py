"""The commands that write Excel reports."""

from pathlib import Path
from typing import Annotated

import typer

from devreg.cli_options import Config

report = typer.Typer(no_args_is_help=True, help="Write an Excel report.")
Out = Annotated[Path, typer.Option(metavar="FILE.xlsx", help="Where to write it.")]
Lang = Annotated[str | None, typer.Option(help="fi, sv, en or all; else the settings' language.", show_default=False)]


@report.command("equality")
def report_equality(out: Out, config: Config = None, lang: Lang = None) -> None:
    """The equality workbook."""
    from devreg.commands import reporting

    reporting.report_equality(config, out, lang)


@report.command("circulation")
def report_circulation(out: Out, config: Config = None, lang: Lang = None) -> None:
    """The circulation workbook: what lies idle and costs, the reserve, and which leases end when."""
    from devreg.commands import reporting

    reporting.report_circulation(config, out, lang)


@report.command("contracts")
def report_contracts(out: Out, config: Config = None, lang: Lang = None) -> None:
    """The contracts workbook: leases by state, contracts, support of critical devices, lease or buy."""
    from devreg.commands import reporting

    reporting.report_contracts(config, out, lang)


@report.command("phones")
def report_phones(out: Out, config: Config = None, lang: Lang = None) -> None:
    """The phones workbook: what is under management, what is not, and what to do."""
    from devreg.commands import reporting

    reporting.report_phones(config, out, lang)


@report.command("inventory")
def report_inventory(
    out: Out,
    config: Config = None,
    lang: Annotated[
        str | None, typer.Option(help="fi, sv or en; else the settings' language.", show_default=False)
    ] = None,
) -> None:
    """Every device in one workbook."""
    from devreg.commands import reporting

    reporting.report_inventory(config, out, lang)
