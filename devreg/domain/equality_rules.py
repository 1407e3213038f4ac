"""What equality is measured against: targets, gates and bands. Every number here is configurable and printed in the report."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from fractions import Fraction
from math import ceil
from typing import Final

import msgspec

from devreg.domain.device import Stage, State
from devreg.domain.equality_quality import Quality
from devreg.domain.windows_support import Edition


class Basis(StrEnum):
    """What a target counts."""

    PUPIL = "pupil"
    GROUP = "group"


class Band(StrEnum):
    """How a number is judged; shown as word, symbol and colour."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


class Reason(StrEnum):
    """The first gate that a device does not pass, in this order."""

    NOT_WORKING = "not_working"
    NOT_MANAGED = "not_managed"
    UNSUPPORTED = "unsupported"
    NOT_SEEN = "not_seen"


class StageTarget(msgspec.Struct, frozen=True):
    """How many devices a stage should have for each pupil, child or group."""

    stage: Stage
    devices: Fraction
    per: Basis = Basis.PUPIL
    kind: str | None = None
    """Only for units of this kind; None: for all that have no target of their own."""

    def need(self, heads: int) -> int:
        """Whole devices for so many pupils (or groups), rounded up: nobody works on half a device."""
        return ceil(heads * self.devices)


def ratio(value: float | str) -> Fraction:
    """An exact target from settings: 0.5, "1:2", "1/7" or 0.142857. Raises ValueError when it is no ratio above or at zero."""
    try:
        exact = Fraction(str(value).replace(":", "/")).limit_denominator(1000)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"target {value!r} is no ratio; write 0.5 or 1:2") from None
    if exact < 0:
        raise ValueError(f"target {value!r} is below zero; write 0.5 or 1:2")
    return exact


def _targets(**devices: str) -> tuple[StageTarget, ...]:
    return tuple(StageTarget(Stage[stage], ratio(share)) for stage, share in devices.items())


PRESETS: Final[Mapping[str, tuple[StageTarget, ...]]] = {
    "entry": _targets(
        ECE="1:21", PRE_PRIMARY="1:4", GRADES_1_2="1:4", GRADES_3_6="1:2", GRADES_7_9="1:1", UPPER_SECONDARY="1:1"
    ),
    "advanced": _targets(
        ECE="1:7", PRE_PRIMARY="1:2", GRADES_1_2="1:2", GRADES_3_6="1:1", GRADES_7_9="1:1", UPPER_SECONDARY="1:1"
    ),
    "one_to_one": _targets(
        ECE="1:7", PRE_PRIMARY="1:1", GRADES_1_2="1:1", GRADES_3_6="1:1", GRADES_7_9="1:1", UPPER_SECONDARY="1:1"
    ),
}
"""Levels after public plans of Finnish cities: pre-primary 1:2, lowest grades shared, one each from grade 3 or 4 on.

Upper secondary is one each in all of them: materials and tools are free there by law. Early childhood follows the
children for each educator in the decree (7): one device for each such small group; "entry" has one for a group of 21.
"""


class Gates(msgspec.Struct, frozen=True):
    """What a device must pass to be fit for use."""

    seen_days: int = 90
    """Days since any source saw it, days off not counted."""
    working: tuple[State, ...] = (State.IN_USE, State.IN_STOCK)
    """Lifecycle states of a device that a pupil could use today."""
    windows: Edition = Edition.EDUCATION
    windows_10_paid_until: date | None = None
    """Until when the city has bought security updates for Windows 10."""


class Bands(msgspec.Struct, frozen=True):
    """Limits of good and fair; beyond fair is poor."""

    coverage: tuple[float, float] = (1.0, 0.9)
    spread: tuple[float, float] = (0.9, 0.8)
    to_move: tuple[float, float] = (0.02, 0.05)
    """Hoover index."""
    language_gap: tuple[float, float] = (0.02, 0.05)
    """Difference of the two coverages, either way."""


class Rules(msgspec.Struct, frozen=True):
    """Everything the measures depend on beside the data."""

    targets: tuple[StageTarget, ...] = PRESETS["advanced"]
    gates: Gates = Gates()
    quality: Quality = Quality()
    bands: Bands = Bands()
    spread_min_pupils: int = 50
    """Smaller units are left out of lowest / highest: one device there is many per cent."""
    languages: tuple[str, str] = ("fi", "sv")
    kinds: tuple[str, ...] = ("school", "daycare")
    """Kinds of unit that are always in the report, with "no data" where nothing is known."""
    preset: str = "advanced"
    """The name of the level that stages without a target of their own take."""
    daycare_price: int | None = None
    """Euros for one device of a day-care centre."""

    def target(self, stage: Stage | None, kind: str | None = None) -> StageTarget | None:
        """The target of a stage in a kind of unit, if it has one: of the kind's own, else of all."""
        fitting = [t for t in self.targets if t.stage == stage and t.kind in {None, kind}]
        return next((t for t in fitting if t.kind is not None), fitting[0] if fitting else None)


def band_at_least(value: float | None, limits: tuple[float, float]) -> Band | None:
    """The band of a number that should be high; None for no data."""
    if value is None:
        return None
    return Band.GOOD if value >= limits[0] else Band.FAIR if value >= limits[1] else Band.POOR


def band_at_most(value: float | None, limits: tuple[float, float]) -> Band | None:
    """The band of a number that should be low; None for no data."""
    return band_at_least(None if value is None else -value, (-limits[0], -limits[1]))
