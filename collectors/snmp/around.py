"""Neighbours and learnt addresses out of the tables of LLDP, CDP and bridges, by ifIndex. Source: contracts/snmp.md "Where is it".

Sources: LLDP-MIB and LLDP-V2-MIB (IEEE 802.1AB), CISCO-CDP-MIB, BRIDGE-MIB (RFC 4188), Q-BRIDGE-MIB (RFC 4363).
"""

import hashlib
import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from collectors.snmp.ports import named_ports
from collectors.snmp.reading import Interface, Learnt, Reading, Remote, mac, number, text
from collectors.snmp.walk import Table
from collectors.snmp.wire import Oid, Value
from devreg.domain.soundness import MAX_KEY
from devreg.domain.topology import Around, Neighbour, Protocol, Station

_LLDP: Final[Oid] = (1, 0, 8802, 1, 1, 2, 1)
_LLDP_V2: Final[Oid] = (1, 3, 111, 2, 802, 1, 1, 13, 1)
_BRIDGE: Final[Oid] = (1, 3, 6, 1, 2, 1, 17)
_CDP: Final[Oid] = (1, 3, 6, 1, 4, 1, 9, 9, 23, 1, 2, 1, 1)
_REMOTE: Final = ("chassis_kind", "chassis", "port_kind", "port", "port_descr", "name", "descr")

LOCAL_PORTS: Final = {name: (*_LLDP, 3, 7, 1, arc) for name, arc in (("kind", 2), ("id", 3), ("descr", 4))}
LLDP: Final = {name: (*_LLDP, 4, 1, 1, arc) for arc, name in enumerate(_REMOTE, 4)}
LLDP_ADDRESSES: Final[Oid] = (*_LLDP, 4, 2, 1, 3)
"""lldpRemManAddrIfSubtype: the address is in the index."""
LLDP_V2: Final = {name: (*_LLDP_V2, 4, 1, 1, arc) for arc, name in enumerate(_REMOTE, 5)}
CDP: Final = {
    name: (*_CDP, arc) for name, arc in (("address", 4), ("device", 6), ("port", 7), ("platform", 8), ("name", 17))
}
BRIDGE_PORTS: Final[Oid] = (*_BRIDGE, 1, 4, 1, 2)
"""dot1dBasePortIfIndex."""
Q_FDB: Final = {"port": (*_BRIDGE, 7, 1, 2, 2, 1, 2), "status": (*_BRIDGE, 7, 1, 2, 2, 1, 3)}
FDB: Final = {"port": (*_BRIDGE, 4, 3, 1, 2), "status": (*_BRIDGE, 4, 3, 1, 3)}
VLAN_FDB: Final[Oid] = (*_BRIDGE, 7, 1, 4, 2, 1, 3)
"""dot1qVlanFdbId, by (time mark, VLAN)."""
VTP_VLANS: Final[Oid] = (1, 3, 6, 1, 4, 1, 9, 9, 46, 1, 3, 1, 1, 2)
"""vtpVlanState of CISCO-VTP-MIB, by (domain, VLAN): 1 is operational."""
PORT_VLANS: Final[Oid] = (1, 3, 6, 1, 4, 1, 9, 9, 68, 1, 2, 2, 1, 2)
"""vmVlan of CISCO-VLAN-MEMBERSHIP-MIB, by ifIndex: the VLAN of each access port."""

_LEARNED: Final = 3
_SELF: Final = 4
_MGMT: Final = 5
_MAC_KIND: Final = {"chassis": 4, "port": 3}
_ADDRESS_KIND: Final = {"chassis": 5, "port": 4}
"""Subtypes of LldpChassisIdSubtype and LldpPortIdSubtype that are a MAC or a network address."""
_IPV4_BYTES: Final = 4
_IPV6_BYTES: Final = 16
_MAC_BYTES: Final = 6
_LARGEST_VLAN: Final = 4_094
_FDDI_VLANS: Final = (1_002, 1_005)
"""Reserved by Cisco; nothing is in them."""


