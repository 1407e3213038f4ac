"""Inequality measures: the design's test vector and what must hold for any city."""

from collections.abc import Callable
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devreg.domain import equality_measures as m
from devreg.domain.equality_measures import Place

PUPILS = (460, 330, 400, 350, 340, 300)
DEVICES = (330, 360, 420, 280, 300, 310)
LANGUAGES = ("fi", "fi", "fi", "sv", "sv", "sv")
VECTOR = [Place(p, d, g) for p, d, g in zip(PUPILS, DEVICES, LANGUAGES, strict=True)]

MEASURES: dict[str, Callable[[list[Place]], float | None]] = {
    "spread": m.spread,
    "hoover": m.hoover,
    "variation": m.variation,
    "gini": m.gini,
    "theil": lambda places: t.total if (t := m.theil(places)) else None,
    "mean_log_deviation": m.mean_log_deviation,
    "atkinson": m.atkinson,
    "mcloone": m.mcloone,
}

places = st.lists(
    st.builds(
        Place, st.integers(1, 2000) | st.floats(0.1, 2000), st.integers(0, 2000), st.sampled_from(["fi", "sv", "other"])
    ),
    min_size=1,
    max_size=20,
)


@pytest.mark.parametrize(
    ("measure", "value"),
    [
        (m.mean, 0.917431),
        (m.spread, 0.657609),
        (m.ratio_range, 0.373518),
        (m.variation, 0.155983),
        (m.hoover, 0.072523),
        (m.gini, 0.086743),
        (m.mean_log_deviation, 0.012616),
        (m.atkinson, 0.006227),
        (m.weighted_median, 0.882353),
        (m.mcloone, 0.896812),
    ],
)
def test_the_published_vector_gives_the_published_number(
    measure: Callable[[list[Place]], float | None], value: float
) -> None:
    assert measure(VECTOR) == pytest.approx(value, abs=5e-7)


def test_the_hoover_index_of_the_vector_is_145_devices() -> None:
    assert (m.hoover(VECTOR) or 0) * sum(DEVICES) == pytest.approx(145.046, abs=5e-4)


def test_theil_splits_between_languages_and_schools() -> None:
    split = m.theil(VECTOR)
    assert split is not None
    assert split.total == pytest.approx(0.012351, abs=5e-7)
    assert split.between == pytest.approx(0.000168, abs=5e-7)
    assert split.within == pytest.approx(0.012183, abs=5e-7)
    assert split.between / split.total == pytest.approx(0.0136, abs=5e-5)


def test_theil_within_groups_is_the_sum_of_the_groups_own_inequality() -> None:
    split = m.theil(VECTOR)
    groups = [[p for p in VECTOR if p.group == g] for g in ("fi", "sv")]
    own = [(m.theil(group), sum(p.devices for p in group) / sum(DEVICES)) for group in groups]
    assert split is not None
    assert split.within == pytest.approx(sum(share * t.total for t, share in own if t))


def test_whole_devices_are_split_by_largest_remainder() -> None:
    split = m.apportion(sum(DEVICES), dict(enumerate(PUPILS)))
    assert list(split.values()) == [422, 303, 367, 321, 312, 275]
    assert sum(max(0, d - t) for d, t in zip(DEVICES, split.values(), strict=True)) == 145


def test_equal_claims_to_the_last_device_go_by_weight_then_name() -> None:
    assert m.apportion(1, {"b": 1, "a": 1}) == {"b": 0, "a": 1}
    assert m.apportion(2, {"a": 1, "b": 3}) == {"a": 0, "b": 2}


def test_one_place_has_no_spread() -> None:
    assert m.spread([Place(10, 7)]) is None


def test_the_best_whole_split_still_has_a_trace_of_inequality() -> None:
    split = m.apportion(sum(DEVICES), dict(enumerate(PUPILS)))
    assert m.hoover([Place(PUPILS[i], d) for i, d in split.items()]) == pytest.approx(0.0002, abs=5e-5)


