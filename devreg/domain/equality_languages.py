"""Two teaching languages side by side, stage by stage: what a gap between them is made of."""

from collections.abc import Sequence

import msgspec

from devreg.domain.device import Stage
from devreg.domain.equality_lines import UnitLine


class Sides(msgspec.Struct, frozen=True):
    """One stage in both languages; only units with a need at the stage."""

    stage: Stage
    pupils: int
    """Of the whole city, other languages too: the weight of the stage."""
    need: tuple[int, int]
    fit: tuple[int, int]

    @property
    def coverage(self) -> tuple[float | None, float | None]:
        """None: no unit of the language has the stage."""
        first, second = (fit / need if need else None for fit, need in zip(self.fit, self.need, strict=True))
        return first, second

    @property
    def gap(self) -> float | None:
        """First minus second; None where one is missing."""
        first, second = self.coverage
        return None if first is None or second is None else first - second


def side_by_side(units: Sequence[UnitLine], languages: tuple[str, str]) -> tuple[Sides, ...]:
    """Every stage of the school system, in its order."""
    return tuple(_sides(units, languages, stage) for stage in Stage)


def _sides(units: Sequence[UnitLine], languages: tuple[str, str], stage: Stage) -> Sides:
    lines = [(unit.unit.language, line) for unit in units for line in unit.stages if line.stage is stage and line.need]
    of = [[line for spoken, line in lines if spoken == language] for language in languages]
    need = [sum(line.need or 0 for line in group) for group in of]
    fit = [sum(line.devices.fit for line in group) for group in of]
    return Sides(stage, sum(line.pupils or 0 for _, line in lines), (need[0], need[1]), (fit[0], fit[1]))
