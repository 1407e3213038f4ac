"""What a plan is made of: move what exists first, buy what is missing second, so that no school stage is left behind.

Counted are devices that will serve a stage to the end of the plan: of a kind that the stage uses, supported and not given
back to a lessor before. Source: equality.md 3.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Final

import msgspec

from devreg.domain.device import Kind, Stage

STORE: Final = ""
"""The place of devices in stock that belong to no school or day-care centre."""

PUPIL_KINDS: Final[Mapping[Stage, tuple[Kind, ...]]] = {
    Stage.ECE: (Kind.TABLET, Kind.CHROMEBOOK, Kind.LAPTOP),
    Stage.PRE_PRIMARY: (Kind.TABLET, Kind.CHROMEBOOK, Kind.LAPTOP),
    Stage.GRADES_1_2: (Kind.TABLET, Kind.CHROMEBOOK, Kind.LAPTOP),
    Stage.GRADES_3_6: (Kind.CHROMEBOOK, Kind.LAPTOP, Kind.TABLET, Kind.DESKTOP),
    Stage.GRADES_7_9: (Kind.CHROMEBOOK, Kind.LAPTOP, Kind.DESKTOP),
    Stage.UPPER_SECONDARY: (Kind.LAPTOP, Kind.CHROMEBOOK, Kind.DESKTOP),
}
"""Kinds that a stage can work with, as long as the city says nothing else; the first is what is bought for it."""

MOST_YEARS: Final = 3
"""Support that lasts longer beyond the plan makes no difference to it."""
_SPARE_DAYS: Final = 92
"""A plan made shortly before the summer holidays is one for the next school year."""


class Lease(StrEnum):
    """How long a lessor leaves us a device."""

    NONE = "not_leased"
    BEYOND = "lease_goes_on"
    """Beyond the plan's end and the margin that a move must be worth."""
    SHORT = "lease_ends_soon"
    """After the plan's end, but too soon to be worth a move."""
    ENDING = "lease_ends"
    """Before the plan's end."""
    UNDATED = "lease_undated"
    """Nobody says when it ends."""


class Hindrance(StrEnum):
    """Why devices can't be counted on, or can't be moved."""

    WRONG_KIND = "wrong_kind"
    SUPPORT_ENDS = "support_ends"
    LEASE_ENDS = "lease_ends"
    LEASE_ENDS_SOON = "lease_ends_soon"
    LEASE_UNDATED = "lease_undated"
    FIXED = "stays_here"
    """Known only by the campus, so that nobody can say which unit gives it away; or on its way already."""


class DeviceClass(msgspec.Struct, frozen=True):
    """Devices that are the same to the plan."""

    kind: Kind
    os: str | None = None
    memory_gb: int | None = None
    """4 (less than 8), 8 (or more); None: not said."""
    support_years: int | None = None
    """Whole years of support beyond the plan's end, at most `MOST_YEARS`; -1: it ends before; None: not said."""
    lease: Lease = Lease.NONE
    fixed: bool = False
    """Known only by the campus it is on, or on its way there already."""

    @property
    def order(self) -> tuple[str, str, int, int, str, bool]:
        """What classes are sorted by, so that the same register gives the same plan."""
        years = -2 if self.support_years is None else self.support_years
        return str(self.kind), self.os or "", self.memory_gb or 0, years, str(self.lease), self.fixed

    def unfit_for(self, kinds: tuple[Kind, ...]) -> Hindrance | None:
        """Why devices of the class don't serve a stage that uses these kinds to the plan's end; None: they do."""
        if self.kind not in kinds:
            return Hindrance.WRONG_KIND
        if self.support_years == -1:
            return Hindrance.SUPPORT_ENDS
        return Hindrance.LEASE_ENDS if self.lease is Lease.ENDING else None

    @property
    def bound_by(self) -> Hindrance | None:
        """Why devices of the class stay where they are; None: they can be moved."""
        if self.fixed:
            return Hindrance.FIXED
        return _BINDING.get(self.lease)


_BINDING: Final = {
    Lease.ENDING: Hindrance.LEASE_ENDS,
    Lease.SHORT: Hindrance.LEASE_ENDS_SOON,
    Lease.UNDATED: Hindrance.LEASE_UNDATED,
}


class Need(msgspec.Struct, frozen=True):
    """Whole devices that a stage of a unit should have."""

    unit: str
    stage: Stage
    devices: int


