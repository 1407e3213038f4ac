"""Prints a line a figure: id, what, measured, yardstick, ratio, target, and ok or MISS."""

import tempfile
from pathlib import Path

from benchmarks import ingest
from benchmarks.figure import HEADING

print(HEADING)
with tempfile.TemporaryDirectory(prefix="devreg-bench-") as folder:
    for figure in ingest.figures(Path(folder)):
        print(figure, flush=True)
