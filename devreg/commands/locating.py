"""where: on which switch and port a device is."""

from pathlib import Path
from typing import Final

import msgspec

from devreg import wiring
from devreg.commands.looking import print_rows
from devreg.domain.device import device_ref
from devreg.errors import NotFound
from devreg.i18n import N_
from devreg.ports import Column, ColumnType
from devreg.services.browse import Browser
from devreg.services.where import as_mac, locate, macs_of
from devreg.terminal import note

_COLUMNS: Final = (
    Column("mac", N_("MAC address"), ColumnType.TEXT, 17),
    Column("device_id", N_("Device id"), ColumnType.TEXT, 8),
    Column("device", N_("Switch"), ColumnType.TEXT, 20),
    Column("port", N_("Port"), ColumnType.TEXT, 12),
    Column("alias", N_("Description"), ColumnType.TEXT, 20),
    Column("location", N_("Location"), ColumnType.TEXT, 20),
    Column("vlan", N_("VLAN"), ColumnType.INTEGER, 4),
    Column("certainty", N_("How sure"), ColumnType.WORD, 16),
    Column("current", N_("Now"), ColumnType.BOOLEAN, 5),
    Column("others", N_("Others on the port"), ColumnType.INTEGER, 6),
    Column("neighbours", N_("Neighbour"), ColumnType.TEXT, 20),
    Column("first_seen", N_("First seen"), ColumnType.DATETIME, 16),
    Column("last_seen", N_("Last seen"), ColumnType.DATETIME, 16),
)
_SHOWN: Final = ("device", "port", "alias", "location", "certainty", "last_seen")


def where(config: Path | None, what: str, form: str) -> None:
    """Print the ports, the best first. Raises NotFound when no switch has seen it."""
    app = wiring.open_app(config)
    mac = as_mac(what)
    macs = [mac] if mac else macs_of(app.sessions, Browser(app.sessions, app.t.language).find(what))
    found = locate(app.sessions, macs)
    if not found.lines:
        raise NotFound(
            f"No switch has seen {', '.join(found.macs)}.",
            next_step="It is switched off or on a network that no SNMP source reads; `devreg list network` shows what is read.",
        )
    rows = [{**msgspec.structs.asdict(line), "device_id": device_ref(line.device_id)} for line in found.lines]
    keys = _SHOWN if form == "table" else tuple(column.key for column in _COLUMNS)
    if form == "table":
        devices = ", ".join(found.owners) or app.t("in no device of the register")
        note(app.t("{macs} is {devices}", macs=", ".join(found.macs), devices=devices))
    print_rows(app.t, [column for column in _COLUMNS if column.key in keys], rows, form)
