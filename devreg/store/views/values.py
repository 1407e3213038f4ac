"""Lists of values: those that stand against what a source says."""

from sqlalchemy import String, cast

from devreg.domain.device import device_ref
from devreg.i18n import N_
from devreg.ports import ColumnType
from devreg.store.columns import ref, text, typed, word
from devreg.store.query import View
from devreg.store.schema import device, overridden


def overrides() -> View:
    """Fields in which a person's word or a lock keeps a source's value out."""
    return View(
        name="overridden",
        title=N_("Values against a source"),
        key=cast(overridden.c.device_id, String).concat(":").concat(overridden.c.field),
        source=overridden.join(device, device.c.id == overridden.c.device_id),
        columns=(
            ref("device_id", N_("Id"), device.c.id, device_ref, "D"),
            text("device", N_("Device"), device.c.name, 24, device.c.name_key),
            word("field", N_("Field"), overridden.c.field, 16),
            typed("value", N_("Value"), overridden.c.value, ColumnType.OF_FIELD, 24),
            text("source", N_("Source"), overridden.c.source, 14),
            word("rule", N_("Because"), overridden.c.rule, 24),
            typed("other", N_("Kept out"), overridden.c.other, ColumnType.OF_FIELD, 24),
            text("other_source", N_("Said by"), overridden.c.other_source, 14),
            typed("since", N_("Since"), overridden.c.at, ColumnType.DATETIME, 16),
        ),
        shown=("device_id", "field", "value", "other", "other_source", "since"),
        order=(overridden.c.at.desc(),),
        facets=("field", "other_source", "rule"),
        search=(device.c.folded, overridden.c.field),
    )
