"""The demo's stand-ins with a small city, and limits that make waiting visible instead of long."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from collector_rig import CLIENT, NOW, SECRET
from snmp_rig import Misbehaving, Start

from devreg.demo.city import City, build
from devreg.demo.entra import App
from devreg.demo.google import Google
from devreg.demo.graph import READS, Graph
from devreg.demo.tls import write_private


@pytest.fixture(scope="session")
def small_city() -> City:
    return build(400, now=NOW)


@pytest.fixture
def graph_service(small_city: City, tmp_path: Path) -> Iterator[Graph]:
    app = App(client_id=CLIENT, roles=READS, secret=SECRET)
    write_private(tmp_path / "intune.secret", SECRET.encode())
    with Graph(small_city, [app], tmp_path) as stand_in:
        yield stand_in


@pytest.fixture
def google_service(small_city: City, tmp_path: Path) -> Iterator[Google]:
    with Google(small_city.consoles, tmp_path) as stand_in:
        yield stand_in


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[Misbehaving] = []

    def begin(rows: dict[str, Any], twist: Callable[..., Any] | None = None) -> Misbehaving:
        started.append(Misbehaving(rows, twist))
        return started[-1]

    yield begin
    for agent in started:
        agent.stop()
