"""The whole small city running on this machine: stand-ins, sheets and settings in one folder."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from devreg.demo.agents import Agents
from devreg.demo.city import City, build
from devreg.demo.entra import App
from devreg.demo.google import Google
from devreg.demo.graph import READ_DEVICES, READ_USERS, TENANT, Graph
from devreg.demo.plan import SIZE
from devreg.demo.settings_file import Addresses, write_settings
from devreg.demo.sheets import write_sheets
from devreg.demo.tls import application_certificate, write_private

CLIENT_ID: Final = "2f6b8c1e-5b0d-4d6e-8a53-de5e9d3a0002"
CERTIFICATE_CLIENT_ID: Final = "2f6b8c1e-5b0d-4d6e-8a53-de5e9d3a0003"


class Rig:
    """A running city; `stop` ends everything it started. The files stay."""

    def __init__(self, folder: Path, city: City, graph: Graph, google: Google, agents: Agents | None) -> None:
        self.folder, self.city, self.graph, self.google, self.agents = folder, city, graph, google, agents
        self.config = folder / "devreg.toml"

    def stop(self) -> None:
        """End the stand-ins."""
        closers: list[Callable[[], None]] = [self.graph.stop, self.google.stop]
        if self.agents is not None:
            closers.insert(0, self.agents.stop)
        for close in closers:
            close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(
    folder: Path,
    devices: int = SIZE,
    seed: int = 2026,
    now: datetime | None = None,
    *,
    snmp: bool = True,
    cache: Path | None = None,
) -> Rig:
    """The city with every stand-in listening on a free loopback port, and its devreg.toml written to `folder`.

    `folder` is made when missing. `cache` keeps the SNMP recordings' index between runs (default: the user's cache folder).
    """
    folder.mkdir(parents=True, exist_ok=True)
    city = build(devices, seed, now=now or datetime.now(UTC))
    agents = Agents(city.network, folder, cache) if snmp else None
    try:
        rig = _assemble(folder, city, agents)
        if agents is not None:
            agents.wait_ready()
    except BaseException:
        if agents is not None:
            agents.stop()
        raise
    return rig


def _assemble(folder: Path, city: City, agents: Agents | None) -> Rig:
    secret = secrets.token_urlsafe(30)
    write_private(folder / "intune.secret", secret.encode())
    _, certificate = application_certificate(folder, "intune")
    reads = (READ_DEVICES, READ_USERS)
    apps = [
        App(client_id=CLIENT_ID, roles=reads, secret=secret),
        App(client_id=CERTIFICATE_CLIENT_ID, roles=reads, certificate=certificate),
    ]
    graph = Graph(city, apps, folder).start()
    google = Google(city.consoles, folder).start()
    write_sheets(city, folder)
    targets = (agents.targets("3"), agents.targets("2c")) if agents else ()
    addresses = Addresses(graph.url, google.url, *targets)
    write_settings(folder / "devreg.toml", city, addresses, {"tenant_id": TENANT, "client_id": CLIENT_ID})
    return Rig(folder, city, graph, google, agents)
