"""Which physical devices stand behind one target: the device itself, or each member of a stack."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from collectors.snmp import mibs
from collectors.snmp.reading import Entity, Reading
from collectors.snmp.vendors import Rules
from devreg.domain import identifiers

_MODULE: Final = 9


class Unit(msgspec.Struct, frozen=True):
    """One physical device of a target."""

    serial: str | None
    entity: Entity | None = None
    position: int | None = None
    model: str | None = None
    version: str | None = None
    mac: str | None = None


def units(reading: Reading, rules: Rules) -> list[Unit]:
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
    return [Unit(_serial(reading, rules, row if rows else None, row), row)]


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


def _serial(reading: Reading, rules: Rules, chassis: Entity | None, root: Entity | None) -> str | None:
    """The device's serial number from the best witness; a model name is none, and a MAC in disguise is the last resort."""
    vendor = rules.applied(reading.vendor_rule, reading.object_id)
    own = reading.vendor.get("serial")
    by_rank = [
        own if vendor is not None and vendor.own_serial_first else None,
        chassis.serial if chassis else None,
        reading.printer_serial,
        own,
        root.serial if root else None,
        rules.described(reading.descr, reading.object_id).get("serial"),
        _main_board(reading.entities),
    ]
    models = {root.model if root else None, reading.vendor.get("model")}
    fit = [text for text in by_rank if text and text not in models and identifiers.serial(text)]
    macs = {reading.base_mac, *(row.mac for row in reading.interfaces)}
    honest = [text for text in fit if "".join(c for c in text.lower() if c.isalnum()) not in macs]
    return next(iter([*honest, *fit]), None)


def _main_board(entities: Sequence[Entity]) -> str | None:
    """The first module's serial number, for devices whose chassis has none: the board that answers is then the device."""
    if any(row.serial for row in entities if row.kind == mibs.CHASSIS):
        return None
    return next((row.serial for row in entities if row.kind == _MODULE and identifiers.serial(row.serial)), None)


def holders(entities: Iterable[Entity], found: Sequence[Unit]) -> Mapping[int, int]:
    """entPhysicalIndex -> place in `found` of the unit that holds the part."""
    parents = {row.index: row.parent for row in entities}
    chassis = {unit.entity.index: place for place, unit in enumerate(found) if unit.entity is not None}
    held: dict[int, int] = {}
    for index in parents:
        at: int | None = index
        for _ in range(len(parents)):  # a cycle in containedIn ends here
            if at is None or at in chassis:
                break
            at = parents.get(at)
        if at in chassis:
            held[index] = chassis[at]
    return held
