"""A stored record of one physical device read as identifiers and claims; pure, so that better rules reach old records too."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec

from collectors.snmp.kinds import forwarding_kind, known_kind
from collectors.snmp.points import POINT, observe_point
from collectors.snmp.vendors import Rules, Vendor
from devreg.domain import identifiers
from devreg.domain.device import Kind
from devreg.domain.observation import Gauge, Identifier, Observation, Port, Value
from devreg.errors import Broken
from devreg.ports import Record
from devreg.text import clean

_VERSION: Final = re.compile(r"\b(?:version|firmware|release|rev\.?|fw)[ :=]*v?(\d[\w.()\-]*)", re.IGNORECASE)
_SAYS_NOTHING: Final = re.compile(
    r"^(?:n/?a|none|unknown|private|<private>|default|not set|chassis|standard|0x[0-9a-f]+|-+|\?+)$", re.IGNORECASE
)


class _Entity(msgspec.Struct, frozen=True):
    name: str | None = None
    descr: str | None = None
    firmware: str | None = None
    software: str | None = None
    maker: str | None = None
    model: str | None = None


class _Printer(msgspec.Struct, frozen=True):
    device: str | None = None
    name: str | None = None


class _Body(msgspec.Struct, frozen=True):
    """What `devices` stores, as far as it is read here."""

    ip: str
    address: str
    object_id: str = ""
    descr: str | None = None
    name: str | None = None
    location: str | None = None
    services: int = 0
    serial: str | None = None
    position: Annotated[int, msgspec.Meta(ge=0, le=999)] | None = None
    stack: str | None = None
    model: str | None = None
    version: str | None = None
    mac: str | None = None
    entity: _Entity = _Entity()
    printer: _Printer = _Printer()
    prints: bool = False
    ups: dict[str, str] = {}
    bridge: bool = False
    vendor: dict[str, str] = {}
    vendor_rule: str = ""
    ports: tuple[Port, ...] = ()


class _Volatile(msgspec.Struct, frozen=True):
    answered_at: datetime | None = None
    page_count: Annotated[int, msgspec.Meta(ge=0, lt=2**31)] | None = None
    oper: dict[str, str] = {}
    gauges: tuple[Gauge, ...] = ()


def observe(record: Record, rules: Rules) -> Observation:
    """The record as identifiers and claims. Raises Broken when its fields are not what the collector stores."""
    record = msgspec.structs.replace(record, body=_cleaned(record.body), volatile=_cleaned(record.volatile))
    if POINT in record.body:
        return observe_point(record)
    try:
        body = msgspec.convert(record.body, _Body)
        volatile = msgspec.convert(record.volatile, _Volatile)
    except msgspec.ValidationError as error:
        raise Broken(f"The SNMP record {record.native_id} makes no sense: {error}.") from error
    vendor = rules.applied(body.vendor_rule, body.object_id)
    found = _identity(body, vendor, rules.described(body.descr, body.object_id))
    claims: dict[str, Value | None] = {
        "name": body.name,
        "kind": _kind(body, rules, vendor, found.get("model")),
        "manufacturer": found.get("maker"),
        "model": found.get("model"),
        "serial": body.serial if identifiers.serial(body.serial) else None,
        "mac": identifiers.mac_text(mac.value) if (mac := identifiers.mac(body.mac)) else None,
        "os": vendor.os if vendor else None,
        "os_version": found.get("version"),
        "address": body.address,
        "location": body.location,
        "position": body.position,
        "stack": body.stack,
        "page_count": volatile.page_count,
    }
    return Observation(
        record.subject,
        keys=tuple(_keys(body)),
        claims={field: value for field, value in claims.items() if value is not None},
        as_of=volatile.answered_at if volatile.answered_at and volatile.answered_at.tzinfo else None,
        facts={"subnet": body.ip},
        ports=tuple(msgspec.structs.replace(port, oper=volatile.oper.get(port.name)) for port in body.ports),
        gauges=volatile.gauges,
    )


def _cleaned(value: Any) -> Any:
    """The value with every text cleaned again; texts with nothing left are not said."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: kept for key, each in value.items() if (kept := _cleaned(each)) is not None}
    return [_cleaned(each) for each in value] if isinstance(value, list | tuple) else value


def _keys(body: _Body) -> Iterable[Identifier]:
    for key in (identifiers.serial(body.serial), identifiers.mac(body.mac)):
        if key is not None:
            yield key


def _identity(body: _Body, vendor: Vendor | None, told: Mapping[str, str]) -> dict[str, str]:
    """Maker, model and version, each from the best witness that says something."""
    row, own, ups = body.entity, body.vendor, body.ups
    is_order_number = (
        vendor is not None and vendor.part_number is not None and vendor.part_number.match(row.model or "")
    )
    ranked = {
        "maker": (vendor.name if vendor else None, row.maker, own.get("maker"), ups.get("maker")),
        "model": (
            body.model, None if is_order_number else row.model, own.get("model"), ups.get("model"), told.get("model"),
            body.printer.device, body.printer.name, row.descr if is_order_number else None, row.model, row.name, row.descr,
        ),
        "version": (
            body.version, row.software, own.get("version"), ups.get("ups_software"), told.get("version"),
            _version(body.descr), row.firmware, ups.get("agent_software"),
        ),
    }  # fmt: skip
    return {
        field: said[0].removeprefix("Version ")
        for field, options in ranked.items()
        if (said := [o for o in map(_said, options) if o])
    }


def _version(descr: str | None) -> str | None:
    match = _VERSION.search(descr or "")
    return match[1].rstrip(".,-(") if match else None


def _said(text: str | None) -> str | None:
    return text if text and not _SAYS_NOTHING.match(text) else None


def _kind(body: _Body, rules: Rules, vendor: Vendor | None, model: str | None) -> Kind:
    if body.prints:
        return Kind.PRINTER
    text = " ".join(said for said in (model, body.entity.descr, body.descr, body.object_id) if said)
    known = known_kind(rules, vendor, text, has_ups=bool(body.ups))
    return known or forwarding_kind(body.services, is_bridge=body.bridge) or Kind.OTHER
