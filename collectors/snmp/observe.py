"""A stored record of one physical device read as identifiers and claims; pure, so that better rules reach old records too."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from collectors.snmp.vendors import Vendor, described, vendor_of, vendors
from devreg.domain import identifiers
from devreg.domain.device import Kind
from devreg.domain.observation import Identifier, Observation, Port, Value
from devreg.errors import Broken
from devreg.ports import Record

_BRIDGE: Final = 2
_ROUTE: Final = 4
"""Bits of sysServices: layers 2 and 3."""
_VERSION: Final = re.compile(r"\b(?:version|firmware|release|rev\.?|fw)[ :=]*v?(\d[\w.()\-]*)", re.IGNORECASE)
_SAYS_NOTHING: Final = re.compile(
    r"^(?:n/?a|none|unknown|private|<private>|default|not set|chassis|standard|0x[0-9a-f]+|-+|\?+)$", re.IGNORECASE
)


def observe(record: Record) -> Observation:
    """The record as identifiers and claims. Raises Broken when the record has no address."""
    body, volatile = record.body, record.volatile
    if not isinstance(body.get("ip"), str):
        raise Broken(f"The SNMP record {record.native_id} has no address.")
    vendor = vendors().get(str(body.get("vendor_rule"))) or vendor_of(body.get("object_id"))
    found = _identity(body, vendor)
    claims: dict[str, Value | None] = {
        "name": _said(body.get("name")),
        "kind": _kind(body, vendor, found.get("model")),
        "manufacturer": found.get("maker"),
        "model": found.get("model"),
        "serial": body.get("serial") if identifiers.serial(body.get("serial")) else None,
        "mac": identifiers.mac_text(body["mac"]) if identifiers.mac(body.get("mac")) else None,
        "os": vendor.os if vendor else None,
        "os_version": found.get("version"),
        "address": body.get("address"),
        "location": _said(body.get("location")),
        "position": body.get("position"),
        "page_count": volatile.get("page_count"),
    }
    oper = volatile.get("oper", {})
    return Observation(
        record.subject,
        keys=tuple(_keys(body)),
        claims={field: value for field, value in claims.items() if value is not None},
        as_of=datetime.fromisoformat(volatile["answered_at"]) if "answered_at" in volatile else None,
        facts={"subnet": body["ip"]},
        ports=tuple(Port(**port, oper=oper.get(port["name"])) for port in body.get("ports", ())),
    )


def _keys(body: Mapping[str, Any]) -> Iterable[Identifier]:
    for key in (identifiers.serial(body.get("serial")), identifiers.mac(body.get("mac"))):
        if key is not None:
            yield key


def _identity(body: Mapping[str, Any], vendor: Vendor | None) -> dict[str, str]:
    """Maker, model and version, each from the best witness that says something."""
    row, own, ups = body.get("entity", {}), body.get("vendor", {}), body.get("ups", {})
    told = described(body.get("descr"), body.get("object_id"))
    printer = body.get("printer", {})
    is_order_number = (
        vendor is not None and vendor.part_number is not None and vendor.part_number.match(row.get("model", ""))
    )
    ranked = {
        "maker": (vendor.name if vendor else None, row.get("maker"), own.get("maker"), ups.get("maker")),
        "model": (
            body.get("model"), None if is_order_number else row.get("model"), own.get("model"), ups.get("model"),
            told.get("model"), printer.get("device"), printer.get("name"), row.get("descr") if is_order_number else None,
            row.get("model"), row.get("name"), row.get("descr"),
        ),
        "version": (
            body.get("version"), row.get("software"), own.get("version"), ups.get("ups_software"), told.get("version"),
            _version(body.get("descr")), row.get("firmware"), ups.get("agent_software"),
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


def _said(text: object) -> str | None:
    return text if isinstance(text, str) and not _SAYS_NOTHING.match(text) else None


def _kind(body: Mapping[str, Any], vendor: Vendor | None, model: str | None) -> Kind:
    """What it is: a table that only such devices have, then the vendor's patterns, then its usual kind, then what it forwards."""
    if body.get("prints"):
        return Kind.PRINTER
    witnesses = (model, body.get("entity", {}).get("descr"), body.get("descr"), body.get("object_id"))
    text = " ".join(str(said) for said in witnesses if said)
    for pattern, kind in vendor.kinds if vendor else ():
        if pattern.search(text):
            return kind
    if body.get("ups"):
        return Kind.UPS
    if vendor is not None and vendor.kind is not None:
        return vendor.kind
    services = body.get("services", 0)
    if body.get("bridge") or services & _BRIDGE and services < _ROUTE << 2:
        return Kind.SWITCH
    return Kind.ROUTER if services & _ROUTE and services < _ROUTE << 2 else Kind.OTHER
