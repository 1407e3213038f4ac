"""The list of contracts that devices belong to."""

from sqlalchemy import BigInteger, cast, func, select

from devreg.domain.device import contract_ref
from devreg.i18n import N_
from devreg.ports import ColumnType
from devreg.store.columns import folded, ref, text, typed, word
from devreg.store.query import View
from devreg.store.schema import contract, contract_device


def contracts() -> View:
    """Leases, support contracts, warranties, subscriptions."""
    per_device = (
        select(func.count(contract_device.c.record_id))
        .where(contract_device.c.contract_id == contract.c.id)
        .scalar_subquery()
    )
    fee = (
        select(cast(func.sum(contract_device.c.monthly_fee_cents), BigInteger))
        .where(contract_device.c.contract_id == contract.c.id)
        .scalar_subquery()
    )
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
            typed("start", N_("Starts"), contract.c.start, ColumnType.DATE, 11),
            typed("end", N_("Ends"), contract.c.end, ColumnType.DATE, 11),
            typed("devices", N_("Devices"), per_device, ColumnType.INTEGER, 8),
            typed("monthly_fee", N_("Monthly fee"), fee, ColumnType.MONEY_CENTS, 14),
            text("source", N_("Source"), contract.c.source, 14),
        ),
        shown=("id", "kind", "number", "supplier", "start", "end", "devices", "monthly_fee"),
        order=(contract.c.end.is_(None), contract.c.end),
        facets=("kind", "supplier"),
        search=(folded(contract.c.number), folded(contract.c.supplier)),
    )
