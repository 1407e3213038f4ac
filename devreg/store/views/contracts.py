"""Lists of contracts, of leased devices, and of critical devices without support; figures as they were last reckoned."""

from typing import Any, Final

from sqlalchemy import BigInteger, and_, case, cast, func, null, or_, select

from devreg.domain.contract import ContractKind, ContractState
from devreg.domain.device import State, contract_ref, device_ref
from devreg.i18n import N_
from devreg.ports import ColumnType
from devreg.store.columns import field, folded, ref, text, typed, word
from devreg.store.query import View, ViewColumn
from devreg.store.schema import contract, contract_device, device, record, unit

_OPEN: Final = contract_device.c.state.in_(
    (
        ContractState.RUNNING, ContractState.NOTICE_DUE, ContractState.DECIDED, ContractState.RETURN_WINDOW, ContractState.OVERDUE,
    )
)  # fmt: skip
_DATE, _MONEY, _INTEGER = ColumnType.DATE, ColumnType.MONEY_CENTS, ColumnType.INTEGER


def contracts() -> View:
    """Leases, support contracts, warranties, subscriptions."""
    in_it = contract_device.c.contract_id == contract.c.id
    devices = select(func.count(contract_device.c.device_id)).where(in_it).scalar_subquery()
    here = select(func.count()).where(in_it, _OPEN).scalar_subquery()
    return View(
        name="contracts",
        title=N_("Contracts"),
        key=contract.c.id,
        source=contract,
        columns=(
            ref("id", N_("Id"), contract.c.id, contract_ref, "C"),
            word("kind", N_("Type"), contract.c.kind),
            text("number", N_("Contract number"), contract.c.number, 16),
            text("supplier", N_("Supplier"), contract.c.supplier, 20),
            word("state", N_("State"), contract.c.state),
            typed("next_on", N_("Next date"), contract.c.next_on, _DATE, 11),
            typed("start", N_("Starts"), contract.c.start, _DATE, 11),
            typed("end", N_("Ends"), contract.c.ends, _DATE, 11),
            typed("months", N_("Months"), contract.c.months, _INTEGER, 7),
            typed("notice_by", N_("Notice by"), contract.c.notice_by, _DATE, 11),
            typed("return_from", N_("Return from"), _first_day(contract_device.c.return_from), _DATE, 11),
            typed("return_by", N_("Return by"), _first_day(contract_device.c.return_by), _DATE, 11),
            typed("renewal_months", N_("Renewal (months)"), contract.c.renewal_months, _INTEGER, 9),
            typed("devices", N_("Devices"), devices, _INTEGER, 8),
            typed("open_devices", N_("Devices still here"), here, _INTEGER, 9),
            typed("monthly_fee", N_("Monthly fee, no VAT"), _fee(), _MONEY, 14),
            typed("cost_so_far", N_("Cost so far, no VAT"), _cost("cost_so_far_cents"), _MONEY, 14),
            typed("cost_to_end", N_("Cost to the end, no VAT"), _cost("cost_to_end_cents"), _MONEY, 14),
            text("source", N_("Source"), contract.c.source, 14),
        ),
        shown=("id", "kind", "number", "supplier", "state", "next_on", "end", "devices", "monthly_fee"),
        order=(contract.c.ends.is_(None), contract.c.ends),
        facets=("kind", "supplier", "state", "source"),
        search=(folded(contract.c.number), folded(contract.c.supplier)),
    )


def _first_day(column: Any) -> Any:
    """The earliest day among the devices that are still here."""
    return select(func.min(column)).where(contract_device.c.contract_id == contract.c.id, _OPEN).scalar_subquery()


def _fee() -> Any:
    """A month's fee of the whole and of the devices still here; not known when that of one is not."""
    return _whole("monthly_fee_cents", _OPEN)


def _cost(name: str) -> Any:
    return _whole(name, contract_device.c.id.is_not(None))


def _whole(name: str, which: Any) -> Any:
    """The contract's own sum with its devices'; one that is not known makes the whole unknown, save where only one side has fees."""
    column, own = contract_device.c[name], contract.c[name]
    has_fees = contract_device.c.monthly_fee_cents.is_not(None)
    inside = and_(contract_device.c.contract_id == contract.c.id, which)
    total = case(
        (func.count() == 0, own),
        (and_(func.count(column) == 0, func.sum(case((has_fees, 1), else_=0)) == 0), own),
        (func.count(column) < func.count(), null()),
        else_=func.coalesce(own, 0) + cast(func.sum(column), BigInteger),
    )
    return select(cast(total, BigInteger)).where(inside).correlate(contract).scalar_subquery()


