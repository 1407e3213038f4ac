"""How good a fit device is: a score from 0 to 1 over the parts that are known. Every number is configurable and printed.

A part that nobody knows is left out and the weights of the others grow: unknown is never bad. How much was known is told beside it.
Sources of the shipped numbers are named in docs/equality.md.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import msgspec

from devreg.domain.device import Battery, Kind

DAYS_IN_FOUR_YEARS: Final = 1_461
MONTHS_IN_FOUR_YEARS: Final = 48
_BYTES_OF_A_FULL_GB: Final = 900_000_000
"""A device of 8 GB tells a little less than 8,000,000,000 bytes: some of it is its own."""


class Part(StrEnum):
    """What the score looks at."""

    SUPPORT = "support"
    AGE = "age"
    MEMORY = "memory"
    BATTERY = "battery"
    CONDITION = "condition"


class Memory(msgspec.Struct, frozen=True):
    """What a kind of device should have."""

    gigabytes: int
    below: float
    """The level of a device with less memory, or less storage, than it should have."""
    storage_gigabytes: int = 0
    """0: storage is not looked at."""

    @property
    def least_ram(self) -> int:
        """Bytes."""
        return self.gigabytes * _BYTES_OF_A_FULL_GB

    @property
    def least_storage(self) -> int:
        """Bytes."""
        return self.storage_gigabytes * _BYTES_OF_A_FULL_GB


_PC: Final = Memory(8, 0.3, 100)


class Quality(msgspec.Struct, frozen=True):
    """Weights and levels."""

    weights: Mapping[Part, float] = MappingProxyType(
        {Part.SUPPORT: 0.35, Part.AGE: 0.20, Part.MEMORY: 0.20, Part.BATTERY: 0.15, Part.CONDITION: 0.10}
    )
    support: tuple[float, float, float, float] = (1.0, 0.8, 0.5, 0.2)
    """Levels of three years or more left, two, one, and less."""
    life_years: Mapping[Kind, int] = MappingProxyType(
        {Kind.PHONE: 4, Kind.TABLET: 5, Kind.LAPTOP: 5, Kind.CHROMEBOOK: 8, Kind.DESKTOP: 6}
    )
    memory: Mapping[Kind, Memory] = MappingProxyType(
        {Kind.LAPTOP: _PC, Kind.DESKTOP: _PC, Kind.CHROMEBOOK: Memory(8, 0.7)}
    )
    battery: Mapping[Battery, float] = MappingProxyType(
        {Battery.NORMAL: 1.0, Battery.REPLACE_SOON: 0.5, Battery.REPLACE_NOW: 0.0}
    )
    condition: Mapping[str, float] = MappingProxyType({"A": 1.0, "B": 0.8, "C": 0.4})
    """As people write it; another word is not known."""
    year_ends: tuple[int, int] = (7, 31)
    """Month and day of the school year's last day."""

    def year_end(self, day: date) -> date:
        """The last day of the school year that the day is in."""
        this = day.replace(month=self.year_ends[0], day=self.year_ends[1])
        return this if day <= this else this.replace(year=day.year + 1)

    def support_limits(self, day: date) -> Iterator[tuple[date, float]]:
        """From which end of support on which level is reached, the best first; below all of them the last level holds."""
        ends = self.year_end(day)
        for years, level in zip((3, 2, 1), self.support, strict=False):
            yield ends.replace(year=ends.year + years), level

    @property
    def weighed(self) -> tuple[Part, ...]:
        """Parts that count at all."""
        return tuple(part for part in Part if self.weights.get(part, 0) > 0)


class Condition(msgspec.Struct, frozen=True):
    """What the score asks of one device; None = nobody says."""

    kind: Kind | None = None
    support_end: date | None = None
    purchase_date: date | None = None
    ram_bytes: int | None = None
    storage_bytes: int | None = None
    battery: Battery | None = None
    condition: str | None = None


class Score(msgspec.Struct, frozen=True):
    """What came of it."""

    levels: Mapping[Part, float]
    """Parts that are known."""
    quality: float | None
    """None: no part is known."""
    equally: float | None
    """The same with all weights alike: whether a result hangs on the weights."""
    complete: float
    """Share of the weight of all parts that such a device has which is known."""


def score(device: Condition, quality: Quality, day: date) -> Score:
    """The score of one fit device on a day."""
    weights = quality.weights
    found = {part: _level(part, device, quality, day) for part in Part}
    levels = {part: level for part, level in found.items() if level is not None}
    weighed = {part: level for part, level in levels.items() if part in quality.weighed}
    known = sum(weights[part] for part in weighed)
    asked = sum(weights[part] for part in quality.weighed if applies(part, device.kind, quality))
    return Score(
        levels,
        sum(weights[part] * level for part, level in weighed.items()) / known if known else None,
        sum(weighed.values()) / len(weighed) if weighed else None,
        known / asked if asked else 0.0,
    )


def applies(part: Part, kind: Kind | None, quality: Quality) -> bool:
    """Whether such a device has the part at all; of a device of unknown kind every part is asked."""
    match part:
        case Part.AGE:
            return kind is None or kind in quality.life_years
        case Part.MEMORY:
            return kind is None or kind in quality.memory
        case Part.BATTERY:
            return kind != Kind.DESKTOP
        case _:
            return True


def age_days(purchase_date: date, day: date) -> int:
    """Days since then; a device bought tomorrow is new."""
    return max(0, (day - purchase_date).days)


def age_months(days: int) -> int:
    """Whole months, as medians are told."""
    return days * MONTHS_IN_FOUR_YEARS // DAYS_IN_FOUR_YEARS


def _level(part: Part, device: Condition, quality: Quality, day: date) -> float | None:
    if not applies(part, device.kind, quality):
        return None
    match part:
        case Part.SUPPORT:
            return _support(device.support_end, quality, day)
        case Part.AGE:
            life = quality.life_years.get(device.kind) if device.kind else None
            if life is None or device.purchase_date is None:
                return None
            return max(0.0, 1 - age_days(device.purchase_date, day) * 4 / (life * DAYS_IN_FOUR_YEARS))
        case Part.MEMORY:
            return _memory(device, quality)
        case Part.BATTERY:
            return None if device.battery is None else quality.battery.get(device.battery)
        case Part.CONDITION:
            return None if device.condition is None else quality.condition.get(device.condition)


def _support(end: date | None, quality: Quality, day: date) -> float | None:
    if end is None:
        return None
    reached = (level for limit, level in quality.support_limits(day) if end >= limit)
    return next(reached, quality.support[-1])


def _memory(device: Condition, quality: Quality) -> float | None:
    wanted = quality.memory.get(device.kind) if device.kind else None
    if wanted is None or device.ram_bytes is None:
        return None
    has_little = device.storage_bytes is not None and device.storage_bytes < wanted.least_storage
    return wanted.below if device.ram_bytes < wanted.least_ram or has_little else 1.0
