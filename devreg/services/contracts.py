"""What people do about contracts: enter and change them, put devices in and take them out, decide what becomes of leased ones.

What a person says of a contract that a source lists stands beside what the source says, as words about devices do: the next read
changes neither.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from devreg.domain.contract import ContractKind
from devreg.domain.device import contract_ref, device_ref
from devreg.domain.rights import Actor, Right
from devreg.errors import Ambiguous, Conflict, Misconfigured, NotFound
from devreg.services.acting import Act, act
from devreg.store import contract_words, contracts, counters, words
from devreg.store.contract_words import OVER
from devreg.store.contracts import OF_CONTRACT, OF_DEVICE
from devreg.store.engine import Session, Sessions, told_plainly
from devreg.store.repeating import repeats
from devreg.text import typed

Changes = dict[str, tuple[object, object]]
"""Field -> as it was and as it is."""
DOING: Final = "change a contract"


def find(sessions: Sessions, text: str) -> int:
    """The contract that C000012 or a contract number names exactly. Raises NotFound or Ambiguous (listing all)."""
    with told_plainly("read the register"), sessions.read.begin() as session:
        found = contract_words.named(session, text)
    if not found:
        raise NotFound(f"No contract answers to {text!r}.", next_step="`devreg list contracts` shows them.")
    if len(found) > 1:
        names = ", ".join(map(contract_ref, found))
        raise Ambiguous(f"{text!r} names {len(found)} contracts: {names}.", next_step="Name one of them.")
    return found[0]


@repeats
def add(
    sessions: Sessions, actor: Actor, kind: ContractKind, number: str | None, given: Mapping[str, Any], reason: str | None, now: datetime
) -> int:  # fmt: skip
    """A contract that no source lists; its number. Raises Conflict when people know it already."""
    _demand_fields(given, OF_CONTRACT)
    with act(sessions, actor, Right.EDIT, doing="add a contract", now=now, reason=reason) as doing:
        session = doing.session
        called = typed(number) or contract_ref(counters.peek(session, "contract"))
        stored = _plain(given)
        contract_id = contract_words.begin(session, kind, called, stored)
        if contract_id is None:
            raise Conflict(
                f"There is a contract {called} of this type by hand.", next_step="`devreg contract change` it."
            )
        contracts.settle(session, doing.today, [contract_id])
        note(
            doing,
            contract_id,
            None,
            {"number": (None, called), **{name: (None, value) for name, value in stored.items()}},
            "contract",
        )
    return contract_id


@repeats
def change(
    sessions: Sessions,
    actor: Actor,
    contract_id: int,
    wanted: Mapping[str, Any],
    *,
    device_id: int | None = None,
    reason: str,
    now: datetime,
) -> Changes:
    """Give terms of a contract, or of one device in it, a person's value; None takes one back. What changed."""
    _demand_fields(wanted, OF_CONTRACT if device_id is None else OF_DEVICE)
    with act(
        sessions, actor, Right.EDIT, doing=DOING, now=now, reason=reason, about=contract_ref(contract_id)
    ) as doing:
        row = one(doing.session, contract_id) if device_id is None else member(doing.session, contract_id, device_id)
        for name in (name for name, value in wanted.items() if value is None and name not in row.given):
            raise NotFound(f"Nobody gave {name.removesuffix('_cents')} of {contract_ref(contract_id)} a value by hand.")
        changed = contract_words.give(doing.session, row, _plain(wanted))
        contracts.settle(doing.session, doing.today, [contract_id])
        _demand_order(one(doing.session, contract_id))
        note(doing, contract_id, device_id, changed, "contract")
    return changed


def end(sessions: Sessions, actor: Actor, contract_id: int, on: date, *, reason: str, now: datetime) -> Changes:
    """Notice was given, or it ends otherwise: `on` is the last day, and it is not renewed."""
    wanted = {"end": on, "renewal_months": 0}
    return change(sessions, actor, contract_id, wanted, reason=reason, now=now)


@repeats
def attach(
    sessions: Sessions,
    actor: Actor,
    contract_id: int,
    device_ids: Sequence[int],
    given: Mapping[str, Any],
    *,
    reason: str | None,
    now: datetime,
) -> None:
    """Put devices into a contract, with what is agreed for each. Raises Conflict naming one that is in it."""
    _demand_fields(given, OF_DEVICE)
    agreed = _plain(given)
    with act(
        sessions, actor, Right.EDIT, doing=DOING, now=now, reason=reason, about=contract_ref(contract_id)
    ) as doing:
        one(doing.session, contract_id)
        for device_id in device_ids:
            anchor = words.anchor(doing.session, device_id)
            if anchor is None:
                raise NotFound(f"No record is about {device_ref(device_id)}.")
            if not contract_words.attach(doing.session, contract_id, device_id, anchor, agreed):
                raise Conflict(
                    f"{device_ref(device_id)} is in {contract_ref(contract_id)} already; nothing was written."
                )
            added = {name: (None, value) for name, value in agreed.items()}
            note(doing, contract_id, device_id, {"device": (None, device_ref(device_id)), **added}, "attach")
        contracts.settle(doing.session, doing.today, [contract_id])


