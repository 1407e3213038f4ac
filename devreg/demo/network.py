"""Network equipment: switches (one a stack), access points, printers, a UPS, servers."""

from collections.abc import Sequence
from typing import Final

import msgspec

from devreg.demo.invent import Dice


class Member(msgspec.Struct, frozen=True):
    """One physical box; a stack has several."""

    model: str
    serial: str | None


class Neighbour(msgspec.Struct, frozen=True):
    """What LLDP hears on a port."""

    port: int
    name: str
    chassis_mac: str
    remote_port: str


class Plugged(msgspec.Struct, frozen=True):
    """An address that a switch has learnt on a port of its first member."""

    port: int
    mac: str


class Equipment(msgspec.Struct, frozen=True, kw_only=True):
    """One address that answers SNMP."""

    name: str
    role: str
    """switch, access_point, printer, ups or server."""
    unit: str
    vendor: str
    descr: str
    object_id: str
    members: tuple[Member, ...]
    software: str = ""
    base_mac: str
    ports: int = 0
    """Copper ports of each member."""
    version: str = "3"
    """SNMP version it answers: "3" (authPriv) or "2c"."""
    neighbours: tuple[Neighbour, ...] = ()
    plugged: tuple[Plugged, ...] = ()
    recording: str | None = None
    """A real recording of the snmpsim-data package, served instead of a generated one; members, name and serials are its own."""


_CISCO: Final = "Cisco IOS Software [Cupertino], Catalyst L3 Switch Software (CAT9K_LITE_IOSXE), Version 17.9.4a, RELEASE SOFTWARE (fc3)"
_ARUBA: Final = "Aruba JL256A 2930F-48G-PoE+-4SFP+ Switch, revision WC.16.11.0012, ROM WC.16.01.0010"
_SWITCHES: Final = (
    ("sw-mantymaki-1", "mantymaki", "cisco", 3, 48),
    ("sw-kasavuori-1", "kasavuori", "cisco", 1, 48),
    ("sw-lukio-1", "lukio", "aruba", 1, 48),
    ("sw-granhult-1", "granhult", "cisco", 1, 24),
    ("sw-hagelstamska-1", "hagelstamska", "aruba", 1, 48),
    ("sw-samskola-1", "samskola", "aruba", 1, 48),
    ("sw-core-1", "kaupungintalo", "cisco", 1, 24),
)
_POINTS: Final = (
    "mantymaki",
    "kasavuori",
    "lukio",
    "granhult",
    "hagelstamska",
    "samskola",
    "kaupungintalo",
    "kirjasto",
)
_PRINTERS: Final = (
    ("mantymaki", "HP", "HP Color LaserJet MFP M480", "1.3.6.1.4.1.11.2.3.9.1"),
    ("granhult", "HP", "HP LaserJet Pro M404dn", "1.3.6.1.4.1.11.2.3.9.1"),
    ("hagelstamska", "Kyocera", "KYOCERA ECOSYS M3645dn", "1.3.6.1.4.1.1347.41"),
    ("kaupungintalo", "Ricoh", "RICOH IM C3000", "1.3.6.1.4.1.367.1.1"),
    ("koti-hoiva", "Brother", "Brother HL-L6400DW series", "1.3.6.1.4.1.2435.2.3.9.1"),
)


def make_network(dice: Dice) -> tuple[Equipment, ...]:
    """All equipment, switches first; the same for every size of city."""
    switches = [_switch(dice, *row) for row in _SWITCHES]
    points = [_access_point(dice, unit) for unit in _POINTS]
    return (
        *_cabled(switches, points),
        *points,
        *(_printer(dice, *row) for row in _PRINTERS),
        _ups(dice),
        *(_server(dice, name) for name in ("srv-files-1", "srv-backup-1")),
        _recorded("rec-c3560", "switch", "network/switch/cisco-c3560"),
        _recorded("rec-apc", "ups", "UPS/apc-8641"),
    )


def _switch(dice: Dice, name: str, unit: str, vendor: str, boxes: int, ports: int) -> Equipment:
    cisco = vendor == "cisco"
    model = f"C9200L-{ports}P-4G" if cisco else "JL256A"
    return Equipment(
        name=name, role="switch", unit=unit, vendor="Cisco" if cisco else "Aruba", descr=_CISCO if cisco else _ARUBA,
        object_id="1.3.6.1.4.1.9.1.2494" if cisco else "1.3.6.1.4.1.11.2.3.7.11.182.21",
        software="17.9.4a" if cisco else "WC.16.11.0012", base_mac=dice.mac("a0239f" if cisco else "883a30"), ports=ports,
        members=tuple(Member(model, ("FOC2" if cisco else "CN8") + dice.code(7)) for _ in range(boxes)),
    )  # fmt: skip


