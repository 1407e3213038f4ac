"""Lease, buy or keep."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from devreg.domain.lease_or_buy import Assumed, compare

GIVEN = Assumed(
    interest=0.0, fee=2000, months=36, setup=0, late_months=0, damage=0, missing=0, price=72000, life_years=4, repairs=0, disposal=0,
    residual=0, keep_years=2, keep_repairs=5000,
)  # fmt: skip


def test_without_interest_a_lease_costs_its_twelve_fees_a_year_and_buying_a_share_of_the_price() -> None:
    compared = compare(GIVEN)
    assert (compared.lease, compared.buy, compared.keep, compared.break_even_fee) == (24000, 18000, 5000, 1500)


def test_what_nobody_leases_or_has_a_price_for_is_not_compared() -> None:
    compared = compare(msgspec.structs.replace(GIVEN, fee=None, price=None))
    assert (compared.lease, compared.buy, compared.break_even_fee) == (None, None, None)


def test_late_damaged_and_missing_devices_make_a_lease_dearer() -> None:
    dearer = msgspec.structs.replace(GIVEN, setup=1000, late_months=1, damage=500, missing=300)
    assert compare(dearer).lease == round((36 * 2000 + 2000 + 1800) / 3)


@given(st.floats(0.001, 0.2), st.integers(1000, 300000), st.integers(12, 60), st.integers(1, 8), st.floats(0, 3))
def test_at_the_break_even_fee_a_lease_costs_what_buying_costs(
    interest: float, price: int, months: int, life: int, late: float
) -> None:
    known = msgspec.structs.replace(
        GIVEN, interest=interest, price=price, months=months, life_years=life, late_months=late
    )
    fee = compare(known).break_even_fee
    assert fee is not None
    same = compare(msgspec.structs.replace(known, fee=fee))
    assert same.lease is not None
    assert same.buy is not None
    assert abs(same.lease - same.buy) <= 12
