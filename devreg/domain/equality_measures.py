"""Inequality of a stock over places, as plain formulas weighted by need.

Every measure takes places with a need above zero, does not depend on their order (sums are exactly rounded), does not
change when all devices or all needs are multiplied, and is None where it says nothing (no places, no devices at all).
Names as in the literature: Hoover (Robin Hood) index, Gini, Theil T, mean log deviation, Atkinson, McLoone.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from math import fsum, log, sqrt
from typing import TypeVar

import msgspec

K = TypeVar("K", bound=Hashable)


class Place(msgspec.Struct, frozen=True):
    """One unit on the scale: what it needs (or its pupils) and what it has."""

    need: float
    devices: float
    group: str = ""

    @property
    def ratio(self) -> float:
        """Devices for each one needed."""
        return self.devices / self.need


class Theil(msgspec.Struct, frozen=True):
    """Theil's T, split into what lies between groups and what lies within them; the two add up to the total."""

    total: float
    between: float
    within: float


def mean(places: Sequence[Place]) -> float | None:
    """Devices for each one needed over all places."""
    return _devices(places) / _need(places) if places else None


def spread(places: Sequence[Place]) -> float | None:
    """Lowest ratio as a share of the highest; None for fewer than two places."""
    highest = max((p.ratio for p in places), default=0.0)
    return min(p.ratio for p in places) / highest if len(places) > 1 and highest > 0 else None


def ratio_range(places: Sequence[Place]) -> float | None:
    """Highest ratio minus lowest."""
    return max(p.ratio for p in places) - min(p.ratio for p in places) if places else None


def hoover(places: Sequence[Place]) -> float | None:
    """Share of all devices that would have to change place for every ratio to be the same."""
    if not _devices(places):
        return None
    need, devices = _need(places), _devices(places)
    return 0.5 * fsum(abs(p.devices / devices - p.need / need) for p in places)


def variation(places: Sequence[Place]) -> float | None:
    """Coefficient of variation of the ratios."""
    middle = mean(places)
    if not middle:
        return None
    return sqrt(fsum(p.need * (p.ratio - middle) ** 2 for p in places) / _need(places)) / middle


def gini(places: Sequence[Place]) -> float | None:
    """0 when all ratios are the same, towards 1 when one place has everything. Not comparable between cities of different size."""
    middle = mean(places)
    if not middle:
        return None
    pairs = fsum(a.need * b.need * abs(a.ratio - b.ratio) for a in places for b in places)
    return pairs / (2 * middle * _need(places) ** 2)


def theil(places: Sequence[Place]) -> Theil | None:
    """Theil's T over the groups of the places. A place without devices adds nothing."""
    if not _devices(places):
        return None
    groups: dict[str, list[Place]] = {}
    for place in places:
        groups.setdefault(place.group, []).append(place)
    sums = [Place(_need(g), _devices(g)) for g in groups.values()]
    total, between = _theil(places), _theil(sums)
    return Theil(total, between, max(0.0, total - between))


def mean_log_deviation(places: Sequence[Place]) -> float | None:
    """Theil's L; None as soon as one place has nothing (it would be infinite)."""
    middle = mean(places)
    if not middle or not all(p.devices for p in places):
        return None
    return max(0.0, fsum(p.need / _need(places) * log(middle / p.ratio) for p in places))


def atkinson(places: Sequence[Place], aversion: float = 0.5) -> float | None:
    """Share of the stock that would do the same good if spread evenly; aversion above 0 and below 1."""
    middle = mean(places)
    if not middle:
        return None
    power = 1 - aversion
    even: float = fsum(p.need / _need(places) * (p.ratio / middle) ** power for p in places) ** (1 / power)
    return max(0.0, 1 - even)


def weighted_median(places: Sequence[Place]) -> float | None:
    """The ratio that half of the need lies at or below."""
    half, below = _need(places) / 2, 0.0
    for place in sorted(places, key=lambda p: p.ratio):
        below += place.need
        if below >= half:
            return place.ratio
    return None


def mcloone(places: Sequence[Place]) -> float | None:
    """What the lower half has, as a share of what it would have at the median."""
    median = weighted_median(places)
    if not median:
        return None
    lower = [p for p in places if p.ratio <= median]
    return _devices(lower) / (_need(lower) * median)


def hoover_without_one(places: Sequence[Place]) -> tuple[float, float] | None:
    """Lowest and highest Hoover index when any one place is left out: how much hangs on a single place."""
    indexes = [hoover([*places[:i], *places[i + 1 :]]) for i in range(len(places))] if len(places) > 2 else []
    known = [index for index in indexes if index is not None]
    return (min(known), max(known)) if known else None


def apportion(total: int, weights: Mapping[K, int]) -> dict[K, int]:
    """Whole numbers that add up to the total, as near to the weights as can be (largest remainder).

    Ties go to the larger weight, then by name, so that the order of the mapping never matters. Weights must not all be zero.
    """
    whole = sum(weights.values())
    shares = {key: total * weight // whole for key, weight in weights.items()}
    left = total - sum(shares.values())
    ranked = sorted(weights, key=lambda key: (-(total * weights[key] % whole), -weights[key], str(key)))
    return shares | {key: shares[key] + 1 for key in ranked[:left]}


def _need(places: Iterable[Place]) -> float:
    return fsum(p.need for p in places)


def _devices(places: Iterable[Place]) -> float:
    return fsum(p.devices for p in places)


def _theil(places: Sequence[Place]) -> float:
    middle, devices = _devices(places) / _need(places), _devices(places)
    return max(0.0, fsum(p.devices / devices * log(p.ratio / middle) for p in places if p.devices))
