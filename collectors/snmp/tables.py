"""Objects and tables of a vendor's own tree, as the data file names them, and their rows as plain values."""

from collections.abc import Mapping

import msgspec

from collectors.snmp import reading
from collectors.snmp.wire import Oid, Value

_MAC_ARCS = 6


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


class PointTable(msgspec.Struct, frozen=True):
    """A controller's table with one row an access point."""

    name: str
    columns: dict[str, Oid]
    up: tuple[int, ...]
    """Values of the column `status` that mean that it works now; none: a row is there only while it does."""

    def point(self, maker: str, index: Oid, row: Mapping[Oid, Value]) -> reading.AccessPoint:
        """One row."""
        at = {name: row.get(oid) for name, oid in self.columns.items()}
        said = {name: reading.text(at.get(name)) for name in ("name", "serial", "model", "version", "location")}
        ip = at.get("ip")
        status = reading.number(at.get("status"))
        return reading.AccessPoint(
            **said,
            maker=maker,
            mac=reading.mac(at.get("mac")) or _index_mac(index),
            ethernet_mac=reading.mac(at.get("ethernet_mac")),
            ip=".".join(map(str, ip)) if isinstance(ip, bytes) and len(ip) == 4 and any(ip) else None,  # noqa: PLR2004
            is_up=status in self.up if self.up and status is not None else None,
        )


def _index_mac(index: Oid) -> str | None:
    """Most of these tables are indexed by the access point's MAC."""
    if len(index) != _MAC_ARCS or not all(0 <= arc <= 255 for arc in index):  # noqa: PLR2004  a byte
        return None
    return reading.mac(bytes(index))
