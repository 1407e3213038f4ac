"""Vendors' own objects as data (`vendors.toml`): where a serial, model or version is, and what kind of device it speaks of."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec

from collectors.snmp import reading
from collectors.snmp.mibs import ENTERPRISES
from collectors.snmp.wire import Oid, Value
from devreg.domain.device import Kind

FIELDS: Final = ("serial", "model", "version", "mac", "maker")


class Rule(msgspec.Struct, frozen=True):
    """One object that holds a field."""

    field: str
    oid: Oid
    column: bool
    """A column whose first row is wanted; else the whole name of a scalar."""
    source: str
    """MIB and object."""


class MemberTable(msgspec.Struct, frozen=True):
    """A table with one row a stack member."""

    name: str
    columns: dict[str, Oid]
    by_entity: bool
    """Indexed by entPhysicalIndex; else the last arc of the index is the position."""

    def member(self, index: Oid, row: Mapping[Oid, Value]) -> reading.Member:
        """One row."""
        at = {name: row.get(oid) for name, oid in self.columns.items()}
        position = reading.number(at.get("position"))
        return reading.Member(
            position=index[-1] if position is None else position,
            serial=reading.text(at.get("serial")),
            model=reading.text(at.get("model")),
            version=reading.text(at.get("version")),
            mac=reading.mac(at.get("mac")),
            entity=index[-1] if self.by_entity else None,
        )


class Vendor(msgspec.Struct, frozen=True):
    """One enterprise number."""

    key: str
    """The number as text; the key in the data file."""
    name: str
    kind: Kind | None
    kinds: tuple[tuple[re.Pattern[str], Kind], ...]
    """First pattern found in model and sysDescr decides; else `kind`."""
    descr: tuple[re.Pattern[str], ...]
    """Patterns of sysDescr with groups model, version, serial."""
    rules: tuple[Rule, ...]
    members: tuple[MemberTable, ...]
    os: str | None
    part_number: re.Pattern[str] | None
    """An entPhysicalModelName like this is an order number, not what people call the model."""
    own_serial_first: bool
    """The vendor's number is what its support asks for, rather than the chassis' (Dell's service tag)."""
    inside_others: bool
    """Seen under another vendor's sysObjectID, such as plain net-snmp's: asked there too."""


@cache
def vendors() -> dict[str, Vendor]:
    """Enterprise number -> vendor."""
    raw = tomllib.loads(files("collectors.snmp").joinpath("vendors.toml").read_text(encoding="utf-8"))
    return {key: _vendor(key, table) for key, table in raw.items()}


def vendor_of(object_id: str | None) -> Vendor | None:
    """The vendor whose enterprise number the sysObjectID carries."""
    arcs = (object_id or "").split(".")
    return vendors().get(arcs[len(ENTERPRISES)]) if len(arcs) > len(ENTERPRISES) else None


def vendors_to_ask(object_id: Oid) -> Iterator[Vendor]:
    """Vendors whose tree is worth asking for: the sysObjectID's own; where that number says nothing, those who hide behind it."""
    own = vendor_of(reading.dotted(object_id))
    if own is not None and own.rules + own.members:
        yield own
    if own is None or own.kind is None:
        yield from (vendor for vendor in vendors().values() if vendor.inside_others and vendor is not own)


def described(descr: str | None, object_id: str | None) -> dict[str, str]:
    """Fields that the vendor's patterns find in sysDescr."""
    vendor = vendor_of(object_id)
    for pattern in vendor.descr if vendor and descr else ():
        match = pattern.search(descr or "")
        if match:
            return {name: value.strip() for name, value in match.groupdict().items() if value and value.strip()}
    return {}


def _vendor(key: str, raw: Mapping[str, Any]) -> Vendor:
    base = (*ENTERPRISES, int(key))
    return Vendor(
        key=key,
        name=raw["name"],
        kind=Kind(raw["kind"]) if "kind" in raw else None,
        kinds=tuple((re.compile(pattern, re.IGNORECASE), Kind(kind)) for pattern, kind in raw.get("kinds", ())),
        descr=tuple(re.compile(pattern) for pattern in raw.get("descr", ())),
        rules=tuple(
            _rule(field, base, name, source) for field in FIELDS for name, source in raw.get(field, {}).items()
        ),
        members=tuple(
            MemberTable(
                table["name"],
                {field: base + _arcs(name) for field, name in table["columns"].items()},
                table.get("by_entity", False),
            )
            for table in raw.get("members", ())
        ),
        os=raw.get("os"),
        part_number=re.compile(raw["part_number"]) if "part_number" in raw else None,
        own_serial_first=raw.get("own_serial_first", False),
        inside_others=raw.get("inside_others", False),
    )


def _rule(field: str, base: Oid, name: str, source: str) -> Rule:
    column = name.endswith(".*")
    oid = _arcs(name.removesuffix(".*"))
    return Rule(field, oid if oid[:4] == ENTERPRISES[:4] else base + oid, column, source)


def _arcs(name: str) -> Oid:
    return tuple(int(arc) for arc in name.split("."))
