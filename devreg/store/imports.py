"""What an import asks before it writes a row, and what has become of it afterwards."""

from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from devreg.domain.nodes import MATCHING
from devreg.domain.observation import Identifier, IdKind, Subject
from devreg.store.among import among
from devreg.store.devices import Change
from devreg.store.schema import change, device, headcount, record, record_key, rejected, review, unit


class Earlier(msgspec.Struct, frozen=True):
    """A row as an earlier import of it left it."""

    body: dict[str, Any]
    device_id: int | None
    hash: bytes


def earlier(session: Session, name: str, native_ids: Collection[str]) -> dict[str, Earlier]:
    """Rows of the source by their ids."""
    columns = (record.c.native_id, record.c.body, record.c.device_id, record.c.hash)
    rows = session.execute(
        select(*columns).where(record.c.source == name, among(session, record.c.native_id, native_ids))
    )
    return {row.native_id: Earlier(row.body, row.device_id, row.hash) for row in rows}


def labelled(session: Session, field: str, values: Collection[str]) -> dict[str, set[int]]:
    """Devices by a label that people give (asset tag, telephone number, SIM card)."""
    column = device.c[field]
    rows = session.execute(
        select(column, device.c.id).where(among(session, column, values), device.c.merged_into.is_(None))
    )
    found: dict[str, set[int]] = {}
    for value, device_id in rows:
        found.setdefault(value, set()).add(device_id)
    return found


def strongest(session: Session, device_ids: Collection[int]) -> dict[int, Identifier]:
    """The best identifier of each device that has one; of several alike the first."""
    rows = session.execute(
        select(record.c.device_id, record_key.c.key)
        .join(record_key, record_key.c.record_id == record.c.id)
        .where(among(session, record.c.device_id, device_ids), record_key.c.current.is_(True))
    )
    found: dict[int, tuple[int, str]] = {}
    for device_id, key in rows:
        assert device_id is not None  # noqa: S101  asked for above
        kind, _, value = key.partition(":")
        if kind in MATCHING:
            found[device_id] = min(found.get(device_id, (len(MATCHING), "")), (MATCHING.index(IdKind(kind)), value))
    return {device_id: Identifier(MATCHING[place], value) for device_id, (place, value) in found.items()}


def changes(session: Session, run_id: int) -> list[Change]:
    """What a run changed in devices that were there before."""
    rows = session.execute(select(change).where(change.c.run_id == run_id).order_by(change.c.id))
    return [Change(row.device_id, row.field, row.old, row.new) for row in rows if row.field != "registered"]


def values(session: Session, device_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Devices as they stand."""
    rows = session.execute(select(device).where(among(session, device.c.id, device_ids)))
    return {row.id: dict(row._mapping) for row in rows}


def rejections(session: Session, run_id: int) -> dict[str, str]:
    """Why a run could not use rows, by their ids."""
    rows = session.execute(select(rejected.c.native_id, rejected.c.reason).where(rejected.c.run_id == run_id))
    return {row.native_id: row.reason for row in rows if row.native_id is not None}


def facts(session: Session, subject: Subject) -> dict[tuple[str, ...], dict[str, Any]]:
    """Units by id, or head-counts by unit, stage and day, as they stand; nothing of what else rows are about."""
    tables = {Subject.UNIT: (unit, ("id",)), Subject.HEADCOUNT: (headcount, ("unit", "stage", "date"))}
    if subject not in tables:
        return {}
    table, key = tables[subject]
    rows = session.execute(select(table))
    return {tuple(str(row._mapping[name]) for name in key): dict(row._mapping) for row in rows}


def asked(session: Session, run_id: int) -> dict[int, set[int]]:
    """Questions that a run opened: record -> devices it is about."""
    rows = session.execute(select(review.c.record_id, review.c.device_ids).where(review.c.run_id == run_id))
    found: dict[int, set[int]] = {}
    for row in rows:
        found.setdefault(row.record_id, set()).update(row.device_ids)
    return found