def lldp_neighbours(
    remotes: Table, addresses: Table, locals_: Table, interfaces: Sequence[Interface], bridge_ports: Mapping[int, int]
) -> Iterator[Remote]:
    """lldpRemTable; its local port number is by definition a bridge port, yet most vendors send the ifIndex."""
    told = _addresses(addresses)
    names = _Names(interfaces)
    for index, row in sorted(remotes.rows.items()):
        if len(index) != 3:
            continue
        _, local, remote = index
        if_index = names.of(_fields(locals_.rows.get((local,), {}), LOCAL_PORTS))
        if if_index is None:
            if_index = next((n for n in (bridge_ports.get(local), local) if n in names.known), None)
        if if_index is not None:
            yield _lldp(if_index, _fields(row, LLDP), told.get((local, remote)))


def lldp_v2_neighbours(remotes: Table, interfaces: Sequence[Interface]) -> Iterator[Remote]:
    """lldpV2RemTable, whose index names the ifIndex."""
    known = {row.index for row in interfaces}
    for index, row in sorted(remotes.rows.items()):
        if len(index) >= 2 and index[1] in known:
            yield _lldp(index[1], _fields(row, LLDP_V2), None)


def cdp_neighbours(remotes: Table, interfaces: Sequence[Interface]) -> Iterator[Remote]:
    """cdpCacheTable. A phone or access point names itself by its MAC, some switches by name and serial number."""
    known = {row.index for row in interfaces}
    for index, row in sorted(remotes.rows.items()):
        said = _fields(row, CDP)
        name = text(said["device"])
        if len(index) != 2 or index[0] not in known or name is None:
            continue
        port = text(said["port"])
        yield Remote(
            index[0],
            Protocol.CDP,
            _told_apart(name, port),
            name=text(said["name"]) or name.partition("(")[0] or name,
            port=port,
            mac=mac(name.removeprefix("SEP").removeprefix("ATA").encode()),
            address=_address(said["address"]),
            platform=text(said["platform"]),
        )


def bridge_ports(table: Table) -> dict[int, int]:
    """Bridge port -> ifIndex."""
    return {
        index[0]: value
        for index, row in table.rows.items()
        if len(index) == 1 and isinstance(value := row[BRIDGE_PORTS], int)
    }


def learnt(
    by_vlan: Table, plain: Table, ports: Mapping[int, int], vlans: Mapping[int, int], vlan: int | None = None
) -> Iterator[Learnt]:
    """dot1qTpFdbTable, else dot1dTpFdbTable, of one VLAN where one was asked; without the switch's own addresses."""
    if by_vlan.rows:
        for index, row in sorted(by_vlan.rows.items()):
            found = _address_in(index[1:])
            if_index = _port_of(row, Q_FDB, ports)
            if found is not None and if_index is not None:
                vlan = vlans.get(index[0], index[0])
                yield Learnt(if_index, found, vlan if 0 < vlan <= _LARGEST_VLAN else None)
        return
    for index, row in sorted(plain.rows.items()):
        found = _address_in(index)
        if_index = _port_of(row, FDB, ports)
        if found is not None and if_index is not None:
            yield Learnt(if_index, found, vlan)


def vlans(table: Table) -> dict[int, int]:
    """Filtering database -> VLAN; where several VLANs share one, none is sure and the lowest stands."""
    found: dict[int, int] = {}
    for index, row in sorted(table.rows.items()):
        value = row[VLAN_FDB]
        if len(index) == 2 and isinstance(value, int):
            found.setdefault(value, index[1])
    return found


def around(reading: Reading) -> Around | None:
    """What stands around the target, by the names of its ports; None where neither was read whole."""
    if reading.remotes is None and reading.learnt is None:
        return None
    ports = {port["if_index"]: port["name"] for port in named_ports(reading.interfaces)}
    near: dict[tuple[str, str, str], Neighbour] = {}
    heard: dict[tuple[str, str], Station] = {}
    for item in reading.remotes or ():
        if port := ports.get(item.if_index):
            near.setdefault(
                (port, item.protocol, item.remote),
                Neighbour(
                    port, item.protocol, item.remote, item.name, item.port, item.mac, item.address, item.platform
                ),
            )
    for entry in reading.learnt or ():
        if port := ports.get(entry.if_index):
            heard.setdefault((port, entry.mac), Station(port, entry.mac, entry.vlan))
    return Around(
        reading.address,
        None if reading.remotes is None else tuple(near.values()),
        None if reading.learnt is None else tuple(heard.values()),
    )


