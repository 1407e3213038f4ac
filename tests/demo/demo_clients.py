"""Real client libraries pointed at the stand-ins."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import google.oauth2.service_account
import msal
import requests
from google.auth.transport.requests import AuthorizedSession

from devreg.demo.google import Google
from devreg.demo.google_login import READ_SCOPES, SCOPE_PREFIX
from devreg.demo.graph import Graph

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
CLIENT = "11111111-2222-4333-8444-555555555555"
SECRET = "right-secret"


def msal_app(graph: Graph, credential: Any = SECRET, client_id: str = CLIENT, tenant: str | None = None) -> Any:
    return msal.ConfidentialClientApplication(
        client_id,
        client_credential=credential,
        authority=f"{graph.url}/{tenant or graph.entra.tenant_id}",
        instance_discovery=False,
        verify=str(graph.ca_bundle),
    )


def sign_in(graph: Graph, **how: Any) -> dict[str, Any]:
    answer: dict[str, Any] = msal_app(graph, **how).acquire_token_for_client([f"{graph.url}/.default"])
    return answer


class GraphClient:
    """What a client sees: JSON by path or by full address."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.session = requests.Session()
        self.session.verify = str(graph.ca_bundle)
        self.session.headers["Authorization"] = f"Bearer {sign_in(graph)['access_token']}"

    def get(self, target: str, **options: Any) -> requests.Response:
        url = target if target.startswith("https:") else f"{self.graph.url}/v1.0{target}"
        return self.session.get(url, timeout=5, **options)

    def pages(self, target: str, **options: Any) -> Iterator[dict[str, Any]]:
        page = self.get(target, **options).json()
        yield page
        while "@odata.nextLink" in page:
            page = self.get(page["@odata.nextLink"]).json()
            yield page


def google_session(
    google_api: Google, source: str = "chrome-city", subject: str | None = "", scopes: tuple[str, ...] = READ_SCOPES
) -> AuthorizedSession:
    if subject == "":
        (subject,) = google_api.customers[customer_of(source)].admins
    credentials = google.oauth2.service_account.Credentials.from_service_account_file(
        str(google_api.keys[source]), scopes=[SCOPE_PREFIX + scope for scope in scopes], subject=subject
    )
    return AuthorizedSession(credentials)


def customer_of(source: str) -> str:
    return {"chrome-city": "C01kaup1a", "chrome-swedish": "C02skol2b", "chrome-old": "C03vanh3c"}[source]
