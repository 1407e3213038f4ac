from typing import Any

import google.auth.exceptions
import google.oauth2.service_account
import pytest
import requests
from demo_clients import customer_of, google_session
from google.auth.transport.requests import AuthorizedSession

from devreg.demo.city import City
from devreg.demo.google import Google
from devreg.demo.google_login import MANAGE_SCOPES, MORE_SCOPES, READ_SCOPES, SCOPE_PREFIX
from devreg.demo.server import Fault, FaultKind

SOURCE = "chrome-city"
CHROME = "admin.directory.device.chromeos"
DAY = 86400.0
STATUS = "CHANGE_CHROME_OS_DEVICE_STATUS_ACTION_"


class Manager:
    """A managing account's session, with the orders it gives."""

    def __init__(self, google_api: Google, city: City, scopes: tuple[str, ...] = MANAGE_SCOPES) -> None:
        self.api = google_api
        self.customer = google_api.customers[customer_of(SOURCE)]
        console = next(console for console in city.consoles if console.source == SOURCE)
        self.subject = console.subject
        credentials = google.oauth2.service_account.Credentials.from_service_account_file(
            str(google_api.manage_key(console)),
            scopes=[SCOPE_PREFIX + scope for scope in scopes],
            subject=console.subject,
        )
        self.session = AuthorizedSession(credentials)
        self.devices = f"{google_api.url}/admin/directory/v1/customer/{self.customer.id}/devices"

    def book(self, status: str = "ACTIVE", nth: int = 0) -> dict[str, Any]:
        """A Chromebook that is online."""
        books = [
            b for b in self.customer.devices if b["status"] == status and b["deviceId"] not in self.api.acts.offline
        ]
        return books[nth]

    def issue(self, book: dict[str, Any], kind: str, timeout: float = 5, **body: Any) -> requests.Response:
        address = f"{self.devices}/chromeos/{book['deviceId']}:issueCommand"
        return self.session.post(address, json={"commandType": kind} | body, timeout=timeout)

    def command(self, book: dict[str, Any], command_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.session.get(
            f"{self.devices}/chromeos/{book['deviceId']}/commands/{command_id}", timeout=5
        ).json()
        return answer

    def state(self, book: dict[str, Any], command_id: str) -> str:
        return str(self.command(book, command_id)["state"])

    def change(self, books: list[Any], action: str, **more: Any) -> requests.Response:
        ids = [book if isinstance(book, str) else book["deviceId"] for book in books]
        body = {"deviceIds": ids, "changeChromeOsDeviceStatusAction": STATUS + action} | more
        return self.session.post(f"{self.devices}/chromeos:batchChangeStatus", json=body, timeout=5)

    def results(self, answer: requests.Response) -> list[int]:
        """google.rpc codes by device; 0: done."""
        return [one.get("error", {}).get("code", 0) for one in answer.json()["changeChromeOsDeviceStatusResults"]]

    def read(self, book: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self.session.get(
            f"{self.devices}/chromeos/{book['deviceId']}", params={"projection": "FULL"}, timeout=5
        ).json()
        return answer


@pytest.fixture
def manager(google_api: Google, city: City) -> Manager:
    return Manager(google_api, city)


def test_a_command_goes_through_its_states_and_tells_its_outcome(manager: Manager) -> None:
    book = manager.book()
    command_id = manager.issue(book, "WIPE_USERS").json()["commandId"]
    states = []
    for seconds in (0, 61, 10, 31):
        manager.api.pass_time(seconds)
        states.append(manager.state(book, command_id))
    assert states == ["PENDING", "SENT_TO_CLIENT", "ACKED_BY_CLIENT", "EXECUTED_BY_CLIENT"]
    told = manager.command(book, command_id)
    assert (told["type"], told["commandResult"]["result"]) == ("WIPE_USERS", "SUCCESS")
    assert "payload" not in told


def test_success_comes_before_the_wipe(manager: Manager) -> None:
    book = next(b for b in manager.customer.devices if b.get("recentUsers") and b["status"] == "ACTIVE"
                and b["deviceId"] not in manager.api.acts.offline)  # fmt: skip
    command_id = manager.issue(book, "WIPE_USERS").json()["commandId"]
    manager.api.pass_time(101)
    assert manager.state(book, command_id) == "EXECUTED_BY_CLIENT"
    assert "recentUsers" in manager.read(book)
    manager.api.pass_time(10)
    assert "recentUsers" not in manager.read(book)


@pytest.mark.parametrize("forced", [True, False])
def test_after_a_powerwash_the_device_enrols_anew_or_falls_silent(manager: Manager, forced: bool) -> None:
    manager.api.acts.re_enrols = forced
    book = manager.book()
    before = manager.read(book)
    manager.issue(book, "REMOTE_POWERWASH")
    manager.api.pass_time(200)
    silent = manager.read(book)
    assert silent["lastEnrollmentTime"] == before["lastEnrollmentTime"]
    assert book["deviceId"] in manager.api.acts.offline
    manager.api.pass_time(DAY)
    after = manager.read(book)
    assert (after["lastEnrollmentTime"] > before["lastEnrollmentTime"]) is forced
    assert (book["deviceId"] in manager.api.acts.offline) is not forced


@pytest.mark.parametrize(("kind", "days"), [("WIPE_USERS", 180), ("REMOTE_POWERWASH", 1825), ("REBOOT", 600 / DAY)])
def test_a_command_waits_for_its_device_as_long_as_its_kind_lives(manager: Manager, kind: str, days: float) -> None:
    book = manager.book()
    manager.api.acts.offline.add(book["deviceId"])
    command_id = manager.issue(book, kind).json()["commandId"]
    manager.api.pass_time(days * DAY - 5)
    assert manager.state(book, command_id) == "PENDING"
    manager.api.pass_time(10)
    assert manager.state(book, command_id) == "EXPIRED"
    manager.api.acts.see(book["deviceId"])
    manager.api.pass_time(3600)
    assert manager.state(book, command_id) == "EXPIRED"


def test_a_device_that_comes_back_takes_its_command(manager: Manager) -> None:
    book = manager.book()
    manager.api.acts.offline.add(book["deviceId"])
    command_id = manager.issue(book, "WIPE_USERS").json()["commandId"]
    manager.api.pass_time(90 * DAY)
    manager.api.acts.see(book["deviceId"])
    manager.api.pass_time(61)
    assert manager.state(book, command_id) == "SENT_TO_CLIENT"


@pytest.mark.parametrize("outcome", ["FAILURE", "IGNORED"])
def test_executed_may_mean_a_bad_outcome(manager: Manager, outcome: str) -> None:
    book = manager.book()
    manager.api.acts.outcomes[(book["deviceId"], "WIPE_USERS")] = outcome
    command_id = manager.issue(book, "WIPE_USERS").json()["commandId"]
    manager.api.pass_time(3600)
    told = manager.command(book, command_id)
    assert (told["state"], told["commandResult"]["result"]) == ("EXECUTED_BY_CLIENT", outcome)
    assert ("errorMessage" in told["commandResult"]) is (outcome == "FAILURE")


def test_the_console_can_cancel_what_is_pending_and_the_api_nothing(manager: Manager) -> None:
    book = manager.book()
    command_id = manager.issue(book, "REMOTE_POWERWASH").json()["commandId"]
    address = f"{manager.devices}/chromeos/{book['deviceId']}/commands"
    assert manager.session.get(address, timeout=5).status_code == 404
    assert manager.session.delete(f"{address}/{command_id}", timeout=5).status_code == 404
    manager.api.acts.cancel(command_id)
    manager.api.pass_time(3600)
    assert manager.state(book, command_id) == "CANCELLED"


def test_a_command_belongs_to_its_device(manager: Manager) -> None:
    command_id = manager.issue(manager.book(), "REBOOT").json()["commandId"]
    assert manager.command(manager.book(nth=1), command_id)["error"]["code"] == 404


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("SET_VOLUME", {"payload": '{"volume":50}'}),
        ("TAKE_A_SCREENSHOT", {}),
        ("FORMAT_DISK", {}),
        ("REBOOT", {"payload": {"user_session_delay_seconds": 5}}),
        ("REBOOT", {"payload": '{"user_session_delay_seconds": 301}'}),
    ],
)
def test_what_does_not_fit_is_an_invalid_argument(manager: Manager, kind: str, body: dict[str, Any]) -> None:
    answer = manager.issue(manager.book(), kind, **body)
    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert manager.api.acts.all == []


