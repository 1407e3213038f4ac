"""Lists of what stands beside the devices: telephone numbers that are paid for, and what people sign in with."""

from sqlalchemy import and_, case, func, or_, select

from devreg.domain.device import Ownership, contract_ref, device_ref
from devreg.domain.phones import OF_A_HOLDER, OF_NOBODY, OF_THE_CITY, SIGN_IN_STEPS
from devreg.i18n import N_
from devreg.ports import ColumnType
from devreg.store import phones
from devreg.store.columns import folded, ref, text, typed, word
from devreg.store.query import View, ViewColumn
from devreg.store.schema import (
    contract,
    contract_device,
    device,
    person,
    record,
    registration,
    sighting,
    subscription,
    unit,
)

_HERE = record.c.gone_at.is_(None)


def subscriptions(unit_name: ViewColumn) -> View:
    """Telephone numbers by operators' lists; one without a device is billed for a phone that nobody knows, or for none."""
    named, of = subscription, device.c
    return View(
        name="subscriptions",
        title=N_("Subscriptions"),
        key=named.c.record_id,
        source=named.join(record, record.c.id == named.c.record_id)
        .outerjoin(contract_device, contract_device.c.record_id == named.c.record_id)
        .outerjoin(contract, contract.c.id == contract_device.c.contract_id)
        .outerjoin(device, of.id == named.c.device_id)
        .outerjoin(unit, unit.c.id == named.c.unit),
        columns=(
            text("phone_number", N_("Phone number"), named.c.phone_number, 16, named.c.number_key),
            text("iccid", N_("SIM card (ICCID)"), named.c.iccid, 20),
            text("holder", N_("Holder"), named.c.holder, 22),
            text("holder_email", N_("Holder's e-mail"), named.c.holder_email, 30),
            text("unit", N_("Unit id"), named.c.unit, 12),
            unit_name,
            ref("contract_id", N_("Contract id"), contract_device.c.contract_id, contract_ref, "C"),
            text("supplier", N_("Supplier"), contract.c.supplier, 16),
            typed("end", N_("Ends"), contract_device.c.end, ColumnType.DATE, 11),
            typed("monthly_fee", N_("Monthly fee"), contract_device.c.monthly_fee_cents, ColumnType.MONEY_CENTS, 12),
            ref("device_id", N_("Device id"), named.c.device_id, device_ref, "D"),
            text("device", N_("Device"), of.name, 24, of.name_key),
            word("found_by", N_("Known by"), named.c.found_by, 14),
            text("notes", N_("Notes"), named.c.notes, 24),
            text("source", N_("Source"), record.c.source, 14),
        ),
        shown=("phone_number", "holder", "unit_name", "supplier", "monthly_fee", "device_id", "device", "found_by"),
        order=(named.c.device_id.is_not(None), named.c.number_key.is_(None), named.c.number_key, named.c.record_id),
        facets=("found_by", "unit", "supplier", "source"),
        search=(folded(named.c.phone_number), folded(named.c.iccid), folded(named.c.holder), folded(of.name)),
        where=_HERE,
    )


def registrations() -> View:
    """What people sign in with, as a directory knows it; what nothing manages first."""
    seen, of = registration, device.c
    return View(
        name="registrations",
        title=N_("Sign-ins with devices"),
        key=seen.c.record_id,
        source=seen.join(record, record.c.id == seen.c.record_id)
        .join(sighting, sighting.c.record_id == record.c.id)
        .outerjoin(device, of.id == seen.c.device_id),
        columns=(
            text("name", N_("Name"), seen.c.name, 24),
            word("kind", N_("Kind"), seen.c.kind),
            text("model", N_("Model"), seen.c.model, 18),
            text("os", N_("Operating system"), seen.c.os, 12),
            text("os_version", N_("System version"), seen.c.os_version, 12),
            word("trust", N_("Tie"), seen.c.trust),
            word("ownership", N_("Ownership"), seen.c.ownership),
            typed("managed", N_("Managed"), seen.c.managed, ColumnType.BOOLEAN, 9),
            typed("compliant", N_("Compliance"), seen.c.compliant, ColumnType.BOOLEAN, 9),
            typed("enabled", N_("Enabled"), seen.c.enabled, ColumnType.BOOLEAN, 9),
            text("owner_email", N_("Signed in by"), seen.c.owner_email, 32),
            typed("registered_at", N_("Registered"), seen.c.registered_at, ColumnType.DATETIME, 16),
            typed("signed_in_at", N_("Signed in last"), seen.c.signed_in_at, ColumnType.DATETIME, 16),
            ref("device_id", N_("Device id"), seen.c.device_id, device_ref, "D"),
            text("device", N_("Device"), of.name, 24, of.name_key),
            text("directory_id", N_("Directory's device id"), seen.c.directory_id, 36),
            text("source", N_("Source"), record.c.source, 14),
        ),
        shown=("kind", "model", "os", "trust", "managed", "owner_email", "signed_in_at", "device_id"),
        order=(seen.c.device_id.is_not(None), seen.c.signed_in_at.desc(), seen.c.record_id),
        facets=("kind", "managed", "trust", "ownership", "os"),
        search=(folded(seen.c.name), folded(seen.c.model), folded(seen.c.owner_email), folded(of.name)),
        where=_HERE,
    )


def unmanaged() -> View:
    """Phones that people sign in with and nothing manages, and that the register can't tell to be any of its own."""
    seen, likely = registration, phones.holders_phone()
    company = seen.c.ownership == Ownership.COMPANY
    why = case((likely.is_not(None), OF_A_HOLDER), (company, OF_THE_CITY), else_=OF_NOBODY)
    step = case(*((why == said, then) for said, then in SIGN_IN_STEPS.items()), else_=None)
    named = select(func.min(person.c.name)).where(
        or_(person.c.email == seen.c.owner_email, person.c.upn == seen.c.owner_email)
    )
    return View(
        name="unmanaged_phones",
        title=N_("Phones that only sign-ins know"),
        key=seen.c.record_id,
        source=seen.join(record, record.c.id == seen.c.record_id),
        columns=(
            text("owner", N_("Signed in by"), named.scalar_subquery(), 24),
            text("owner_email", N_("E-mail"), seen.c.owner_email, 30),
            text("manufacturer", N_("Manufacturer"), seen.c.manufacturer, 14),
            text("model", N_("Model"), seen.c.model, 18),
            text("os", N_("Operating system"), seen.c.os, 12),
            word("ownership", N_("Ownership"), seen.c.ownership),
            typed("signed_in_at", N_("Signed in last"), seen.c.signed_in_at, ColumnType.DATETIME, 16),
            typed("why", N_("Why"), why, ColumnType.SENTENCE, 34),
            ref("device_id", N_("Likely"), likely, device_ref, "D"),
            typed("next_step", N_("Next step"), step, ColumnType.SENTENCE, 40),
            text("directory_id", N_("Directory's device id"), seen.c.directory_id, 36),
            text("source", N_("Source"), record.c.source, 14),
        ),
        shown=("owner", "model", "os", "signed_in_at", "device_id", "why", "next_step"),
        order=(likely.is_(None), seen.c.signed_in_at.desc(), seen.c.record_id),
        facets=("why", "ownership", "os"),
        search=(folded(seen.c.model), folded(seen.c.owner_email)),
        where=and_(_HERE, seen.c.device_id.is_(None), phones.is_unmanaged_sign_in()),
    )
