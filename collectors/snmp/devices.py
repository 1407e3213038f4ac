"""A reading as records: one for each physical device, with the fields the registry asks for and no others."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from collectors.snmp import mibs
from collectors.snmp.meetings import ENGINE
from collectors.snmp.members import Unit, holders, units
from collectors.snmp.points import point_records
from collectors.snmp.ports import named_ports, ports_by_member
from collectors.snmp.reading import Entity, Reading
from collectors.snmp.vendors import Rules
from devreg.domain import identifiers
from devreg.domain.observation import Subject
from devreg.ports import Record

_COMPONENTS: Final = {4: "backplane", 6: "power supply", 7: "fan", 9: "module", 12: "cpu"}
_SHARED_MACS: Final = ("00005e0001", "00005e0002", "00000c07ac", "00000c9ff")
"""VRRP and HSRP: whichever router is active answers under them."""


def records(reading: Reading, answered_at: datetime, rules: Rules) -> list[Record]:
    """One record a physical device, the first or master one first, then the access points behind it."""
    found = units(reading, rules)
    held = holders(reading.entities, found)
    ports = ports_by_member(named_ports(reading.interfaces), reading.entity_ports, found, held)
    own = [
        Record(
            Subject.DEVICE,
            _native_id(reading, unit, alone=len(found) == 1),
            _body(reading, unit, alone=len(found) == 1)
            | _without_blanks(
                {"components": _components(reading.entities, found, place, held), "ports": _stored(ports[place])}
            ),
            _volatile(reading, ports[place], answered_at, is_first=place == 0),
            part=reading.address,
        )
        for place, unit in enumerate(found)
    ]
    return [*own, *point_records(reading, answered_at)]


def _native_id(reading: Reading, unit: Unit, *, alone: bool) -> str:
    key = identifiers.serial(unit.serial)
    if key is not None:
        return key.key
    mac = identifiers.mac(_own_mac(reading) if alone else unit.mac)
    if mac is not None:
        return mac.key
    if alone and reading.engine_id is not None:
        return ENGINE + reading.engine_id
    return f"target:{reading.address}" if alone else f"target:{reading.address}#{unit.position}"


def _own_mac(reading: Reading) -> str | None:
    """The address burnt in: the bridge's or LLDP's, else the lowest of the interfaces' that belongs to this device alone."""
    lowest = sorted(
        row.mac
        for row in reading.interfaces
        if row.mac and identifiers.mac(row.mac) and not row.mac.startswith(_SHARED_MACS)
    )
    return reading.base_mac or reading.vendor.get("mac") or next(iter(lowest), None)


def _body(reading: Reading, unit: Unit, *, alone: bool) -> dict[str, Any]:
    """The allow-list: what tells which device it is and what it is, without anything that moves by itself."""
    return _without_blanks(
        {
            "address": reading.address,
            "ip": reading.ip,
            "object_id": reading.object_id,
            "descr": reading.descr,
            "name": reading.name,
            "location": reading.location,
            "services": reading.services,
            "serial": unit.serial,
            "position": unit.position,
            "stack": None if alone else reading.name or reading.address,
            "model": unit.model,
            "version": unit.version,
            "mac": _own_mac(reading) if alone else unit.mac,
            "engine": reading.engine_id if alone else None,
            "entity": _entity(unit.entity),
            "printer": _without_blanks({"device": reading.printer_device, "name": reading.printer_name}),
            "prints": reading.is_printer,
            "ups": reading.ups,
            "bridge": reading.is_bridge,
            "vendor": reading.vendor,
            "vendor_rule": reading.vendor_rule,
        }
    )


def _entity(row: Entity | None) -> dict[str, Any]:
    """What ENTITY-MIB says of the device as a whole; a row that merely stands first (a port, a sensor) says nothing about it."""
    if row is None or not (row.kind in {None, mibs.CHASSIS, mibs.STACK} or row.serial):
        return {}
    fields = ("name", "descr", "hardware", "firmware", "software", "maker", "model")
    return _without_blanks({field: getattr(row, field) for field in fields})


def _stored(ports: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [_without_blanks({**port, "oper": None}) for port in ports]


def _components(
    entities: Iterable[Entity], found: Sequence[Unit], place: int, held: Mapping[int, int]
) -> list[dict[str, Any]]:
    """The unit's parts with serials of their own: power supplies, modules, optics. A part that hangs nowhere belongs to the first."""
    own = {unit.serial for unit in found}
    return [
        _without_blanks(
            {"kind": _COMPONENTS.get(row.kind or 0, "part"), "name": row.name, "model": row.model, "serial": row.serial}
        )
        for row in entities
        if held.get(row.index, 0) == place and row.serial not in own and identifiers.serial(row.serial)
    ]


def _volatile(
    reading: Reading, ports: Sequence[dict[str, Any]], answered_at: datetime, *, is_first: bool
) -> dict[str, Any]:
    return _without_blanks(
        {
            "answered_at": answered_at.isoformat(),
            "up_time": reading.up_time,
            "page_count": reading.page_count,
            "oper": {port["name"]: port["oper"] for port in ports if port["oper"]},
            "gauges": msgspec.to_builtins(reading.gauges) if is_first else [],
        }
    )


def _without_blanks(fields: dict[str, Any]) -> dict[str, Any]:
    """What is said: no None, no empty text or list, no False. A zero is said."""
    return {
        key: value
        for key, value in fields.items()
        if value is not None and value is not False and value not in ("", {}, [])
    }
