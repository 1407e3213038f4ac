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
