"""Sums over counted devices that shares, means and medians are made of; they add up over units, and can be shared out."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

import msgspec

from devreg.domain.equality_quality import Part

K = TypeVar("K")


class Sum(StrEnum):
    """What is summed over devices: over all for `MANAGED`, else over the fit ones."""

    MANAGED = "managed"
    SUPPORT_KNOWN = "support_known"
    ENDING = "ending"
    """Support ends within a year."""
    SCORED = "scored"
    """Some part of the score is known."""
    QUALITY = "quality"
    EQUALLY = "equally"
    COMPLETE = "complete"


class Tally(msgspec.Struct, frozen=True):
    """Sums over some devices. Parts of shared-out devices are not whole."""

    sums: Mapping[Sum, float] = {}
    known: Mapping[Part, float] = {}
    """Fit devices of which the part is known."""
    levels: Mapping[Part, float] = {}
    """Sum of their levels."""
    ages: Mapping[int, float] = {}
    """Whole months -> fit devices bought so long ago."""

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            _plus(self.sums, other.sums),
            _plus(self.known, other.known),
            _plus(self.levels, other.levels),
            _plus(self.ages, other.ages),
        )

    def part(self, of_fit: float, of_all: float) -> "Tally":
        """A share of the fit devices and of all of them."""
        sums = {key: n * (of_all if key is Sum.MANAGED else of_fit) for key, n in self.sums.items()}
        return Tally(sums, _each(self.known, of_fit), _each(self.levels, of_fit), _each(self.ages, of_fit))

    def mean(self, what: Sum, of: Sum) -> float | None:
        """One sum for each of another; None where there is none."""
        return self.sums.get(what, 0.0) / self.sums[of] if self.sums.get(of) else None

    def level(self, part: Part) -> float | None:
        """Mean level of a part, where it is known."""
        return self.levels.get(part, 0.0) / self.known[part] if self.known.get(part) else None

    @property
    def age_median(self) -> int | None:
        """Months; half of the devices of known age are no older."""
        half, below = sum(self.ages.values()) / 2, 0.0
        for months in sorted(self.ages):
            below += self.ages[months]
            if below >= half > 0:
                return months
        return None


def _plus(a: Mapping[K, float], b: Mapping[K, float]) -> dict[K, float]:
    return {key: a.get(key, 0) + b.get(key, 0) for key in {**a, **b}}


def _each(sums: Mapping[K, float], share: float) -> dict[K, float]:
    return {key: n * share for key, n in sums.items()}
