"""Lists of units: the tree they make, and the devices that stand in none of them."""

from typing import Any, Final

from sqlalchemy import BigInteger, Integer, Text, and_, case, cast, exists, func, literal, literal_column, or_, select

from devreg.domain.device import device_ref
from devreg.i18n import N_
from devreg.ports import ColumnType
from devreg.store import unit_tree
from devreg.store.columns import fact, field, folded, ref, text, typed, word
from devreg.store.query import View, ViewColumn
from devreg.store.schema import device, headcount, record, unit

NO_PARENT: Final = N_("it belongs to a unit that no list names")
IN_CIRCLE: Final = N_("it belongs to itself, in a circle")
_DEEPEST: Final = 20
_BETWEEN: Final = "\x01"
"""Sorts before every letter, so that a unit's own come right after it."""


def units(unit_name: ViewColumn) -> View:
    """Schools, day-care centres, offices, each under what it belongs to; `unit_name` names and sorts them in one language."""
    newest, pupils, file = _counted()
    here = and_(device.c.unit == unit.c.id, device.c.merged_into.is_(None))
    devices = select(func.count()).where(here).scalar_subquery()
    for_pupils = select(func.count()).where(here, device.c.use == "pupil").scalar_subquery()
    tree = _tree(unit_name)
    whole = _with_all_below()
    trouble = case((_is_orphan(), NO_PARENT), (tree.c.id.is_(None), IN_CIRCLE), else_=None)
    return View(
        name="units",
        title=N_("Units"),
        key=unit.c.id,
        source=unit.outerjoin(tree, tree.c.id == unit.c.id).outerjoin(whole, whole.c.top == unit.c.id),
        columns=(
            text("unit", N_("Unit id"), unit.c.id, 14),
            unit_name,
            text("name_fi", N_("Name in Finnish"), unit.c.name_fi, 30, _sort_of(unit.c.name_fi, unit.c.sort_fi)),
            text("name_sv", N_("Name in Swedish"), unit.c.name_sv, 30, _sort_of(unit.c.name_sv, unit.c.sort_sv)),
            word("kind", N_("Type"), unit.c.kind),
            word("language", N_("Language"), unit.c.language),
            text("campus", N_("Campus"), unit.c.campus, 14),
            text("parent", N_("Belongs to"), unit.c.parent, 14),
            text("path", N_("Place in the tree"), func.coalesce(tree.c.path, unit_name.select), 40, tree.c.place),
            typed("level", N_("Level"), tree.c.level, ColumnType.INTEGER, 6),
            typed("trouble", N_("To correct"), trouble, ColumnType.SENTENCE, 30),
            typed("pupils", N_("Pupils"), pupils, ColumnType.INTEGER, 8),
            typed("counted_on", N_("Counted on"), newest, ColumnType.DATE, 11),
            text("counted_in", N_("Counted in file"), file, 20),
            typed("devices", N_("Devices"), devices, ColumnType.INTEGER, 8),
            typed("pupil_devices", N_("Pupil devices"), for_pupils, ColumnType.INTEGER, 13),
            typed(
                "devices_within",
                N_("Devices with those below"),
                func.coalesce(whole.c.devices, 0),
                ColumnType.INTEGER,
                10,
            ),
        ),
        shown=("path", "kind", "language", "pupils", "pupil_devices", "devices"),
        order=(tree.c.place.is_(None), tree.c.place, unit_name.sort),
        facets=("kind", "language"),
        search=(folded(unit.c.name_fi), folded(unit.c.name_sv), folded(unit.c.id)),
    )


def _counted() -> tuple[Any, Any, Any]:
    """Day, pupils and file of a unit's head-count: of each stage the newest that says something, as the equality report takes it."""
    said, later = headcount.alias(), headcount.alias()
    newer = exists().where(
        later.c.unit == said.c.unit, later.c.stage == said.c.stage, later.c.date > said.c.date, *_says(later)
    )
    valid = and_(said.c.unit == unit.c.id, *_says(said), ~newer)
    day = select(func.max(said.c.date)).where(valid).scalar_subquery()
    pupils = select(cast(func.sum(said.c.pupils), BigInteger)).where(valid).scalar_subquery()
    return day, pupils, select(func.max(said.c.file)).where(valid).scalar_subquery()


