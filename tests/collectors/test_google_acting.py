"""Acting on Google's stand-in with real google-auth and requests: each order leaves once, and what becomes of it is read (safety 3)."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from acting_rig import managing_account
from collector_rig import CUSTOMERS, google, hasty, loaded

from collectors.actions.google import GoogleSender
from collectors.google_follow import GoogleReader
from devreg.action_options import GoogleActions
from devreg.action_ports import Accepted, Ask, NotSent, Order, Rejected, Sought, Target, Unclear
from devreg.demo.google import Google
from devreg.demo.google_login import MORE_SCOPES, READ_SCOPES
from devreg.demo.server import Fault, FaultKind
from devreg.domain.action import Standing
from devreg.domain.followed import Followed, Reading, Verdict
from devreg.domain.platforms import Mode, RemoteAct
from devreg.domain.settling import judge

A, S = RemoteAct, Standing
DAY = 86_400.0
WIDE = {"company_phones": True, "personal_phones": True}


@pytest.fixture
def console(google_service: Google, tmp_path: Path) -> Google:
    managing_account(google_service, tmp_path)
    google_service.account("chrome-city").delegated[CUSTOMERS["chrome-city"]] = (*READ_SCOPES, *MORE_SCOPES)
    return google_service


@pytest.fixture
def sender(console: Google, tmp_path: Path) -> GoogleSender:
    (subject,) = console.customers[CUSTOMERS["chrome-city"]].admins
    options = GoogleActions.model_validate({"key": {"file": "manage.json"}, "subject": subject})
    reading = google(console, tmp_path, **WIDE)._options
    made = GoogleSender("chrome-city", options, reading, loaded(tmp_path), Ask(None, lambda _: None))
    made.limits = hasty()
    return made


def now_of(console: Google) -> datetime:
    return datetime.fromtimestamp(console.clock() + console.ahead, UTC)


def book(console: Google, status: str = "ACTIVE") -> dict[str, Any]:
    """A Chromebook that is switched on."""
    found: dict[str, Any] = next(
        device
        for device in console.customers[CUSTOMERS["chrome-city"]].devices
        if device["status"] == status and device["deviceId"] not in console.acts.offline
    )
    return found


def order(native_id: str, act: RemoteAct, mode: Mode = Mode.CHROMEOS, **options: str) -> Order:
    return Order(act, Target(native_id, mode), "ours", "Kadonnut", options)


class Following:
    """One order from its sending on."""

    def __init__(
        self, console: Google, folder: Path, sender: GoogleSender, wanted: Order, serial: str | None = None
    ) -> None:
        self.console, self.order, self.serial, self.since = console, wanted, serial, now_of(console)
        self.reader = GoogleReader("chrome-city", google(console, folder, **WIDE)._options, loaded(folder))
        self.reader.limits = hasty(now=lambda: now_of(console))
        self.sent = sender.send(wanted)
        self.standing = S.ACCEPTED if isinstance(self.sent, Accepted) else S.UNKNOWN
        self.seen = False

    def read(self) -> Reading:
        command_id = self.sent.command_id if isinstance(self.sent, Accepted) else None
        target = self.order.target
        return self.reader.read(Sought(self.order.act, target, self.serial, self.since, "ours", command_id, None))

    def judged(self) -> Verdict:
        act, mode = self.order.act, self.order.target.mode
        verdict = judge(Followed(act, mode, self.standing, self.since, self.serial, self.seen), self.read())
        self.seen = verdict.seen_pending
        return verdict


@pytest.fixture
def follow(console: Google, tmp_path: Path, sender: GoogleSender) -> Any:
    return lambda wanted: Following(console, tmp_path, sender, wanted)


def test_a_powerwash_is_one_post_by_the_managing_account(console: Google, sender: GoogleSender) -> None:
    device = book(console)
    sent = sender.send(order(device["deviceId"], A.WIPE))
    assert isinstance(sent, Accepted)
    assert sent.command_id is not None
    (deed,) = console.deeds.destructive(device["deviceId"])
    assert (deed.method, deed.act, deed.body, deed.taken) == (
        "POST",
        "REMOTE_POWERWASH",
        b'{"commandType":"REMOTE_POWERWASH"}',
        True,
    )
    assert deed.target.endswith(f"/{device['deviceId']}:issueCommand")


@pytest.mark.parametrize("act", [A.WIPE, A.WIPE_USERS, A.DEPROVISION, A.DISABLE, A.REBOOT])
@pytest.mark.parametrize(
    ("kind", "more"),
    [
        (FaultKind.DROP, {}), (FaultKind.DROP_AFTER, {}), (FaultKind.HANG, {"seconds": 4}), (FaultKind.STATUS_AFTER, {"status": 503}),
        (FaultKind.STATUS, {"status": 500}),
    ],
)  # fmt: skip
def test_an_order_that_breaks_off_is_unclear_and_exactly_one_was_received(
    console: Google, sender: GoogleSender, act: RemoteAct, kind: FaultKind, more: dict[str, Any]
) -> None:
    device = book(console)
    console.faults.append(Fault(kind=kind, method="POST", path_contains="/devices/chromeos", **more))
    sent = sender.send(order(device["deviceId"], act, reason="RETIRING_DEVICE"))
    assert isinstance(sent, Unclear)
    assert len(console.deeds.of(device["deviceId"])) == 1


def test_success_comes_before_the_wipe_and_the_new_enrolment_confirms_it(console: Google, follow: Any) -> None:
    device = book(console)
    following = follow(order(device["deviceId"], A.WIPE))
    said = []
    for _ in range(60):
        verdict = following.judged()
        said.append(verdict.said)
        if verdict.standing is not None:
            break
        console.pass_time(60)
    assert "Received; the device wipes itself now. That is no proof yet." in said
    assert verdict.standing is S.CONFIRMED
    assert verdict.said == "The device received it and has been enrolled anew since: what was on it is gone."


def test_a_wiped_chromebook_that_does_not_enrol_again_is_confirmed_by_its_silence_alone(
    console: Google, follow: Any
) -> None:
    console.acts.re_enrols = False
    following = follow(order(book(console)["deviceId"], A.WIPE))
    console.pass_time(3_600)
    assert following.judged().standing is None
    console.pass_time(5 * DAY)
    assert following.judged().standing is None
    console.pass_time(3 * DAY)
    verdict = following.judged()
    assert verdict.standing is S.CONFIRMED
    assert "Nobody has looked at it" in verdict.said


def test_a_chromebook_that_stays_off_keeps_its_order_waiting_until_google_gives_it_up(
    console: Google, follow: Any
) -> None:
    device = book(console)
    console.acts.offline.add(device["deviceId"])
    following = follow(order(device["deviceId"], A.WIPE_USERS))
    for _ in range(5):
        console.pass_time(30 * DAY)
        assert following.judged().standing is None
    assert following.read().expires is not None
    console.pass_time(60 * DAY)
    assert following.judged().standing is S.EXPIRED


@pytest.mark.parametrize("outcome", ["FAILURE", "IGNORED"])
def test_a_chromebook_that_does_not_do_it_is_not_called_wiped(console: Google, follow: Any, outcome: str) -> None:
    device = book(console)
    console.acts.outcomes[(device["deviceId"], "REMOTE_POWERWASH")] = outcome
    following = follow(order(device["deviceId"], A.WIPE))
    console.pass_time(3_600)
    assert following.judged().standing is S.FAILED


def test_an_order_taken_back_in_the_console_is_cancelled(console: Google, follow: Any) -> None:
    device = book(console)
    console.acts.offline.add(device["deviceId"])
    following = follow(order(device["deviceId"], A.WIPE))
    console.acts.cancel(following.sent.command_id)
    assert following.judged().standing is S.CANCELLED


def test_a_disabled_chromebook_is_confirmed_once_it_has_been_in_contact(console: Google, follow: Any) -> None:
    device = book(console)
    console.acts.offline.add(device["deviceId"])
    following = follow(order(device["deviceId"], A.DISABLE))
    assert following.sent == Accepted()
    console.pass_time(DAY)
    assert following.judged().standing is None
    console.acts.see(device["deviceId"])
    console.pass_time(3_600)
    assert following.judged().standing is S.CONFIRMED


def test_a_step_that_the_console_does_not_allow_is_refused_though_the_answer_is_200(
    console: Google, sender: GoogleSender
) -> None:
    sent = sender.send(order(book(console)["deviceId"], A.ENABLE))
    assert isinstance(sent, Rejected)
    assert sent.cause.startswith("Google did not change it: ")


def test_an_unclear_status_that_did_change_is_found_by_reading(console: Google, follow: Any) -> None:
    console.faults.append(Fault(kind=FaultKind.DROP_AFTER, method="POST", path_contains=":batchChangeStatus"))
    following = follow(order(book(console)["deviceId"], A.DEPROVISION, reason="RETIRING_DEVICE"))
    assert isinstance(following.sent, Unclear)
    assert following.judged().standing is S.CONFIRMED


def a_company_phone(console: Google) -> dict[str, Any]:
    customer = console.customers[CUSTOMERS["chrome-city"]]
    used = [user["name"].partition("/deviceUsers/")[0] for user in customer.device_users]
    found: dict[str, Any] = next(
        row
        for row in customer.cloud_devices
        if row.get("ownerType") == "COMPANY"
        and used.count(row["name"]) == 1
        and row["deviceType"] in {"ANDROID", "IOS"}
    )
    found["managementState"] = "APPROVED"
    console.acts.offline.discard(found["name"])
    return found


def test_a_phone_of_the_city_is_looked_at_wiped_and_followed(
    console: Google, sender: GoogleSender, follow: Any
) -> None:
    row = a_company_phone(console)
    live = sender.look(Target(row["name"], Mode.GOOGLE_COMPANY))
    assert live is not None
    assert (live.ownership, live.mode, live.pending) == ("company", Mode.GOOGLE_COMPANY, None)
    following = follow(order(row["name"], A.WIPE, Mode.GOOGLE_COMPANY))
    assert isinstance(following.sent, Accepted)
    assert following.judged().standing is None
    assert following.seen
    under_way = sender.look(Target(row["name"], Mode.GOOGLE_COMPANY))
    assert under_way is not None
    assert under_way.pending == "WIPING"
    console.pass_time(DAY)
    assert following.judged().standing is S.CONFIRMED
    assert len(console.deeds.of(row["name"])) == 1


def test_the_work_account_on_a_phone_of_the_city_is_blocked_and_let_in_again(console: Google, follow: Any) -> None:
    row = a_company_phone(console)
    for act in (A.BLOCK, A.UNBLOCK):
        following = follow(order(row["name"], act, Mode.GOOGLE_COMPANY))
        assert isinstance(following.sent, Accepted)
        assert following.judged().standing is S.CONFIRMED
    assert row["managementState"] == "APPROVED"


def test_somebodys_own_phone_loses_its_work_account_only(console: Google, sender: GoogleSender, follow: Any) -> None:
    row = console.customers[CUSTOMERS["chrome-city"]].mobiles[0]
    row["status"] = "APPROVED"
    console.acts.offline.discard(row["resourceId"])
    live = sender.look(Target(row["resourceId"], Mode.GOOGLE_PRIVATE))
    assert live is not None
    assert (live.ownership, live.mode) == ("personal", Mode.GOOGLE_PRIVATE)
    assert isinstance(sender.send(order(row["resourceId"], A.WIPE, Mode.GOOGLE_PRIVATE)), Rejected)
    following = follow(order(row["resourceId"], A.WIPE_ACCOUNT, Mode.GOOGLE_PRIVATE))
    assert following.sent == Accepted()
    console.pass_time(DAY)
    assert following.judged().standing is S.CONFIRMED
    (deed,) = console.deeds.of(row["resourceId"])
    assert deed.body == b'{"action":"admin_account_wipe"}'


def test_a_key_that_only_reads_gives_no_order(console: Google, tmp_path: Path) -> None:
    (subject,) = console.customers[CUSTOMERS["chrome-city"]].admins
    options = GoogleActions.model_validate({"key": {"file": "chrome-city.json"}, "subject": subject})
    reading = google(console, tmp_path)._options
    acting = GoogleSender("chrome-city", options, reading, loaded(tmp_path), Ask(None, lambda _: None))
    device = book(console)
    assert isinstance(acting.send(order(device["deviceId"], A.WIPE)), NotSent)
    assert console.deeds.of(device["deviceId"]) == []
