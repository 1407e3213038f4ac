"""What the city's network equipment answers, as snmpsim recordings."""

from collections.abc import Iterator
from typing import Final

from devreg.demo.network import Equipment

Oid = tuple[int, ...]
Row = tuple[Oid, str, str]
"""OID, tag of the recording format, value."""

_SYSTEM: Final = (1, 3, 6, 1, 2, 1, 1)
_IF: Final = (1, 3, 6, 1, 2, 1, 2, 2, 1)
_IFX: Final = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
_ENTITY: Final = (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1)
_LLDP: Final = (1, 0, 8802, 1, 1, 2, 1)
_BRIDGE: Final = (1, 3, 6, 1, 2, 1, 17)
_VLAN, _FDB = 110, 7
"""Which filtering database a VLAN has is the switch's own business."""
_HOST: Final = (1, 3, 6, 1, 2, 1, 25)
_PRINTER: Final = (1, 3, 6, 1, 2, 1, 43)
_UPS: Final = (1, 3, 6, 1, 2, 1, 33, 1)
_INTEGER, _OCTETS, _HEX, _OBJECT, _GAUGE, _TICKS = "2", "4", "4x", "6", "66", "67"
_CHASSIS, _STACK, _POWER = 3, 11, 6


def recording(equipment: Equipment) -> str:
    """The equipment's whole tree in OID order, counters moving."""
    rows = {oid: (tag, value) for oid, tag, value in _rows(equipment)}
    return "".join(f"{'.'.join(map(str, oid))}|{tag}|{value}\n" for oid, (tag, value) in sorted(rows.items()))


def _rows(equipment: Equipment) -> Iterator[Row]:
    yield from _system(equipment)
    match equipment.role:
        case "switch":
            yield from _switch_ports(equipment)
            yield from _entity(equipment)
            yield from _lldp(equipment)
            yield from _bridge(equipment)
        case "access_point":
            yield from _interface(1, "eth0", _mac(equipment, 1), 1000, wide=True, rate=410_000)
            yield from _interface(2, "radio0", _mac(equipment, 2), 574, wide=False, rate=52_000)
            yield from _interface(3, "radio1", _mac(equipment, 3), 1201, wide=False, rate=298_000)
            yield from _entity(equipment)
        case "printer":
            yield from _interface(1, "eth0", equipment.base_mac, 100, wide=False, rate=900)
            yield from _printer(equipment)
        case "ups":
            yield from _interface(1, "Eth0", equipment.base_mac, 100, wide=False, rate=300)
            yield from _ups(equipment)
        case _:
            yield from _interface(1, "lo", "", 10, wide=True, rate=2_000)
            yield from _interface(2, "eth0", equipment.base_mac, 10_000, wide=True, rate=7_400_000)
            yield (*_HOST, 1, 1, 0), f"{_TICKS}:numeric", "rate=100,initial=861100000"


def _system(equipment: Equipment) -> Iterator[Row]:
    yield _text((*_SYSTEM, 1, 0), equipment.descr)
    yield (*_SYSTEM, 2, 0), _OBJECT, equipment.object_id
    yield (*_SYSTEM, 3, 0), f"{_TICKS}:numeric", f"rate=100,initial={_spread(equipment) * 1000 + 4_000_000}"
    yield _text((*_SYSTEM, 4, 0), "Tietohallinto")
    yield _text((*_SYSTEM, 5, 0), equipment.name)
    yield _text(
        (*_SYSTEM, 6, 0), f"{equipment.unit}, jakamo 1" if equipment.role == "switch" else f"{equipment.unit}, käytävä"
    )
    yield (*_SYSTEM, 7, 0), _INTEGER, "6" if equipment.role == "switch" else "72"


def _switch_ports(equipment: Equipment) -> Iterator[Row]:
    cisco = equipment.vendor == "Cisco"
    used = {neighbour.port for neighbour in equipment.neighbours}
    number = 0
    for member in range(1, len(equipment.members) + 1):
        for port in range(1, equipment.ports + 5):
            number += 1
            uplink = port > equipment.ports
            name = (
                f"{'Te' if uplink else 'Gi'}{member}/{int(uplink)}/{port - equipment.ports * uplink}"
                if cisco
                else str(port)
            )
            up = (member == 1 and port in used) or (not uplink and (number * 7 + _spread(equipment)) % 3 != 0)
            alias = (
                "Runko"
                if uplink
                else f"Luokka {100 + port}"
                if port % 5 == 0
                else f"Åsa Ö {port}"
                if port % 17 == 0
                else ""
            )
            rate = (700 + number * 531) * (40 if uplink else 1) if up else 0
            yield from _interface(
                if_index(equipment, member, port), name, _mac(equipment, number), 10_000 if uplink else 1000, wide=True, rate=rate,
                alias=alias, up=up,
            )  # fmt: skip


