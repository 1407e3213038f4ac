"""A measured figure, and the line it is printed as."""

import time
from collections.abc import Callable
from statistics import median
from typing import Final

import msgspec


class Figure(msgspec.Struct, frozen=True):
    """One result. `measured` and `yardstick` have the same unit; their ratio is held against the target."""

    id: str
    what: str
    measured: float
    yardstick: float
    target: float
    unit: str = "s"

    def __str__(self) -> str:
        ratio = self.measured / self.yardstick
        verdict = "ok" if ratio <= self.target else "MISS"
        sides = f"{self.measured:8.3f} {self.unit:2}  {self.yardstick:8.3f} {self.unit:2}"
        return f"{self.id:4}  {self.what:58}  {sides}  {ratio:6.2f}  <= {self.target:<4}  {verdict}"


HEADING: Final = f"{'id':4}  {'what':58}  {'measured':>11}  {'yardstick':>11}  {'ratio':>6}  {'target':7}"


def interleaved(rounds: int, ours: Callable[[], object], yardstick: Callable[[], object]) -> tuple[float, float]:
    """Median seconds of both, run in turn so that a busy machine slows both alike."""
    times = [(seconds(ours), seconds(yardstick)) for _ in range(rounds)]
    return median(mine for mine, _ in times), median(theirs for _, theirs in times)


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
