"""What making a device costs the climate: an order of magnitude, for saying what serving on saves.

Source of the figures: Boavizta environmental-footprint-data (makers' own sheets to February 2023), published under the Open
Database License; of the whole life's footprint the tenth and the ninetieth percentile of a kind, times the share of making in the
kind's medians. Makers measure differently, so the figures compare kinds, never makers.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

import msgspec

from devreg.domain.device import Kind

MAKING: Final[Mapping[Kind, tuple[int, int]]] = {
    Kind.LAPTOP: (150, 324),
    Kind.CHROMEBOOK: (104, 202),
    Kind.TABLET: (46, 102),
    Kind.PHONE: (30, 67),
}
"""Kilograms of carbon dioxide equivalents, lowest and highest. No figure, no guess: a kind that is not here is counted apart."""
SOURCE: Final = "Boavizta environmental-footprint-data, ODbL 1.0"
DATE: Final = date(2023, 2, 28)


class Saved(msgspec.Struct, frozen=True):
    """What was saved where devices served on instead of new ones."""

    low_kg: int
    high_kg: int
    devices: int
    """Of kinds with a figure."""
    unknown: int
    """Of kinds without one: in neither end of the range."""


def saved(times: Mapping[str | None, int], making: Mapping[Kind, tuple[int, int]]) -> Saved:
    """From how often devices of each kind went to a further user. What cleaning and repairing costs is not taken off: nobody knows it."""
    known = {kind: n for kind, n in times.items() if kind in making}
    low = sum(n * making[Kind(kind)][0] for kind, n in known.items() if kind is not None)
    high = sum(n * making[Kind(kind)][1] for kind, n in known.items() if kind is not None)
    return Saved(low, high, sum(known.values()), sum(times.values()) - sum(known.values()))
