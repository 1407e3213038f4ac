"""Plans for equal equipment, made from the register; what becomes of their moves is `plan_moves`."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Final

import msgspec

from devreg.domain.device import Kind, Stage, State
from devreg.domain.equality import Assessment, UnitInput, assess
from devreg.domain.equality_measures import apportion
from devreg.domain.planning import (
    PUPIL_KINDS,
    DeviceClass,
    Job,
    Lease,
    Move,
    Need,
    Plan,
    Scenario,
    Task,
    jobs,
    plan_end,
)
from devreg.domain.planning_model import Solver, plans
from devreg.errors import Misconfigured
from devreg.services.planner import Highs
from devreg.settings import Equality
from devreg.store import local_time, stock
from devreg.store import plans as store
from devreg.store.days import heard_since
from devreg.store.engine import Session, Sessions, told_plainly
from devreg.store.plans import Picked


class PickedMove(msgspec.Struct, frozen=True):
    """One device of a plan with what is done to it."""

    move: Move
    device: Picked
    jobs: tuple[Job, ...]


class Planned(msgspec.Struct, frozen=True):
    """What can be done about the gap, from one moment of the register."""

    id: str
    """Of the chosen plan, such as `A-1f3b5c`: it says the scenario, and changes with whatever the plan consists of."""
    as_of: date
    end: date
    """The plan counts what will be there and supported to this day."""
    budget_cents: int | None
    plans: tuple[Plan, ...]
    """Every scenario; C only where a budget is said."""
    chosen: Plan
    devices: tuple[PickedMove, ...]
    """The chosen plan's moves, device by device."""
    units: dict[str, UnitInput]
    """By id, for their names."""
    left_out: dict[str, int]
    """Fit pupil devices that no plan counts on, by reason (a `Hindrance` of every stage that is left)."""
    missing_counts: tuple[str, ...]
    """Schools and day-care centres whose need is not known: they neither give nor get."""


def plan(
    sessions: Sessions,
    settings: Equality,
    budget_cents: int | None,
    as_of: date | None,
    now: datetime,
    scenario: Scenario | None = None,
    solver: Solver | None = None,
) -> Planned:
    """Every scenario compared, and the chosen one's devices; without a choice C where there is a budget, else A.

    Raises Misconfigured where the solver is not installed, or C is chosen without a budget.
    """
    chosen = scenario or (Scenario.SURPLUS if budget_cents is None else Scenario.BUDGET)
    if chosen is Scenario.BUDGET and budget_cents is None:
        raise Misconfigured("Scenario C spends a budget.", next_step="Say how much: --budget EUR.")
    wanted = [one for one in Scenario if one is not Scenario.BUDGET or budget_cents is not None]
    with told_plainly("plan the equipment"), sessions.read.begin() as session:
        day = as_of or local_time.day(session, now)
        assessment = _needs(session, settings, day)
        asked = _asked(session, assessment, settings, day)
        task, left_out = _task(session, assessment, asked, settings)
        made = plans(task, wanted, solver or Highs(), budget_cents or 0)
        (best,) = (one for one in made if one.scenario is chosen)
        devices = tuple(_picked(session, asked, best.moves))
    return Planned(
        id=_plan_id(best, devices),
        as_of=day,
        end=asked.end,
        budget_cents=budget_cents,
        plans=tuple(made),
        chosen=best,
        devices=devices,
        units={line.unit.id: line.unit for line in assessment.units},
        left_out=left_out,
        missing_counts=tuple(line.unit.id for line in assessment.units if line.need is None),
    )


def _needs(session: Session, settings: Equality, day: date) -> Assessment:
    """What each stage needs, without counting a device."""
    return assess(stock.units(session), stock.headcounts(session), (), day, settings.rules)


def _asked(session: Session, assessment: Assessment, settings: Equality, day: date) -> store.Asked:
    needing = frozenset(line.unit.id for line in assessment.units if line.need is not None)
    campuses = frozenset(line.unit.campus for line in assessment.units if line.need and line.unit.campus)
    schools = frozenset(unit.id for unit in stock.units(session) if unit.kind in assessment.rules.kinds)
    end = plan_end(day)
    return store.Asked(
        today=day,
        end=end,
        lease_until=end + timedelta(days=settings.lease_margin_days),
        gates=assessment.rules.gates,
        since=heard_since(session, day, assessment.rules.gates.seen_days),
        units=needing | campuses,
        campuses=campuses - needing,
        apart=needing | campuses | schools,
        kinds=frozenset(kind for kinds in _kinds(settings).values() for kind in kinds),
    )


def _kinds(settings: Equality) -> dict[Stage, tuple[Kind, ...]]:
    return {**PUPIL_KINDS, **settings.kinds}


def _task(
    session: Session, assessment: Assessment, asked: store.Asked, settings: Equality
) -> tuple[Task, dict[str, int]]:
    """What is to be planned, and how many devices are left out by reason."""
    needs = tuple(
        Need(line.unit.id, stage.stage, stage.need)
        for line in assessment.units
        for stage in line.known
        if stage.stage is not None and stage.need
    )
    weights: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for line in assessment.units:
        if line.need and line.unit.campus in asked.campuses:
            weights[str(line.unit.campus)][line.unit.id] = line.need
    kinds = _kinds(settings)
    there: defaultdict[tuple[str, DeviceClass], int] = defaultdict(int)
    left_out: defaultdict[str, int] = defaultdict(int)
    for place, of, devices in store.stock(session, asked):
        why = [of.unfit_for(kinds[stage]) for stage in kinds]
        if all(why):
            left_out[str(max(reason for reason in why if reason))] += devices
        shares = apportion(devices, weights[place]) if place in weights else {place: devices}
        for unit, share in shares.items():
            there[unit, of] += share
    prices = {kind: round(euros * 100) for kind, euros in settings.prices.items()}
    return Task(needs, dict(there), kinds, prices), dict(left_out)


def _picked(session: Session, asked: store.Asked, moves: Sequence[Move]) -> Iterable[PickedMove]:
    """Concrete devices for each move; those of one place and class are looked up once."""
    wanted: defaultdict[tuple[str, DeviceClass], int] = defaultdict(int)
    for move in moves:
        wanted[move.source, move.of] += move.devices
    found = {key: iter(store.picked(session, asked, *key, devices)) for key, devices in wanted.items()}
    for move in moves:
        for _ in range(move.devices):
            device = next(found[move.source, move.of])
            used = device.state is not State.IN_STOCK or device.holder is not None
            yield PickedMove(move, device, jobs(used=used, leased=move.of.lease is not Lease.NONE))


def _plan_id(best: Plan, devices: Sequence[PickedMove]) -> str:
    what = [(item.device.device_id, item.device.unit, item.move.target, item.move.stage) for item in devices]
    said = msgspec.json.encode((best.scenario, what, best.purchases))
    return f"{best.scenario}-{sha256(said).hexdigest()[:_DIGITS]}"


_DIGITS: Final = 6
