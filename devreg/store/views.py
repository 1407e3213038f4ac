"""The lists there are: which columns, from which tables, in which words."""

from typing import Any, Final

from sqlalchemy import BigInteger, String, and_, cast, func, select

from devreg.domain.device import NETWORK_KINDS, Kind, contract_ref, device_ref, run_ref
from devreg.domain.fields import DEVICE_FIELDS
from devreg.i18n import N_
from devreg.ports import Column, ColumnType
from devreg.store.columns import field, folded, number, ref, text, typed, word
from devreg.store.query import View, ViewColumn
from devreg.store.schema import (
    change,
    contract,
    contract_device,
    decision,
    device,
    headcount,
    person,
    port,
    record,
    review,
    run,
    unit,
)


def of_language(language: str) -> dict[str, View]:
    """Every list by name, in the order screens offer them; names of units in Finnish or Swedish."""
    name = (
        func.coalesce(unit.c.name_sv, unit.c.name_fi)
        if language == "sv"
        else func.coalesce(unit.c.name_fi, unit.c.name_sv)
    )
    by = unit.c.sort_sv if language == "sv" else unit.c.sort_fi
    devices = _device_columns(text("unit_name", N_("Unit"), func.coalesce(name, device.c.unit), 20, by))
    views = (
        _devices("devices", N_("Devices"), devices, _DEVICE_FIRST),
        _devices("phones", N_("Phones"), devices, _PHONE_FIRST, device.c.kind == Kind.PHONE),
        _devices("chromebooks", N_("Chromebooks"), devices, _CHROMEBOOK_FIRST, device.c.kind == Kind.CHROMEBOOK),
        _devices("network", N_("Network gear"), devices, _NETWORK_FIRST, device.c.kind.in_(NETWORK_KINDS)),
        _ports(),
        _units(text("unit_name", N_("Unit"), func.coalesce(name, unit.c.id), 30, by)),
        _persons(),
        _contracts(),
        _devices("missing", N_("Not seen any more"), devices, _MISSING_FIRST, device.c.missing_since.is_not(None)),
        _reviews(),
        _decisions(),
        _runs(),
        _records(),
        _history(),
    )
    return {view.name: view for view in views}


_DEVICE_FIRST: Final = ("id", "name", "kind", "model", "serial", "unit_name", "use", "holder", "state", "last_seen")
_PHONE_FIRST: Final = (
    "id",
    "name",
    "model",
    "imei",
    "phone_number",
    "holder",
    "ownership",
    "managed_by",
    "lease_end",
    "last_seen",
)
_CHROMEBOOK_FIRST: Final = (
    "id",
    "name",
    "model",
    "serial",
    "unit_name",
    "stage",
    "support_end",
    "managed_by",
    "last_seen",
)
_NETWORK_FIRST: Final = (
    "id",
    "name",
    "kind",
    "vendor",
    "model",
    "serial",
    "os_version",
    "address",
    "ports",
    "last_seen",
)
_MISSING_FIRST: Final = ("id", "name", "kind", "model", "serial", "unit_name", "holder", "missing_since", "last_seen")


def _devices(name: str, title: str, columns: tuple[ViewColumn, ...], first: tuple[str, ...], where: Any = None) -> View:
    """Devices of one sort; every field is a column, `first` are shown unless somebody chooses others."""
    return View(
        name=name,
        title=title,
        key=device.c.id,
        source=device.outerjoin(unit, unit.c.id == device.c.unit),
        columns=columns,
        shown=first,
        order=(device.c.name_key.is_(None), device.c.name_key),
        facets=("kind", "unit_name", "use", "state", "managed_by", "model"),
        where=device.c.merged_into.is_(None) if where is None else and_(device.c.merged_into.is_(None), where),
        search=(device.c.folded,),
    )


