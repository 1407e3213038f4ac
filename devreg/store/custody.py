"""Who has a device and where it is: now, and before.

What was is read out of the history, which sources and people write alike and a replay leaves as it is: no second account of it
that could say something else.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Select, and_, case, func, literal, null, or_, select, type_coerce, union, union_all
from sqlalchemy.orm import Session

from devreg.store.among import among
from devreg.store.schema import change, device
from devreg.store.types import UtcTime

TOLD: Final = ("holder", "holder_email", "unit", "room")
"""What makes a span: while none of these changes, the device is in the same hands at the same place."""
_BEGAN: Final = "registered"


class Held(msgspec.Struct, frozen=True):
    """Who has it now, and whether it is in use at all."""

    state: str | None
    holder: str | None
    holder_email: str | None


class Span(msgspec.Struct, frozen=True):
    """A time in which a device was in the same hands at the same place."""

    device_id: int
    since: datetime
    until: datetime | None
    """None: it is so now."""
    by: str | None
    """The source, or the person, that told of it."""
    reason: str | None
    holder: str | None
    holder_email: str | None
    unit: str | None
    room: str | None


def of(session: Session, device_id: int) -> Held | None:
    """None when there is no such device."""
    columns = (device.c[name] for name in Held.__struct_fields__)
    row = session.execute(select(*columns).where(device.c.id == device_id)).one_or_none()
    return None if row is None else Held(*row)


def spans(session: Session, device_ids: Collection[int]) -> list[Span]:
    """Every span of these devices in which somebody had it or it stood somewhere, newest first."""
    told = _spans(session, device_ids).subquery("custody")
    held = func.coalesce(*(told.c[name] for name in TOLD)).is_not(None)
    rows = session.execute(
        select(*(told.c[name] for name in Span.__struct_fields__))
        .join(device, device.c.id == told.c.device_id)
        .where(held, or_(device.c.merged_into.is_(None), told.c.until.is_not(None)))
        .order_by(told.c.since.desc(), told.c.device_id, told.c.id.desc())
    )
    return [Span(*row) for row in rows]


def ever_held(session: Session, addresses: Collection[str]) -> list[int]:
    """Devices that one of these addresses has, or had."""
    of_it = change.c.field == "holder_email"
    told = or_(among(session, change.c.old, addresses), among(session, change.c.new, addresses))
    now = select(device.c.id).where(among(session, device.c.holder_email, addresses))
    return sorted(session.execute(union(now, select(change.c.device_id).where(of_it, told))).scalars())


def _spans(session: Session, device_ids: Collection[int]) -> Select[Any]:
    """The history tells changes only: a device begins with what its first change of each field replaced, or with what it shows now."""
    told = _told(session, device_ids).subquery("told")
    by_id = {"partition_by": told.c.device_id, "order_by": told.c.id}
    numbered = select(
        *(told.c[name] for name in ("device_id", "id", "at", "by", "reason", *TOLD)),
        *(func.sum(told.c[f"{name}_said"]).over(**by_id).label(f"{name}_part") for name in TOLD),
        type_coerce(func.lead(told.c.at).over(**by_id), UtcTime()).label("until"),
    ).subquery("numbered")
    carried = select(
        numbered.c.device_id,
        numbered.c.id,
        numbered.c.at.label("since"),
        numbered.c.until,
        numbered.c.by,
        numbered.c.reason,
        *(
            func.max(numbered.c[name])
            .over(
                partition_by=(numbered.c.device_id, numbered.c[f"{name}_part"])
            )  # what was said last, until it is said anew
            .label(name)
            for name in TOLD
        ),
    ).subquery("carried")
    last_of_its_moment = carried.c.until.is_distinct_from(carried.c.since)
    return select(carried).where(last_of_its_moment)


def _told(session: Session, device_ids: Collection[int]) -> Any:
    """What was said and when: how each device began, and each change of one of these fields."""
    began = select(
        device.c.id.label("device_id"),
        literal(0).label("id"),
        device.c.created_at.label("at"),
        _first("by").label("by"),
        null().label("reason"),
        *(part for name in TOLD for part in (_at_first(name).label(name), literal(1).label(f"{name}_said"))),
    ).where(among(session, device.c.id, device_ids))
    changed = select(
        change.c.device_id,
        change.c.id,
        change.c.at,
        change.c.by,
        change.c.reason,
        *(
            part
            for name in TOLD
            for part in (
                case((change.c.field == name, change.c.new), else_=None).label(name),
                case((change.c.field == name, 1), else_=0).label(f"{name}_said"),
            )
        ),
    ).where(change.c.field.in_(TOLD), among(session, change.c.device_id, device_ids))
    return union_all(began, changed)


def _at_first(name: str) -> Any:
    of_it = and_(change.c.device_id == device.c.id, change.c.field == name)
    first = select(func.min(change.c.id)).where(of_it).correlate(device).scalar_subquery()
    replaced = select(change.c.old).where(change.c.id == first).correlate(device).scalar_subquery()
    return case((first.is_(None), device.c[name]), else_=replaced)


def _first(name: str) -> Any:
    """Of the line that tells of the first sight."""
    of_it = and_(change.c.device_id == device.c.id, change.c.field == _BEGAN)
    return select(func.min(change.c[name])).where(of_it).correlate(device).scalar_subquery()
