"""The first page of the equality report: one A4 that needs no explaining."""

import math
from collections.abc import Mapping
from typing import Any, Final

from openpyxl.chart import BarChart, Reference
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.marker import DataPoint
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties

from devreg.domain.equality import Assessment, UnitLine
from devreg.domain.equality_rules import band_at_least
from devreg.i18n import N_, Catalogue
from devreg.ports import Column, ColumnType
from exports.cells import number_format
from exports.charts import entitle, plain_text
from exports.equality_figures import Figure, figures
from exports.equality_findings import notes, sentences
from exports.equality_words import FILLS, band_look, enough, known, language_name
from exports.looks import Link, Look, Styled
from exports.workbook import Area, Book, Page, Rows, Sheet

WIDTHS: Final = (29, 15, 21, 11, 10, 9, 17, 13, 2, 14, 14, 14, 14, 14)
"""The table's columns, a gap, and room for the chart beside it."""
CHART_COLUMN, LAST_COLUMN, CHART_CM = "J", "N", 13.4
AT_MOST: Final = 20
"""Units on the page; with more, the worst ones are shown and the rest is on the units' sheet."""
ROW_POINTS: Final = 23.0
CM_PER_POINT: Final = 2.54 / 72

_FIGURES: Final = (
    Column("figure", N_("Measure")),
    Column("value", N_("Value"), ColumnType.NUMBER),
    Column("band", N_("Assessment")),
    Column("meaning", N_("Meaning")),
)
_COVERAGE: Final = (
    Column("unit", N_("Unit")),
    Column("coverage", N_("Coverage"), ColumnType.PERCENT),
    Column("band", N_("Devices")),
    Column("language", N_("Language")),
    Column("pupils", N_("Pupils"), ColumnType.INTEGER),
    Column("need", N_("Need"), ColumnType.INTEGER),
    Column("fit", N_("Fit devices"), ColumnType.INTEGER),
    Column("shortfall", N_("Shortfall"), ColumnType.INTEGER),
)


def write_summary(
    book: Book, name: str, title: str, subtitle: str, result: Assessment, others: list[str], pages: Mapping[str, str]
) -> Area:
    """The summary sheet, with links to the others; where its five figures stand. `pages`: unit id -> its own sheet."""
    t = book.t
    sheet = book.sheet(name, WIDTHS, Page(one_page=True, row_height=ROW_POINTS))
    sheet.title(title)
    sheet.add(subtitle, look=Look(colour="595959"))
    sheet.space()
    leading = sheet.table(
        "key_figures", Rows(_FIGURES, [_figure(figure, t) for figure in figures(result, t)]), ruled=True
    )
    sheet.space()
    for sentence in sentences(result, t):
        sheet.add(sentence, look=Look(size=11))
    sheet.heading(t("Coverage by unit, lowest first"))
    shown = result.units[:AT_MOST]
    area = sheet.table("coverage", Rows(_COVERAGE, [_line(unit, result, pages, t) for unit in shown]), ruled=True)
    measured = [unit for unit in shown if unit.coverage is not None]
    if measured:
        _add_chart(sheet, area, measured, result, t)
    for note in notes(result, t, cut=len(result.units) - len(shown)):
        sheet.add(note, look=Look(size=9, colour="404040"))
    sheet.space()
    sheet.links(others)
    sheet.print_only(LAST_COLUMN)
    return leading


def _figure(figure: Figure, t: Catalogue) -> list[object]:
    points = f'0.0\\ "{t("pp")}"'
    form = points if figure.kind is ColumnType.NUMBER else number_format(figure.kind, t.language)
    value = Styled(figure.value, Look(format=form, bold=True, size=11, align="right", indent=1, ruled=True))
    return [
        Styled(figure.name, Look(bold=True, ruled=True)),
        known(None) if figure.value is None else value,
        Styled(figure.said, band_look(figure.band)),
        Styled(figure.meaning, Look(align="left", indent=1)),
    ]


def _line(unit: UnitLine, result: Assessment, pages: Mapping[str, str], t: Catalogue) -> list[object]:
    band = band_at_least(unit.coverage, result.rules.bands.coverage)
    name, page = unit.unit.name(t.language), pages.get(unit.unit.id)
    return [
        Styled(Link(name, page), Look(align="left", ruled=True)) if page else name,
        known(unit.coverage),
        enough(band, unit.need, t),
        language_name(unit.unit.language, t),
        known(unit.pupils),
        known(unit.need),
        unit.fit,
        known(unit.shortfall),
    ]


def _add_chart(sheet: Sheet, area: Area, units: list[UnitLine], result: Assessment, t: Catalogue) -> None:
    """Bars beside the rows of the units that have a coverage: they come first, so no unknown is drawn as zero."""
    chart = _bars(sheet, area, units, result)
    entitle(chart, t("Coverage; the dashed line is the target"))
    chart.width, chart.height = CHART_CM, (len(units) + 2) * ROW_POINTS * CM_PER_POINT
    low, high = units[0], units[-1]
    described = t(
        "Bar chart of coverage by unit with a line at the target. Lowest: {low}, {low_share}; highest: {high}, {high_share}.",
        low=low.unit.name(t.language), low_share=t.percent(low.coverage or 0),
        high=high.unit.name(t.language), high_share=t.percent(high.coverage or 0),
    )  # fmt: skip
    sheet.chart(chart, CHART_COLUMN, area.first_row - 2, described)


def _bars(sheet: Sheet, area: Area, units: list[UnitLine], result: Assessment) -> Any:
    last = area.first_row + len(units) - 1
    chart: Any = BarChart()
    chart.type = "bar"
    chart.add_data(
        Reference(sheet.raw, area.column("coverage"), area.first_row - 1, max_row=last), titles_from_data=True
    )
    chart.set_categories(Reference(sheet.raw, area.column("unit"), area.first_row, max_row=last))
    chart.legend = None
    chart.gapWidth = 45
    chart.series[0].dPt = [_point(n, unit, result) for n, unit in enumerate(units)]
    labels = DataLabelList(showVal=True, showSerName=False, showCatName=False, showLegendKey=False, showPercent=False)
    labels.numFmt, labels.txPr = "0%", plain_text(900)
    labels.spPr = GraphicalProperties(solidFill="FFFFFF")  # readable where the target line passes behind
    chart.series[0].dLbls = labels
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.x_axis.txPr = chart.y_axis.txPr = plain_text(850)
    chart.x_axis.scaling.orientation = "maxMin"  # the first row of the table on top
    chart.y_axis.number_format = "0%"
    chart.y_axis.scaling.min = 0
    # Grid lines at whole hundreds only: the one at 100 per cent is the target.
    chart.y_axis.majorUnit = 1
    chart.y_axis.majorGridlines = ChartLines(
        GraphicalProperties(ln=LineProperties(solidFill="1A1A1A", w=19050, prstDash="dash"))
    )
    chart.y_axis.scaling.max = max(
        1.25, *(math.ceil((unit.coverage or 0) * 4 + 0.5) / 4 for unit in units)
    )  # room for the last number
    return chart


def _point(n: int, unit: UnitLine, result: Assessment) -> DataPoint:
    band = band_at_least(unit.coverage, result.rules.bands.coverage)
    look = GraphicalProperties(solidFill=FILLS[band] if band else "BFBFBF")
    look.line = LineProperties(solidFill="404040", w=6350)
    return DataPoint(idx=n, spPr=look)
