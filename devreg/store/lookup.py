"""Reads about one device."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from devreg.domain import identifiers
from devreg.domain.device import parse_ref
from devreg.domain.observation import Gauge, Port, Subject
from devreg.store.among import among
from devreg.store.schema import (
    change,
    contract,
    contract_device,
    device,
    gauge,
    port,
    record,
    record_key,
    review,
    sighting,
    source,
)
from devreg.text import storable


def exactly(session: Session, text: str, *, by_mac: bool = False) -> list[int]:
    """Devices whose asset tag, serial, IMEI or reference is this text; exact but for case and blanks, never a part of it.

    Asked so also by MAC address, which stands as a bar code on network gear.
    """
    text = storable(text).strip()
    number = parse_ref("D", text)
    cleaned = (identifiers.serial(text), identifiers.imei(text), identifiers.asset_tag(text))
    macs = (identifiers.mac(text),) if by_mac else ()
    keys = [found.key for found in (*cleaned, *macs) if found is not None]
    by_key = (
        select(record.c.device_id)
        .join(record_key, record_key.c.record_id == record.c.id)
        .where(among(session, record_key.c.key, keys), record_key.c.current.is_(True))
    )
    return list(
        session.execute(
            select(device.c.id)
            .where(
                or_(device.c.id == current(session, number), device.c.id.in_(by_key)), device.c.merged_into.is_(None)
            )
            .order_by(device.c.id)
        ).scalars()
    )


def current(session: Session, device_id: int | None) -> int | None:
    """The device that a number stands for today, after whatever merges."""
    passed: set[int] = set()
    while device_id is not None and device_id not in passed:
        passed.add(device_id)
        into = session.execute(select(device.c.merged_into).where(device.c.id == device_id)).scalar()
        if into is None:
            return device_id
        device_id = into
    return None


def record_lines(session: Session, device_id: int) -> list[dict[str, Any]]:
    """Every source record about the device, as it was last read; what people gave single fields stands with those."""
    columns = ("source", "native_id", "rung", "first_seen", "gone_at", "body", "volatile")
    statement = (
        select(source.c.kind, sighting.c.last_seen, *(record.c[name] for name in columns))
        .join(source, source.c.name == record.c.source)
        .join(sighting, sighting.c.record_id == record.c.id)
    )
    rows = session.execute(
        statement.where(record.c.device_id == device_id, record.c.subject != Subject.VALUE).order_by(
            record.c.source, record.c.native_id
        )
    )
    return [{**row._mapping, "rung": row.rung or ""} for row in rows]


def history(session: Session, device_id: int, limit: int) -> Sequence[Any]:
    """Changes of the device, newest first."""
    return session.execute(
        select(change).where(change.c.device_id == device_id).order_by(change.c.id.desc()).limit(limit)
    ).all()


def contracts(session: Session, device_id: int) -> Sequence[Any]:
    """Contracts the device is in or was, as it stands in each."""
    columns = (contract.c.id, contract.c.number, contract.c.kind, contract.c.supplier, contract.c.start)
    names = (
        "state",
        "next_on",
        "ends",
        "notice_by",
        "return_by",
        "decision",
        "monthly_fee_cents",
        "cost_so_far_cents",
        "cost_to_end_cents",
    )
    own = (contract_device.c[name] for name in names)
    statement = select(*columns, *own).join(contract_device, contract_device.c.contract_id == contract.c.id)
    of = contract_device.c.device_id == device_id
    return session.execute(statement.where(of).order_by(contract.c.id, contract_device.c.id)).all()


def ports(session: Session, device_id: int) -> list[Port]:
    """Ports of the device in the order of its own numbering."""
    statement = select(*(port.c[name] for name in Port.__struct_fields__)).where(port.c.device_id == device_id)
    return [Port(**row._mapping) for row in session.execute(statement.order_by(port.c.if_index, port.c.name))]


def gauges(session: Session, device_id: int) -> list[Gauge]:
    """What the device measured of itself at its last reading."""
    statement = select(*(gauge.c[name] for name in Gauge.__struct_fields__)).where(gauge.c.device_id == device_id)
    return [Gauge(**row._mapping) for row in session.execute(statement.order_by(gauge.c.record_id, gauge.c.index))]


def open_reviews(session: Session, device_id: int) -> list[str]:
    """Open questions that name the device."""
    rows = session.execute(
        select(review.c.reason, record.c.source, record.c.native_id, review.c.device_ids)
        .join(record, record.c.id == review.c.record_id)
        .where(review.c.closed_at.is_(None))
    )
    return [f"{row.reason} ({row.source} {row.native_id})" for row in rows if device_id in row.device_ids]
