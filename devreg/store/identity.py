"""What identity is decided on: the identifiers of records, who shares them, and what people have pinned."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from devreg.domain import identifiers
from devreg.domain.clusters import JUNK, Node
from devreg.domain.observation import Identifier, IdKind, Observation, Subject
from devreg.store import overrides
from devreg.store.among import among
from devreg.store.schema import alarm, device, pin, record, record_key, source

_MATCHING: Final = frozenset({IdKind.SERIAL, IdKind.IMEI, IdKind.MEID, IdKind.MAC})
"""Kinds that identity goes by; the asset tag is kept for looking devices up."""


class Placed(msgspec.Struct, frozen=True):
    """A record with the device it is attached to now."""

    node: Node
    device_id: int | None
    verdict: str
    rung: str | None


class _Peek(msgspec.Struct):
    claims: dict[str, Any] = {}
    live: bool = True
    manages: bool = False


_PEEK: Final = msgspec.json.Decoder(_Peek)


def holders(session: Session, keys: Collection[str]) -> dict[str, set[int]]:
    """Records by identifier key; a key that more than `JUNK` records share is left out."""
    shared = (
        select(record_key.c.key)
        .where(among(session, record_key.c.key, keys))
        .group_by(record_key.c.key)
        .having(func.count() <= JUNK)
    )
    found: dict[str, set[int]] = {}
    for row in session.execute(select(record_key.c.key, record_key.c.record_id).where(record_key.c.key.in_(shared))):
        found.setdefault(row.key, set()).add(row.record_id)
    return found


def keys_of(session: Session, record_ids: Collection[int]) -> dict[int, dict[Identifier, bool]]:
    """Identifiers of records, with whether each is one it has now."""
    found: dict[int, dict[Identifier, bool]] = {record_id: {} for record_id in record_ids}
    for row in session.execute(select(record_key).where(among(session, record_key.c.record_id, record_ids))):
        kind, _, value = row.key.partition(":")
        found[row.record_id][Identifier(IdKind(kind), value)] = row.current
    return found


def pins_of(session: Session, record_ids: Collection[int]) -> dict[int, int]:
    """Record -> the device a person put it in."""
    rows = session.execute(select(pin.c.record_id, pin.c.device_id).where(among(session, pin.c.record_id, record_ids)))
    return {row.record_id: row.device_id for row in rows}


def mates(session: Session, device_ids: Collection[int]) -> set[int]:
    """Records that people have pinned to these devices."""
    return set(session.execute(select(pin.c.record_id).where(among(session, pin.c.device_id, device_ids))).scalars())


def placed(session: Session, record_ids: Collection[int]) -> list[Placed]:
    """Stored device records with all that identity needs; those about something else are left out."""
    keys, pins = keys_of(session, record_ids), pins_of(session, record_ids)
    columns = (
        record.c.id,
        record.c.source,
        record.c.native_id,
        record.c.observation,
        record.c.gone_at,
        record.c.device_id,
    )
    statement = select(*columns, record.c.verdict, record.c.rung, source.c.kind).join(
        source, source.c.name == record.c.source
    )
    rows = session.execute(statement.where(among(session, record.c.id, record_ids), record.c.subject == Subject.DEVICE))
    found = []
    for row in rows:
        seen, here = _PEEK.decode(row.observation), row.gone_at is None
        made = node(row.id, row.source, row.native_id, row.kind, keys[row.id], seen.claims.get("manufacturer"),
                    live=seen.live and here, manages=seen.manages and here, pin_=pins.get(row.id))  # fmt: skip
        found.append(Placed(made, row.device_id, row.verdict, row.rung))
    return found


def node(
    record_id: int,
    name: str,
    native_id: str,
    kind: str,
    keys: Mapping[Identifier, bool],
    manufacturer: str | None,
    *,
    live: bool,
    manages: bool,
    pin_: int | None,
) -> Node:
    """A record as identity sees it. `keys` says of each identifier whether the record has it now."""
    serials = {key: now for key, now in keys.items() if key.kind is IdKind.SERIAL}
    return Node(
        record_id=record_id,
        name=f"{name}\0{native_id}",
        source=name,
        keys=frozenset(key for key in keys if key.kind in _MATCHING),
        maker=identifiers.maker(manufacturer),
        live=live,
        pin=pin_,
        managed_as=kind if manages and live else None,
        new_serial=any(serials.values()) and not all(serials.values()),
    )


def with_former(keys: Iterable[Identifier], before: Mapping[Identifier, bool]) -> dict[Identifier, bool]:
    """The identifiers a record has after being read again: those it has now, and every serial it had before."""
    now = dict.fromkeys(keys, True)
    return {**{key: False for key in before if key.kind is IdKind.SERIAL and key not in now}, **now}


def left_behind(
    session: Session, before: Mapping[int, Mapping[Identifier, bool]], now: Mapping[int, Mapping[Identifier, bool]]
) -> set[int]:
    """Records that shared an identifier which one of these records has dropped: what held them together may be gone."""
    dropped = {key.key for record_id, had in before.items() for key in had.keys() - now[record_id].keys()}
    return set().union(*holders(session, dropped).values()) - now.keys() if dropped else set()


def save_keys(
    session: Session, wanted: Mapping[int, Mapping[Identifier, bool]], have: Mapping[int, Mapping[Identifier, bool]]
) -> None:
    """Write the identifiers of records where they differ from what is there."""
    added = []
    for record_id, keys in wanted.items():
        before = have.get(record_id, {})
        if before == keys:
            continue
        if before:
            session.execute(delete(record_key).where(record_key.c.record_id == record_id))
        added += [{"key": key.key, "record_id": record_id, "current": now} for key, now in sorted(keys.items())]
    if added:
        session.execute(insert(record_key), added)


def retire(session: Session, into: Mapping[int, int | None]) -> None:
    """Devices that no record is about any more, and the device that took their place."""
    for device_id, successor in into.items():
        session.execute(
            update(device)
            .where(device.c.id == device_id)
            .values(merged_into=successor or device_id, sources="", managed_by=None)
        )
        overrides.forget(session, [device_id])
        if successor is not None:
            session.execute(update(alarm).where(alarm.c.device_id == device_id).values(device_id=successor))


def by_key(session: Session, keys: Collection[str]) -> dict[str, set[int]]:
    """Devices by an identifier that one of their records has now."""
    rows = session.execute(
        select(record_key.c.key, record.c.device_id)
        .join(record, record.c.id == record_key.c.record_id)
        .where(among(session, record_key.c.key, keys), record_key.c.current.is_(True), record.c.device_id.is_not(None))
    )
    found: dict[str, set[int]] = {}
    for row in rows:
        found.setdefault(row.key, set()).add(row.device_id)
    return found


def of_observation(seen: Observation) -> str | None:
    """The manufacturer an observation claims."""
    value = seen.claims.get("manufacturer")
    return value if isinstance(value, str) else None
