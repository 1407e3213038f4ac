"""Lists of devices, and of the ports of those that have them."""

from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, Float, String, and_, cast, func, null, or_, select

from devreg.domain.device import NETWORK_KINDS, Kind, State, device_ref
from devreg.domain.fields import DEVICE_FIELDS
from devreg.i18n import N_
from devreg.ports import ColumnType
from devreg.store.columns import field, folded, ref, text, typed, word
from devreg.store.query import View, ViewColumn
from devreg.store.schema import contract_device, device, neighbour, port, stocktake_line, unit
from devreg.store.views import phones
from devreg.store.views.units import within


def lists(unit_name: ViewColumn) -> dict[str, View]:
    """Lists whose rows are devices, by name; `unit_name` names a device's unit in one language."""
    columns = _columns(unit_name)
    views = (
        _devices("devices", N_("Devices"), columns, _DEVICE_FIRST),
        _phones(columns),
        _devices("chromebooks", N_("Chromebooks"), columns, _CHROMEBOOK_FIRST, device.c.kind == Kind.CHROMEBOOK),
        _devices("network", N_("Network gear"), columns, _NETWORK_FIRST, device.c.kind.in_(NETWORK_KINDS)),
        _devices("missing", N_("Not seen any more"), columns, _MISSING_FIRST, device.c.missing_since.is_not(None)),
        _same_tag(columns),
    )
    return {view.name: view for view in views}


_DEVICE_FIRST: Final = ("id", "name", "kind", "model", "serial", "unit_name", "use", "holder", "state", "last_seen")
_PHONE_FIRST: Final = (
    "id",
    "category",
    "name",
    "holder",
    "phone_number",
    "model",
    "lockable",
    "wipeable",
    "managed_by",
    "lease_end",
    "contact_at",
    "next_step",
)
_CHROMEBOOK_FIRST: Final = (
    "id",
    "name",
    "model",
    "serial",
    "unit_name",
    "stage",
    "support_end",
    "managed_by",
    "last_seen",
)
_NETWORK_FIRST: Final = (
    "id",
    "name",
    "kind",
    "model",
    "address",
    "last_seen",
    "ports",
    "stack",
    "managed_through",
    "vendor",
    "serial",
    "os_version",
)
_TAG_FIRST: Final = ("asset_tag", "id", "name", "kind", "model", "serial", "unit_name", "holder", "state", "last_seen")
_MISSING_FIRST: Final = ("id", "name", "kind", "model", "serial", "unit_name", "holder", "missing_since", "last_seen")


def _devices(name: str, title: str, columns: tuple[ViewColumn, ...], first: tuple[str, ...], where: Any = None) -> View:
    """Devices of one sort; every field is a column, `first` are shown unless somebody chooses others."""
    return View(
        name=name,
        title=title,
        key=device.c.id,
        source=device.outerjoin(unit, unit.c.id == device.c.unit),
        columns=columns,
        shown=first,
        order=(device.c.name_key.is_(None), device.c.name_key),
        facets=("kind", "unit_name", "use", "state", "managed_by", "model"),
        where=device.c.merged_into.is_(None) if where is None else and_(device.c.merged_into.is_(None), where),
        search=(device.c.folded,),
        filters={"within": within},
    )


def _phones(columns: tuple[ViewColumn, ...]) -> View:
    view = _devices("phones", N_("Phones"), (*columns, *phones.columns()), _PHONE_FIRST, device.c.kind == Kind.PHONE)
    return msgspec.structs.replace(view, facets=("category", "unit_name", "state", "managed_by", "model", "ownership"))


def _same_tag(columns: tuple[ViewColumn, ...]) -> View:
    """Devices not yet out of use that carry a tag which another of them carries too: a tag alone never makes two devices one."""
    tag = func.upper(device.c.asset_tag)
    live = or_(device.c.state.is_(None), device.c.state.not_in((State.RETIRED, State.DISPOSED)))
    twice = select(tag).where(device.c.merged_into.is_(None), live).group_by(tag).having(func.count() > 1)
    view = _devices("duplicates", N_("Asset tags given twice"), columns, _TAG_FIRST, and_(live, tag.in_(twice)))
    return msgspec.structs.replace(view, order=(tag, device.c.id))


