"""Operators sign in themselves: real msal, real TLS, a browser that follows the address (safety.md 36 to 38, 41)."""

import json
import logging
import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests
from acting_rig import (
    Told,
    browser_command,
    elsewhere,
    no_browser,
    operator,
    operators,
    register_console,
    seat,
)

from collectors.actions import entra
from collectors.actions.entra import ACT, DELETE, READ
from collectors.actions.redirect import Redirect
from collectors.http import Answer
from devreg.action_ports import Ask
from devreg.demo.entra_wire import Denied
from devreg.demo.graph import Graph
from devreg.demo.server import Fault, FaultKind
from devreg.errors import Broken, Misconfigured, Refused, Retryable
from devreg.i18n import Catalogue, speak
from devreg.ports import Severity

FRESH = timedelta(minutes=15)


@pytest.fixture
def graph(graph_service: Graph, monkeypatch: pytest.MonkeyPatch) -> Iterator[Graph]:
    register_console(graph_service)
    seat(graph_service, operators(graph_service)[0])
    no_browser(monkeypatch)
    speak(Catalogue("en"))
    yield graph_service
    speak(Catalogue("en"))


def signs_in(graph: Graph, folder: Path, name: str | None = None, **changed: Any) -> tuple[entra.OperatorSignIn, Told]:
    told = elsewhere(graph)
    return operator(graph, folder, Ask(name or operators(graph)[0], told), **changed), told


def authorisations(graph: Graph) -> list[str]:
    """Addresses that browsers have opened."""
    return [entry.target for entry in graph.ledger if entry.target.split("?")[0].endswith("/authorize")]


def call(graph: Graph, bearer: str) -> int:
    headers = {"Authorization": bearer}
    url = f"{graph.url}/v1.0/deviceManagement/managedDevices?$top=1"
    return requests.get(url, headers=headers, verify=str(graph.ca_bundle), timeout=5).status_code


