"""Words for what a device is: closed sets, field names, references.

Sources of the sets: the city's programme (kinds, uses), Finnish school law (stages).
"""

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a device is, as people speak of it."""

    LAPTOP = "laptop"
    DESKTOP = "desktop"
    PHONE = "phone"
    TABLET = "tablet"
    CHROMEBOOK = "chromebook"
    SWITCH = "switch"
    ROUTER = "router"
    FIREWALL = "firewall"
    ACCESS_POINT = "access_point"
    CONTROLLER = "controller"
    PRINTER = "printer"
    UPS = "ups"
    SERVER = "server"
    STORAGE = "storage"
    OTHER = "other"


NETWORK_KINDS: Final = (
    Kind.SWITCH,
    Kind.ROUTER,
    Kind.FIREWALL,
    Kind.ACCESS_POINT,
    Kind.CONTROLLER,
    Kind.PRINTER,
    Kind.UPS,
    Kind.STORAGE,
)
"""Kinds that live on the network and are read by SNMP."""


class Use(StrEnum):
    """Who a device serves; only `PUPIL` counts for school equality."""

    PUPIL = "pupil"
    STAFF = "staff"
    SHARED = "shared"
    DIGILAB = "digilab"
    INFRASTRUCTURE = "infrastructure"


class Stage(StrEnum):
    """School stage; a device or a head-count may leave it unsaid."""

    ECE = "ece"
    PRE_PRIMARY = "pre"
    GRADES_1_2 = "1-2"
    GRADES_3_6 = "3-6"
    GRADES_7_9 = "7-9"
    UPPER_SECONDARY = "upper"


class State(StrEnum):
    """Lifecycle state. A source may suggest one; only people and named rules make the transition."""

    PLANNED = "planned"
    ORDERED = "ordered"
    IN_STOCK = "in_stock"
    IN_USE = "in_use"
    IN_REPAIR = "in_repair"
    LOST = "lost"
    RETIRED = "retired"
    DISPOSED = "disposed"


class Battery(StrEnum):
    """How a battery is, as the device that it is in tells."""

    NORMAL = "normal"
    REPLACE_SOON = "replace_soon"
    REPLACE_NOW = "replace_now"


class Ownership(StrEnum):
    """Whose a device is, as its management tool or a sheet says."""

    COMPANY = "company"
    PERSONAL = "personal"


def device_ref(device_id: int) -> str:
    """`D000123` for 123: the name people type; never reused."""
    return f"D{device_id:06d}"


def intent_ref(intent_id: int) -> str:
    """`A000123` for 123: a remote action."""
    return f"A{intent_id:06d}"


def run_ref(run_id: int) -> str:
    """`R000123` for 123."""
    return f"R{run_id:06d}"


def person_ref(number: int) -> str:
    """`P000012` for 12: who somebody was, once their name is gone."""
    return f"P{number:06d}"


def contract_ref(contract_id: int) -> str:
    """`C000123` for 123."""
    return f"C{contract_id:06d}"


def parse_ref(prefix: str, text: str) -> int | None:
    """123 for `D123` or `d000123` with prefix "D"; None when it is no such reference."""
    digits = text[len(prefix) :]
    if not text.upper().startswith(prefix) or not (digits.isascii() and digits.isdigit()) or len(digits) > 12:
        return None
    return int(digits)