def test_a_kiosk_takes_a_kiosks_commands(manager: Manager) -> None:
    book = manager.book()
    manager.api.acts.kiosks.add(book["deviceId"])
    assert manager.issue(book, "SET_VOLUME", payload='{"volume":50}').status_code == 200


def test_an_unknown_device_is_not_found(manager: Manager) -> None:
    answer = manager.issue({"deviceId": "no-such"}, "REBOOT")
    assert (answer.status_code, answer.json()["error"]["status"]) == (404, "NOT_FOUND")


def test_a_reading_key_can_not_act(manager: Manager) -> None:
    reading = google_session(manager.api, SOURCE, scopes=READ_SCOPES)
    book = manager.book()
    answer = reading.post(
        f"{manager.devices}/chromeos/{book['deviceId']}:issueCommand", json={"commandType": "WIPE_USERS"}, timeout=5
    )
    assert (answer.status_code, answer.json()["error"]["status"]) == (403, "PERMISSION_DENIED")
    with pytest.raises(google.auth.exceptions.RefreshError, match="unauthorized_client"):
        google_session(manager.api, SOURCE, scopes=(CHROME,)).get(manager.devices, timeout=5)
    assert [deed.taken for deed in manager.api.deeds.of(book["deviceId"])] == [False]


def test_a_reading_key_may_follow_a_command(manager: Manager) -> None:
    book = manager.book()
    command_id = manager.issue(book, "REBOOT").json()["commandId"]
    address = f"{manager.devices}/chromeos/{book['deviceId']}/commands/{command_id}"
    assert google_session(manager.api, SOURCE).get(address, timeout=5).json()["state"] == "PENDING"


