"""Lists of what network gear sees around itself."""

from sqlalchemy import String, cast

from devreg.domain.device import device_ref
from devreg.i18n import N_
from devreg.ports import ColumnType
from devreg.store.columns import folded, ref, text, typed, word
from devreg.store.query import View
from devreg.store.schema import device, neighbour, record
from devreg.store.topology import matched


def neighbours() -> View:
    """What stands at the other end of ports now, and which registered device it is."""
    there = device.alias()
    return View(
        name="neighbours",
        title=N_("Neighbours"),
        key=cast(neighbour.c.record_id, String)
        .concat(":")
        .concat(neighbour.c.port)
        .concat(":")
        .concat(neighbour.c.protocol)
        .concat(":")
        .concat(neighbour.c.remote),
        source=neighbour.join(record, record.c.id == neighbour.c.record_id)
        .join(device, device.c.id == record.c.device_id)
        .outerjoin(there, there.c.id == matched()),
        columns=(
            ref("device_id", N_("Device id"), device.c.id, device_ref, "D"),
            text("device", N_("Device"), device.c.name, 24, device.c.name_key),
            text("port", N_("Port"), neighbour.c.port, 16),
            word("protocol", N_("Told by"), neighbour.c.protocol, 8),
            text("remote_name", N_("Neighbour"), neighbour.c.remote_name, 24, neighbour.c.remote_key),
            text("remote_port", N_("Its port"), neighbour.c.remote_port, 20),
            text("remote_mac", N_("Its MAC address"), neighbour.c.remote_mac, 12),
            text("remote_address", N_("Its network address"), neighbour.c.remote_address, 16),
            text("platform", N_("Platform"), neighbour.c.platform, 30),
            ref("matched_device", N_("Registered as"), there.c.id, device_ref, "D"),
            word("matched_kind", N_("Kind"), there.c.kind, 12),
            typed("first_seen", N_("First seen"), neighbour.c.first_seen, ColumnType.DATETIME, 16),
            typed("last_seen", N_("Last seen"), neighbour.c.last_seen, ColumnType.DATETIME, 16),
        ),
        shown=("device", "port", "remote_name", "remote_port", "matched_device"),
        order=(device.c.name_key, neighbour.c.record_id, neighbour.c.port, neighbour.c.remote),
        facets=("device", "protocol", "matched_kind"),
        where=neighbour.c.current,
        search=(device.c.folded, neighbour.c.remote_key, neighbour.c.remote_mac, folded(neighbour.c.port)),
    )
