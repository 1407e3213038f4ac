"""The check sheet: the report's figures calculated anew by live formulas, from the cells of the units' sheet.

Only functions that every spreadsheet has. A unit is found by its id and compared with EXACT: names may be alike, and a
name as a criterion could be a formula itself.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from devreg.domain.equality import Assessment
from devreg.i18n import N_, Catalogue
from devreg.ports import Column, ColumnType
from exports import equality_check_parts as parts
from exports.cells import number_format
from exports.equality_check_parts import Layout, agrees, compared, shown
from exports.formulas import Formula, cells
from exports.looks import Look, Styled
from exports.workbook import Area, Book, Page, Rows, Sheet

EXACT: Final = 0.0000001
"""What is left of a number when a spreadsheet and Python calculate it in another order."""
FIRST: Final = 6
"""The row of the first figure: above it stand title, two notes, the verdict over all, and the header."""
_WIDTHS: Final = (46, 28, 18, 16, 18, 18, 16, 14, 15, 13, 15, 15, 13, 16)
_CHECKS: Final = (
    Column("figure", N_("Measure")),
    Column("formula", N_("Formula's result"), ColumnType.NUMBER),
    Column("report", N_("In the report"), ColumnType.NUMBER),
    Column("difference", N_("Difference"), ColumnType.NUMBER),
    Column("allowed", N_("Allowed difference"), ColumnType.NUMBER),
    Column("verdict", N_("Check")),
)
_I, _P, _INDEX = ColumnType.INTEGER, ColumnType.PERCENT, None
_NAMES: Final = (
    (N_("Pupils"), _I), (N_("Need"), _I), (N_("All devices"), _I), (N_("Fit devices"), _I), (N_("Coverage"), _P),
    (N_("Share of pupils whose unit has enough"), _P), (N_("Equal split: devices in all"), _I),
    (N_("Worst unit: coverage"), _P), (N_("Spread: lowest / highest"), _P), (N_("Devices to move"), _I), (N_("Shortfall"), _I),
    (N_("Language gap"), ColumnType.NUMBER),
    (N_("Hoover index"), _INDEX), (N_("Coefficient of variation"), _INDEX), (N_("Theil index"), _INDEX),
    (N_("Theil index between languages"), _INDEX), (N_("Theil index within languages"), _INDEX),
)  # fmt: skip


class Printed(msgspec.Struct, frozen=True):
    """Tables of other sheets: what is calculated from, and where the figures stand that are checked."""

    units: Area
    figures: Area
    technical: Area


class _Check(msgspec.Struct, frozen=True):
    formula: str
    value: float | None
    """What the formula comes to."""
    table: Area | None = None
    """Where the report prints it; None: in sentences only."""
    decimals: int | None = None
    """To which the report rounds it."""


def write_check(book: Book, name: str, result: Assessment, printed: Printed) -> None:
    """Figures with difference and verdict, then the parts they are calculated from."""
    t = book.t
    layout = Layout(
        FIRST + len(_NAMES),
        len(result.units),
        sum(1 for unit in result.units if unit.need),
        len(parts.languages(result)),
    )
    sheet = book.sheet(name, _WIDTHS, Page(row_height=15))
    sheet.title(t("Check"))
    note = Look(size=9, colour="404040")
    sheet.add(
        t("The figures calculated anew by formulas, from the cells of the sheet {sheet}.", sheet=printed.units.sheet),
        look=note,
    )
    sheet.add(t("A dash means: no data. The allowed difference is what the report rounds."), look=note)
    sheet.add(_over_all(t), look=Look(bold=True, size=11))
    checks = _checks(result, printed, layout)
    lines = [
        _line(t(name), kind, check, row, t)
        for row, ((name, kind), check) in enumerate(zip(_NAMES, checks, strict=True), FIRST)
    ]
    sheet.table("checks", Rows(_CHECKS, lines), ruled=True)
    _write_parts(sheet, result, printed.units, layout, t)


def _over_all(t: Catalogue) -> Formula:
    verdicts = cells("F", FIRST, FIRST + len(_NAMES) - 1)
    good = t("✓ Every figure agrees with the report.")
    bad = t("✗ Some figures differ from the report; they are marked below.")
    return Formula(f'IF(COUNTIF({verdicts},"{agrees(t)}")=ROWS({verdicts}),"{good}","{bad}")', good)


def _line(name: str, kind: ColumnType | None, check: _Check, row: int, t: Catalogue) -> list[object]:
    form = "0.0000" if kind is None else number_format(kind, t.language)
    number = Look(format=form, align="right", indent=1, ruled=True)
    exact = msgspec.structs.replace(number, format="0.0000000")
    value, rounds = check.value, check.value is not None and check.decimals is not None
    printed = round(value, check.decimals) if value is not None and rounds else value
    off = value - printed if value is not None and printed is not None else 0.0
    allowed = EXACT + (0.5 / 10**check.decimals if check.decimals is not None else 0)
    gap, verdict = compared(f"B{row}", f"C{row}", f"E{row}", shown(value), t, off)
    return [
        Styled(name, Look(bold=True, ruled=True)),
        Styled(Formula(check.formula, shown(value)), number),
        Styled(_find(check.table, row, printed) if check.table else shown(value), number),
        Styled(gap, exact),
        Styled(allowed, exact),
        verdict,
    ]


def _find(table: Area, row: int, printed: float | None) -> Formula:
    """The value beside the name that stands in column A of the row."""
    names = table.cells(table.columns[0])
    return Formula(f"INDEX({table.cells('value')},MATCH($A{row},{names},0))", shown(printed))


def _checks(result: Assessment, printed: Printed, layout: Layout) -> Iterator[_Check]:
    """In the order of the names."""
    yield from _sums(result, layout)
    yield from _key_figures(result, printed.figures, layout)
    yield from _technical(result, printed.technical, layout)


def _sums(result: Assessment, layout: Layout) -> Iterator[_Check]:
    city, pupils, need, fit = result.city, layout.of("D"), layout.of("E"), layout.of("G")
    everyone = layout.all("D")
    yield _Check(f'IF(COUNT({everyone})=0,"–",SUM({everyone}))', city.pupils)
    yield _Check(f"SUM({need})", city.need)
    yield _Check(f"SUM({layout.all('F')})", city.total)
    yield _Check(f"IF(SUM({need})=0,0,SUM({fit}))", city.fit)
    yield _Check(_known(need, f"SUM({fit})/SUM({need})"), city.coverage)
    reached = f"SUMPRODUCT(({fit}>={need})*1,{pupils})/SUM({pupils})"
    yield _Check(f'IF(OR(SUM({need})=0,SUM({pupils})=0),"–",{reached})', city.at_target)
    yield _Check(f"SUM({layout.of('J')})", city.fit)


def _key_figures(result: Assessment, figures: Area, layout: Layout) -> Iterator[_Check]:
    city, need, fit, share = result.city, layout.of("E"), layout.of("G"), layout.of("H")
    large, split = layout.of("I"), layout.of("J")
    yield _Check(_known(need, f"MIN({share})"), city.worst.coverage if city.worst else None, figures)
    spread = f'IF(COUNT({large})<2,"–",IF(MAX({large})=0,"–",MIN({large})/MAX({large})))'
    yield _Check(spread, city.spread, figures)
    yield _Check(_known(need, f"SUMPRODUCT(({fit}>{split})*({fit}-{split}))"), city.to_move, figures)
    yield _Check(_known(need, f"SUMPRODUCT(({need}>{fit})*({need}-{fit}))"), city.shortfall, figures)
    first, second, weight = (cells(column, *layout.stage_rows) for column in "GHI")
    gap = None if city.language_gap is None else abs(city.language_gap.gap) * 100
    standardised = f"ABS(SUMPRODUCT({weight},{first})-SUMPRODUCT({weight},{second}))/SUM({weight})*100"
    yield _Check(f'IF(SUM({weight})=0,"–",{standardised})', gap, figures, decimals=1)


def _technical(result: Assessment, technical: Area, layout: Layout) -> Iterator[_Check]:
    need, fit, theil = layout.of("E"), layout.of("G"), result.city.technical.theil
    mean = f"(SUM({fit})/SUM({need}))"
    whole, between = f"SUM({layout.of('K')})", f"SUM({cells('D', *layout.language_rows)})"
    variation = f"SQRT(SUMPRODUCT({need},({fit}/{need}-{mean})^2)/SUM({need}))/{mean}"
    for formula, value in (
        (f"0.5*SUMPRODUCT(ABS({fit}/SUM({fit})-{need}/SUM({need})))", result.city.hoover),
        (variation, result.city.technical.variation),
        (whole, theil.total if theil else None),
        (between, theil.between if theil else None),
        (f"{whole}-{between}", theil.within if theil else None),
    ):
        yield _Check(f'IF(OR(SUM({need})=0,SUM({fit})=0),"–",{formula})', value, technical)


def _known(need: str, formula: str) -> str:
    return f'IF(SUM({need})=0,"–",{formula})'


def _write_parts(sheet: Sheet, result: Assessment, stages: Area, layout: Layout, t: Catalogue) -> None:
    for heading, name, columns, rows in (
        (N_("Units, from their stages"), "check_units", parts.UNITS, parts.unit_rows(result, stages, layout, t)),
        (N_("Stages by language"), "check_stages", parts.STAGE_PARTS, parts.stage_rows(result, stages, layout, t)),
        (N_("Languages"), "check_languages", parts.LANGUAGE_PARTS, parts.language_rows(result, layout, t)),
    ):
        sheet.heading(t(heading))
        sheet.table(name, Rows(columns, rows), ruled=True)
