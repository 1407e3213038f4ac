"""A remote action from its request to its end: the states, who may move it on, and what each state may be called.

Sources: safety.md 1.5 (the intent log), contracts/intune.md 9.1 and 10 (what an answer means). One open intent a device and lane, so
that a lost phone can be locked while its wipe waits for a second person.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

import msgspec

from devreg.domain.platforms import DESTRUCTIVE, RemoteAct


class Standing(StrEnum):
    """How far an intent has come."""

    REQUESTED = "requested"
    APPROVED = "approved"
    SENDING = "sending"
    """Committed before the first byte leaves; who finds it here later knows only that it may have left."""
    NEEDS_APPROVAL = "needs_mdm_approval"
    """The management system took it down and asks for a second admin there; nothing was executed."""
    ACCEPTED = "accepted"
    """The management system has it; says nothing of the device."""
    UNKNOWN = "unknown"
    """It may have arrived. Only what the management system shows, or a named person, leads out."""
    CONFIRMED = "confirmed"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    VOID = "void"
    """Just before sending the device was not what had been approved."""


OPEN: Final = (
    Standing.REQUESTED,
    Standing.APPROVED,
    Standing.SENDING,
    Standing.NEEDS_APPROVAL,
    Standing.ACCEPTED,
    Standing.UNKNOWN,
)
"""While one of these holds, no other intent of the lane can be made for the device."""
FOLLOWED: Final = (Standing.SENDING, Standing.NEEDS_APPROVAL, Standing.ACCEPTED, Standing.UNKNOWN)
"""Standings that what the management system shows can move on."""


class Mover(StrEnum):
    """Who may make a move."""

    REQUESTER = "requester"
    """Who requested it, signed in anew."""
    SECOND = "second"
    """An approver who is not the requester."""
    ANYBODY = "anybody"
    """Whoever may request: stopping needs no second person."""
    READER = "reader"
    """What the management system shows or the clock says, read by anybody, a timer's user too; or a named person's word for it."""


_S: Final = Standing
MOVES: Final[Mapping[tuple[Standing, Standing], Mover]] = {
    (_S.REQUESTED, _S.APPROVED): Mover.SECOND,
    (_S.REQUESTED, _S.REJECTED): Mover.SECOND,
    (_S.REQUESTED, _S.SENDING): Mover.REQUESTER,
    (_S.REQUESTED, _S.CANCELLED): Mover.ANYBODY,
    (_S.REQUESTED, _S.EXPIRED): Mover.READER,
    (_S.REQUESTED, _S.VOID): Mover.REQUESTER,
    (_S.APPROVED, _S.SENDING): Mover.REQUESTER,
    (_S.APPROVED, _S.CANCELLED): Mover.ANYBODY,
    (_S.APPROVED, _S.EXPIRED): Mover.READER,
    (_S.APPROVED, _S.VOID): Mover.REQUESTER,
    (_S.SENDING, _S.REQUESTED): Mover.REQUESTER,
    (_S.SENDING, _S.APPROVED): Mover.REQUESTER,
    (_S.SENDING, _S.NEEDS_APPROVAL): Mover.REQUESTER,
    (_S.SENDING, _S.ACCEPTED): Mover.REQUESTER,
    (_S.SENDING, _S.FAILED): Mover.REQUESTER,
    (_S.SENDING, _S.UNKNOWN): Mover.READER,
    (_S.NEEDS_APPROVAL, _S.SENDING): Mover.REQUESTER,
    (_S.NEEDS_APPROVAL, _S.REJECTED): Mover.READER,
    (_S.NEEDS_APPROVAL, _S.CANCELLED): Mover.READER,
    (_S.NEEDS_APPROVAL, _S.EXPIRED): Mover.READER,
    (_S.NEEDS_APPROVAL, _S.VOID): Mover.REQUESTER,
    (_S.UNKNOWN, _S.ACCEPTED): Mover.READER,
    (_S.UNKNOWN, _S.CONFIRMED): Mover.READER,
    (_S.UNKNOWN, _S.FAILED): Mover.READER,
    (_S.UNKNOWN, _S.EXPIRED): Mover.READER,
    (_S.UNKNOWN, _S.CANCELLED): Mover.READER,
    (_S.ACCEPTED, _S.CONFIRMED): Mover.READER,
    (_S.ACCEPTED, _S.FAILED): Mover.READER,
    (_S.ACCEPTED, _S.EXPIRED): Mover.READER,
    (_S.ACCEPTED, _S.CANCELLED): Mover.READER,
}
"""Every move there is; the database refuses the others. Back from SENDING leads only when the sender proved that nothing left this
machine; from what was or may have been sent no way leads back to SENDING, so that at most one order of an intent can be executed."""

APPROVAL_AT_MOST: Final = timedelta(hours=72)
"""The management system forgets its own approvals after three days; ours live no longer (safety.md 19)."""
SENDING_AT_MOST: Final = timedelta(minutes=5)
"""Longer than every time limit of a sender together: an intent that is still in SENDING has lost its process."""
FRESH: Final = timedelta(minutes=15)
"""How old the sign-in of who sends a destructive order may be (safety.md 38)."""


def lane(act: RemoteAct) -> str:
    """What of a device's open intents excludes each other: all destructive ones, and equal ones of the rest."""
    return "destructive" if act in DESTRUCTIVE else str(act)