def test_one_tiny_unit_sinks_the_spread_but_hardly_moves_the_hoover_index() -> None:
    with_tiny = [*VECTOR, Place(14, 1)]
    assert m.spread(with_tiny) == pytest.approx((1 / 14) / (360 / 330))  # published cut off: .065
    assert m.hoover(with_tiny) == pytest.approx(0.07527, abs=5e-6)  # published cut off: .0752


def test_leaving_one_school_out_shows_how_much_hangs_on_it() -> None:
    assert m.hoover_without_one(VECTOR) == (pytest.approx(0.054, abs=5e-4), pytest.approx(0.081, abs=5e-4))


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_nothing_is_measured_without_places_or_without_devices(
    measure: Callable[[list[Place]], float | None],
) -> None:
    assert measure([]) is None
    assert measure([Place(10, 0), Place(20, 0)]) is None


def test_a_place_without_devices_makes_the_log_deviation_unknown_and_theil_finite() -> None:
    lopsided = [Place(10, 0), Place(10, 10)]
    assert m.mean_log_deviation(lopsided) is None
    split = m.theil(lopsided)
    assert split is not None
    assert split.total == pytest.approx(log(2))


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
@given(data=st.data())
def test_the_order_of_the_places_never_matters(
    measure: Callable[[list[Place]], float | None], data: st.DataObject
) -> None:
    ordered = data.draw(places)
    shuffled = data.draw(st.permutations(ordered))
    assert measure(shuffled) == measure(ordered)


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
@given(city=places, devices=st.integers(2, 50), needs=st.integers(2, 50))
def test_multiplying_all_devices_or_all_needs_changes_nothing(
    measure: Callable[[list[Place]], float | None], city: list[Place], devices: int, needs: int
) -> None:
    scaled = [Place(p.need * needs, p.devices * devices, p.group) for p in city]
    before = measure(city)
    assert measure(scaled) == (None if before is None else pytest.approx(before, rel=1e-9, abs=1e-9))


@given(places)
def test_measures_stay_within_their_bounds(city: list[Place]) -> None:
    smallest = min(p.need for p in city) / sum(p.need for p in city)
    hoover, gini, split = m.hoover(city), m.gini(city), m.theil(city)
    if hoover is None or gini is None or split is None:
        assert not any(p.devices for p in city)
        return
    assert 0 <= hoover <= 1 - smallest + 1e-12
    assert hoover - 1e-12 <= gini <= 1 - smallest + 1e-12
    assert 0 <= split.total <= log(1 / smallest) + 1e-12
    assert split.between + split.within == pytest.approx(split.total, abs=1e-12)
    assert 0 <= (m.atkinson(city) or 0) < 1
    assert 0 <= (m.spread(city) or 0) <= 1


@given(st.integers(1, 500), st.lists(st.integers(1, 500), min_size=1, max_size=12))
def test_an_even_city_shows_no_inequality(per_need: int, needs: list[int]) -> None:
    even = [Place(need, need * per_need) for need in needs]
    assert m.hoover(even) == pytest.approx(0, abs=1e-12)
    assert m.gini(even) == pytest.approx(0, abs=1e-12)
    assert m.variation(even) == pytest.approx(0, abs=1e-12)


@given(
    st.integers(0, 5000),
    st.dictionaries(st.text(max_size=3), st.integers(0, 900), min_size=1).filter(lambda w: sum(w.values()) > 0),
)
def test_apportioned_parts_add_up_and_are_off_by_less_than_one(total: int, weights: dict[str, int]) -> None:
    parts = m.apportion(total, weights)
    assert sum(parts.values()) == total
    assert all(abs(parts[k] - total * w / sum(weights.values())) < 1 for k, w in weights.items())
    assert parts == m.apportion(total, dict(reversed(weights.items())))
