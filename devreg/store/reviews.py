"""Open questions about identity."""

from collections.abc import Collection, Iterable
from datetime import datetime

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from devreg.store.among import among
from devreg.store.schema import review


class Question(msgspec.Struct, frozen=True):
    """Something a person must look at."""

    record_id: int
    reason: str
    device_ids: tuple[int, ...]


def ask(session: Session, questions: Iterable[Question], answered: Collection[int], run_id: int, now: datetime) -> int:
    """Open these questions, once each, and close those of the records in `answered` that are not asked again; how many are new.

    Only a record that was attached to nothing can be answered by itself: a doubt about an attached one waits for a person.
    """
    asked = {(question.record_id, question.reason): question for question in questions}
    concerned = set(answered).union(record_id for record_id, _ in asked)
    have = session.execute(
        select(review.c.id, review.c.record_id, review.c.reason).where(
            among(session, review.c.record_id, concerned), review.c.closed_at.is_(None)
        )
    ).all()
    known = {(row.record_id, row.reason) for row in have}
    over = [row.id for row in have if row.record_id in answered and (row.record_id, row.reason) not in asked]
    if over:
        session.execute(update(review).where(among(session, review.c.id, over)).values(closed_at=now))
    rows = [
        {
            "record_id": q.record_id,
            "run_id": run_id,
            "reason": q.reason,
            "device_ids": list(q.device_ids),
            "opened_at": now,
        }
        for key, q in asked.items()
        if key not in known
    ]
    if rows:
        session.execute(insert(review), rows)
    return len(rows)
