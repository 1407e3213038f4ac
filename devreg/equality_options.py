"""Settings of what "enough" and "fit" mean; every number is printed in the equality report."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field

from devreg.domain.device import Battery, Kind, Stage, State
from devreg.domain.equality_quality import Memory, Part, Quality
from devreg.domain.equality_rules import PRESETS, Basis, Gates, Rules, StageTarget, ratio
from devreg.domain.windows_support import Edition
from devreg.faults import nearest
from devreg.plan_options import PlanOptions
from devreg.strict import Strict

Level = Annotated[float, Field(ge=0, le=1)]
Years = Annotated[int, Field(ge=1, le=20)]
Ratio = Annotated[Fraction, BeforeValidator(ratio)]
_SHIPPED: Final = Quality()
_MONTHS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Target(Strict):
    """Devices for each pupil or group of a stage."""

    devices: Ratio
    per: Basis = Basis.PUPIL


def _target(said: Any) -> Any:
    return said if isinstance(said, Target | dict) else {"devices": said}


Targets = dict[Stage, Annotated[Target, BeforeValidator(_target)]]


def _preset(name: str) -> str:
    if name not in PRESETS:
        near = nearest(name, PRESETS)
        raise ValueError(f"one of {', '.join(PRESETS)}" + (f"; did you mean {near}?" if near else ""))
    return name


def _year_end(text: str) -> str:
    month, _, day = text.partition("-")
    if not (month.isdigit() and day.isdigit() and 1 <= int(month) <= 12 and 1 <= int(day) <= _MONTHS[int(month) - 1]):
        raise ValueError('a day of the year such as "07-31"')
    return text


class MemoryOptions(Strict):
    """What a kind of device should have."""

    gigabytes: Annotated[int, Field(ge=1)]
    below: Level
    """The level of one with less memory or storage."""
    storage_gigabytes: Annotated[int, Field(ge=0)] = 0
    """0: storage is not looked at."""


class QualityOptions(Strict):
    """The quality score of fit devices, from 0 to 1: a mean of the parts that are known, by weight. Counts are shown without it too."""

    weights: dict[Part, Annotated[float, Field(ge=0)]] = Field(default_factory=lambda: dict(_SHIPPED.weights))
    """Of update support left, age, memory and storage, battery, condition. A part that is not named, or has 0, is not looked at."""
    support: tuple[Level, Level, Level, Level] = _SHIPPED.support
    """Levels of update support left when the school year ends: three years or more, two, one, less."""
    school_year_ends: Annotated[str, AfterValidator(_year_end)] = "07-31"
    life_years: dict[Kind, Years] = Field(default_factory=lambda: dict(_SHIPPED.life_years))
    """How long a device is expected to serve; its age counts against that."""
    memory: dict[Kind, MemoryOptions] = Field(
        default_factory=lambda: {
            kind: MemoryOptions(gigabytes=m.gigabytes, below=m.below, storage_gigabytes=m.storage_gigabytes)
            for kind, m in _SHIPPED.memory.items()
        }
    )
    """Memory and storage that a device should have, and the level of one with less. Kinds not named are not asked."""
    battery: dict[Battery, Level] = Field(default_factory=lambda: dict(_SHIPPED.battery))
    """Levels of what a device says of its battery."""
    condition: dict[str, Level] = Field(default_factory=lambda: dict(_SHIPPED.condition))
    """Levels of the conditions that people write; other words are not known."""

    @property
    def rules(self) -> Quality:
        """As the domain has it."""
        month, _, day = self.school_year_ends.partition("-")
        return Quality(
            weights=self.weights,
            support=self.support,
            life_years=self.life_years,
            memory={kind: Memory(m.gigabytes, m.below, m.storage_gigabytes) for kind, m in self.memory.items()},
            battery=self.battery,
            condition=self.condition,
            year_ends=(int(month), int(day)),
        )


class Equality(PlanOptions):
    """What "enough" and "fit" mean; every number here is printed in the report."""

    preset: Annotated[str, AfterValidator(_preset)] = "advanced"
    """Targets of all stages at once: entry, advanced or one_to_one. What `targets` names counts before it."""
    targets: Targets = {}
    """Devices per pupil by stage: "7-9" = 1.0, or "1:2" for one between two, or { devices = 2, per = "group" } for each group. A stage not
    named takes the preset's target."""
    targets_by_kind: dict[str, Targets] = {}
    """The same for units of one kind only, such as daycare or school; it counts before `targets`."""
    seen_within_days: Annotated[int, Field(ge=1)] = 90
    """A device unseen for longer is not fit; days off do not count (`[calendar]`)."""
    working: tuple[State, ...] = (State.IN_USE, State.IN_STOCK)
    """States of a device that a pupil could use today."""
    windows: Edition = Edition.EDUCATION
    """Which end of support holds for Windows: education (Education and Enterprise) or pro (Home and Pro)."""
    windows_10_paid_until: date | None = None
    """The last day of the security updates for Windows 10 that the city has bought, if it has."""
    small_unit: Annotated[int, Field(ge=0)] = 50
    """Units with fewer pupils are left out of lowest / highest."""
    daycare_device_price: Annotated[int, Field(ge=0)] | None = None
    """Euros for one device of a day-care centre, to tell what its gap would cost."""
    quality: QualityOptions = QualityOptions()

    @property
    def rules(self) -> Rules:
        """As the domain has them."""
        return Rules(
            targets=self._targets(),
            gates=Gates(self.seen_within_days, self.working, self.windows, self.windows_10_paid_until),
            quality=self.quality.rules,
            spread_min_pupils=self.small_unit,
            preset=self.preset,
            daycare_price=self.daycare_device_price,
        )

    def _targets(self) -> tuple[StageTarget, ...]:
        """Those of one kind of unit first: the first that fits counts."""
        chosen = {target.stage: target for target in PRESETS[self.preset]} | _by_stage(self.targets, None)
        apart = (target for kind, said in self.targets_by_kind.items() for target in _by_stage(said, kind).values())
        return (*apart, *(chosen[stage] for stage in Stage if stage in chosen))


def _by_stage(said: Mapping[Stage, Target], kind: str | None) -> dict[Stage, StageTarget]:
    return {stage: StageTarget(stage, target.devices, target.per, kind) for stage, target in said.items()}