def test_the_account_of_one_console_does_not_act_on_another(manager: Manager) -> None:
    other = manager.api.customers[customer_of("chrome-swedish")]
    book = other.devices[0]
    address = (
        f"{manager.api.url}/admin/directory/v1/customer/{other.id}/devices/chromeos/{book['deviceId']}:issueCommand"
    )
    assert manager.session.post(address, json={"commandType": "WIPE_USERS"}, timeout=5).status_code == 403


def test_a_batch_answers_200_and_tells_of_each_device(manager: Manager) -> None:
    active, disabled = manager.book(), manager.book(nth=1)
    manager.change([disabled], "DISABLE")
    answer = manager.change([active, disabled, "no-such"], "DISABLE")
    assert (answer.status_code, manager.results(answer)) == (200, [0, 9, 5])
    assert manager.read(active)["status"] == "DISABLED"
    errors = [one["error"]["message"] for one in answer.json()["changeChromeOsDeviceStatusResults"] if "error" in one]
    assert errors[0] == "Illegal device state transition."


def test_the_ledger_knows_which_devices_of_a_batch_were_changed(manager: Manager) -> None:
    reason = "DEPROVISION_REASON_RETIRING_DEVICE"
    active, gone = manager.book(), manager.book(nth=1)
    manager.change([gone], "DEPROVISION", deprovisionReason=reason)
    manager.change([active, gone], "DEPROVISION", deprovisionReason=reason)
    deeds = [(deed.device_id, deed.act, deed.taken) for deed in manager.api.deeds.destructive()]
    ids = active["deviceId"], gone["deviceId"]
    assert deeds == [(ids[1], "DEPROVISION", True), (ids[0], "DEPROVISION", True), (ids[1], "DEPROVISION", False)]
    assert {deed.by for deed in manager.api.deeds} == {manager.subject}


def test_a_change_of_status_is_seen_by_the_device_at_its_next_contact(manager: Manager) -> None:
    book = manager.book()
    manager.api.acts.offline.add(book["deviceId"])
    before = manager.read(book)["lastSync"]
    manager.change([book], "DISABLE")
    manager.api.pass_time(DAY)
    told = manager.read(book)
    assert (told["status"], told["lastSync"]) == ("DISABLED", before)
    manager.api.acts.see(book["deviceId"])
    manager.api.pass_time(61)
    assert manager.read(book)["lastSync"] > before


def test_re_enabling_takes_a_licence_and_fails_without_one(manager: Manager) -> None:
    manager.customer.licences = 1
    books = [manager.book(), manager.book(nth=1)]
    manager.change(books, "DISABLE")
    answer = manager.change(books, "REENABLE")
    assert manager.results(answer) == [0, 9]
    assert answer.json()["changeChromeOsDeviceStatusResults"][1]["error"]["message"] == "Delinquent account."
    assert manager.read(books[1])["status"] == "DISABLED"


