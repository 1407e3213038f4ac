"""Prints a line a figure: id, what, measured, yardstick, ratio, target, and ok or MISS. `python -m benchmarks [DEVICES]`."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks import footprint, gear, ingest, network, peers, postgres, searching
from benchmarks.figure import HEADING, Figure
from benchmarks.fleet import consoles

DEVICES: Final = 13_000
"""A tenth of what the goals are about, so that it takes minutes; 130000 measures what they say."""


def figures(folder: Path, devices: int) -> Iterator[Figure]:
    """All of them."""
    fleet = consoles(devices)
    for console in fleet:
        console.keep()
    yield from ingest.figures(folder, fleet)
    yield from searching.figures(folder, devices)
    yield from footprint.figures(folder, devices)
    yield from peers.figures(folder, fleet)
    yield from postgres.figures(fleet)
    yield from network.figures(folder, devices)
    yield from gear.figures(folder, devices)


if __name__ == "__main__":
    size = int(sys.argv[1]) if len(sys.argv) > 1 else DEVICES
    print(
        f"{size:,} devices in two consoles; seconds are of the processor but for P6 and P16, milliseconds are of the clock"
    )
    print(HEADING)
    with tempfile.TemporaryDirectory(prefix="devreg-bench-") as made:
        for figure in figures(Path(made), size):
            print(figure, flush=True)
