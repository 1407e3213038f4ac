"""What an unseen record means: nothing, unless its source was read whole.

Absent is never gone: `missing` is a soft state, nothing is deleted, and a run that would call too much
missing is held until a person accepts it. Numbers follow Entra's and Google's own deletion guards.
"""

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
