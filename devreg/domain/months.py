"""Calendar months as contracts count them: the 31st of a month, and what comes a month after it.

A month that begins on a day which the next month does not have lasts to that month's end, as Finnish law counts terms (Act 150/1930,
section 3). Every period is counted from the first day, never from the one before: counted so, a contract of the 31st would drift.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from dateutil.relativedelta import relativedelta

_DAY: Final = timedelta(days=1)
_REMEMBERED: Final = 65_536
"""Devices of a contract share their days: reckoning 100,000 leases asks for few different ones."""


@lru_cache(_REMEMBERED)
def month_start(first: date, months: int) -> date | None:
    """The day on which the month after so many whole ones begins; 31 January and one month: 1 March. None beyond the calendar."""
    try:
        day = first + relativedelta(months=months)
        return day if day.day == first.day else day + _DAY
    except (OverflowError, ValueError):
        return None


def last_day(first: date, months: int) -> date | None:
    """The last day of so many months from `first` on; 1 January and twelve months: 31 December."""
    return after(month_start(first, months), -1)


@lru_cache(_REMEMBERED)
def months_before(day: date, months: int) -> date | None:
    """The same day so many months earlier, or the last one of a shorter month. None before the calendar."""
    try:
        return day - relativedelta(months=months)
    except (OverflowError, ValueError):
        return None


def after(day: date | None, days: int) -> date | None:
    """So many days later. None beyond the calendar."""
    try:
        return None if day is None else day + timedelta(days=days)
    except OverflowError:
        return None


@lru_cache(_REMEMBERED)
def months_begun(first: date, day: date) -> int:
    """How many months from `first` on have begun by the end of `day`; 0 before the first day."""
    months = (day.year - first.year) * 12 + day.month - first.month
    begins = month_start(first, months)
    return max(0, months + 1 if begins is not None and begins <= day else months)
