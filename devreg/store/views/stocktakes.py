"""Lists of stock-takes, and of what each of them found."""

from typing import Any

import msgspec
from sqlalchemy import case, exists, func, null, select

from devreg.domain.device import device_ref
from devreg.domain.stocktake import Outcome, stocktake_ref
from devreg.i18n import N_
from devreg.ports import ColumnType
from devreg.store.columns import field, folded, ref, text, typed, word
from devreg.store.query import View, ViewColumn
from devreg.store.schema import device, record, stocktake, stocktake_line, unit


def stocktakes(of_unit: ViewColumn) -> View:
    """One row a stock-take; `of_unit` names its unit in one language."""
    return View(
        name="stocktakes",
        title=N_("Stock-takes"),
        key=stocktake.c.id,
        source=stocktake.outerjoin(unit, unit.c.id == stocktake.c.unit),
        columns=(
            ref("id", N_("Id"), stocktake.c.id, stocktake_ref, "S"),
            text("unit", N_("Unit id"), stocktake.c.unit, 14),
            _named(of_unit, stocktake.c.unit),
            text("rooms", N_("Rooms"), stocktake.c.rooms, 14),
            typed("started", N_("Started"), stocktake.c.started, ColumnType.DATETIME, 16),
            text("started_by", N_("Started by"), stocktake.c.started_by, 12),
            typed("closed", N_("Closed"), stocktake.c.closed, ColumnType.DATETIME, 16),
            text("closed_by", N_("Closed by"), stocktake.c.closed_by, 12),
            _counted("expected", N_("Expected"), stocktake_line.c.expected),
            _counted("found", N_("Found"), stocktake_line.c.outcome == Outcome.FOUND),
            _missing(),
            _counted("misplaced", N_("In the wrong place"), stocktake_line.c.outcome == Outcome.MISPLACED),
            _counted("unexpected", N_("Not expected here"), stocktake_line.c.outcome == Outcome.UNEXPECTED),
            _counted(
                "unknown", N_("Unknown codes"), stocktake_line.c.outcome.in_((Outcome.UNKNOWN, Outcome.AMBIGUOUS))
            ),
        ),
        shown=(
            "id",
            "unit_name",
            "closed",
            "expected",
            "found",
            "missing",
            "misplaced",
            "unexpected",
            "unknown",
            "started",
        ),
        order=(stocktake.c.closed.is_not(None), stocktake.c.id.desc()),
        facets=("unit_name", "started_by"),
        search=(folded(unit.c.name_fi), folded(unit.c.name_sv), folded(stocktake.c.unit)),
    )


def lines(of_unit: ViewColumn) -> View:
    """One row a device that was expected or scanned, and a code that no one device answers to."""
    line = stocktake_line
    is_open = stocktake.c.closed.is_(None)
    heard = select(record.c.source).where(record.c.device_id == line.c.device_id, record.c.as_of.is_not(None))
    source = heard.order_by(record.c.as_of.desc(), record.c.id).limit(1).scalar_subquery()
    return View(
        name="counted",
        title=N_("Counted in stock-takes"),
        key=line.c.id,
        source=line.join(stocktake, stocktake.c.id == line.c.stocktake_id)
        .outerjoin(device, device.c.id == line.c.device_id)
        .outerjoin(unit, unit.c.id == line.c.unit),
        columns=(
            ref("stocktake", N_("Stock-take"), line.c.stocktake_id, stocktake_ref, "S"),
            word("outcome", N_("Outcome"), line.c.outcome, 16),
            ref("device_id", N_("Device id"), line.c.device_id, device_ref, "D"),
            *(field(name) for name in ("asset_tag", "name", "kind", "model", "serial")),
            _named(of_unit, line.c.unit),
            text("belongs", N_("Unit id"), line.c.unit, 14),
            text("belongs_room", N_("Room"), line.c.room, 10),
            word("state_then", N_("State"), line.c.state),
            text("code", N_("Code"), line.c.code, 16),
            typed("found_at", N_("Found at"), line.c.found_at, ColumnType.DATETIME, 16),
            text("found_by", N_("Found by"), line.c.found_by, 12),
            typed("heard_at", N_("Last heard of"), case((is_open, device.c.last_seen), else_=line.c.seen_at),
                  ColumnType.DATETIME, 16),
            text("heard_by", N_("Heard of by"), case((is_open, source), else_=line.c.seen_by), 14),
        ),
        shown=("stocktake", "outcome", "device_id", "asset_tag", "name", "unit_name", "belongs_room", "heard_at", "heard_by"),
        order=(line.c.stocktake_id.desc(), _rank(line.c.outcome), device.c.name_key.is_(None), device.c.name_key, line.c.id),
        facets=("stocktake", "outcome", "unit_name", "kind"),
        search=(device.c.folded, folded(line.c.code)),
    )  # fmt: skip


def _named(of_unit: ViewColumn, unit_id: Any) -> ViewColumn:
    """The unit's name, or its id where no list names it."""
    return ViewColumn(of_unit.column, func.coalesce(of_unit.select, unit_id), of_unit.sort)


def _counted(key: str, label: str, condition: Any) -> ViewColumn:
    rows = select(func.count()).where(stocktake_line.c.stocktake_id == stocktake.c.id, condition)
    return typed(key, label, rows.scalar_subquery(), ColumnType.INTEGER, 8)


def _missing() -> ViewColumn:
    """Expected and not found; not said where nobody counted."""
    counted = _counted("missing", N_("Not found"), stocktake_line.c.outcome.in_((Outcome.AWAITED, Outcome.MISSING)))
    uncounted = exists().where(
        stocktake_line.c.stocktake_id == stocktake.c.id, stocktake_line.c.outcome == Outcome.NOT_COUNTED
    )
    return msgspec.structs.replace(counted, select=case((uncounted, null()), else_=counted.select))


def _rank(outcome: Any) -> Any:
    """What needs a person first."""
    order = (
        Outcome.MISSING,
        Outcome.AWAITED,
        Outcome.NOT_COUNTED,
        Outcome.MISPLACED,
        Outcome.UNEXPECTED,
        Outcome.AMBIGUOUS,
        Outcome.UNKNOWN,
    )
    return case({str(one): rank for rank, one in enumerate(order)}, value=outcome, else_=len(order))
