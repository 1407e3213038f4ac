"""What a plan is made from, counted by place and class in one query; its devices, and the moves that were accepted."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, Subquery, and_, case, func, insert, literal, null, or_, select, update
from sqlalchemy.orm import Session

from devreg.domain.calendar import Follows
from devreg.domain.contract import IN_FORCE, ContractKind, ContractState
from devreg.domain.device import Kind, Ownership, Stage, State, Use
from devreg.domain.equality_rules import Gates
from devreg.domain.planning import MOST_YEARS, STORE, DeviceClass, Job, Lease
from devreg.store.days import by_place
from devreg.store.fitness import windows_end
from devreg.store.schema import contract, contract_device, device, planned_move, planned_step, unit

_SMALL_MEMORY: Final = 7_000_000_000
"""What calls itself 8 GB has a little less, 4 GB a lot less."""
_BINDING: Final = (*IN_FORCE, ContractState.UNDATED)


class Asked(msgspec.Struct, frozen=True):
    """Which devices a plan may count, and by what they are told apart."""

    today: date
    end: date
    """The plan's last day."""
    lease_until: date
    """How long a lease must go on for a device to be moved."""
    gates: Gates
    """What makes a device fit, as in the equality report."""
    since: Mapping[Follows, datetime]
    """From when on a device must have been heard of, by the days off that its place has."""
    units: frozenset[str]
    """Schools and day-care centres that need something, and campuses whose devices they share."""
    campuses: frozenset[str]
    apart: frozenset[str]
    """Schools and day-care centres: what these have in stock is not the store's."""
    kinds: frozenset[Kind]
    """Kinds that pupils use."""


class Picked(msgspec.Struct, frozen=True):
    """One device that a plan would move."""

    device_id: int
    unit: str | None
    """Where it is now."""
    state: State | None
    holder: str | None
    asset_tag: str | None
    serial: str | None
    model: str | None
    support_end: date | None
    org_unit: str | None
    managed_by: str | None
    lessor: str | None
    contract: str | None
    """The lease's number."""


def stock(session: Session, asked: Asked) -> list[tuple[str, DeviceClass, int]]:
    """Place, class and devices. However many devices there are, there are as many rows as places have classes."""
    counted = _classed(asked)
    classes = [counted.c[name] for name in _CLASS]
    statement = (
        select(counted.c.place, *classes, func.count())
        .where(counted.c.place.is_not(None))
        .group_by(counted.c.place, *classes)
    )
    return [
        (
            row[0],
            DeviceClass(Kind(row.kind), row.os, row.memory_gb, row.support_years, Lease(row.lease), bool(row.fixed)),
            row[-1],
        )
        for row in session.execute(statement)
    ]


def picked(session: Session, asked: Asked, place: str, of: DeviceClass, devices: int) -> list[Picked]:
    """So many of a place's devices of a class: those in nobody's hands first, the most frequent model first, the oldest first."""
    counted = _classed(asked)
    wanted = msgspec.structs.asdict(of) | {"fixed": int(of.fixed)}
    same = [counted.c[name].is_not_distinct_from(value) for name, value in wanted.items()]
    of_model = func.count().over(partition_by=device.c.model_key)
    lease = _lease_papers()
    statement = (
        select(
            device.c.id, device.c.unit, device.c.state, device.c.holder, device.c.asset_tag, device.c.serial, device.c.model,
            device.c.support_end, device.c.org_unit, device.c.managed_by, lease.c.supplier, lease.c.number,
        )
        .join(counted, counted.c.id == device.c.id)
        .outerjoin(lease, lease.c.device_id == device.c.id)
        .where(counted.c.place == place, *same)
        .order_by(
            device.c.holder.is_not(None),
            (device.c.state == State.IN_STOCK).is_not(True),
            of_model.desc(),
            device.c.model_key,
            device.c.purchase_date.is_(None),
            device.c.purchase_date,
            device.c.id,
        )
        .limit(devices)
    )  # fmt: skip
    return [
        Picked(row[0], row[1], State(row[2]) if row[2] in set(State) else None, *tuple(row)[3:])
        for row in session.execute(statement)
    ]


_CLASS: Final = ("kind", "os", "memory_gb", "support_years", "lease", "fixed")
"""The fields of `DeviceClass`."""


def _classed(asked: Asked) -> Subquery:
    """Every device that a plan may count, with its place (NULL: none) and what its class is made of."""
    promised = (
        select(planned_move.c.device_id, func.min(planned_move.c.target).label("target"))
        .where(planned_move.c.dropped_at.is_(None), planned_move.c.moved_at.is_(None))
        .group_by(planned_move.c.device_id)
        .subquery()
    )
    lease = _leases()
    support_end = func.coalesce(device.c.support_end, windows_end(asked.gates))
    years = [(support_end < asked.end.replace(year=asked.end.year + n), n - 1) for n in range(MOST_YEARS + 1)]
    return (
        select(
            device.c.id,
            _place(asked, support_end, promised.c.target).label("place"),
            device.c.kind,
            device.c.os,
            case((device.c.ram_bytes < _SMALL_MEMORY, 4), (device.c.ram_bytes.is_not(None), 8), else_=null()).label(
                "memory_gb"
            ),
            case((support_end.is_(None), null()), *years, else_=MOST_YEARS).label("support_years"),
            case(
                (lease.c.device_id.is_(None), str(Lease.NONE)),
                (lease.c.ends < asked.end, str(Lease.ENDING)),
                (lease.c.undated == 1, str(Lease.UNDATED)),
                (lease.c.ends < asked.lease_until, str(Lease.SHORT)),
                else_=str(Lease.BEYOND),
            ).label("lease"),
            case((or_(promised.c.target.is_not(None), device.c.unit.in_(asked.campuses)), 1), else_=0).label("fixed"),
        )
        .outerjoin(unit, unit.c.id == device.c.unit)
        .outerjoin(promised, promised.c.device_id == device.c.id)
        .outerjoin(lease, lease.c.device_id == device.c.id)
        .where(
            device.c.merged_into.is_(None),
            device.c.kind.in_(asked.kinds),
            or_(device.c.ownership.is_(None), device.c.ownership != Ownership.PERSONAL),
        )
        .subquery()
    )


