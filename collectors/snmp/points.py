"""Access points behind a controller: each a device of its own, by the serial number or MAC that the controller's table gives."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import msgspec

from collectors.snmp.reading import AccessPoint, Reading
from devreg.domain import identifiers
from devreg.domain.device import Kind
from devreg.domain.observation import Identifier, Observation, Subject, Value
from devreg.errors import Broken
from devreg.ports import Record

POINT: Final = "access_point"
"""The field that holds the row in a record made here, and in no other."""


class _Body(msgspec.Struct, frozen=True):
    access_point: AccessPoint
    managed_through: str


class _Volatile(msgspec.Struct, frozen=True):
    answered_at: datetime | None = None


def point_records(reading: Reading, answered_at: datetime) -> Iterator[Record]:
    """One record an access point; a row that gives nothing to know it by is nobody."""
    through = reading.name or reading.address
    for point in reading.points:
        key = next(iter(_keys(point)), None)
        if key is not None:
            stored = {field: value for field, value in msgspec.structs.asdict(point).items() if value is not None}
            is_up = stored.pop("is_up", True)
            yield Record(
                Subject.DEVICE,
                key.key,
                {POINT: stored, "managed_through": through},
                {"answered_at": answered_at.isoformat()} if is_up else {},
                part=reading.address,
            )


def observe_point(record: Record) -> Observation:
    """The record as identifiers and claims. Raises Broken when it is not what `point_records` makes."""
    try:
        body = msgspec.convert(record.body, _Body)
        volatile = msgspec.convert(record.volatile, _Volatile)
    except msgspec.ValidationError as error:
        raise Broken(f"The SNMP record {record.native_id} makes no sense: {error}.") from error
    point = body.access_point
    mac = identifiers.mac(point.mac)
    claims: dict[str, Value | None] = {
        "name": point.name,
        "kind": Kind.ACCESS_POINT,
        "manufacturer": point.maker,
        "model": point.model,
        "serial": point.serial if identifiers.serial(point.serial) else None,
        "mac": identifiers.mac_text(mac.value) if mac else None,
        "os_version": point.version,
        "address": point.ip,
        "location": point.location,
        "managed_through": body.managed_through,
    }
    return Observation(
        record.subject,
        keys=tuple(_keys(point)),
        claims={field: value for field, value in claims.items() if value is not None},
        as_of=volatile.answered_at if volatile.answered_at and volatile.answered_at.tzinfo else None,
        facts={"subnet": point.ip} if point.ip else {},
    )


def _keys(point: AccessPoint) -> Iterator[Identifier]:
    found: tuple[Any, ...] = (
        identifiers.serial(point.serial), identifiers.mac(point.ethernet_mac), identifiers.mac(point.mac)
    )  # fmt: skip
    yield from dict.fromkeys(key for key in found if key is not None)
