"""The first page of the circulation workbook: one A4 that needs no explaining."""

from collections.abc import Sequence
from typing import Any, Final

from openpyxl.chart import BarChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties

from devreg.domain.words import label
from devreg.i18n import N_, Catalogue
from devreg.ports import Column, ColumnType, Row
from devreg.services.circulation import Picture
from exports.cells import number_format
from exports.charts import entitle, plain_text
from exports.lists import NOTE
from exports.looks import Look, Styled
from exports.workbook import Area, Book, Page, Rows, Sheet

WIDTHS: Final = (46, 21, 17, 19, 20, 2, 15, 15, 15, 15)
_REACH: Final = 5
"""Columns before the chart."""
CHART_COLUMN, LAST_COLUMN, CHART_CM = "G", "J", 11.5
QUARTERS: Final = 8
"""Two years: as far as anybody plans."""
_OFFERS: Final = 6
ROW_POINTS: Final = 19.0
CM_PER_POINT: Final = 2.54 / 72

_FIGURES: Final = (
    Column("figure", N_("Measure")),
    Column("value", N_("Value"), ColumnType.INTEGER),
    Column("meaning", N_("Meaning")),
)
QUARTER_COLUMNS: Final = (
    Column("quarter", N_("Quarter")),
    Column("ending", N_("Leases that end"), ColumnType.INTEGER),
    Column("in_term", N_("End in term"), ColumnType.INTEGER),
    Column("fee", N_("Monthly fee"), ColumnType.MONEY_CENTS),
    Column("cliffs", N_("Lease cliff"), ColumnType.INTEGER),
)
_STATES: Final = (
    Column("state", N_("State")),
    Column("devices", N_("Devices"), ColumnType.INTEGER),
    Column("days", N_("Days on average"), ColumnType.INTEGER),
)


def write_summary(book: Book, name: str, picture: Picture, others: list[str]) -> None:
    """The summary sheet, with links to the others."""
    t = book.t
    sheet = book.sheet(name, WIDTHS, Page(one_page=True, row_height=ROW_POINTS))
    sheet.title(t("Devices that go round, and devices that lie idle"))
    sheet.add(t("Made {made}", made=t.datetime(picture.made_at)), look=Look(colour="595959"))
    sheet.space()
    sheet.table("key_figures", Rows(_FIGURES, _figures(picture, t)), ruled=True, reach=_REACH)
    sheet.heading(t("Leases that end, by quarter"))
    _write_quarters(sheet, picture, t)
    sheet.heading(t("In stock, and needed elsewhere"))
    offers = [{**row, "giver_name": row["giver_name"] or t("no unit")} for row in picture.offers.rows]
    if offers:
        sheet.table("offers", Rows(picture.offers.columns, offers[:_OFFERS]), ruled=True, reach=_REACH)
    if len(offers) > _OFFERS:
        sheet.add(t("… and {n} more", n=t.number(len(offers) - _OFFERS)), look=NOTE)
    if not offers:
        sheet.add(t("Nothing in stock is what a unit that lacks devices could use."), look=NOTE)
    sheet.heading(t("How long devices have been in their state"))
    states = [
        [t(label(line.state)) if line.state else t("not known"), line.devices, _round(line.mean_days)]
        for line in picture.states
    ]
    sheet.table("states", Rows(_STATES, states), ruled=True)
    source = f"{picture.settings.carbon_source}, {t.date(picture.settings.carbon_date)}"
    sheet.add(t("Carbon figures: {source}; order of magnitude.", source=source), look=NOTE)
    sheet.space()
    sheet.links(others)
    sheet.print_only(LAST_COLUMN)