def _cabled(switches: list[Equipment], points: list[Equipment]) -> list[Equipment]:
    """Switches with the core and the unit's access point as LLDP neighbours."""
    core = switches[-1]
    cabled = []
    for number, switch in enumerate(switches[:-1], start=1):
        heard = [Neighbour(switch.ports + 1, core.name, core.base_mac, f"Gi1/0/{number}")]
        heard += [Neighbour(2, point.name, point.base_mac, "eth0") for point in points if point.unit == switch.unit]
        cabled.append(msgspec.structs.replace(switch, neighbours=tuple(heard)))
    down = tuple(
        Neighbour(number, switch.name, switch.base_mac, "uplink")
        for number, switch in enumerate(switches[:-1], start=1)
    )
    return [*cabled, msgspec.structs.replace(core, neighbours=down)]


def plug_in(network: tuple[Equipment, ...], docked: Sequence[str]) -> tuple[Equipment, ...]:
    """The network with its printers, access points and docked computers on its switches; the core has learnt all of them too."""
    switches = [item for item in network if item.role == "switch" and item.recording is None]
    *schools, core = switches
    on: dict[str, list[Plugged]] = {switch.name: [] for switch in switches}
    for number, switch in enumerate(schools, start=1):
        near = [item for item in network if item.unit == switch.unit and item.role in {"access_point", "printer"}]
        on[switch.name] = [Plugged(port, item.base_mac) for port, item in enumerate(near, start=2)]
        first = len(near) + 2
        mine = docked[number - 1 :: len(schools)][: switch.ports - first + 1]
        on[switch.name] += [Plugged(first + place, mac) for place, mac in enumerate(mine)]
        on[core.name] += [Plugged(number, switch.base_mac), *(Plugged(number, item.mac) for item in on[switch.name])]
        on[switch.name].append(Plugged(switch.ports + 1, core.base_mac))
    return tuple(msgspec.structs.replace(item, plugged=tuple(on.get(item.name, ()))) for item in network)


def _access_point(dice: Dice, unit: str) -> Equipment:
    return Equipment(
        name=f"ap-{unit}-1", role="access_point", unit=unit, vendor="Cisco",
        descr="Cisco AP Software, C9120AXI-E, Version 17.9.4.27", object_id="1.3.6.1.4.1.9.1.2682", software="17.9.4.27",
        base_mac=dice.mac("2c4f52"), members=(Member("C9120AXI-E", "FGL2" + dice.code(7)),),
    )  # fmt: skip


def _printer(dice: Dice, unit: str, vendor: str, model: str, object_id: str) -> Equipment:
    # The Brother keeps its serial where only its own MIB looks: not every printer tells prtGeneralSerialNumber.
    serial = None if vendor == "Brother" else {"HP": "VNB3", "Kyocera": "VCX9", "Ricoh": "3089"}[vendor] + dice.code(6)
    return Equipment(
        name=f"prn-{unit}-1", role="printer", unit=unit, vendor=vendor, descr=model, object_id=object_id,
        base_mac=dice.mac("c465a7"), members=(Member(model, serial),), version="2c",
    )  # fmt: skip


def _ups(dice: Dice) -> Equipment:
    return Equipment(
        name="ups-kaupungintalo-1", role="ups", unit="kaupungintalo", vendor="Eaton", descr="Eaton 5PX 2200i RT2U G2",
        object_id="1.3.6.1.4.1.705.1.2", software="3.1.7", base_mac=dice.mac("0020855"[:6]), version="2c",
        members=(Member("Eaton 5PX 2200i", "G110" + dice.code(6)),),
    )  # fmt: skip


def _server(dice: Dice, name: str) -> Equipment:
    return Equipment(
        name=name, role="server", unit="it", vendor="net-snmp", descr=f"Linux {name} 6.1.0-28-amd64 #1 SMP Debian 6.1.119-1 x86_64",
        object_id="1.3.6.1.4.1.8072.3.2.10", base_mac=dice.mac("525400"), members=(Member("", None),),
    )  # fmt: skip


def _recorded(name: str, role: str, recording: str) -> Equipment:
    return Equipment(
        name=name, role=role, unit="it", vendor="", descr="", object_id="", base_mac="", members=(Member("", None),),
        version="2c", recording=recording,
    )  # fmt: skip
