"""What network devices saw around themselves: kept as they saw it, joined with devices only when somebody asks."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import Table, and_, bindparam, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.orm import Session

from devreg.domain.device import Kind
from devreg.domain.observation import IdKind
from devreg.domain.sorting import sort_key
from devreg.domain.topology import Around, Neighbour, Seen, Station
from devreg.store.among import among
from devreg.store.schema import device, port, record, record_key
from devreg.store.topology_schema import neighbour, station

_T = TypeVar("_T", Neighbour, Station)
_KEPT: Final = timedelta(days=365)
_KEPT_RANDOM: Final = timedelta(days=30)
"""Phones make up a new address for each network: where they once were tells nothing."""
_RANDOM: Final = ("2", "6", "a", "e")
"""Second digit of an address that is locally administered."""
SWITCHES: Final = (Kind.SWITCH, Kind.ROUTER, Kind.FIREWALL)
"""Behind these are more ports."""


def save(session: Session, name: str, seen: Collection[Around], now: datetime) -> None:
    """What stands around the source's devices now. What a whole list no longer has is kept as past; one that is None takes nothing away.

    A port that the inventory has not told of yet is left for the next time.
    """
    if not seen:
        return
    homes = _homes(session, name, {item.part for item in seen})
    near: dict[int, list[Neighbour]] = {}
    heard: dict[int, list[Station]] = {}
    for item in seen:
        ports = homes.get(item.part, {})
        if item.neighbours is not None:
            near |= _by_record(ports, item.neighbours)
        if item.stations is not None:
            heard |= _by_record(ports, item.stations)
    _replace(session, neighbour, {number: _neighbours(found) for number, found in near.items()}, now)
    _replace(session, station, {number: _stations(found) for number, found in heard.items()}, now)
    _forget(session, heard, now)


def _homes(session: Session, name: str, parts: Collection[str]) -> dict[str, dict[str, int]]:
    """Part -> name of a port -> the record that has it."""
    found: dict[str, dict[str, int]] = {}
    rows = session.execute(
        select(record.c.part, port.c.name, record.c.id)
        .join(port, port.c.record_id == record.c.id)
        .where(record.c.source == name, among(session, record.c.part, parts), record.c.gone_at.is_(None))
    )
    for row in rows:
        found.setdefault(row.part, {})[row.name] = row.id
    return found


def _by_record(ports: Mapping[str, int], found: Iterable[_T]) -> dict[int, list[_T]]:
    """What is seen by the record of the port; one that sees nothing any more is told by an empty list."""
    told: dict[int, list[_T]] = {number: [] for number in ports.values()}
    for each in found:
        if each.port in ports:
            told[ports[each.port]].append(each)
    return told


_Rows = Mapping[int, Sequence[dict[str, Any]]]


def _neighbours(found: Iterable[Neighbour]) -> list[dict[str, Any]]:
    return [
        {**msgspec.structs.asdict(item), "remote_key": item.remote_name and sort_key(item.remote_name)}
        for item in found
    ]


def _stations(found: Iterable[Station]) -> list[dict[str, Any]]:
    return [msgspec.structs.asdict(item) for item in found]


def _replace(session: Session, table: Table, rows: _Rows, now: datetime) -> None:
    """The rows of these records as they are now; those of before that are not among them stay as past."""
    if not rows:
        return
    key = [column.name for column in table.primary_key]
    known = {
        tuple(found)
        for found in session.execute(
            select(*table.primary_key).where(among(session, table.c.record_id, list(rows)))
        ).all()
    }
    session.execute(
        update(table).where(among(session, table.c.record_id, list(rows)), table.c.current).values(current=False)
    )
    values = [
        {"record_id": number, **row, "first_seen": now, "last_seen": now, "current": True}
        for number, found in rows.items()
        for row in found
    ]
    fresh = [row for row in values if tuple(row[name] for name in key) not in known]
    again = [row for row in values if tuple(row[name] for name in key) in known]
    if fresh:
        session.execute(insert(table), fresh)
    if again:
        said = [column.name for column in table.c if column.name not in {*key, "first_seen"}]
        statement = (
            update(table)
            .where(*(table.c[name] == bindparam(f"k_{name}") for name in key))
            .values({name: bindparam(f"v_{name}") for name in said})
        )
        session.connection().execute(
            statement,
            [{**{f"k_{n}": row[n] for n in key}, **{f"v_{n}": row[n] for n in said}} for row in again],
        )


def _forget(session: Session, numbers: Collection[int], now: datetime) -> None:
    if not numbers:
        return
    past = and_(among(session, station.c.record_id, numbers), station.c.current.is_(False))
    random = and_(func.substr(station.c.mac, 2, 1).in_(_RANDOM), station.c.last_seen < now - _KEPT_RANDOM)
    session.execute(delete(station).where(past, or_(station.c.last_seen < now - _KEPT, random)))


def matched(near: Any = neighbour) -> Any:
    """SQL: the one registered device that a neighbour is. By its MAC; else by its name among the gear of the same source.

    Two places that answer to it are none: a name is only a hint, and most gear never got one. The members of a stack are one
    place; its first member stands for them.
    """
    keyed, same, other, own, its = record_key.alias(), record.alias(), device.alias(), record.alias(), record.alias()
    by_mac = (
        select(func.min(same.c.device_id))
        .join(keyed, keyed.c.record_id == same.c.id)
        .where(
            keyed.c.key == literal(f"{IdKind.MAC}:").concat(near.c.remote_mac),
            keyed.c.current,
            same.c.gone_at.is_(None),
        )
        .having(func.count(same.c.device_id.distinct()) == 1)
        .correlate(near)
        .scalar_subquery()
    )
    by_name = (
        select(func.min(other.c.id))
        .join(own, own.c.device_id == other.c.id)
        .join(its, its.c.source == own.c.source)
        .where(
            its.c.id == near.c.record_id,
            own.c.gone_at.is_(None),
            other.c.name_key == near.c.remote_key,
        )
        .having(func.count(own.c.part.distinct()) == 1)
        .correlate(near)
        .scalar_subquery()
    )
    return func.coalesce(by_mac, by_name)


class OnPort(msgspec.Struct, frozen=True):
    """An address on a port, with what people call the port."""

    seen: Seen
    device: str | None
    alias: str | None
    location: str | None
    neighbours: tuple[str, ...]
    """What names itself there now."""


def seen(session: Session, mac: str) -> list[tuple[int, Seen]]:
    """Every port on which the address was learnt or named itself: (record of the switch, sighting)."""
    found: dict[tuple[int, str], Seen] = {}
    for row in session.execute(_learnt(mac)):
        item = Seen(row.device_id, row.port, row.vlan, row.first_seen, row.last_seen, row.current, 0, leads_on=False)
        found[row.record_id, row.port] = item
    for row in session.execute(_named(mac)):
        old = found.get((row.record_id, row.port))
        item = Seen(
            row.device_id, row.port, old.vlan if old else None, min(row.first_seen, old.first_seen if old else row.first_seen),
            max(row.last_seen, old.last_seen if old else row.last_seen), row.current or bool(old and old.current), 0,
            leads_on=False, announced=row.current,
        )  # fmt: skip
        found[row.record_id, row.port] = item
    return [
        (
            number,
            msgspec.structs.replace(
                item, others=_others(session, number, name, mac), leads_on=_leads_on(session, number, name, mac)
            ),
        )
        for (number, name), item in found.items()
    ]


def _learnt(mac: str) -> Any:
    columns = (station.c.record_id, station.c.port, station.c.vlan, station.c.first_seen, station.c.last_seen)
    return (
        select(*columns, station.c.current, record.c.device_id)
        .join(record, record.c.id == station.c.record_id)
        .where(station.c.mac == mac, record.c.device_id.is_not(None))
    )


def _named(mac: str) -> Any:
    columns = (neighbour.c.record_id, neighbour.c.port, neighbour.c.first_seen, neighbour.c.last_seen)
    return (
        select(*columns, neighbour.c.current, record.c.device_id)
        .join(record, record.c.id == neighbour.c.record_id)
        .where(neighbour.c.remote_mac == mac, record.c.device_id.is_not(None))
    )


def _others(session: Session, number: int, name: str, mac: str) -> int:
    counted = select(func.count()).where(
        station.c.record_id == number, station.c.port == name, station.c.current, station.c.mac != mac
    )
    return session.execute(counted).scalar_one()


def _leads_on(session: Session, number: int, name: str, mac: str) -> bool:
    """Whether a switch that the register knows is on the port: as a neighbour, or by an address of its own."""
    here = and_(neighbour.c.record_id == number, neighbour.c.port == name, neighbour.c.current)
    beyond = device.alias()
    by_name = (
        select(literal(1))
        .select_from(neighbour.join(beyond, beyond.c.id == matched()))
        .where(here, or_(neighbour.c.remote_mac.is_(None), neighbour.c.remote_mac != mac), beyond.c.kind.in_(SWITCHES))
    )
    other = device.alias()
    by_address = (
        select(literal(1))
        .select_from(station)
        .join(record_key, record_key.c.key == literal(f"{IdKind.MAC}:").concat(station.c.mac))
        .join(record, record.c.id == record_key.c.record_id)
        .join(other, other.c.id == record.c.device_id)
        .where(
            station.c.record_id == number, station.c.port == name, station.c.current, station.c.mac != mac,
            record_key.c.current, record.c.gone_at.is_(None), other.c.kind.in_(SWITCHES),
        )
    )  # fmt: skip
    return bool(session.execute(select(or_(exists(by_name), exists(by_address)))).scalar_one())


def described(session: Session, sightings: Iterable[tuple[int, Seen]]) -> list[OnPort]:
    """The sightings with the words people know the switch and the port by."""
    told: list[OnPort] = []
    for number, item in sightings:
        row = session.execute(
            select(device.c.name, device.c.location, port.c.alias)
            .join(record, record.c.device_id == device.c.id)
            .outerjoin(port, and_(port.c.record_id == record.c.id, port.c.name == item.port))
            .where(record.c.id == number)
        ).one()
        names = session.execute(
            select(func.coalesce(neighbour.c.remote_name, neighbour.c.remote_mac))
            .where(neighbour.c.record_id == number, neighbour.c.port == item.port, neighbour.c.current)
            .order_by(neighbour.c.remote)
        ).scalars()
        told.append(OnPort(item, row.name, row.alias, row.location, tuple(name for name in names if name)))
    return told


def owners(session: Session, mac: str) -> list[int]:
    """Registered devices with the address."""
    rows = session.execute(
        select(record.c.device_id)
        .join(record_key, record_key.c.record_id == record.c.id)
        .where(record_key.c.key == f"{IdKind.MAC}:{mac}", record_key.c.current, record.c.gone_at.is_(None))
        .distinct()
    )
    return sorted(device_id for device_id in rows.scalars() if device_id is not None)


def addresses(session: Session, device_id: int) -> list[str]:
    """The MAC addresses of a device."""
    rows = session.execute(
        select(record_key.c.key)
        .join(record, record.c.id == record_key.c.record_id)
        .where(record.c.device_id == device_id, record_key.c.current, record.c.gone_at.is_(None))
        .distinct()
    )
    return sorted(key.removeprefix(f"{IdKind.MAC}:") for key in rows.scalars() if key.startswith(f"{IdKind.MAC}:"))
