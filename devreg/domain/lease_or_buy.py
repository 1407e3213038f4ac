"""Lease, buy or keep: what a device of a class costs a year each way, as low, base and high; never one number.

Formulas: equality.md 5.1. Net present values, and the equal yearly payment that comes to the same (EAC), so that lives of different
length can be compared. Sums are cents without VAT.
"""

from enum import StrEnum

import msgspec


class Case(StrEnum):
    """Which of the three: all that costs at its lowest and what is got back at its highest, as expected, or the other way round."""

    LOW = "lowest"
    BASE = "expected"
    HIGH = "highest"


class Assumed(msgspec.Struct, frozen=True):
    """What one case takes for given, of one class of devices; money in cents."""

    interest: float
    """A year, as a share."""
    fee: float | None
    """Of a lease, a month; None: nothing of the class is leased."""
    months: int
    """Term of a lease."""
    setup: float
    late_months: float
    """Months that returned devices are late, on average."""
    damage: float
    """Share of devices returned damaged times the fee for one."""
    missing: float
    """Share of devices that are not returned times their price."""
    price: float | None
    """Of a new device; None: not known."""
    life_years: int
    repairs: float
    """A year, of a device that was bought."""
    disposal: float
    residual: float
    """What a device brings at the end of its life."""
    keep_years: int
    """How long an old device is kept in use."""
    keep_repairs: float
    """A year, of an old one, battery and paid updates among them."""


class Compared(msgspec.Struct, frozen=True):
    """One case of one class: cost a device and year each way, and the fee at which leasing and buying cost the same."""

    lease: int | None
    buy: int | None
    keep: int
    break_even_fee: int | None


def compare(given: Assumed) -> Compared:
    """Cents a device and year; None where a price or a fee is not known."""
    lease = None if given.fee is None else _yearly(_lease(given, given.fee), given.interest, given.months / 12)
    buy = None if given.price is None else _yearly(_buy(given, given.price), given.interest, given.life_years)
    keep = _yearly(_paid_yearly(given.keep_repairs, given.interest, given.keep_years), given.interest, given.keep_years)
    fee = None if given.price is None else round(_break_even(given, given.price))
    return Compared(None if lease is None else round(lease), None if buy is None else round(buy), round(keep), fee)


def _lease(given: Assumed, fee: float) -> float:
    """Present value of one lease; fees are paid at the beginning of a month."""
    rent: float = sum(fee / (1 + given.interest) ** (month / 12) for month in range(given.months))
    return rent + given.setup + given.damage + given.missing + given.late_months * fee


def _buy(given: Assumed, price: float) -> float:
    """Present value of buying, repairing and selling one device."""
    repairs = _paid_yearly(given.repairs, given.interest, given.life_years)
    sold: float = given.residual / (1 + given.interest) ** given.life_years
    return price + repairs + given.disposal - sold


def _break_even(given: Assumed, price: float) -> float:
    """The monthly fee at which a lease costs as much a year as buying."""
    wanted = _yearly(_buy(given, price), given.interest, given.life_years)
    fixed = given.setup + given.damage + given.missing
    whole = wanted * _annuity(given.interest, given.months / 12) - fixed
    months: float = sum(1 / (1 + given.interest) ** (month / 12) for month in range(given.months)) + given.late_months
    return max(0.0, whole / months)


def _paid_yearly(cents: float, interest: float, years: int) -> float:
    present: float = sum(cents / (1 + interest) ** year for year in range(1, years + 1))
    return present


def _annuity(interest: float, years: float) -> float:
    left: float = (1 + interest) ** -years
    return years if interest == 0 else (1 - left) / interest


def _yearly(present: float, interest: float, years: float) -> float:
    return present / _annuity(interest, years)