def test_the_browser_of_the_environment_signs_the_person_in(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser_command(graph, monkeypatch)
    told = Told()
    who = operator(graph, tmp_path, Ask(operators(graph)[0], told))
    before = time.time()
    signed_in = who.sign_in(None)
    assert signed_in.name == operators(graph)[0]
    assert abs(signed_in.at.timestamp() - before) < 60
    assert call(graph, who.bearer().get_secret_value()) == 200
    (text,) = told.texts
    first, address = text.splitlines()
    assert first == "Sign in with the browser that opens now. If none does, open this address on this machine:"
    assert re.fullmatch(r"http://localhost:\d+", address)


def test_without_a_browser_it_is_said_how_another_machines_browser_comes_back(graph: Graph, tmp_path: Path) -> None:
    who, told = signs_in(graph, tmp_path, redirect_port=18412)
    who.sign_in(None)
    hint, ssh, address = told.texts[0].splitlines()
    assert hint.startswith("There is no browser on this machine. On your own computer")
    assert ssh.startswith("ssh -L 18412:localhost:18412 ")
    assert address == "http://localhost:18412"
    assert "redirect_uri=http%3A%2F%2Flocalhost%3A18412&" in authorisations(graph)[0]


def test_a_browser_without_windows_does_not_take_the_terminal(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    for name in ("www-browser", "w3m"):
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/opened\n")
        (tmp_path / "bin" / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    monkeypatch.setenv("TERM", "xterm")
    who, told = signs_in(graph, tmp_path)
    who.sign_in(None)
    assert told.texts[0].startswith("There is no browser on this machine.")
    assert not (tmp_path / "opened").exists()


@pytest.mark.parametrize(
    ("language", "word"), [("fi", "Olet kirjautunut"), ("sv", "Du är inloggad"), ("en", "You are signed in")]
)
def test_the_page_at_the_end_is_in_the_readers_language(graph: Graph, tmp_path: Path, language: str, word: str) -> None:
    speak(Catalogue(language))
    who, told = signs_in(graph, tmp_path)
    who.sign_in(None)
    status, page = told.pages.get(timeout=5)
    assert status == 200
    assert word in page


def test_a_second_act_needs_no_second_sign_in(graph: Graph, tmp_path: Path) -> None:
    who, _ = signs_in(graph, tmp_path)
    first = who.sign_in(None)
    assert who.sign_in(None) == first
    assert who.bearer().get_secret_value() == who.bearer().get_secret_value()
    assert who.sign_in(FRESH) == first
    assert len(authorisations(graph)) == 1


def test_where_it_must_be_fresh_the_person_proves_it_again_although_the_browser_knows_them(
    graph: Graph, tmp_path: Path
) -> None:
    graph.entra.people.sessions[operators(graph)[0]] = time.time() - 3600
    who, _ = signs_in(graph, tmp_path)
    old = who.sign_in(None)
    assert time.time() - old.at.timestamp() > 3500
    new = who.sign_in(FRESH)
    assert time.time() - new.at.timestamp() < 60
    first, second = authorisations(graph)
    assert "prompt=" not in first
    assert "prompt=login" in second
    assert "max_age=900" in second


def test_a_tenant_that_gives_its_old_session_is_refused(graph: Graph, tmp_path: Path) -> None:
    graph.entra.people.sessions[operators(graph)[0]] = time.time() - 16 * 60
    graph.entra.people.never_fresh = True
    who, _ = signs_in(graph, tmp_path)
    with pytest.raises(Refused, match="the directory took one that is 16 minutes old") as caught:
        who.sign_in(FRESH)
    assert caught.value.__cause__ is None
    graph.entra.people.sessions[operators(graph)[0]] = time.time() - 3600
    with pytest.raises(Refused, match="the directory took an old one"):
        who.sign_in(FRESH)


def test_a_directory_that_says_no_time_is_refused_also_where_freshness_was_not_asked(
    graph: Graph, tmp_path: Path
) -> None:
    graph.entra.people.bent_claims["auth_time"] = None
    who, _ = signs_in(graph, tmp_path)
    with pytest.raises(Refused, match="does not say when it was") as caught:
        who.sign_in(None)
    assert "optional claim auth_time" in caught.value.next_step


def test_somebody_else_at_the_browser_is_refused_and_nothing_of_theirs_is_kept(graph: Graph, tmp_path: Path) -> None:
    mine, other = operators(graph)[:2]
    seat(graph, other)
    who, _ = signs_in(graph, tmp_path, mine)
    with pytest.raises(Refused, match=f"{other} signed in, but in the register you are {mine}: nothing was done"):
        who.sign_in(FRESH)
    seat(graph, mine)
    assert who.sign_in(None).name == mine
    assert len(authorisations(graph)) == 2


def test_when_somebody_else_takes_the_seat_the_earlier_sign_in_is_over(graph: Graph, tmp_path: Path) -> None:
    mine, other = operators(graph)[:2]
    graph.entra.people.sessions[mine] = time.time() - 3600
    who, _ = signs_in(graph, tmp_path, mine)
    who.sign_in(None)
    seat(graph, other)
    with pytest.raises(Refused, match="signed in, but"):
        who.sign_in(FRESH)
    for ask in (lambda: who.sign_in(None), who.bearer):
        with pytest.raises(Refused, match="signed in, but"):
            ask()


def test_somebody_without_a_name_in_the_register_is_never_sent_to_the_browser(graph: Graph, tmp_path: Path) -> None:
    told = elsewhere(graph)
    who = operator(graph, tmp_path, Ask(None, told))
    for ask in (lambda: who.sign_in(None), who.bearer):
        with pytest.raises(Refused, match="does not know who you are in Entra") as caught:
            ask()
    assert "devreg operator add" in caught.value.next_step
    assert told.texts == []


def test_another_tenants_token_is_refused(graph: Graph, tmp_path: Path) -> None:
    graph.entra.people.bent_claims["tid"] = "99999999-0000-0000-0000-000000000000"
    who, _ = signs_in(graph, tmp_path)
    with pytest.raises(Refused, match="in another tenant than the source's"):
        who.sign_in(None)


def test_rights_the_app_was_not_granted_are_named(graph: Graph, tmp_path: Path) -> None:
    register_console(graph, scopes=(READ,))
    who, _ = signs_in(graph, tmp_path)
    with pytest.raises(Refused, match=r"nobody has consented .*\(AADSTS90094\)"):
        who.sign_in(None)


def test_a_token_with_less_than_was_asked_for_is_refused_by_name(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = graph.entra._issue
    less = lambda app, *a, **k: issue(msgspec.structs.replace(app, scopes=(READ,)), *a, **k)  # noqa: E731
    monkeypatch.setattr(graph.entra, "_issue", less)
    who, _ = signs_in(graph, tmp_path)
    with pytest.raises(Refused, match=f"{re.escape(ACT)} is not granted"):
        who.sign_in(None)


def test_a_later_token_with_less_than_was_asked_for_is_refused_by_name(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, _ = signs_in(graph, tmp_path)
    who.sign_in(None)
    issue = graph.entra._issue
    less = lambda app, *a, **k: issue(msgspec.structs.replace(app, scopes=(READ, ACT)), *a, **k)  # noqa: E731
    monkeypatch.setattr(graph.entra, "_issue", less)
    with pytest.raises(Refused, match=f"for you: {re.escape(DELETE)} is not granted"):
        who.bearer((READ, ACT, DELETE))


def test_a_right_without_consent_is_told_and_nobody_is_sent_to_the_browser_for_it(graph: Graph, tmp_path: Path) -> None:
    who, _ = signs_in(graph, tmp_path)
    who.sign_in(None)
    refused = {"error": "invalid_grant", "suberror": "consent_required", "error_description": "AADSTS65001: no consent"}
    graph.faults.append(Fault(path_contains="/token", status=400, body=json.dumps(refused).encode()))
    with pytest.raises(Refused, match=r"nobody has consented .*\(AADSTS65001\)"):
        who.bearer((READ, ACT, DELETE))
    assert len(authorisations(graph)) == 1


def test_only_who_deletes_asks_for_the_right_to_delete(graph: Graph, tmp_path: Path) -> None:
    who, _ = signs_in(graph, tmp_path)
    who.sign_in(None)
    assert DELETE not in authorisations(graph)[0]
    assert who.bearer((READ, ACT, DELETE)).get_secret_value().startswith("Bearer ey")
    register_console(graph, scopes=(READ, ACT))
    less, _ = signs_in(graph, tmp_path)
    less.sign_in(None)
    with pytest.raises(Refused, match=r"AADSTS90094"):
        less.bearer((READ, ACT, DELETE))
    assert len(authorisations(graph)) == 2


def test_a_revoked_sign_in_is_asked_for_anew_as_fresh_as_the_one_before(graph: Graph, tmp_path: Path) -> None:
    who, _ = signs_in(graph, tmp_path)
    who.sign_in(FRESH)
    graph.entra.people.revoke_refresh_tokens(operators(graph)[0])
    assert who.bearer((READ, ACT, DELETE)).get_secret_value().startswith("Bearer ey")
    assert ["prompt=login" in address for address in authorisations(graph)] == [True, True]


def test_a_claims_challenge_brings_one_new_token(graph: Graph, tmp_path: Path) -> None:
    who, _ = signs_in(graph, tmp_path)
    who.sign_in(None)
    old = who.bearer().get_secret_value()
    graph.entra.revoke(operators(graph)[0])
    answer = requests.get(
        f"{graph.url}/v1.0/deviceManagement/managedDevices",
        headers={"Authorization": old},
        verify=str(graph.ca_bundle),
        timeout=5,
    )
    said = Answer(answer.status_code, "", {k.lower(): v for k, v in answer.headers.items()}, answer.content)
    assert said.status == 401
    new = who.renewed(said)
    assert new is not None
    assert new.get_secret_value() != old
    assert call(graph, new.get_secret_value()) == 200
    assert who.renewed(Answer(401, "", {}, b"")) is None


@pytest.mark.parametrize(
    ("denied", "said"),
    [
        (
            Denied(400, "access_denied", 65004, "User declined to consent"),
            "the sign-in was cancelled, so nothing was done",
        ),
        (Denied(400, "access_denied", 53003, "Blocked"), "a Conditional Access policy blocks it"),
        (Denied(400, "interaction_required", 50105, "Not assigned"), "your account is not assigned to the acting app"),
    ],
)
def test_what_the_browser_brings_instead_of_a_code_is_told(
    graph: Graph, tmp_path: Path, denied: Denied, said: str
) -> None:
    graph.entra.people.refusal = denied
    who, told = signs_in(graph, tmp_path)
    with pytest.raises(Refused, match=said):
        who.sign_in(None)
    assert "The sign-in did not work; devreg says why." in told.pages.get(timeout=5)[1]


def test_nobody_coming_back_is_told_in_time(graph: Graph, tmp_path: Path) -> None:
    told = Told()
    who = operator(graph, tmp_path, Ask(operators(graph)[0], told))
    who.patience_s = 0.3
    with pytest.raises(Refused, match="nobody signed in in time") as caught:
        who.sign_in(None)
    assert "AADSTS50011" in caught.value.next_step


def test_closing_what_asks_ends_the_waiting(graph: Graph, tmp_path: Path) -> None:
    who = operator(graph, tmp_path, Ask(operators(graph)[0], Told(), lambda: True))
    who.patience_s = 10_000
    with pytest.raises(Refused, match="was cancelled"):
        who.sign_in(None)


def test_a_port_in_use_is_told_before_any_browser_opens(graph: Graph, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        who, told = signs_in(graph, tmp_path, redirect_port=other.getsockname()[1])
        with pytest.raises(Misconfigured, match="is in use, so the browser can't come back") as caught:
            who.sign_in(None)
    assert "redirect_port in actions.intune" in caught.value.next_step
    assert told.texts == []


def test_the_port_is_free_again_after_a_sign_in_whatever_came_of_it(graph: Graph, tmp_path: Path) -> None:
    who, _ = signs_in(graph, tmp_path)
    seat(graph, operators(graph)[1])
    for _ in range(2):
        with pytest.raises(Refused, match="signed in, but"):
            who.sign_in(None)


def test_answers_of_others_are_turned_away_while_somebody_signs_in() -> None:
    with Redirect("intune", 0) as redirect:
        port = redirect._server.server_address[1]
        assert requests.get(f"http://127.0.0.1:{port}/", timeout=5).status_code == 404
        assert requests.post(f"http://127.0.0.1:{port}/", data={"code": "x"}, timeout=5).status_code == 400
        assert redirect.expect("https://directory.example/authorize?x=1", "right") == f"http://localhost:{port}"
        led = requests.get(f"http://127.0.0.1:{port}/", timeout=5, allow_redirects=False)
        assert (led.status_code, led.headers["Location"]) == (302, "https://directory.example/authorize?x=1")
        found: list[dict[str, str] | None] = []
        waiting = threading.Thread(target=lambda: found.append(redirect.answer(10, lambda: False)))
        waiting.start()
        for form in ({"code": "x", "state": "wrong"}, {"code": "x"}, {"code": "x" * 70_000, "state": "right"}):
            assert requests.post(f"http://127.0.0.1:{port}/", data=form, timeout=5).status_code == 400
        assert requests.get(f"http://127.0.0.1:{port}/?code=x&state=right", timeout=5).status_code == 404
        idle = socket.create_connection(("127.0.0.1", port))
        answer = requests.post(f"http://127.0.0.1:{port}/", data={"code": "ok", "state": "right"}, timeout=5)
        waiting.join(5)
        idle.close()
    assert found == [{"code": "ok", "state": "right"}]
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_code_is_typed_elsewhere_only_where_that_is_switched_on(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_browser(monkeypatch)
    register_console(graph, public_flows=True, optional_claims=("auth_time",))
    graph.entra.people.device_interval = 1
    told = Told()
    who = operator(graph, tmp_path, Ask(operators(graph)[0], told), device_code=True)
    assert who.sign_in(FRESH).name == operators(graph)[0]
    (text,) = told.texts
    assert text.startswith(
        f"Sign in as {operators(graph)[0]}: open {graph.url}/devicelogin on any device and type the code "
    )
    assert authorisations(graph) == []
    seat(graph, operators(graph)[0])
    shown = elsewhere(graph)
    assert operator(graph, tmp_path, Ask(operators(graph)[0], shown)).sign_in(FRESH).name == operators(graph)[0]
    assert "devicelogin" not in " ".join(shown.texts)
    assert len(authorisations(graph)) == 1


@pytest.mark.parametrize("code", [50199, 530036])
def test_a_tenant_that_blocks_codes_is_told_with_the_way_out(graph: Graph, tmp_path: Path, code: int) -> None:
    register_console(graph, public_flows=True)
    graph.entra.people.device_code_blocked = code
    graph.entra.people.device_interval = 1
    who = operator(graph, tmp_path, Ask(operators(graph)[0], Told()), device_code=True)
    with pytest.raises(Refused, match=f"does not let people sign in by a code .AADSTS{code}") as caught:
        who.sign_in(None)
    assert "set device_code = false" in caught.value.next_step


def test_a_code_for_an_app_that_allows_no_public_flows_is_told(graph: Graph, tmp_path: Path) -> None:
    graph.entra.people.device_interval = 1
    who = operator(graph, tmp_path, Ask(operators(graph)[0], Told()), device_code=True)
    with pytest.raises(Refused, match="the acting app is no public client"):
        who.sign_in(None)


def test_a_code_that_nobody_types_ends_in_time(graph: Graph, tmp_path: Path) -> None:
    register_console(graph, public_flows=True)
    seat(graph, None)
    graph.entra.people.device_interval = 1
    who = operator(graph, tmp_path, Ask(operators(graph)[0], Told()), device_code=True)
    who.patience_s = 1
    with pytest.raises(Refused, match="nobody signed in in time"):
        who.sign_in(None)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(path_contains="/token", status=503), Retryable),
        (Fault(kind=FaultKind.DROP, path_contains="/token"), Retryable),
        (Fault(kind=FaultKind.HTML, path_contains="/token"), Broken),
        (Fault(path_contains="/token", status=200, body=b'{"access_token": 7}'), Refused),
        (Fault(path_contains="/token", status=200, body=b"[]"), Broken),
        (Fault(path_contains="openid-configuration", status=503), Retryable),
    ],
)
def test_trouble_of_the_sign_in_service_is_told_as_what_it_is(
    graph: Graph, tmp_path: Path, fault: Fault, error: type[Exception]
) -> None:
    graph.faults.append(fault)
    who, _ = signs_in(graph, tmp_path)
    with pytest.raises(error):
        who.sign_in(None)


def test_check_asks_nobody_to_sign_in(graph: Graph, tmp_path: Path) -> None:
    who, told = signs_in(graph, tmp_path)
    findings = list(who.check())
    assert [finding.severity for finding in findings] == [Severity.OK, Severity.OK]
    assert told.texts == []
    assert authorisations(graph) == []
    assert not any("/token" in entry.target or "devicecode" in entry.target for entry in graph.ledger)


def test_check_tells_of_a_port_in_use_of_codes_and_of_a_service_that_is_not_there(graph: Graph, tmp_path: Path) -> None:
    with Redirect("intune", 0) as taken:
        who, _ = signs_in(graph, tmp_path, redirect_port=taken._server.server_address[1])
        assert [finding.severity for finding in who.check()] == [Severity.OK, Severity.FAULT]
    by_code, _ = signs_in(graph, tmp_path, device_code=True)
    assert [finding.severity for finding in by_code.check()] == [Severity.OK, Severity.ADVICE]
    graph.stop()
    gone, _ = signs_in(graph, tmp_path)
    fault, _ = gone.check()
    assert "can't be reached" in fault.what


def test_no_token_is_written_or_shown_anywhere(
    graph: Graph,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    issued: list[str] = []
    issue, refresh = graph.entra._issue, graph.entra.people.refresh_token
    monkeypatch.setattr(graph.entra, "_issue", lambda *a, **k: issued.append(issue(*a, **k)) or issued[-1])
    monkeypatch.setattr(graph.entra.people, "refresh_token", lambda *a: issued.append(refresh(*a)) or issued[-1])
    who, told = signs_in(graph, tmp_path)
    who.sign_in(FRESH)
    bearer = who.bearer()
    assert issued[0] in bearer.get_secret_value()
    shown = repr(bearer) + str(bearer) + repr(who) + "".join(told.texts) + caplog.text + "".join(capfd.readouterr())
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert len(issued) == 2
    for token in issued:
        assert token not in shown
        assert token.encode() not in kept