def test_deprovisioning_needs_a_reason_and_can_not_be_taken_back(manager: Manager) -> None:
    book = manager.book()
    assert manager.change([book], "DEPROVISION").status_code == 400
    assert manager.change([book], "DEPROVISION", deprovisionReason="DEPROVISION_REASON_OTHER").status_code == 400
    assert manager.change([book], "DISABLE", deprovisionReason="DEPROVISION_REASON_RETIRING_DEVICE").status_code == 400
    reason = "DEPROVISION_REASON_SAME_MODEL_REPLACEMENT"
    assert manager.results(manager.change([book], "DEPROVISION", deprovisionReason=reason)) == [0]
    told = manager.read(book)
    assert (told["status"], told["deprovisionReason"]) == ("DEPROVISIONED", reason)
    assert told["lastDeprovisionTimestamp"]
    assert manager.results(manager.change([book], "REENABLE")) == [9]


def test_a_deprovisioned_device_collects_no_command(manager: Manager) -> None:
    book = manager.book()
    manager.change([book], "DEPROVISION", deprovisionReason="DEPROVISION_REASON_RETIRING_DEVICE")
    command_id = manager.issue(book, "REMOTE_POWERWASH").json()["commandId"]
    manager.api.pass_time(DAY)
    assert manager.state(book, command_id) == "PENDING"


def test_a_batch_holds_fifty_at_most(manager: Manager) -> None:
    answer = manager.change([f"id-{n}" for n in range(51)], "DISABLE")
    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert manager.change([], "DISABLE").status_code == 400


def test_a_private_phone_is_wiped_by_its_status_alone(google_api: Google, city: City) -> None:
    manager = Manager(google_api, city)
    row = manager.customer.mobiles[0]
    address = f"{manager.devices}/mobile/{row['resourceId']}"
    answer = manager.session.post(f"{address}/action", json={"action": "admin_account_wipe"}, timeout=5)
    assert (answer.status_code, answer.content) == (204, b"")
    states = []
    for seconds in (0, 91):
        google_api.pass_time(seconds)
        states.append(manager.session.get(address, timeout=5).json()["status"])
    assert states == ["ACCOUNT_WIPING", "ACCOUNT_WIPED"]


def test_a_wipe_of_a_private_phone_can_be_taken_back_before_it_happened(manager: Manager) -> None:
    row = manager.customer.mobiles[0]
    address = f"{manager.devices}/mobile/{row['resourceId']}/action"
    manager.api.acts.offline.add(row["resourceId"])
    statuses = [
        manager.session.post(address, json={"action": action}, timeout=5).status_code
        for action in ("cancel_remote_wipe_then_block", "admin_remote_wipe", "cancel_remote_wipe_then_block", "explode")
    ]
    assert statuses == [412, 204, 204, 400]
    manager.api.acts.see(row["resourceId"])
    manager.api.pass_time(DAY)
    assert manager.session.get(address.removesuffix("/action"), timeout=5).json()["status"] == "BLOCKED"


def test_more_than_so_many_actions_a_second_are_refused(manager: Manager) -> None:
    manager.api.acts.phones.actions_a_second = 1
    address = f"{manager.devices}/mobile/{manager.customer.mobiles[0]['resourceId']}/action"
    manager.api.clock = lambda now=manager.api.clock(): now
    statuses = [manager.session.post(address, json={"action": "block"}, timeout=5) for _ in range(2)]
    assert [answer.status_code for answer in statuses] == [204, 403]
    assert statuses[1].json()["error"]["errors"][0]["reason"] == "userRateLimitExceeded"


def test_an_operation_that_is_done_does_not_mean_wiped(manager: Manager) -> None:
    row = manager.customer.cloud_devices[0]
    address = f"{manager.api.url}/v1/{row['name']}"
    body = {"customer": "customers/my_customer", "removeResetLock": True}
    answer = manager.session.post(f"{address}:wipe", json=body, timeout=5).json()
    assert answer["done"] is True
    assert answer["response"]["device"]["managementState"] == "WIPING"
    assert (
        manager.session.post(f"{address}:wipe", json=body, timeout=5).json()["error"]["status"] == "FAILED_PRECONDITION"
    )
    manager.api.pass_time(91)
    read = google_session_more(manager)
    assert read.get(address, timeout=5).json()["managementState"] == "WIPED"