def may_move(before: Standing, after: Standing, mover: Mover) -> bool:
    """Whether there is such a move, and this is who makes it."""
    return MOVES.get((before, after)) is mover


def next_reading(sent: timedelta) -> timedelta:
    """How long to wait for the next look, so long after it was sent: quick at first, slow for a phone that stays off for months."""
    for limit, wait in _READINGS:
        if sent < limit:
            return wait
    return timedelta(hours=6)


_READINGS: Final = (
    (timedelta(minutes=2), timedelta(seconds=10)),
    (timedelta(hours=1), timedelta(minutes=1)),
    (timedelta(days=1), timedelta(minutes=15)),
    (timedelta(days=14), timedelta(hours=1)),
)
"""Source: contracts/intune.md 7; after a day, which a normal run would take over there, slower and slower."""


class Hold(StrEnum):
    """Why orders are held back."""

    RATE = "rate"
    """Too many destructive requests in a short time; locks go on."""
    FREEZE = "freeze"
    """A person stopped everything."""


class Limits(msgspec.Struct, frozen=True):
    """How much may be asked for. Kept in the database, so that nobody lifts a limit in a file of their own."""

    daily_per_operator: int = 3
    """Destructive requests of one person in 24 hours, whatever became of them."""
    hold_count: int = 5
    """Destructive requests of all people together…"""
    hold_minutes: int = 20
    """…in so many minutes; the next one sets off a hold."""
    delay_minutes: int = 15
    """On SQLite, where nobody can prove who is who: how long everybody can cancel before a destructive order can be sent."""
    approval_hours: int = 24
    """How long an approval counts; never more than 72."""
    protected: tuple[str, ...] = ()
    """Asset tags, serials, kinds and units of what is never to be wiped from here."""


class Dated(Protocol):
    """What the clock's rules look at of an intent."""

    @property
    def standing(self) -> Standing: ...
    @property
    def is_destructive(self) -> bool: ...
    @property
    def requested_at(self) -> datetime: ...
    @property
    def approved_at(self) -> datetime | None: ...


def sendable_from(intent: Dated, limits: Limits, *, by_delay: bool) -> datetime | None:
    """From when on it may be sent as far as people and delays go; None: somebody must approve it first.

    `by_delay`: the database can't tell people apart, so a time in which everybody can cancel stands in for the second one.
    """
    if not intent.is_destructive or intent.standing is Standing.NEEDS_APPROVAL:
        return intent.requested_at
    return intent.requested_at + timedelta(minutes=limits.delay_minutes) if by_delay else intent.approved_at


def sendable_until(intent: Dated, limits: Limits, *, by_delay: bool) -> datetime:
    """When what was requested or approved is too old to be sent."""
    counts = min(timedelta(hours=limits.approval_hours), APPROVAL_AT_MOST)
    if intent.approved_at is not None:
        return intent.approved_at + counts
    if intent.is_destructive and by_delay:
        return intent.requested_at + timedelta(minutes=limits.delay_minutes) + counts
    return intent.requested_at + APPROVAL_AT_MOST
