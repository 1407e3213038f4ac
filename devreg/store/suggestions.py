"""States that something speaks for: found by one look over all devices, kept until nothing does any more."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    not_,
    null,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session

from devreg.domain.device import State
from devreg.domain.suggesting import DEPROVISIONED_STATES, SUGGESTED, WIPED_STATES, Rule, Suggestion
from devreg.store.among import among
from devreg.store.schema import device, person, suggestion, transition
from devreg.store.types import UtcTime, Word


def renew(session: Session, *, silent: timedelta, missing: timedelta, now: datetime, today: date) -> list[Suggestion]:
    """Set what is kept to what speaks for another state now; the suggestions that are new.

    A dismissed one stays so while the same rule holds and nothing newer speaks for it.
    """
    rule, since = _evidence(silent, missing, now, today)
    looked = select(device.c.id, device.c.state, rule.label("rule"), since.label("since"))
    found = looked.where(device.c.merged_into.is_(None)).subquery()
    rows = session.execute(select(found).where(found.c.rule.is_not(None)).order_by(found.c.id)).all()
    kept = {row.device_id: row for row in session.execute(select(suggestion))}
    there = {row.id for row in rows}
    fresh = [row for row in rows if _is_news(row, kept.get(row.id))]
    forget(session, (kept.keys() - there) | {row.id for row in fresh if row.id in kept})
    if fresh:
        session.execute(
            insert(suggestion),
            [
                {
                    "device_id": row.id,
                    "rule": row.rule,
                    "target": SUGGESTED[Rule(row.rule)],
                    "found_at": now,
                    "since": row.since,
                }
                for row in fresh
            ],
        )
    return [Suggestion(row.id, State(row.state), Rule(row.rule)) for row in fresh]


def forget(session: Session, device_ids: Collection[int]) -> None:
    """These have got another state, or nothing speaks for one."""
    if device_ids:
        session.execute(delete(suggestion).where(among(session, suggestion.c.device_id, device_ids)))


def dismiss(session: Session, device_id: int, *, by: str, reason: str, now: datetime) -> Rule | None:
    """A person says no to what is suggested for the device; None when nothing is."""
    rule = session.execute(
        select(suggestion.c.rule).where(suggestion.c.device_id == device_id, suggestion.c.dismissed_at.is_(None))
    ).scalar()
    if rule is None:
        return None
    session.execute(
        update(suggestion)
        .where(suggestion.c.device_id == device_id)
        .values(dismissed_at=now, dismissed_by=by, dismissed_reason=reason)
    )
    return Rule(rule)


def _is_news(row: Any, kept: Any) -> bool:
    if kept is None or kept.rule != row.rule:
        return True
    return kept.dismissed_at is not None and row.since is not None and row.since > kept.dismissed_at


def _evidence(
    silent: timedelta, missing: timedelta, now: datetime, today: date
) -> tuple[ColumnElement[str | None], ColumnElement[datetime | None]]:
    """The first rule that holds for a device, and when what speaks for it was seen."""
    state, seen, since, managed = (
        device.c.state,
        device.c.last_seen,
        device.c.state_since,
        device.c.managed_by.is_not(None),
    )
    in_use = state == State.IN_USE
    decided = exists().where(transition.c.device_id == device.c.id)
    anew = or_(seen > since, ~decided)  # what a tool said before a person took the last step has been dealt with
    newly = or_(device.c.enrolled_at > since, state != State.IN_STOCK, ~decided)
    rules: dict[Rule, tuple[ColumnElement[bool], Any]] = {  # in the order of Rule: the first that holds counts
        Rule.WIPED: (and_(in_use, anew, device.c.management_state.in_(WIPED_STATES)), seen),
        Rule.DEPROVISIONED: (and_(in_use, anew, device.c.management_state.in_(DEPROVISIONED_STATES), ~managed), seen),
        Rule.HOLDER_LEFT: (and_(in_use, _has_left(today)), null()),
        Rule.SEEN_AGAIN: (and_(state == State.LOST, seen > since), seen),
        Rule.ENROLLED: (
            and_(state.in_((State.PLANNED, State.ORDERED, State.IN_STOCK)), managed, newly),
            func.coalesce(device.c.enrolled_at, seen),
        ),
        Rule.MISSING: (and_(in_use, device.c.missing_since < now - missing), device.c.missing_since),
        Rule.SILENT: (and_(in_use, seen < now - silent), seen),
    }
    rule = case(*((holds, literal(str(name), Word)) for name, (holds, _) in rules.items()), else_=null())
    return type_coerce(rule, Word), type_coerce(case(*rules.values(), else_=null()), UtcTime)


def _has_left(today: date) -> ColumnElement[bool]:
    """Whether a directory says that the holder is there no more, and none that they are."""
    gone = or_(person.c.active.is_(False), person.c.leave_date < today)
    left = select(person.c.email).where(person.c.email.is_not(None), gone)
    there = select(person.c.email).where(person.c.email.is_not(None), not_(func.coalesce(gone, false())))
    return and_(device.c.holder_email.in_(left), device.c.holder_email.not_in(there))
