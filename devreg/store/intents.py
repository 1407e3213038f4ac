"""Remote actions' rows: requested, moved on under the eyes of the database's own triggers, and followed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import case, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from devreg.domain.action import FOLLOWED, OPEN, Hold, Limits, Standing, lane
from devreg.domain.device import intent_ref
from devreg.domain.platforms import Mode, RemoteAct
from devreg.errors import Conflict, NotFound
from devreg.store.schema import action_hold, action_limit, device, intent, intent_event

_WIPING: Final = lane(RemoteAct.WIPE)


class Bound(msgspec.Struct, frozen=True):
    """What an intent is about: never changed after it was requested."""

    device_id: int
    act: RemoteAct
    source: str
    native_id: str
    mode: Mode
    serial: str | None
    asset_tag: str | None
    ownership: str | None
    used_by: str | None
    reason: str
    request_id: str
    options: dict[str, str] = {}
    then_state: str | None = None
    cautions: str | None = None
    despite: str | None = None


class Intent(msgspec.Struct, frozen=True):
    """One remote action as it stands."""

    id: int
    bound: Bound
    standing: Standing
    requested_by: str
    requested_entra: str | None
    requested_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    sending_at: datetime | None
    sent_as: str | None
    accepted_at: datetime | None
    command_id: str | None
    approval_code: str | None
    seen_pending: bool
    said: str | None
    read_at: datetime | None
    heard_at: datetime | None
    next_at: datetime | None
    expires_at: datetime | None
    closed_at: datetime | None

    @property
    def is_destructive(self) -> bool:
        """Whether it can't be taken back once it is carried out."""
        return lane(self.bound.act) == _WIPING


class Held(msgspec.Struct, frozen=True):
    """What holds orders back."""

    kind: Hold
    at: datetime
    by: str
    reason: str | None


class Usage(msgspec.Struct, frozen=True):
    """How many destructive requests there were."""

    of_operator: int
    """In 24 hours, of one person."""
    of_all: int
    """In the time that the hold looks at."""


def request(session: Session, bound: Bound, by: str, entra: str | None, now: datetime) -> Intent:
    """A new intent. Raises Conflict when the device has an open one of its lane."""
    other = open_one(session, bound.device_id, bound.act)
    if other is not None:
        raise Conflict(
            f"There is an open action on this device already: {intent_ref(other.id)}.",
            next_step=f"`devreg action show {intent_ref(other.id)}` shows how far it is.",
        )
    values = msgspec.structs.asdict(bound) | {"lane": lane(bound.act), "standing": Standing.REQUESTED}
    row = {"requested_by": by, "requested_entra": entra, "requested_at": now, "seen_pending": False}
    number = session.execute(insert(intent).values(**values, **row).returning(intent.c.id)).scalar_one()
    tell(session, number, None, Standing.REQUESTED, by=by, now=now)
    return get(session, number)


def move(
    session: Session,
    seen: Intent,
    after: Standing,
    *,
    by: str,
    now: datetime,
    said: str | None = None,
    shown: str | None = None,
    **values: Any,
) -> Intent:
    """The intent, moved on from where the caller saw it; raises Conflict when it is elsewhere by now."""
    closed = None if after in OPEN else now
    changed = session.execute(
        update(intent)
        .where(intent.c.id == seen.id, intent.c.standing == str(seen.standing))
        .values(standing=str(after), said=said, closed_at=closed, **values)
        .returning(intent.c.id)
    ).scalar()
    if changed is None:
        raise Conflict(
            f"{intent_ref(seen.id)} was moved on by somebody else meanwhile; nothing was done.",
            next_step=f"`devreg action show {intent_ref(seen.id)}` shows how it stands.",
        )
    tell(session, seen.id, seen.standing, after, by=by, now=now, said=said, shown=shown)
    return get(session, seen.id)


def note(session: Session, number: int, **values: Any) -> None:
    """What was seen without its standing changing."""
    session.execute(update(intent).where(intent.c.id == number).values(**values))


def tell(
    session: Session,
    number: int,
    before: Standing | None,
    after: Standing,
    *,
    by: str,
    now: datetime,
    said: str | None = None,
    shown: str | None = None,
) -> None:
    """One more line of its timeline."""
    row = {"intent_id": number, "at": now, "by": by, "before": before, "after": after, "said": said, "shown": shown}
    session.execute(insert(intent_event).values(**row))


def find(session: Session, number: int) -> Intent | None:
    """The intent of that number."""
    row = session.execute(select(intent).where(intent.c.id == number)).one_or_none()
    return None if row is None else _intent(row)


def known(session: Session, number: int) -> Intent:
    """The intent that a person names by its number. Raises NotFound."""
    found = find(session, number)
    if found is None:
        raise NotFound(f"There is no action {intent_ref(number)}.", next_step="`devreg list actions` shows them all.")
    return found


def get(session: Session, number: int) -> Intent:
    """The intent of that number, which is there."""
    return _intent(session.execute(select(intent).where(intent.c.id == number)).one())


def events(session: Session, number: int) -> Sequence[Any]:
    """Its timeline, oldest first."""
    return session.execute(
        select(intent_event).where(intent_event.c.intent_id == number).order_by(intent_event.c.id)
    ).all()


