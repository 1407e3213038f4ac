"""The demo's stand-in for Graph in a process of its own, serving the benchmark's fleet with the delay of a real service.

`python -m benchmarks.graph_process FOLDER DEVICES DELAY_S` prints its address; each line on its input is the moment to be at.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks.fleet import Moment, managed
from devreg.demo.city import build
from devreg.demo.entra import App
from devreg.demo.graph import READS, Graph
from devreg.demo.server import Fault, FaultKind

CLIENT: Final = "11111111-2222-4333-8444-555555555555"
SECRET: Final = "benchmark"  # noqa: S105  of a stand-in
_FOR_EVER: Final = 10**9


def _devices(count: int, moment: Moment) -> list[dict[str, Any]]:
    blank = {"iccid": None, "physicalMemoryInBytes": 0}
    return [managed(number, moment) | blank for number in range(count)]


def _serve(folder: Path, count: int, delay_s: float) -> None:
    with Graph(build(200, now=datetime.now(UTC)), [App(client_id=CLIENT, roles=READS, secret=SECRET)], folder) as graph:
        graph.devices = _devices(count, Moment.FIRST)
        graph.faults = [Fault(kind=FaultKind.SLOW, path_contains="/managedDevices?", seconds=delay_s, times=_FOR_EVER)]
        print(graph.url, flush=True)
        for line in sys.stdin:
            graph.devices = _devices(count, Moment[line.strip()])
            print("there", flush=True)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
