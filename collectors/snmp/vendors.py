"""Vendors' own objects as data (`vendors.toml`): where a serial, model or version is, and what kind of device it speaks of."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import msgspec

from collectors.snmp import reading
from collectors.snmp.mibs import ENTERPRISES
from collectors.snmp.tables import MemberTable, PointTable, Rule
from collectors.snmp.wire import Oid
from devreg.domain.device import Kind
from devreg.errors import Misconfigured

_ANYBODY: Final = "0"
"""A number that IANA gives nobody."""
FIELDS: Final = ("serial", "model", "version", "mac", "maker")


class Vendor(msgspec.Struct, frozen=True):
    """One enterprise number."""

    key: str
    """The number as text; the key in the data file."""
    name: str
    kind: Kind | None
    kinds: tuple[tuple[re.Pattern[str], Kind], ...]
    """First pattern found in model, sysDescr and sysObjectID decides; else `kind`."""
    descr: tuple[re.Pattern[str], ...]
    """Patterns of sysDescr with groups model, version, serial."""
    rules: tuple[Rule, ...]
    members: tuple[MemberTable, ...]
    access_points: tuple[PointTable, ...]
    os: str | None
    part_number: re.Pattern[str] | None
    """An entPhysicalModelName like this is an order number, not what people call the model."""
    own_serial_first: bool
    """The vendor's number is what its support asks for, rather than the chassis' (Dell's service tag)."""
    inside_others: bool
    """Seen under another vendor's sysObjectID, such as plain net-snmp's: asked there too."""

    def described(self, descr: str | None) -> dict[str, str]:
        """Fields that its patterns find in sysDescr."""
        for pattern in self.descr if descr else ():
            match = pattern.search(descr or "")
            if match:
                return {name: value.strip() for name, value in match.groupdict().items() if value and value.strip()}
        return {}


class Rules:
    """Every vendor known."""

    def __init__(self, vendors: Mapping[str, Vendor], raw: Mapping[str, Any]) -> None:
        self.vendors = {key: vendor for key, vendor in vendors.items() if key != _ANYBODY}
        """By enterprise number."""
        self.anybody = vendors.get(_ANYBODY)
        """Words that tell a kind whoever made the device."""
        self.mark = hashlib.blake2b(json.dumps(raw).encode(), digest_size=8).hexdigest()
        """Changes with what the files say, the order of a vendor's objects included: the first that answers counts."""

    def of(self, object_id: str | None) -> Vendor | None:
        """The vendor whose enterprise number the sysObjectID carries."""
        arcs = (object_id or "").split(".")
        return self.vendors.get(arcs[len(ENTERPRISES)]) if len(arcs) > len(ENTERPRISES) else None

    def applied(self, key: str | None, object_id: str | None) -> Vendor | None:
        """The vendor whose rule found something; else the sysObjectID's own."""
        return self.vendors.get(key or "") or self.of(object_id)

    def to_ask(self, object_id: Oid) -> Iterator[Vendor]:
        """Vendors whose tree is worth asking for: the sysObjectID's own; where that number says nothing, those who hide behind it."""
        own = self.of(reading.dotted(object_id))
        if own is not None and own.rules + own.members:
            yield own
        if own is None or own.kind is None:
            yield from (vendor for vendor in self.vendors.values() if vendor.inside_others and vendor is not own)

    def point_tables(self) -> Iterator[tuple[Vendor, PointTable]]:
        """Tables of access points; asked of every device, whoever made it."""
        for vendor in self.vendors.values():
            yield from ((vendor, table) for table in vendor.access_points)

    def described(self, descr: str | None, object_id: str | None) -> dict[str, str]:
        """Fields that the vendor's patterns find in sysDescr."""
        vendor = self.of(object_id)
        return vendor.described(descr) if vendor else {}


def rules(own: Path | None = None) -> Rules:
    """The shipped vendors, and over them those of the city's own file. Raises Misconfigured naming the vendor and what is wrong."""
    shipped, base = _shipped(), _shipped_raw()
    if own is None:
        return Rules(shipped, base)
    try:
        raw = tomllib.loads(own.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Misconfigured(
            f"{own} can't be read: {error}.", next_step="It is a TOML file, one table a vendor."
        ) from error
    vendors = shipped | {key: _vendor(own, key, base.get(key, {}), table) for key, table in raw.items()}
    return Rules(vendors, base | {key: {**base.get(key, {}), **table} for key, table in raw.items()})


@cache
def _shipped_raw() -> dict[str, Any]:
    return tomllib.loads(files("collectors.snmp").joinpath("vendors.toml").read_text(encoding="utf-8"))


@cache
def _shipped() -> dict[str, Vendor]:
    return {key: _vendor(Path("vendors.toml"), key, {}, table) for key, table in _shipped_raw().items()}


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    columns: dict[str, str]
    by_entity: bool = False
    up: tuple[int, ...] = ()


class _Raw(msgspec.Struct, forbid_unknown_fields=True):
    """A vendor as the file writes it."""

    name: str
    kind: Kind | None = None
    kinds: tuple[tuple[str, Kind], ...] = ()
    descr: tuple[str, ...] = ()
    serial: dict[str, str] = {}
    model: dict[str, str] = {}
    version: dict[str, str] = {}
    mac: dict[str, str] = {}
    maker: dict[str, str] = {}
    members: tuple[_Table, ...] = ()
    access_points: tuple[_Table, ...] = ()
    os: str | None = None
    part_number: str | None = None
    own_serial_first: bool = False
    inside_others: bool = False


def _vendor(file: Path, key: str, shipped: Mapping[str, Any], table: object) -> Vendor:
    """One vendor; what `table` does not say is as shipped. Raises Misconfigured."""
    try:
        if not (key.isascii() and key.isdigit()) or not isinstance(table, dict):
            raise ValueError("a vendor is a table [N], N its enterprise number at IANA")
        return _compiled(key, msgspec.convert({**shipped, **table}, _Raw))
    except ValueError as error:  # msgspec's is one too
        raise Misconfigured(
            f"{file}, [{key}]: {error}.",
            next_step="The comment that begins collectors/snmp/vendors.toml says what is allowed.",
        ) from error


def _compiled(key: str, raw: _Raw) -> Vendor:
    base = (*ENTERPRISES, int(key))
    return Vendor(
        key=key,
        name=raw.name,
        kind=raw.kind,
        kinds=tuple((_pattern(pattern, re.IGNORECASE), kind) for pattern, kind in raw.kinds),
        descr=tuple(map(_pattern, raw.descr)),
        rules=tuple(
            _rule(field, base, name, source) for field in FIELDS for name, source in getattr(raw, field).items()
        ),
        members=tuple(MemberTable(table.name, _columns(base, table), table.by_entity) for table in raw.members),
        access_points=tuple(PointTable(table.name, _columns(base, table), table.up) for table in raw.access_points),
        os=raw.os,
        part_number=_pattern(raw.part_number) if raw.part_number else None,
        own_serial_first=raw.own_serial_first,
        inside_others=raw.inside_others,
    )


def _pattern(text: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    try:
        return re.compile(text, flags)
    except re.error as error:
        raise ValueError(f"{text!r} is no pattern ({error})") from error


def _columns(base: Oid, table: _Table) -> dict[str, Oid]:
    return {field: _oid(base, name) for field, name in table.columns.items()}


def _rule(field: str, base: Oid, name: str, source: str) -> Rule:
    return Rule(field, _oid(base, name.removesuffix(".*")), name.endswith(".*"), source)


def _oid(base: Oid, name: str) -> Oid:
    """An object's name, whole or relative to the enterprise."""
    try:
        arcs = tuple(int(arc) for arc in name.split("."))
    except ValueError:
        raise ValueError(f"{name!r} is no object name (numbers with dots between)") from None
    return arcs if arcs[:4] == ENTERPRISES[:4] else base + arcs