def open_one(session: Session, device_id: int, act: RemoteAct) -> Intent | None:
    """The open intent of the act's lane, of the device or of one that was merged into it."""
    return next((found for found in open_of(session, device_id) if lane(found.bound.act) == lane(act)), None)


def open_of(session: Session, device_id: int) -> list[Intent]:
    """All open intents of a device, or of one that was merged into it; destructive ones first."""
    same = select(device.c.id).where(or_(device.c.id == device_id, device.c.merged_into == device_id))
    order = (case((intent.c.lane == _WIPING, 0), else_=1), intent.c.id.desc())
    found = select(intent).where(intent.c.device_id.in_(same), _is_open()).order_by(*order)
    return [_intent(row) for row in session.execute(found)]


def open_through(session: Session, source: str) -> list[int]:
    """Open intents of a source."""
    found = select(intent.c.id).where(intent.c.source == source, _is_open()).order_by(intent.c.id)
    return list(session.execute(found).scalars())


def of_device(session: Session, device_id: int, limit: int) -> list[Intent]:
    """Its newest intents, and those of devices that were merged into it; open ones first."""
    same = select(device.c.id).where(or_(device.c.id == device_id, device.c.merged_into == device_id))
    order = (case((_is_open(), 0), else_=1), intent.c.id.desc())
    found = select(intent).where(intent.c.device_id.in_(same)).order_by(*order).limit(limit)
    return [_intent(row) for row in session.execute(found)]


def to_read(session: Session, now: datetime) -> list[Intent]:
    """Those to be looked at by now in their management systems, longest waiting first."""
    due = or_(intent.c.next_at.is_(None), intent.c.next_at <= now)
    found = select(intent).where(intent.c.standing.in_([str(member) for member in FOLLOWED]), due)
    return [_intent(row) for row in session.execute(found.order_by(intent.c.next_at, intent.c.id))]


def waiting(session: Session) -> list[Intent]:
    """Those that nobody has sent yet, oldest first."""
    unsent = (str(Standing.REQUESTED), str(Standing.APPROVED))
    return [
        _intent(row)
        for row in session.execute(select(intent).where(intent.c.standing.in_(unsent)).order_by(intent.c.id))
    ]


def waiting_for_people(session: Session) -> list[Intent]:
    """What can't be taken back and is only requested, and what only a person can settle or approve elsewhere; oldest first."""
    asked = (intent.c.standing == str(Standing.REQUESTED)) & (intent.c.lane == _WIPING)
    stuck = intent.c.standing.in_([str(Standing.NEEDS_APPROVAL), str(Standing.UNKNOWN)])
    return [_intent(row) for row in session.execute(select(intent).where(or_(asked, stuck)).order_by(intent.c.id))]


def usage(session: Session, by: str, limits: Limits, now: datetime) -> Usage:
    """How much was asked for; what a clock that went back has made a thing of the future counts too."""
    destructive = select(func.count()).where(intent.c.lane == _WIPING)
    mine = destructive.where(intent.c.requested_by == by, intent.c.requested_at > now - timedelta(days=1))
    recent = destructive.where(intent.c.requested_at > now - timedelta(minutes=limits.hold_minutes))
    return Usage(session.execute(mine).scalar_one(), session.execute(recent).scalar_one())


def held(session: Session) -> list[Held]:
    """What holds orders back now, a freeze first."""
    rows = session.execute(select(action_hold).where(action_hold.c.lifted_at.is_(None)).order_by(action_hold.c.kind))
    return [Held(Hold(row.kind), row.at, row.by, row.reason) for row in rows]


def hold(session: Session, kind: Hold, by: str, reason: str | None, now: datetime) -> bool:
    """Hold orders back; False when they are so already."""
    if any(found.kind is kind for found in held(session)):
        return False
    session.execute(insert(action_hold).values(kind=str(kind), at=now, by=by, reason=reason))
    return True


def lift(session: Session, kind: Hold, by: str, reason: str, now: datetime) -> bool:
    """Let orders go again; False when nothing held them."""
    lifted = (
        update(action_hold)
        .where(action_hold.c.kind == str(kind), action_hold.c.lifted_at.is_(None))
        .values(lifted_at=now, lifted_by=by, lifted_reason=reason)
        .returning(action_hold.c.id)
    )
    return session.execute(lifted).scalar() is not None


def limits(session: Session) -> Limits:
    """The limits in force."""
    said = {row.name: row.value for row in session.execute(select(action_limit))}
    known = {name: said[name] for name in Limits.__struct_fields__ if name in said}
    return msgspec.convert(known, Limits)


def set_limits(session: Session, wanted: Limits) -> None:
    """These limits from now on."""
    session.execute(delete(action_limit))
    rows = [{"name": name, "value": value} for name, value in msgspec.to_builtins(wanted).items()]
    session.execute(insert(action_limit), rows)


def _is_open() -> Any:
    return intent.c.standing.in_([str(member) for member in OPEN])


def _intent(row: Any) -> Intent:
    said = dict(row._mapping)
    bound = {name: said[name] for name in Bound.__struct_fields__}
    rest = {name: said[name] for name in Intent.__struct_fields__ if name != "bound"}
    return msgspec.convert({**rest, "bound": bound}, Intent)
