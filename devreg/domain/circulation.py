"""What is to be done about a device that lies idle, and who in the city could use it."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec


class NextStep(StrEnum):
    """What somebody should do about a device."""

    FIND = "find"
    """Its lease ends soon or is over, and it has not been seen: a missing device is paid for."""
    RETURN = "return_or_move"
    """Paid for and not used."""
    OFFER = "offer"
    """In stock for long."""
    ASK = "ask"
    """In use by name, and silent."""


class Reserve(StrEnum):
    """The devices in stock against those there should be."""

    TOO_SMALL = "too_small"
    RIGHT = "right"
    TOO_LARGE = "too_large"


class Scope(StrEnum):
    """What a reserve is for."""

    CITY = "city"
    UNIT = "unit"
    NO_UNIT = "unplaced"


class Offer(msgspec.Struct, frozen=True):
    """Devices in stock in one place that another lacks."""

    kind: str
    devices: int
    giver: str | None
    """The unit they lie in; None: no unit is said."""
    taker: str


def offers(
    needs: Iterable[tuple[str, int, tuple[str, ...]]], stock: Mapping[tuple[str | None, str], int]
) -> tuple[Offer, ...]:
    """Who could be given what: needs as (unit, devices lacking, suitable kinds, best first), served in their order.

    No device is promised twice and none more than is lacking; what the city's planner would weigh (age, lease ends, distances) is not.
    """
    left = dict(stock)
    found = []
    for taker, lacking, kinds in needs:
        for kind in kinds:
            for place in sorted(
                (p for p in left if p[1] == kind and p[0] != taker), key=lambda p: (-left[p], str(p[0]))
            ):
                given = min(lacking, left[place])
                if given:
                    found.append(Offer(kind, given, place[0], taker))
                    left[place] -= given
                    lacking -= given
    return tuple(found)
