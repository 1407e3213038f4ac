"""What one target said, as plain named values; the step between the wire and the devices."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from collectors.snmp import mibs
from collectors.snmp.wire import Oid, Value
from devreg.domain.load import Load
from devreg.domain.observation import Gauge
from devreg.domain.topology import Protocol
from devreg.text import clean

_MAC_BYTES: Final = 6
_ENGINE_BYTES: Final = (5, 32)
_OF_AN_ADDRESS: Final = {1, 2}
"""The fifth byte of an engine id made of an IPv4 or IPv6 address."""
_NET_SNMP: Final = bytes.fromhex("80001f88")


class Interface(msgspec.Struct, frozen=True):
    """A row of ifTable and ifXTable."""

    index: int
    name: str | None = None
    descr: str | None = None
    alias: str | None = None
    type: int | None = None
    speed_bps: int | None = None
    admin: str | None = None
    oper: str | None = None
    mac: str | None = None


class Entity(msgspec.Struct, frozen=True, omit_defaults=True):
    """A row of entPhysicalTable."""

    index: int
    kind: int | None = None
    parent: int | None = None
    place: int | None = None
    name: str | None = None
    descr: str | None = None
    hardware: str | None = None
    firmware: str | None = None
    software: str | None = None
    serial: str | None = None
    maker: str | None = None
    model: str | None = None


class Member(msgspec.Struct, frozen=True):
    """A member of a stack as a vendor's own table tells it."""

    position: int
    serial: str | None = None
    model: str | None = None
    version: str | None = None
    mac: str | None = None
    entity: int | None = None
    """entPhysicalIndex of the member, where the table is indexed by it."""


class AccessPoint(msgspec.Struct, frozen=True):
    """An access point as its controller tells of it."""

    name: str | None = None
    serial: str | None = None
    model: str | None = None
    version: str | None = None
    location: str | None = None
    maker: str | None = None
    mac: str | None = None
    """As the controller names it; often that of its radios."""
    ethernet_mac: str | None = None
    """What switches see."""
    ip: str | None = None
    is_up: bool | None = None
    """Whether the controller has it now; None where the table does not say."""


class Remote(msgspec.Struct, frozen=True):
    """A neighbour on one of our ports, by ifIndex."""

    if_index: int
    protocol: Protocol
    remote: str
    name: str | None = None
    port: str | None = None
    mac: str | None = None
    address: str | None = None
    platform: str | None = None


class Learnt(msgspec.Struct, frozen=True):
    """An address on one of our ports, by ifIndex."""

    if_index: int
    mac: str
    vlan: int | None


class Reading(msgspec.Struct):
    """Everything read from one target in one visit."""

    address: str
    """As written in the settings' terms: IP, with the port when it is not 161."""
    ip: str
    object_id: str | None = None
    descr: str | None = None
    name: str | None = None
    location: str | None = None
    services: int | None = None
    up_time: int | None = None
    interfaces: tuple[Interface, ...] = ()
    entities: tuple[Entity, ...] = ()
    entity_ports: tuple[tuple[int, int], ...] = ()
    """(entPhysicalIndex, ifIndex) where ENTITY-MIB says which hardware a port is."""
    printer_name: str | None = None
    printer_serial: str | None = None
    page_count: int | None = None
    is_printer: bool = False
    printer_device: str | None = None
    """hrDeviceDescr of the printer."""
    ups: dict[str, str] = {}
    base_mac: str | None = None
    is_bridge: bool = False
    vendor: dict[str, str] = {}
    """Fields (serial, model, version, mac) found by the vendor's own rules."""
    vendor_rule: str | None = None
    members: tuple[Member, ...] = ()
    points: tuple[AccessPoint, ...] = ()
    gauges: tuple[Gauge, ...] = ()
    engine_id: str | None = None
    """snmpEngineID as hex digits, where it stays the device's own."""
    load: Load | None = None
    """Counters, where they were asked for."""
    is_inventory: bool = True
    """Whether it was read what the devices are, not only what stands around them."""
    gaps: tuple[str, ...] = ()
    """Tables that could not be read whole, each with the reason."""
    remotes: tuple[Remote, ...] | None = None
    """Neighbours; None when their tables were not read, or not whole."""
    learnt: tuple[Learnt, ...] | None = None
    """Addresses on ports; None likewise."""
    blurred: tuple[str, ...] = ()
    """What of these could not be read whole, with the reason."""


def text(value: Value) -> str | None:
    """A string fit to keep; numbers as digits; None for binary, blank and missing ones."""
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, bytes):
        return None
    bare = value.rstrip(b"\0").split(b"\0")[0]
    try:
        return clean(bare.decode())
    except UnicodeDecodeError:
        return clean(bare.decode("latin-1"))


def number(value: Value) -> int | None:
    """An integer, or None."""
    return value if isinstance(value, int) else None


def mac(value: Value) -> str | None:
    """Six bytes (or their text) as 12 hex digits; None for anything else and for all zeros."""
    if not isinstance(value, bytes):
        return None
    digits = (
        value.hex() if len(value) == _MAC_BYTES else "".join(c for c in value.decode("latin-1") if c not in ":-. \0")
    )
    digits = digits.lower()
    if len(digits) != 2 * _MAC_BYTES or not set(digits) <= set("0123456789abcdef") or not int(digits, 16):
        return None
    return digits


def lasting_engine_id(value: Value) -> str | None:
    """An engine id (RFC 3411) that a device keeps for life: not one made of an IP address, and not net-snmp's random one."""
    if (
        not isinstance(value, bytes)
        or not _ENGINE_BYTES[0] <= len(value) <= _ENGINE_BYTES[1]
        or len(set(value[4:])) == 1
    ):
        return None
    if value[0] & 0x80 and (value[4] in _OF_AN_ADDRESS or value[:4] == _NET_SNMP):
        return None
    return value.hex()


def dotted(oid: Oid) -> str:
    """`1.3.6.1`."""
    return ".".join(map(str, oid))


def interface(index: int, row: Mapping[Oid, Value]) -> Interface:
    """One row of the interface tables."""
    at = {name: row.get(oid) for name, oid in mibs.INTERFACES.items()}
    return Interface(
        index=index,
        name=text(at["name"]),
        descr=text(at["descr"]),
        alias=text(at["alias"]),
        type=number(at["type"]),
        speed_bps=_speed(number(at["high_speed"]), number(at["speed"])),
        admin=_state(at["admin"]),
        oper=_state(at["oper"]),
        mac=mac(at["mac"]),
    )


def entity(index: int, row: Mapping[Oid, Value]) -> Entity:
    """One row of entPhysicalTable."""
    numbers = {"kind", "parent", "place"}
    fields: dict[str, Any] = {
        name: number(row.get(oid)) if name in numbers else text(row.get(oid)) for name, oid in mibs.ENTITIES.items()
    }
    return Entity(index=index, **fields)


def _speed(high_mbps: int | None, bps: int | None) -> int | None:
    """Bits a second; None when neither column knows. Zero says nothing: virtual interfaces and agents without the value send it."""
    if high_mbps:
        return high_mbps * 1_000_000
    return bps if bps and bps != mibs.SATURATED_SPEED else None


def _state(value: Value) -> str | None:
    return mibs.PORT_STATES[value - 1] if isinstance(value, int) and 1 <= value <= len(mibs.PORT_STATES) else None
