"""What stands beside the devices, kept as its records say it, and tied to the device it belongs to once that is known.

A phone that somebody signs in with and nothing manages: `registration` rows of kind phone with `managed` not true and no `device_id`;
`owner_email` says in whose hands it is. A number billed without a phone: `subscription` rows without `device_id`. Both only while their
record is there (`source_record.gone_at`), as the lists `unmanaged_phones`, `registrations` and `subscriptions` show them.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Table, bindparam, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from devreg.domain.device import State
from devreg.domain.observation import Observation, Subject
from devreg.domain.sims import FoundBy, Number, Phone, attached, iccid_key, number_key
from devreg.store.among import among
from devreg.store.schema import contract_device, device, record, registration, subscription

_SUBSCRIPTION: Final = ("phone_number", "iccid", "holder", "holder_email", "unit", "notes")
_REGISTRATION: Final = tuple(column.name for column in registration.c if column.name not in {"record_id", "device_id"})
_OUT: Final = (State.RETIRED, State.DISPOSED)
"""A number whose phone is out of use is billed for nothing."""


def save(session: Session, said: Iterable[tuple[int, Observation]]) -> None:
    """Numbers and registrations among what these records say; it replaces what they said before."""
    listed = [*said]
    numbers = {
        record_id: {name: seen.claims.get(name) for name in _SUBSCRIPTION}
        | {
            "number_key": number_key(_text(seen, "phone_number")),
            "iccid_key": iccid_key(_text(seen, "iccid")),
        }
        for record_id, seen in listed
        if seen.contract is not None and seen.contract.kind == "subscription"
    }
    _replace(session, subscription, numbers)
    seen_there = {
        record_id: {name: seen.claims.get(name) for name in _REGISTRATION}
        for record_id, seen in listed
        if seen.subject is Subject.REGISTRATION
    }
    _replace(session, registration, seen_there)


def settle(session: Session) -> None:
    """Tie each to the device that it belongs to as the devices stand now."""
    _settle_numbers(session)
    _settle_registrations(session)


def _text(seen: Observation, name: str) -> str | None:
    value = seen.claims.get(name)
    return None if value is None else str(value)


def _replace(session: Session, table: Table, rows: Mapping[int, Mapping[str, Any]]) -> None:
    """Rows by record; the device that one was tied to stays until it is settled anew."""
    if not rows:
        return
    tied = (name for name in ("device_id", "found_by") if name in table.c)
    old = select(table.c.record_id, *(table.c[name] for name in tied)).where(among(session, table.c.record_id, rows))
    kept = {row.record_id: dict(row._mapping) for row in session.execute(old)}
    session.execute(delete(table).where(among(session, table.c.record_id, [*kept])))
    session.execute(
        insert(table), [{"record_id": number, **kept.get(number, {}), **row} for number, row in rows.items()]
    )


def _settle_numbers(session: Session) -> None:
    columns = (subscription, record.c.subject, record.c.device_id.label("own"))
    rows = session.execute(
        select(*columns).join(record, record.c.id == subscription.c.record_id).where(record.c.gone_at.is_(None))
    ).all()
    if not rows:
        return
    found = attached((Number(row.record_id, row.number_key, row.iccid_key, row.own) for row in rows), _phones(session))
    moved = [
        {"key": row.record_id, "to": device_id, "by": found_by}
        for row in rows
        for device_id, found_by in [found.get(row.record_id, (None, None))]
        if (row.device_id, row.found_by) != (device_id, found_by)
    ]
    _move(session, moved)


def _phones(session: Session) -> list[Phone]:
    columns = (device.c.id, device.c.phone_number, device.c.iccid, device.c.last_seen)
    says = or_(device.c.phone_number.is_not(None), device.c.iccid.is_not(None))
    rows = session.execute(
        select(*columns).where(says, device.c.merged_into.is_(None), device.c.state.not_in(_OUT)).order_by(device.c.id)
    )
    return [Phone(row.id, number_key(row.phone_number), iccid_key(row.iccid), row.last_seen) for row in rows]


def _move(session: Session, moved: Collection[Mapping[str, Any]]) -> None:
    """Numbers to other devices; the contract of a row that names no device itself goes along."""
    if not moved:
        return
    session.connection().execute(
        update(subscription)
        .where(subscription.c.record_id == bindparam("key"))
        .values(device_id=bindparam("to"), found_by=bindparam("by")),
        list(moved),
    )
    along = [{"key": row["key"], "to": row["to"]} for row in moved if row["by"] != FoundBy.ROW]
    if along:
        session.connection().execute(
            update(contract_device)
            .where(contract_device.c.record_id == bindparam("key"))
            .values(device_id=bindparam("to")),
            along,
        )


def _settle_registrations(session: Session) -> None:
    here = (
        select(device.c.id)
        .where(device.c.directory_id == registration.c.directory_id, device.c.merged_into.is_(None))
        .order_by(device.c.last_seen.is_(None), device.c.last_seen.desc(), device.c.id)
        .limit(1)
        .scalar_subquery()
    )
    found = select(registration.c.record_id, here.label("here"), registration.c.device_id)
    moved = [
        {"key": row.record_id, "to": row.here} for row in session.execute(found).all() if row.here != row.device_id
    ]
    if moved:
        session.connection().execute(
            update(registration).where(registration.c.record_id == bindparam("key")).values(device_id=bindparam("to")),
            moved,
        )
