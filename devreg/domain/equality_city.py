"""The city's numbers: worst unit, spread, devices to move, shortage, language gap, and the technical measures."""

from collections.abc import Sequence
from math import fsum

import msgspec

from devreg.domain.device import Stage
from devreg.domain.equality_languages import side_by_side
from devreg.domain.equality_lines import UnitLine
from devreg.domain.equality_measures import (
    Place,
    Theil,
    apportion,
    gini,
    hoover,
    hoover_without_one,
    mcloone,
    mean,
    ratio_range,
    spread,
    theil,
    variation,
)
from devreg.domain.equality_rules import Rules


class LanguageGap(msgspec.Struct, frozen=True):
    """Coverage of two language groups at the same mix of stages (direct standardisation on the city's pupils)."""

    first: float
    """Coverage of the first language of the rules (fi)."""
    second: float
    stages: tuple[Stage, ...]
    """Stages that both languages have; only these are compared."""

    @property
    def gap(self) -> float:
        """First minus second."""
        return self.first - self.second


class Technical(msgspec.Struct, frozen=True):
    """Measures for those who know them; None where one says nothing."""

    variation: float | None
    gini: float | None
    theil: Theil | None
    """Groups are the teaching languages."""
    ratio_range: float | None
    mcloone: float | None
    hoover_without_one: tuple[float, float] | None


class City(msgspec.Struct, frozen=True):
    """All units together. Only units with a need are compared."""

    pupils: int | None
    need: int
    total: int
    """All pupil devices placed in a unit, fit or not, compared or not."""
    fit: int
    """Fit devices of the compared units."""
    coverage: float | None
    worst: UnitLine | None
    spread: float | None
    """Lowest coverage as a share of the highest, among units large enough."""
    hoover: float | None
    to_move: int | None
    """Whole devices that would have to change unit for equal coverage of what exists."""
    equal_split: dict[str, int]
    """Fit devices of each unit after that, by unit id."""
    shortfall: int | None
    surplus: int | None
    at_target: float | None
    """Share of the pupils of compared units whose unit has all it needs."""
    language_gap: LanguageGap | None
    technical: Technical

    @property
    def movable(self) -> int | None:
        """Part of the shortage that spare devices of other units could cover; the rest must be got."""
        return None if self.shortfall is None else min(self.shortfall, self.surplus or 0)


def city_of(units: Sequence[UnitLine], rules: Rules) -> City:
    """The city's numbers. The order of the units does not matter."""
    compared = [unit for unit in units if unit.need]
    places = _places(compared)
    large = [unit for unit in compared if (unit.pupils or 0) >= rules.spread_min_pupils]
    split = equal_split(compared)
    heads = [unit.pupils for unit in units if unit.pupils is not None]
    return City(
        pupils=sum(heads) if heads else None,
        need=sum(unit.need or 0 for unit in compared),
        total=sum(unit.total for unit in units),
        fit=sum(unit.fit for unit in compared),
        coverage=mean(places),
        worst=min(compared, key=lambda unit: (unit.coverage or 0, -(unit.need or 0), unit.unit.id), default=None),
        spread=spread(_places(large)),
        hoover=hoover(places),
        to_move=sum(max(0, unit.fit - split[unit.unit.id]) for unit in compared) if split else None,
        equal_split=split,
        shortfall=sum(unit.shortfall or 0 for unit in compared) if compared else None,
        surplus=sum(unit.surplus or 0 for unit in compared) if compared else None,
        at_target=_share_at_target(compared),
        language_gap=language_gap(units, rules.languages),
        technical=_technical(places),
    )


def equal_split(units: Sequence[UnitLine]) -> dict[str, int]:
    """What each unit would have if the fit devices that exist were spread by need."""
    weights = {unit.unit.id: unit.need for unit in units if unit.need}
    return apportion(sum(unit.fit for unit in units), weights) if weights else {}


def language_gap(units: Sequence[UnitLine], languages: tuple[str, str]) -> LanguageGap | None:
    """The gap between two teaching languages; None when no stage has both."""
    both = [sides for sides in side_by_side(units, languages) if sides.gap is not None]
    pupils = sum(sides.pupils for sides in both)
    if not pupils:
        return None
    first, second = (fsum(sides.pupils * (sides.coverage[side] or 0) for sides in both) / pupils for side in (0, 1))
    return LanguageGap(first, second, tuple(sides.stage for sides in both))


def _technical(places: Sequence[Place]) -> Technical:
    return Technical(
        variation(places), gini(places), theil(places), ratio_range(places), mcloone(places), hoover_without_one(places)
    )


def _places(units: Sequence[UnitLine]) -> list[Place]:
    return [unit.place for unit in units if unit.place]


def _share_at_target(units: Sequence[UnitLine]) -> float | None:
    pupils = sum(unit.pupils or 0 for unit in units)
    reached = sum(unit.pupils or 0 for unit in units if unit.shortfall == 0)
    return reached / pupils if pupils else None
