"""What the list of phones says beside a device's fields, and the share of phones under management by unit."""

from typing import Any

from sqlalchemy import Float, and_, case, cast, func, select, true

from devreg.domain.device import Kind
from devreg.domain.phones import LEFT_OUT, MANAGED, Category
from devreg.i18n import N_
from devreg.ports import ColumnType
from devreg.store import phones
from devreg.store.columns import folded, text, typed, word
from devreg.store.query import View, ViewColumn
from devreg.store.schema import device, unit


def columns() -> tuple[ViewColumn, ...]:
    """Of one phone."""
    return (
        word("category", N_("Situation"), phones.category(), 22),
        typed("next_step", N_("Next step"), phones.next_step(), ColumnType.SENTENCE, 40),
        typed("lockable", N_("Lockable"), phones.lockable(), ColumnType.BOOLEAN, 9),
        typed("wipeable", N_("Wipeable"), phones.wipeable(), ColumnType.BOOLEAN, 9),
        typed("hindrance", N_("Why not"), phones.hindrance(), ColumnType.SENTENCE, 30),
        typed("contact_at", N_("Last contact with its tool"), device.c.contact_at, ColumnType.DATETIME, 16),
    )


def coverage(unit_name: ViewColumn) -> View:
    """The city's phones that should be under management, by unit: how many are, and what could be done to them."""
    counted = _counted()
    share, most = counted.c.managed, counted.c.managed + counted.c.not_known
    numbers = {
        "phones": N_("Phones"), "managed": N_("Under management"), "lockable": N_("Lockable"), "wipeable": N_("Wipeable"),
        "silent": N_("Silent"), "not_known": N_("Not known"),
    }  # fmt: skip
    return View(
        name="phone_coverage",
        title=N_("Phones under management"),
        key=counted.c.place,
        source=counted.outerjoin(unit, unit.c.id == counted.c.unit),
        columns=(
            text("unit", N_("Unit id"), counted.c.unit, 14),
            unit_name,
            *(typed(name, label, counted.c[name], ColumnType.INTEGER, 10) for name, label in numbers.items()),
            typed("coverage", N_("Coverage, at least"), _of(share, counted.c.phones), ColumnType.PERCENT, 10),
            typed("at_most", N_("Coverage, at most"), _of(most, counted.c.phones), ColumnType.PERCENT, 10),
        ),
        shown=("unit_name", "phones", "managed", "coverage", "lockable", "wipeable", "silent", "not_known"),
        order=(counted.c.unit.is_(None), unit_name.sort, counted.c.unit),
        search=(folded(unit.c.name_fi), folded(unit.c.name_sv), folded(counted.c.unit)),
    )


def _counted() -> Any:
    now = phones.category()
    one = (
        select(device.c.unit, now.label("now"), phones.lockable().label("locks"), phones.wipeable().label("wipes"))
        .where(device.c.kind == Kind.PHONE, device.c.merged_into.is_(None), now.not_in(LEFT_OUT))
        .subquery("one")
    )
    managed = one.c.now.in_(MANAGED)
    of_unit = {
        "managed": managed,
        "lockable": and_(managed, one.c.locks == true()),
        "wipeable": and_(managed, one.c.wipes == true()),
        "silent": one.c.now == str(Category.SILENT),
        "not_known": one.c.now == str(Category.NOT_KNOWN),
    }
    sums = (func.sum(case((condition, 1), else_=0)).label(name) for name, condition in of_unit.items())
    place = func.coalesce(one.c.unit, "").label("place")
    return select(one.c.unit, place, func.count().label("phones"), *sums).group_by(one.c.unit).subquery("counted")


def _of(part: Any, whole: Any) -> Any:
    return cast(part, Float) / whole
