"""Orders as Graph takes them, byte by byte, and what its answers mean (contracts/intune.md 6, 9, 10)."""

import base64
import json
from typing import Any

import msgspec
import pytest

from collectors.actions.intune_orders import request_of, sent_of, unsendable
from collectors.http import Answer
from devreg.action_ports import Accepted, AwaitsApproval, Order, Rejected, Target
from devreg.domain.platforms import OFFERS, Mode, RemoteAct

ROOT = "https://graph.example"
ID = "3f0c1c52-7a0e-4a51-9d0b-6a1f0c9b2e11"
OURS = "0b5d3a52-0000-4a51-9d0b-6a1f0c9b2e11"
CODE = "9d3a52aa-1111-4a51-9d0b-6a1f0c9b2e11"
AT = f"{ROOT}/v1.0/deviceManagement/managedDevices/{ID}"
BETA = f"{ROOT}/beta/deviceManagement/managedDevices/{ID}"
A = RemoteAct


def order(act: RemoteAct = A.WIPE, mode: Mode = Mode.IOS_SUPERVISED, **more: Any) -> Order:
    options = {"request_id": OURS, "justification": "Kadonnut Åbossa"} | more
    return Order(act, Target(options.pop("native_id", ID), mode), **options)


def answer(status: int, body: Any = None, **headers: str) -> Answer:
    text = body if isinstance(body, str) else json.dumps(body) if body is not None else ""
    return Answer(status, AT, {name.replace("_", "-"): value for name, value in headers.items()}, text.encode())


@pytest.mark.parametrize(
    ("act", "mode", "options", "method", "url", "body"),
    [
        (A.LOCK, Mode.IOS, {}, "POST", f"{AT}/remoteLock", None),
        (A.RETIRE, Mode.WINDOWS, {}, "POST", f"{AT}/retire", None),
        (A.RESET_PASSCODE, Mode.ANDROID_DEDICATED, {}, "POST", f"{AT}/resetPasscode", None),
        (A.LOST_MODE_OFF, Mode.IOS_SUPERVISED, {}, "POST", f"{AT}/disableLostMode", None),
        (A.LOCATE, Mode.WINDOWS, {}, "POST", f"{AT}/locateDevice", None),
        (A.REBOOT, Mode.WINDOWS, {}, "POST", f"{AT}/rebootNow", None),
        (A.SHUT_DOWN, Mode.IOS_SUPERVISED, {}, "POST", f"{AT}/shutDown", None),
        (A.SYNC, Mode.ANDROID, {}, "POST", f"{AT}/syncDevice", None),
        (A.DELETE, Mode.IOS, {}, "DELETE", AT, None),
        (
            A.LOST_MODE, Mode.IOS_SUPERVISED, {"message": "Palauta", "phone": "+358 9", "footer": "IT"},
            "POST", f"{BETA}/enableLostMode", b'{"message":"Palauta","phoneNumber":"+358 9","footer":"IT"}',
        ),
        (A.LOST_MODE, Mode.IOS_SUPERVISED, {"phone": "+358 9"}, "POST", f"{BETA}/enableLostMode", b'{"phoneNumber":"+358 9"}'),
        (A.PLAY_SOUND, Mode.ANDROID_FULL, {"minutes": "3"}, "POST", f"{BETA}/playLostModeSound", b'{"durationInMinutes":"3"}'),
        (A.PLAY_SOUND, Mode.ANDROID_FULL, {}, "POST", f"{BETA}/playLostModeSound", b'{"durationInMinutes":"5"}'),
        (A.WIPE, Mode.IOS, {}, "POST", f"{AT}/wipe", b'{"persistEsimDataPlan":false}'),
        (A.WIPE, Mode.ANDROID_FULL, {"keep_esim": "true"}, "POST", f"{AT}/wipe", b'{"persistEsimDataPlan":true}'),
        (A.WIPE, Mode.ANDROID_CORPORATE_PROFILE, {"keep_user_data": "true"}, "POST", f"{AT}/wipe", b'{"persistEsimDataPlan":false}'),
        (A.WIPE, Mode.ANDROID_AOSP, {"keep_esim": "true"}, "POST", f"{AT}/wipe", None),
        (A.WIPE, Mode.WINDOWS, {}, "POST", f"{AT}/wipe", b'{"keepEnrollmentData":false,"keepUserData":false}'),
        (
            A.WIPE, Mode.WINDOWS, {"keep_user_data": "true", "unlock_code": "123456", "keep_esim": "true"},
            "POST", f"{AT}/wipe", b'{"keepEnrollmentData":false,"keepUserData":true}',
        ),
        (A.WIPE, Mode.MACOS, {}, "POST", f"{AT}/wipe", None),
        (A.WIPE, Mode.MACOS, {"unlock_code": "123456", "keep_esim": "true"}, "POST", f"{AT}/wipe", None),
        (A.WIPE, Mode.CHROME_CONNECTED, {}, "POST", f"{AT}/wipe", None),
    ],
)  # fmt: skip
def test_an_order_is_this_very_request(
    act: RemoteAct, mode: Mode, options: dict[str, str], method: str, url: str, body: bytes | None
) -> None:
    request = request_of(order(act, mode, options=options), ROOT)
    assert (request.method, request.url, request.body) == (method, url, body)
    assert request.headers["client-request-id"] == OURS


