"""Ports of a device: stable names, and which stack member a port is on."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from collectors.snmp.reading import Interface, Reading

if TYPE_CHECKING:  # devices makes the units and asks here for their ports
    from collectors.snmp.devices import Unit

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
    ports: Sequence[dict[str, Any]], reading: Reading, units: "Sequence[Unit]"
) -> list[list[dict[str, Any]]]:
    """The ports of each unit, in the units' order; a port of the stack as a whole (VLAN, LAG) goes to the first."""
    found: list[list[dict[str, Any]]] = [[] for _ in units]
    by_hardware = _member_of_if_index(reading, units) if len(units) > 1 else {}
    by_position = {unit.position: place for place, unit in enumerate(units)}
    for port in ports:
        place = by_hardware.get(port["if_index"])
        if place is None:
            number = _FIRST_NUMBER.match(port["name"])
            place = by_position.get(int(number[1]), 0) if number else 0
        found[place].append(port)
    return found


def _member_of_if_index(reading: Reading, units: "Sequence[Unit]") -> Mapping[int, int]:
    """ifIndex -> place of the unit whose chassis holds the port's hardware."""
    parents = {row.index: row.parent for row in reading.entities}
    chassis = {unit.entity.index: place for place, unit in enumerate(units) if unit.entity is not None}
    found: dict[int, int] = {}
    for part, if_index in reading.entity_ports:
        at: int | None = part
        for _ in range(len(parents)):  # a cycle in containedIn ends here
            if at is None or at in chassis:
                break
            at = parents.get(at)
        if at in chassis:
            found[if_index] = chassis[at]
    return found
