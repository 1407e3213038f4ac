"""What the check sheet calculates with: units from their stages, stages by language, languages by devices; all in formulas."""

from collections.abc import Iterator
from math import log
from typing import Final

import msgspec

from devreg.domain.device import Stage
from devreg.domain.equality import Assessment
from devreg.domain.equality_languages import side_by_side
from devreg.i18n import N_, Catalogue
from devreg.ports import Column, ColumnType
from exports.equality_words import STAGES, language_name
from exports.formulas import Formula, Result, cells
from exports.looks import Look, Styled
from exports.workbook import Area

_I, _N, _P = ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.PERCENT
UNITS: Final = (
    Column("unit_id", N_("Unit id")),
    Column("unit", N_("Unit")),
    Column("language", N_("Language")),
    Column("pupils", N_("Pupils"), _I),
    Column("need", N_("Need"), _I),
    Column("total", N_("All devices"), _I),
    Column("fit", N_("Fit devices"), _I),
    Column("coverage", N_("Coverage"), _P),
    Column("spread", N_("Coverage, if counted for the spread"), _P),
    Column("split", N_("Fit devices in an equal split"), _I),
    Column("theil", N_("Part of the Theil index"), _N),
    Column("report", N_("Coverage in the report"), _P),
    Column("difference", N_("Difference"), _N),
    Column("verdict", N_("Check")),
)
STAGE_PARTS: Final = (
    Column("stage", N_("Stage")),
    Column("pupils", N_("Pupils of stages with a need"), _I),
    Column("first_need", N_("Finnish: need"), _I),
    Column("first_fit", N_("Finnish: fit devices"), _I),
    Column("second_need", N_("Swedish: need"), _I),
    Column("second_fit", N_("Swedish: fit devices"), _I),
    Column("first", N_("Finnish: coverage"), _P),
    Column("second", N_("Swedish: coverage"), _P),
    Column("weight", N_("Weight: pupils, if both are known"), _I),
)
LANGUAGE_PARTS: Final = (
    Column("language", N_("Language")),
    Column("need", N_("Need"), _I),
    Column("fit", N_("Fit devices"), _I),
    Column("theil", N_("Part of the Theil index"), _N),
)
_INDEX: Final = Look(format="0.0000", align="right", indent=1, ruled=True)
_HEADS: Final = 2
"""Rows of a heading and a table's header."""


class Layout(msgspec.Struct, frozen=True):
    """Where the parts stand on the check sheet: formulas name rows that are not yet written."""

    top: int
    """First row of the units' heading."""
    units: int
    compared: int
    """Units with a need: they come first."""
    languages: int

    @property
    def unit_rows(self) -> tuple[int, int]:
        """First and last row; the last is before the first where there are none."""
        return self.top + _HEADS, self.top + _HEADS + self.units - 1

    @property
    def stage_rows(self) -> tuple[int, int]:
        """As `unit_rows`."""
        first = self.unit_rows[1] + 1 + _HEADS
        return first, first + len(Stage) - 1

    @property
    def language_rows(self) -> tuple[int, int]:
        """As `unit_rows`."""
        first = self.stage_rows[1] + 1 + _HEADS
        return first, first + self.languages - 1

    def all(self, column: str) -> str:
        """A column of every unit."""
        return cells(column, *self.unit_rows)

    def of(self, column: str) -> str:
        """A column of the units that are compared."""
        first, _ = self.unit_rows
        return cells(column, first, first + self.compared - 1)


def languages(result: Assessment) -> list[str | None]:
    """The teaching languages of the units that are compared."""
    return sorted(
        {unit.unit.language for unit in result.units if unit.need}, key=lambda code: (code is None, code or "")
    )


def unit_rows(result: Assessment, stages: Area, layout: Layout, t: Catalogue) -> Iterator[list[object]]:
    """One row a unit. `stages`: the table of the units' sheet."""
    ids, need, pupils = stages.cells("unit_id"), stages.cells("need"), stages.cells("pupils")
    large = result.rules.spread_min_pupils
    for row, unit in enumerate(result.units, layout.unit_rows[0]):
        its = f"EXACT({ids},$A{row})"
        fit = stages.cells("fit")
        known_fit = f"SUMPRODUCT({its}*ISNUMBER({need}),{fit})"
        yield [
            unit.unit.id,
            unit.unit.name(t.language),
            language_name(unit.unit.language, t),
            Formula(f'IF(SUMPRODUCT({its}*ISNUMBER({pupils}))=0,"–",SUMPRODUCT({its}*1,{pupils}))', shown(unit.pupils)),
            Formula(f'IF(SUMPRODUCT({its}*ISNUMBER({need}))=0,"–",SUMPRODUCT({its}*1,{need}))', shown(unit.need)),
            Formula(f"SUMPRODUCT({its}*1,{stages.cells('total')})", unit.total),
            Formula(f"IF(ISNUMBER(E{row}),{known_fit},SUMPRODUCT({its}*1,{fit}))", unit.fit),
            Formula(f'IF(N(E{row})=0,"–",G{row}/E{row})', shown(unit.coverage)),
            Formula(f'IF(N(D{row})>={large},H{row},"–")', shown(unit.coverage if (unit.pupils or 0) >= large else None)),
            shown(result.city.equal_split.get(unit.unit.id)),
            Styled(Formula(_theil(f"G{row}", f"E{row}", layout), _theil_of(unit.fit, unit.need or 0, result)), _INDEX),
            shown(unit.coverage),
            *compared(f"H{row}", f"L{row}", "0.0000001", shown(unit.coverage), t),
        ]  # fmt: skip


