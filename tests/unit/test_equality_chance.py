"""What chance alone gives, quality scores, and what stands beside the city's numbers."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devreg.domain.device import Battery, Kind, Stage
from devreg.domain.equality import DeviceCount, Headcount, Rules, UnitInput, assess
from devreg.domain.equality_beside import daycare_gap, one_to_one, pupil_files, what_if
from devreg.domain.equality_chance import chance
from devreg.domain.equality_quality import Condition, Part, Quality, score
from devreg.domain.equality_tally import Sum, Tally
from devreg.domain.windows_support import Edition, support_end

DAY = date(2026, 11, 25)
VECTOR = (460, 330, 400, 350, 340, 300)


def test_chance_in_the_published_city() -> None:
    """equality.md section 2 (c): Hoover .006, 95 % below .010; CV .015 and .024."""
    usual = chance(VECTOR)
    assert usual is not None
    assert usual.hoover == pytest.approx(0.006, abs=0.0006)
    assert usual.hoover_most == pytest.approx(0.010, abs=0.0008)
    assert usual.variation == pytest.approx(0.015, abs=0.0006)
    assert usual.variation_most == pytest.approx(0.024, abs=0.0012)


def test_chance_is_the_same_each_time_and_in_any_order_and_larger_in_small_cities() -> None:
    assert chance(VECTOR) == chance(tuple(reversed(VECTOR)))
    small = chance([14, 12, 20])
    usual = chance(VECTOR)
    assert small is not None
    assert usual is not None
    assert small.hoover > 2 * usual.hoover
    assert chance([460]) is None
    assert chance([0, 0]) is None


def test_a_score_weighs_what_is_known_and_tells_how_much_that_is() -> None:
    whole = score(
        Condition(Kind.CHROMEBOOK, date(2029, 8, 1), date(2022, 11, 25), 4 << 30, None, Battery.REPLACE_SOON, "B"), Quality(), DAY
    )  # fmt: skip
    assert whole.levels == pytest.approx(
        {Part.SUPPORT: 0.8, Part.AGE: 0.5, Part.MEMORY: 0.7, Part.BATTERY: 0.5, Part.CONDITION: 0.8}, abs=1e-3
    )
    assert whole.quality == pytest.approx(0.35 * 0.8 + 0.2 * 0.5 + 0.2 * 0.7 + 0.15 * 0.5 + 0.1 * 0.8, abs=1e-3)
    assert whole.complete == pytest.approx(1)
    partly = score(Condition(Kind.DESKTOP, condition="A"), Quality(), DAY)
    assert (partly.quality, partly.complete) == (1.0, pytest.approx(0.1 / 0.85))  # a desktop has no battery to ask of


def test_a_device_of_which_nothing_is_known_has_no_score() -> None:
    nothing = score(Condition(), Quality(), DAY)
    assert (nothing.quality, nothing.complete) == (None, 0.0)


@pytest.mark.parametrize(
    ("end", "level"),
    [
        (date(2030, 7, 31), 1.0),
        (date(2030, 7, 30), 0.8),
        (date(2028, 7, 31), 0.5),
        (date(2028, 7, 30), 0.2),
        (date(2020, 1, 1), 0.2),
    ],
)
def test_support_left_is_counted_from_the_end_of_the_school_year(end: date, level: float) -> None:
    assert score(Condition(support_end=end), Quality(), DAY).levels[Part.SUPPORT] == level


def test_a_windows_ends_with_its_version_and_later_where_updates_are_bought() -> None:
    assert support_end("Windows", "10.0.22631.4317", Edition.EDUCATION) == date(2026, 11, 10)
    assert support_end("Windows", "10.0.22631", Edition.PRO) == date(2025, 11, 11)
    assert support_end("Windows", "10.0.19045.1", Edition.EDUCATION, date(2028, 10, 10)) == date(2028, 10, 10)
    assert support_end("Windows", "10.0.26100.1", Edition.PRO, date(2028, 10, 10)) == date(2026, 10, 13)
    for unknown in (
        ("Windows", "10.0.226311"),
        ("Windows", None),
        ("ChromeOS", "10.0.19045"),
        ("Windows Server", "10.0.17763.1"),
    ):
        assert support_end(*unknown, Edition.EDUCATION) is None


def scored(fit: int, quality: float, equally: float) -> Tally:
    return Tally({Sum.SCORED: fit, Sum.QUALITY: fit * quality, Sum.EQUALLY: fit * equally, Sum.COMPLETE: fit * 0.5})


def city(**kinds: str):  # type: ignore[no-untyped-def]  # Assessment, kept short in tests
    units = [UnitInput(key, kind=kinds.get(key, "school"), language="fi") for key in "abc"]
    heads = [Headcount(key, Stage.GRADES_7_9, DAY, 100, file="p.xlsx", file_hash="ab") for key in "abc"]
    counts = [
        DeviceCount("a", Stage.GRADES_7_9, 100, tally=scored(100, 0.5, 0.9)),
        DeviceCount("b", Stage.GRADES_7_9, 80, tally=scored(80, 0.8, 0.8)),
        DeviceCount("c", Stage.GRADES_7_9, 130, tally=scored(130, 1.0, 1.0)),
    ]
    return assess(units, heads, counts, DAY, Rules(daycare_price=350))


def test_a_ranking_that_hangs_on_weights_is_told_with_the_units_that_change_places() -> None:
    ranking = what_if(city().units)
    assert ranking is not None
    assert (ranking.weighted, ranking.equally) == (("a", "b", "c"), ("b", "a", "c"))
    assert not ranking.holds
    assert ranking.moved == ("a", "b")


def test_devices_beyond_the_pupils_give_nobody_a_second_one() -> None:
    assert one_to_one(city().units) == {Stage.GRADES_7_9: pytest.approx(280 / 300)}


def test_the_gap_of_day_care_centres_and_what_it_costs() -> None:
    gap = daycare_gap(city(b="daycare", c="daycare").units, 350)
    assert gap is not None
    assert (gap.units, gap.need, gap.shortfall, gap.cost) == (2, 200, 20, 7_000)
    assert daycare_gap(city().units, 350) is None
    unpriced = daycare_gap(city(b="daycare").units, None)
    assert unpriced is not None
    assert unpriced.cost is None


def test_the_files_that_pupils_were_counted_in_are_named_once() -> None:
    assert [(file.name, file.hash, file.date) for file in pupil_files(city().units)] == [("p.xlsx", "ab", DAY)]


@given(st.integers(0, 30), st.integers(1, 30), st.integers(0, 30))
def test_devices_of_unknown_quality_count_as_the_others_do(unknown: int, known: int, unfit: int) -> None:
    count = DeviceCount("a", None, known + unknown, {}, tally=scored(known, 0.6, 0.6))
    assert count.adjusted == pytest.approx((known + unknown) * 0.6)
    assert DeviceCount("a", None, unknown).adjusted == (None if unknown else 0.0)
