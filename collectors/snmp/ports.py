"""Ports of a device: stable names, and which stack member a port is on."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from collectors.snmp.members import Unit
from collectors.snmp.reading import Interface

_FIRST_NUMBER: Final = re.compile(r"^[A-Za-z\-]*\s?(\d+)[/:]\d")
"""Gi2/0/1, 2:1, xe-1/0/0: the member's number comes first."""


def named_ports(interfaces: Sequence[Interface]) -> list[dict[str, Any]]:
    """The interfaces as ports, each with a name of its own.

    ifName, else ifDescr, else the ifIndex, which is a handle that changes at a reboot. Where a name repeats, ifDescr tells
    the ports apart, else their order by (ifDescr, MAC, ifAlias, ifIndex).
    """
    bare = {row.index: row.name or row.descr or f"if{row.index}" for row in interfaces}
    groups: dict[str, list[Interface]] = defaultdict(list)
    for row in interfaces:
        groups[bare[row.index]].append(row)
    names: dict[int, str] = {}
    taken: set[str] = {name for name, rows in groups.items() if len(rows) == 1}
    for name, rows in groups.items():
        told_apart = len({row.descr for row in rows if row.descr and row.descr != name}) == len(rows)
        for place, row in enumerate(sorted(rows, key=_order), 1):
            wanted = name if len(rows) == 1 else f"{name} ({row.descr})" if told_apart else f"{name} ({place})"
            while len(rows) > 1 and wanted in taken:
                wanted += "'"
            taken.add(wanted)
            names[row.index] = wanted
    return [_port(row, names[row.index]) for row in interfaces]


def _order(row: Interface) -> tuple[str, str, str, int]:
    return row.descr or "", row.mac or "", row.alias or "", row.index


def _port(row: Interface, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "if_index": row.index,
        "alias": row.alias,
        "if_type": row.type,
        "speed_bps": row.speed_bps,
        "admin": row.admin,
        "oper": row.oper,
        "mac": row.mac,
    }


def ports_by_member(
    ports: Sequence[dict[str, Any]],
    entity_ports: Iterable[tuple[int, int]],
    units: Sequence[Unit],
    held: Mapping[int, int],
) -> list[list[dict[str, Any]]]:
    """The ports of each unit, in the units' order; a port of the stack as a whole (VLAN, LAG) goes to the first.

    `entity_ports` are pairs (entPhysicalIndex, ifIndex); `held` says which unit holds a part.
    """
    found: list[list[dict[str, Any]]] = [[] for _ in units]
    by_hardware = {if_index: held[part] for part, if_index in entity_ports if part in held}
    by_position = {unit.position: place for place, unit in enumerate(units)}
    for port in ports:
        place = by_hardware.get(port["if_index"])
        if place is None:
            number = _FIRST_NUMBER.match(port["name"])
            place = by_position.get(int(number[1]), 0) if number else 0
        found[place].append(port)
    return found
