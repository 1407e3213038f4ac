"""A small city and its stand-ins, each fresh for its test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_clients import CLIENT, NOW, SECRET, GraphClient

from devreg.demo.city import City, build
from devreg.demo.entra import App
from devreg.demo.google import Google
from devreg.demo.graph import READS, Graph


@pytest.fixture(autouse=True)
def _no_foreign_ca_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    # Both override what msal and requests are told to trust.
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)


@pytest.fixture(scope="session")
def city() -> City:
    return build(900, now=NOW)


@pytest.fixture
def graph(city: City, tmp_path: Path) -> Iterator[Graph]:
    app = App(client_id=CLIENT, roles=READS, secret=SECRET)
    with Graph(city, [app], tmp_path) as stand_in:
        yield stand_in


@pytest.fixture
def google_api(city: City, tmp_path: Path) -> Iterator[Google]:
    with Google(city.consoles, tmp_path) as stand_in:
        yield stand_in


@pytest.fixture
def client(graph: Graph) -> GraphClient:
    return GraphClient(graph)
