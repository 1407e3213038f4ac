"""What people say of contracts, and do with the devices in them. The caller has them reckoned anew with `contracts.settle`."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from devreg.domain.contract import ContractState, Marks
from devreg.domain.device import parse_ref
from devreg.domain.observation import Subject
from devreg.domain.policy import HAND
from devreg.store.contracts import OF_DEVICE, create, differing, insert_members, write
from devreg.store.schema import contract, contract_change, contract_device, contract_document, device, record

OVER: Final = (ContractState.RETURNED, ContractState.BOUGHT_OUT, ContractState.MISSING, ContractState.ENDED)
"""What nothing more is to be done about."""
_UNMARKED: Final = dict.fromkeys((*Marks.__struct_fields__, "decided_at", "decided_by"))


def named(session: Session, text: str) -> list[int]:
    """Contracts that a reference (C000012) or a number names exactly."""
    number = parse_ref("C", text)
    by = contract.c.number == text if number is None else (contract.c.number == text) | (contract.c.id == number)
    return list(session.execute(select(contract.c.id).where(by).order_by(contract.c.id)).scalars())


def one(session: Session, contract_id: int) -> Any:
    """The contract's row; None when there is none."""
    return session.execute(select(contract).where(contract.c.id == contract_id)).one_or_none()


def begin(session: Session, kind: str, number: str, given: Mapping[str, Any]) -> int | None:
    """A contract that people know of; None when they know one of this kind and number already."""
    known = select(contract.c.id).where(contract.c.source == HAND, contract.c.kind == kind, contract.c.number == number)
    return None if session.execute(known).first() else create(session, HAND, kind, number, given=given)


def members(session: Session, contract_id: int) -> Sequence[Any]:
    """Devices in the contract, those of which something is still to be done first."""
    columns = (contract_device, device.c.name.label("device_name"))
    return session.execute(
        select(*columns)
        .outerjoin(device, device.c.id == contract_device.c.device_id)
        .where(contract_device.c.contract_id == contract_id)
        .order_by(contract_device.c.state.in_(OVER), contract_device.c.ends, contract_device.c.id)
    ).all()


def members_of(session: Session, device_id: int) -> Sequence[Any]:
    """What the device is in, or was."""
    return session.execute(
        select(contract_device).where(contract_device.c.device_id == device_id).order_by(contract_device.c.id)
    ).all()


def give(session: Session, row: Any, wanted: Mapping[str, Any]) -> dict[str, tuple[object, object]]:
    """People's values for terms of a contract, or of a device in it; None takes one back. Field -> as it was, as it is."""
    table = contract_device if "record_id" in row._mapping else contract
    given = {name: value for name, value in {**row.given, **wanted}.items() if value is not None}
    write(session, table, [{"id": row.id, "given": given, "stale": True}])
    said = row.said if table is contract or row.listed else {}
    return differing({**said, **row.given}, {**said, **given})


def attach(session: Session, contract_id: int, device_id: int, record_id: int, given: Mapping[str, Any]) -> bool:
    """Put a device into a contract along with a record of its own; False when it is in it."""
    there = [row for row in members_of(session, device_id) if row.contract_id == contract_id]
    if any(row.state not in OVER for row in there):
        return False
    if there:
        again = {"id": there[0].id, "attached": True, "given": {**there[0].given, **given}, "stale": True, **_UNMARKED}
        write(session, contract_device, [again])
    else:
        member = {
            "record_id": record_id,
            "contract_id": contract_id,
            "device_id": device_id,
            "said": {},
            "given": dict(given),
        }
        insert_members(session, [{**member, "listed": False, "attached": True}])
    return True


def mark(session: Session, row: Any, marks: Mapping[str, Any]) -> dict[str, tuple[object, object]]:
    """What has become of a device in a contract."""
    write(session, contract_device, [{"id": row.id, **marks, "stale": True}])
    shown = {name: value for name, value in marks.items() if name in Marks.__struct_fields__}
    return differing({name: getattr(row, name) for name in shown}, shown)


def stay(session: Session, record_id: int) -> None:
    """What people put into contracts along with this record stays with the device's other records: it alone is taken out."""
    own, other = record.alias(), record.alias()
    rest = (
        select(func.min(other.c.id))
        .join(own, own.c.device_id == other.c.device_id)
        .where(own.c.id == record_id, other.c.id != record_id, other.c.subject == Subject.DEVICE)
    )
    anchor_id = session.execute(rest).scalar()
    if anchor_id is not None:
        session.execute(
            update(contract_device)
            .where(contract_device.c.record_id == record_id, ~contract_device.c.listed)
            .values(record_id=anchor_id)
        )


def history(session: Session, contract_id: int, limit: int) -> Sequence[Any]:
    """Changes of the contract and of the devices in it, newest first."""
    of = select(contract_change).where(contract_change.c.contract_id == contract_id)
    return session.execute(of.order_by(contract_change.c.id.desc()).limit(limit)).all()


def documents(session: Session, contract_id: int) -> Sequence[Any]:
    """Where the contract's documents are."""
    of = select(contract_document).where(contract_document.c.contract_id == contract_id)
    return session.execute(of.where(contract_document.c.removed_at.is_(None)).order_by(contract_document.c.id)).all()


def keep_document(session: Session, contract_id: int, title: str, place: str, by: str, now: datetime) -> None:
    """Remember where a document is."""
    session.execute(insert(contract_document).values(contract_id=contract_id, title=title, place=place, by=by, at=now))


def drop_documents(session: Session, document_ids: Collection[int], now: datetime) -> None:
    """These are not kept there any more."""
    session.execute(update(contract_document).where(contract_document.c.id.in_(document_ids)).values(removed_at=now))


def own_terms(row: Any) -> dict[str, Any]:
    """What is agreed for one device, as it was said."""
    said = {**(row.said if row.listed else {}), **row.given}
    return {name: said[name] for name in OF_DEVICE if said.get(name) is not None}
