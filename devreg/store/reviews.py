"""Open questions about identity."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from devreg.store.schema import review


class Question(msgspec.Struct, frozen=True):
    """Something a person must look at."""

    record_id: int
    reason: str
    device_ids: tuple[int, ...]


def ask(session: Session, questions: Iterable[Question], answered: Iterable[int], run_id: int, now: datetime) -> int:
    """Open these questions, once each, and close those of the records in `answered` that have none now; how many are new."""
    asked = {question.record_id: question for question in questions}
    settled = set(answered) - asked.keys()
    if settled:
        session.execute(
            update(review).where(review.c.record_id.in_(settled), review.c.closed_at.is_(None)).values(closed_at=now)
        )
    have = session.execute(
        select(review.c.record_id, review.c.reason).where(review.c.record_id.in_(asked), review.c.closed_at.is_(None))
    )
    known = {(row.record_id, row.reason) for row in have}
    rows = [
        {
            "record_id": q.record_id,
            "run_id": run_id,
            "reason": q.reason,
            "device_ids": list(q.device_ids),
            "opened_at": now,
        }
        for q in asked.values()
        if (q.record_id, q.reason) not in known
    ]
    if rows:
        session.execute(insert(review), rows)
    return len(rows)
