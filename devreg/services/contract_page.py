"""One contract with everything known about it."""

from datetime import date, datetime
from typing import Any, Final

import msgspec

from devreg.domain.device import contract_ref, device_ref
from devreg.errors import NotFound
from devreg.store import contract_words
from devreg.store.contracts import OF_CONTRACT
from devreg.store.engine import Sessions, told_plainly

_MAX_HISTORY: Final = 200


class TermLine(msgspec.Struct, frozen=True):
    """One term, and who says it."""

    name: str
    value: Any
    """As it was said: sums with the VAT that the contract says they include."""
    by_hand: bool
    source_says: Any = None
    """What a person's value stands against."""


class MemberLine(msgspec.Struct, frozen=True):
    """A device in the contract."""

    ref: str | None
    """None: a row that names no device that is known."""
    name: str | None
    state: str
    next_on: date | None
    ends: date | None
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None
    cost_so_far_cents: int | None
    cost_to_end_cents: int | None


class NoteLine(msgspec.Struct, frozen=True):
    """A line of the contract's history."""

    at: datetime
    device: str | None
    field: str
    old: str | None
    new: str | None
    by: str
    reason: str | None


class ContractPage(msgspec.Struct, frozen=True):
    """A contract as `contract show` shows it."""

    id: str
    kind: str
    number: str
    source: str
    state: str
    next_on: date | None
    ends: date | None
    notice_by: date | None
    terms: tuple[TermLine, ...]
    devices: tuple[MemberLine, ...]
    documents: tuple[tuple[str, str], ...]
    """Title and place."""
    history: tuple[NoteLine, ...]
    """Newest first, at most 200."""


def look(sessions: Sessions, contract_id: int) -> ContractPage:
    """One contract. Raises NotFound."""
    with told_plainly("read the register"), sessions.read.begin() as session:
        row = contract_words.one(session, contract_id)
        if row is None:
            raise NotFound(f"There is no contract {contract_ref(contract_id)}.")
        plain = {
            name: getattr(row, name) for name in ("kind", "number", "source", "state", "next_on", "ends", "notice_by")
        }
        return ContractPage(
            id=contract_ref(contract_id),
            **plain,
            terms=tuple(_terms(row)),
            devices=tuple(_member(member) for member in contract_words.members(session, contract_id)),
            documents=tuple((item.title, item.place) for item in contract_words.documents(session, contract_id)),
            history=tuple(_line(note) for note in contract_words.history(session, contract_id, _MAX_HISTORY)),
        )


def _terms(row: Any) -> list[TermLine]:
    said = {**row.said} if row.end is None or "end" in row.given else {**row.said, "end": row.end.isoformat()}
    both = {**said, **row.given}
    lines = []
    for name in OF_CONTRACT:
        if both.get(name) is not None:
            is_given = name in row.given
            lines.append(TermLine(name, both[name], is_given, said.get(name) if is_given else None))
    return lines


def _member(row: Any) -> MemberLine:
    same = {name: getattr(row, name) for name in MemberLine.__struct_fields__ if name not in {"ref", "name"}}
    return MemberLine(ref=None if row.device_id is None else device_ref(row.device_id), name=row.device_name, **same)


def _line(row: Any) -> NoteLine:
    device = device_ref(row.device_id) if row.device_id is not None else None
    return NoteLine(row.at, device, row.field, row.old, row.new, row.by, row.reason)
