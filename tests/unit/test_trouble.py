"""When people are told of a thing that lasts, and when they are left in peace."""

from datetime import UTC, datetime, timedelta

from devreg.domain.trouble import BEGINNINGS, Notice, Phase, Problem, Trouble, found, over

NOON = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
FAILED = Problem("source:intune", "intune", "failed", "wrong secret", "Renew it.")


def hours(count: float) -> datetime:
    return NOON + timedelta(hours=count)


def phases(*notices: Notice | None) -> list[str | None]:
    return [None if notice is None else str(notice.phase) for notice in notices]


def test_a_trouble_is_told_when_it_begins_once_a_day_while_it_lasts_and_when_it_is_over() -> None:
    known: Trouble | None = None
    told = []
    for hour in range(50):
        known, notice = found(known, FAILED, 0 if hour == 0 else 1, hours(hour))
        told += [(hour, notice.phase)] if notice else []
    assert told == [(0, Phase.BEGAN), (24, Phase.LASTS), (48, Phase.LASTS)]
    assert known is not None
    assert known.since == NOON
    assert phases(over(known)) == ["ended"]


def test_another_kind_of_trouble_with_the_same_thing_is_news_and_lasts_since_the_first() -> None:
    known, _ = found(None, FAILED, 0, NOON)
    held = Problem("source:intune", "intune", "held", "too few")
    known, notice = found(known, held, 1, hours(1))
    assert (phases(notice), known.since, known.told_at) == (["began"], NOON, hours(1))


def test_a_new_text_of_the_same_trouble_is_no_news_but_is_what_is_told_next() -> None:
    known, _ = found(None, FAILED, 0, NOON)
    timeout = Problem("source:intune", "intune", "failed", "timeout")
    known, notice = found(known, timeout, 1, hours(1))
    assert notice is None
    _, notice = found(known, timeout, 1, hours(25))
    assert notice is not None
    assert notice.trouble.problem.what == "timeout"


def test_what_comes_and_goes_is_told_a_few_times_a_day_and_its_end_only_where_its_beginning_was() -> None:
    known, notice = found(None, FAILED, BEGINNINGS, NOON)
    assert (notice, known.told_at, over(known)) == (None, None, None)
    known, notice = found(known, FAILED, BEGINNINGS - 1, hours(5))
    assert (phases(notice), known.since) == (["began"], NOON)


def test_a_clock_that_is_set_back_tells_nothing_twice() -> None:
    known, _ = found(None, FAILED, 0, NOON)
    _, notice = found(known, FAILED, 1, hours(-100))
    assert notice is None