def test_only_beta_takes_a_protected_wipe_and_an_obliteration() -> None:
    plain = request_of(order(A.WIPE, Mode.WINDOWS), "https://graph.example")
    protected = request_of(order(A.WIPE, Mode.WINDOWS, options={"protected": "true"}), "https://graph.example")
    mac = request_of(order(A.WIPE, Mode.MACOS, options={"obliteration": "doNotObliterate"}), "https://graph.example")
    assert "/v1.0/" in plain.url
    assert b"useProtectedWipe" not in (plain.body or b"")
    assert "/beta/" in protected.url
    assert json.loads(protected.body or b"")["useProtectedWipe"] is True
    assert "/beta/" in mac.url
    assert json.loads(mac.body or b"") == {"obliterationBehavior": "doNotObliterate"}


def test_every_order_that_is_offered_through_intune_can_be_put_to_it() -> None:
    """But for one that no documentation describes, which the Google console takes."""
    google = {Mode.CHROMEOS, Mode.GOOGLE_COMPANY, Mode.GOOGLE_PRIVATE}
    lacking = {
        (act, mode)
        for mode in set(Mode) - google
        for act in OFFERS[mode].may
        if unsendable(order(act, mode)) is not None
    }
    assert lacking == {(A.DEPROVISION, Mode.CHROME_CONNECTED)}


def test_what_a_mode_does_not_offer_or_nobody_is_sure_of_is_not_sent() -> None:
    assert unsendable(order(A.RETIRE, Mode.ANDROID_FULL))
    assert unsendable(order(A.WIPE, Mode.ANDROID_WORK_PROFILE))
    assert unsendable(order(A.WIPE, Mode.ANDROID))
    assert unsendable(order(A.SHUT_DOWN, Mode.MACOS))


@pytest.mark.parametrize(
    "bad", ["", "..", f"{ID}/wipe", f"{ID}?x", "*", f"{{{ID}}}", ID.replace("-", ""), f"urn:uuid:{ID}", f" {ID}"]
)
def test_nothing_but_an_id_of_intunes_gets_into_an_address(bad: str) -> None:
    assert unsendable(order(native_id=bad))
    assert unsendable(order(native_id=ID.upper())) is None


@pytest.mark.parametrize("act", [A.WIPE, A.RETIRE, A.DELETE])
def test_what_a_tenant_may_want_approved_says_why_and_when_approved_names_the_approval_instead(act: RemoteAct) -> None:
    first, again = order(act), order(act, approval_code=CODE)
    sent, resent = request_of(first, ROOT), request_of(again, ROOT)
    said = base64.b64decode(sent.headers["x-msft-approval-justification"]).decode()
    assert said == "Kadonnut Åbossa"
    assert (resent.method, resent.url, resent.body) == (sent.method, sent.url, sent.body)
    assert resent.headers == {"client-request-id": OURS, "x-msft-approval-code": CODE}
    assert "x-msft-approval-code" not in sent.headers


