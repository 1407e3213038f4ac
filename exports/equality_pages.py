"""A page for each unit: what it has, what it needs and lacks, and why devices are not fit. Each prints alone on one A4."""

from collections.abc import Iterator, Sequence
from typing import Final

from devreg.domain.equality import Assessment, Reason, StageLine, UnitLine
from devreg.domain.equality_rules import band_at_least
from devreg.i18n import N_, Catalogue
from devreg.ports import Column, ColumnType
from exports.cells import number_format
from exports.equality_findings import MOST_PAGES
from exports.equality_words import (
    FLAGS,
    NEXT_STEPS,
    REASONS,
    STAGES,
    enough,
    known,
    language_name,
    target_text,
)  # fmt: skip
from exports.looks import Link, Look, Styled
from exports.workbook import Book, Page, Rows, Sheet

_I, _P = ColumnType.INTEGER, ColumnType.PERCENT
_WIDTHS: Final = (30, 12, 14, 10, 18, 14, 20, 12)
_FIGURES: Final = (
    Column("figure", N_("Measure")),
    Column("value", N_("Value"), ColumnType.NUMBER),
    Column("band", N_("Assessment")),
)
_STAGES: Final = (
    Column("stage", N_("Stage")),
    Column("pupils", N_("Pupils"), _I),
    Column("target", N_("Devices per pupil")),
    Column("need", N_("Need"), _I),
    Column("fit", N_("Fit devices"), _I),
    Column("coverage", N_("Coverage"), _P),
    Column("band", N_("Devices")),
    Column("shortfall", N_("Shortfall"), _I),
)
_WHY: Final = (
    Column("reason", N_("Not fit because")),
    Column("devices", N_("Number"), _I),
    Column("step", N_("What helps")),
)


def chosen(units: Sequence[UnitLine]) -> list[UnitLine]:
    """The units that get a page, in the order of the report."""
    if len(units) <= MOST_PAGES:
        return list(units)
    return [unit for unit in units if unit.shortfall][:MOST_PAGES]


def write_page(book: Book, name: str, unit: UnitLine, result: Assessment, summary: str) -> None:
    """One unit. `summary`: the sheet that leads here, and that this leads back to."""
    t = book.t
    sheet = book.sheet(name, _WIDTHS, Page(one_page=True, portrait=True, row_height=18))
    sheet.title(unit.unit.name(t.language))
    spoken = language_name(unit.unit.language, t)
    sheet.add(
        t("Teaching language: {language} · situation on {day}", language=spoken, day=t.date(result.as_of)),
        look=Look(colour="595959"),
    )
    sheet.space()
    sheet.table("unit_figures", Rows(_FIGURES, list(_figures(unit, result, t))), ruled=True)
    sheet.heading(t("By stage"))
    sheet.table("unit_stages", Rows(_STAGES, [_stage(line, result, t) for line in unit.stages]), ruled=True)
    for flag in unit.flags:
        sheet.add(t("Note: {remark}.", remark=t(FLAGS[flag])), look=Look(size=9, colour="404040"))
    _write_reasons(sheet, unit, t)
    sheet.space()
    sheet.add(Link(t("Summary"), summary))


def _figures(unit: UnitLine, result: Assessment, t: Catalogue) -> Iterator[list[object]]:
    band = band_at_least(unit.coverage, result.rules.bands.coverage)
    plain = Styled(None, Look(ruled=True))
    for name, value, kind, said in (
        (N_("Children and pupils"), unit.pupils, _I, plain),
        (N_("Need"), unit.need, _I, plain),
        (N_("All devices"), unit.total, _I, plain),
        (N_("Fit devices"), unit.fit, _I, plain),
        (N_("Coverage"), unit.coverage, _P, enough(band, unit.need, t)),
        (N_("Shortfall"), unit.shortfall, _I, plain),
        (N_("Surplus"), unit.surplus, _I, plain),
        (N_("Fit by quality"), unit.devices.adjusted, ColumnType.NUMBER, plain),
        (N_("Managed share"), unit.devices.managed, _P, plain),
        (N_("Support under a year"), unit.devices.ending, _P, plain),
        (N_("Median age (months)"), unit.devices.tally.age_median, _I, plain),
    ):
        look = Look(bold=True, size=11, ruled=True, format=number_format(kind, t.language), align="right", indent=1)
        shown = known(None) if value is None else Styled(value, look)
        yield [Styled(t(name), Look(bold=True, ruled=True)), shown, said]


def _stage(line: StageLine, result: Assessment, t: Catalogue) -> list[object]:
    return [
        t(STAGES[line.stage]) if line.stage else t("not known"),
        known(line.pupils),
        target_text(line.target, t) if line.target else known(None),
        known(line.need),
        line.devices.fit,
        known(line.coverage),
        enough(band_at_least(line.coverage, result.rules.bands.coverage), line.need, t),
        known(line.shortfall),
    ]


def _write_reasons(sheet: Sheet, unit: UnitLine, t: Catalogue) -> None:
    counts = [line.devices for line in unit.stages]
    reasons = {reason: sum(count.not_fit.get(reason, 0) for count in counts) for reason in Reason}
    sheet.heading(t("Devices that are not fit for use"))
    found = sorted((reason for reason in Reason if reasons[reason]), key=lambda reason: -reasons[reason])
    if not found:
        sheet.add(t("All devices of the unit are fit for use.") if unit.total else t("The unit has no pupil devices."))
        return
    rows = [[t(REASONS[reason]), reasons[reason], t(NEXT_STEPS[reason])] for reason in found]
    sheet.table("unit_reasons", Rows(_WHY, rows), ruled=True, reach=len(_WIDTHS))