def if_index(equipment: Equipment, member: int, port: int) -> int:
    """ifIndex of a switch port: small on Aruba, five digits on Cisco."""
    return 10_000 + member * 100 + port if equipment.vendor == "Cisco" else port


def _interface(
    index: int, name: str, mac: str, megabits: int, *, wide: bool, rate: int, alias: str = "", up: bool = True
) -> Iterator[Row]:
    """One row of ifTable, and of ifXTable when `wide`; `rate` is octets a second, 0 for a counter that stands."""
    yield (*_IF, 1, index), _INTEGER, str(index)
    yield _text((*_IF, 2, index), name.replace("Gi", "GigabitEthernet").replace("Te", "TenGigabitEthernet"))
    yield (*_IF, 3, index), _INTEGER, {"lo": "24", "radio0": "71", "radio1": "71"}.get(name, "6")
    yield (*_IF, 4, index), _INTEGER, "1500"
    yield (*_IF, 5, index), _GAUGE, str(min(megabits * 1_000_000, 4294967295))
    yield (*_IF, 6, index), _HEX, mac
    yield (*_IF, 7, index), _INTEGER, "1"
    yield (*_IF, 8, index), _INTEGER, "1" if up else "2"
    yield (*_IF, 9, index), _TICKS, "4321"
    for narrow, high, share in ((10, 6, 1.0), (16, 10, 0.6)):
        speed = int(rate * share)
        # The 32-bit counters are not far from their end, so that some wrap while the demo runs.
        yield _counter((*_IF, narrow, index), "65", speed, 4_290_000_000 - index * 1000, wrap=True)
        if wide:
            yield _counter((*_IFX, high, index), "70", speed, 9_000_000_000_000 + index * 1_000_003)
    for column in (13, 14, 19, 20):
        yield (*_IF, column, index), "65", str(index % 3 if column in (14, 20) else 0)
    if wide:
        yield _text((*_IFX, 1, index), name)
        yield (*_IFX, 15, index), _GAUGE, str(megabits)
        yield _text((*_IFX, 18, index), alias)
        yield (*_IFX, 19, index), _TICKS, "0"


def _entity(equipment: Equipment) -> Iterator[Row]:
    """A chassis for each member, in a stack container when there are several, each with a power supply that has a serial too."""
    stacked = len(equipment.members) > 1
    if stacked:
        # The container repeats the first member's serial: it is not a device of its own.
        yield from _physical(equipment, 1, "c92xx Stack", 0, _STACK, -1, equipment.members[0].serial or "", "")
    for position, member in enumerate(equipment.members, start=1):
        index = position * 1000
        name = f"Switch {position}" if equipment.role == "switch" else "Chassis"
        yield from _physical(
            equipment, index, name, int(stacked), _CHASSIS, position, member.serial or "", member.model
        )
        if equipment.role == "switch":
            yield from _physical(
                equipment,
                index + 9,
                f"{name} - Power Supply A",
                index,
                _POWER,
                1,
                f"LIT{_spread(equipment)}{position}",
                "PWR-C6",
            )


def _physical(
    equipment: Equipment, index: int, name: str, within: int, kind: int, place: int, serial: str, model: str
) -> Iterator[Row]:
    yield _text((*_ENTITY, 2, index), model or name)
    yield (*_ENTITY, 3, index), _OBJECT, "0.0"
    yield (*_ENTITY, 4, index), _INTEGER, str(within)
    yield (*_ENTITY, 5, index), _INTEGER, str(kind)
    yield (*_ENTITY, 6, index), _INTEGER, str(place)
    yield _text((*_ENTITY, 7, index), name)
    yield _text((*_ENTITY, 8, index), "V01")
    yield _text((*_ENTITY, 9, index), "")
    yield _text((*_ENTITY, 10, index), equipment.software if kind == _CHASSIS else "")
    yield _text((*_ENTITY, 11, index), serial)
    yield _text((*_ENTITY, 12, index), equipment.vendor)
    yield _text((*_ENTITY, 13, index), model)
    yield _text((*_ENTITY, 14, index), "")
    yield _text((*_ENTITY, 15, index), "")
    yield (*_ENTITY, 16, index), _INTEGER, "1"


def _lldp(equipment: Equipment) -> Iterator[Row]:
    yield (*_LLDP, 3, 1, 0), _INTEGER, "4"
    yield (*_LLDP, 3, 2, 0), _HEX, equipment.base_mac
    yield _text((*_LLDP, 3, 3, 0), equipment.name)
    for number, heard in enumerate(equipment.neighbours, start=1):
        local = if_index(equipment, 1, heard.port)
        name = f"Gi1/0/{heard.port}" if heard.port <= equipment.ports else f"Te1/1/{heard.port - equipment.ports}"
        yield (*_LLDP, 3, 7, 1, 2, local), _INTEGER, "5"
        yield _text((*_LLDP, 3, 7, 1, 3, local), name if equipment.vendor == "Cisco" else str(heard.port))
        remote = (*_LLDP, 4, 1, 1)
        for column, tag, value in (
            (4, _INTEGER, "4"),
            (5, _HEX, heard.chassis_mac),
            (6, _INTEGER, "5"),
            (7, _OCTETS, heard.remote_port),
            (8, _OCTETS, heard.remote_port),
            (9, _OCTETS, heard.name),
        ):
            yield (*remote, column, 0, local, number), tag, value