def google_session_more(manager: Manager) -> AuthorizedSession:
    """The reading account, once it may read Cloud Identity."""
    manager.api.account(SOURCE).delegated[manager.customer.id] += MORE_SCOPES
    return google_session(manager.api, SOURCE, scopes=("cloud-identity.devices.readonly",))


def test_a_wipe_of_the_citys_phone_can_be_cancelled_while_it_is_off(manager: Manager) -> None:
    row = manager.customer.cloud_devices[0]
    manager.api.acts.offline.add(row["name"])
    address = f"{manager.api.url}/v1/{row['name']}"
    assert manager.session.post(f"{address}:cancelWipe", timeout=5).status_code == 400
    manager.session.post(f"{address}:wipe", timeout=5)
    manager.api.pass_time(30 * DAY)
    assert manager.session.get(address, timeout=5).json()["managementState"] == "WIPING"
    assert manager.session.post(f"{address}:cancelWipe", timeout=5).status_code == 200
    assert manager.session.get(address, timeout=5).json()["managementState"] == "APPROVED"
    reading = google_session_more(manager)
    assert reading.post(f"{address}:wipe", timeout=5).status_code == 403


def test_an_account_on_a_phone_is_wiped_by_itself(manager: Manager) -> None:
    row = manager.customer.device_users[0]
    answer = manager.session.post(f"{manager.api.url}/v1/{row['name']}:wipe", timeout=5).json()
    assert answer["response"]["deviceUser"]["managementState"] == "WIPING"
    assert manager.session.post(f"{manager.api.url}/v1/{row['name']}:explode", timeout=5).status_code == 404


@pytest.mark.parametrize(
    ("kind", "executed"),
    [(FaultKind.DROP, False), (FaultKind.DROP_AFTER, True), (FaultKind.HANG_AFTER, True), (FaultKind.HANG, False)],
)
def test_a_cut_connection_tells_the_client_nothing_and_the_ledger_everything(
    manager: Manager, kind: FaultKind, executed: bool
) -> None:
    book = manager.book()
    manager.session.get(manager.devices, timeout=5)
    manager.api.faults.append(Fault(kind=kind, method="POST", path_contains=":issueCommand", seconds=9))
    with pytest.raises((requests.exceptions.RequestException, google.auth.exceptions.TransportError)):
        manager.issue(book, "REMOTE_POWERWASH", timeout=0.5)
    (deed,) = manager.api.deeds.destructive(book["deviceId"])
    assert (deed.act, deed.taken, deed.status, len(manager.api.acts.all)) == (
        "REMOTE_POWERWASH",
        executed,
        0,
        int(executed),
    )


def test_a_post_answered_401_is_sent_again_by_googles_own_library_and_every_time_is_in_the_ledger(
    manager: Manager,
) -> None:
    book = manager.book()
    manager.api.faults.append(Fault(status=401, method="POST", path_contains=":issueCommand", times=3))
    manager.issue(book, "WIPE_USERS")
    assert [deed.taken for deed in manager.api.deeds.of(book["deviceId"])] == [False] * 3


def test_moving_to_another_unit_passes_over_what_the_console_does_not_have(manager: Manager) -> None:
    book, unit = manager.book(), manager.customer.units[-1]
    address = f"{manager.devices}/chromeos/moveDevicesToOu"

    def move(ids: list[str], to: str) -> requests.Response:
        return manager.session.post(address, params={"orgUnitPath": to}, json={"deviceIds": ids}, timeout=5)

    done = move(["not-there", book["deviceId"]], unit["orgUnitPath"])
    assert (done.status_code, done.content) == (204, b"")
    whole = {"projection": "FULL"}
    row = manager.session.get(f"{manager.devices}/chromeos/{book['deviceId']}", params=whole, timeout=5).json()
    assert (row["orgUnitPath"], f"id:{row['orgUnitId']}") == (unit["orgUnitPath"], unit["orgUnitId"])
    assert move(["x"] * 51, unit["orgUnitPath"]).status_code == 400
    assert move([], unit["orgUnitPath"]).status_code == 400
    assert move([book["deviceId"]], "/No such unit").status_code == 400
