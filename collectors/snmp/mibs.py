"""Names of the standard MIB objects that are read, and how their values are told apart.

Sources: SNMPv2-MIB (RFC 3418), IF-MIB (RFC 2863), ENTITY-MIB (RFC 6933), Printer-MIB (RFC 3805), HOST-RESOURCES-MIB (RFC 2790), UPS-MIB
(RFC 1628), BRIDGE-MIB (RFC 4188), LLDP-MIB (IEEE 802.1AB).
"""

from typing import Final

from collectors.snmp.wire import Oid

_MIB2: Final[Oid] = (1, 3, 6, 1, 2, 1)


def _under(base: Oid, **names: int) -> dict[str, Oid]:
    return {name: (*base, arc) for name, arc in names.items()}


def _scalars(base: Oid, **names: int) -> dict[str, Oid]:
    return {name: (*base, arc, 0) for name, arc in names.items()}


SYSTEM: Final = _scalars((*_MIB2, 1), descr=1, object_id=2, up_time=3, name=5, location=6, services=7)
"""sysContact is left out on purpose: it names a person."""

INTERFACES: Final = {
    **_under((*_MIB2, 2, 2, 1), index=1, descr=2, type=3, speed=5, mac=6, admin=7, oper=8),
    **_under((*_MIB2, 31, 1, 1, 1), name=1, high_speed=15, alias=18),
}
PORT_STATES: Final = ("up", "down", "testing", "unknown", "dormant", "notPresent", "lowerLayerDown")
"""ifAdminStatus and ifOperStatus from 1 on."""
SATURATED_SPEED: Final = 4_294_967_295
"""ifSpeed of anything faster than it can say."""

ENTITIES: Final = _under(
    (*_MIB2, 47, 1, 1, 1, 1),
    descr=2, parent=4, kind=5, place=6, name=7, hardware=8, firmware=9, software=10, serial=11, maker=12, model=13,
)  # fmt: skip
CHASSIS: Final = 3
STACK: Final = 11
"""entPhysicalClass: a stack is a container whose members are the devices."""
ENTITY_PORT: Final[Oid] = (*_MIB2, 47, 1, 3, 2, 1, 2)
"""entAliasMappingIdentifier: index (entPhysicalIndex, logical index), value ifIndex.N."""
IF_INDEX: Final[Oid] = INTERFACES["index"]

PRINTERS: Final = {
    **_under((*_MIB2, 43, 5, 1, 1), printer_name=16, serial=17),
    "page_count": (*_MIB2, 43, 10, 2, 1, 4),
    "supply": (*_MIB2, 43, 11, 1, 1, 6),
}
"""One row of any of these makes it a printer; some agents have supplies but no prtGeneral."""
HOST_DEVICES: Final = _under((*_MIB2, 25, 3, 2, 1), type=2, descr=3)
PRINTER_DEVICE: Final[Oid] = (*_MIB2, 25, 3, 1, 5)
"""hrDevicePrinter, a value of hrDeviceType."""

UPS: Final = _scalars((*_MIB2, 33, 1, 1), maker=1, model=2, ups_software=3, agent_software=4)
BASE_MAC: Final = {
    "bridge": (*_MIB2, 17, 1, 1, 0),
    "lldp_subtype": (1, 0, 8802, 1, 1, 2, 1, 3, 1, 0),
    "lldp_chassis": (1, 0, 8802, 1, 1, 2, 1, 3, 2, 0),
}
ENGINE_ID: Final[Oid] = (1, 3, 6, 1, 6, 3, 10, 2, 1, 1, 0)
LLDP_MAC_SUBTYPE: Final = 4
ENTERPRISES: Final[Oid] = (1, 3, 6, 1, 4, 1)
