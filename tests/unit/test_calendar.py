"""Days that count, and days off: summer is not idleness."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devreg.domain.calendar import Break, Follows, days_off, idle_days, is_day, running_count

YEARS = range(2024, 2029)
BREAKS = (
    Break("06-01", "08-10"),
    Break("12-21", "01-06"),
    Break("W08", "W08", languages=("fi",)),
    Break("2027-03-01", "2027-03-07", languages=("sv",)),
)
OFF = days_off(BREAKS, [date(2026, 12, 6)], YEARS)
days = st.dates(date(2025, 1, 1), date(2027, 12, 31))


def test_summer_is_not_idle_at_a_school_but_is_at_an_office() -> None:
    since, today = date(2026, 5, 29), date(2026, 8, 12)
    assert idle_days(since, today, OFF[Follows.SCHOOL]) == 4
    assert idle_days(since, today, OFF[Follows.PUBLIC]) == 75


def test_a_break_over_new_year_goes_on_into_january() -> None:
    assert idle_days(date(2026, 12, 20), date(2027, 1, 7), OFF[Follows.SCHOOL]) == 1


def test_a_week_is_from_monday_to_sunday_in_every_year() -> None:
    weeks = [day for day in OFF[Follows.SCHOOL_FI] - OFF[Follows.SCHOOL] if day.year == 2027]
    assert (min(weeks), max(weeks), len(weeks)) == (date(2027, 2, 22), date(2027, 2, 28), 7)


def test_schools_of_one_language_have_breaks_that_others_have_not() -> None:
    assert date(2027, 3, 3) in OFF[Follows.SCHOOL_SV]
    assert date(2027, 3, 3) not in OFF[Follows.SCHOOL_FI] | OFF[Follows.SCHOOL]
    assert date(2026, 3, 3) not in OFF[Follows.SCHOOL_SV]


def test_a_public_holiday_counts_nowhere() -> None:
    assert {date(2026, 12, 6) in off for off in OFF.values()} == {True}


@pytest.mark.parametrize(("text", "is_one"), [("06-01", True), ("W42", True), ("2027-02-22", True), ("summer", False),
                                              ("13-01", False), ("W54", False), ("6-1", False)])  # fmt: skip
def test_what_can_begin_a_break(text: str, is_one: bool) -> None:
    assert is_day(text) is is_one


@given(days, days, st.sampled_from(Follows))
def test_idle_days_are_never_negative_nor_longer_than_the_calendar(since: date, today: date, follows: Follows) -> None:
    assert 0 <= idle_days(since, today, OFF[follows]) <= max(0, (today - since).days)


@given(days, days, st.frozensets(days, max_size=40), days)
def test_a_further_day_off_only_shortens(since: date, today: date, off: frozenset[date], further: date) -> None:
    more, less = idle_days(since, today, off), idle_days(since, today, off | {further})
    assert less in (more, more - 1)


@given(days, st.integers(0, 700), st.sampled_from(Follows))
def test_the_running_count_says_the_same_as_counting(since: date, length: int, follows: Follows) -> None:
    today = since + timedelta(days=length)
    counts = dict(running_count(since, today, OFF[follows]))
    assert counts[today] - counts[since] == idle_days(since, today, OFF[follows])
