"""The list of what devices measure of themselves."""

from sqlalchemy import String, case, cast

from devreg.domain.device import device_ref
from devreg.i18n import N_
from devreg.ports import ColumnType
from devreg.store.columns import folded, ref, text, typed, word
from devreg.store.query import View
from devreg.store.schema import device, gauge


def gauges() -> View:
    """Supplies, batteries, memory, temperatures."""
    level = case((gauge.c.maximum > 0, gauge.c.value / gauge.c.maximum))  # no level where nobody says the full amount
    return View(
        name="gauges",
        title=N_("Supplies and sensors"),
        key=cast(gauge.c.record_id, String).concat(":").concat(gauge.c.index),
        source=gauge.join(device, device.c.id == gauge.c.device_id),
        columns=(
            ref("device_id", N_("Device id"), device.c.id, device_ref, "D"),
            text("device", N_("Device"), device.c.name, 24, device.c.name_key),
            text("address", N_("Network address"), device.c.address, 16),
            word("device_kind", N_("Kind of device"), device.c.kind),
            word("kind", N_("What is measured"), gauge.c.kind),
            word("name", N_("Name"), gauge.c.name, 28),
            typed("level", N_("Level"), level, ColumnType.PERCENT, 8),
            word("state", N_("State"), gauge.c.state),
            typed("value", N_("Value"), gauge.c.value, ColumnType.NUMBER, 14),
            typed("maximum", N_("Maximum"), gauge.c.maximum, ColumnType.NUMBER, 14),
            word("unit", N_("Measured in"), gauge.c.unit),
        ),
        shown=("device", "kind", "name", "level", "value", "unit", "state"),
        order=(device.c.name_key.is_(None), device.c.name_key, gauge.c.device_id, gauge.c.record_id, gauge.c.index),
        facets=("device_kind", "kind", "state", "device"),
        search=(device.c.folded, folded(gauge.c.name)),
    )
