"""What about contracts needs a person now: read from the lists, so that a notice and a list never differ."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from devreg.domain.contract import IN_FORCE, ContractKind, ContractState
from devreg.domain.device import State, parse_ref
from devreg.ports import Query, Row
from devreg.store import query
from devreg.store.columns import text
from devreg.store.schema import contract, contract_device, device
from devreg.store.views.contracts import coverage


class Covered(msgspec.Struct, frozen=True):
    """A critical device and its support."""

    device_id: int
    valid_until: date | None
    """None: not known, or it renews itself."""
    gap: str | None
    """Why it has no valid support contract; None: it has one."""


def covered(session: Session) -> list[Covered]:
    """Every critical device in use, as the list `coverage` has it."""
    view = coverage(text("unit_name", "", device.c.unit, 20))
    rows = query.rows(session, view, query.keys(session, view, Query()))
    return [_covered(row) for row in rows]


def _covered(row: Row) -> Covered:
    until = None if row["renewal_months"] else row["valid_until"]
    return Covered(parse_ref("D", str(row["device_id"])) or 0, until, row["gap"])  # type: ignore[arg-type]


def due(session: Session) -> Sequence[Any]:
    """Leases by contract and state of which something is to be done soon: how many devices, and the first day that counts."""
    states = (ContractState.NOTICE_DUE, ContractState.RETURN_WINDOW, ContractState.OVERDUE)
    columns = (contract.c.id, contract.c.number, contract_device.c.state)
    return session.execute(
        select(*columns, func.count().label("devices"), func.min(contract_device.c.next_on).label("next_on"))
        .join(contract, contract.c.id == contract_device.c.contract_id)
        .where(contract.c.kind == ContractKind.LEASE, contract_device.c.state.in_(states))
        .group_by(*columns)
        .order_by(contract.c.id, contract_device.c.state)
    ).all()


def lost(session: Session) -> Sequence[Any]:
    """Lost devices whose lease runs on: the lessor does not know yet."""
    return session.execute(
        select(contract_device.c.device_id, contract.c.id, contract.c.number)
        .join(contract, contract.c.id == contract_device.c.contract_id)
        .join(device, device.c.id == contract_device.c.device_id)
        .where(
            contract.c.kind == ContractKind.LEASE, device.c.state == State.LOST, contract_device.c.state.in_(IN_FORCE)
        )
        .order_by(contract_device.c.device_id, contract.c.id)
    ).all()


def ending(session: Session, until: date) -> int:
    """How many contracts in force end by that day, and do not renew themselves."""
    in_force = (ContractState.RUNNING, ContractState.NOTICE_DUE)
    ends = select(func.count()).select_from(contract).where(contract.c.state.in_(in_force), contract.c.ends <= until)
    return session.execute(ends.where(func.coalesce(contract.c.renewal_months, 0) == 0)).scalar_one()


def fees(session: Session) -> Sequence[Any]:
    """Kind, monthly fee and term of every leased device still here whose fee is known."""
    columns = (device.c.kind, contract_device.c.monthly_fee_cents.label("fee"), contract.c.months, contract.c.start)
    return session.execute(
        select(*columns, contract_device.c.ends)
        .join(contract_device, contract_device.c.device_id == device.c.id)
        .join(contract, contract.c.id == contract_device.c.contract_id)
        .where(contract.c.kind == ContractKind.LEASE, contract_device.c.state.in_(IN_FORCE), device.c.kind.is_not(None))
        .where(contract_device.c.monthly_fee_cents.is_not(None))
    ).all()


def prices(session: Session) -> Sequence[Any]:
    """Kind and price of every device that papers have a price of."""
    known = (device.c.kind.is_not(None), device.c.price_cents.is_not(None), device.c.merged_into.is_(None))
    return session.execute(select(device.c.kind, device.c.price_cents).where(*known)).all()
