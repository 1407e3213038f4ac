"""Settings that lists go by, kept in the register: a list reads the same on screen, in a workbook and in the data warehouse."""

import hashlib
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from devreg.circulating import Calendar, Circulation
from devreg.domain.calendar import days_off, offsets
from devreg.store import local_time, yardsticks
from devreg.store.engine import Sessions, told_plainly
from devreg.store.repeating import repeats

_PER_MILLE: Final = 1_000
_FIRST_MOMENT: Final = datetime(1990, 1, 1, tzinfo=UTC)
"""Before any device that is still in use."""


@repeats
def follow(sessions: Sessions, calendar: Calendar, circulation: Circulation, now: datetime, zone: str = "UTC") -> bool:
    """Have lists go by these settings from here on; whether that changed anything. Days are known to the end of next year."""
    if are_followed(sessions, calendar, circulation, now, zone):
        return False
    wanted = _numbers(calendar, circulation, now.year, zone)
    last_day = date(now.year + 1, 12, 31)
    years = range(yardsticks.FIRST_DAY.year - 1, last_day.year + 1)
    off = days_off(calendar.rules, _public(years) if calendar.public_holidays else (), years)
    with told_plainly("keep what lists go by"), sessions.write.begin() as session:
        yardsticks.put_in_force(session, wanted, off, last_day)
        local_time.put_in_force(session, zone, offsets(ZoneInfo(zone), _FIRST_MOMENT, last_day.year + 1))
    return True


def are_followed(
    sessions: Sessions, calendar: Calendar, circulation: Circulation, now: datetime, zone: str = "UTC"
) -> bool:
    """Whether lists go by these settings already."""
    with told_plainly("read what lists go by"), sessions.read.begin() as session:
        return yardsticks.numbers(session) == _numbers(calendar, circulation, now.year, zone)


def _numbers(calendar: Calendar, circulation: Circulation, year: int, zone: str) -> dict[str, int]:
    days = f"{year} {zone} {calendar.model_dump_json()}".encode()
    return {
        "calendar": int.from_bytes(hashlib.sha256(days).digest()[:7]),
        "idle_days": circulation.idle_days,
        "unseen_days": circulation.unseen_days,
        "spares_least": round(circulation.spares[0] * _PER_MILLE),
        "spares_most": round(circulation.spares[1] * _PER_MILLE),
        "cliff_share": round(circulation.cliff_share * _PER_MILLE),
        "idle_cost": circulation.idle_cost * 100,
    }


def _public(years: range) -> list[date]:
    from holidays import country_holidays  # 0.1 s that only a change of settings or of the year needs

    return list(country_holidays("FI", years=years))
