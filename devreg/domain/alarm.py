"""What the register tells people by itself: a device that should be gone is heard of again."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from devreg.domain.device import State

SEEN_AGAIN: Final = {
    State.LOST: (timedelta(0), "lost, and seen again"),
    State.RETIRED: (timedelta(days=1), "retired, and seen again"),
    State.DISPOSED: (timedelta(days=1), "disposed of, and seen again"),
}
"""State -> how long after it was said a contact is nothing odd, and what to tell (English msgid). A lost phone that answers a
minute later is news; a retired one may still sync on its way out."""

REASONS: Final = tuple(what for _, what in SEEN_AGAIN.values())


class Gone(msgspec.Struct, frozen=True):
    """A device that is out of use by its state, and was heard of after that was said."""

    device_id: int
    state: State
    since: datetime
    """When the register learnt of the state."""
    heard: datetime


def seen_again(gone: Iterable[Gone]) -> list[Gone]:
    """Those that a person must be told of. Their state stays: only people change it."""
    return [item for item in gone if item.heard - item.since > SEEN_AGAIN[item.state][0]]
