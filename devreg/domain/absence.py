"""What an unseen record means: nothing, unless its source was read whole.

Absent is never gone: `missing` is a soft state, nothing is deleted, and a run that would call too much
missing is held until a person accepts it. Numbers follow Entra's and Google's own deletion guards.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

_ALWAYS_ALLOWED: Final = 10
_SHARE: Final = 0.05


class Verdict(StrEnum):
    """How a run ended."""

    RUNNING = "running"
    COMPLETE = "complete"
    PARTIAL = "partial"
    """Some part could not be read: what came is kept, nothing is called missing."""
    HELD = "held"
    """Read whole, but too much disappeared (or too many records were bad): a person must accept it."""
    FAILED = "failed"


class Judgement(msgspec.Struct, frozen=True):
    """Whether the unseen may be marked missing."""

    held_reason: str | None

    @property
    def may_mark(self) -> bool:
        """True when nothing speaks against marking."""
        return self.held_reason is None


class Grace(msgspec.Struct, frozen=True):
    """How long a source must not list a record before it counts as gone. Both must have passed."""

    runs: int = 1
    """Runs that could have listed it and did not."""
    span: timedelta = timedelta(0)
    """Time since it was last listed."""


class Missed(msgspec.Struct, frozen=True):
    """A record that a run did not see."""

    record_id: int
    part: str
    seen_run: int
    last_seen: datetime


class Look(msgspec.Struct, frozen=True):
    """A run that was read to its end."""

    run_id: int
    """The one that began its pass, where the pass took several runs: what was seen since then was seen by it."""
    silent: frozenset[str]
    """Parts that could not be read."""

    def could_see(self, part: str) -> bool:
        """Whether a record of the part would have been seen; what belongs to no part needs a run without silent ones."""
        return part not in self.silent and (part != "" or not self.silent)


def already_missed(missed: Iterable[Missed], earlier: Sequence[Look]) -> set[int]:
    """Those that an earlier look did not see either: they are no news, and must not hold the next run again."""
    return {item.record_id for item in missed if _misses(item, earlier)}


def overdue(missed: Iterable[Missed], looks: Sequence[Look], grace: Grace, now: datetime) -> list[int]:
    """Records whose grace is over. `looks` are all since the oldest of them was seen, the last one included."""
    return [
        item.record_id for item in missed if now - item.last_seen >= grace.span and _misses(item, looks) >= grace.runs
    ]


def _misses(item: Missed, looks: Iterable[Look]) -> int:
    return sum(look.run_id > item.seen_run and look.could_see(item.part) for look in looks)


def judge(known: int, unseen: int) -> Judgement:
    """Whether `unseen` of the `known` live records of a completely read source may be marked missing."""
    if unseen and unseen == known:
        return Judgement(f"the source listed none of its {known} known records")
    if unseen > max(_ALWAYS_ALLOWED, _SHARE * known):
        return Judgement(f"{unseen} of {known} known records disappeared at once")
    return Judgement(None)


def too_many_rejected(rejected: int, total: int) -> bool:
    """Whether a run must be held because over a fifth of its records could not be used."""
    return rejected * 5 > total and rejected > 1
