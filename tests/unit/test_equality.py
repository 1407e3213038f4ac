"""The equality assessment: what counts, what is unknown, and the city's numbers."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devreg.domain.device import Stage, State, Use
from devreg.domain.equality import (
    PRESETS,
    Assessment,
    Band,
    Bands,
    Basis,
    DeviceCount,
    DeviceFact,
    Flag,
    Headcount,
    Reason,
    Rules,
    StageTarget,
    UnitInput,
    assess,
    count_devices,
    ratio,
)
from devreg.domain.equality_rules import band_at_least, band_at_most

DAY = date(2026, 9, 20)
AS_OF = date(2026, 11, 24)
ONE_EACH = Rules(targets=tuple(StageTarget(stage, Fraction(1)) for stage in Stage))
HIGH = Stage.GRADES_7_9


def unit(name: str, language: str = "fi", **more: str) -> UnitInput:
    return UnitInput(name, name_fi=name, language=language, kind="school", **more)


def pupils(
    name: str, count: int | None, stage: Stage | None = HIGH, day: date = DAY, groups: int | None = None
) -> Headcount:
    return Headcount(name, stage, day, count, groups, file="pupils.xlsx", file_hash="ab12")


def vector() -> Assessment:
    names = "abcdef"
    heads = (460, 330, 400, 350, 340, 300)
    stock = (330, 360, 420, 280, 300, 310)
    return assess(
        [unit(n, "fi" if n in "abc" else "sv") for n in names],
        [pupils(n, p) for n, p in zip(names, heads, strict=True)],
        [DeviceCount(n, HIGH, d) for n, d in zip(names, stock, strict=True)],
        AS_OF,
        ONE_EACH,
    )


def only(result: Assessment, name: str = "a"):  # type: ignore[no-untyped-def]  # UnitLine, kept short in tests
    return next(line for line in result.units if line.unit.id == name)


def test_the_published_vector_as_a_whole_city() -> None:
    city = vector().city
    assert city.coverage == pytest.approx(0.917431, abs=5e-7)
    assert city.spread == pytest.approx(0.657609, abs=5e-7)
    assert city.hoover == pytest.approx(0.072523, abs=5e-7)
    assert city.to_move == 145
    assert [city.equal_split[n] for n in "abcdef"] == [422, 303, 367, 321, 312, 275]
    assert (city.shortfall, city.surplus, city.movable) == (240, 60, 60)
    assert city.worst is not None
    assert city.worst.unit.id == "a"
    assert city.at_target == pytest.approx((330 + 400 + 300) / 2180)
    assert city.technical.variation == pytest.approx(0.155983, abs=5e-7)
    assert city.technical.theil is not None
    assert city.technical.theil.between == pytest.approx(0.000168, abs=5e-7)


def test_the_language_gap_of_the_vector() -> None:
    gap = vector().city.language_gap
    assert gap is not None
    assert gap.first == pytest.approx(0.932773, abs=5e-7)
    assert gap.second == pytest.approx(0.898990, abs=5e-7)
    assert gap.gap == pytest.approx(1110 / 1190 - 890 / 990)
    assert gap.gap == pytest.approx(0.033784, abs=1e-6)  # as published, one off in the last digit
    assert gap.stages == (HIGH,)


def test_a_different_age_mix_is_no_language_gap() -> None:
    """Both languages have 1:2 in the lowest grades and 1:1 above, but one has mostly small children."""
    mix = {("f", Stage.GRADES_1_2): 300, ("f", HIGH): 100, ("s", Stage.GRADES_1_2): 100, ("s", HIGH): 300}
    halves = Rules(targets=(StageTarget(Stage.GRADES_1_2, Fraction(1)), StageTarget(HIGH, Fraction(1))))
    result = assess(
        [unit("f", "fi"), unit("s", "sv")],
        [pupils(n, p, stage) for (n, stage), p in mix.items()],
        [DeviceCount(n, stage, p // 2 if stage is Stage.GRADES_1_2 else p) for (n, stage), p in mix.items()],
        AS_OF,
        halves,
    )
    gap = result.city.language_gap
    assert gap is not None
    assert only(result, "f").coverage != only(result, "s").coverage
    assert gap.gap == pytest.approx(0)


def test_units_are_listed_worst_first_and_those_without_data_last() -> None:
    result = assess(
        [unit("good"), unit("none"), unit("bad")],
        [pupils("good", 10), pupils("bad", 10)],
        [DeviceCount("good", HIGH, 10), DeviceCount("bad", HIGH, 1), DeviceCount("none", HIGH, 5)],
        AS_OF,
        ONE_EACH,
    )
    assert [line.unit.id for line in result.units] == ["bad", "good", "none"]


def test_a_unit_without_a_pupil_count_is_no_data_and_moves_no_city_number() -> None:
    base = vector()
    units = [line.unit for line in base.units]
    heads = [line.headcount for u in base.units for line in u.stages if line.headcount]
    stock = [line.devices for u in base.units for line in u.stages]
    more = assess([*units, unit("x")], heads, [*stock, DeviceCount("x", HIGH, 40)], AS_OF, ONE_EACH)
    line = only(more, "x")
    assert (line.pupils, line.need, line.coverage, line.shortfall) == (None, None, None, None)
    assert line.fit == 40
    assert line.flags == (Flag.NO_COUNT,)
    assert more.city.shortfall == base.city.shortfall
    assert more.city.hoover == base.city.hoover
    assert more.city.worst == base.city.worst


def test_a_unit_with_no_pupils_counted_is_zero_need_and_not_no_data() -> None:
    line = only(assess([unit("a")], [pupils("a", 0)], [DeviceCount("a", HIGH, 3)], AS_OF, ONE_EACH))
    assert (line.need, line.coverage, line.shortfall, line.surplus) == (0, None, 0, 3)
    assert line.stages[0].coverage is None
    assert line.flags == ()


def test_no_more_can_be_moved_than_is_missing() -> None:
    heads = [pupils("a", 100), pupils("b", 100)]
    counts = [DeviceCount("a", HIGH, 90), DeviceCount("b", HIGH, 150)]
    city = assess([unit("a"), unit("b")], heads, counts, AS_OF, ONE_EACH).city
    assert (city.shortfall, city.surplus, city.movable) == (10, 50, 10)


def test_an_empty_city_measures_nothing_and_does_not_fail() -> None:
    city = assess([], [], [], AS_OF).city
    assert (city.coverage, city.worst, city.hoover, city.to_move, city.shortfall) == (None,) * 5
    assert (city.at_target, city.language_gap, city.pupils) == (None,) * 3


def test_only_pupil_devices_count_and_the_others_are_told_apart() -> None:
    counts = [
        DeviceCount("a", HIGH, 5),
        *(DeviceCount("a", HIGH, 7, use=use) for use in (Use.STAFF, Use.DIGILAB, None)),
    ]
    result = assess([unit("a")], [pupils("a", 10)], counts, AS_OF, ONE_EACH)
    assert only(result).fit == 5
    assert result.other_uses == {Use.STAFF: 7, Use.DIGILAB: 7, None: 7}


def test_devices_without_a_stage_are_split_by_need_and_flagged() -> None:
    heads = [pupils("a", 30, Stage.GRADES_3_6), pupils("a", 10, HIGH)]
    line = only(assess([unit("a")], heads, [DeviceCount("a", None, 8, {Reason.NOT_SEEN: 4})], AS_OF, ONE_EACH))
    assert [(s.stage, s.devices.fit, s.devices.total) for s in line.stages] == [(Stage.GRADES_3_6, 6, 9), (HIGH, 2, 3)]
    assert line.flags == (Flag.SPLIT_STAGE,)


def test_devices_without_a_stage_in_a_one_stage_unit_are_that_stages_and_not_flagged() -> None:
    line = only(assess([unit("a")], [pupils("a", 30)], [DeviceCount("a", None, 8)], AS_OF, ONE_EACH))
    assert [(s.stage, s.devices.fit, s.flags) for s in line.stages] == [(HIGH, 8, ())]


def test_devices_known_only_by_campus_are_split_by_pupils_and_flagged() -> None:
    units = [unit("a", campus="hill"), unit("b", campus="hill"), unit("c")]
    heads = [pupils("a", 300), pupils("b", 100, Stage.UPPER_SECONDARY), pupils("c", 50)]
    result = assess(units, heads, [DeviceCount("hill", None, 40)], AS_OF, ONE_EACH)
    assert [only(result, n).fit for n in "abc"] == [30, 10, 0]
    assert only(result, "a").flags == (Flag.SPLIT_CAMPUS,)
    assert result.unplaced == 0


def test_a_campus_device_with_a_stage_goes_to_the_unit_that_teaches_it() -> None:
    units = [unit("a", campus="hill"), unit("b", campus="hill")]
    heads = [pupils("a", 300), pupils("b", 100, Stage.UPPER_SECONDARY)]
    result = assess(units, heads, [DeviceCount("hill", HIGH, 40)], AS_OF, ONE_EACH)
    assert [only(result, n).fit for n in "ab"] == [40, 0]


def test_pupil_devices_of_no_known_unit_are_counted_as_unplaced() -> None:
    result = assess([unit("a")], [pupils("a", 10)], [DeviceCount(None, None, 3), DeviceCount("gone", HIGH, 2)], AS_OF)
    assert result.unplaced == 5
    assert only(result).fit == 0


def test_devices_of_a_stage_nobody_counted_stay_outside_the_coverage() -> None:
    counts = [DeviceCount("a", HIGH, 9), DeviceCount("a", Stage.GRADES_1_2, 50)]
    line = only(assess([unit("a")], [pupils("a", 10)], counts, AS_OF, ONE_EACH))
    assert (line.coverage, line.fit, line.outside) == (0.9, 9, 50)
    assert line.flags == (Flag.NO_COUNT,)


def test_offices_are_left_out_unless_pupils_or_pupil_devices_are_there() -> None:
    offices = [UnitInput("hall", kind="office"), UnitInput("library", kind="office"), unit("a")]
    result = assess(offices, [pupils("a", 1)], [DeviceCount("library", None, 2)], AS_OF)
    assert {line.unit.id for line in result.units} == {"library", "a"}


def test_the_newest_pupil_count_up_to_the_day_is_used() -> None:
    heads = [pupils("a", 10, day=date(2025, 9, 20)), pupils("a", 12), pupils("a", 99, day=date(2027, 9, 20))]
    assert only(assess([unit("a")], heads, [], AS_OF)).pupils == 12


def test_a_newer_count_that_says_nothing_does_not_hide_the_older_one() -> None:
    heads = [pupils("a", 10, day=date(2025, 9, 20)), pupils("a", None)]
    assert only(assess([unit("a")], heads, [], AS_OF)).pupils == 10


@given(st.permutations([pupils("a", 10), pupils("a", 12), pupils("a", 11)]))
def test_two_counts_for_one_day_are_flagged_and_the_larger_is_used(heads: list[Headcount]) -> None:
    line = only(assess([unit("a")], heads, [], AS_OF))
    assert line.pupils == 12
    assert line.flags == (Flag.COUNTS_DIFFER,)


def test_pupils_without_a_stage_have_no_target_and_so_no_coverage() -> None:
    line = only(assess([unit("a")], [pupils("a", 10, None)], [DeviceCount("a", HIGH, 9)], AS_OF))
    assert (line.pupils, line.need, line.coverage) == (10, None, None)
    assert line.flags == (Flag.NO_COUNT, Flag.NO_STAGE)


def test_a_target_can_count_groups() -> None:
    by_group = Rules(targets=(StageTarget(Stage.ECE, Fraction(2), Basis.GROUP),))
    heads = [pupils("a", 60, Stage.ECE, groups=4), pupils("b", 60, Stage.ECE)]
    result = assess([unit("a"), unit("b")], heads, [DeviceCount("a", Stage.ECE, 6)], AS_OF, by_group)
    assert (only(result, "a").need, only(result, "a").coverage) == (8, 0.75)
    assert only(result, "b").need is None


def test_need_is_rounded_up_to_whole_devices() -> None:
    line = only(assess([unit("a")], [pupils("a", 57, Stage.GRADES_1_2)], [], AS_OF))
    assert line.need == 29


def test_small_units_are_left_out_of_the_spread_but_not_of_the_worst() -> None:
    heads = [pupils("a", 100), pupils("b", 100), pupils("tiny", 14)]
    counts = [DeviceCount("a", HIGH, 90), DeviceCount("b", HIGH, 100), DeviceCount("tiny", HIGH, 1)]
    city = assess([unit("a"), unit("b"), unit("tiny")], heads, counts, AS_OF, ONE_EACH).city
    assert city.spread == pytest.approx(0.9)
    assert city.worst is not None
    assert city.worst.unit.id == "tiny"


@pytest.mark.parametrize(
    ("written", "exact"), [(0.5, "1/2"), ("1:2", "1/2"), (0.142857, "1/7"), (1, "1"), ("0.07", "7/100"), (1 / 3, "1/3")]
)
def test_targets_are_exact_however_they_are_written(written: float | str, exact: str) -> None:
    assert ratio(written) == Fraction(exact)


@pytest.mark.parametrize("wrong", ["many", "1:0", "", -1, "nan"])
def test_a_target_that_is_no_ratio_is_refused_by_name(wrong: float | str) -> None:
    with pytest.raises(ValueError, match="target"):
        ratio(wrong)


def test_a_float_target_asks_for_no_device_too_many() -> None:
    assert StageTarget(HIGH, ratio(0.07)).need(100) == 7


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_every_preset_has_a_target_for_every_stage(preset: tuple[StageTarget, ...]) -> None:
    assert [t.stage for t in preset] == list(Stage)


def fact(**differs: object) -> DeviceFact:
    good: dict[str, object] = {
        "unit": "a", "stage": HIGH, "use": Use.PUPIL, "state": State.IN_USE,
        "support_end": date(2030, 6, 1), "managed": True, "silent_days": 3,
    }  # fmt: skip
    return DeviceFact(**(good | differs))  # type: ignore[arg-type]  # each test names one field


@pytest.mark.parametrize(
    ("differs", "reason"),
    [
        ({"state": State.LOST}, Reason.NOT_WORKING),
        ({"state": State.IN_REPAIR}, Reason.NOT_WORKING),
        ({"managed": False}, Reason.NOT_MANAGED),
        ({"support_end": AS_OF - timedelta(days=1)}, Reason.UNSUPPORTED),
        ({"silent_days": 91}, Reason.NOT_SEEN),
        ({"state": State.LOST, "support_end": date(2020, 1, 1), "managed": False}, Reason.NOT_WORKING),
    ],
)
def test_the_first_gate_not_passed_is_the_reason(differs: dict[str, object], reason: Reason) -> None:
    (count,) = count_devices([fact(**differs), fact()], Rules(), AS_OF)
    assert (count.fit, count.not_fit, count.total) == (1, {reason: 1}, 2)


@pytest.mark.parametrize("unknown", ["support_end", "silent_days", "state"])
def test_what_no_source_says_does_not_fail_a_device_but_is_shown_apart(unknown: str) -> None:
    (count,) = count_devices([fact(**{unknown: None}), fact()], Rules(), AS_OF)
    assert (count.fit, count.uncertain, count.not_fit) == (2, 1, {})


def test_a_device_seen_on_the_last_allowed_day_is_fit() -> None:
    (count,) = count_devices([fact(silent_days=90)], Rules(), AS_OF)
    assert count.fit == 1


@pytest.mark.parametrize("state", [State.PLANNED, State.ORDERED, State.RETIRED, State.DISPOSED])
def test_a_device_not_in_the_house_is_no_stock(state: State) -> None:
    assert count_devices([fact(state=state)], Rules(), AS_OF) == ()


def test_bands_are_reached_at_their_limits() -> None:
    bands = Bands()
    assert [band_at_least(x, bands.coverage) for x in (1.0, 0.95, 0.9, 0.89, None)] == [
        Band.GOOD, Band.FAIR, Band.FAIR, Band.POOR, None,
    ]  # fmt: skip
    assert [band_at_most(x, bands.to_move) for x in (0.02, 0.05, 0.051, None)] == [
        Band.GOOD, Band.FAIR, Band.POOR, None,
    ]  # fmt: skip


names = st.sampled_from(["a", "b", "c", "d"])
stages = st.sampled_from([*Stage, None])


@given(
    heads=st.lists(st.builds(pupils, names, st.none() | st.integers(0, 90), stages), max_size=12),
    counts=st.lists(
        st.builds(
            DeviceCount,
            names | st.sampled_from(["hill", None]),
            stages,
            st.integers(0, 60),
            st.dictionaries(st.sampled_from(list(Reason)), st.integers(0, 9)),
        ),
        max_size=12,
    ),
    data=st.data(),
)
def test_no_device_is_lost_or_doubled_and_the_order_never_matters(
    heads: list[Headcount], counts: list[DeviceCount], data: st.DataObject
) -> None:
    units = [unit("a", campus="hill"), unit("b", "sv", campus="hill"), unit("c"), unit("d", "sv")]
    result = assess(units, heads, counts, AS_OF)
    placed = sum(line.total for line in result.units)
    assert placed + result.unplaced == sum(count.total for count in counts)
    assert all(line.coverage is None or line.need for line in result.units)
    again = assess(
        data.draw(st.permutations(units)), data.draw(st.permutations(heads)), data.draw(st.permutations(counts)), AS_OF
    )
    assert again.city.hoover == result.city.hoover
    assert again.city.shortfall == result.city.shortfall
    assert [(u.unit.id, u.need, u.total, u.flags) for u in again.units] == [
        (u.unit.id, u.need, u.total, u.flags) for u in result.units
    ]