def _bridge(equipment: Equipment) -> Iterator[Row]:
    """What the switch has learnt; its bridge ports are numbered by themselves, as on most switches with large ifIndexes."""
    yield (*_BRIDGE, 1, 1, 0), _HEX, equipment.base_mac
    for port in sorted({item.port for item in equipment.plugged}):
        yield (*_BRIDGE, 1, 4, 1, 2, port), _INTEGER, str(if_index(equipment, 1, port))
    if equipment.plugged:
        yield (*_BRIDGE, 7, 1, 4, 2, 1, 3, 0, _VLAN), _GAUGE, str(_FDB)
    for item in equipment.plugged:
        mac = tuple(bytes.fromhex(item.mac))
        yield (*_BRIDGE, 7, 1, 2, 2, 1, 2, _FDB, *mac), _INTEGER, str(item.port)
        yield (*_BRIDGE, 7, 1, 2, 2, 1, 3, _FDB, *mac), _INTEGER, "3"


def _printer(equipment: Equipment) -> Iterator[Row]:
    (box,) = equipment.members
    yield (*_HOST, 3, 2, 1, 2, 1), _OBJECT, "1.3.6.1.2.1.25.3.1.5"
    yield _text((*_HOST, 3, 2, 1, 3, 1), box.model)
    yield (*_HOST, 3, 2, 1, 5, 1), _INTEGER, "2"
    yield (*_HOST, 3, 5, 1, 1, 1), _INTEGER, "3"
    yield (*_HOST, 3, 5, 1, 2, 1), _HEX, "00"
    yield _text((*_PRINTER, 5, 1, 1, 16, 1), equipment.name)
    if box.serial is not None:
        yield _text((*_PRINTER, 5, 1, 1, 17, 1), box.serial)
    else:
        yield _text((1, 3, 6, 1, 4, 1, 2435, 2, 3, 9, 4, 2, 1, 5, 5, 1, 0), f"E78{_spread(equipment):06d}")
    yield _counter((*_PRINTER, 10, 2, 1, 4, 1, 1), "65", 0, 20_000 + _spread(equipment))
    for number, colour in enumerate(("black", "cyan", "magenta", "yellow"), start=1):
        # -3 "some left" and -2 "unknown" are what many printers really say.
        level = {"Ricoh": "-3", "Brother": "-2"}.get(equipment.vendor, str(100 - (_spread(equipment) * number) % 97))
        yield (*_PRINTER, 11, 1, 1, 5, 1, number), _INTEGER, "3"
        yield _text((*_PRINTER, 11, 1, 1, 6, 1, number), f"{colour} cartridge")
        yield (*_PRINTER, 11, 1, 1, 7, 1, number), _INTEGER, "19"
        yield (*_PRINTER, 11, 1, 1, 8, 1, number), _INTEGER, "100" if equipment.vendor != "Brother" else "-2"
        yield (*_PRINTER, 11, 1, 1, 9, 1, number), _INTEGER, level


def _ups(equipment: Equipment) -> Iterator[Row]:
    (box,) = equipment.members
    for column, text in (
        (1, "EATON"),
        (2, box.model),
        (3, equipment.software),
        (4, "Network-M2 3.1.15"),
        (5, equipment.name),
    ):
        yield _text((*_UPS, 1, column, 0), text)
    for column, value in ((1, 2), (2, 0), (3, 41), (4, 98)):
        yield (*_UPS, 2, column, 0), _INTEGER, str(value)
    yield (*_UPS, 4, 1, 0), _INTEGER, "3"
    yield (*_UPS, 4, 4, 1, 5, 1), _INTEGER, "37"
    # UPS-MIB has no serial; Eaton keeps it in its own tree.
    yield _text((1, 3, 6, 1, 4, 1, 705, 1, 1, 7, 0), box.serial or "")


def _counter(oid: Oid, tag: str, rate: int, initial: int, *, wrap: bool = False) -> Row:
    if rate == 0:
        return oid, tag, str(initial)
    return oid, f"{tag}:numeric", f"rate={rate},initial={initial}" + (",wrap=1" if wrap else "")


def _text(oid: Oid, value: str) -> Row:
    plain = value.isascii() and value.isprintable() and "|" not in value
    return (oid, _OCTETS, value) if plain else (oid, _HEX, value.encode().hex())


def _mac(equipment: Equipment, number: int) -> str:
    return f"{int(equipment.base_mac, 16) + number:012x}"


def _spread(equipment: Equipment) -> int:
    """A number that differs from box to box and stays."""
    return int(equipment.base_mac[-4:], 16)
