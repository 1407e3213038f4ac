"""Which physical devices a reading tells of: the device itself, or each member of a stack."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from collectors.snmp import mibs
from collectors.snmp.ports import named_ports, ports_by_member
from collectors.snmp.reading import Entity, Reading
from collectors.snmp.vendors import vendor_of, vendors
from devreg.domain import identifiers
from devreg.domain.observation import Subject
from devreg.ports import Record

_COMPONENTS: Final = {4: "backplane", 6: "power supply", 7: "fan", 9: "module", 12: "cpu"}
_MODULE: Final = 9


class Unit(msgspec.Struct, frozen=True):
    """One physical device of a target."""

    serial: str | None
    entity: Entity | None = None
    position: int | None = None
    model: str | None = None
    version: str | None = None
    mac: str | None = None


def records(reading: Reading, answered_at: datetime) -> list[Record]:
    """One record a physical device, the first or master one first."""
    found = units(reading)
    ports = ports_by_member(named_ports(reading.interfaces), reading, found)
    return [
        Record(
            Subject.DEVICE,
            _native_id(reading, unit, alone=len(found) == 1),
            _body(reading, unit, ports[place], alone=len(found) == 1),
            _volatile(reading, ports[place], answered_at),
            part=reading.address,
        )
        for place, unit in enumerate(found)
    ]


def units(reading: Reading) -> list[Unit]:
    """The members of a stack in order of position; else the one device."""
    rows = _chassis(reading.entities) or _stack_members(reading.entities)
    if len(rows) > 1:
        return _from_rows(reading, rows)
    told = [member for member in reading.members if identifiers.serial(member.serial)]
    if len({member.serial for member in told}) > 1:
        return [
            Unit(member.serial, None, member.position, member.model, member.version, member.mac)
            for member in sorted(told, key=lambda member: member.position)
        ]
    row = rows[0] if rows else _root(reading.entities)
    return [Unit(_serial(reading, row if rows else None, row), row)]


def _chassis(entities: Iterable[Entity]) -> list[Entity]:
    """Rows of class chassis with a serial, each serial once. A stack (class 11) is a container and repeats its master's serial."""
    by_serial: dict[str, Entity] = {}
    for row in entities:
        key = identifiers.serial(row.serial)
        if row.kind == mibs.CHASSIS and key is not None:
            by_serial.setdefault(key.value, row)
    return list(by_serial.values())


def _stack_members(entities: Sequence[Entity]) -> list[Entity]:
    """Stacks whose members have no class chassis: the stack-class rows inside a stack, or the first part with a serial in each."""
    stacks = {row.index for row in entities if row.kind == mibs.STACK}
    inner = [row for row in entities if row.index in stacks and row.parent in stacks]
    found: dict[str, Entity] = {}
    for member in inner:
        parts = [member, *(row for row in entities if row.parent == member.index)]
        first = next((row for row in parts if identifiers.serial(row.serial)), None)
        if first is not None and first.serial is not None:
            found.setdefault(first.serial, first)
    return list(found.values())


def _root(entities: Sequence[Entity]) -> Entity | None:
    """The row that stands for the whole device."""
    tops = [row for row in entities if not row.parent]
    ranked = (
        [row for row in tops if identifiers.serial(row.serial)],
        [row for row in entities if row.kind == mibs.CHASSIS],
        tops,
    )
    return next((rows[0] for rows in ranked if rows), None)


def _from_rows(reading: Reading, rows: Sequence[Entity]) -> list[Unit]:
    positions = _positions(rows)
    macs = {member.entity: member.mac for member in reading.members if member.entity is not None}
    found = [Unit(row.serial, row, positions[row.index], mac=macs.get(row.index)) for row in rows]
    return sorted(found, key=lambda unit: unit.position or 0)


def _positions(rows: Sequence[Entity]) -> dict[int, int]:
    """Position in the stack: the number in "Switch 2" where each row has its own, else the place in the parent, else the order."""
    by_name = [_number_in(row.name) for row in rows]
    by_place = [row.place for row in rows]
    for found in (by_name, by_place):
        if None not in found and len(set(found)) == len(rows) and min(n for n in found if n is not None) >= 0:
            return {row.index: n for row, n in zip(rows, found, strict=True) if n is not None}
    return {row.index: place for place, row in enumerate(rows, 1)}


