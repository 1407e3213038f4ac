"""Moves of a plan: accepted as they were seen, ticked off step by step, or given up.

`accept` keeps the moves of a plan that still comes out the same. `tick` does the next step of one move, each in a unit of work of
its own, and tells the register where the device is; `drop` gives a move up.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import msgspec

from devreg.domain.device import Stage, State, Use, device_ref, parse_ref
from devreg.domain.planning import Job, move_ref
from devreg.domain.rights import Actor, Right
from devreg.errors import Conflict, Misconfigured, NotFound, Refused
from devreg.i18n import N_
from devreg.services import custody
from devreg.services.acting import Act, act
from devreg.services.editing import give
from devreg.services.lifecycle import move as move_on
from devreg.services.planning import PickedMove, Planned
from devreg.store import plans as store
from devreg.store.engine import Session, Sessions
from devreg.store.repeating import repeats


class Ticked(msgspec.Struct, frozen=True):
    """A step of a move that was done."""

    number: int
    device_id: int
    job: Job
    next: Job | None
    """None: the move is done."""


@repeats
def accept(
    sessions: Sessions,
    actor: Actor,
    planned: Planned,
    plan_id: str,
    *,
    only: Collection[int] = (),
    reason: str | None = None,
    now: datetime,
) -> list[int]:
    """Keep the plan's moves, or only those of the rows named (the first is 1); their numbers.

    Raises Conflict when the plan that was seen is not the one that comes out now, or a device is on its way already.
    """
    with act(sessions, actor, Right.EDIT, doing="accept a plan", now=now, reason=reason, about=plan_id) as doing:
        chosen = _chosen(planned, plan_id, only)
        _demand_free(doing.session, [item.device.device_id for item in chosen])
        numbers = [_take(doing, plan_id, item) for item in chosen]
        told = {move_ref(n): device_ref(item.device.device_id) for n, item in zip(numbers, chosen, strict=True)}
        doing.tell("accept a plan", plan_id, after=told)
    return numbers


@repeats
def tick(sessions: Sessions, actor: Actor, number: int, *, reason: str | None = None, now: datetime) -> Ticked:
    """The next step of the move is done; with the step `move` the register is told where the device is from now on.

    Raises Refused when the move is done or given up, Conflict when it does not fit any more: then nothing is done, and it says why.
    """
    ref = move_ref(number)
    why = reason or ref
    with act(sessions, actor, Right.EDIT, doing="tick off a move", now=now, reason=why, about=ref) as doing:
        row = _open(doing.session, number)
        waiting = [step for step in store.steps(doing.session, number) if step.done_at is None]
        if not waiting:
            raise Refused(f"{ref} is done.", next_step="`devreg list moves` shows what is not.")
        job = Job(waiting[0].job)
        if row.moved_at is None:
            _demand_fits(doing.session, row.device_id, row.from_unit, ref)
        if job is Job.MOVE:
            _carry(doing, row.device_id, row.target, Stage(row.stage))
            store.arrived(doing.session, number, now)
        store.tick(doing.session, number, waiting[0].position, doing.by, now)
        doing.tell("tick off a move", ref, after={"step": job, "device": device_ref(row.device_id)})
    following = Job(waiting[1].job) if len(waiting) > 1 else None
    return Ticked(number, row.device_id, job, following)


@repeats
def drop(sessions: Sessions, actor: Actor, number: int, *, reason: str, now: datetime) -> None:
    """The move is given up: its device counts where it is again. Raises Refused when it was made already."""
    ref = move_ref(number)
    with act(sessions, actor, Right.EDIT, doing="give up a move", now=now, reason=reason, about=ref) as doing:
        row = _open(doing.session, number)
        if row.moved_at is not None:
            raise Refused(
                f"{ref} was made: the register has {device_ref(row.device_id)} in {row.target}.",
                next_step=f"`devreg assign {device_ref(row.device_id)} --unit UNIT` moves it elsewhere.",
            )
        store.drop(doing.session, number, doing.by, doing.reason, now)
        doing.tell("give up a move", ref, after={"device": device_ref(row.device_id)})


def parse(text: str) -> int:
    """12 for `M000012` or `12`. Raises Misconfigured."""
    number = parse_ref("M", text if text[:1] in "Mm" else f"M{text}")
    if number is None:
        raise Misconfigured(f"{text!r} is no move.", next_step="Write it like M000012; `devreg list moves` shows them.")
    return number


def _chosen(planned: Planned, plan_id: str, only: Collection[int]) -> list[PickedMove]:
    if planned.id != plan_id:
        raise Conflict(
            f"The register plans otherwise by now: {planned.id}, not {plan_id}; nothing was accepted.",
            next_step="Look at the plan again with the same options, and decide anew.",
        )
    beyond = [row for row in sorted(set(only)) if not 1 <= row <= len(planned.devices)]
    if beyond:
        raise Misconfigured(f"{plan_id} has no row {beyond[0]}.", next_step=f"It has {len(planned.devices)}.")
    return [item for row, item in enumerate(planned.devices, 1) if not only or row in only]


def _demand_free(session: Session, device_ids: Sequence[int]) -> None:
    if not device_ids:
        raise Misconfigured("The plan moves nothing.", next_step="What it buys is not accepted here, but ordered.")
    for device_id, number in store.promised(session, device_ids).items():
        raise Conflict(
            f"{device_ref(device_id)} is on its way already: {move_ref(number)}; nothing was accepted.",
            next_step="Look at the plan again, and decide anew.",
        )


def _take(doing: Act, plan_id: str, item: PickedMove) -> int:
    return store.take(
        doing.session,
        plan_id,
        item.device.device_id,
        source=item.device.unit,
        target=item.move.target,
        stage=item.move.stage,
        jobs=item.jobs,
        by=doing.by,
        now=doing.now,
    )


def _open(session: Session, number: int) -> Any:
    row = store.get(session, number)
    if row is None:
        raise NotFound(f"There is no move {move_ref(number)}.", next_step="`devreg list moves` shows them.")
    if row.dropped_at is not None:
        raise Refused(f"{move_ref(number)} was given up by {row.dropped_by}.", next_step="Make a plan anew.")
    return row


def _demand_fits(session: Session, device_id: int, source: str | None, ref: str) -> None:
    """The device must still be what was planned with."""
    about, there = device_ref(device_id), store.whereabouts(session, device_id)
    if there is None:
        why = N_(f"there is no device {about} any more")
    elif there.state not in {State.IN_USE, State.IN_STOCK, None}:
        why = N_(f"{about} is {there.state}")
    elif there.unit != source:
        why = N_(f"{about} is in {there.unit} by now") if there.unit else N_(f"{about} is in no unit by now")
    else:
        return
    raise Conflict(
        f"{ref} does not fit any more: {why}; nothing was done.",
        next_step=f"`devreg plan drop {ref} --reason TEXT` gives it up; then plan anew.",
    )


def _carry(doing: Act, device_id: int, target: str, stage: Stage) -> None:
    """The device is the unit's from now on, in use there and in nobody's hands yet."""
    there = store.whereabouts(doing.session, device_id)
    given = {"unit": target, "stage": str(stage), "use": str(Use.PUPIL)}
    if there is not None and there.state is State.IN_STOCK:
        move_on(doing, device_id, State.IN_STOCK, State.IN_USE, given=given)
        return
    custody.release(doing, device_id)
    give(doing, device_id, given, told_as="assign")
