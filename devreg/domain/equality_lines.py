"""The lines of the equality report: what each unit and each of its stages needs and has."""

from datetime import date
from enum import StrEnum
from functools import reduce

import msgspec

from devreg.domain.device import Stage
from devreg.domain.equality_counts import DeviceCount, add
from devreg.domain.equality_measures import Place
from devreg.domain.equality_rules import StageTarget


class UnitInput(msgspec.Struct, frozen=True):
    """A school or day-care centre as the register knows it."""

    id: str
    name_fi: str | None = None
    name_sv: str | None = None
    language: str | None = None
    """Teaching language: "fi", "sv" or another; None = not said."""
    kind: str | None = None
    """school, daycare, ..."""
    campus: str | None = None
    """Id shared by units under one roof; devices known only by campus are split between them."""

    def name(self, language: str) -> str:
        """The name in a reader's language, else in the unit's own, else whichever there is."""
        names = {"fi": self.name_fi, "sv": self.name_sv}
        return names.get(language) or names.get(self.language or "") or self.name_fi or self.name_sv or self.id


class Headcount(msgspec.Struct, frozen=True):
    """Pupils (or children) of a unit on a day, as one file says."""

    unit: str
    stage: Stage | None
    date: date
    pupils: int | None = None
    groups: int | None = None
    file: str = ""
    file_hash: str = ""


class Flag(StrEnum):
    """What a reader must know about a line before trusting it."""

    NO_COUNT = "no_count"
    """Pupils not known."""
    NO_STAGE = "no_stage"
    """Pupils known, but not of which stage, so there is no target for them."""
    NO_TARGET = "no_target"
    """The stage has no target."""
    SPLIT_STAGE = "split_stage"
    """Devices without a stage were split by need."""
    SPLIT_CAMPUS = "split_campus"
    """Devices known only by campus were split by pupils."""
    COUNTS_DIFFER = "counts_differ"
    """Two files give different pupils for the same day; the larger number is used."""


class StageLine(msgspec.Struct, frozen=True):
    """One stage of one unit."""

    stage: Stage | None
    """None: pupils or devices whose stage nobody says."""
    devices: DeviceCount
    headcount: Headcount | None = None
    target: StageTarget | None = None
    need: int | None = None
    """Whole devices; None = no data."""
    flags: tuple[Flag, ...] = ()

    @property
    def pupils(self) -> int | None:
        """Pupils or children; None = no data."""
        return self.headcount.pupils if self.headcount else None

    @property
    def coverage(self) -> float | None:
        """Fit devices for each one needed; None without a need."""
        return self.devices.fit / self.need if self.need else None

    @property
    def shortfall(self) -> int | None:
        """Devices missing; None = no data."""
        return None if self.need is None else max(0, self.need - self.devices.fit)

    @property
    def with_own(self) -> int | None:
        """Pupils for whom there is a fit device of their own; None = no data."""
        return None if self.pupils is None else min(self.pupils, self.devices.fit)


class UnitLine(msgspec.Struct, frozen=True):
    """One unit. Need, fit and coverage hold the stages whose need is known; `outside` counts the devices of the others."""

    unit: UnitInput
    stages: tuple[StageLine, ...]
    """In school order; a line without a stage last."""

    @property
    def known(self) -> tuple[StageLine, ...]:
        """The stages that can be measured."""
        return tuple(line for line in self.stages if line.need is not None)

    @property
    def pupils(self) -> int | None:
        """Pupils of all stages that have a count; None = no data."""
        counts = [line.pupils for line in self.stages if line.pupils is not None]
        return sum(counts) if counts else None

    @property
    def need(self) -> int | None:
        """Whole devices over the known stages; None = no data."""
        return sum(line.need or 0 for line in self.known) if self.known else None

    @property
    def devices(self) -> DeviceCount:
        """The devices that `fit` and its quality are told of, with the unfit ones of the same stages."""
        counts = [line.devices for line in self.known or self.stages]
        return reduce(add, counts, DeviceCount(self.unit.id, None))

    @property
    def one_to_one(self) -> float | None:
        """Share of the pupils for whom there is a fit device of their own at their stage; None = no data."""
        own = [line.with_own for line in self.stages if line.with_own is not None]
        return sum(own) / self.pupils if self.pupils else None

    @property
    def total(self) -> int:
        """All pupil devices, fit or not, of every stage."""
        return sum(line.devices.total for line in self.stages)

    @property
    def fit(self) -> int:
        """Fit devices that are compared with the need; all fit ones where there is no need."""
        return sum(line.devices.fit for line in self.known or self.stages)

    @property
    def outside(self) -> int:
        """Fit devices of stages without a known need, in a unit that has others."""
        return sum(line.devices.fit for line in self.stages) - self.fit

    @property
    def coverage(self) -> float | None:
        """Fit devices for each one needed; None without a need. A surplus at one stage counts for another."""
        return self.fit / self.need if self.need else None

    @property
    def shortfall(self) -> int | None:
        """Devices missing; None = no data."""
        return None if self.need is None else max(0, self.need - self.fit)

    @property
    def surplus(self) -> int | None:
        """Fit devices beyond the need; None = no data."""
        return None if self.need is None else max(0, self.fit - self.need)

    @property
    def flags(self) -> tuple[Flag, ...]:
        """The flags of its stages, each once."""
        return tuple(flag for flag in Flag if any(flag in line.flags for line in self.stages))

    @property
    def place(self) -> Place | None:
        """The unit on the scale of coverage; None without a need."""
        return Place(self.need, self.fit, self.unit.language or "") if self.need else None
