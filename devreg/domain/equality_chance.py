"""How uneven a city looks when nothing but chance is at work: below that an index proves nothing."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import sqrt
from statistics import NormalDist
from typing import Final

import msgspec

from devreg.domain.equality_measures import Place, hoover, variation

BROKEN: Final = 0.1
"""Share of devices that break at random under one policy for all."""
_DRAWS: Final = 1_000
_USUAL: Final = 0.95
_NORMAL: Final = NormalDist()


class Chance(msgspec.Struct, frozen=True):
    """What chance alone gives: the middle, and what 95 draws of 100 stay below."""

    hoover: float
    hoover_most: float
    variation: float
    variation_most: float


def chance(needs: Sequence[int]) -> Chance | None:
    """Indexes when every unit has all it needs and each device breaks with the same chance; None for fewer than two units.

    Drawn with a fixed seed, so that the same needs give the same answer; the order of the units does not matter.
    """
    needed = sorted(need for need in needs if need > 0)
    return _drawn(tuple(needed)) if len(needed) > 1 else None


@lru_cache(64)
def _drawn(needs: tuple[int, ...]) -> Chance | None:
    dice = _drawing()
    cities = [[Place(need, _whole(need, dice)) for need in needs] for _ in range(_DRAWS)]
    indexes = sorted(index for places in cities if (index := hoover(places)) is not None)
    spreads = sorted(index for places in cities if (index := variation(places)) is not None)
    if not indexes:
        return None
    most = int(len(indexes) * _USUAL)
    middle = len(indexes) // 2
    return Chance(indexes[middle], indexes[most], spreads[middle], spreads[most])


def _whole(need: int, dice: Iterator[float]) -> int:
    """Devices of a unit that did not break; small units one by one, large ones by the normal law."""
    if need < 30:  # noqa: PLR2004  below it the normal law is too coarse
        return sum(next(dice) >= BROKEN for _ in range(need))
    deviation = sqrt(need * BROKEN * (1 - BROKEN))
    drawn = need * (1 - BROKEN) + deviation * _NORMAL.inv_cdf(next(dice))
    return min(need, max(0, round(drawn)))


def _drawing() -> Iterator[float]:
    """Numbers between 0 and 1, always the same ones (Knuth's MMIX generator): an index must not differ from one report to the next."""
    state = 20
    while True:
        state = (state * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % 2**64
        yield ((state >> 12) + 0.5) / 2**52
