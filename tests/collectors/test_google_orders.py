"""Orders as Google takes them, and what its answers mean, entry by entry (contracts/google.md 4, 6, 8)."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from acting_rig import manager, managing_account
from collector_rig import CUSTOMERS, google, hasty, loaded

from collectors.actions.google import GoogleSender
from collectors.actions.google_orders import REASONS, Roots, request_of, sent_of, unsendable
from collectors.http import Answer
from devreg.action_options import GoogleActions
from devreg.action_ports import Accepted, Ask, NotSent, Order, Rejected, Target, Unclear
from devreg.demo.google import Google
from devreg.demo.server import Fault, FaultKind
from devreg.domain.platforms import OFFERS, Mode, RemoteAct
from devreg.errors import Broken, Retryable

A = RemoteAct
ROOTS = Roots("https://admin.example", "https://identity.example", "C01kaup1a")
CHROMEBOOK = "5f0c2a1e-7b64-4d0e-9a53-0c1f6c2b8d11"
PHONE = "devices/CiQ0_a-b="
AT = "https://admin.example/admin/directory/v1/customer/C01kaup1a/devices"
STATUS = "CHANGE_CHROME_OS_DEVICE_STATUS_ACTION_"


def order(act: RemoteAct, mode: Mode = Mode.CHROMEOS, native_id: str | None = None, **options: str) -> Order:
    fitting = PHONE if mode is Mode.GOOGLE_COMPANY else CHROMEBOOK
    return Order(act, Target(fitting if native_id is None else native_id, mode), "ours", "lost", options)


def answer(status: int, body: Any = None) -> Answer:
    return Answer(status, AT, {}, json.dumps(body).encode() if body is not None else b"")


@pytest.mark.parametrize(
    ("wanted", "url", "body"),
    [
        (order(A.WIPE), f"{AT}/chromeos/{CHROMEBOOK}:issueCommand", {"commandType": "REMOTE_POWERWASH"}),
        (order(A.WIPE_USERS), f"{AT}/chromeos/{CHROMEBOOK}:issueCommand", {"commandType": "WIPE_USERS"}),
        (order(A.REBOOT), f"{AT}/chromeos/{CHROMEBOOK}:issueCommand", {"commandType": "REBOOT"}),
        (
            order(A.DISABLE), f"{AT}/chromeos:batchChangeStatus",
            {"deviceIds": [CHROMEBOOK], "changeChromeOsDeviceStatusAction": f"{STATUS}DISABLE"},
        ),
        (
            order(A.ENABLE, reason="RETIRING_DEVICE"), f"{AT}/chromeos:batchChangeStatus",
            {"deviceIds": [CHROMEBOOK], "changeChromeOsDeviceStatusAction": f"{STATUS}REENABLE"},
        ),
        (
            order(A.DEPROVISION, reason="RETIRING_DEVICE"), f"{AT}/chromeos:batchChangeStatus",
            {
                "deviceIds": [CHROMEBOOK], "changeChromeOsDeviceStatusAction": f"{STATUS}DEPROVISION",
                "deprovisionReason": "DEPROVISION_REASON_RETIRING_DEVICE",
            },
        ),
        (order(A.WIPE_ACCOUNT, Mode.GOOGLE_PRIVATE), f"{AT}/mobile/{CHROMEBOOK}/action", {"action": "admin_account_wipe"}),
        (order(A.BLOCK, Mode.GOOGLE_PRIVATE), f"{AT}/mobile/{CHROMEBOOK}/action", {"action": "block"}),
        (order(A.UNBLOCK, Mode.GOOGLE_PRIVATE), f"{AT}/mobile/{CHROMEBOOK}/action", {"action": "approve"}),
        (
            order(A.WIPE, Mode.GOOGLE_COMPANY), f"https://identity.example/v1/{PHONE.replace('=', '%3D')}:wipe",
            {"customer": "customers/C01kaup1a"},
        ),
    ],
)  # fmt: skip
def test_an_order_is_this_very_request(wanted: Order, url: str, body: dict[str, Any]) -> None:
    request = request_of(wanted, ROOTS)
    assert (request.method, request.url) == ("POST", url)
    assert json.loads(request.body or b"") == body
    assert request == request_of(wanted, ROOTS)


def test_what_is_done_to_a_work_account_names_that_account() -> None:
    user = f"{PHONE}/deviceUsers/7f"
    for act, verb in ((A.WIPE_ACCOUNT, "wipe"), (A.BLOCK, "block"), (A.UNBLOCK, "approve")):
        request = request_of(order(act, Mode.GOOGLE_COMPANY), ROOTS, user)
        assert request.url.endswith(f"/deviceUsers/7f:{verb}")


def test_every_order_that_is_offered_in_a_console_can_be_put_to_it() -> None:
    for mode in (Mode.CHROMEOS, Mode.GOOGLE_COMPANY, Mode.GOOGLE_PRIVATE):
        for act in OFFERS[mode].may:
            assert unsendable(order(act, mode, reason=REASONS[0])) is None
        for act in set(RemoteAct) - OFFERS[mode].may:
            assert unsendable(order(act, mode)) is not None


@pytest.mark.parametrize("reason", [None, "", "OTHER", "retiring_device", "DEPROVISION_REASON_RETIRING_DEVICE"])
def test_a_device_is_deprovisioned_for_one_of_googles_reasons_only(reason: str | None) -> None:
    assert unsendable(order(A.DEPROVISION, **({} if reason is None else {"reason": reason})))


@pytest.mark.parametrize("bad", ["", "..", ".", "a/b", "a:issueCommand", "a?b", "a b", "ä", "a%2F", "devices/"])
def test_nothing_but_an_id_of_googles_gets_into_an_address(bad: str) -> None:
    for mode in (Mode.CHROMEOS, Mode.GOOGLE_PRIVATE, Mode.GOOGLE_COMPANY):
        act = A.BLOCK if mode is Mode.GOOGLE_PRIVATE else A.WIPE
        assert unsendable(order(act, mode, bad))


def test_a_command_comes_back_with_its_number() -> None:
    assert sent_of(answer(200, {"commandId": "8123"}), order(A.WIPE)) == Accepted("8123")
    bare = sent_of(answer(200, {}), order(A.WIPE))
    assert isinstance(bare, Accepted)
    assert bare.command_id is None
    assert bare.said


def entries(*found: dict[str, Any]) -> dict[str, Any]:
    return {"changeChromeOsDeviceStatusResults": list(found)}


OURS = {"deviceId": CHROMEBOOK, "response": {}}
FAILED = {"deviceId": CHROMEBOOK, "error": {"code": 9, "message": "Illegal device state transition."}}
OTHERS = {"deviceId": "other", "response": {}}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (entries(OURS), Accepted), (entries(OTHERS, OURS), Accepted), (entries(FAILED), Rejected), (entries(FAILED, OTHERS), Rejected),
        (entries(OTHERS), Unclear), (entries(), Unclear), ({}, Unclear), ({"changeChromeOsDeviceStatusResults": "x"}, Unclear),
        (entries({"deviceId": CHROMEBOOK}), Unclear), (entries(OURS, FAILED), Unclear), (entries("x"), Unclear),  # type: ignore[arg-type]
        ([], Unclear), ("text", Unclear),
    ],
)  # fmt: skip
def test_a_200_is_read_entry_by_entry(body: Any, kind: type) -> None:
    for act in (A.DISABLE, A.ENABLE, A.DEPROVISION):
        sent = sent_of(answer(200, body), order(act, reason=REASONS[0]))
        assert isinstance(sent, kind)
    if kind is Rejected:
        assert sent == Rejected("Google did not change it: Illegal device state transition.")


def test_a_good_status_with_a_body_that_cannot_be_read_is_unclear() -> None:
    for act in (A.WIPE, A.DISABLE):
        assert isinstance(sent_of(Answer(200, AT, {}, b"{half"), order(act)), Unclear)
    assert sent_of(Answer(200, AT, {}, b""), order(A.BLOCK, Mode.GOOGLE_PRIVATE)) == Accepted()


def test_an_operation_that_is_done_was_taken_and_one_with_an_error_was_not() -> None:
    wipe = order(A.WIPE, Mode.GOOGLE_COMPANY)
    assert sent_of(answer(200, {"name": "operations/1", "done": True, "response": {}}), wipe) == Accepted(
        "operations/1"
    )
    assert isinstance(sent_of(answer(200, {"name": "o", "done": True, "error": {"message": "no"}}), wipe), Rejected)


@pytest.mark.parametrize(
    ("status", "error", "said"),
    [
        (400, {"message": "Bad state", "status": "INVALID_ARGUMENT"}, "INVALID_ARGUMENT: Bad state"),
        (403, {"message": "No", "errors": [{"reason": "forbidden"}]}, "not allowed"),
        (403, {"message": "Slow", "errors": [{"reason": "quotaExceeded"}]}, "too many requests"),
        (
            404,
            {"message": "Gone", "errors": [{"reason": "notFound"}]},
            "Google has no such device any more (notFound: Gone)",
        ),
        (412, {"message": "Delinquent account.", "errors": [{"reason": "conditionNotMet"}]}, "Delinquent account."),
        (429, {"message": "Busy", "status": "RESOURCE_EXHAUSTED"}, "Google takes no more orders now"),
    ],
)
def test_a_refusal_says_why(status: int, error: dict[str, Any], said: str) -> None:
    sent = sent_of(answer(status, {"error": {"code": status, **error}}), order(A.WIPE))
    assert isinstance(sent, Rejected)
    assert said in sent.cause


# The sender before the stand-in


@pytest.fixture
def sender(google_service: Google, tmp_path: Path) -> GoogleSender:
    managing_account(google_service, tmp_path)
    manager(google_service, tmp_path)
    (subject,) = google_service.customers[CUSTOMERS["chrome-city"]].admins
    options = GoogleActions.model_validate({"key": {"file": "manage.json"}, "subject": subject})
    reading = google(google_service, tmp_path)._options
    made = GoogleSender("chrome-city", options, reading, loaded(tmp_path), Ask(None, lambda _: None))
    made.limits = hasty()
    return made


def a_chromebook(service: Google) -> dict[str, Any]:
    found: dict[str, Any] = next(
        device for device in service.customers[CUSTOMERS["chrome-city"]].devices if device["status"] == "ACTIVE"
    )
    return found


def posts(service: Google) -> list[str]:
    return [entry.target for entry in service.ledger if entry.method == "POST" and not entry.target.endswith("/token")]


def test_a_look_shows_the_chromebook_as_the_citys(google_service: Google, sender: GoogleSender) -> None:
    device = a_chromebook(google_service)
    live = sender.look(Target(device["deviceId"], Mode.CHROMEOS))
    assert live is not None
    assert (live.serial, live.ownership, live.mode, live.pending) == (
        device["serialNumber"],
        "company",
        Mode.CHROMEOS,
        None,
    )
    assert sender.look(Target("no-such-device", Mode.CHROMEOS)) is None
    device["status"] = "DEPROVISIONED"
    gone = sender.look(Target(device["deviceId"], Mode.CHROMEOS))
    assert gone is not None
    assert (gone.mode, gone.ownership) == (None, None)


def test_a_look_that_shows_another_device_or_nothing_sure_is_an_error(
    google_service: Google, sender: GoogleSender
) -> None:
    device = a_chromebook(google_service)
    other = json.dumps({**device, "deviceId": "other"}).encode()
    google_service.faults.append(Fault(path_contains="/chromeos/", status=200, body=other))
    with pytest.raises(Broken, match="another device"):
        sender.look(Target(device["deviceId"], Mode.CHROMEOS))
    google_service.faults.append(Fault(path_contains="/chromeos/", status=503, times=9))
    with pytest.raises(Retryable):
        sender.look(Target(device["deviceId"], Mode.CHROMEOS))


@pytest.mark.parametrize("owner", ["COMPANY", "BYOD", "OWNER_UNSPECIFIED", None])
def test_a_phone_of_the_city_must_say_itself_that_it_is(
    google_service: Google, sender: GoogleSender, owner: str | None
) -> None:
    row = {
        "name": PHONE,
        "deviceType": "ANDROID",
        "serialNumber": "R5CX0EXMPL7",
        "managementState": "APPROVED",
        "ownerType": owner,
    }
    body = json.dumps({key: value for key, value in row.items() if value}).encode()
    users = json.dumps({"deviceUsers": [{"name": f"{PHONE}/deviceUsers/1", "userEmail": "a@b.fi"}]}).encode()
    google_service.faults.append(Fault(path_contains="/deviceUsers", status=200, body=users))
    google_service.faults.append(Fault(path_contains="/v1/devices/", status=200, body=body))
    live = sender.look(Target(PHONE, Mode.GOOGLE_COMPANY))
    assert live is not None
    assert live.ownership == {"COMPANY": "company", "BYOD": "personal"}.get(owner or "")
    assert live.user == "a@b.fi"


@pytest.mark.parametrize("users", [[], ["1", "2"]])
def test_an_order_for_a_work_account_needs_just_one_of_them(
    google_service: Google, sender: GoogleSender, users: list[str]
) -> None:
    body = json.dumps({"deviceUsers": [{"name": f"{PHONE}/deviceUsers/{user}"} for user in users]}).encode()
    google_service.faults.append(Fault(path_contains="/deviceUsers", status=200, body=body))
    sent = sender.send(order(A.WIPE_ACCOUNT, Mode.GOOGLE_COMPANY))
    assert isinstance(sent, NotSent)
    assert posts(google_service) == []


@pytest.mark.parametrize(
    "fault",
    [
        Fault(path_contains=":issueCommand", status=503), Fault(path_contains=":issueCommand", status=500),
        Fault(path_contains=":issueCommand", kind=FaultKind.DROP), Fault(path_contains=":issueCommand", kind=FaultKind.HANG, seconds=9),
        Fault(path_contains=":issueCommand", kind=FaultKind.HTML), Fault(path_contains=":issueCommand", kind=FaultKind.REDIRECT),
    ],
)  # fmt: skip
def test_a_powerwash_that_breaks_off_is_unclear_and_was_posted_once(
    google_service: Google, sender: GoogleSender, fault: Fault
) -> None:
    google_service.faults.append(fault)
    sent = sender.send(order(A.WIPE, native_id=a_chromebook(google_service)["deviceId"]))
    assert isinstance(sent, Unclear)
    assert len(posts(google_service)) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 412, 429])
def test_a_powerwash_that_is_refused_was_posted_once(google_service: Google, sender: GoogleSender, status: int) -> None:
    google_service.faults.append(Fault(path_contains=":issueCommand", status=status, times=9))
    sent = sender.send(order(A.WIPE, native_id=a_chromebook(google_service)["deviceId"]))
    assert isinstance(sent, Rejected)
    assert len(posts(google_service)) == 1


def test_without_a_token_nothing_is_sent(google_service: Google, sender: GoogleSender) -> None:
    google_service.faults.append(Fault(path_contains="/token", status=400, body=b'{"error":"invalid_grant"}', times=9))
    assert isinstance(sender.send(order(A.WIPE)), NotSent)
    assert posts(google_service) == []


def test_the_console_sees_nobodys_own_sign_in(sender: GoogleSender) -> None:
    assert sender.sign_in(timedelta(minutes=15)).name is None
    assert [finding.severity for finding in sender.check()] == ["ok"]
