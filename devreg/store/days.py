"""SQL of days: which a moment falls on, today, and how many between two days count; days are the city's own (`store.local_time`)."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Date, Integer, and_, case, cast, func, literal, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from devreg.domain.calendar import Follows
from devreg.domain.device import Use
from devreg.domain.equality_rules import Rules
from devreg.store import local_time
from devreg.store.circulation_schema import counted_day
from devreg.store.schema import device, unit
from devreg.store.yardsticks import FIRST_DAY

_KINDS: Final = Rules().kinds


_ZONE: Final = "coalesce((SELECT max(lt.zone) FROM local_time AS lt), 'UTC')"


def _local(moment: str) -> str:
    """SQLite's day of a moment, which knows no zones."""
    seconds = f"SELECT lt.seconds FROM local_time AS lt WHERE lt.since <= {moment} ORDER BY lt.since DESC LIMIT 1"
    return f"date({moment}, coalesce(({seconds}), 0) || ' seconds')"


class day_of(FunctionElement[Any]):  # noqa: N801  called like a function
    """The day of a time."""

    inherit_cache = True
    type = Date()


class today(FunctionElement[Any]):  # noqa: N801
    """This day, whatever zone the session has."""

    inherit_cache = True
    type = Date()


class days_between(FunctionElement[Any]):  # noqa: N801
    """Calendar days from one day to another."""

    inherit_cache = True
    type = Integer()


@compiles(day_of, "sqlite")
def _day_of_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return _local(compiler.process(element.clauses, **options))


@compiles(day_of, "postgresql")
def _day_of_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST(({compiler.process(element.clauses, **options)}) AT TIME ZONE {_ZONE} AS date)"


@compiles(today, "sqlite")
def _today_sqlite(_element: Any, _compiler: Any, **_options: Any) -> str:
    return _local("strftime('%Y-%m-%dT%H:%M:%fZ', 'now')")


@compiles(today, "postgresql")
def _today_postgresql(_element: Any, _compiler: Any, **_options: Any) -> str:
    return f"CAST(now() AT TIME ZONE {_ZONE} AS date)"


@compiles(days_between, "sqlite")
def _between_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    first, last = (compiler.process(part, **options) for part in element.clauses)
    return f"CAST(julianday({last}) - julianday({first}) AS INTEGER)"


@compiles(days_between, "postgresql")
def _between_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    first, last = (compiler.process(part, **options) for part in element.clauses)
    return f"(({last}) - ({first}))"


SINCE: Final = counted_day.alias("since_day")
NOW: Final = counted_day.alias("now_day")


def with_days(source: Any, since: Any) -> Any:
    """The source joined with the running counts of the day `since` and of today."""
    clamped = case((since < FIRST_DAY, literal(FIRST_DAY, Date)), else_=since)
    return source.outerjoin(SINCE, SINCE.c.day == clamped).outerjoin(NOW, NOW.c.day == today())


def days_that_count() -> Any:
    """Days since then that count where the device is; the source has the device, its unit, and what `with_days` joins."""
    passed = _count(NOW) - _count(SINCE)
    return cast(case((passed < 0, 0), else_=passed), Integer)


def _count(days: Any) -> Any:
    return by_place({follows: days.c[follows] for follows in Follows})


def by_place(values: Mapping[Follows, Any]) -> Any:
    """The value for the days off that a device's place has; the source has the device and its unit."""
    is_taught = or_(unit.c.kind.in_(_KINDS), device.c.use == Use.PUPIL)
    return case(
        (and_(is_taught, unit.c.language == "fi"), values[Follows.SCHOOL_FI]),
        (and_(is_taught, unit.c.language == "sv"), values[Follows.SCHOOL_SV]),
        (is_taught, values[Follows.SCHOOL]),
        else_=values[Follows.PUBLIC],
    )


def heard_since(session: Session, day: date, at_most: int) -> dict[Follows, datetime]:
    """The first moment from which on to a day no more days have counted than so many; plain days where the register knows no others.

    One comparison a device, where `days_that_count` would look its day up.
    """
    found: dict[Follows, datetime] = {}
    for follows in Follows:
        count = counted_day.c[follows]
        last = select(count).where(counted_day.c.day == day).scalar_subquery()
        first = session.execute(select(func.min(counted_day.c.day)).where(count >= last - at_most)).scalar()
        found[follows] = local_time.midnight(session, first or day - timedelta(days=at_most))
    return found
