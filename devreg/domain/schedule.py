"""What is due: by a span since its last run, or by the times of a cron expression. What was missed is caught up once."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from cronsim import CronSim, CronSimError

_LEAP_YEAR: Final = datetime(2024, 1, 1, tzinfo=UTC)
_EARLY: Final = timedelta(minutes=2)
"""How much too early a timer may look and still find it due, so that an hour does not become 65 minutes."""
_FIRST_REST: Final = timedelta(minutes=10)
_LONGEST_REST: Final = timedelta(hours=6)


class Schedule(msgspec.Struct, frozen=True):
    """When something runs by itself: one of the two."""

    every: timedelta | None = None
    """Time from the start of one run to the start of the next."""
    cron: str | None = None
    """Five fields as in a crontab, in the register's time zone."""


class LastRun(msgspec.Struct, frozen=True):
    """The newest run of something."""

    started: datetime
    is_running: bool = False
    """It has not ended: it runs now, or its process died."""
    failures: int = 0
    """Runs in a row, this one the last, that failed or broke off."""
    is_stopped: bool = False
    """It came some way, then its time was over, and the next one can go on there."""


class Due(StrEnum):
    """Why something runs now."""

    TIME = "time"
    """Its time has come, or passed while nobody looked."""
    UNENDED = "unended"
    """Its last run has not ended. Where its process died it goes on now; where it runs, nothing is to be done."""
    STOPPED = "stopped"
    """The time of its last run was over before it came to the end: it goes on."""


def due(schedule: Schedule, last: LastRun | None, now: datetime, zone: ZoneInfo) -> Due | None:
    """Whether it runs now.

    What never ran is due at once. A failure is tried again whatever its times (a report of the month must not wait for the
    next one): ten minutes after the first, twice as long after each further one, six hours at most. What its time stopped
    goes on at once: its place does not keep for long. A last run that lies in the future (a clock was wrong) counts as none.
    """
    if last is None or last.started > now:
        return Due.TIME
    if last.is_running:
        return Due.TIME if _has_come(schedule, last.started, now, zone) else Due.UNENDED
    if last.is_stopped:
        return Due.STOPPED
    if last.failures:
        return Due.TIME if now >= last.started + rest(last.failures) else None
    return Due.TIME if _has_come(schedule, last.started, now, zone) else None


def _has_come(schedule: Schedule, started: datetime, now: datetime, zone: ZoneInfo) -> bool:
    if schedule.every is not None:
        return now - started >= schedule.every - min(schedule.every / 10, _EARLY)
    if schedule.cron is not None:
        coming = next_time(schedule.cron, started, zone)
        return coming is not None and coming <= now
    return False


def rest(failures: int) -> timedelta:
    """How long after the start of so many failed runs in a row nothing is tried."""
    if failures == 0:
        return timedelta(0)
    doublings = min(failures - 1, 10)
    return min(_FIRST_REST * (1 << doublings), _LONGEST_REST)


def next_time(cron: str, after: datetime, zone: ZoneInfo) -> datetime | None:
    """The expression's first time after a moment; None when it has none.

    An hour that the clock skips holds its times as soon as it is over, an hour that it goes through twice holds them once;
    what runs every hour goes on every hour. Raises CronSimError when it is no expression.
    """
    times = (found.astimezone(UTC) for found in CronSim(_at_fixed_hours(cron), after.astimezone(zone)))
    return next((found for found in times if found > after), None)


def _at_fixed_hours(cron: str) -> str:
    """The same expression without stars before steps: cronsim, as Debian's cron, lets those follow the hours as they pass."""
    minute, hour, *days = cron.split()
    if hour == "*":
        return cron
    return " ".join((minute.replace("*", "0-59"), hour.replace("*", "0-23"), *days))


def is_cron(text: str) -> bool:
    """Whether the text is a cron expression of five fields that has a time at all."""
    try:
        return len(text.split()) == 5 and next_time(text, _LEAP_YEAR, ZoneInfo("UTC")) is not None
    except CronSimError:
        return False