def _says(counted: Any) -> tuple[Any, ...]:
    return counted.c.date <= func.current_date(), or_(counted.c.pupils.is_not(None), counted.c.groups.is_not(None))


def _sort_of(name: Any, by: Any) -> Any:
    """The sort key of a name that is there; the key itself stands in for a missing one."""
    return case((name.is_not(None), by), else_=None)


def _is_orphan() -> Any:
    """Whether it belongs to something that is neither a unit nor a campus."""
    above = unit.alias()
    known = exists().where(or_(above.c.id == unit.c.parent, above.c.campus == unit.c.parent))
    return and_(unit.c.parent.is_not(None), ~known)


def _tree(unit_name: ViewColumn) -> Any:
    """Every unit that can be reached from the top, with its place there; one in a circle can't."""
    above = unit.alias()
    is_top = or_(unit.c.parent.is_(None), ~exists().where(above.c.id == unit.c.parent))
    top = select(
        unit.c.id,
        cast(literal_column("0"), Integer).label("level"),
        cast(unit_name.sort, Text).label("place"),
        cast(unit_name.select, Text).label("path"),
    ).where(is_top)
    tree = top.cte("tree", recursive=True)
    below = select(
        unit.c.id,
        tree.c.level + 1,
        tree.c.place + literal(_BETWEEN, Text) + unit_name.sort,
        tree.c.path + literal(" › ", Text) + unit_name.select,
    ).where(unit.c.parent == tree.c.id, tree.c.level < _DEEPEST)
    return tree.union_all(below)


def within(text: str) -> Any:
    """Whether a device is in this unit or in one below it."""
    return or_(device.c.unit == text, device.c.unit.in_(unit_tree.below(unit.c.parent == text)))


def _with_all_below() -> Any:
    """Devices of each unit and of all below it, as the filter `within` counts them."""
    pairs = unit_tree.pairs()
    held = pairs.join(device, and_(device.c.unit == pairs.c.id, device.c.merged_into.is_(None)))
    return select(pairs.c.top, func.count().label("devices")).select_from(held).group_by(pairs.c.top).subquery("whole")


_FACTS: Final = {
    "category": N_("Category"), "group_tag": N_("Group tag"), "department": N_("Department"), "subnet": N_("Read at address"),
}  # fmt: skip


def unplaced() -> View:
    """Devices of no unit, or of one that no list names, with what a rule of `units` could go by."""
    homeless = and_(device.c.merged_into.is_(None), ~_is_listed())
    facts = (
        select(
            record.c.device_id,
            *(func.min(fact(record.c.observation, literal_column(f"'{name}'"))).label(name) for name in _FACTS),
        )
        .where(record.c.device_id.in_(select(device.c.id).where(homeless)), record.c.gone_at.is_(None))
        .group_by(record.c.device_id)
        .subquery("facts")
    )
    return View(
        name="unplaced",
        title=N_("In no unit"),
        key=device.c.id,
        source=device.outerjoin(facts, facts.c.device_id == device.c.id),
        columns=(
            ref("id", N_("Id"), device.c.id, device_ref, "D"),
            *(field(name) for name in ("name", "kind", "model", "serial", "use", "unit")),
            text("sources", N_("Sources"), device.c.sources, 20),
            field("org_unit"),
            *(text(name, label, facts.c[name], 16) for name, label in _FACTS.items()),
            typed("last_seen", N_("Last seen"), device.c.last_seen, ColumnType.DATETIME, 16),
        ),
        shown=("id", "name", "kind", "sources", "org_unit", "category", "department", "subnet"),
        order=tuple(
            by
            for column in ("sources", "org_unit", "name_key")
            for by in (device.c[column].is_(None), device.c[column])
        ),
        facets=("sources", "kind", "org_unit", "category", "group_tag", "department"),
        where=homeless,
        search=(device.c.folded, folded(device.c.org_unit)),
    )


def _is_listed() -> Any:
    """Whether the device's unit is one, or a campus."""
    return and_(
        device.c.unit.is_not(None), exists().where(or_(unit.c.id == device.c.unit, unit.c.campus == device.c.unit))
    )