def leases(unit_name: ViewColumn) -> View:
    """Every device in every lease, the next day to mind first."""
    member = contract_device.c
    return View(
        name="leases",
        title=N_("Leased devices"),
        key=member.id,
        source=contract_device.join(contract, contract.c.id == member.contract_id)
        .join(device, device.c.id == member.device_id)
        .join(record, record.c.id == member.record_id)
        .outerjoin(unit, unit.c.id == device.c.unit),
        columns=(
            ref("device_id", N_("Device id"), device.c.id, device_ref, "D"),
            text("device", N_("Device"), device.c.name, 20, device.c.name_key),
            field("kind"),
            field("model"),
            field("serial"),
            unit_name,
            field("holder"),
            ref("contract", N_("Contract"), contract.c.id, contract_ref, "C"),
            text("number", N_("Contract number"), contract.c.number, 14),
            text("supplier", N_("Supplier"), contract.c.supplier, 20),
            word("state", N_("Lease state"), member.state, 14),
            typed("next_on", N_("Next date"), member.next_on, _DATE, 11),
            word("decision", N_("Decision"), member.decision),
            typed("decided_for", N_("Decided for"), member.decided_for, _DATE, 11),
            text("decided_by", N_("Decided by"), member.decided_by, 14),
            typed("start", N_("Starts"), contract.c.start, _DATE, 11),
            typed("end", N_("Ends"), member.ends, _DATE, 11),
            typed("notice_by", N_("Notice by"), member.notice_by, _DATE, 11),
            typed("return_from", N_("Return from"), member.return_from, _DATE, 11),
            typed("return_by", N_("Return by"), member.return_by, _DATE, 11),
            typed("returned_on", N_("Returned on"), member.returned_on, _DATE, 11),
            typed("missing_on", N_("Missing since"), member.missing_on, _DATE, 11),
            typed("ended_on", N_("Last day in the contract"), member.ended_on, _DATE, 11),
            typed("monthly_fee", N_("Monthly fee, no VAT"), member.monthly_fee_cents, _MONEY, 14),
            typed("cost_so_far", N_("Cost so far, no VAT"), member.cost_so_far_cents, _MONEY, 14),
            typed("cost_to_end", N_("Cost to the end, no VAT"), member.cost_to_end_cents, _MONEY, 14),
            typed("residual", N_("Buy-out, no VAT"), member.residual_cents, _MONEY, 14),
            typed("missing_fee", N_("Missing fee, no VAT"), member.missing_fee_cents, _MONEY, 14),
            typed("damage_fee", N_("Damage fee, no VAT"), member.damage_fee_cents, _MONEY, 14),
            typed("insured", N_("Insured"), member.insured, ColumnType.BOOLEAN, 10),
            word("device_state", N_("State"), device.c.state),
            typed("last_seen", N_("Last seen"), device.c.last_seen, ColumnType.DATETIME, 16),
            text("source", N_("Source"), contract.c.source, 14),
            typed("gone_at", N_("Not listed since"), case((member.listed, record.c.gone_at)), ColumnType.DATETIME, 16),
        ),
        shown=("device_id", "state", "next_on", "device", "number", "monthly_fee", "model", "cost_to_end"),
        order=(member.next_on.is_(None), member.next_on, contract.c.number),
        facets=("state", "unit_name", "supplier", "number", "decision", "kind"),
        where=contract.c.kind == ContractKind.LEASE,
        search=(device.c.folded, folded(contract.c.number), folded(contract.c.supplier)),
    )


def coverage(unit_name: ViewColumn) -> View:
    """Critical devices in use, each with the support contract that lasts longest; those without a valid one first."""
    best = _best_support()
    gap = case(
        (best.c.rank == _VALID, null()),
        (best.c.rank == _WARRANTY, "warranty_only"),
        (best.c.state.in_((ContractState.NOT_BEGUN, ContractState.UNDATED)), best.c.state),
        (best.c.state.is_not(None), str(ContractState.ENDED)),
        else_="no_contract",
    )
    in_use = or_(device.c.state.is_(None), device.c.state.not_in((State.RETIRED, State.DISPOSED)))
    return View(
        name="coverage",
        title=N_("Support of critical devices"),
        key=device.c.id,
        source=device.outerjoin(best, and_(best.c.device_id == device.c.id, best.c.place == 1))
        .outerjoin(contract, contract.c.id == best.c.contract_id)
        .outerjoin(unit, unit.c.id == device.c.unit),
        columns=(
            ref("device_id", N_("Device id"), device.c.id, device_ref, "D"),
            text("device", N_("Device"), device.c.name, 24, device.c.name_key),
            field("kind"),
            field("model"),
            field("serial"),
            unit_name,
            ref("contract", N_("Contract"), contract.c.id, contract_ref, "C"),
            text("number", N_("Contract number"), contract.c.number, 16),
            word("contract_kind", N_("Type"), contract.c.kind),
            text("supplier", N_("Supplier"), contract.c.supplier, 20),
            typed("valid_until", N_("Valid until"), best.c.ends, _DATE, 11),
            typed("renewal_months", N_("Renewal (months)"), contract.c.renewal_months, _INTEGER, 9),
            word("gap", N_("Gap"), gap, 16),
        ),
        shown=("device_id", "device", "gap", "valid_until", "unit_name", "supplier", "number", "kind"),
        order=(gap.is_(None), best.c.ends.is_(None), best.c.ends, device.c.name_key.is_(None), device.c.name_key),
        facets=("gap", "kind", "supplier", "unit_name"),
        where=and_(device.c.critical.is_(True), device.c.merged_into.is_(None), in_use),
        search=(device.c.folded, folded(contract.c.number), folded(contract.c.supplier)),
    )


_VALID: Final = 0
_WARRANTY: Final = 1


def _best_support() -> Any:
    """Support contracts and warranties of critical devices, numbered for each device from the best on."""
    member = contract_device.c
    valid = member.state.in_((ContractState.RUNNING, ContractState.NOTICE_DUE))
    is_support = contract.c.kind == ContractKind.SUPPORT
    rank = case((and_(valid, is_support), _VALID), (valid, _WARRANTY), (is_support, 2), else_=3)
    # What runs until notice lasts longer than any date.
    best_first = (rank, member.ends.is_not(None), member.ends.desc(), member.id)
    place = func.row_number().over(partition_by=member.device_id, order_by=best_first)
    return (
        select(
            member.device_id, member.contract_id, member.state, member.ends, rank.label("rank"), place.label("place")
        )
        .join(contract, contract.c.id == member.contract_id)
        .join(device, device.c.id == member.device_id)
        .where(device.c.critical.is_(True), contract.c.kind.in_((ContractKind.SUPPORT, ContractKind.WARRANTY)))
        .subquery("best")
    )
