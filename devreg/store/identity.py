"""What identity is decided on: the identifiers of records, who shares them, and what people have pinned."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from devreg.domain.fillers import JUNK
from devreg.domain.makers import maker
from devreg.domain.merge import LISTS
from devreg.domain.nodes import MATCHING, Node
from devreg.domain.observation import Identifier, IdKind, Subject
from devreg.domain.policy import PERSON
from devreg.store import overrides
from devreg.store.among import among
from devreg.store.schema import alarm, device, pin, record, record_key, source


class Placed(msgspec.Struct, frozen=True):
    """A record with the device it is attached to now."""

    node: Node
    device_id: int | None
    verdict: str
    rung: str | None


class Told(msgspec.Struct, frozen=True):
    """What identity looks at of a record's claims."""

    manufacturer: str | None = None
    model: str | None = None
    enrolled_at: datetime | None = None


class _Peek(msgspec.Struct):
    claims: Told = Told()
    live: bool = True
    manages: bool = False
    listed: bool = False


_PEEK: Final = msgspec.json.Decoder(_Peek)


class Sharing(msgspec.Struct, frozen=True):
    """Who has any of some identifiers."""

    sizes: dict[str, int]
    """Identifier -> how many records have or had it."""
    record_ids: set[int]
    """All of them; but of an identifier that more than `JUNK` have only the first by name."""


def sharing(session: Session, keys: Collection[str], but: Collection[int]) -> Sharing:
    """Records that have or had these identifiers, leaving out those about to be written anew (`but`)."""
    if not keys:
        return Sharing({}, set())
    others = ~among(session, record_key.c.record_id, but)
    counted = select(record_key.c.key, func.count()).where(among(session, record_key.c.key, keys), others)
    sizes: dict[str, int] = dict(session.execute(counted.group_by(record_key.c.key)).all())
    few = [key for key, size in sizes.items() if size <= JUNK]
    many = [key for key, size in sizes.items() if size > JUNK and not key.startswith(f"{IdKind.MAC}:")]
    found: set[int] = set()
    if few:
        held = select(record_key.c.record_id).where(among(session, record_key.c.key, few), others)
        found.update(session.execute(held).scalars())
    for key in many:
        first = (
            select(record_key.c.record_id)
            .join(record, record.c.id == record_key.c.record_id)
            .where(record_key.c.key == key, others)
            .order_by(record.c.source, record.c.native_id)
            .limit(1)
        )
        found.update(session.execute(first).scalars())
    return Sharing(sizes, found)


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
        record.c.as_of,
    )
    statement = select(*columns, record.c.verdict, record.c.rung, source.c.kind).join(
        source, source.c.name == record.c.source
    )
    rows = session.execute(statement.where(among(session, record.c.id, record_ids), record.c.subject == Subject.DEVICE))
    found = []
    for row in rows:
        seen, here = _PEEK.decode(row.observation), row.gone_at is None
        made = node(row.id, row.source, row.native_id, row.kind, keys[row.id], seen.claims, row.as_of,
                    live=seen.live and here, manages=seen.manages and here, listed=seen.listed, pin_=pins.get(row.id))  # fmt: skip
        found.append(Placed(made, row.device_id, row.verdict, row.rung))
    return found


def node(
    record_id: int,
    name: str,
    native_id: str,
    kind: str,
    keys: Mapping[Identifier, bool],
    told: Told,
    as_of: datetime | None,
    *,
    live: bool,
    manages: bool,
    listed: bool,
    pin_: int | None,
) -> Node:
    """A record as identity sees it. `keys` says of each identifier whether the record has it now."""
    matching = {key: now for key, now in keys.items() if key.kind in MATCHING}
    return Node(
        record_id=record_id,
        name=f"{name}\0{native_id}",
        source=name,
        keys=frozenset(key for key, now in matching.items() if now),
        former=frozenset(key for key, now in matching.items() if not now),
        maker=maker(told.manufacturer),
        model=told.model,
        live=live,
        pin=pin_,
        managed_as=kind if manages and live else None,
        is_listed=listed or kind in LISTS,
        is_typed=kind == PERSON,
        tags=frozenset(key.value for key, now in keys.items() if now and key.kind is IdKind.ASSET_TAG),
        since=told.enrolled_at,
        until=as_of,
    )


def with_former(keys: Iterable[Identifier], before: Mapping[Identifier, bool]) -> dict[Identifier, bool]:
    """The identifiers a record has after being read again: those it has now, and every serial it had before."""
    now = dict.fromkeys(keys, True)
    return {**{key: False for key in before if key.kind is IdKind.SERIAL and key not in now}, **now}


def left_behind(
    session: Session, before: Mapping[int, Mapping[Identifier, bool]], now: Mapping[int, Mapping[Identifier, bool]]
) -> set[int]:
    """Records that shared an identifier which one of these records has dropped: what held them together may be gone."""
    dropped = {
        key.key
        for record_id, had in before.items()
        for key in had.keys() - now[record_id].keys()
        if key.kind in MATCHING
    }
    return sharing(session, dropped, before.keys()).record_ids - now.keys()


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
            .values(
                merged_into=successor or device_id, sources="", managed_by=None, wiped_by=None, mode=None, standing=None
            )
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
