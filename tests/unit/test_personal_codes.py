"""Finnish personal identity codes: what is masked, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devreg.domain.personal_codes import MASK, masked, may_hold_code, without_codes

NUMBERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"


def code(day: str = "010190", sign: str = "-", number: int = 901) -> str:
    """A valid code of the range that is never given to anybody (900-999)."""
    return f"{day}{sign}{number:03d}{NUMBERS[int(f'{day}{number:03d}') % 31]}"


@pytest.mark.parametrize("sign", "-+ABCDEFUVWXY")
def test_every_century_sign_is_known_the_ones_of_2023_too(sign: str) -> None:
    assert masked(f"Käyttäjä {code(sign=sign)}, luokka 3B") == f"Käyttäjä {MASK}, luokka 3B"
    assert may_hold_code(code(sign=sign).encode())


@pytest.mark.parametrize(
    "text",
    [
        code().lower(),
        code(number=2),
        code("290200", "A"),
        f"({code()})",
        f"hetu:{code()};",
        f"x_{code()}_y",
        code().replace("-", "\N{EN DASH}"),
        code().replace("-", " - "),
        code().replace("-", "\\u2013"),
    ],
)
def test_a_code_is_found_however_it_is_written(text: str) -> None:
    assert may_hold_code(text.encode())
    assert MASK in masked(text)
    assert code()[7:] not in masked(text).upper()


@pytest.mark.parametrize(
    "text",
    [
        "010190-901S",  # wrong control character
        "310290-901X",  # no such day
        "290201A902X",  # no leap year
        "010190-0011",  # numbers start from 2
        f"1{code()}",
        f"{code()}1",
        f"SN{code()}",
        "010190/901R",
        "01019-0901R",
        "",
    ],
)
def test_what_only_looks_like_a_code_stays_as_it_is(text: str) -> None:
    assert masked(text) == text


def test_of_all_control_characters_one_is_right() -> None:
    stem = code()[:-1]
    assert [last for last in NUMBERS if masked(stem + last) == MASK] == [code()[-1]]


def test_a_serial_number_is_never_mangled_and_everything_beside_it_is_masked() -> None:
    body = {
        "serial": code(sign="A"),
        "order_number": code(),
        "notes": f"a {code()} b {code()}",
        "ports": [{"alias": code(), "if_index": 3}],
        code(): None,
    }
    kept, found = without_codes(body)
    assert kept == {
        "serial": code(sign="A"),
        "order_number": code(),
        "notes": f"a {MASK} b {MASK}",
        "ports": [{"alias": MASK, "if_index": 3}],
        MASK: None,
    }
    assert found == 2


@given(st.text())
def test_masking_twice_is_masking_once(text: str) -> None:
    once = masked(f"{text}{code()}{text}")
    assert masked(once) == once