def test_a_justification_is_cut_to_what_intune_takes() -> None:
    sent = request_of(order(justification="ä" * 3_000), ROOT)
    assert base64.b64decode(sent.headers["x-msft-approval-justification"]).decode() == "ä" * 1_024


def test_what_needs_no_approval_says_nothing() -> None:
    assert request_of(order(A.LOCK), ROOT).headers == {"client-request-id": OURS}


@pytest.mark.parametrize("status", [200, 202, 204])
def test_any_good_status_is_accepted_and_no_more(status: int) -> None:
    assert sent_of(answer(status), order()) == Accepted()


@pytest.mark.parametrize("status", [400, 403, 409, 412])
@pytest.mark.parametrize(
    "body",
    [
        None,
        {"error": {"code": "ApprovalRequired", "message": "wait"}},
        {"error": {"code": "BadRequest", "message": "x-msft-approval-justification"}},
        "<html>",
    ],
)
def test_an_approval_code_by_header_means_waiting_whatever_the_status(status: int, body: Any) -> None:
    assert sent_of(answer(status, body, x_msft_approval_code=CODE), order()) == AwaitsApproval(CODE)


@pytest.mark.parametrize("said", [f"x-msft-approval-code: {CODE}.", f"Approval code '{CODE}'", f"ApprovalCode={CODE}"])
def test_an_approval_code_is_found_in_a_nested_text_among_other_ids(said: str) -> None:
    nested = json.dumps({"_version": 3, "Message": f"Operation ID {OURS} - {said} - Activity ID: {ID}"})
    body = {"error": {"code": "ApprovalRequired", "message": nested}}
    assert sent_of(answer(412, body), order()) == AwaitsApproval(CODE)


def test_no_other_id_is_taken_for_an_approval_code() -> None:
    body = {"error": {"code": "ApprovalRequired", "message": f"Operation ID {OURS} - Activity ID: {ID}"}}
    assert isinstance(sent_of(answer(412, body), order()), Rejected)
    assert isinstance(sent_of(answer(404, None, x_msft_approval_code=CODE), order()), Rejected)
    assert isinstance(sent_of(answer(403, None, x_msft_approval_code="../../x"), order()), Rejected)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "Intune does not do this on this device (BadRequest: No way)"),
        (401, "Intune does not accept the sign-in (BadRequest: No way)"),
        (403, "you have no right, role or scope in Intune for it (BadRequest: No way)"),
        (404, "Intune has no such device any more (BadRequest: No way)"),
        (409, "BadRequest: No way"),
        (429, "Intune takes no more orders now, or today (BadRequest: No way)"),
    ],
)
def test_a_refusal_gives_the_innermost_text(status: int, said: str) -> None:
    inner = json.dumps({"_version": 3, "Message": "No way"})
    body = {"error": {"code": "BadRequest", "message": inner}}
    assert sent_of(answer(status, body), order()) == Rejected(said)


def test_forbidden_inside_a_401_is_a_lacking_right() -> None:
    twice = json.dumps({"ErrorCode": "Forbidden", "Message": json.dumps({"Message": "Not you"})})
    said = sent_of(answer(401, {"error": {"code": "UnknownError", "message": twice}}), order())
    assert said == Rejected("you have no right, role or scope in Intune for it (Forbidden: Not you)")


def test_a_refusal_names_the_services_own_number_of_it() -> None:
    assert sent_of(answer(409, {"error": {"code": "Conflict"}}, request_id="r-1"), order()) == Rejected(
        "Conflict; request-id r-1"
    )


def test_the_same_order_makes_the_same_bytes_whatever_order_its_options_came_in() -> None:
    one = order(A.LOST_MODE, options={"message": "a", "phone": "b"})
    other = msgspec.structs.replace(one, options={"phone": "b", "message": "a"})
    assert request_of(one, ROOT) == request_of(other, ROOT)
