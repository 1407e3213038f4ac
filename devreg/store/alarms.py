"""What the register has told people, and what they said to it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import and_, exists, insert, or_, select, update
from sqlalchemy.orm import Session

from devreg.domain.action import lane
from devreg.domain.alarm import SEEN_AGAIN, Gone
from devreg.domain.device import State, device_ref
from devreg.domain.observation import Subject
from devreg.domain.platforms import RemoteAct
from devreg.ports import Deed
from devreg.store.among import among
from devreg.store.schema import alarm, device, intent, record


class Raised(msgspec.Struct, frozen=True):
    """An alarm that nobody has acknowledged yet."""

    alarm_id: int
    about: str
    """The device's number, or what its source calls one that the register never had."""
    what: str


def heard_after_the_end(session: Session) -> list[Gone]:
    """Devices out of use that were heard of since, and of which nobody has been told since."""
    out = (
        select(device.c.id, device.c.state, device.c.state_since.label("since"), device.c.last_seen)
        .where(device.c.state.in_(SEEN_AGAIN), device.c.merged_into.is_(None), device.c.last_seen.is_not(None))
        .subquery()
    )
    told = exists().where(alarm.c.device_id == out.c.id, alarm.c.opened_at >= out.c.since)
    rows = session.execute(select(out).where(and_(out.c.last_seen > out.c.since, ~told)).order_by(out.c.id))
    return [Gone(row.id, State(row.state), row.since, row.last_seen) for row in rows]


def raise_(session: Session, found: Iterable[Gone], run_id: int | None, now: datetime) -> None:
    """Open an alarm for each."""
    rows = [
        {
            "device_id": item.device_id,
            "what": SEEN_AGAIN[item.state][1],
            "run_id": run_id,
            "opened_at": now,
            "seen_at": item.heard,
        }
        for item in found
    ]
    if rows:
        session.execute(insert(alarm), rows)


def tell_deeds(session: Session, name: str, deeds: Sequence[Deed], run_id: int, now: datetime) -> list[tuple[str, str]]:
    """Open an alarm for each deed that nobody was told of yet; what it is about and what was told.

    A device that the register never had is named as its source does: what was done to it counts no less.
    """
    deeds = [deed for deed in deeds if not _is_ours(session, name, deed)]
    known = session.execute(
        select(record.c.native_id, record.c.device_id).where(
            record.c.source == name,
            record.c.subject == Subject.DEVICE,
            among(session, record.c.native_id, {deed.native_id for deed in deeds}),
        )
    )
    homes = {row.native_id: row.device_id for row in known if row.device_id is not None}
    about = {(homes.get(deed.native_id), _called(name, deed, homes), deed.what, deed.at) for deed in deeds}
    columns = (alarm.c.device_id, alarm.c.called, alarm.c.what, alarm.c.seen_at)
    strange = {called for _, called, *_ in about if called is not None}
    earlier = {
        tuple(row)
        for where in (
            among(session, alarm.c.device_id, set(homes.values())),
            among(session, alarm.c.called, strange),
        )
        for row in session.execute(select(*columns).where(where))
    }
    new = sorted(about - earlier, key=str)
    if new:
        rows = [
            {"device_id": device_id, "called": called, "what": what, "run_id": run_id, "opened_at": now, "seen_at": at}
            for device_id, called, what, at in new
        ]
        session.execute(insert(alarm), rows)
    return [(_about(device_id, called), what) for device_id, called, what, _ in new]


_NEAR: Final = timedelta(minutes=10)


def _is_ours(session: Session, name: str, deed: Deed) -> bool:
    """Whether it was ordered from here: by the number that went along, or, where the source keeps none, by device and time."""
    about = and_(intent.c.source == name, intent.c.native_id == deed.native_id, intent.c.lane == lane(RemoteAct.WIPE))
    near = and_(about, intent.c.sending_at.between(deed.at - _NEAR, deed.at + _NEAR))
    sent = and_(intent.c.request_id == deed.request_id, intent.c.sending_at.is_not(None))
    return session.execute(select(intent.c.id).where(or_(sent, near)).limit(1)).scalar() is not None


def _called(name: str, deed: Deed, homes: Mapping[str, int]) -> str | None:
    return None if deed.native_id in homes else f"{name} {deed.native_id}"


def _about(device_id: int | None, called: str | None) -> str:
    return (called or "") if device_id is None else device_ref(device_id)


def open_all(session: Session) -> list[Raised]:
    """Every alarm that nobody has taken up, oldest first."""
    rows = session.execute(select(alarm).where(alarm.c.acked_at.is_(None)).order_by(alarm.c.id))
    return [Raised(row.id, _about(row.device_id, row.called), row.what) for row in rows]


def open_one(session: Session, alarm_id: int) -> Raised | None:
    """The alarm, if nobody has acknowledged it."""
    row = session.execute(select(alarm).where(alarm.c.id == alarm_id, alarm.c.acked_at.is_(None))).one_or_none()
    return None if row is None else Raised(row.id, _about(row.device_id, row.called), row.what)


def of_device(session: Session, device_id: int) -> list[str]:
    """What is open about a device, oldest first."""
    rows = session.execute(
        select(alarm.c.what).where(alarm.c.device_id == device_id, alarm.c.acked_at.is_(None)).order_by(alarm.c.id)
    )
    return list(rows.scalars())


def acknowledge(session: Session, alarm_id: int, by: str, reason: str | None, now: datetime) -> None:
    """A person has taken it up."""
    session.execute(update(alarm).where(alarm.c.id == alarm_id).values(acked_at=now, acked_by=by, acked_reason=reason))