def _device_columns(unit_name: ViewColumn) -> tuple[ViewColumn, ...]:
    lease_end = (
        select(func.min(contract_device.c.end)).where(contract_device.c.device_id == device.c.id).scalar_subquery()
    )
    ports = select(func.nullif(func.count(), 0)).where(port.c.device_id == device.c.id).scalar_subquery()
    fields = {name: field(name) for name in DEVICE_FIELDS}
    first = ("asset_tag", "name", "kind", "use", "stage", "manufacturer", "model", "serial", "imei", "state", "unit")
    second = ("holder", "ownership", "os", "os_version", "support_end")
    shown = {*first, *second}
    return (
        ref("id", N_("Id"), device.c.id, device_ref, "D"),
        *(fields[name] for name in first),
        unit_name,
        *(fields[name] for name in second),
        text("managed_by", N_("Managed by"), device.c.managed_by, 16),
        typed("last_seen", N_("Last seen"), device.c.last_seen, ColumnType.DATETIME, 16),
        text("sources", N_("Sources"), device.c.sources, 20),
        text("vendor", N_("Vendor"), device.c.manufacturer, 12),
        typed("ports", N_("Ports"), ports, ColumnType.INTEGER, 6),
        typed("lease_end", N_("Lease ends"), lease_end, ColumnType.DATE, 11),
        typed("missing_since", N_("Not seen since"), device.c.missing_since, ColumnType.DATETIME, 16),
        *(column for name, column in fields.items() if name not in shown),
    )


def _ports() -> View:
    return View(
        name="ports",
        title=N_("Ports"),
        key=cast(port.c.record_id, String).concat(":").concat(port.c.name),
        source=port.join(device, device.c.id == port.c.device_id),
        columns=(
            ref("device_id", N_("Device id"), device.c.id, device_ref, "D"),
            text("device", N_("Device"), device.c.name, 24, device.c.name_key),
            text("address", N_("Network address"), device.c.address, 16),
            text("name", N_("Port"), port.c.name, 20),
            text("alias", N_("Description"), port.c.alias, 24),
            typed("if_index", N_("ifIndex"), port.c.if_index, ColumnType.INTEGER, 9),
            typed("speed_bps", N_("Speed (bit/s)"), port.c.speed_bps, ColumnType.INTEGER, 15),
            word("admin", N_("Admin state"), port.c.admin),
            word("oper", N_("Link state"), port.c.oper),
            text("mac", N_("MAC address"), port.c.mac, 17),
        ),
        shown=("device", "name", "alias", "speed_bps", "admin", "oper"),
        order=(device.c.name_key, port.c.device_id, port.c.if_index),
        facets=("device", "admin", "oper"),
        search=(device.c.folded, folded(port.c.name), folded(port.c.alias), port.c.mac),
    )


def _units(unit_name: ViewColumn) -> View:
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
            word("kind", N_("Type"), unit.c.kind),
            word("language", N_("Language"), unit.c.language),
            text("campus", N_("Campus"), unit.c.campus, 14),
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


def _persons() -> View:
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


def _contracts() -> View:
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


def _reviews() -> View:
    return View(
        name="review",
        title=N_("To review"),
        key=review.c.id,
        source=review.join(record, record.c.id == review.c.record_id),
        columns=(
            typed("id", N_("Id"), review.c.id, ColumnType.INTEGER, 6),
            typed("reason", N_("Question"), review.c.reason, ColumnType.SENTENCE, 40),
            text("source", N_("Source"), record.c.source, 16),
            text("native_id", N_("Source's id"), record.c.native_id, 36),
            ViewColumn(
                Column("devices", N_("Devices"), ColumnType.TEXT, 24), review.c.device_ids, show=_refs, read=_ids
            ),
            typed("opened", N_("Asked"), review.c.opened_at, ColumnType.DATETIME, 16),
        ),
        shown=("id", "reason", "source", "native_id", "devices", "opened"),
        order=(review.c.opened_at.desc(),),
        facets=("reason", "source"),
        where=review.c.closed_at.is_(None),
        search=(folded(record.c.native_id), folded(record.c.source), folded(review.c.reason)),
    )


def _decisions() -> View:
    return View(
        name="decisions",
        title=N_("Decisions"),
        key=decision.c.id,
        source=decision,
        columns=(
            typed("id", N_("Id"), decision.c.id, ColumnType.INTEGER, 6),
            word("kind", N_("Decision"), decision.c.kind),
            typed("review", N_("Question"), decision.c.review_id, ColumnType.INTEGER, 8),
            text("by", N_("By"), decision.c.by, 16),
            typed("at", N_("When"), decision.c.at, ColumnType.DATETIME, 16),
            text("reason", N_("Reason"), decision.c.reason, 40),
            typed("undone_at", N_("Undone"), decision.c.undone_at, ColumnType.DATETIME, 16),
            text("undone_by", N_("Undone by"), decision.c.undone_by, 16),
        ),
        shown=("id", "kind", "review", "by", "at", "reason", "undone_at"),
        order=(decision.c.id.desc(),),
        facets=("kind", "by"),
        search=(func.lower(decision.c.reason), func.lower(decision.c.by)),
    )


