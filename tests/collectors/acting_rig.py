"""Operators before the stand-ins: their app, their browser, their managing account."""

import queue
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from collector_rig import CLIENT, CUSTOMERS

from collectors.actions.entra import OperatorSignIn
from collectors.actions.google_account import CHROMEBOOKS, COMPANY_PHONES, PHONES, ManagingAccount
from collectors.google import GoogleOptions
from collectors.intune_options import IntuneOptions
from devreg.action_options import GoogleActions, IntuneActions
from devreg.action_ports import Ask
from devreg.demo.browser import visit
from devreg.demo.entra import App
from devreg.demo.google import Google
from devreg.demo.google_login import ServiceAccount, new_account, write_key
from devreg.demo.graph import ACTS, TENANT, Graph

CONSOLE = "33333333-2222-4333-8444-555555555555"


def register_console(graph: Graph, **changed: Any) -> None:
    """The operators' app, in place of an earlier one."""
    graph.entra.apps[:] = [known for known in graph.entra.apps if known.client_id != CONSOLE]
    options = {"scopes": ACTS, "redirect_uris": ("http://localhost",)} | changed
    graph.entra.apps.append(App(client_id=CONSOLE, **options))


def operators(graph: Graph) -> list[str]:
    """Sign-in names of people in IT."""
    return [
        account.upn for account in graph.entra.people.accounts.values() if account.intune is None and account.enabled
    ]


def seat(graph: Graph, name: str | None) -> None:
    """Who sits at the browser."""
    graph.entra.people.seated = name


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def browser_command(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    """$BROWSER is a command that follows the address, as a person's browser does."""
    command = f"{sys.executable} -m devreg.demo.browser {graph.ca_bundle} %s"
    monkeypatch.setenv("BROWSER", command)
    forget_browsers(monkeypatch)


def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal without windows, as on SSH."""
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    forget_browsers(monkeypatch)


def forget_browsers(monkeypatch: pytest.MonkeyPatch) -> None:
    """webbrowser looks at the environment once in a process."""
    monkeypatch.setattr("webbrowser._tryorder", None)
    monkeypatch.setattr("webbrowser._browsers", {})


class Told:
    """What the person was told; `visiting` is a browser elsewhere, in which they open the address."""

    def __init__(self, visiting: Callable[[str], Any] | None = None) -> None:
        self.texts: list[str] = []
        self.pages: queue.Queue[Any] = queue.Queue()
        self._visiting = visiting

    def __call__(self, text: str) -> None:
        self.texts.append(text)
        address = text.splitlines()[-1]
        if self._visiting is not None and address.startswith("http://localhost:"):
            threading.Thread(target=lambda: self.pages.put(self._visiting(address)), daemon=True).start()  # type: ignore[misc]


def elsewhere(graph: Graph) -> Told:
    """A person whose browser runs on another machine, with the port brought over."""
    return Told(lambda address: visit(address, str(graph.ca_bundle)))


def operator(graph: Graph, folder: Path, ask: Ask, **changed: Any) -> OperatorSignIn:
    """Somebody who is about to sign in."""
    reading = {
        "kind": "intune", "tenant_id": TENANT, "client_id": CLIENT, "client_secret": {"file": "intune.secret"},
        "graph_url": graph.url, "login_url": graph.url, "ca_bundle": "ca.pem",
    }  # fmt: skip
    options = IntuneActions.model_validate({"client_id": CONSOLE, "redirect_port": free_port()} | changed)
    made = OperatorSignIn("intune", options, IntuneOptions.model_validate(reading), folder, ask)
    made.patience_s = 20
    return made


def managing_account(service: Google, folder: Path, scopes: tuple[str, ...] | None = None) -> ServiceAccount:
    """A second service account for the console, with its key file."""
    given = (CHROMEBOOKS, PHONES, COMPANY_PHONES) if scopes is None else scopes
    account = new_account("chrome-city-manage", {CUSTOMERS["chrome-city"]: given})
    service.login.accounts.append(account)
    write_key(account, folder / "manage.json", f"{service.url}/token")
    return account


def manager(service: Google, folder: Path, key: str = "manage.json", **changed: Any) -> ManagingAccount:
    """What acts on the console."""
    (subject,) = service.customers[CUSTOMERS["chrome-city"]].admins
    reading = {
        "kind": "google", "customer_id": CUSTOMERS["chrome-city"], "subject": subject, "key": {"file": "chrome-city.json"},
        "admin_url": service.url, "cloudidentity_url": service.url, "chromemanagement_url": service.url,
    }  # fmt: skip
    options = GoogleActions.model_validate({"key": {"file": key}, "subject": subject})
    return ManagingAccount("chrome-city", options, GoogleOptions.model_validate(reading | changed), folder)
