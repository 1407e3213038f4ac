"""What changed between two kept pictures of equality, and what can't be compared between them."""

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec


class UnitPoint(msgspec.Struct, frozen=True):
    """A unit in a picture."""

    need: int | None
    fit: int
    """Of the stages whose need is known."""
    targets: tuple[tuple[str, str], ...] = ()
    """Stage and target, in order."""

    @property
    def coverage(self) -> float | None:
        """None without a need."""
        return self.fit / self.need if self.need else None


class Point(msgspec.Struct, frozen=True):
    """A kept picture."""

    day: date
    devices_on: date
    pupils_on: date | None
    need: int
    fit: int
    coverage: float | None
    hoover: float | None
    shortfall: int | None
    units: Mapping[str, UnitPoint]
    gates: str = ""
    """What makes a device fit, in a form that is the same when it is."""


class Change(msgspec.Struct, frozen=True):
    """From one picture to a later one."""

    before: Point
    after: Point
    better: tuple[tuple[str, float], ...]
    """Units whose coverage rose and by how much, the most first; only those measured both times by the same targets."""
    worse: tuple[tuple[str, float], ...]
    same: int
    come: tuple[str, ...]
    """Units with a coverage now only."""
    gone: tuple[str, ...]
    """Units with a coverage then only."""
    other_targets: tuple[str, ...]
    """Units whose stages or targets differ: their coverages say nothing of each other."""

    @property
    def is_comparable(self) -> bool:
        """Whether the two cities were measured by the same yardstick; the units and pupils may differ."""
        return not self.other_targets and self.before.gates == self.after.gates

    @property
    def other_gates(self) -> bool:
        """Whether something else makes a device fit."""
        return self.before.gates != self.after.gates

    @property
    def same_pupils(self) -> bool:
        """Whether pupils of the same day were counted."""
        return self.before.pupils_on == self.after.pupils_on


def changed(before: Point, after: Point) -> Change:
    """What a picture says beside an earlier one. Units go by their ids, so that a renamed school stays one."""
    then = {key: unit for key, unit in before.units.items() if unit.coverage is not None}
    now = {key: unit for key, unit in after.units.items() if unit.coverage is not None}
    both = sorted(then.keys() & now.keys())
    other = tuple(key for key in both if then[key].targets != now[key].targets)
    steps = {key: (now[key].coverage or 0.0) - (then[key].coverage or 0.0) for key in both if key not in other}
    ranked = sorted(steps.items(), key=lambda step: (-abs(step[1]), step[0]))
    return Change(
        before,
        after,
        better=tuple(step for step in ranked if step[1] > 0),
        worse=tuple(step for step in ranked if step[1] < 0),
        same=sum(step == 0 for step in steps.values()),
        come=tuple(sorted(now.keys() - then.keys())),
        gone=tuple(sorted(then.keys() - now.keys())),
        other_targets=other,
    )


def series(points: Sequence[Point]) -> tuple[tuple[Point, bool], ...]:
    """The pictures by day, each with whether it can be compared with the one before; a line in a chart breaks where it can't."""
    ordered = sorted(points, key=lambda point: point.day)
    before: list[Point | None] = [None, *ordered[:-1]] if ordered else []
    return tuple(
        (point, earlier is not None and changed(earlier, point).is_comparable)
        for earlier, point in zip(before, ordered, strict=True)
    )