def _refs(ids: list[int]) -> str:
    return " ".join(device_ref(device_id) for device_id in ids)


def _ids(text: str) -> list[int]:
    return [number("D", word) for word in text.split()]


def _runs() -> View:
    counts = ("seen", "new", "changed", "same", "review", "rejected", "missing")
    labels = (N_("Seen"), N_("New"), N_("Changed"), N_("Same"), N_("To review"), N_("Rejected"), N_("Missing"))
    return View(
        name="runs",
        title=N_("Collection runs"),
        key=run.c.id,
        source=run,
        columns=(
            ref("id", N_("Id"), run.c.id, run_ref, "R"),
            text("source", N_("Source"), run.c.source, 16),
            typed("started", N_("Started"), run.c.started, ColumnType.DATETIME, 16),
            typed("finished", N_("Finished"), run.c.finished, ColumnType.DATETIME, 16),
            word("verdict", N_("Verdict"), run.c.verdict),
            *(typed(key, label, run.c[key], ColumnType.INTEGER, 9) for key, label in zip(counts, labels, strict=True)),
            typed("held_reason", N_("Held because"), run.c.held_reason, ColumnType.SENTENCE, 40),
            typed("error", N_("Error"), run.c.error, ColumnType.SENTENCE, 60),
            typed("next_step", N_("Next step"), run.c.next_step, ColumnType.SENTENCE, 60),
        ),
        shown=("id", "source", "started", "verdict", *counts, "held_reason", "error"),
        order=(run.c.id.desc(),),
        facets=("source", "verdict"),
        search=(folded(run.c.source), folded(run.c.error)),
    )


def _records() -> View:
    return View(
        name="records",
        title=N_("Source records"),
        key=record.c.id,
        source=record.outerjoin(device, device.c.id == record.c.device_id),
        columns=(
            text("source", N_("Source"), record.c.source, 16),
            text("native_id", N_("Source's id"), record.c.native_id, 36),
            ref("device_id", N_("Device id"), record.c.device_id, device_ref, "D"),
            text("device", N_("Device"), device.c.name, 24, device.c.name_key),
            word("subject", N_("About"), record.c.subject),
            word("verdict", N_("Verdict"), record.c.verdict),
            word("rung", N_("Matched by"), record.c.rung, 14),
            typed("first_seen", N_("First seen"), record.c.first_seen, ColumnType.DATETIME, 16),
            typed("last_seen", N_("Last seen"), record.c.last_seen, ColumnType.DATETIME, 16),
            typed("gone_at", N_("Gone since"), record.c.gone_at, ColumnType.DATETIME, 16),
        ),
        shown=("source", "native_id", "device_id", "device", "verdict", "rung", "last_seen", "gone_at"),
        order=(record.c.source, record.c.native_id),
        facets=("source", "subject", "verdict", "rung"),
        search=(folded(record.c.native_id), folded(record.c.source), device.c.folded),
    )


def _history() -> View:
    return View(
        name="history",
        title=N_("History"),
        key=change.c.id,
        source=change.join(device, device.c.id == change.c.device_id),
        columns=(
            typed("at", N_("When"), change.c.at, ColumnType.DATETIME, 16),
            ref("device_id", N_("Device id"), change.c.device_id, device_ref, "D"),
            text("device", N_("Device"), device.c.name, 24, device.c.name_key),
            word("field", N_("Field"), change.c.field, 16),
            text("old", N_("From"), change.c.old, 24),
            text("new", N_("To"), change.c.new, 24),
            text("by", N_("By"), change.c.by, 16),
            ref("run", N_("Run"), change.c.run_id, run_ref, "R"),
            text("reason", N_("Reason"), change.c.reason, 30),
        ),
        shown=("at", "device", "field", "old", "new", "by"),
        order=(change.c.id.desc(),),
        facets=("field", "by"),
        search=(device.c.folded, change.c.field),
    )
