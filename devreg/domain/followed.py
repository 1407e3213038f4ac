"""An order that is followed: what was sent, what its management system shows of it since, and what follows from that."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec

from devreg.domain import identifiers
from devreg.domain.action import Standing
from devreg.domain.platforms import Mode, RemoteAct

SKEW: Final = timedelta(minutes=2)
"""By how much the system's clock and ours may differ: entries older than the order by more are history (contracts/intune.md 7)."""


class Result(msgspec.Struct, frozen=True):
    """An entry that the system keeps of an order, ours or an older one."""

    name: str
    state: str
    """Raw; the set is open."""
    started: datetime | None
    updated: datetime | None
    said: str | None = None
    """Its error text; never a passcode, PIN or place."""


class Reading(msgspec.Struct, frozen=True):
    """What the management system shows of a device and an order. None: not asked, or not said."""

    at: datetime
    is_there: bool
    """Whether the record of this id is there."""
    serial: str | None = None
    state: str | None = None
    """Raw: Intune's managementState, a Chromebook's status, a phone's management state."""
    results: tuple[Result, ...] = ()
    """Entries of the device's record, newest first."""
    audits: tuple[Result, ...] = ()
    """Entries that outlive the record (Intune's remoteActionAudits), newest first."""
    command: Result | None = None
    """The command by its id (Google): `state` its state, `name` its result."""
    expires: datetime | None = None
    """When the system gives the command up."""
    approval: str | None = None
    """Raw state of the approval that the system asked for."""
    enrolled_at: datetime | None = None
    last_seen: datetime | None = None


class Followed(msgspec.Struct, frozen=True):
    """An order as the register keeps it."""

    act: RemoteAct
    mode: Mode
    standing: Standing
    sent_at: datetime
    """When it was sent for the first time, or given to the system's own second admin."""
    serial: str | None = None
    """The serial that was approved."""
    seen_pending: bool = False
    """Whether an earlier reading showed it under way."""
    last_seen: datetime | None = None
    """The device's last contact that earlier readings told of."""
    options: Mapping[str, str] = {}

    def is_of_another(self, reading: Reading) -> bool:
        """Whether the record is now that of another device than the one that was approved."""
        approved, shown = identifiers.serial(self.serial), identifiers.serial(reading.serial)
        return approved is not None and shown is not None and approved.value != shown.value

    def began(self, entry: Result) -> bool:
        """Whether an entry is not older than the order; one without a time may be anybody's."""
        return entry.started is not None and entry.started >= self.sent_at - SKEW

    def since_sent(self, moment: datetime | None) -> bool:
        """Whether something happened after the order was sent."""
        return moment is not None and moment > self.sent_at


class Verdict(msgspec.Struct, frozen=True):
    """What a reading means for an order."""

    standing: Standing | None
    """Where it moves; None: it stays."""
    said: str
    """A sentence for people, as an English msgid."""
    seen_pending: bool = False
    """Whether the system has by now shown it under way; to be kept with the order."""