def _number_in(name: str | None) -> int | None:
    numbers = re.findall(r"(?<![\w.])\d{1,2}(?![\w.])", name or "")
    return int(numbers[0]) if len(numbers) == 1 else None


def _serial(reading: Reading, chassis: Entity | None, root: Entity | None) -> str | None:
    """The device's serial number from the best witness; a model name is none, and a MAC in disguise is the last resort."""
    vendor = vendors().get(reading.vendor_rule or "") or vendor_of(reading.object_id)
    own = reading.vendor.get("serial")
    by_rank = [
        own if vendor is not None and vendor.own_serial_first else None,
        chassis.serial if chassis else None,
        reading.printer_serial,
        own,
        root.serial if root else None,
        described(reading.descr, reading.object_id).get("serial"),
        next((row.serial for row in reading.entities if row.kind == _MODULE and identifiers.serial(row.serial)), None),
    ]
    models = {root.model if root else None, reading.vendor.get("model")}
    fit = [text for text in by_rank if text and text not in models and identifiers.serial(text)]
    macs = {reading.base_mac, *(row.mac for row in reading.interfaces)}
    honest = [text for text in fit if "".join(c for c in text.lower() if c.isalnum()) not in macs]
    return next(iter([*honest, *fit]), None)


def described(descr: str | None, object_id: str | None) -> dict[str, str]:
    """Fields that the vendor's patterns find in sysDescr."""
    vendor = vendor_of(object_id)
    for pattern in vendor.descr if vendor and descr else ():
        match = pattern.search(descr or "")
        if match:
            return {name: value.strip() for name, value in match.groupdict().items() if value and value.strip()}
    return {}


def _native_id(reading: Reading, unit: Unit, *, alone: bool) -> str:
    key = identifiers.serial(unit.serial)
    if key is not None:
        return key.key
    mac = identifiers.mac(reading.base_mac if alone else unit.mac)
    if mac is not None:
        return mac.key
    return f"target:{reading.address}" if alone else f"target:{reading.address}#{unit.position}"


def _body(reading: Reading, unit: Unit, ports: Sequence[dict[str, Any]], *, alone: bool) -> dict[str, Any]:
    """The allow-list. What tells which device it is and what it is, without anything that moves by itself."""
    row = unit.entity
    body: dict[str, Any] = {
        "address": reading.address,
        "ip": reading.ip,
        "object_id": reading.object_id,
        "descr": reading.descr,
        "name": reading.name,
        "location": reading.location,
        "services": reading.services,
        "serial": unit.serial,
        "position": unit.position,
        "model": unit.model,
        "version": unit.version,
        "mac": (reading.base_mac or reading.vendor.get("mac")) if alone else unit.mac,
        "entity": {
            field: getattr(row, field)
            for field in ("name", "descr", "hardware", "firmware", "software", "maker", "model")
            if getattr(row, field)
        }
        if row
        else None,
        "components": _components(reading.entities, unit) if alone else None,
        "printer": {"device": reading.printer_device, "name": reading.printer_name} if reading.is_printer else None,
        "ups": reading.ups,
        "bridge": reading.is_bridge,
        "vendor": reading.vendor,
        "vendor_rule": reading.vendor_rule,
        "ports": [{k: v for k, v in port.items() if k != "oper" and v is not None} for port in ports],
    }
    return {key: value for key, value in body.items() if value not in (None, {}, [], False)}


def _components(entities: Iterable[Entity], unit: Unit) -> list[dict[str, Any]]:
    """Parts with serials of their own: power supplies, modules, optics."""
    return [
        {"kind": _COMPONENTS.get(row.kind or 0, "part"), "name": row.name, "model": row.model, "serial": row.serial}
        for row in entities
        if row is not unit.entity and row.serial != unit.serial and identifiers.serial(row.serial)
    ]


def _volatile(reading: Reading, ports: Sequence[dict[str, Any]], answered_at: datetime) -> dict[str, Any]:
    volatile = {
        "answered_at": answered_at.isoformat(),
        "up_time": reading.up_time,
        "page_count": reading.page_count,
        "oper": {port["name"]: port["oper"] for port in ports if port.get("oper")},
    }
    return {key: value for key, value in volatile.items() if value not in (None, {})}