def _columns(unit_name: ViewColumn) -> tuple[ViewColumn, ...]:
    lease_end = (
        select(func.min(contract_device.c.ends)).where(contract_device.c.device_id == device.c.id).scalar_subquery()
    )
    ports = select(func.nullif(func.count(), 0)).where(port.c.device_id == device.c.id).scalar_subquery()
    found = (
        select(func.max(stocktake_line.c.found_at)).where(stocktake_line.c.device_id == device.c.id).scalar_subquery()
    )
    fields = {name: field(name) for name in DEVICE_FIELDS}
    first = ("asset_tag", "name", "kind", "use", "stage", "manufacturer", "model", "serial", "imei", "state", "unit")
    second = ("holder", "ownership", "os", "os_version", "support_end")
    shown = {*first, *second}
    return (
        ref("id", N_("Id"), device.c.id, device_ref, "D"),
        *(fields[name] for name in first),
        unit_name,
        *(fields[name] for name in second),
        text("managed_by", N_("Managed by"), device.c.managed_by, 16),
        typed("last_seen", N_("Last seen"), device.c.last_seen, ColumnType.DATETIME, 16),
        text("sources", N_("Sources"), device.c.sources, 20),
        text("vendor", N_("Vendor"), device.c.manufacturer, 12),
        word("role", N_("Role"), device.c.kind),
        typed("ports", N_("Ports"), ports, ColumnType.INTEGER, 6),
        typed("lease_end", N_("Lease ends"), lease_end, ColumnType.DATE, 11),
        typed("last_found", N_("Last found in a stock-take"), found, ColumnType.DATETIME, 16),
        typed("missing_since", N_("Not seen since"), device.c.missing_since, ColumnType.DATETIME, 16),
        typed("state_since", N_("In this state since"), device.c.state_since, ColumnType.DATETIME, 16),
        *(column for name, column in fields.items() if name not in shown),
    )


_LOAD: Final = (
    typed("in_bps", N_("In (bit/s)"), cast(null(), BigInteger), ColumnType.INTEGER, 13),
    typed("out_bps", N_("Out (bit/s)"), cast(null(), BigInteger), ColumnType.INTEGER, 13),
    typed("utilisation", N_("Utilisation"), cast(null(), Float), ColumnType.PERCENT, 8),
)
"""Not known before two readings of the counters are compared; the names are fixed for those who read them."""


def ports() -> View:
    """Interfaces of network gear, each with the first of the neighbours that name themselves on it now."""
    there = (
        select(func.min(func.coalesce(neighbour.c.remote_name, neighbour.c.remote_mac)))
        .where(neighbour.c.record_id == port.c.record_id, neighbour.c.port == port.c.name, neighbour.c.current)
        .scalar_subquery()
    )
    return View(
        name="ports",
        title=N_("Ports"),
        key=cast(port.c.record_id, String).concat(":").concat(port.c.name),
        source=port.join(device, device.c.id == port.c.device_id),
        columns=(
            ref("device_id", N_("Device id"), device.c.id, device_ref, "D"),
            text("device", N_("Device"), device.c.name, 24, device.c.name_key),
            text("address", N_("Network address"), device.c.address, 16),
            text("name", N_("Port"), port.c.name, 20),
            text("alias", N_("Description"), port.c.alias, 24),
            typed("if_index", N_("ifIndex"), port.c.if_index, ColumnType.INTEGER, 9),
            typed("speed_bps", N_("Speed (bit/s)"), port.c.speed_bps, ColumnType.INTEGER, 15),
            word("admin", N_("Admin state"), port.c.admin),
            word("oper", N_("Link state"), port.c.oper),
            text("mac", N_("MAC address"), port.c.mac, 17),
            *_LOAD,
            text("neighbour", N_("Neighbour"), there, 24),
        ),
        shown=("device", "name", "alias", "oper", "neighbour", "speed_bps", "admin"),
        order=(device.c.name_key.is_(None), device.c.name_key, port.c.device_id, port.c.if_index),
        facets=("device", "admin", "oper"),
        search=(device.c.folded, folded(port.c.name), folded(port.c.alias), port.c.mac),
    )
