import base64
import json
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from demo_clients import GraphClient, msal_app, sign_in

from devreg.demo.entra import ASSERTION_TYPE, App, thumbprint
from devreg.demo.graph import READ_DEVICES, READS, Graph
from devreg.demo.tls import application_certificate

CERTIFIED = "99999999-2222-4333-8444-555555555555"


def with_certificate(graph: Graph, folder: Path, registered_as: str = "one") -> dict[str, str]:
    """Register the certificate named and give the credential of the one named "one"."""
    path, certificate = application_certificate(folder, "one")
    _, other = application_certificate(folder, "other")
    graph.entra.apps.append(
        App(client_id=CERTIFIED, roles=(READ_DEVICES,), certificate=certificate if registered_as == "one" else other)
    )
    return {"private_key": path.read_text(), "public_certificate": path.read_text()}


def test_msal_gets_a_token_with_the_apps_roles_for_its_secret(graph: Graph) -> None:
    answer = sign_in(graph)
    assert answer["expires_in"] > 300
    claims = answer["access_token"].split(".")[1]
    body = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    assert body["roles"] == list(READS)
    assert body["tid"] == graph.entra.tenant_id


def test_msal_gets_a_token_for_its_certificate(graph: Graph, tmp_path: Path) -> None:
    credential = with_certificate(graph, tmp_path)
    assert "access_token" in sign_in(graph, credential=credential, client_id=CERTIFIED)


def test_msal_keeps_its_token_instead_of_asking_again(graph: Graph) -> None:
    app = msal_app(graph)
    app.acquire_token_for_client([f"{graph.url}/.default"])
    assert app.acquire_token_for_client([f"{graph.url}/.default"])["token_source"] == "cache"
    assert sum("token" in entry.target for entry in graph.ledger) == 1


def test_another_certificate_than_the_registered_one_is_refused(graph: Graph, tmp_path: Path) -> None:
    credential = with_certificate(graph, tmp_path, registered_as="other")
    assert sign_in(graph, credential=credential, client_id=CERTIFIED)["error_codes"] == [700027]


def test_an_assertion_signed_with_another_key_is_refused(graph: Graph, tmp_path: Path) -> None:
    credential = with_certificate(graph, tmp_path)
    credential["private_key"] = (tmp_path / "other.pem").read_text()
    assert sign_in(graph, credential=credential, client_id=CERTIFIED)["error_codes"] == [700027]


def test_an_assertion_whose_header_names_another_algorithm_is_refused(graph: Graph, tmp_path: Path) -> None:
    key = serialization.load_pem_private_key(with_certificate(graph, tmp_path)["private_key"].encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    certificate = graph.entra.apps[-1].certificate
    assert certificate is not None
    statuses = []
    for algorithm in ("PS256", "RS256", "none"):
        moment = int(time.time())
        claims = {
            "iss": CERTIFIED,
            "sub": CERTIFIED,
            "aud": f"{graph.entra.authority}/oauth2/v2.0/token",
            "exp": moment + 600,
        }
        parts = ({"alg": algorithm, "x5t#S256": thumbprint(certificate)}, claims | {"jti": algorithm})
        head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
        signature = (
            base64.urlsafe_b64encode(key.sign(f"{head}.{body}".encode(), pss, hashes.SHA256())).decode().rstrip("=")
        )
        form = {
            "grant_type": "client_credentials", "client_id": CERTIFIED, "scope": f"{graph.url}/.default",
            "client_assertion_type": ASSERTION_TYPE, "client_assertion": f"{head}.{body}.{signature}",
        }  # fmt: skip
        answer = requests.post(
            f"{graph.entra.authority}/oauth2/v2.0/token", data=form, verify=str(graph.ca_bundle), timeout=5
        )
        statuses.append(answer.status_code)
    assert statuses == [200, 401, 401]


def test_an_assertion_of_the_old_kind_is_refused(graph: Graph, tmp_path: Path) -> None:
    credential = with_certificate(graph, tmp_path)
    credential["thumbprint"] = "A1B2C3D4E5F6A1B2C3D4E5F6A1B2C3D4E5F6A1B2"
    assert sign_in(graph, credential=credential, client_id=CERTIFIED)["error_codes"] == [700027]


@pytest.mark.parametrize(
    ("how", "error", "code"),
    [
        ({"credential": "wrong-secret"}, "invalid_client", 7000215),
        ({"client_id": "00000000-0000-4000-8000-000000000000"}, "unauthorized_client", 700016),
    ],
)
def test_a_refused_sign_in_says_why_in_microsofts_words(
    graph: Graph, how: dict[str, Any], error: str, code: int
) -> None:
    answer = sign_in(graph, **how)
    assert (answer["error"], answer["error_codes"]) == (error, [code])
    assert answer["error_description"].startswith(f"AADSTS{code}: ")


def test_an_expired_secret_is_refused_as_expired(graph: Graph) -> None:
    graph.entra.apps[0] = msgspec.structs.replace(graph.entra.apps[0], secret_expired=True)
    assert sign_in(graph)["error_codes"] == [7000222]


def test_an_unknown_tenant_has_no_discovery(graph: Graph) -> None:
    with pytest.raises(ValueError, match="authority"):
        msal_app(graph, tenant="00000000-0000-4000-8000-000000000009")
    answer = requests.get(
        f"{graph.url}/nowhere/v2.0/.well-known/openid-configuration", verify=str(graph.ca_bundle), timeout=5
    )
    assert (answer.status_code, answer.json()["error_codes"]) == (400, [90002])


def test_a_scope_of_another_root_is_refused(graph: Graph) -> None:
    answer = msal_app(graph).acquire_token_for_client(["https://graph.microsoft.com/.default"])
    assert answer["error"] == "invalid_scope"


def test_an_expired_token_gets_401(client: GraphClient) -> None:
    late = client.graph.clock() + 4000
    client.graph.clock = lambda: late
    answer = client.get("/users")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")


def test_no_token_and_an_invented_one_get_401(graph: Graph) -> None:
    for headers in ({}, {"Authorization": "Bearer eyJ0.eyJ9.xxx"}):
        answer = requests.get(f"{graph.url}/v1.0/users", headers=headers, verify=str(graph.ca_bundle), timeout=5)
        assert answer.status_code == 401


def test_the_client_id_of_another_app_does_not_open_with_this_secret(graph: Graph) -> None:
    graph.entra.apps.append(App(client_id=CERTIFIED, roles=(), secret="another"))
    assert sign_in(graph, client_id=CERTIFIED)["error_codes"] == [7000215]
