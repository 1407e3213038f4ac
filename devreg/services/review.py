"""What people decide about identity: merge, split or keep apart; kept, outliving every run and replay, and undoable."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import msgspec

from devreg.domain.device import device_ref
from devreg.domain.rights import Actor, Right
from devreg.errors import Misconfigured, NotFound
from devreg.services.acting import Act, act
from devreg.services.ingest import regroup
from devreg.store import beside, contract_words, counters, decisions, devices, identity, records, words
from devreg.store.decisions import Held
from devreg.store.engine import Session, Sessions
from devreg.store.repeating import repeats


class Answer(StrEnum):
    """What a person says to a question."""

    MERGE = "merge"
    """One device: everything the question names goes into one."""
    SPLIT = "split"
    """The record it asks about is a device of its own."""
    KEEP = "keep"
    """As it is: nothing of it is put together or taken apart by a rule again."""


class Decided(msgspec.Struct, frozen=True):
    """What came of it."""

    decision_id: int
    device_ids: tuple[int, ...]
    """Devices that the records are about now."""


@repeats
def decide(
    sessions: Sessions,
    review_id: int,
    answer: Answer,
    *,
    into: int | None,
    actor: Actor,
    reason: str | None,
    now: datetime,
) -> Decided:
    """Answer an open question. Raises NotFound when it is not open, Misconfigured when `into` is none of its devices or is missing."""
    with act(sessions, actor, Right.DECIDE, doing="keep a decision", now=now, reason=reason) as doing:
        session = doing.session
        question = decisions.open_question(session, review_id)
        if question is None:
            raise NotFound(
                f"There is no open question {review_id}.", next_step="`devreg review` lists those that are open."
            )
        held = decisions.held(session, question.record_id, question.device_ids)
        homes = _homes(session, answer, question, held, into, now)
        decision_id = decisions.keep(session, answer, review_id, held, homes, by=doing.by, reason=doing.reason, now=now)
        regroup(session, [item.record_id for item in held], by=doing.by, run_id=None, now=now)
        beside.settle(session)
        return _told(doing, decision_id, str(answer), [item.record_id for item in held])


@repeats
def undo(sessions: Sessions, decision_id: int, *, actor: Actor, now: datetime) -> Decided:
    """Take a decision back: its records return to the devices they were in, and its question is open again.

    Raises NotFound when there is no such decision, and Misconfigured when a later one builds on it.
    """
    with act(sessions, actor, Right.DECIDE, doing="undo a decision", now=now) as doing:
        session = doing.session
        before = decisions.standing(session, decision_id)
        if before is None:
            raise NotFound(
                f"There is no decision {decision_id} that stands.", next_step="`devreg list decisions` shows them."
            )
        later = decisions.later_about(session, decision_id, before)
        if later:
            raise Misconfigured(
                f"Decision {later[0]} came later and is about the same records.", next_step="Undo that one first."
            )
        decisions.take_back(session, decision_id, before, by=doing.by, now=now)
        left = records.homes(session, before)
        records.put_back(session, {record_id: device_id for record_id, (device_id, _) in before.items()})
        regroup(session, list(before), by=doing.by, run_id=None, now=now)
        _retire_emptied(session, left, records.homes(session, before))
        beside.settle(session)
        return _told(doing, decision_id, "undone", list(before))


def _retire_emptied(session: Session, left: Iterable[int], homes: Iterable[int]) -> None:
    """Devices that only the decision had made stand for those their records came from."""
    emptied = [number for number in left if words.anchor(session, number) is None]
    identity.retire(session, dict.fromkeys(emptied, min(homes, default=None)))


def _homes(
    session: Session,
    answer: Answer,
    question: decisions.Question,
    held: Iterable[Held],
    into: int | None,
    now: datetime,
) -> dict[int, int]:
    """Record -> the device it shall be in."""
    candidates = [number for number in question.device_ids if number is not None]
    if into is not None and into not in candidates:
        raise Misconfigured(f"{device_ref(into)} is none of the devices it asks about.", next_step=_named(candidates))
    match answer:
        case Answer.MERGE:
            if into is None and len(candidates) > 1:
                raise Misconfigured(
                    "It asks about several devices.", next_step=f"Say --into which one. {_named(candidates)}"
                )
            target = into if into is not None else candidates[0]
            joins = {target} if question.is_unattached else set(candidates)
            return {
                item.record_id: target
                for item in held
                if item.device_id in joins or item.record_id == question.record_id
            }
        case Answer.SPLIT:
            words.stay(session, question.record_id)
            contract_words.stay(session, question.record_id)
            alone = _new_device(session, now)
            return {
                item.record_id: alone if item.record_id == question.record_id else item.device_id or alone
                for item in held
            }
        case Answer.KEEP:
            alone = _new_device(session, now) if question.is_unattached else 0
            return {item.record_id: item.device_id or alone for item in held}


def _new_device(session: Session, now: datetime) -> int:
    (number,) = counters.take(session, "device", 1)
    devices.create(session, [number], now)
    return number


def _named(candidates: Iterable[int]) -> str:
    return f"They are: {', '.join(device_ref(number) for number in candidates)}."


def _told(doing: Act, decision_id: int, what: str, record_ids: list[int]) -> Decided:
    homes = sorted(records.homes(doing.session, record_ids))
    told = [devices.Change(number, "decision", None, what) for number in homes]
    devices.record_changes(doing.session, told, by=doing.by, run_id=None, now=doing.now, reason=doing.reason)
    for number in homes:
        doing.tell(what, device_ref(number), after={"decision": decision_id})
    return Decided(decision_id, tuple(homes))
