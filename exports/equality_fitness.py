"""The quality sheet: how many devices there are, how many are fit for use, and why the others are not."""

from functools import reduce
from typing import Final

from devreg.domain.equality import Assessment, Reason, UnitLine
from devreg.domain.equality_counts import add
from devreg.i18n import N_, Catalogue
from devreg.ports import Column, ColumnType
from devreg.services.equality_notes import ranking
from exports.charts import BLUE, GREY, ORANGE, PALE, WINE, bars, filled
from exports.equality_words import REASONS, known
from exports.looks import Look
from exports.workbook import Area, Book, Page, Rows, Sheet

AT_MOST: Final = 20
"""Units in the chart; more can't be told apart."""
CHART_CM: Final = (26.0, 3.5, 0.75)
"""Width; height without bars, and of each."""
_I, _P = ColumnType.INTEGER, ColumnType.PERCENT
_REASONS: Final = tuple(Column(f"{reason}_share", REASONS[reason], _P) for reason in Reason)
_COLUMNS: Final = (
    Column("unit", N_("Unit")),
    Column("total", N_("All devices"), _I),
    Column("fit", N_("Fit devices"), _I),
    Column("fit_share", N_("Share fit for use"), _P),
    *_REASONS,
    Column("uncertain", N_("Fit, something not known"), _I),
    Column("adjusted", N_("Fit by quality"), ColumnType.NUMBER),
    Column("score", N_("Quality"), _P),
    Column("complete", N_("Quality known"), _P),
)
_LOOKS: Final = {
    "fit_share": (BLUE, None),
    f"{Reason.NOT_WORKING}_share": (WINE, "dkUpDiag"),
    f"{Reason.NOT_MANAGED}_share": (PALE, "pct50"),
    f"{Reason.UNSUPPORTED}_share": (ORANGE, "wdDnDiag"),
    f"{Reason.NOT_SEEN}_share": (GREY, "dkHorz"),
}


def write_quality(book: Book, name: str, result: Assessment) -> None:
    """Units with the smallest share of fit devices first, and a chart of the reasons."""
    t = book.t
    sheet = book.sheet(name, (32, 13, 18, 18, 16, 18, 18, 17, 20, 18, 12, 14), Page(row_height=18))
    sheet.title(t("Quality: fit for use, and why not"))
    sheet.add(
        t("Each device that is not fit is counted once, under the first reason in the order of the columns."),
        look=Look(size=9, colour="404040"),
    )
    for sentence in ranking(result, t):
        sheet.add(sentence)
    lines = [unit for unit in result.units if unit.total]
    if not lines:
        sheet.add(t("There are no pupil devices in the units."))
        return
    lines.sort(key=lambda unit: (_fit(unit) / unit.total, unit.unit.id))
    rows = [_row(unit.unit.name(t.language), [unit]) for unit in lines]
    total = dict(zip((c.key for c in _COLUMNS), _row(t("all"), lines), strict=True))
    area = sheet.table("quality", Rows(_COLUMNS, rows), ruled=True, total=total)
    _add_chart(sheet, area, lines, t)


def _row(name: str, units: list[UnitLine]) -> list[object]:
    count = reduce(add, [line.devices for unit in units for line in unit.stages])
    reasons = [count.not_fit.get(reason, 0) / count.total for reason in Reason]
    sides = [known(count.adjusted), known(count.quality), known(count.complete)]
    return [name, count.total, count.fit, count.fit / count.total, *reasons, count.uncertain, *sides]


def _fit(unit: UnitLine) -> int:
    return sum(line.devices.fit for line in unit.stages)


def _add_chart(sheet: Sheet, area: Area, lines: list[UnitLine], t: Catalogue) -> None:
    shown = lines[:AT_MOST]
    looks = {key: filled(colour, pattern) for key, (colour, pattern) in _LOOKS.items()}
    chart = bars(sheet, area, looks, len(shown), t("Pupil devices by whether they are fit, and why not"))
    chart.grouping, chart.overlap = "percentStacked", 100
    width, head, each = CHART_CM
    chart.width, chart.height = width, head + each * len(shown)
    total = sum(unit.total for unit in lines)
    reasons = "; ".join(
        f"{t(REASONS[reason])}: {t.percent(sum(one.devices.not_fit.get(reason, 0) for unit in lines for one in unit.stages) / total)}"
        for reason in Reason
    )
    described = t(
        "Stacked bar chart by unit. In all units fit for use: {fit}; not fit: {reasons}.",
        fit=t.percent(sum(map(_fit, lines)) / total), reasons=reasons,
    )  # fmt: skip
    if len(lines) > AT_MOST:
        sheet.add(t("The chart shows the {n} units with the smallest share.", n=t.number(AT_MOST)))
    sheet.chart(chart, "A", sheet.row + 2, described)
