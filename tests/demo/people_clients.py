"""A public client of real msal and the person before it."""

import base64
import json
from typing import Any

import msal
import requests

from devreg.demo.browser import form_of
from devreg.demo.entra import App
from devreg.demo.graph import ACTS, PRIVILEGED, READ_DEVICES, Graph

CONSOLE = "33333333-2222-4333-8444-555555555555"
REDIRECT = "http://localhost:8400"
SCOPES = (READ_DEVICES, PRIVILEGED)


def register(graph: Graph, **app: Any) -> None:
    """The operators' app, in place of an earlier one."""
    graph.entra.apps[:] = [known for known in graph.entra.apps if known.client_id != CONSOLE]
    options = {"scopes": ACTS, "redirect_uris": ("http://localhost",), "public_flows": True} | app
    graph.entra.apps.append(App(client_id=CONSOLE, **options))


def an_operator(graph: Graph, nth: int = 0) -> str:
    """The sign-in name of somebody in IT."""
    able = [account for account in graph.entra.people.accounts.values() if account.intune is None and account.enabled]
    return able[nth].upn


def public_app(graph: Graph, **options: Any) -> Any:
    return msal.PublicClientApplication(
        CONSOLE, authority=graph.entra.authority, instance_discovery=False, verify=str(graph.ca_bundle), **options
    )


def scopes_of(graph: Graph, names: tuple[str, ...] = SCOPES) -> list[str]:
    return [f"{graph.url}/{name}" for name in names]


def visit(graph: Graph, flow: dict[str, Any]) -> dict[str, str]:
    """What the browser brings back to the application."""
    page = requests.get(flow["auth_uri"], verify=str(graph.ca_bundle), timeout=5, allow_redirects=False)
    assert page.status_code == 200, page.text
    action, fields = form_of(page.text)
    assert action == REDIRECT
    return fields


def sign_in_person(
    graph: Graph, upn: str | None = None, *, app: Any = None, scopes: tuple[str, ...] = SCOPES, **asked: Any
) -> dict[str, Any]:
    """Sign somebody in with a code, as far as the stand-in lets her."""
    graph.entra.people.seated = upn or an_operator(graph)
    app = app or public_app(graph)
    flow = app.initiate_auth_code_flow(
        scopes_of(graph, scopes), redirect_uri=REDIRECT, response_mode="form_post", **asked
    )
    answer: dict[str, Any] = app.acquire_token_by_auth_code_flow(flow, visit(graph, flow))
    return answer


def claims_of(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


class Operator:
    """A person with a token, who gives orders as a careful client does: one request, no retries, no redirects."""

    def __init__(self, graph: Graph, upn: str | None = None, token: str | None = None) -> None:
        self.graph = graph
        self.upn = upn or an_operator(graph)
        self.session = requests.Session()
        self.session.verify = str(graph.ca_bundle)
        bearer = token or sign_in_person(graph, self.upn)["access_token"]
        self.session.headers["Authorization"] = f"Bearer {bearer}"

    def order(
        self, row: dict[str, Any], act: str, body: Any = None, *, root: str = "v1.0", timeout: float = 5, **headers: str
    ) -> requests.Response:
        address = f"{self.graph.url}/{root}/deviceManagement/managedDevices/{row['id']}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        how: Any = {"headers": named, "timeout": timeout, "allow_redirects": False} | ({"json": body} if body else {})
        return self.session.delete(address, **how) if act == "delete" else self.session.post(f"{address}/{act}", **how)

    def get(self, target: str, *, root: str = "v1.0", **query: str) -> requests.Response:
        return self.session.get(f"{self.graph.url}/{root}/deviceManagement{target}", params=query, timeout=5)

    def read(self, row: dict[str, Any]) -> dict[str, Any]:
        """The single device, as actions are followed."""
        answer: dict[str, Any] = self.get(f"/managedDevices/{row['id']}").json()
        return answer

    def results(self, row: dict[str, Any], act: str) -> list[dict[str, Any]]:
        return [entry for entry in self.read(row)["deviceActionResults"] if entry["actionName"] == act]


def a_device(graph: Graph, system: str, enrollment: str = "", *, online: bool = True, **like: Any) -> dict[str, Any]:
    """The first device of a system and way of enrolment, made so where the city has none."""
    rows = [row for row in graph.devices if row["operatingSystem"] == system] or graph.devices
    rows = [row for row in rows if row["deviceEnrollmentType"] == enrollment] or rows
    row = next(row for row in rows if row["id"] not in graph.acts.offline and row["managementState"] == "managed")
    row |= {"operatingSystem": system} | ({"deviceEnrollmentType": enrollment} if enrollment else {}) | like
    if not online:
        graph.acts.offline.add(row["id"])
    return row
