"""Lists of what goes round: devices with how long they have lain idle and at what cost, the reserve, and leases that end together."""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
)

from devreg.domain.circulation import NextStep
from devreg.domain.contract import IN_FORCE, ContractKind
from devreg.domain.device import NETWORK_KINDS, Kind, State, device_ref
from devreg.i18n import N_
from devreg.ports import ColumnType
from devreg.store.columns import field, ref, typed, word
from devreg.store.days import day_of, days_between, days_that_count, today, with_days
from devreg.store.query import View, ViewColumn
from devreg.store.schema import change, contract, contract_device, device, unit, yardstick

_MONTHS, _DAYS = 12, 365
_OUTSIDE: Final = (State.PLANNED, State.ORDERED, State.RETIRED, State.DISPOSED)
GOES_ROUND: Final = and_(
    device.c.merged_into.is_(None),
    or_(device.c.kind.is_(None), device.c.kind.not_in((*NETWORK_KINDS, Kind.SERVER))),
    or_(device.c.state.is_(None), device.c.state.not_in(_OUTSIDE)),
)
"""What people carry, sit at or have in a cupboard; not what hangs in a rack, is not here yet, or is out of use."""
_SHOWN: Final = ("id", "next_step", "name", "idle_days", "idle_cost", "unit_name", "kind", "state", "monthly_fee")


def circulation(unit_name: ViewColumn) -> View:
    """Devices by how long nobody has used them."""
    idle, limit = days_that_count(), number("idle_days")
    fee, end, leased = _fee(), _lease_end(), _is_leased()
    # What a year costs, by the share of it that counts: days off cost too, but nobody could have saved them.
    cost = cast(fee * idle * _MONTHS + _DAYS // 2, BigInteger) // _DAYS
    return View(
        name="circulation",
        title=N_("Circulation"),
        key=device.c.id,
        source=with_days(device.outerjoin(unit, unit.c.id == device.c.unit), _since()),
        columns=(
            ref("id", N_("Id"), device.c.id, device_ref, "D"),
            *(field(name) for name in ("asset_tag", "name", "kind", "model", "serial", "unit")),
            unit_name,
            field("use"),
            field("state"),
            typed("state_days", N_("Days in this state"), _days_since(device.c.state_since), ColumnType.INTEGER, 8),
            typed("last_seen", N_("Last seen"), device.c.last_seen, ColumnType.DATETIME, 16),
            typed("idle_days", N_("Idle days"), idle, ColumnType.INTEGER, 8),
            typed("idle", N_("Idle"), idle >= limit, ColumnType.BOOLEAN, 8),
            typed("leased", N_("Leased"), leased, ColumnType.BOOLEAN, 7),
            typed("lease_end", N_("Lease ends"), end, ColumnType.DATE, 11),
            typed("monthly_fee", N_("Monthly fee"), fee, ColumnType.MONEY_CENTS, 12),
            typed("idle_cost", N_("Cost of idling"), case((idle >= limit, cost)), ColumnType.MONEY_CENTS, 12),
            typed("reused", N_("Times re-used"), _times_reused(), ColumnType.INTEGER, 8),
            word("next_step", N_("Next step"), _next_step(idle, limit, leased, end), 30),
        ),
        shown=_SHOWN,
        # Never heard of first, then the longest silence; the index on last_seen gives this order.
        order=(device.c.last_seen.asc().nulls_first(),),
        facets=("next_step", "kind", "unit_name", "state", "idle", "leased"),
        where=GOES_ROUND,
        search=(device.c.folded,),
    )


def number(name: str) -> Any:
    """SQL of a number of the settings."""
    return select(yardstick.c.value).where(yardstick.c.name == name).scalar_subquery()


def _since() -> Any:
    """The day from which a device counts as idle; NULL where no source could have seen it."""
    watched = device.alias()
    is_watched = exists().where(
        watched.c.kind == device.c.kind, watched.c.merged_into.is_(None), watched.c.last_seen.is_not(None)
    )
    begun = _leases(func.max(contract.c.start)).scalar_subquery()
    come = func.coalesce(device.c.purchase_date, begun, day_of(device.c.created_at))
    return case((device.c.last_seen.is_not(None), day_of(device.c.last_seen)), (is_watched, come))


def _days_since(moment: Any) -> Any:
    return days_between(day_of(moment), today())


def lease_of(device_id: Any) -> Any:
    """The condition that a row of `contract_device` joined with `contract` is a lease of this device that still binds."""
    return and_(
        contract_device.c.device_id == device_id,
        contract.c.kind == ContractKind.LEASE,
        contract_device.c.state.in_(IN_FORCE),
    )


def _leases(*columns: Any) -> Any:
    joined = contract_device.join(contract, contract.c.id == contract_device.c.contract_id)
    return select(*columns).select_from(joined).where(lease_of(device.c.id)).correlate(device)


def _is_leased() -> Any:
    return _leases(literal(1)).exists()


def _fee() -> Any:
    """The dearest, where several papers name one: a device is paid for once."""
    return _leases(func.max(contract_device.c.monthly_fee_cents)).scalar_subquery()


def _lease_end() -> Any:
    return _leases(func.max(contract_device.c.ends)).scalar_subquery()


def _times_reused() -> Any:
    """How often it came to a holder or unit after it had had one: the first is no re-use. Holder and unit at once are one time.

    On the day it was registered source after source says where it is: that is no re-use either.
    """
    earlier = change.alias()
    had_one = exists().where(
        earlier.c.device_id == change.c.device_id, earlier.c.field == change.c.field, earlier.c.id < change.c.id
    )
    return (
        select(func.count(change.c.at.distinct()))
        .where(
            change.c.device_id == device.c.id,
            change.c.field.in_(("holder", "unit")),
            change.c.new.is_not(None),
            day_of(change.c.at) > day_of(device.c.created_at),
            or_(change.c.old.is_not(None), had_one),
        )
        .correlate(device)
        .scalar_subquery()
    )


def _next_step(idle: Any, limit: Any, leased: Any, end: Any) -> Any:
    unseen = number("unseen_days")
    silent = or_(device.c.last_seen.is_(None), _days_since(device.c.last_seen) >= unseen)
    is_idle = idle >= limit
    return case(
        (device.c.state == State.LOST, null()),
        (and_(days_between(today(), end) <= unseen, silent), str(NextStep.FIND)),
        (and_(leased, or_(idle.is_(None), is_idle)), str(NextStep.RETURN)),
        (and_(is_idle, device.c.state == State.IN_STOCK), str(NextStep.OFFER)),
        (is_idle, str(NextStep.ASK)),
    )
