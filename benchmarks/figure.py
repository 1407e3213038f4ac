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
    cause: str = ""
    """Why it is known to miss its target; printed below the line where it does."""

    @property
    def ratio(self) -> float:
        """Ours over the yardstick: the smaller the better."""
        return self.measured / self.yardstick if self.yardstick else float(self.measured > 0)

    def __str__(self) -> str:
        verdict = "ok" if self.ratio <= self.target else "MISS"
        sides = f"{self.measured:9.3f} {self.unit:2}  {self.yardstick:9.3f} {self.unit:2}"
        line = f"{self.id:3}  {self.what:88}  {sides}  {self.ratio:7.3f}  <= {self.target:<5}  {verdict}"
        return f"{line}\n     {self.cause}" if self.cause and verdict == "MISS" else line


HEADING: Final = f"{'id':3}  {'what':88}  {'measured':>12}  {'yardstick':>12}  {'ratio':>7}  {'target':8}"


def interleaved(rounds: int, *works: Callable[[], object]) -> list[float]:
    """Median processor seconds of each, run in turn so that a busy machine slows all alike."""
    times = [[seconds(work) for work in works] for _ in range(rounds)]
    return [median(column) for column in zip(*times, strict=True)]


def seconds(work: Callable[[], object]) -> float:
    """Processor seconds of this process: neighbours and a slow disk don't count. SQLite works inside it."""
    began = time.process_time()
    work()
    return time.process_time() - began


def wall_seconds(work: Callable[[], object]) -> float:
    """Seconds on the clock, for what a server does."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def percentile_95(times: list[float]) -> float:
    """All but a twentieth are at most as long."""
    return sorted(times)[int(len(times) * 0.95)]
