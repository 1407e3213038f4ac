"""The equality workbook's sheet of time: the kept figures term by term, and what changed since the last ones."""

from collections.abc import Iterator
from typing import Final

from devreg.i18n import N_, Catalogue
from devreg.ports import Column, ColumnType
from devreg.services.equality_changes import sentences
from devreg.services.snapshots import History
from exports.charts import BLUE, bars, filled
from exports.equality_words import known
from exports.looks import Look
from exports.workbook import Book, Page, Rows

CHART_CM: Final = (24.0, 8.5)
_I, _P = ColumnType.INTEGER, ColumnType.PERCENT
_COLUMNS: Final = (
    Column("day", N_("Situation on")),
    Column("coverage", N_("Coverage"), _P),
    Column("need", N_("Need"), _I),
    Column("fit", N_("Fit devices"), _I),
    Column("shortfall", N_("Shortfall"), _I),
    Column("hoover", N_("Share of devices to move"), _P),
    Column("pupils_on", N_("Pupils counted on"), ColumnType.DATE),
    Column("comparable", N_("Measured as before")),
)


def write_trend(book: Book, name: str, history: History) -> None:
    """Three sentences, a row a term, and coverage drawn."""
    t = book.t
    sheet = book.sheet(name, (20, 14, 12, 16, 14, 18, 20, 22), Page(one_page=True, row_height=18))
    sheet.title(t("Over time"))
    for sentence in _said(history, t):
        sheet.add(sentence, look=Look(size=11))
    if not history.points:
        return
    sheet.heading(t("Kept figures, and today's"))
    area = sheet.table("trend", Rows(_COLUMNS, list(_rows(history, t))), ruled=True)
    sheet.add(
        t("Where targets or rules were others than before, coverage can't be compared with the row above."),
        look=Look(size=9, colour="404040"),
    )
    drawn = [point for point, _ in history.points if point.coverage is not None]
    if len(drawn) > 1 and len(drawn) == len(history.points):
        chart = bars(sheet, area, {"coverage": filled(BLUE, None)}, len(drawn), t("Coverage over time"))
        chart.width, chart.height = CHART_CM
        figures = "; ".join(f"{t.date(point.day)}: {t.percent(point.coverage or 0.0)}" for point in drawn)
        sheet.chart(
            chart, "A", sheet.row + 2, t("Bar chart of the city's coverage over time. {figures}", figures=figures)
        )


def _said(history: History, t: Catalogue) -> tuple[str, ...]:
    if history.change is None:
        return (t("No earlier figures are kept. `devreg snapshot` keeps them, once a term."),)
    return sentences(history.change, history.names, t)


def _rows(history: History, t: Catalogue) -> Iterator[list[object]]:
    for number, (point, comparable) in enumerate(history.points):
        yield [
            t.date(point.day),
            known(point.coverage),
            point.need,
            point.fit,
            known(point.shortfall),
            known(point.hoover),
            point.pupils_on or known(None),
            t("first") if number == 0 else t("yes") if comparable else t("no"),
        ]
