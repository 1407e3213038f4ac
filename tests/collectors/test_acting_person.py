"""Who signed in: the same person as in the register, in the source's tenant, lately, and allowed to (safety.md 37 and 38)."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.actions.entra import claims_challenge
from collectors.actions.person import Expected, demand_rights, proven
from collectors.actions.refusals import refusal
from collectors.http import Answer
from devreg.action_ports import SignedIn
from devreg.errors import Refused
from devreg.i18n import Catalogue

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TENANT = "00000000-0000-0000-0000-00000000000A"
APP = "00000000-0000-0000-0000-00000000000b"
ANNA = "anna@city.example"


def claims(minutes_ago: float = 1, **changed: Any) -> dict[str, Any]:
    told = {"tid": TENANT, "aud": APP, "preferred_username": ANNA, "auth_time": int(NOW.timestamp() - minutes_ago * 60)}
    return {key: value for key, value in (told | changed).items() if value is not None}


def judged(said: dict[str, Any], name: str = ANNA, within: int = 15) -> SignedIn:
    return proven(said, Expected("intune", TENANT.lower(), APP, name, timedelta(minutes=within)), NOW)


def test_the_person_of_the_register_is_taken_with_the_time_of_their_proof() -> None:
    assert judged(claims(14)) == SignedIn(ANNA, NOW - timedelta(minutes=14))


@pytest.mark.parametrize("said", ["ANNA@City.Example", " anna@city.example "])
def test_letters_in_another_case_are_the_same_person(said: str) -> None:
    assert judged(claims(preferred_username=said)).name == ANNA


def test_a_guest_is_known_by_the_name_that_the_tenant_has_for_them() -> None:
    guest = "anna_other.example#EXT#@city.example"
    assert judged(claims(preferred_username="anna@other.example", upn=guest), name=guest).name == guest


@pytest.mark.parametrize("said", ["mallory@city.example", "anna@city.example.evil", "anna", "", None, 7])
def test_somebody_else_is_refused(said: object) -> None:
    with pytest.raises(Refused, match=r"in the register you are anna@city\.example: nothing was done") as caught:
        judged(claims(preferred_username=said))
    assert caught.value.next_step.startswith("Sign in as anna@city.example")


@pytest.mark.parametrize("said", ["00000000-0000-0000-0000-00000000000c", None, ""])
def test_another_tenant_is_refused(said: str | None) -> None:
    with pytest.raises(Refused, match="another tenant"):
        judged(claims(tid=said))


def test_a_sign_in_for_another_app_is_refused() -> None:
    with pytest.raises(Refused, match="another app"):
        judged(claims(aud="00000000-0000-0000-0000-00000000000c"))


@pytest.mark.parametrize(("minutes", "fresh"), [(0, True), (15, True), (15.02, False), (600, False), (-4, True)])
def test_a_proof_is_fresh_for_as_long_as_was_asked(minutes: float, fresh: bool) -> None:
    if fresh:
        assert judged(claims(minutes)).name == ANNA
        return
    with pytest.raises(Refused, match="a fresh sign-in was asked for, but the directory took one that is"):
        judged(claims(minutes))


def test_a_proof_of_later_than_now_is_no_proof() -> None:
    with pytest.raises(Refused, match="this machine's clock is wrong"):
        judged(claims(-6))


@pytest.mark.parametrize("said", [None, "", "soon", [], 10**30, True, 0])
def test_without_a_time_nothing_is_fresh(said: object) -> None:
    with pytest.raises(Refused):
        judged(claims(auth_time=said))


def test_rights_that_are_missing_are_named() -> None:
    demand_rights("intune", ["openid", "https://graph.microsoft.com/A.Read", "B.Write"], ["A.Read", "B.Write"])
    with pytest.raises(Refused, match=r"that for you: B\.Write, C\.Do is not granted"):
        demand_rights("intune", ["A.Read", "XB.Write"], ["A.Read", "B.Write", "C.Do"])


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"error": "access_denied", "error_description": "AADSTS65004: User declined to consent"}, "was cancelled"),
        ({"error": "access_denied"}, "was cancelled"),
        ({"error": "invalid_grant", "error_description": "AADSTS65001: x"}, r"nobody has consented .*\(AADSTS65001\)"),
        ({"error": "invalid_client", "error_codes": [7000218]}, "is no public client"),
        ({"error": "access_denied", "error_codes": [53003]}, "a Conditional Access policy blocks it"),
        ({"error": "access_denied", "error_codes": [530036]}, "does not let people sign in by a code"),
        ({"error": "expired_token"}, "nobody signed in in time"),
        ({"error": "server_error", "error_description": "AADSTS99999: something new"}, "something new"),
        ({"error": "access_denied", "error_description": "AADSTS99999: something new"}, "something new"),
        ({}, "the sign-in was refused"),
    ],
)
def test_a_refusal_is_told_in_plain_words(answer: dict[str, Any], said: str) -> None:
    error = refusal("intune", answer)
    assert isinstance(error, Refused)
    with pytest.raises(Refused, match=said):
        raise error
    assert error.next_step
    for language in ("fi", "sv"):
        t = Catalogue(language)
        if "something new" not in error.what:
            assert t.said(error.what) != error.what
        assert t.said(error.next_step) != error.next_step


def challenge(status: int = 401, said: str = 'Bearer realm="", error="insufficient_claims", claims="{}"') -> str | None:
    wanted = base64.urlsafe_b64encode(json.dumps({"access_token": {"nbf": {"value": "1"}}}).encode()).decode()
    return claims_challenge(Answer(status, "https://x", {"www-authenticate": said.format(wanted)}, b""))


def test_a_claims_challenge_is_read_from_a_401_that_makes_one() -> None:
    asked = challenge()
    assert asked is not None
    assert json.loads(asked) == {"access_token": {"nbf": {"value": "1"}}}


def test_any_other_answer_is_no_challenge() -> None:
    assert challenge(403) is None
    assert challenge(401, 'Bearer error="invalid_token"') is None
    assert challenge(401, 'Bearer error="insufficient_claims", claims="!!"') is None
    assert challenge(401, 'Bearer error="insufficient_claims", claims="W10="') is None
    assert claims_challenge(Answer(401, "https://x", {}, b"")) is None
