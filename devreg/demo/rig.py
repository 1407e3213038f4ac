"""The whole small city running on this machine: stand-ins, sheets and settings in one folder."""

import os
import secrets
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from devreg.demo import google_commands, graph_queue
from devreg.demo.agents import Agents
from devreg.demo.city import City, build
from devreg.demo.control import Control
from devreg.demo.entra import App
from devreg.demo.google import Google
from devreg.demo.graph import ACTS, READ_LEAVE_DATES, READS, TENANT, Graph
from devreg.demo.plan import SIZE
from devreg.demo.settings_file import Addresses, Operator, write_settings
from devreg.demo.sheets import write_sheets
from devreg.demo.tls import application_certificate, write_private

CLIENT_ID: Final = "2f6b8c1e-5b0d-4d6e-8a53-de5e9d3a0002"
CERTIFICATE_CLIENT_ID: Final = "2f6b8c1e-5b0d-4d6e-8a53-de5e9d3a0003"
OPERATOR_CLIENT_ID: Final = "2f6b8c1e-5b0d-4d6e-8a53-de5e9d3a0004"
"""The public client that operators sign in with."""
_PACE: Final = graph_queue.Pace(push_s=2, run_s=3, leave_s=5)
_CHROME_PACE: Final = google_commands.Pace(push_s=2, ack_s=1, run_s=2, wipe_s=1, return_s=15)
"""Seconds, so that somebody who looks on sees orders come to their end."""


class Rig:
    """A running city; `stop` ends everything it started. The files stay."""

    def __init__(
        self,
        folder: Path,
        city: City,
        graph: Graph,
        google: Google,
        control: Control,
        agents: Agents | None,
        running: ExitStack,
    ) -> None:
        self.folder, self.city, self.graph, self.google, self.agents = folder, city, graph, google, agents
        self.control = control
        """Knobs for a person, while all of this runs."""
        self.config = folder / "devreg.toml"
        self._running = running

    def stop(self) -> None:
        """End the stand-ins; a second time does nothing."""
        self._running.close()

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
    with ExitStack() as stack:
        # The agents need two seconds to come up; everything else is made meanwhile.
        agents = Agents(city.network, folder, cache) if snmp else None
        if agents is not None:
            stack.callback(agents.stop)
        graph = stack.enter_context(Graph(city, _apps(folder), folder))
        google = stack.enter_context(Google(city.consoles, folder))
        graph.acts.pace, google.acts.pace = _PACE, _CHROME_PACE
        control = stack.enter_context(Control(graph, google))
        write_sheets(city, folder)
        targets = (agents.targets("3"), agents.targets("2c")) if agents else ()
        sign_in = {"tenant_id": TENANT, "client_id": CLIENT_ID}
        for console in city.consoles:
            google.manage_key(console)
        operator = Operator(_user(), _seat_an_operator(graph), OPERATOR_CLIENT_ID)
        write_settings(folder / "devreg.toml", city, Addresses(graph.url, google.url, *targets), sign_in, operator)
        if agents is not None:
            agents.wait_ready()
        return Rig(folder, city, graph, google, control, agents, stack.pop_all())


def _seat_an_operator(graph: Graph) -> str:
    """The sign-in name of somebody in IT, who sits at the browser from now on."""
    people = graph.entra.people
    people.seated = min(one.upn for one in people.accounts.values() if one.intune is None and one.enabled)
    return people.seated


def _user() -> str:
    """The operating system's user, as the register will know them."""
    try:
        import pwd  # there is none on Windows
    except ImportError:
        return os.getlogin()
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def _apps(folder: Path) -> list[App]:
    """The collector's app registrations, one with a secret and one with a certificate, their files, and the operators' app."""
    secret = secrets.token_urlsafe(30)
    write_private(folder / "intune.secret", secret.encode())
    _, certificate = application_certificate(folder, "intune")
    return [
        App(client_id=CLIENT_ID, roles=(*READS, READ_LEAVE_DATES), secret=secret),
        App(client_id=CERTIFICATE_CLIENT_ID, roles=READS, certificate=certificate),
        App(client_id=OPERATOR_CLIENT_ID, scopes=ACTS, redirect_uris=("http://localhost",), public_flows=True),
    ]