class Task(msgspec.Struct, frozen=True):
    """What a plan is made for."""

    needs: tuple[Need, ...]
    stock: Mapping[tuple[str, DeviceClass], int]
    """Devices by place (a unit's id, or `STORE`) and class."""
    kinds: Mapping[Stage, tuple[Kind, ...]] = msgspec.field(default_factory=lambda: PUPIL_KINDS)
    prices: Mapping[Kind, int] = {}
    """In cents. What has no price here is not bought where a budget is to be kept."""

    def kind_bought(self, need: Need) -> Kind | None:
        """What is bought for a stage; None: nothing serves it."""
        return next(iter(self.kinds.get(need.stage, ())), None)


class Scenario(StrEnum):
    """Ways to close the gap, the mildest first."""

    SURPLUS = "A"
    """Move only what units have beyond their need."""
    SHARE = "B"
    """Share the shortage: units above the city's level give too."""
    BUDGET = "C"
    """As B, and spend the budget."""
    FULL = "D"
    """Move the surplus, and buy all that is missing."""

    @property
    def spares_donors(self) -> bool:
        """Whether nobody may end below its own need or, where it lacks devices already, below what it has."""
        return self in {Scenario.SURPLUS, Scenario.FULL}


class Move(msgspec.Struct, frozen=True):
    """So many devices of a class from a place to a stage of a unit."""

    source: str
    target: str
    stage: Stage
    of: DeviceClass
    devices: int


class Purchase(msgspec.Struct, frozen=True):
    """So many new devices for a stage of a unit."""

    unit: str
    stage: Stage
    kind: Kind
    devices: int
    price_cents: int | None
    """Of one; None: not known."""


class Result(msgspec.Struct, frozen=True):
    """What a stage of a unit has before and after."""

    need: Need
    before: int
    moved: int
    """After the moves: what stays, and what came."""
    bought: int = 0

    @property
    def after(self) -> int:
        """With what is bought."""
        return self.moved + self.bought


class Job(StrEnum):
    """What is done with a device that moves, in this order."""

    WIPE = "wipe_first"
    """It may hold what its last user left."""
    MOVE = "move"
    """The register says where it is from then on."""
    ENROL = "enrol"
    """Into the groups, the organisational unit and the cost centre of where it goes."""
    LABEL = "label"
    LESSOR = "tell_lessor"
    """A move changes only where a leased device is; the lessor's record must follow."""


class MoveState(StrEnum):
    """How a move stands."""

    TO_DO = "to_do"
    BEGUN = "begun"
    DONE = "done"
    DROPPED = "given_up"


def jobs(*, used: bool, leased: bool) -> tuple[Job, ...]:
    """What a device asks for that moves: one that was in somebody's hands is wiped, of a leased one the lessor is told."""
    left_out = {job for job, asked in ((Job.WIPE, used), (Job.LESSOR, leased)) if not asked}
    return tuple(job for job in Job if job not in left_out)


def move_ref(number: int) -> str:
    """`M000012` for 12."""
    return f"M{number:06d}"


class Plan(msgspec.Struct, frozen=True):
    """What one scenario comes to. Moves and purchases in a stable order."""

    scenario: Scenario
    moves: tuple[Move, ...]
    purchases: tuple[Purchase, ...]
    results: tuple[Result, ...]
    solver: str
    proven: bool
    """Whether nothing can be better; else the time was up, and it is the best that was found."""

    @property
    def worst(self) -> Fraction | None:
        """Coverage of the stage that has least of its need; None without any need."""
        return min((Fraction(line.after, line.need.devices) for line in self.results), default=None)

    @property
    def short(self) -> int:
        """Devices still missing."""
        return sum(line.need.devices - line.after for line in self.results)

    @property
    def moved(self) -> int:
        """Devices that change place."""
        return sum(move.devices for move in self.moves)

    @property
    def bought(self) -> int:
        """Devices to buy."""
        return sum(purchase.devices for purchase in self.purchases)

    @property
    def cost_cents(self) -> int | None:
        """Of all purchases; None: the price of some is not known."""
        costs = [None if p.price_cents is None else p.price_cents * p.devices for p in self.purchases]
        known = [cost for cost in costs if cost is not None]
        return sum(known) if len(known) == len(costs) else None


def plan_end(as_of: date) -> date:
    """The end of the school year that the plan is for. Source: Basic Education Act 628/1998 section 23 (1 August to 31 July)."""
    day = as_of + timedelta(days=_SPARE_DAYS)
    return date(day.year + (day.month > 7), 7, 31)
