"""The step from one reading of counters to the next: a rate, a wrap, or a gap; never a spike."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from devreg.domain.load import Counters, Mark, Reading, mark

NOON = datetime(2026, 11, 24, 10, tzinfo=UTC)
FAST = 1_000_000_000


def read(seconds: float, octets: int | None, up_time: int | None = None, *, wide: bool = True, **more: Any) -> Reading:
    at = NOON + timedelta(seconds=seconds)
    ticks = 1_000_000 + int(seconds * 100) if up_time is None else up_time
    return Reading(at, ticks, Counters("Gi1", in_octets=octets, out_octets=7, is_wide=wide, **more))


def test_the_first_reading_has_nothing_to_stand_to() -> None:
    assert mark(None, read(0, 5), FAST) == Mark.FIRST


def test_counters_that_went_on_are_a_rate() -> None:
    assert mark(read(0, 5), read(300, 5), FAST) == Mark.OK
    assert mark(read(0, 5), read(300, 500), None) == Mark.OK


def test_a_wide_counter_that_fell_began_anew() -> None:
    assert mark(read(0, 500), read(300, 5), FAST) == Mark.RESET


def test_a_narrow_counter_that_fell_went_over_its_end_where_it_can_have_only_once() -> None:
    assert mark(read(0, 4_294_967_000, wide=False), read(30, 5, wide=False), FAST) == Mark.WRAPPED


def test_a_narrow_counter_is_unclear_where_the_link_can_fill_it_in_the_time() -> None:
    assert mark(read(0, 5, wide=False), read(300, 500, wide=False), FAST) == Mark.UNCLEAR
    assert mark(read(0, 500, wide=False), read(300, 5, wide=False), None) == Mark.UNCLEAR
    assert mark(read(0, 5, wide=False), read(300, 500, wide=False), 100_000_000) == Mark.OK


@pytest.mark.parametrize("more", [{"discontinuity": 77}, {"wide": False}])
def test_other_counters_than_before_are_a_new_base(more: dict[str, Any]) -> None:
    assert mark(read(0, 5, discontinuity=0), read(300, 500, **{"discontinuity": 0, **more}), FAST) == Mark.RESET


def test_a_counter_that_came_or_went_is_a_new_base() -> None:
    assert mark(read(0, None), read(300, 5), FAST) == Mark.RESET
    assert mark(read(0, 5), read(300, None), FAST) == Mark.RESET


def test_a_restart_is_a_new_base_even_when_the_counters_grew() -> None:
    assert mark(read(0, 5, 900_000), read(300, 500, 3_000), FAST) == Mark.RESET


def test_a_clock_that_went_over_its_end_after_497_days_is_no_restart() -> None:
    assert mark(read(0, 5, 2**32 - 10_000), read(300, 500, 20_000), FAST) == Mark.OK
