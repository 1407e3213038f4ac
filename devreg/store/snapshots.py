"""The figures kept of each term."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from devreg.store.schema import snapshot, snapshot_line


def keep(session: Session, values: Mapping[str, Any], lines: Iterable[Mapping[str, Any]]) -> int:
    """A new picture; its number."""
    made = session.execute(insert(snapshot).values(**values).returning(snapshot.c.id))
    number = int(made.scalar_one())
    rows = [{**line, "snapshot_id": number} for line in lines]
    if rows:
        session.execute(insert(snapshot_line), rows)
    return number


def of_day(session: Session, day: date) -> Row[Any] | None:
    """The picture of a day that counts."""
    return session.execute(
        select(snapshot).where(snapshot.c.day == day, snapshot.c.replaced_at.is_(None))
    ).one_or_none()


def replace(session: Session, number: int, now: datetime) -> None:
    """Another counts from here on."""
    session.execute(update(snapshot).where(snapshot.c.id == number).values(replaced_at=now))


def in_order(session: Session) -> Sequence[Row[Any]]:
    """Those that count, by day."""
    counting = select(snapshot).where(snapshot.c.replaced_at.is_(None))
    return session.execute(counting.order_by(snapshot.c.day)).all()


def lines(session: Session, numbers: Sequence[int]) -> Sequence[Row[Any]]:
    """The lines of some of them, in order."""
    chosen = select(snapshot_line).where(snapshot_line.c.snapshot_id.in_(numbers))
    return session.execute(chosen.order_by(snapshot_line.c.snapshot_id, snapshot_line.c.id)).all()
