"""Which days count as days on which a device could have been used: not public holidays, and in schools not their breaks.

A device that nobody touches in July is not idle. Weekends count: 30 days of silence are meant as people say them.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final

import msgspec

_DAY: Final = timedelta(days=1)
_YEARLY: Final = re.compile(r"(\d{2})-(\d{2})")
_WEEK: Final = re.compile(r"W(\d{2})")


class Follows(StrEnum):
    """Which days off a device's place has."""

    PUBLIC = "public"
    """Public holidays only."""
    SCHOOL = "school"
    """The breaks that all schools have, too."""
    SCHOOL_FI = "school_fi"
    """And those of Finnish schools."""
    SCHOOL_SV = "school_sv"
    """And those of Swedish ones."""


class Break(msgspec.Struct, frozen=True):
    """Days off school, the same each year or once."""

    first: str
    """`06-01` each year, `W08` the Monday of that week each year, `2027-02-22` once."""
    last: str
    """Likewise; a week ends on Sunday. Earlier in the year than the first: in the next year."""
    languages: tuple[str, ...] = ()
    """Teaching languages whose schools have it; none named: all."""

    def days(self, year: int) -> Iterator[date]:
        """Its days, where it begins in this year. Raises ValueError when its ends are no days."""
        first, last = _day(self.first, year, is_last=False), _day(self.last, year, is_last=True)
        if first is None or last is None:
            return
        if last < first and (again := _day(self.last, year + 1, is_last=True)) is not None:
            last = again
        while first <= last:
            yield first
            first += _DAY


def offsets(zone: tzinfo, first: datetime, to_year: int) -> Iterator[tuple[datetime, int]]:
    """From which moment on the zone's clock goes so many seconds before UTC, up to the end of the year."""
    known = _seconds(zone, first)
    yield first, known
    last = first
    while last.year <= to_year:
        following = last + _DAY
        if (then := _seconds(zone, following)) != known:
            quarters = (last + timedelta(minutes=15 * n) for n in range(1, 97))
            yield next(moment for moment in quarters if _seconds(zone, moment) == then), then
            known = then
        last = following


def _seconds(zone: tzinfo, moment: datetime) -> int:
    return round((moment.astimezone(zone).utcoffset() or timedelta()).total_seconds())


def is_day(text: str) -> bool:
    """Whether a break can begin or end so."""
    try:
        return _day(text, 2028, is_last=False) is not None or bool(date.fromisoformat(text))
    except ValueError:
        return False


def days_off(breaks: Iterable[Break], public: Iterable[date], years: range) -> dict[Follows, frozenset[date]]:
    """The days that do not count, for each kind of place."""
    free = frozenset(public)
    found: dict[Follows, frozenset[date]] = {Follows.PUBLIC: free}
    breaks = tuple(breaks)
    for follows, language in ((Follows.SCHOOL, None), (Follows.SCHOOL_FI, "fi"), (Follows.SCHOOL_SV, "sv")):
        kept = [item for item in breaks if not item.languages or language in item.languages]
        found[follows] = free.union(day for item in kept for year in years for day in item.days(year))
    return found


def idle_days(since: date, today: date, off: Collection[date]) -> int:
    """Days after `since` up to today that count; 0 when it lies ahead."""
    return sum(since + n * _DAY not in off for n in range(1, (today - since).days + 1))


def running_count(first: date, last: date, off: Collection[date]) -> Iterator[tuple[date, int]]:
    """Each day with how many count from the first up to it: the difference of two is `idle_days` between them."""
    number = 0
    for n in range((last - first).days + 1):
        day = first + n * _DAY
        number += day not in off
        yield day, number


def _day(text: str, year: int, *, is_last: bool) -> date | None:
    if week := _WEEK.fullmatch(text):
        return date.fromisocalendar(year, int(week[1]), 7 if is_last else 1)
    if yearly := _YEARLY.fullmatch(text):
        return date(year, int(yearly[1]), int(yearly[2]))
    once = date.fromisoformat(text)
    return once if once.year == year or is_last else None
