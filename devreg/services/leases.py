"""What becomes of leased devices: returned, extended or bought out; returned indeed, or missing."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

import msgspec

from devreg.domain.contract import ContractKind, Decision, Terms, end_of
from devreg.domain.device import contract_ref, device_ref
from devreg.domain.months import after, last_day
from devreg.domain.rights import Actor, Right
from devreg.errors import Misconfigured, Refused
from devreg.services.acting import Act, act
from devreg.services.contracts import DOING, mark_all, member, note, one
from devreg.store import contract_words, contracts
from devreg.store.contract_words import OVER
from devreg.store.engine import Session, Sessions
from devreg.store.repeating import repeats


class Wish(msgspec.Struct, frozen=True):
    """What is to become of leased devices."""

    decision: Decision | None
    """None: the decision is taken back."""
    on: date | None = None
    """The last day, where it is not the contract's own end; of an extension the new one."""
    months: int | None = None
    """How long it is extended, instead of a day."""


@repeats
def decide(
    sessions: Sessions,
    actor: Actor,
    contract_id: int,
    device_ids: Collection[int],
    wish: Wish,
    *,
    reason: str | None,
    now: datetime,
) -> int:
    """Decide what becomes of these devices, or of all in the contract that are still here when none is named; how many.

    Raises Refused when nothing is left to decide about one, Misconfigured when the end is not known or the day makes no sense.
    """
    with act(
        sessions, actor, Right.EDIT, doing=DOING, now=now, reason=reason, about=contract_ref(contract_id)
    ) as doing:
        contract = one(doing.session, contract_id)
        if contract.kind != ContractKind.LEASE:
            raise Misconfigured(f"{contract_ref(contract_id)} is no lease.", next_step="`devreg contract end` ends it.")
        for row in _chosen(doing.session, contract_id, device_ids):
            marks = _decided(contract, row, wish, doing)
            note(doing, contract_id, row.device_id, contract_words.mark(doing.session, row, marks), "decide")
        contracts.settle(doing.session, doing.today, [contract_id])
        return len(_chosen(doing.session, contract_id, device_ids))


def returned(
    sessions: Sessions,
    actor: Actor,
    contract_id: int,
    device_ids: Collection[int],
    on: date | None,
    *,
    damaged: bool = False,
    reason: str | None,
    now: datetime,
) -> None:
    """Devices went back to the lessor; None: they did not."""
    marks = {"returned_on": on, "damaged": damaged or None}
    mark_all(sessions, actor, contract_id, device_ids, marks, "returned", reason, now)


def missing(
    sessions: Sessions, actor: Actor, contract_id: int, device_ids: Collection[int], on: date | None, *, reason: str | None, now: datetime
) -> None:  # fmt: skip
    """Devices can't be returned; None: they were found."""
    mark_all(sessions, actor, contract_id, device_ids, {"missing_on": on}, "missing", reason, now)


def _decided(contract: Any, row: Any, wish: Wish, doing: Act) -> dict[str, Any]:
    name, today = device_ref(row.device_id), doing.today
    if row.state in OVER:
        raise Refused(f"Nothing is left to decide about {name} in this lease.")
    by = {"decided_at": doing.now, "decided_by": doing.by}
    if wish.decision is None:
        return {**by, "decision": None, "decided_for": None, "extended_to": None}
    ends = _next_end(contract, row, today)
    if wish.decision is not Decision.EXTEND:
        for_ = wish.on or ends
        if for_ is None:
            raise Misconfigured(f"The end of {name}'s lease is not known.", next_step="Say it: --on DATE.")
        return {**by, "decision": wish.decision, "decided_for": for_, "extended_to": row.extended_to}
    first = after(row.ends, 1)
    longer = last_day(first, wish.months) if first is not None and wish.months else wish.on
    if row.ends is None or longer is None or longer <= row.ends:
        raise Misconfigured("An extension ends after the lease.", next_step="Say how long: --months N, or --on DATE.")
    return {**by, "decision": wish.decision, "decided_for": row.ends, "extended_to": longer}


def _next_end(contract: Any, row: Any, today: date) -> date | None:
    """The end that can still be reached: what renews itself goes on once more when its day for notice has passed."""
    is_late = row.notice_by is not None and row.notice_by < today and contract.renewal_months
    following = after(row.ends, 1)
    if not is_late or following is None or row.extended_to is not None:
        end: date | None = row.ends
        return end
    terms = Terms(**{name: getattr(contract, name) for name in Terms.__struct_fields__})
    return end_of(msgspec.structs.replace(terms, end=row.end or terms.end), following)


def _chosen(session: Session, contract_id: int, device_ids: Collection[int]) -> list[Any]:
    if device_ids:
        return [member(session, contract_id, device_id) for device_id in device_ids]
    members = contract_words.members(session, contract_id)
    return [row for row in members if row.state not in OVER and row.device_id is not None]
