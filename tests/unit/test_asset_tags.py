"""Tags of the register's own series: how they are made, and how a mistyped one is told."""

from hypothesis import given
from hypothesis import strategies as st

from devreg.domain.asset_tags import Series

SERIES = Series("IT", 6)
NUMBERS = st.integers(1, 999_999)


def tag(number: int) -> str:
    made = SERIES.tag(number)
    assert made is not None
    return made


def test_a_tag_is_prefix_number_and_check_character() -> None:
    assert tag(42)[:-1] == "IT000042"


@given(st.sets(NUMBERS, min_size=2))
def test_two_numbers_never_have_one_tag(numbers: set[int]) -> None:
    assert len({tag(number) for number in numbers}) == len(numbers)


@given(NUMBERS)
def test_a_tag_itself_is_never_taken_for_mistyped(number: int) -> None:
    assert not SERIES.is_mistyped(f" {tag(number).lower()} ")


@given(NUMBERS, st.integers(2, 8), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
def test_one_wrong_character_is_always_found(number: int, place: int, wrong: str) -> None:
    right = tag(number)
    typed = right[:place] + wrong + right[place + 1 :]
    assert SERIES.is_mistyped(typed) == (typed != right)


@given(NUMBERS, st.integers(2, 6))
def test_two_neighbouring_digits_that_changed_places_are_found(number: int, place: int) -> None:
    right = tag(number)
    typed = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
    assert SERIES.is_mistyped(typed) == (typed != right)


def test_what_is_not_of_the_series_is_nobodys_mistake() -> None:
    for text in ("PF3KX9AB", "IT00042", "IT000042", "KAU0000425", "", "IT-000425", "IT00004255X"):
        assert not SERIES.is_mistyped(text)


def test_a_series_ends_where_its_digits_do() -> None:
    assert SERIES.tag(999_999) is not None
    assert SERIES.tag(1_000_000) is None