def stage_rows(result: Assessment, stages: Area, layout: Layout, t: Catalogue) -> Iterator[list[object]]:
    """One row a stage of the school system."""
    where, spoken = stages.cells("stage"), stages.cells("language")
    need, fit, pupils = stages.cells("need"), stages.cells("fit"), stages.cells("pupils")
    words = [f'"{language_name(language, t)}"' for language in result.rules.languages]
    for row, sides in enumerate(side_by_side(result.units, result.rules.languages), layout.stage_rows[0]):
        counted = f'{where},$A{row},{need},">0"'
        yield [
            t(STAGES[sides.stage]),
            Formula(f"SUMIFS({pupils},{counted})", sides.pupils),
            Formula(f"SUMIFS({need},{counted},{spoken},{words[0]})", sides.need[0]),
            Formula(f"SUMIFS({fit},{counted},{spoken},{words[0]})", sides.fit[0]),
            Formula(f"SUMIFS({need},{counted},{spoken},{words[1]})", sides.need[1]),
            Formula(f"SUMIFS({fit},{counted},{spoken},{words[1]})", sides.fit[1]),
            Formula(f'IF(C{row}=0,"–",D{row}/C{row})', shown(sides.coverage[0])),
            Formula(f'IF(E{row}=0,"–",F{row}/E{row})', shown(sides.coverage[1])),
            Formula(f"IF(AND(ISNUMBER(G{row}),ISNUMBER(H{row})),B{row},0)", 0 if sides.gap is None else sides.pupils),
        ]


def language_rows(result: Assessment, layout: Layout, t: Catalogue) -> Iterator[list[object]]:
    """One row a teaching language, over the units that are compared."""
    for row, language in enumerate(languages(result), layout.language_rows[0]):
        units = [unit for unit in result.units if unit.need and unit.unit.language == language]
        need, fit = sum(unit.need or 0 for unit in units), sum(unit.fit for unit in units)
        yield [
            language_name(language, t),
            Formula(f"SUMIFS({layout.of('E')},{layout.of('C')},$A{row})", need),
            Formula(f"SUMIFS({layout.of('G')},{layout.of('C')},$A{row})", fit),
            Styled(Formula(_theil(f"C{row}", f"B{row}", layout), _theil_of(fit, need, result)), _INDEX),
        ]


def compared(formula: str, report: str, allowed: str, value: Result, t: Catalogue, off: float = 0.0) -> list[Formula]:
    """The difference of two cells, and in words whether they agree. `off`: by how much the report's is rounded."""
    gap = f"{formula}-{report}"
    both = f"AND(ISNUMBER({formula}),ISNUMBER({report}))"
    good, bad = agrees(t), t("✗ differs")
    return [
        Formula(f'IF({both},{gap},"–")', value if isinstance(value, str) else off),
        Formula(f'IF(IF({both},ABS({gap})<={allowed},{formula}={report}),"{good}","{bad}")', good),
    ]


def agrees(t: Catalogue) -> str:
    """The verdict of a figure that is the same."""
    return t("✓ agrees")


def shown(value: float | None) -> Result:
    """A number, or the dash that stands for no data."""
    return "–" if value is None else value


def _theil(fit: str, need: str, layout: Layout) -> str:
    stock, wanted = f"SUM({layout.of('G')})", f"SUM({layout.of('E')})"
    return f"IF(OR(N({need})=0,N({fit})=0),0,{fit}/{stock}*LN({fit}/{need}/({stock}/{wanted})))"


def _theil_of(fit: int, need: int, result: Assessment) -> float:
    stock, wanted = result.city.fit, result.city.need
    return fit / stock * log(fit / need / (stock / wanted)) if fit and need else 0.0