def _place(asked: Asked, support_end: Any, promised: Any) -> Any:
    """A unit's fit pupil devices; and what is in stock elsewhere, which is looked through and enrolled before it goes out."""
    is_working = or_(device.c.state.is_(None), device.c.state.in_(asked.gates.working))
    is_supported = or_(support_end.is_(None), support_end >= asked.today)
    is_fit = and_(
        is_supported,
        device.c.managed_by.is_not(None),
        or_(device.c.last_seen.is_(None), device.c.last_seen >= by_place(asked.since)),
    )
    is_stored = and_(
        device.c.state == State.IN_STOCK,
        is_supported,
        or_(device.c.use.is_(None), device.c.use == Use.PUPIL),
        or_(device.c.unit.is_(None), device.c.unit.not_in(asked.apart)),
    )
    return case(
        (is_working.is_not(True), null()),
        (promised.is_not(None), promised),
        (and_(device.c.use == Use.PUPIL, device.c.unit.in_(asked.units), is_fit), device.c.unit),
        (is_stored, literal(STORE)),
        else_=null(),
    )


def _in_leases() -> Any:
    return and_(
        contract.c.kind == ContractKind.LEASE,
        contract_device.c.device_id.is_not(None),
        contract_device.c.state.in_(_BINDING),
    )


def _leases() -> Subquery:
    """Leased device -> its first end, and whether one of its leases says none."""
    return (
        select(
            contract_device.c.device_id,
            func.min(contract_device.c.ends).label("ends"),
            func.max(case((contract_device.c.ends.is_(None), 1), else_=0)).label("undated"),
        )
        .join(contract, contract.c.id == contract_device.c.contract_id)
        .where(_in_leases())
        .group_by(contract_device.c.device_id)
        .subquery()
    )


def _lease_papers() -> Subquery:
    return (
        select(
            contract_device.c.device_id,
            func.min(contract.c.supplier).label("supplier"),
            func.min(contract.c.number).label("number"),
        )
        .join(contract, contract.c.id == contract_device.c.contract_id)
        .where(_in_leases())
        .group_by(contract_device.c.device_id)
        .subquery()
    )


def take(
    session: Session,
    plan: str,
    device_id: int,
    *,
    source: str | None,
    target: str,
    stage: Stage,
    jobs: Sequence[Job],
    by: str,
    now: datetime,
) -> int:
    """Keep a move that was accepted; its number."""
    values = {"plan": plan, "device_id": device_id, "from_unit": source, "target": target, "stage": stage}
    made = insert(planned_move).values(**values, accepted_at=now, accepted_by=by).returning(planned_move.c.id)
    number = int(session.execute(made).scalar_one())
    steps = [{"move_id": number, "position": position, "job": job} for position, job in enumerate(jobs, 1)]
    session.execute(insert(planned_step), steps)
    return number


def promised(session: Session, device_ids: Iterable[int]) -> dict[int, int]:
    """Devices on their way already -> the number of their move."""
    is_open = (planned_move.c.dropped_at.is_(None), planned_move.c.moved_at.is_(None))
    rows = select(planned_move.c.device_id, planned_move.c.id).where(*is_open)
    wanted = set(device_ids)
    return {row.device_id: row.id for row in session.execute(rows) if row.device_id in wanted}


def get(session: Session, number: int) -> Row[Any] | None:
    """One move as it stands."""
    return session.execute(select(planned_move).where(planned_move.c.id == number)).one_or_none()


class Whereabouts(msgspec.Struct, frozen=True):
    """Where a device is, and in which state."""

    unit: str | None
    state: State | None


def whereabouts(session: Session, device_id: int) -> Whereabouts | None:
    """None when there is no such device any more."""
    there = select(device.c.unit, device.c.state).where(device.c.id == device_id, device.c.merged_into.is_(None))
    row = session.execute(there).one_or_none()
    return row and Whereabouts(row.unit, State(row.state) if row.state in set(State) else None)


def steps(session: Session, number: int) -> list[Row[Any]]:
    """What is to be done with its device, in order."""
    of_move = select(planned_step).where(planned_step.c.move_id == number)
    return list(session.execute(of_move.order_by(planned_step.c.position)))


def tick(session: Session, number: int, position: int, by: str, now: datetime) -> None:
    """This step is done."""
    step = (planned_step.c.move_id == number, planned_step.c.position == position)
    session.execute(update(planned_step).where(*step).values(done_at=now, done_by=by))


def arrived(session: Session, number: int, now: datetime) -> None:
    """The register says that the device is there."""
    session.execute(update(planned_move).where(planned_move.c.id == number).values(moved_at=now))


def drop(session: Session, number: int, by: str, reason: str | None, now: datetime) -> None:
    """The move will not be made."""
    values = {"dropped_at": now, "dropped_by": by, "dropped_reason": reason}
    session.execute(update(planned_move).where(planned_move.c.id == number).values(**values))
