"""`devreg check` of what acts: nobody is asked to sign in, and nothing is sent."""

import getpass
import socket

import pytest
from cli_rig import CONSOLE, READER, Cli, acting_on

from devreg.demo.city import build
from devreg.demo.entra import App
from devreg.demo.google import Google
from devreg.demo.google_login import READ_SCOPES
from devreg.demo.graph import ACTS, READS, TENANT, Graph
from devreg.demo.tls import write_private
from devreg.wiring import now

SECRET = "right-secret"


def apps() -> list[App]:
    acting = App(client_id=CONSOLE, scopes=ACTS, redirect_uris=("http://localhost",))
    return [App(client_id=READER, roles=READS, secret=SECRET), acting]


def told(register: Cli) -> dict[str, str]:
    """What check says -> how it is to be read."""
    return {line["what"]: line["severity"] for line in register("check", "--format", "json").json()}


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free: int = probe.getsockname()[1]
        return free


def test_what_acts_is_looked_at_without_asking_anybody_to_sign_in(register: Cli, port: int) -> None:
    write_private(register.folder / "intune.secret", SECRET.encode())
    me = getpass.getuser()
    with Graph(build(200, now=now()), apps(), register.folder) as graph:
        named = f'[operators]\n{me} = {{ role = "admin", entra = "me@city.example" }}\n[audit]\nfile = "audit.jsonl"\n'
        register.settings(acting_on(graph.url, TENANT, port), named)
        if not register.database.startswith("sqlite"):
            added = register("operator", "add", "check-anna", "--role", "technician", "--entra", "me@city.example")
            assert added.code == 0
        found = told(register)
        asked = [entry.target for entry in graph.ledger]
    assert found["everybody who may act from afar is known by their name in Entra (1)"] == "ok"
    assert found[f"intune: port {port} is free for the way back from the browser."] == "ok"
    assert any(what.startswith("intune: operators sign in at localhost:") for what, how in found.items() if how == "ok")
    assert not any("authorize" in target or "devicecode" in target for target in asked)


def test_what_stands_in_the_way_of_acting_is_told_with_what_to_do(register: Cli) -> None:
    write_private(register.folder / "intune.secret", SECRET.encode())
    with Graph(build(200, now=now()), apps(), register.folder) as graph, socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        register.settings(acting_on(graph.url, TENANT, port))
        done = register("check")
    assert done.code == 1
    assert "✗ fault  devreg: nobody's sign-in name in Entra is known here, so nobody can act from afar" in done.lines
    assert (
        f"✗ fault  intune: port {port} of this machine is in use, so the browser can't come back to it." in done.lines
    )
    assert "• advice devreg: no second place keeps the audit trail, so nothing can be wiped" in done.lines


@pytest.mark.parametrize("right", ["PrivilegedOperations.All", "ReadWrite.All"])
def test_an_app_that_could_wipe_collects_nothing_and_ends_with_an_exit_code(
    register: Cli, port: int, right: str
) -> None:
    write_private(register.folder / "intune.secret", SECRET.encode())
    role = f"DeviceManagementManagedDevices.{right}"
    with Graph(
        build(200, now=now()), [App(client_id=READER, roles=(*READS, role), secret=SECRET)], register.folder
    ) as graph:
        register.settings(acting_on(graph.url, TENANT, port))
        done = register("collect", "intune")
        asked = [entry.target for entry in graph.ledger if "/deviceManagement/" in entry.target]
    assert done.code == 1
    assert "may wipe devices" in done.err + done.out
    assert role in done.err + done.out
    assert asked == []


def test_an_account_that_could_wipe_chromebooks_collects_nothing_and_ends_with_an_exit_code(register: Cli) -> None:
    with Google(build(200, now=now()).consoles, register.folder) as google:
        google.account("chrome-city").delegated["C01kaup1a"] = (*READ_SCOPES, "admin.directory.device.chromeos")
        register.settings(
            f"""
[sources.chrome-city]
kind = "google"
customer_id = "C01kaup1a"
subject = "registry@kaupunki.example"
key = {{ file = "chrome-city.json" }}
admin_url = "{google.url}"
"""
        )
        done = register("collect", "chrome-city")
        asked = {entry.target for entry in google.ledger}
    assert done.code == 1
    assert "may wipe or disable devices" in done.err + done.out
    assert asked == {"/token"}
