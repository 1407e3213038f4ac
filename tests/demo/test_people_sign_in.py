import os
import subprocess
import sys
import time
import webbrowser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
import requests
from demo_clients import CLIENT, sign_in
from people_clients import (
    CONSOLE,
    REDIRECT,
    SCOPES,
    an_operator,
    claims_of,
    public_app,
    register,
    scopes_of,
    sign_in_person,
    visit,
)

from devreg.demo import browser
from devreg.demo.entra_wire import Denied
from devreg.demo.graph import ACTS, PRIVILEGED, READ_DEVICES, Graph

DEVICES = "/v1.0/deviceManagement/managedDevices"


@pytest.fixture(autouse=True)
def _console(graph: Graph) -> None:
    register(graph)


def read_devices(graph: Graph, token: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(graph.url + DEVICES, headers=headers, verify=str(graph.ca_bundle), timeout=5)


def later(graph: Graph, seconds: float) -> None:
    moment = graph.clock() + seconds
    graph.clock = lambda: moment


def test_a_person_signs_in_with_a_code_and_the_tokens_say_who_and_what_for(graph: Graph) -> None:
    upn = an_operator(graph)
    answer = sign_in_person(graph, upn)
    account = graph.entra.people.accounts[upn]
    told = answer["id_token_claims"]
    assert (told["preferred_username"], told["oid"], told["tid"]) == (upn, account.oid, graph.entra.tenant_id)
    access = claims_of(answer["access_token"])
    assert (access["upn"], access["scp"].split(), "roles" in access) == (upn, list(ACTS), False)


def test_msals_own_browser_sign_in_comes_back_through_the_loopback_address(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(address: str) -> bool:
        subprocess.Popen([sys.executable, "-m", "devreg.demo.browser", str(graph.ca_bundle), address])
        return True

    monkeypatch.setattr(webbrowser, "open", opened)
    graph.entra.people.seated = an_operator(graph)
    answer = public_app(graph).acquire_token_interactive(scopes_of(graph), timeout=20)
    assert answer["id_token_claims"]["preferred_username"] == graph.entra.people.seated


def test_without_anybody_seated_the_page_lists_the_administrators_and_the_browser_takes_one(graph: Graph) -> None:
    flow = public_app(graph).initiate_auth_code_flow(
        scopes_of(graph), redirect_uri="http://localhost:1", response_mode="form_post"
    )
    status, text = browser.visit(flow["auth_uri"], str(graph.ca_bundle))
    assert status == 300
    assert an_operator(graph, 1) in text
    ended = subprocess.run(
        [sys.executable, "-m", "devreg.demo.browser", str(graph.ca_bundle), flow["auth_uri"]],
        capture_output=True, text=True, check=False, env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert ended.returncode == 1
    assert "Who is signing in?" in ended.stderr


@pytest.mark.filterwarnings("ignore:response_mode")
def test_the_answer_can_come_as_a_redirect_too(graph: Graph) -> None:
    graph.entra.people.seated = an_operator(graph)
    app = public_app(graph)
    flow = app.initiate_auth_code_flow(scopes_of(graph), redirect_uri=REDIRECT, response_mode="query")
    page = requests.get(flow["auth_uri"], verify=str(graph.ca_bundle), timeout=5, allow_redirects=False)
    back = urlsplit(page.headers["Location"])
    answer = app.acquire_token_by_auth_code_flow(flow, {n: v[0] for n, v in parse_qs(back.query).items()})
    assert (page.status_code, "access_token" in answer) == (302, True)


@pytest.mark.filterwarnings("ignore:response_mode")
@pytest.mark.parametrize("redirect", ["http://localhost:9/elsewhere", "http://127.0.0.1:8400", "https://evil.example"])
def test_an_address_that_is_not_registered_gets_no_code(graph: Graph, redirect: str) -> None:
    graph.entra.people.seated = an_operator(graph)
    flow = public_app(graph).initiate_auth_code_flow(scopes_of(graph), redirect_uri=redirect, response_mode="query")
    page = requests.get(flow["auth_uri"], verify=str(graph.ca_bundle), timeout=5, allow_redirects=False)
    assert (page.status_code, "AADSTS50011" in page.text, "Location" in page.headers) == (400, True, False)


def test_a_code_works_once_and_only_with_its_verifier(graph: Graph) -> None:
    graph.entra.people.seated = an_operator(graph)
    app = public_app(graph)
    codes = []
    for spoil in ({"code_verifier": "x" * 43}, {}):
        flow = app.initiate_auth_code_flow(scopes_of(graph), redirect_uri=REDIRECT, response_mode="form_post")
        back = visit(graph, flow)
        codes.append(app.acquire_token_by_auth_code_flow(flow | spoil, back).get("error_codes"))
    codes.append(public_app(graph).acquire_token_by_auth_code_flow(flow, back)["error_codes"])
    assert codes == [[501481], None, [54005]]


def test_without_proof_of_possession_there_is_no_code(graph: Graph) -> None:
    graph.entra.people.seated = an_operator(graph)
    query = {
        "client_id": CONSOLE, "response_type": "code", "redirect_uri": REDIRECT, "scope": scopes_of(graph)[0], "state": "s",
        "code_challenge": "x" * 43, "code_challenge_method": "plain",
    }  # fmt: skip
    page = requests.get(
        f"{graph.entra.authority}/oauth2/v2.0/authorize", params=query, verify=str(graph.ca_bundle), timeout=5,
        allow_redirects=False,
    )  # fmt: skip
    back = parse_qs(urlsplit(page.headers["Location"]).query)
    assert back["error_description"][0].startswith("AADSTS9002325")
    assert back["state"] == ["s"]


def test_a_code_sent_to_one_address_is_not_redeemed_for_another(graph: Graph) -> None:
    graph.entra.people.seated = an_operator(graph)
    app = public_app(graph)
    flow = app.initiate_auth_code_flow(scopes_of(graph), redirect_uri=REDIRECT, response_mode="form_post")
    elsewhere = flow | {"redirect_uri": "http://localhost:8401"}
    assert app.acquire_token_by_auth_code_flow(elsewhere, visit(graph, flow))["error_codes"] == [500112]


def test_a_code_expires(graph: Graph) -> None:
    graph.entra.people.seated = an_operator(graph)
    app = public_app(graph)
    flow = app.initiate_auth_code_flow(scopes_of(graph), redirect_uri=REDIRECT, response_mode="form_post")
    back = visit(graph, flow)
    later(graph, 601)
    assert app.acquire_token_by_auth_code_flow(flow, back)["error_codes"] == [70008]


def test_what_the_person_refuses_comes_back_as_an_error(graph: Graph) -> None:
    graph.entra.people.refusal = Denied(400, "access_denied", 65004, "User declined to consent to access the app.")
    answer = sign_in_person(graph)
    assert answer["error"] == "access_denied"
    assert "AADSTS65004" in answer["error_description"]


def test_a_permission_without_consent_is_refused_and_named(graph: Graph) -> None:
    register(graph, scopes=(READ_DEVICES,))
    answer = sign_in_person(graph)
    assert "AADSTS90094" in answer["error_description"]
    assert PRIVILEGED in answer["error_description"]


def test_a_disabled_account_does_not_get_in(graph: Graph) -> None:
    people = graph.entra.people
    gone = next(account.upn for account in people.accounts.values() if not account.enabled)
    assert "AADSTS50057" in sign_in_person(graph, gone)["error_description"]


def test_msal_renews_silently_and_not_after_the_grant_was_revoked(graph: Graph) -> None:
    app = public_app(graph)
    first = sign_in_person(graph, app=app)
    (account,) = app.get_accounts()
    again = app.acquire_token_silent_with_error(scopes_of(graph), account, force_refresh=True)
    assert again["access_token"] != first["access_token"]
    graph.entra.people.revoke_refresh_tokens(account["username"])
    refused = app.acquire_token_silent_with_error(scopes_of(graph), account, force_refresh=True)
    assert refused["error_codes"] == [50173]


def ages(graph: Graph, **asked: Any) -> tuple[int, int]:
    """How old the sign-in is that a second request gets, ten minutes after the first; and the clock's second."""
    sign_in_person(graph)
    later(graph, 600)
    answer = sign_in_person(graph, **asked)
    if "id_token_claims" not in answer:
        return (-1, 0)
    return int(graph.clock()) - answer["id_token_claims"]["auth_time"], int(graph.clock())


@pytest.mark.parametrize(
    ("asked", "age"),
    [
        ({"max_age": 900}, 600),
        ({"max_age": 300}, 0),
        ({"max_age": 900, "prompt": "login"}, 0),
        ({"max_age": 900, "claims_challenge": '{"access_token": {"nbf": {"essential": true, "value": "1"}}}'}, 0),
        ({"claims_challenge": '{"id_token": {"auth_time": {"essential": true}}}'}, 600),
    ],
)
def test_a_browser_that_knows_the_person_asks_anew_only_when_it_must(
    graph: Graph, asked: dict[str, Any], age: int
) -> None:
    assert ages(graph, **asked)[0] == age


def test_a_tenant_may_return_an_old_sign_in_all_the_same(graph: Graph) -> None:
    graph.entra.people.never_fresh = True
    assert ages(graph, max_age=900, prompt="login")[0] == 600


def test_the_time_of_sign_in_is_told_only_to_who_asks_unless_the_app_is_set_so(graph: Graph) -> None:
    assert "auth_time" not in sign_in_person(graph)["id_token_claims"]
    register(graph, optional_claims=("auth_time",))
    assert "auth_time" in sign_in_person(graph)["id_token_claims"]


def test_claims_can_be_bent(graph: Graph) -> None:
    graph.entra.people.bent_claims = {"tid": "another-tenant", "preferred_username": None}
    told = sign_in_person(graph)["id_token_claims"]
    assert (told["tid"], "preferred_username" in told) == ("another-tenant", False)


def device_sign_in(graph: Graph, **turned: Any) -> dict[str, Any]:
    people = graph.entra.people
    people.device_interval = 1
    for name, value in turned.items():
        setattr(people, name, value)
    app = public_app(graph)
    flow = app.initiate_device_flow(scopes_of(graph))
    assert flow["user_code"] in flow["message"]
    flow["expires_at"] = time.time() + (10 if people.seated else 1)
    answer: dict[str, Any] = app.acquire_token_by_device_flow(flow)
    return answer


def test_a_device_code_is_pending_until_somebody_typed_it_in(graph: Graph) -> None:
    answer = device_sign_in(graph, seated=an_operator(graph), pending_polls=2)
    assert answer["id_token_claims"]["preferred_username"] == an_operator(graph)
    assert [entry.status for entry in graph.ledger if entry.target.endswith("token")] == [400, 400, 200]


@pytest.mark.parametrize(
    ("turned", "error", "code"),
    [
        ({}, "authorization_pending", 70016),
        ({"device_code_blocked": 530036, "seated": "x"}, "access_denied", 530036),
        ({"refusal": Denied(400, "", 65004, "no"), "pending_polls": 0}, "authorization_declined", 65004),
    ],
)
def test_a_device_code_may_come_to_nothing(graph: Graph, turned: dict[str, Any], error: str, code: int) -> None:
    answer = device_sign_in(graph, **turned)
    assert (answer["error"], answer["error_codes"]) == (error, [code])


def test_a_device_code_expires(graph: Graph) -> None:
    app = public_app(graph)
    flow = app.initiate_device_flow(scopes_of(graph))
    later(graph, 901)
    flow["expires_at"] = 0
    assert app.acquire_token_by_device_flow(flow)["error"] == "expired_token"


def test_an_app_without_public_flows_gets_no_token_for_a_device_code(graph: Graph) -> None:
    register(graph, public_flows=False)
    assert device_sign_in(graph, seated=an_operator(graph))["error_codes"] == [7000218]
    assert "access_token" in sign_in_person(graph)


def test_effective_rights_are_the_apps_and_the_persons(graph: Graph) -> None:
    assert read_devices(graph, sign_in_person(graph)["access_token"]).status_code == 200
    upn, people = an_operator(graph), graph.entra.people
    people.accounts[upn] = msgspec.structs.replace(people.accounts[upn], intune=frozenset())
    assert read_devices(graph, sign_in_person(graph, upn)["access_token"]).status_code == 403


def test_a_public_client_gets_no_token_of_its_own(graph: Graph) -> None:
    assert sign_in(graph, client_id=CONSOLE)["error_codes"] == [7000215]
    form = {"grant_type": "client_credentials", "client_id": CONSOLE, "scope": f"{graph.url}/.default"}
    answer = requests.post(
        f"{graph.entra.authority}/oauth2/v2.0/token", data=form, verify=str(graph.ca_bundle), timeout=5
    )
    assert answer.json()["error_codes"] == [7000218]


def test_the_collectors_app_signs_nobody_in(graph: Graph) -> None:
    graph.entra.people.seated = an_operator(graph)
    query = {"client_id": CLIENT, "response_type": "code", "redirect_uri": REDIRECT, "scope": SCOPES[0]}
    page = requests.get(
        f"{graph.entra.authority}/oauth2/v2.0/authorize", params=query, verify=str(graph.ca_bundle), timeout=5
    )
    assert "AADSTS50011" in page.text


def test_a_challenge_strikes_the_clients_that_can_answer_it_and_names_the_claims(graph: Graph) -> None:
    plain = sign_in_person(graph)["access_token"]
    able = public_app(graph, client_capabilities=["CP1"])
    token = sign_in_person(graph, app=able)["access_token"]
    graph.entra.revoke(an_operator(graph))
    assert read_devices(graph, plain).status_code == 200
    refused = read_devices(graph, token)
    assert 'error="insufficient_claims"' in refused.headers["WWW-Authenticate"]
    (account,) = able.get_accounts()
    wanted = '{"access_token": {"nbf": {"essential": true, "value": "1"}}}'
    renewed = able.acquire_token_silent_with_error(scopes_of(graph), account, claims_challenge=wanted)
    assert read_devices(graph, renewed["access_token"]).status_code == 200
