"""What a scanned device means for the stock-take of a place: pure, so that no order of scans and no repetition changes it."""

from collections.abc import Collection
from enum import StrEnum
from typing import Final

import msgspec

from devreg.domain.device import State


class Outcome(StrEnum):
    """How a line of a stock-take stands."""

    AWAITED = "not_found_yet"
    """Expected, and not scanned so far."""
    FOUND = "found"
    MISSING = "not_found"
    """Expected, and not scanned when the stock-take was closed."""
    NOT_COUNTED = "not_counted"
    """Expected where no device at all was scanned before the stock-take was closed: that nobody looked says nothing of it."""
    MISPLACED = "misplaced"
    """Scanned here; the register says that it belongs elsewhere."""
    UNEXPECTED = "unexpected"
    """Scanned here; the register places it nowhere, has it in a state in which it should be nowhere, or heard of it later."""
    UNKNOWN = "unknown_code"
    """No device answers to the code."""
    AMBIGUOUS = "ambiguous"
    """Several devices answer to the code."""


def not_scanned(outcomes: Collection[str]) -> Outcome:
    """What it means at the end that an expected device was not scanned, when these are the outcomes of all lines."""
    is_counted = not {Outcome.FOUND, Outcome.MISPLACED, Outcome.UNEXPECTED}.isdisjoint(outcomes)
    return Outcome.MISSING if is_counted else Outcome.NOT_COUNTED


NEEDS_A_PERSON: Final = frozenset(Outcome) - {Outcome.AWAITED, Outcome.FOUND}
NOT_THERE: Final = frozenset({State.PLANNED, State.ORDERED, State.IN_REPAIR, State.LOST, State.RETIRED, State.DISPOSED})
"""States in which nobody expects to find a device at its place."""


class Place(msgspec.Struct, frozen=True):
    """Where a device belongs, as the register has it."""

    unit: str | None
    room: str | None
    state: str | None


class Scope(msgspec.Struct, frozen=True):
    """What is counted."""

    units: frozenset[str]
    rooms: frozenset[str] = frozenset()
    """Folded; none named: every room."""

    def holds(self, place: Place) -> bool:
        """Whether a device that belongs there belongs here."""
        in_room = not self.rooms or (place.room is not None and fold_room(place.room) in self.rooms)
        return place.unit in self.units and in_room


def fold_room(room: str) -> str:
    """Rooms as people write them: `a101` and `A 101` are one."""
    return "".join(room.casefold().split())


def is_expected(scope: Scope, place: Place) -> bool:
    """Whether a device of that place should be found."""
    return scope.holds(place) and place.state not in NOT_THERE


def judge(scope: Scope, place: Place) -> Outcome:
    """What it means that a device was scanned which was not on the list of the expected."""
    if place.unit is None or place.state in NOT_THERE or scope.holds(place):
        return Outcome.UNEXPECTED
    return Outcome.MISPLACED


def unresolved(device_ids: Collection[int]) -> Outcome:
    """What it means that not exactly one device answers to a code."""
    return Outcome.AMBIGUOUS if device_ids else Outcome.UNKNOWN


def stocktake_ref(number: int) -> str:
    """`S000123` for 123."""
    return f"S{number:06d}"
