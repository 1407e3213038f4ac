"""Where a scan stands: what a checkpoint holds, so that a later run goes on with the next target as if nothing had been between."""

import hashlib
from collections.abc import Sequence
from typing import Final

import msgspec

from collectors.snmp.meetings import Met
from collectors.snmp.options import Target
from devreg.ports import Record
from devreg.text import masked

_OFTEN: Final = 10
"""A checkpoint is written when a tenth more was read than at the one before: it holds all that was met, and would soon cost more than
the pages."""
_FEWEST: Final = 50


class Place(msgspec.Struct, frozen=True):
    """After some of the targets."""

    mark: str
    """Of the targets in their order; another order has another place."""
    done: int
    met: Met
    """Devices met so far."""
    points: dict[str, Record]
    """Access points that controllers told of, until it is known which of them answer themselves."""

    def text(self) -> str:
        """The checkpoint; whatever a person may have typed into a device's name is masked as in its record."""
        return masked(msgspec.json.encode(self).decode())


def place_from(checkpoint: str | None, targets: Sequence[Target]) -> Place:
    """The checkpoint's place; the start where there is none, or it is of other targets."""
    mark = hashlib.sha256("\n".join(target.label for target in targets).encode()).hexdigest()
    start = Place(mark, 0, Met(), {})
    try:
        place = msgspec.json.decode(checkpoint or b"null", type=Place | None)
    except msgspec.DecodeError:
        return start
    return place if place is not None and place.mark == mark else start


def is_worth(done: int, before: int) -> bool:
    """Whether so many targets done are worth a checkpoint, when the one before stands at `before`."""
    return done - before >= max(_FEWEST, before // _OFTEN)
