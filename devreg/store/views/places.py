"""Lists of who and what devices belong to: units, persons, contracts."""

from sqlalchemy import BigInteger, and_, cast, func, select

from devreg.domain.device import contract_ref
from devreg.i18n import N_
from devreg.ports import ColumnType
from devreg.store.columns import folded, ref, text, typed, word
from devreg.store.query import View, ViewColumn
from devreg.store.schema import contract, contract_device, device, headcount, person, unit


def units(unit_name: ViewColumn) -> View:
    """Schools, day-care centres, offices; `unit_name` says how they sort."""
    newest = select(func.max(headcount.c.date)).where(headcount.c.unit == unit.c.id).scalar_subquery()
    counted = headcount.alias()
    pupils = (
        select(cast(func.sum(counted.c.pupils), BigInteger))
        .where(counted.c.unit == unit.c.id, counted.c.date == newest)
        .scalar_subquery()
    )
    here = and_(device.c.unit == unit.c.id, device.c.merged_into.is_(None))
    devices = select(func.count()).where(here).scalar_subquery()
    for_pupils = select(func.count()).where(here, device.c.use == "pupil").scalar_subquery()
    return View(
        name="units",
        title=N_("Units"),
        key=unit.c.id,
        source=unit,
        columns=(
            text("unit", N_("Unit id"), unit.c.id, 14),
            text("unit_name", N_("Unit"), func.coalesce(unit.c.name_fi, unit.c.name_sv, unit.c.id), 30, unit.c.sort_fi),
            text("name_fi", N_("Name in Finnish"), unit.c.name_fi, 30, unit.c.sort_fi),
            text("name_sv", N_("Name in Swedish"), unit.c.name_sv, 30, unit.c.sort_sv),
            word("kind", N_("Type"), unit.c.kind),
            word("language", N_("Language"), unit.c.language),
            text("campus", N_("Campus"), unit.c.campus, 14),
            text("parent", N_("Belongs to"), unit.c.parent, 14),
            typed("pupils", N_("Pupils"), pupils, ColumnType.INTEGER, 8),
            typed("counted_on", N_("Counted on"), newest, ColumnType.DATE, 11),
            typed("devices", N_("Devices"), devices, ColumnType.INTEGER, 8),
            typed("pupil_devices", N_("Pupil devices"), for_pupils, ColumnType.INTEGER, 13),
        ),
        shown=("unit_name", "kind", "language", "pupils", "pupil_devices", "devices"),
        order=(unit_name.sort,),
        facets=("kind", "language"),
        search=(folded(unit.c.name_fi), folded(unit.c.name_sv), folded(unit.c.id)),
    )


def persons() -> View:
    """People as directories know them."""
    held = (
        select(func.count())
        .where(device.c.holder_email == person.c.email, device.c.merged_into.is_(None))
        .scalar_subquery()
    )
    return View(
        name="persons",
        title=N_("Persons"),
        key=person.c.id,
        source=person,
        columns=(
            text("name", N_("Name"), person.c.name, 26, person.c.name_key),
            text("email", N_("E-mail"), person.c.email, 32),
            text("department", N_("Department"), person.c.department, 20),
            typed("active", N_("Active"), person.c.active, ColumnType.BOOLEAN, 8),
            typed("leave_date", N_("Leaves"), person.c.leave_date, ColumnType.DATE, 11),
            typed("devices", N_("Devices"), held, ColumnType.INTEGER, 8),
            text("source", N_("Source"), person.c.source, 14),
        ),
        shown=("name", "email", "department", "active", "devices"),
        order=(person.c.name_key.is_(None), person.c.name_key),
        facets=("department", "active"),
        search=(person.c.folded,),
    )


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
