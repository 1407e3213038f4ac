"""List of the moves that people accepted from plans."""

from typing import Any

from sqlalchemy import case, func, select

from devreg.domain.device import device_ref
from devreg.domain.planning import MoveState, move_ref
from devreg.i18n import N_
from devreg.ports import ColumnType
from devreg.store.columns import field, folded, ref, text, typed, word
from devreg.store.query import View, ViewColumn
from devreg.store.schema import device, planned_move, planned_step, unit

TARGET = unit.alias("target")


def moves(source_name: ViewColumn, target_name: ViewColumn) -> View:
    """One row a device, those still to be done first."""
    move = planned_move.c
    waiting = select(planned_step.c.job).where(planned_step.c.move_id == move.id, planned_step.c.done_at.is_(None))
    following = waiting.order_by(planned_step.c.position).limit(1).scalar_subquery()
    done = select(func.max(planned_step.c.done_at)).where(planned_step.c.move_id == move.id).scalar_subquery()
    ticked = select(func.count()).where(planned_step.c.move_id == move.id, planned_step.c.done_at.is_not(None))
    state = case(
        (move.dropped_at.is_not(None), str(MoveState.DROPPED)),
        (following.is_(None), str(MoveState.DONE)),
        (done.is_(None), str(MoveState.TO_DO)),
        else_=str(MoveState.BEGUN),
    )
    searched: tuple[Any, ...] = (unit.c.name_fi, unit.c.name_sv, TARGET.c.name_fi, TARGET.c.name_sv, move.plan)
    return View(
        name="moves",
        title=N_("Planned moves"),
        key=move.id,
        source=planned_move.join(device, device.c.id == move.device_id)
        .outerjoin(unit, unit.c.id == move.from_unit)
        .outerjoin(TARGET, TARGET.c.id == move.target),
        columns=(
            ref("id", N_("Move"), move.id, move_ref, "M"),
            word("state_of_move", N_("State of the move"), state),
            word("next_step", N_("Next step"), case((move.dropped_at.is_(None), following), else_=None), 14),
            ref("device_id", N_("Device id"), move.device_id, device_ref, "D"),
            *(field(name) for name in ("asset_tag", "serial", "kind", "model")),
            text("source", N_("From unit"), move.from_unit, 14),
            source_name,
            text("target", N_("To unit"), move.target, 14),
            target_name,
            word("to_stage", N_("For stage"), move.stage),
            *(field(name) for name in ("org_unit",)),
            typed("steps_done", N_("Steps done"), ticked.scalar_subquery(), ColumnType.INTEGER, 6),
            text("plan", N_("Plan"), move.plan, 10),
            typed("accepted_at", N_("Accepted"), move.accepted_at, ColumnType.DATETIME, 16),
            text("accepted_by", N_("Accepted by"), move.accepted_by, 12),
            typed("moved_at", N_("Moved"), move.moved_at, ColumnType.DATETIME, 16),
            typed("last_step_at", N_("Last step"), done, ColumnType.DATETIME, 16),
            text("dropped_by", N_("Given up by"), move.dropped_by, 12),
            text("dropped_reason", N_("Why given up"), move.dropped_reason, 20),
        ),
        shown=("id", "next_step", "device_id", "asset_tag", "source_name", "target_name", "to_stage", "state_of_move"),
        order=(move.dropped_at.is_not(None), following.is_(None), move.id),
        facets=("state_of_move", "next_step", "target_name", "source_name", "plan"),
        search=(device.c.folded, *(folded(name) for name in searched)),
    )