def vlans_apart(vtp: Table, members: Table) -> list[int]:
    """VLANs whose addresses such a switch tells only one by one: those in use, where it says which."""
    there = {
        index[1]
        for index, row in vtp.rows.items()
        if len(index) == 2 and row[VTP_VLANS] == 1 and not _FDDI_VLANS[0] <= index[1] <= _FDDI_VLANS[1]
    }
    used = {row[PORT_VLANS] for row in members.rows.values()}
    return sorted(there & used or there)


class _Names:
    """Which interface a local port of LLDP is, by its own words."""

    def __init__(self, interfaces: Sequence[Interface]) -> None:
        self.known = {row.index for row in interfaces}
        self._by: dict[str, set[int]] = {}
        for row in interfaces:
            for said in (row.name, row.descr, row.alias, row.mac):
                if said:
                    self._by.setdefault(said, set()).add(row.index)

    def of(self, local: Mapping[str, Value]) -> int | None:
        """The one interface that its id, else its description names."""
        for said in (text(local["id"]), mac(local["id"]), text(local["descr"])):
            found = self._by.get(said or "", set())
            if len(found) == 1:
                return next(iter(found))
        return None


def _lldp(if_index: int, said: Mapping[str, Value], address: str | None) -> Remote:
    chassis_mac, chassis = _identity("chassis", said)
    port_mac, port = _identity("port", said)
    name = text(said["name"])
    if chassis_mac is None and address is None:
        address = _network(said["chassis"]) if said["chassis_kind"] == _ADDRESS_KIND["chassis"] else None
    return Remote(
        if_index,
        Protocol.LLDP,
        _told_apart(chassis or name, port),
        name=name,
        port=text(said["port_descr"]) if port_mac and text(said["port_descr"]) else port,
        mac=chassis_mac or port_mac,
        address=address,
        platform=text(said["descr"]),
    )


def _told_apart(who: str | None, port: str | None) -> str:
    """What is indexed of a neighbour: no neighbour may be so wordy that no database takes it."""
    words = f"{who or ''}|{port or ''}"
    return words if len(words) <= MAX_KEY else hashlib.blake2b(words.encode(), digest_size=16).hexdigest()


def _identity(what: str, said: Mapping[str, Value]) -> tuple[str | None, str | None]:
    """The MAC where it is one, and the id as text."""
    kind, value = said[f"{what}_kind"], said[what]
    if kind == _MAC_KIND[what]:
        found = mac(value)
        return found, found
    if kind == _ADDRESS_KIND[what]:
        return None, _network(value)
    return None, text(value)


def _network(value: Value) -> str | None:
    """A network address behind its family byte. Source: LldpChassisId."""
    return _address(value[1:]) if isinstance(value, bytes) else None


def _address(value: Value) -> str | None:
    if not isinstance(value, bytes) or len(value) not in {_IPV4_BYTES, _IPV6_BYTES} or not any(value):
        return None
    return str(ipaddress.ip_address(value))


def _addresses(table: Table) -> dict[tuple[int, int], str]:
    """(local port, remote) -> management address, IPv4 before IPv6. Index: time mark, local port, remote, family, length, address."""
    found: dict[tuple[int, int], str] = {}
    for index in sorted(table.rows, key=lambda index: (index[3:4], index)):
        if len(index) < 6 or len(index) != 5 + index[4] or max(index[5:]) > 255:
            continue
        address = _address(bytes(index[5:]))
        if address is not None:
            found.setdefault((index[1], index[2]), address)
    return found


def _address_in(index: Sequence[int]) -> str | None:
    """The MAC in an index; some agents put its length before it."""
    if len(index) == _MAC_BYTES + 1 and index[0] == _MAC_BYTES:
        index = index[1:]
    if len(index) != _MAC_BYTES or max(index) > 255:
        return None
    return mac(bytes(index))


def _port_of(row: Mapping[Oid, Value], columns: Mapping[str, Oid], ports: Mapping[int, int]) -> int | None:
    """The ifIndex of the bridge port; None for the switch itself. Without dot1dBasePortTable the two numbers are the same."""
    port, status = number(row.get(columns["port"])), row.get(columns["status"], _LEARNED)
    if not port or status in {_SELF, _MGMT}:
        return None
    return ports.get(port) if ports else port


def _fields(row: Mapping[Oid, Value], columns: Mapping[str, Oid]) -> dict[str, Any]:
    return {name: row.get(oid) for name, oid in columns.items()}
