"""The sheet of the two teaching languages: coverage stage by stage, at the same mix of ages, and what the gap is made of."""

from collections.abc import Iterator
from typing import Final

from devreg.domain.equality import Assessment
from devreg.domain.equality_languages import Sides, side_by_side
from devreg.i18n import N_, Catalogue
from devreg.ports import Column, ColumnType
from exports.charts import BLUE, ORANGE, bars, filled
from exports.equality_findings import between_languages
from exports.equality_words import STAGES, known, share
from exports.looks import Look, Styled
from exports.workbook import Area, Book, Page, Rows, Sheet

CHART_CM: Final = (24.0, 8.5)
_I, _P = ColumnType.INTEGER, ColumnType.PERCENT
_COLUMNS: Final = (
    Column("stage", N_("Stage")),
    Column("first", N_("Finnish: coverage"), _P),
    Column("second", N_("Swedish: coverage"), _P),
    Column("gap", N_("Difference, percentage points"), ColumnType.NUMBER),
    Column("who", N_("Lower")),
    Column("pupils", N_("Pupils"), _I),
    Column("first_need", N_("Finnish: need"), _I),
    Column("first_fit", N_("Finnish: fit devices"), _I),
    Column("second_need", N_("Swedish: need"), _I),
    Column("second_fit", N_("Swedish: fit devices"), _I),
)


def write_languages(book: Book, name: str, result: Assessment) -> None:
    """Sentences, the stages, and a chart."""
    t = book.t
    sheet = book.sheet(name, (30, 16, 16, 18, 14, 12, 14, 20, 14, 20), Page(one_page=True, row_height=18))
    sheet.title(t("Finnish and Swedish units side by side"))
    for sentence in _sentences(result, t):
        sheet.add(sentence, look=Look(size=11))
    sheet.heading(t("Coverage by stage"))
    stages = side_by_side(result.units, result.rules.languages)
    shown = [sides for sides in stages if any(sides.need)]
    rows = [*(_row(sides, t) for sides in shown), *_standardised(result, t)]
    area = sheet.table("languages", Rows(_COLUMNS, rows), ruled=True)
    sheet.add(
        t("Standardised: each stage weighted by the city's pupils, over stages that both languages have."),
        look=Look(size=9, colour="404040"),
    )
    if shown:
        _add_chart(sheet, area, shown, t)


def _sentences(result: Assessment, t: Catalogue) -> Iterator[str]:
    yield between_languages(result, t)
    theil = result.city.technical.theil
    if theil and theil.total > 0:
        part = theil.between / theil.total
        yield t(
            "Of all inequality between units, {between} lies between the languages and {within} between units of the same language.",
            between=share(part, t), within=share(1 - part, t),
        )  # fmt: skip
    elif theil:
        yield t("There is no inequality between units to divide.")
    sides = side_by_side(result.units, result.rules.languages)
    alone = [t(STAGES[one.stage]) for one in sides if any(one.need) and one.gap is None]
    if alone:
        yield t("Not compared, since only one language has them: {stages}.", stages=", ".join(alone))


def _row(sides: Sides, t: Catalogue) -> list[object]:
    first, second = sides.coverage
    return [
        t(STAGES[sides.stage]),
        known(first),
        known(second),
        *_gap(sides.gap, t),
        sides.pupils,
        sides.need[0],
        sides.fit[0],
        sides.need[1],
        sides.fit[1],
    ]


def _gap(gap: float | None, t: Catalogue) -> list[object]:
    """The difference without a sign, and in words which language has less."""
    if gap is None:
        return [known(None), Styled(t("not compared"), Look(colour="595959", align="left", indent=1, ruled=True))]
    points = round(abs(gap) * 100, 1)
    return [points, t("no difference") if not points else t("Swedish") if gap > 0 else t("Finnish")]


def _standardised(result: Assessment, t: Catalogue) -> Iterator[list[object]]:
    gap = result.city.language_gap
    if gap is not None:
        name = Styled(t("Standardised"), Look(bold=True, ruled=True))
        yield [name, gap.first, gap.second, *_gap(gap.gap, t), *[known(None)] * 5]


def _add_chart(sheet: Sheet, area: Area, shown: list[Sides], t: Catalogue) -> None:
    looks = {"first": filled(BLUE, None), "second": filled(ORANGE, "wdUpDiag")}
    chart = bars(sheet, area, looks, len(shown), t("Coverage by stage and language"))
    chart.width, chart.height = CHART_CM
    said = "; ".join(
        f"{t(STAGES[sides.stage])}: {' / '.join('–' if one is None else t.percent(one) for one in sides.coverage)}"
        for sides in shown
    )
    described = t("Bar chart of coverage by stage, Finnish / Swedish. {figures}", figures=said)
    sheet.chart(chart, "A", sheet.row + 2, described)
