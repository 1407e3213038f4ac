"""Lists of values that stand against what a source says: kept out by a person or a lock, or contested between sources."""

from typing import Any

from sqlalchemy import String, and_, cast, exists, or_

from devreg.domain.device import device_ref
from devreg.i18n import N_
from devreg.ports import ColumnType
from devreg.store.columns import ref, text, typed, word
from devreg.store.query import View
from devreg.store.schema import device, overridden, person


def overrides() -> View:
    """Fields in which a person's word or a lock keeps a source's value out."""
    return _against("overridden", N_("Values against a source"), N_("Kept out"), overridden.c.kept_out)


def conflicts() -> View:
    """Fields about who has a device or where it is of which sources say different things now, whatever decided."""
    where = and_(overridden.c.contested, ~_is_one_person())
    return _against("conflicts", N_("Holders and units in conflict"), N_("Other value"), where)


def _is_one_person() -> Any:
    """Whether both values are addresses of one person: an account's user name and its e-mail are no conflict."""
    one, other = person.alias(), person.alias()
    return exists().where(
        overridden.c.field == "holder_email",
        or_(one.c.email == overridden.c.value, one.c.upn == overridden.c.value),
        or_(other.c.email == overridden.c.other, other.c.upn == overridden.c.other),
        one.c.who == other.c.who,
    )


def _against(name: str, title: str, other: str, where: Any) -> View:
    return View(
        name=name,
        title=title,
        key=cast(overridden.c.device_id, String).concat(":").concat(overridden.c.field),
        source=overridden.join(device, device.c.id == overridden.c.device_id),
        columns=(
            ref("device_id", N_("Id"), device.c.id, device_ref, "D"),
            text("device", N_("Device"), device.c.name, 24, device.c.name_key),
            word("field", N_("Field"), overridden.c.field, 16),
            typed("value", N_("Value"), overridden.c.value, ColumnType.OF_FIELD, 24),
            text("source", N_("Source"), overridden.c.source, 14),
            word("rule", N_("Because"), overridden.c.rule, 24),
            typed("other", other, overridden.c.other, ColumnType.OF_FIELD, 24),
            text("other_source", N_("Said by"), overridden.c.other_source, 14),
            typed("since", N_("Since"), overridden.c.at, ColumnType.DATETIME, 16),
        ),
        shown=_SHOWN[name],
        order=(overridden.c.at.desc(),),
        facets=("field", "other_source", "rule"),
        where=where,
        search=(device.c.folded, overridden.c.field),
    )


_SHOWN = {
    "overridden": ("device_id", "field", "value", "other", "other_source", "since"),
    "conflicts": ("device_id", "field", "value", "source", "other", "other_source", "since"),
}
