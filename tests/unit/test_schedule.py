"""When things run by themselves; the clock is put forward and back as in Helsinki."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devreg.domain.schedule import Due, LastRun, Schedule, due, is_cron, next_time, rest

HELSINKI = ZoneInfo("Europe/Helsinki")
NOON = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
TICK = timedelta(minutes=5)
FORWARD = datetime(2026, 3, 27, 22, 0, tzinfo=UTC)
"""The evening before the weekend in which 3.00 becomes 4.00."""
BACK = datetime(2026, 10, 23, 21, 0, tzinfo=UTC)
"""The evening before the weekend in which 4.00 becomes 3.00."""


def ticks(plan: Schedule, start: datetime, hours: float, down: tuple[float, float] = (0, 0)) -> list[datetime]:
    """When it runs if a timer looks every five minutes, but not between these hours; its last run was at the start."""
    last, ran = LastRun(start), []
    for number in range(1, int(hours * 12) + 1):
        now = start + number * TICK
        if not down[0] <= number / 12 < down[1] and due(plan, last, now, HELSINKI):
            last = LastRun(now + timedelta(seconds=7))
            ran.append(now)
    return ran


def test_what_never_ran_is_due_and_what_has_no_schedule_never_again() -> None:
    for plan in (Schedule(timedelta(hours=1)), Schedule(cron="15 6 * * 1-5")):
        assert due(plan, None, NOON, HELSINKI) is Due.TIME
    assert due(Schedule(), LastRun(NOON - timedelta(days=900)), NOON, HELSINKI) is None


def test_every_hour_is_every_hour_though_timers_look_a_little_early_and_late() -> None:
    plan, last, ran = Schedule(timedelta(hours=1)), LastRun(NOON), []
    for number in range(1, 24 * 12):
        now = NOON + number * TICK + timedelta(seconds=(-20, 40)[number % 2])
        if due(plan, last, now, HELSINKI):
            last = LastRun(now + timedelta(seconds=3))
            ran.append(now)
    assert len(ran) == 23
    assert not due(plan, LastRun(NOON), NOON + timedelta(minutes=57), HELSINKI)


@given(st.integers(0, 23), st.sampled_from(range(0, 60, 5)), st.sampled_from([FORWARD, BACK]))
@settings(max_examples=300, deadline=None)
def test_a_daily_time_comes_once_a_day_whatever_the_clock_does(hour: int, minute: int, start: datetime) -> None:
    ran = ticks(Schedule(cron=f"{minute} {hour} * * *"), start, 24 * 4 + 2)
    days = Counter(moment.astimezone(HELSINKI).date() for moment in ran)
    whole = {start.astimezone(HELSINKI).date() + timedelta(days=n) for n in (1, 2, 3)}
    assert all(days[day] == 1 for day in whole), days


@given(
    st.integers(0, 23),
    st.integers(0, 59),
    st.sampled_from([FORWARD, BACK]),
    st.floats(0, 90),
    st.floats(0, 60),
)
@settings(max_examples=300, deadline=None)
def test_what_was_missed_is_caught_up_once(hour: int, minute: int, start: datetime, off: float, span: float) -> None:
    cron = f"{minute} {hour} * * *"
    ran = ticks(Schedule(cron=cron), start, 24 * 4, (off, off + span))
    up = start + timedelta(hours=off + span)
    caught = [moment for moment in ran if up <= moment < up + TICK]
    assert len(caught) <= 1
    gaps = [later - earlier for earlier, later in zip(ran, ran[1:], strict=False)]
    assert all(gap >= timedelta(minutes=10) or ran[n] in caught or ran[n + 1] in caught for n, gap in enumerate(gaps))
    expected, moment = 0, next_time(cron, start, HELSINKI)
    while moment is not None and moment <= start + timedelta(hours=96):
        expected += 1
        moment = next_time(cron, moment, HELSINKI)
    assert len(ran) <= expected


@pytest.mark.parametrize(
    ("cron", "start", "times"),
    [
        ("0 */3 * * *", BACK, 7 + 8 * 3),  # 3.00 comes twice in that night and counts once
        ("0 */3 * * *", FORWARD, 4 * 8),
        ("*/30 3 * * *", FORWARD, 2 + 1 + 2 + 2),
        ("*/30 3 * * *", BACK, 8),
        ("0 * * * *", FORWARD, 96),
        ("0 * * * *", BACK, 96),
    ],
)
def test_hours_that_are_skipped_or_doubled_are_counted_once(cron: str, start: datetime, times: int) -> None:
    assert len(ticks(Schedule(cron=cron), start, 96)) == times


def test_a_run_caught_up_in_the_doubled_hour_is_not_done_again_in_it() -> None:
    second_time = datetime(2026, 10, 25, 3, 10, tzinfo=HELSINKI, fold=1)
    plan, last = Schedule(cron="30 3 * * *"), LastRun(second_time.astimezone(UTC))
    assert due(plan, last, last.started + TICK, HELSINKI) is None
    assert due(plan, last, last.started + timedelta(hours=2), HELSINKI) is None


def test_working_days_leave_the_weekend_out() -> None:
    ran = ticks(Schedule(cron="15 6 * * 1-5"), NOON, 24 * 7)
    assert [moment.astimezone(HELSINKI).strftime("%a %H:%M") for moment in ran] == [
        f"{day} 06:15" for day in ("Wed", "Thu", "Fri", "Mon", "Tue")
    ]


def test_after_failures_it_rests_longer_and_longer_up_to_six_hours() -> None:
    assert [rest(failures) / timedelta(minutes=1) for failures in (0, 1, 2, 3, 6, 7, 10**6)] == [
        0, 10, 20, 40, 320, 360, 360,
    ]  # fmt: skip
    plan = Schedule(TICK)
    assert due(plan, LastRun(NOON, failures=3), NOON + timedelta(minutes=35), HELSINKI) is None
    assert due(plan, LastRun(NOON, failures=3), NOON + timedelta(minutes=40), HELSINKI) is Due.TIME


def test_what_failed_is_tried_again_before_its_next_time() -> None:
    for plan in (Schedule(timedelta(days=7)), Schedule(cron="0 6 1 * *")):
        assert due(plan, LastRun(NOON, failures=1), NOON + timedelta(minutes=9), HELSINKI) is None
        assert due(plan, LastRun(NOON, failures=1), NOON + timedelta(minutes=10), HELSINKI) is Due.TIME
        assert due(plan, LastRun(NOON, failures=9), NOON + timedelta(hours=6), HELSINKI) is Due.TIME
        assert due(plan, LastRun(NOON), NOON + timedelta(hours=6), HELSINKI) is None


def test_a_run_whose_process_died_goes_on_at_the_next_look() -> None:
    plan = Schedule(timedelta(hours=6))
    assert due(plan, LastRun(NOON, is_running=True), NOON + TICK, HELSINKI) is Due.UNENDED
    assert due(plan, LastRun(NOON, is_running=True), NOON + timedelta(hours=6), HELSINKI) is Due.TIME


def test_a_clock_that_was_ahead_stops_nothing() -> None:
    assert due(Schedule(timedelta(hours=6)), LastRun(NOON + timedelta(days=400)), NOON, HELSINKI) is Due.TIME


@pytest.mark.parametrize(
    "good", ["15 6 * * 1-5", "*/5 * * * *", "0 0 29 2 *", "0 0 1,15 * *", "0 6 * * MON", "0 6 L * *"]
)
def test_crontab_times_are_taken(good: str) -> None:
    assert is_cron(good)


@pytest.mark.parametrize(
    "bad", ["", "@daily", "0 0 30 2 *", "60 0 * * *", "0 0 * *", "0 0 0 * * *", "0 25 * * *", "a b c d e"]
)
def test_what_is_no_time_is_refused(bad: str) -> None:
    assert not is_cron(bad)
