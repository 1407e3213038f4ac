"""What stands against a remote action, and what asks for a second look: pure, from what is known when it is asked for.

Source: safety.md 10, 12, 15, 17 and contracts/google.md 4.2 (never free a lost device for its finder).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from devreg.domain.action import Limits, lane
from devreg.domain.device import NETWORK_KINDS, Kind, Ownership, State, device_ref
from devreg.domain.platforms import DELETE_WIPES, OFFERS, Mode, RemoteAct


class Objection(StrEnum):
    """What stands against it; nobody can put it aside."""

    NOT_OFFERED = "not_offered"
    UNSURE = "unsure"
    NO_SERIAL = "no_serial"
    """Nothing to know the device by again just before sending."""
    OTHER_SERIAL = "other_serial"
    """The register knows it by another serial number than the management system."""
    NOT_COMPANY = "not_company"
    OWNERSHIP_UNKNOWN = "ownership_unknown"
    PROTECTED = "protected"
    LOST = "lost"
    """It would help who found it."""
    NOT_CONFIRMED = "not_confirmed"


class Caution(StrEnum):
    """What asks for a second look and a reason of its own."""

    HOLDER_LEFT = "holder_left_already"
    HOLDER_UNKNOWN = "holder_unknown"
    HOLDER_CHANGED = "holder_changed"
    SEEN_LATELY = "seen_lately"


class Facts(msgspec.Struct, frozen=True):
    """All that the rules look at. None: not known."""

    device_id: int
    act: RemoteAct
    mode: Mode
    kind: str | None
    state: str | None
    unit: str | None
    asset_tag: str | None
    serial: str | None
    serial_of_tool: str | None
    ownership: str | None
    ownership_of_tool: str | None
    has_holder: bool
    holder_known: bool
    """A directory knows who has it."""
    holder_left: bool
    """Disabled, deleted, or past the day they leave."""
    holder_since: datetime | None
    last_seen: datetime | None


_OPENING: Final = frozenset({RemoteAct.RESET_PASSCODE, RemoteAct.DEPROVISION, RemoteAct.ENABLE, RemoteAct.UNBLOCK})
_LETTING_GO: Final = frozenset({RemoteAct.RETIRE, RemoteAct.DELETE})
SHIELDED_KINDS: Final = frozenset({Kind.SERVER, *NETWORK_KINDS})
"""Never wiped from here, whatever the settings say."""
SEEN_WITHIN: Final = timedelta(hours=1)
CHANGED_WITHIN: Final = timedelta(hours=24)


def is_destructive(act: RemoteAct) -> bool:
    """Whether the act can't be taken back."""
    return lane(act) == lane(RemoteAct.WIPE)


def empties(act: RemoteAct, mode: Mode) -> bool:
    """Whether the act empties the device, not only its work side: then it has to be the city's beyond doubt."""
    return act in _EMPTYING or (act is RemoteAct.DELETE and mode in DELETE_WIPES)


_EMPTYING: Final = frozenset({RemoteAct.WIPE, RemoteAct.WIPE_USERS, RemoteAct.DEPROVISION})


def helps_finder(facts: Facts) -> bool:
    """Whether it opens a lost device or lets go of it; the work side of a private phone may go."""
    lets_go = facts.act in _LETTING_GO and not empties(facts.act, facts.mode)
    return facts.act in _OPENING or (lets_go and facts.ownership_of_tool != Ownership.PERSONAL)


def confirmation(facts: Facts) -> str:
    """What has to be typed to ask for something that can't be taken back: the best of what stands on the device itself."""
    return facts.asset_tag or facts.serial or device_ref(facts.device_id)


def objections(facts: Facts, limits: Limits, typed: str | None) -> Iterator[Objection]:
    """All that stands against it, the gravest first; `typed` is the confirmation as a person typed it."""
    offered = OFFERS[facts.mode].allows(facts.act)
    if not offered:
        yield Objection.NOT_OFFERED if offered is False else Objection.UNSURE
    if facts.state == State.LOST and helps_finder(facts):
        yield Objection.LOST
    if not is_destructive(facts.act):
        return
    if facts.kind in SHIELDED_KINDS or _named(facts) & {entry.casefold() for entry in limits.protected}:
        yield Objection.PROTECTED
    if empties(facts.act, facts.mode):
        owners = {facts.ownership, facts.ownership_of_tool}
        if Ownership.PERSONAL in owners:
            yield Objection.NOT_COMPANY
        elif owners != {Ownership.COMPANY}:
            yield Objection.OWNERSHIP_UNKNOWN
    if facts.serial_of_tool is None and empties(facts.act, facts.mode):
        yield Objection.NO_SERIAL
    elif facts.serial_of_tool is not None and facts.serial != facts.serial_of_tool:
        yield Objection.OTHER_SERIAL
    if typed is None or typed.strip().casefold() != confirmation(facts).casefold():
        yield Objection.NOT_CONFIRMED


def cautions(facts: Facts, now: datetime) -> Iterator[Caution]:
    """What a person should think about once more before something that can't be taken back."""
    if not is_destructive(facts.act):
        return
    if facts.holder_left:
        yield Caution.HOLDER_LEFT
    elif not facts.holder_known and facts.has_holder:
        yield Caution.HOLDER_UNKNOWN
    if facts.holder_since is not None and now - facts.holder_since < CHANGED_WITHIN:
        yield Caution.HOLDER_CHANGED
    if facts.last_seen is not None and now - facts.last_seen < SEEN_WITHIN:
        yield Caution.SEEN_LATELY


def _named(facts: Facts) -> set[str]:
    said = (facts.asset_tag, facts.serial, facts.serial_of_tool, facts.kind, facts.unit)
    return {word.casefold() for word in said if word}
