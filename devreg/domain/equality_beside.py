"""What belongs beside the city's numbers: one to one by stage, day-care centres apart, whether a ranking hangs on weights, pupil files."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

import msgspec

from devreg.domain.device import Stage
from devreg.domain.equality_lines import UnitLine

DAYCARE: Final = "daycare"


class PupilFile(msgspec.Struct, frozen=True, order=True):
    """A file that pupils were counted in, and for which day."""

    date: date
    name: str
    hash: str


class DaycareGap(msgspec.Struct, frozen=True):
    """Day-care centres on their own."""

    units: int
    need: int
    shortfall: int
    cost: int | None
    """Euros; None: the settings have no price."""


class WhatIf(msgspec.Struct, frozen=True):
    """Units by adjusted coverage, the lowest first: as weighted, and with every part of the score weighing alike."""

    weighted: tuple[str, ...]
    equally: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the ranking is the same."""
        return self.weighted == self.equally

    @property
    def moved(self) -> tuple[str, ...]:
        """Units that have another place."""
        return tuple(a for a, b in zip(self.weighted, self.equally, strict=True) if a != b)


def one_to_one(units: Sequence[UnitLine]) -> dict[Stage, float]:
    """Stage -> share of its pupils for whom there is a fit device of their own, unit by unit."""
    found: dict[Stage, float] = {}
    for stage in Stage:
        lines = [line for unit in units for line in unit.stages if line.stage is stage and line.pupils]
        if lines:
            found[stage] = sum(line.with_own or 0 for line in lines) / sum(line.pupils or 0 for line in lines)
    return found


def daycare_gap(units: Sequence[UnitLine], price: int | None) -> DaycareGap | None:
    """None where no day-care centre has a need."""
    centres = [unit for unit in units if unit.unit.kind == DAYCARE and unit.need]
    if not centres:
        return None
    short = sum(unit.shortfall or 0 for unit in centres)
    need = sum(unit.need or 0 for unit in centres)
    return DaycareGap(len(centres), need, short, None if price is None else short * price)


def what_if(units: Sequence[UnitLine]) -> WhatIf | None:
    """None where no two units can be ranked. Units whose quality nobody knows are left out."""
    known = [unit for unit in units if unit.need and unit.devices.adjusted is not None]
    if len(known) < 2:  # noqa: PLR2004  one unit has no ranking
        return None
    return WhatIf(
        _ranked(known, lambda unit: unit.devices.adjusted), _ranked(known, lambda unit: unit.devices.adjusted_equally)
    )


def pupil_files(units: Sequence[UnitLine]) -> tuple[PupilFile, ...]:
    """Every file that a pupil count in use came from, by day and name."""
    heads = [line.headcount for unit in units for line in unit.stages if line.headcount]
    return tuple(sorted({PupilFile(head.date, head.file, head.file_hash) for head in heads}))


def _ranked(units: Sequence[UnitLine], adjusted: Callable[[UnitLine], float | None]) -> tuple[str, ...]:
    # Rounded, so that sums taken in another order make no other ranking.
    by = sorted(units, key=lambda unit: (round((adjusted(unit) or 0.0) / (unit.need or 1), 9), unit.unit.id))
    return tuple(unit.unit.id for unit in by)
