"""What an unseen record means: grace in runs and in time, and what is news."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from devreg.domain.absence import Grace, Look, Missed, already_missed, overdue

NOON = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)

looks = st.lists(st.tuples(st.integers(1, 30), st.frozensets(st.sampled_from(["", "a", "b"]))), max_size=8).map(
    lambda found: [Look(run_id, silent) for run_id, silent in sorted(dict(found).items())]
)
missed = st.lists(
    st.builds(
        Missed,
        record_id=st.integers(1, 9),
        part=st.sampled_from(["", "a", "b"]),
        seen_run=st.integers(0, 30),
        last_seen=st.timedeltas(timedelta(0), 9 * DAY).map(lambda ago: NOON - ago),
    ),
    max_size=6,
    unique_by=lambda item: item.record_id,
)


def test_both_the_runs_and_the_time_must_have_passed() -> None:
    item = Missed(1, "", seen_run=5, last_seen=NOON - DAY)
    twice = [Look(6, frozenset()), Look(7, frozenset())]
    assert overdue([item], twice, Grace(2, DAY), NOON) == [1]
    assert overdue([item], twice[:1], Grace(2, DAY), NOON) == []
    assert overdue([item], twice, Grace(2, 2 * DAY), NOON) == []


def test_a_run_that_could_not_have_seen_it_does_not_count() -> None:
    of_a, of_none = Missed(1, "a", 5, NOON - DAY), Missed(2, "", 5, NOON - DAY)
    silent_a, silent_b = [Look(6, frozenset("a"))], [Look(6, frozenset("b"))]
    assert overdue([of_a, of_none], silent_a, Grace(), NOON) == []
    assert overdue([of_a, of_none], silent_b, Grace(), NOON) == [1]


@given(missed, looks, st.integers(1, 4), st.timedeltas(timedelta(0), 5 * DAY))
def test_what_is_overdue_stays_so_and_was_missed_by_a_look(
    items: list[Missed], seen: list[Look], times: int, span: timedelta
) -> None:
    now = set(overdue(items, seen, Grace(times, span), NOON))
    assert now <= set(overdue(items, seen, Grace(times, span), NOON + DAY))
    assert now <= set(overdue(items, [*seen, Look(99, frozenset())], Grace(times, span), NOON))
    assert now <= already_missed(items, seen)
    assert set(overdue(items, seen, Grace(), NOON)) == already_missed(items, seen)
