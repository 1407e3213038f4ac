"""What people are to be told, and how far it was carried."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from devreg.domain.trouble import Notice, Phase, Problem, Trouble
from devreg.store import counters
from devreg.store.notice_schema import notice, route, trouble
from devreg.text import evidence

_KEPT: Final = timedelta(days=30)
_PROBLEM: Final = Problem.__struct_fields__


class Numbered(msgspec.Struct, frozen=True):
    """A notice as it waits."""

    number: int
    at: datetime
    notice: Notice


class Route(msgspec.Struct, frozen=True):
    """How far a way has carried what waits."""

    name: str
    sent_to: int
    tries: int
    next_try: datetime
    carried_at: datetime | None
    error: str | None


def lasting(session: Session) -> dict[str, Trouble]:
    """Every trouble there is, by its key."""
    rows = session.execute(select(trouble).order_by(trouble.c.since, trouble.c.key))
    return {row.key: Trouble(_problem(row), row.since, row.told_at) for row in rows}


def beginnings(session: Session, after: datetime) -> dict[str, int]:
    """Key -> how often people were told since then that it began."""
    counted = select(notice.c.key, func.count()).where(notice.c.phase == Phase.BEGAN, notice.c.at > after)
    return {row[0]: row[1] for row in session.execute(counted.group_by(notice.c.key))}


def keep(
    session: Session, before: Iterable[Trouble], after: Iterable[Trouble], told: Sequence[Notice], now: datetime
) -> None:
    """Put these troubles in the place of those, and queue what is to be told.

    One unit of work at a time numbers notices, so that what is carried up to a number is carried whole.
    """
    counters.one_at_a_time(session)
    session.execute(delete(trouble).where(trouble.c.key.in_([known.problem.key for known in before])))
    rows = [{**_said(item.problem), "since": item.since, "told_at": item.told_at} for item in after]
    if rows:
        session.execute(insert(trouble), rows)
    queue(session, told, now)


def queue(session: Session, told: Sequence[Notice], now: datetime) -> None:
    """Have these told by every way there is."""
    counters.one_at_a_time(session)
    rows = [
        {"at": now, "phase": item.phase, "since": item.trouble.since, **_said(item.trouble.problem)} for item in told
    ]
    if rows:
        session.execute(insert(notice), rows)


def waiting(session: Session, after: int) -> list[Numbered]:
    """Notices beyond a number, oldest first."""
    rows = session.execute(select(notice).where(notice.c.id > after).order_by(notice.c.id))
    return [
        Numbered(row.id, row.at, Notice(Phase(row.phase), Trouble(_problem(row), row.since, row.at))) for row in rows
    ]


def routes(session: Session) -> list[Route]:
    """Every way that was ever tried."""
    return [Route(*row) for row in session.execute(select(route).order_by(route.c.name))]


def route_named(session: Session, name: str, now: datetime) -> Route:
    """How far this way has come; a new one begins with the notices of the last day."""
    row = session.execute(select(route).where(route.c.name == name)).one_or_none()
    if row is None:
        old = select(func.max(notice.c.id)).where(notice.c.at < now - timedelta(days=1))
        values = {"name": name, "sent_to": session.execute(old).scalar() or 0, "tries": 0, "next_try": now}
        session.execute(insert(route).values(values))
        row = session.execute(select(route).where(route.c.name == name)).one()
    return Route(*row)


def begin_try(session: Session, name: str, next_try: datetime) -> None:
    """Mark the way as tried before it is: who dies on it is not tried again at once."""
    session.execute(update(route).where(route.c.name == name).values(tries=route.c.tries + 1, next_try=next_try))


def carried(session: Session, name: str, sent_to: int, complaint: str | None, now: datetime) -> None:
    """Everything up to this number has gone this way."""
    values = {"sent_to": sent_to, "tries": 0, "next_try": now, "carried_at": now, "error": complaint}
    session.execute(update(route).where(route.c.name == name).values(values))


def not_carried(session: Session, name: str, error: str) -> None:
    """Why the try was in vain."""
    session.execute(update(route).where(route.c.name == name).values(error=evidence(error)))


def forget(session: Session, ways: Iterable[str], now: datetime) -> None:
    """Remove ways that the settings name no more, and notices that are old and carried by all that are left."""
    session.execute(delete(route).where(route.c.name.not_in(list(ways))))
    carried_by_all = session.execute(select(func.min(route.c.sent_to))).scalar()
    old = notice.c.at < now - _KEPT
    session.execute(delete(notice).where(old if carried_by_all is None else old & (notice.c.id <= carried_by_all)))


def _said(problem: Problem) -> dict[str, Any]:
    return {
        name: evidence(value) if isinstance(value, str) else value
        for name, value in msgspec.structs.asdict(problem).items()
    }


def _problem(row: Any) -> Problem:
    return Problem(**{name: getattr(row, name) for name in _PROBLEM})
