"""What sources say of contracts, and how contracts and the devices in them are reckoned from all that is said.

Two orders of the same words come to the same rows: what a source says replaces only what it said itself, and everything else is
reckoned anew from both (docs/decisions/0010-contracts-reckoned-by-day.md).
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Table, bindparam, delete, func, insert, select, true, update
from sqlalchemy.orm import Session

from devreg.domain.contract import Decision, Fees, Marks, Standing, Terms, net_cents, standing
from devreg.domain.device import device_ref
from devreg.domain.observation import ContractClaim
from devreg.store import local_time
from devreg.store.among import among
from devreg.store.counters import take
from devreg.store.schema import contract, contract_change, contract_day, contract_device

OF_CONTRACT: Final = (
    "supplier", "start", "end", "months", "notice_days", "notice_months", "return_days", "renewal_months", "vat_rate",
    "monthly_fee_cents",
)  # fmt: skip
"""What is said of a contract as a whole."""
OF_DEVICE: Final = (
    "end", "monthly_fee_cents", "residual_cents", "extension_fee_cents", "damage_fee_cents", "missing_fee_cents", "insured",
)  # fmt: skip
"""What is said of one device in it."""
_TERMS: Final = tuple(name for name in OF_CONTRACT if name not in OF_DEVICE)
_MARKS: Final = Marks.__struct_fields__
_CHUNK: Final = 500


def save(
    session: Session,
    name: str,
    rows: Collection[tuple[int, int | None, ContractClaim | None]],
    by: str,
    now: datetime,
) -> None:
    """Contracts as (record, device, what the row says); a row replaces what the same record said before, also by silence.

    A row may name no device that is known: a telephone number without its phone.
    """
    if not rows:
        return
    there: dict[int, list[Any]] = {}
    for member in session.execute(
        select(contract_device).where(among(session, contract_device.c.record_id, [row[0] for row in rows]))
    ):
        there.setdefault(member.record_id, []).append(member)
    said = {record_id: claim for record_id, _, claim in rows if claim is not None}
    if not there and not said:
        return
    ids = _save_terms(session, name, said.values(), by, now)
    changed: list[dict[str, Any]] = []
    fresh: list[dict[str, Any]] = []
    for record_id, device_id, claim in rows:
        wanted = ids[claim.kind, claim.number] if claim is not None else None
        own = _own(claim, OF_DEVICE)
        known = {member.contract_id: member for member in there.get(record_id, ())}
        for member in known.values():
            if member.contract_id == wanted:
                changed += _said_again(session, member, own, by, now)
            elif member.listed:
                _leave(session, member, by, now)
        if wanted is not None and wanted not in known:
            fresh.append({"record_id": record_id, "contract_id": wanted, "device_id": device_id, "said": own})
    write(session, contract_device, changed)
    insert_members(session, fresh)
    touched = {*ids.values(), *(member.contract_id for members in there.values() for member in members)}
    settle(session, local_time.day(session, now), touched)


def insert_members(session: Session, members: Collection[Mapping[str, Any]]) -> None:
    """Devices that are in a contract from now on."""
    numbers = take(session, "member", len(members))
    blank = {"listed": True, "attached": False, "given": {}, "stale": True}
    if members:
        rows = [{"id": number, **blank, **member} for number, member in zip(numbers, members, strict=True)]
        session.execute(insert(contract_device), rows)


def _save_terms(
    session: Session, name: str, claims: Iterable[ContractClaim], by: str, now: datetime
) -> dict[tuple[str, str], int]:
    """The contracts of these rows by kind and number; what no row says stays as it was said before."""
    wanted: dict[tuple[str, str], dict[str, Any]] = {}
    for claim in claims:
        wanted.setdefault((claim.kind, claim.number), {}).update(_own(claim, _TERMS))
    if not wanted:
        return {}
    numbers = {number for _, number in wanted}
    found = session.execute(
        select(contract).where(contract.c.source == name, among(session, contract.c.number, numbers))
    )
    known = {(row.kind, row.number): row for row in found}
    ids = {key: row.id for key, row in known.items()}
    for key, said in wanted.items():
        if key not in known:
            ids[key] = create(session, name, *key, said=said)
        elif (now_said := {**known[key].said, **said}) != known[key].said:
            write(session, contract, [{"id": ids[key], "said": now_said, "stale": True}])
            note(session, ids[key], None, differing(known[key].said, now_said), by, now, None)
    return {key: ids[key] for key in wanted}


def create(
    session: Session,
    source: str,
    kind: str,
    number: str,
    *,
    said: Mapping[str, Any] = {},
    given: Mapping[str, Any] = {},
) -> int:
    """A contract that was not known before; its number."""
    (contract_id,) = take(session, "contract", 1)
    values = {"id": contract_id, "source": source, "kind": kind, "number": number, "said": dict(said)}
    session.execute(insert(contract).values(**values, given=dict(given), stale=True))
    return contract_id


def _said_again(session: Session, member: Any, own: dict[str, Any], by: str, now: datetime) -> list[dict[str, Any]]:
    if member.listed and member.said == own:
        return []
    if member.listed:
        note(session, member.contract_id, member.device_id, differing(member.said, own), by, now, None)
    return [{"id": member.id, "listed": True, "said": own, "stale": True}]


def _leave(session: Session, member: Any, by: str, now: datetime) -> None:
    """The row is about another contract now; what people said of the device in this one stays."""
    is_peoples = member.attached or member.given or any(getattr(member, name) is not None for name in _MARKS)
    if is_peoples:
        write(session, contract_device, [{"id": member.id, "listed": False, "stale": True}])
    else:
        session.execute(delete(contract_device).where(contract_device.c.id == member.id))
        session.execute(update(contract).where(contract.c.id == member.contract_id).values(stale=True))
    note(session, member.contract_id, member.device_id, {"device": (_device(member), None)}, by, now, None)


def note(
    session: Session,
    contract_id: int,
    device_id: int | None,
    changes: Mapping[str, tuple[object, object]],
    by: str,
    now: datetime,
    reason: str | None,
) -> None:
    """The history's lines of what became what."""
    rows = [
        {"contract_id": contract_id, "device_id": device_id, "at": now, "by": by, "field": field, "old": _text(old), "new": _text(new),
         "reason": reason}
        for field, (old, new) in changes.items()
    ]  # fmt: skip
    if rows:
        session.execute(insert(contract_change), rows)


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[object, object]]:
    """Field -> as it was and as it is, where the two differ."""
    return {
        name: (before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }


def write(session: Session, table: Table, rows: Collection[Mapping[str, Any]]) -> None:
    """Rows by id with what is to be set; all of them the same columns."""
    if rows:
        names = [name for name in next(iter(rows)) if name != "id"]
        statement = update(table).where(table.c.id == bindparam("key"))
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
        session.connection().execute(
            statement.values(values),
            [{"key": row["id"], **{f"new_{name}": row[name] for name in names}} for row in rows],
        )


def reckoned_for(session: Session) -> date | None:
    """The day that everything was last reckoned for."""
    return session.execute(select(contract_day.c.day)).scalar()


def reckon(session: Session, today: date) -> None:
    """Everything as it stands today: states and costs go with the days, though nobody says anything."""
    numbers = list(session.execute(select(contract.c.id).order_by(contract.c.id)).scalars())
    for start in range(0, len(numbers), _CHUNK):
        settle(session, today, numbers[start : start + _CHUNK], everything=True)
    if session.execute(update(contract_day).values(day=today)).rowcount == 0:  # type: ignore[attr-defined]
        session.execute(insert(contract_day).values(id=1, day=today))


def settle(session: Session, today: date, contract_ids: Collection[int], *, everything: bool = False) -> None:
    """Reckon anew what something was said of since it was reckoned last, of these contracts; or all of them."""
    ours = among(session, contract.c.id, contract_ids)
    members = among(session, contract_device.c.contract_id, contract_ids)
    stale = list(
        session.execute(select(contract_device).where(members, true() if everything else contract_device.c.stale))
    )
    contracts = {row.id: row for row in session.execute(select(contract).where(ours))}
    wanted = {row.id for row in contracts.values() if row.stale or everything} | {row.contract_id for row in stale}
    if not wanted:
        return
    terms = {number: _effective(contracts[number]) for number in wanted}
    own = {row.id: _effective_own(row, terms[row.contract_id]["vat_rate"]) for row in stale}
    latest = _latest_ends(session, wanted, stale, own)
    for number, values in terms.items():
        values["end"] = values["end"] or latest.get(number)
    moved = [
        number
        for number in wanted
        if any(getattr(contracts[number], name) != terms[number][name] for name in terms[number])
    ]
    others = [] if everything else _others(session, moved)
    own |= {row.id: _effective_own(row, terms[row.contract_id]["vat_rate"]) for row in others}
    _write_changed(
        session, contract, [(contracts[number], {**terms[number], **_whole(terms[number], today)}) for number in wanted]
    )
    stand = [(row, {**own[row.id], **_stands(row, contracts[row.contract_id].kind, terms[row.contract_id], own[row.id], today)})
             for row in [*stale, *others]]  # fmt: skip
    _write_changed(session, contract_device, stand)


def _latest_ends(
    session: Session, wanted: Collection[int], stale: Iterable[Any], own: Mapping[int, Mapping[str, Any]]
) -> dict[int, date]:
    """The latest end that a source says of a device in each contract."""
    settled = (
        select(contract_device.c.contract_id, func.max(contract_device.c.end))
        .where(
            among(session, contract_device.c.contract_id, wanted), contract_device.c.listed, ~contract_device.c.stale
        )
        .group_by(contract_device.c.contract_id)
    )
    latest = {number: end for number, end in session.execute(settled).all() if end is not None}
    for row in stale:
        end = own[row.id]["end"]
        if row.listed and end is not None:
            latest[row.contract_id] = max(end, latest.get(row.contract_id, end))
    return latest


def _others(session: Session, moved: Collection[int]) -> list[Any]:
    """Devices that nothing was said of, in contracts whose terms have changed."""
    if not moved:
        return []
    return list(
        session.execute(
            select(contract_device).where(
                among(session, contract_device.c.contract_id, moved), ~contract_device.c.stale
            )
        )
    )


def _whole(terms: Mapping[str, Any], today: date) -> dict[str, Any]:
    stands = standing("", _terms(terms), Fees(monthly_fee_cents=terms["monthly_fee_cents"]), Marks(), today)
    return {name: getattr(stands, name) for name in _OF_WHOLE}


def _stands(row: Any, kind: str, terms: Mapping[str, Any], own: Mapping[str, Any], today: date) -> dict[str, Any]:
    agreed = _terms(terms if own["end"] is None else {**terms, "end": own["end"]})
    fees = Fees(**{name: own[name] for name in Fees.__struct_fields__})
    said = {name: getattr(row, name) for name in _MARKS}
    marks = Marks(**{**said, "decision": Decision(said["decision"]) if said["decision"] else None})
    return msgspec.structs.asdict(standing(kind, agreed, fees, marks, today))


_OF_WHOLE: Final = tuple(name for name in Standing.__struct_fields__ if name in contract.c)


def _terms(values: Mapping[str, Any]) -> Terms:
    return Terms(**{name: values[name] for name in Terms.__struct_fields__})


def _effective(row: Any) -> dict[str, Any]:
    said = {**row.said, **row.given}
    found = {name: _value(name, said.get(name)) for name in OF_CONTRACT}
    return _net(found, found["vat_rate"])


def _effective_own(row: Any, vat_rate: float | None) -> dict[str, Any]:
    said = {**(row.said if row.listed else {}), **row.given}
    return _net({name: _value(name, said.get(name)) for name in OF_DEVICE}, vat_rate)


def _net(values: dict[str, Any], vat_rate: float | None) -> dict[str, Any]:
    return {
        name: net_cents(value, vat_rate) if name.endswith("_cents") and value is not None else value
        for name, value in values.items()
    }


def _value(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name in {"start", "end"} and value is not None else value


def _own(claim: ContractClaim | None, names: Iterable[str]) -> dict[str, Any]:
    said = {} if claim is None else msgspec.to_builtins(claim)
    return {name: said[name] for name in names if said.get(name) is not None}


def _device(member: Any) -> str | None:
    return None if member.device_id is None else device_ref(member.device_id)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _write_changed(session: Session, table: Table, rows: Iterable[tuple[Any, Mapping[str, Any]]]) -> None:
    changed = [
        {"id": row.id, **values, "stale": False}
        for row, values in rows
        if row.stale or any(getattr(row, name) != value for name, value in values.items())
    ]
    write(session, table, changed)