def _figures(picture: Picture, t: Catalogue) -> list[list[object]]:
    found = picture.figures
    money, whole = ColumnType.MONEY_CENTS, ColumnType.INTEGER
    unknown = t.many("fee of {n} device not known", "fee of {n} devices not known", found.fee_unknown)
    kg = f"{t.number(found.saved.low_kg)}–{t.number(found.saved.high_kg)} kg"
    no_figure = t.many("{n} time without a figure", "{n} times without a figure", found.saved.unknown)
    city = [row for row in picture.spares.rows if row["scope"] == "city" and row["reserve"] == "too_small"]
    short = ", ".join(t(label(str(row["kind"]))) for row in city) or t("none")
    idle = t("no contact for {n} days that count", n=t.number(picture.settings.idle_days))
    if found.idle_unknown:
        idle += "; " + t("of {n} not known", n=t.number(found.idle_unknown))
    return [
        _line(t("Idle devices"), found.idle, whole, idle, t),
        _line(t("Idle leased devices"), found.idle_leased, whole, unknown if found.fee_unknown else "", t),
        _line(t("They cost a month from now"), found.monthly_cents / 100, money, t("fees without those not known"), t),
        _line(t("They have cost while idle"), found.cost_cents / 100, money, t("days off not counted"), t),
        _line(t("To be found before return"), found.to_find, whole, t("lease ends soon or is over, and not seen"), t),
        _line(t("Reserve too small"), len(city), whole, short, t),
        _line(t("Leases that end in term"), found.in_term, whole, t("better in June or July"), t),
        _line(t("Lease cliffs"), found.cliffs, whole,
              t("a unit loses more than {share} in a quarter", share=t.percent(picture.settings.cliff_share)), t),
        _line(t("Times re-used"), found.reused, whole, t("a further holder or unit after the first"), t),
        _line(t("Carbon saved"), kg, whole, no_figure if found.saved.unknown else t("instead of new devices"), t),
    ]  # fmt: skip


def _line(name: str, value: object, kind: ColumnType, meaning: str, t: Catalogue) -> list[object]:
    look = Look(bold=True, size=11, ruled=True, format=number_format(kind, t.language), align="right", indent=1)
    return [
        Styled(name, Look(bold=True, ruled=True)),
        Styled(value, look),
        Styled(meaning, Look(align="left", indent=1, ruled=True)),
    ]


def _write_quarters(sheet: Sheet, picture: Picture, t: Catalogue) -> None:
    lines = quarters(picture.cliffs.rows)
    if not lines:
        sheet.add(t("No lease has a known end."), look=NOTE)
        return
    area = sheet.table("quarters", Rows(QUARTER_COLUMNS, lines), ruled=True)
    chart = _bars(sheet, area)
    entitle(chart, t("Leases that end, by quarter"))
    chart.width, chart.height = CHART_CM, (QUARTERS + 3) * ROW_POINTS * CM_PER_POINT
    said = "; ".join(f"{line[0]}: {t.number(_int(line[1]))}" for line in lines)
    alt_text = t("Bar chart of leases that end, by quarter. {figures}", figures=said)
    sheet.chart(chart, CHART_COLUMN, area.first_row - 2, alt_text)


def quarters(rows: Sequence[Row]) -> list[list[object]]:
    """The city's quarters, the first ones."""
    together: dict[str, list[int]] = {}
    for row in rows:
        line = together.setdefault(str(row["quarter"]), [0, 0, 0, 0])
        for n, key in enumerate(("ending", "in_term", "monthly_fee", "is_cliff")):
            line[n] += _int(row[key])
    return [[quarter, *together[quarter]] for quarter in sorted(together)[:QUARTERS]]


def _bars(sheet: Sheet, area: Area) -> Any:
    chart: Any = BarChart()
    chart.type = "col"
    values = Reference(sheet.raw, area.column("ending"), area.first_row - 1, max_row=area.last_row)
    chart.add_data(values, titles_from_data=True)
    chart.set_categories(Reference(sheet.raw, area.column("quarter"), area.first_row, max_row=area.last_row))
    chart.legend = None
    chart.gapWidth = 45
    look = GraphicalProperties(solidFill="0072B2")
    look.line = LineProperties(solidFill="404040", w=6350)
    chart.series[0].graphicalProperties = look
    labels = DataLabelList(showVal=True, showSerName=False, showCatName=False, showLegendKey=False, showPercent=False)
    labels.txPr = plain_text(900)
    chart.series[0].dLbls = labels
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.x_axis.txPr = chart.y_axis.txPr = plain_text(850)
    chart.y_axis.scaling.min = 0
    chart.y_axis.majorGridlines = None
    return chart


def _int(value: object) -> int:
    return int(value) if isinstance(value, int | bool) else 0


def _round(days: float | None) -> int | None:
    return None if days is None else round(days)
