"""The equality report as a workbook: one A4 for everybody, then units, devices, sources and definitions."""

from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from devreg.domain.equality import Assessment
from devreg.i18n import N_, Catalogue, in_language
from devreg.services.equality_apart import Apart
from devreg.services.planning import Planned
from devreg.services.snapshots import History
from exports.equality_apart import write_circulation, write_digilab, write_leasing, write_network
from exports.equality_check import Printed, write_check
from exports.equality_definitions import write_definitions
from exports.equality_fitness import write_quality
from exports.equality_languages import write_languages
from exports.equality_pages import chosen, write_page
from exports.equality_plan import write_plan
from exports.equality_sheets import write_devices, write_sources, write_units
from exports.equality_summary import write_summary
from exports.equality_trend import write_trend
from exports.names import sheet_names
from exports.workbook import Book, Rows

SHEETS: Final = (
    N_("Summary"), N_("Units"), N_("Quality"), N_("Finnish and Swedish"),
    N_("Over time"), N_("Moves and purchases"),
    N_("Leasing"), N_("Circulation"), N_("Network and printing"), N_("DigiLab"),
    N_("Devices"), N_("Sources"), N_("Definitions"), N_("Check"),
)  # fmt: skip
"""Sheets of every workbook; after the units' sheet comes a page for each unit."""


class EqualityReport(msgspec.Struct, frozen=True):
    """Everything the workbook shows."""

    assessment: Assessment
    made_at: datetime
    apart: Apart
    devices: Rows
    """Pupil devices; columns that can name a person are left out when writing, rows beyond 5,000 too."""
    sources: Rows
    """One row a source: when read, how many rows, rejected, unmatched, oldest record."""
    version: str = ""
    trail: str = ""
    """Where the audit trail ended when it was made: `12:hash`."""
    history: History = History((), None, {})
    planned: Planned | None = None
    """None: no solver is installed."""


def write(report: EqualityReport, out: Path, language: str) -> None:
    """Write the workbook in Finnish ("fi"), Swedish ("sv") or English ("en"). Raises as `exports.files.replacing`."""
    t = in_language(language)
    title = t("Equality report: pupil devices")
    result = report.assessment
    named = chosen(result.units)
    names = sheet_names([*map(t, SHEETS), *(unit.unit.name(language) for unit in named)])
    fixed, pages = names[: len(SHEETS)], names[len(SHEETS) :]
    summary, units, quality, languages, trend, plan, leasing, circulation, network, digilab, *behind = fixed
    devices, sources, definitions, check = behind
    page_of = {unit.unit.id: page for unit, page in zip(named, pages, strict=True)}
    with Book(t, title, report.trail) as book:
        figures = write_summary(book, summary, title, _subtitle(report, t), result, fixed[1:], page_of)
        stages = write_units(book, units, result)
        for unit in named:
            write_page(book, page_of[unit.unit.id], unit, result, summary)
        write_quality(book, quality, result)
        write_languages(book, languages, result)
        write_trend(book, trend, report.history)
        write_plan(book, plan, report.planned)
        write_leasing(book, leasing, report.apart)
        write_circulation(book, circulation, report.apart)
        write_network(book, network, report.apart)
        write_digilab(book, digilab, report.apart)
        write_devices(book, devices, report.devices)
        write_sources(book, sources, report.sources, result)
        technical = write_definitions(book, definitions, result, report.version, report.trail)
        write_check(book, check, result, Printed(stages, figures, technical))
        book.save(out)


def _subtitle(report: EqualityReport, t: Catalogue) -> str:
    result = report.assessment
    days = {line.headcount.date for unit in result.units for line in unit.stages if line.headcount}
    counted = " – ".join(t.date(day) for day in sorted({min(days), max(days)})) if days else t("no data")
    return t(
        "Situation on {day} · pupils counted on {counted} · made {made}",
        day=t.date(result.as_of),
        counted=counted,
        made=t.datetime(report.made_at),
    )
