"""List of devices that no system manages, or two, or another than should."""

from typing import Any, Final

from sqlalchemy import Text, and_, case, exists, func, literal, null, or_, select

from devreg.domain.device import State, device_ref
from devreg.domain.phones import Category
from devreg.domain.source_record import TOOLS
from devreg.domain.tools import NEXT_STEPS, NOBODY, Overlap
from devreg.i18n import N_
from devreg.ports import ColumnType
from devreg.store.columns import field, ref, text, typed, word
from devreg.store.query import View, ViewColumn
from devreg.store.schema import device, source, tool_rule, unit

_AWAY: Final = (State.PLANNED, State.ORDERED, State.IN_STOCK, State.RETIRED, State.DISPOSED)
"""States in which nothing need manage a device."""


def overlaps(unit_name: ViewColumn) -> View:
    """What is wrong with who manages a device, one line a device: the worst that is found."""
    judged = _judged()
    steps = ((judged.c.finding == str(finding), literal(step, Text)) for finding, step in NEXT_STEPS.items())
    return View(
        name="overlaps",
        title=N_("Managed by none, by two, or by another tool"),
        key=device.c.id,
        source=judged.join(device, device.c.id == judged.c.id).outerjoin(unit, unit.c.id == device.c.unit),
        columns=(
            ref("id", N_("Id"), device.c.id, device_ref, "D"),
            word("finding", N_("Finding"), judged.c.finding, 20),
            *(field(name) for name in ("name", "kind", "model", "serial", "unit")),
            unit_name,
            *(field(name) for name in ("use", "holder", "state")),
            text("should", N_("Should be managed by"), judged.c.should, 14),
            text("managed_by", N_("Managed by"), device.c.managed_by, 20),
            text("wiped_by", N_("Can be wiped through"), device.c.wiped_by, 20),
            typed("next_step", N_("Next step"), case(*steps, else_=null()), ColumnType.SENTENCE, 40),
            typed("last_seen", N_("Last seen"), device.c.last_seen, ColumnType.DATETIME, 16),
        ),
        shown=("id", "finding", "name", "should", "managed_by", "kind", "wiped_by", "unit_name", "next_step"),
        order=(judged.c.finding, device.c.kind, device.c.name_key.is_(None), device.c.name_key),
        facets=("finding", "kind", "unit_name", "should", "managed_by"),
        where=judged.c.finding.is_not(None),
        search=(device.c.folded,),
    )


def _judged() -> Any:
    """Devices in use with the tool that should manage them, and what is wrong; NULL: nothing."""
    one = (
        select(device.c.id, device.c.managed_by, device.c.wiped_by, device.c.sources, _should().label("should"))
        .where(
            device.c.merged_into.is_(None),
            or_(device.c.state.is_(None), device.c.state.not_in(_AWAY)),
            or_(device.c.standing.is_(None), device.c.standing != Category.PRIVATE),
        )
        .subquery("one")
    )
    is_right = exists().where(
        or_(source.c.name == one.c.should, source.c.kind == one.c.should),
        or_(
            _names(one.c.managed_by, source.c.name),
            and_(source.c.kind.not_in(TOOLS), _names(one.c.sources, source.c.name)),
        ),
    )
    finding = case(
        (_is_several(one.c.managed_by), str(Overlap.MANAGED_TWICE)),
        (_is_several(one.c.wiped_by), str(Overlap.WIPED_TWICE)),
        (or_(one.c.should.is_(None), is_right), null()),
        (one.c.managed_by.is_not(None), str(Overlap.WRONG_TOOL)),
        (one.c.should != NOBODY, str(Overlap.UNMANAGED)),
        else_=null(),
    )
    return select(one.c.id, one.c.should, finding.label("finding")).subquery("judged")


def _should() -> Any:
    fits = (or_(tool_rule.c[name].is_(None), tool_rule.c[name] == device.c[name]) for name in ("kind", "unit", "use"))
    return select(tool_rule.c.tool).where(*fits).order_by(tool_rule.c.position).limit(1).scalar_subquery()


def _names(names: Any, name: Any) -> Any:
    """Whether the name is one of those that stand in a text, with blanks between."""
    padded = literal(" ").concat(names).concat(" ")
    return func.replace(padded, literal(" ").concat(name).concat(" "), "") != padded


def _is_several(names: Any) -> Any:
    return func.replace(names, " ", "") != names
