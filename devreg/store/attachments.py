"""What hangs on a device through one record: contracts, ports and gauges."""

from collections.abc import Collection

import msgspec
from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.orm import Session

from devreg.domain.observation import ContractClaim, Observation
from devreg.store.among import among
from devreg.store.counters import take
from devreg.store.schema import contract, contract_device, gauge, port

_TERMS = ("supplier", "start", "end", "months", "notice_days", "return_days")
_PER_DEVICE = (
    "end",
    "monthly_fee_cents",
    "residual_cents",
    "extension_fee_cents",
    "damage_fee_cents",
    "missing_fee_cents",
    "insured",
)


def save_contracts(session: Session, name: str, rows: Collection[tuple[int, int, ContractClaim | None]]) -> None:
    """Contracts as (record, device, what the row says); a row replaces what the same record said before, also by silence."""
    if not rows:
        return
    session.execute(
        delete(contract_device).where(among(session, contract_device.c.record_id, [row[0] for row in rows]))
    )
    said_now = [(record_id, device_id, said) for record_id, device_id, said in rows if said is not None]
    if not said_now:
        return
    ids = _contract_ids(session, name, {(said.kind, said.number): said for _, _, said in said_now})
    session.execute(
        insert(contract_device),
        [
            {
                "record_id": record_id,
                "contract_id": ids[said.kind, said.number],
                "device_id": device_id,
                **{field: getattr(said, field) for field in _PER_DEVICE},
            }
            for record_id, device_id, said in said_now
        ],
    )


def _contract_ids(
    session: Session, name: str, wanted: dict[tuple[str, str], ContractClaim]
) -> dict[tuple[str, str], int]:
    numbers = {number for _, number in wanted}
    found = session.execute(
        select(contract.c.id, contract.c.kind, contract.c.number).where(
            contract.c.source == name, among(session, contract.c.number, numbers)
        )
    )
    ids = {(row.kind, row.number): row.id for row in found}
    for key, said in wanted.items():
        terms = {field: getattr(said, field) for field in _TERMS if getattr(said, field) is not None}
        if key not in ids:
            ids[key] = take(session, "contract", 1)[0]
            session.execute(
                insert(contract).values(id=ids[key], source=name, kind=said.kind, number=said.number, **terms)
            )
        elif terms:
            session.execute(update(contract).where(contract.c.id == ids[key]).values(**terms))
    return ids


def save_gear(session: Session, rows: Collection[tuple[int, int, Observation]]) -> None:
    """Ports and gauges as (record, device, what the record says); what it says replaces what it said before."""
    _replace(session, port, [(record_id, device_id, seen.ports) for record_id, device_id, seen in rows if seen.ports])
    _replace(
        session, gauge, [(record_id, device_id, seen.gauges) for record_id, device_id, seen in rows if seen.gauges]
    )


def _replace(session: Session, table: Table, rows: Collection[tuple[int, int, tuple[msgspec.Struct, ...]]]) -> None:
    if not rows:
        return
    session.execute(delete(table).where(among(session, table.c.record_id, [row[0] for row in rows])))
    values = [
        {"record_id": record_id, "device_id": device_id, **msgspec.structs.asdict(item)}
        for record_id, device_id, items in rows
        for item in items
    ]
    session.execute(insert(table), values)
