"""What people are told of a thing that lasts: that it began, that it still lasts, that it is over; and when they are left in peace."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

BEGINNINGS: Final = 3
"""What comes and goes is told so often within a day; after that once it has settled."""
_DAY: Final = timedelta(days=1)
_SLOW: Final = dict.fromkeys(
    ("leaver", "leaving", "notice_due", "return_window", "overdue", "lost_lease", "support_gap", "support_ending"),
    timedelta(weeks=1),
) | dict.fromkeys(("idle_leases", "lease_cliff"), timedelta(days=30))
"""Kinds that people work off over weeks: told again so seldom, not every day."""


class Phase(StrEnum):
    """Which of the three a notice is."""

    BEGAN = "began"
    LASTS = "lasts"
    ENDED = "ended"


class Problem(msgspec.Struct, frozen=True):
    """What is wrong, as it is found now. Names no person and holds no secret."""

    key: str
    """What it is about, so that it is known again: `source:intune`, `alarm:12`."""
    about: str
    """What people call it: the source, or the device's number."""
    kind: str
    """Another kind under the same key is news: a failed source that is held now."""
    what: str
    next_step: str | None = None


class Trouble(msgspec.Struct, frozen=True):
    """A problem that lasts."""

    problem: Problem
    since: datetime
    told_at: datetime | None = None
    """When people were last told; None: not yet, for it came and went too often."""


class Notice(msgspec.Struct, frozen=True):
    """What people are told of one trouble."""

    phase: Phase
    trouble: Trouble


def found(known: Trouble | None, problem: Problem, beginnings: int, now: datetime) -> tuple[Trouble, Notice | None]:
    """The trouble as it stands with what is found now, and what to tell of it.

    `beginnings`: how often people were told within the last day that it began.
    """
    is_news = known is None or known.told_at is None or known.problem.kind != problem.kind
    trouble = Trouble(problem, known.since if known else now, None if is_news or known is None else known.told_at)
    if is_news:
        return _told(trouble, Phase.BEGAN, now) if beginnings < BEGINNINGS else (trouble, None)
    if trouble.told_at is not None and now - trouble.told_at >= _SLOW.get(problem.kind, _DAY):
        return _told(trouble, Phase.LASTS, now)
    return trouble, None


def over(known: Trouble) -> Notice | None:
    """What to tell when it is over: nothing where nobody had heard of it."""
    return None if known.told_at is None else Notice(Phase.ENDED, known)


def _told(trouble: Trouble, phase: Phase, now: datetime) -> tuple[Trouble, Notice]:
    trouble = msgspec.structs.replace(trouble, told_at=now)
    return trouble, Notice(phase, trouble)
