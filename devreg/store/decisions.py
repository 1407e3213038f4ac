"""Decisions of people about identity, and the pins that make rules respect them."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import msgspec
from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from devreg.domain.observation import Subject
from devreg.store.among import among
from devreg.store.schema import decision, pin, record, review


class Question(msgspec.Struct, frozen=True):
    """An open question with the devices it is about."""

    record_id: int
    device_ids: tuple[int, ...]
    is_unattached: bool
    """The record it asks about belongs to no device yet."""


class Held(msgspec.Struct, frozen=True):
    """A record a decision touches, as it is before."""

    record_id: int
    device_id: int | None
    pinned_to: int | None


Before = dict[int, tuple[int | None, int | None]]
"""Record -> (device, pinned device) before a decision."""


def open_question(session: Session, review_id: int) -> Question | None:
    """The question, if it is open."""
    row = session.execute(
        select(review.c.record_id, review.c.device_ids, record.c.device_id)
        .join(record, record.c.id == review.c.record_id)
        .where(review.c.id == review_id, review.c.closed_at.is_(None))
    ).one_or_none()
    return None if row is None else Question(row.record_id, tuple(row.device_ids), row.device_id is None)


def held(session: Session, record_id: int, device_ids: Collection[int]) -> list[Held]:
    """The record asked about and every record of the devices itself; what people gave their fields follows those."""
    statement = select(record.c.id, record.c.device_id, pin.c.device_id.label("pinned_to")).outerjoin(
        pin, pin.c.record_id == record.c.id
    )
    rows = session.execute(
        statement.where(
            or_(record.c.id == record_id, among(session, record.c.device_id, device_ids)),
            record.c.subject == Subject.DEVICE,
        ).order_by(record.c.id)
    )
    return [Held(row.id, row.device_id, row.pinned_to) for row in rows]


def keep(
    session: Session,
    kind: str,
    review_id: int,
    touched: Iterable[Held],
    homes: Mapping[int, int],
    *,
    by: str,
    reason: str | None,
    now: datetime,
) -> int:
    """Store a decision with what it changes, pin its records, and close its question; its number."""
    before = {str(item.record_id): [item.device_id, item.pinned_to] for item in touched}
    values = {"kind": kind, "review_id": review_id, "by": by, "at": now, "reason": reason, "before": before}
    number = session.execute(insert(decision).values(**values).returning(decision.c.id)).scalar_one()
    session.execute(delete(pin).where(among(session, pin.c.record_id, homes)))
    session.execute(
        insert(pin), [{"record_id": item, "device_id": home, "decision_id": number} for item, home in homes.items()]
    )
    session.execute(update(review).where(review.c.id == review_id).values(closed_at=now, decision_id=number))
    return int(number)


def standing(session: Session, decision_id: int) -> Before | None:
    """What a decision that is not undone had changed."""
    row = session.execute(
        select(decision.c.before).where(decision.c.id == decision_id, decision.c.undone_at.is_(None))
    ).one_or_none()
    return None if row is None else _before(row.before)


def later_about(session: Session, decision_id: int, before: Before) -> list[int]:
    """Later decisions that stand and touch any of the same records."""
    rows = session.execute(
        select(decision.c.id, decision.c.before).where(decision.c.id > decision_id, decision.c.undone_at.is_(None))
    )
    return [row.id for row in rows if _before(row.before).keys() & before.keys()]


def take_back(session: Session, decision_id: int, before: Before, *, by: str, now: datetime) -> None:
    """Mark a decision as undone, put its pins back as they were, and open its question again."""
    session.execute(update(decision).where(decision.c.id == decision_id).values(undone_at=now, undone_by=by))
    session.execute(delete(pin).where(among(session, pin.c.record_id, before)))
    rows = [
        {"record_id": record_id, "device_id": pinned, "decision_id": decision_id}
        for record_id, (_, pinned) in before.items()
        if pinned is not None
    ]
    if rows:
        session.execute(insert(pin), rows)
    session.execute(update(review).where(review.c.decision_id == decision_id).values(closed_at=None, decision_id=None))


def _before(stored: Mapping[str, tuple[int | None, int | None]]) -> Before:
    return {int(record_id): (device_id, pinned) for record_id, (device_id, pinned) in stored.items()}
