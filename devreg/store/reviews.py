"""Open questions about identity."""

from collections.abc import Collection, Iterable
from datetime import datetime

import msgspec
from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from devreg.store.among import among
from devreg.store.schema import review


class Question(msgspec.Struct, frozen=True):
    """Something a person must look at."""

    record_id: int
    reason: str
    device_ids: tuple[int, ...]


def ask(
    session: Session, questions: Iterable[Question], looked_at: Collection[int], run_id: int | None, now: datetime
) -> int:
    """Open these questions, once each, and close those of the `looked_at` records that do not arise any more; how many are new.

    A question that a person has decided stays closed.
    """
    asked = {(question.record_id, question.reason): question for question in questions}
    rows = session.execute(
        select(review.c.id, review.c.record_id, review.c.reason, review.c.device_ids, review.c.closed_at).where(
            among(session, review.c.record_id, looked_at),
            or_(review.c.closed_at.is_(None), review.c.decision_id.is_not(None)),
        )
    ).all()
    stale = [row.id for row in rows if row.closed_at is None and (row.record_id, row.reason) not in asked]
    if stale:
        session.execute(update(review).where(among(session, review.c.id, stale)).values(closed_at=now))
    for row in rows:
        question = asked.pop((row.record_id, row.reason), None)
        if question is not None and row.closed_at is None and row.device_ids != list(question.device_ids):
            session.execute(update(review).where(review.c.id == row.id).values(device_ids=list(question.device_ids)))
    new = [
        {
            "record_id": q.record_id,
            "run_id": run_id,
            "reason": q.reason,
            "device_ids": list(q.device_ids),
            "opened_at": now,
        }
        for q in asked.values()
    ]
    if new:
        session.execute(insert(review), new)
    return len(new)
