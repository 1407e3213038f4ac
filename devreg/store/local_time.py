"""The city's own clock, kept in the register: on which day a moment falls there, for lists, views of the database and services alike."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from devreg.store.circulation_schema import local_time


def day(session: Session, moment: datetime) -> date:
    """The day a moment falls on in the city; in UTC while the register knows no zone."""
    since = select(local_time.c.seconds).where(local_time.c.since <= moment)
    seconds = session.execute(since.order_by(local_time.c.since.desc()).limit(1)).scalar()
    return (moment + timedelta(seconds=seconds or 0)).date()


def midnight(session: Session, start: date) -> datetime:
    """The moment a day begins in the city; in UTC while the register knows no zone."""
    moment = datetime.combine(start, time(), UTC)
    known = select(local_time.c.seconds, local_time.c.since).where(local_time.c.since <= moment + timedelta(days=1))
    for row in session.execute(known.order_by(local_time.c.since.desc())):
        begins = moment - timedelta(seconds=row.seconds)
        if row.since <= begins:
            return begins
    return moment


def put_in_force(session: Session, zone: str, offsets: Iterable[tuple[datetime, int]]) -> None:
    """From here on days are those of this zone."""
    session.execute(delete(local_time))
    rows = [{"since": since, "seconds": seconds, "zone": zone} for since, seconds in offsets]
    session.execute(insert(local_time), rows)