def detach(
    sessions: Sessions, actor: Actor, contract_id: int, device_ids: Collection[int], on: date | None, *, reason: str, now: datetime
) -> None:  # fmt: skip
    """Take devices out of a contract: `on` is their last day in it; None: they are in it again."""
    mark_all(sessions, actor, contract_id, device_ids, {"ended_on": on}, "detach", reason, now)


@repeats
def document(
    sessions: Sessions, actor: Actor, contract_id: int, title: str, place: str, *, reason: str | None, now: datetime
) -> None:
    """Remember where one of the contract's documents is."""
    with act(
        sessions, actor, Right.EDIT, doing=DOING, now=now, reason=reason, about=contract_ref(contract_id)
    ) as doing:
        one(doing.session, contract_id)
        called, where = typed(title), typed(place)
        if called is None or where is None:
            raise Misconfigured(
                "A document needs a title and a place.", next_step="Say what it is and where it is kept."
            )
        contract_words.keep_document(doing.session, contract_id, called, where, doing.by, now)
        note(doing, contract_id, None, {"document": (None, f"{called}: {where}")}, "contract")


@repeats
def drop_document(
    sessions: Sessions, actor: Actor, contract_id: int, place: str, *, reason: str, now: datetime
) -> None:
    """It is not kept there any more. Raises NotFound."""
    with act(
        sessions, actor, Right.EDIT, doing=DOING, now=now, reason=reason, about=contract_ref(contract_id)
    ) as doing:
        found = [row for row in contract_words.documents(doing.session, contract_id) if row.place == typed(place)]
        if not found:
            raise NotFound(f"{contract_ref(contract_id)} has no document at {place!r}.")
        contract_words.drop_documents(doing.session, [row.id for row in found], now)
        note(doing, contract_id, None, {"document": (f"{found[0].title}: {place}", None)}, "contract")


def release(doing: Act, device_id: int) -> None:
    """Within an act that takes a device out of use: its last day in every contract is today. Nothing to release is no fault."""
    today = doing.today
    for row in contract_words.members_of(doing.session, device_id):
        if row.ended_on is None and row.state not in OVER:
            changed = contract_words.mark(doing.session, row, {"ended_on": today})
            contracts.settle(doing.session, today, [row.contract_id])
            note(doing, row.contract_id, device_id, changed, "let_go")


@repeats
def mark_all(
    sessions: Sessions,
    actor: Actor,
    contract_id: int,
    device_ids: Collection[int],
    marks: Mapping[str, Any],
    told_as: str,
    reason: str | None,
    now: datetime,
) -> None:
    """What has become of these devices in the contract. Raises NotFound when one is not in it."""
    with act(
        sessions, actor, Right.EDIT, doing=DOING, now=now, reason=reason, about=contract_ref(contract_id)
    ) as doing:
        for device_id in device_ids:
            row = member(doing.session, contract_id, device_id)
            note(doing, contract_id, device_id, contract_words.mark(doing.session, row, marks), told_as)
        contracts.settle(doing.session, doing.today, [contract_id])


def one(session: Session, contract_id: int) -> Any:
    """The contract. Raises NotFound."""
    row = contract_words.one(session, contract_id)
    if row is None:
        raise NotFound(f"There is no contract {contract_ref(contract_id)}.")
    return row


def member(session: Session, contract_id: int, device_id: int) -> Any:
    """The device in the contract. Raises NotFound."""
    found = [row for row in contract_words.members_of(session, device_id) if row.contract_id == contract_id]
    if not found:
        raise NotFound(
            f"{device_ref(device_id)} is not in {contract_ref(contract_id)}.",
            next_step=f"`devreg contract show {contract_ref(contract_id)}` lists its devices.",
        )
    return min(found, key=lambda row: row.state in OVER)


def _demand_fields(names: Collection[str], allowed: Collection[str]) -> None:
    for name in names:
        if name not in allowed:
            there = ", ".join(field.removesuffix("_cents") for field in allowed)
            raise Misconfigured(
                f"There is no field {name.removesuffix('_cents')!r} here.", next_step=f"There are: {there}."
            )


def _demand_order(row: Any) -> None:
    if row.start is not None and row.end is not None and row.end < row.start:
        raise Misconfigured(f"{contract_ref(row.id)} would end before it begins; nothing was written.")


def _plain(given: Mapping[str, Any]) -> dict[str, Any]:
    """As it is stored: days as text, and no personal identity code in what was typed."""
    return {name: _stored(value) for name, value in given.items()}


def _stored(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return typed(value) if isinstance(value, str) else value


def note(
    doing: Act, contract_id: int, device_id: int | None, changes: Mapping[str, tuple[object, object]], told_as: str
) -> None:
    """The contract's own history, and the audit trail."""
    contracts.note(doing.session, contract_id, device_id, changes, doing.by, doing.now, doing.reason)
    about = {"device": device_ref(device_id)} if device_id is not None else {}
    before = {name: old for name, (old, _) in changes.items()}
    doing.tell(
        told_as, contract_ref(contract_id), before, {**{name: new for name, (_, new) in changes.items()}, **about}
    )
