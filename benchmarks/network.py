"""Reading a service page by page over HTTP: how much longer a whole run takes than asking for its pages alone."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.figure import Figure, wall_seconds
from benchmarks.fleet import Moment
from benchmarks.graph_process import CLIENT, SECRET
from benchmarks.register import open_register
from collectors.intune import IntuneCollector
from collectors.intune_graph import Graph
from collectors.intune_map import DEVICE_KEYS
from collectors.intune_options import IntuneOptions
from devreg.demo.graph import TENANT
from devreg.demo.tls import write_private
from devreg.domain.rights import Actor, Role
from devreg.services.collect import collect
from devreg.services.ingest import Feed
from devreg.settings import Loaded, Settings
from devreg.store.engine import Sessions

_DELAY_S: Final = 0.15
_ROUNDS: Final = 4
_BUDGET: Final = timedelta(hours=2)
_ACTOR: Final = Actor("benchmark", Role.ADMIN, host="here")


def figures(folder: Path, devices: int) -> Iterator[Figure]:
    """P16: the stand-in answers each page after 150 ms, a fiftieth of the devices differs from run to run."""
    folder = folder / "network"
    folder.mkdir()
    write_private(folder / "secret", SECRET.encode())
    command = [sys.executable, "-m", "benchmarks.graph_process", str(folder), str(devices), str(_DELAY_S)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as service:  # noqa: S603  ours
        assert service.stdin is not None  # noqa: S101  both are pipes
        assert service.stdout is not None  # noqa: S101
        url = service.stdout.readline().strip()
        sessions = open_register(folder / "ours.db")
        _sync(sessions, folder, url, devices)
        times = []
        for number in range(_ROUNDS):
            service.stdin.write(f"{Moment.FIRST.name if number % 2 else Moment.CHANGED.name}\n")
            service.stdin.flush()
            service.stdout.readline()
            works = (lambda: _sync(sessions, folder, url, devices), lambda: _fetch(folder, url))
            times.append([wall_seconds(work) for work in works])
        synced, fetched = (median(column) for column in zip(*times, strict=True))
        sessions.close()
        service.stdin.close()
    yield Figure(
        "P16",
        "re-run over HTTP with 2 % changed, 150 ms a page, wall / its pages asked for alone",
        synced,
        fetched,
        1.2,
    )


def _sync(sessions: Sessions, folder: Path, url: str, devices: int) -> None:
    collector = IntuneCollector("intune", _options(url), Loaded(Settings(), folder / "devreg.toml"))
    feed = Feed("intune", "intune", collector.observe, (), "1")
    ended = collect(sessions, _ACTOR, collector, feed, lambda: datetime.now(UTC), budget=_BUDGET)
    if ended.counts.seen != devices or ended.error:
        raise AssertionError(f"the run did not read everything: {ended}")


def _fetch(folder: Path, url: str) -> None:
    """The same pages, one after the other, each parsed for where the next one is and let go."""
    graph = Graph("intune", _options(url), folder, IntuneCollector.limits)
    first = graph.url("/deviceManagement/managedDevices", {"$select": ",".join(DEVICE_KEYS), "$top": 1000})
    for _ in graph.rows(first):
        pass


def _options(url: str) -> IntuneOptions:
    off: dict[str, Any] = dict.fromkeys(("users", "details", "autopilot", "audit_events", "apple_expiry"), False)
    return IntuneOptions.model_validate(
        {
            "kind": "intune", "tenant_id": TENANT, "client_id": CLIENT, "client_secret": {"file": "secret"}, "graph_url": url,
            "login_url": url, "ca_bundle": "ca.pem", **off,
        }
    )  # fmt: skip
