import json
from typing import Any
from uuid import uuid4

import pytest
import requests
from demo_clients import CLIENT, GraphClient, sign_in
from people_clients import Operator, a_device, an_operator, register

from devreg.demo.entra import App
from devreg.demo.graph import PRIVILEGED, READ_DEVICES, WRITE_DEVICES, Graph
from devreg.demo.server import Fault, FaultKind

COBO = "androidEnterpriseFullyManaged"
COSU = "androidEnterpriseDedicatedDevice"
COPE = "androidEnterpriseCorporateWorkProfile"
PERSONAL = "userEnrollment"
AOSP = "androidAOSPUserlessDeviceEnrollment"
LONG = 3600.0


@pytest.fixture
def operator(graph: Graph) -> Operator:
    register(graph)
    return Operator(graph)


def inner(answer: requests.Response) -> str:
    text: str = answer.json()["error"]["message"]
    assert json.loads(text)["_version"] == 3
    return str(json.loads(text)["Message"])


def test_an_order_is_queued_and_says_nothing_of_the_device(operator: Operator) -> None:
    row = a_device(operator.graph, "Android", COBO)
    answer = operator.order(row, "remoteLock")
    assert (answer.status_code, answer.content) == (204, b"")
    (entry,) = operator.results(row, "remoteLock")
    assert (entry["actionState"], entry["@odata.type"]) == ("pending", "#microsoft.graph.remoteLockActionResult")


def test_an_order_goes_from_pending_to_active_to_done_in_the_devices_time(operator: Operator) -> None:
    row = a_device(operator.graph, "Android", COBO)
    operator.order(row, "remoteLock")
    states = []
    for _ in range(4):
        states.append(operator.results(row, "remoteLock")[0]["actionState"])
        operator.graph.pass_time(50)
    assert states == ["pending", "pending", "active", "done"]


def test_an_order_shows_on_the_single_device_only(operator: Operator) -> None:
    row = a_device(operator.graph, "Android", COBO)
    operator.order(row, "remoteLock")
    listed = operator.get("/managedDevices").json()["value"]
    assert next(r for r in listed if r["id"] == row["id"])["deviceActionResults"] == []


def test_a_device_that_is_off_takes_nothing_until_it_is_seen(operator: Operator) -> None:
    row = a_device(operator.graph, "Android", COBO, online=False)
    before = row["lastSyncDateTime"]
    operator.order(row, "wipe")
    operator.graph.pass_time(90 * 86400)
    told = operator.read(row)
    assert (told["managementState"], told["lastSyncDateTime"]) == ("wipePending", before)
    operator.graph.acts.see(row["id"])
    assert operator.read(row)["managementState"] == "wipePending"
    operator.graph.pass_time(61)
    assert operator.read(row)["managementState"] == "wipeIssued"


def test_devices_silent_for_a_week_are_off_from_the_start(operator: Operator) -> None:
    rows = [row for row in operator.graph.devices if row["lastSyncDateTime"] < "2026-11-17"]
    assert rows
    assert {row["id"] for row in rows} <= operator.graph.acts.offline


def test_a_wipe_shows_by_its_state_alone_and_ends_in_404(operator: Operator) -> None:
    row = a_device(operator.graph, "iOS", isSupervised=True)
    operator.order(row, "wipe", {"persistEsimDataPlan": False})
    states = []
    for _ in range(3):
        told = operator.read(row)
        states.append(told["managementState"])
        assert "wipe" not in [entry["actionName"] for entry in told["deviceActionResults"]]
        operator.graph.pass_time(61)
    assert states == ["wipePending", "wipeIssued", "wipeIssued"]
    operator.graph.pass_time(LONG)
    assert operator.get(f"/managedDevices/{row['id']}").status_code == 404
    assert operator.graph.acts.fates[row["id"]].how == "wiped"


def test_a_wipe_can_show_in_the_results_when_switched_so(operator: Operator) -> None:
    operator.graph.acts.wipe_shows = True
    operator.graph.acts.names["wipe"] = "factoryReset"
    row = a_device(operator.graph, "iOS", isSupervised=True)
    operator.order(row, "wipe")
    assert operator.results(row, "factoryReset")[0]["actionState"] == "pending"


@pytest.mark.parametrize(
    ("outcome", "state"), [("failed", "wipeFailed"), ("canceled", "wipeCanceled"), ("never", "wipeIssued")]
)
def test_a_wipe_may_come_to_nothing_and_the_record_stays(operator: Operator, outcome: str, state: str) -> None:
    row = a_device(operator.graph, "Android", COBO)
    operator.graph.acts.outcomes[(row["id"], "wipe")] = outcome
    operator.order(row, "wipe")
    operator.graph.pass_time(LONG)
    assert operator.read(row)["managementState"] == state
    assert row["id"] not in operator.graph.acts.fates


def test_an_administrator_can_take_a_pending_wipe_back(operator: Operator) -> None:
    row = a_device(operator.graph, "Android", COBO, online=False)
    operator.order(row, "wipe")
    operator.graph.acts.cancel(row["id"], "wipe")
    operator.graph.acts.see(row["id"])
    operator.graph.pass_time(LONG)
    assert operator.read(row)["managementState"] == "wipeCanceled"


def test_a_wipe_drops_what_else_was_pending(operator: Operator) -> None:
    row = a_device(operator.graph, "Android", COBO, online=False)
    operator.order(row, "remoteLock")
    operator.order(row, "wipe")
    assert operator.results(row, "remoteLock")[0]["actionState"] == "canceled"


def test_a_windows_pc_that_keeps_its_users_data_stays_enrolled(operator: Operator) -> None:
    row = a_device(operator.graph, "Windows")
    operator.order(row, "wipe", {"keepUserData": True})
    operator.graph.pass_time(LONG)
    assert operator.read(row)["managementState"] == "managed"
    assert operator.results(row, "wipe")[0]["actionState"] == "done"
    assert row["id"] not in operator.graph.acts.fates


def test_keeping_user_data_keeps_nothing_on_an_iphone(operator: Operator) -> None:
    row = a_device(operator.graph, "iOS", isSupervised=True)
    operator.order(row, "wipe", {"keepUserData": True})
    operator.graph.pass_time(LONG)
    assert operator.get(f"/managedDevices/{row['id']}").status_code == 404
    assert operator.graph.acts.fates[row["id"]].how == "wiped"


def test_retiring_ends_in_404_too(operator: Operator) -> None:
    row = a_device(operator.graph, "Android", PERSONAL)
    operator.order(row, "retire")
    assert operator.read(row)["managementState"] == "retirePending"
    operator.graph.pass_time(LONG)
    assert operator.get(f"/managedDevices/{row['id']}").status_code == 404
    assert operator.graph.acts.fates[row["id"]].how == "retired"


@pytest.mark.parametrize(
    ("system", "enrollment", "how"),
    [("Android", mode, "wiped") for mode in (COBO, COSU, COPE, AOSP)]
    + [("Android", PERSONAL, "retired"), ("Windows", "", "retired"), ("iOS", "", "retired")],
)
def test_deleting_hides_at_once_and_wipes_corporate_android(
    operator: Operator, system: str, enrollment: str, how: str
) -> None:
    row = a_device(operator.graph, system, enrollment, online=False)
    assert operator.order(row, "delete").status_code == 204
    assert operator.get(f"/managedDevices/{row['id']}").status_code == 404
    assert row["id"] not in [r["id"] for r in operator.get("/managedDevices").json()["value"]]
    assert row["id"] not in operator.graph.acts.fates
    operator.graph.acts.see(row["id"])
    operator.graph.pass_time(LONG)
    operator.get("/managedDevices")
    assert operator.graph.acts.fates[row["id"]].how == how


def test_deleting_needs_the_right_to_write_and_wiping_the_privileged_one(graph: Graph) -> None:
    row = a_device(graph, "Android", COBO)
    answers = {}
    for right in (PRIVILEGED, WRITE_DEVICES):
        token = _app_token(graph, right)
        acting = Operator(graph, token=token)
        answers[right] = [acting.order(row, act).status_code for act in ("wipe", "remoteLock", "delete")]
    assert answers == {PRIVILEGED: [204, 204, 403], WRITE_DEVICES: [403, 403, 204]}


def _app_token(graph: Graph, *roles: str) -> str:
    graph.entra.apps[:] = [App(client_id=CLIENT, roles=roles, secret="right-secret")]
    register(graph)
    return str(sign_in(graph)["access_token"])


@pytest.mark.parametrize(
    ("act", "system", "enrollment", "supervised"),
    [
        ("retire", "Android", COBO, False),
        ("retire", "Android", COSU, False),
        ("retire", "Android", COPE, False),
        ("wipe", "Android", PERSONAL, False),
        ("remoteLock", "Android", PERSONAL, False),
        ("remoteLock", "Windows", "", False),
        ("resetPasscode", "Windows", "", False),
        ("locateDevice", "iOS", "", True),
        ("locateDevice", "iOS", "", False),
        ("rebootNow", "iOS", "", False),
        ("rebootNow", "Android", COPE, False),
        ("shutDown", "Android", COBO, False),
        ("syncDevice", "ChromeOS", "", False),
        ("bypassActivationLock", "iOS", "userEnrollment", True),
        ("logoutSharedAppleDeviceActiveUser", "iOS", "", True),
    ],
)
def test_what_does_not_fit_is_refused_without_a_reason(
    operator: Operator, act: str, system: str, enrollment: str, supervised: bool
) -> None:
    row = a_device(operator.graph, system, enrollment, isSupervised=supervised)
    answer = operator.order(row, act)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest")
    assert inner(answer).startswith("An error has occurred - Operation ID")
    assert operator.read(row)["managementState"] == "managed"


def test_what_does_not_fit_can_be_taken_and_fail_later(operator: Operator) -> None:
    operator.graph.acts.unsupported_is_taken = True
    row = a_device(operator.graph, "Windows")
    assert operator.order(row, "remoteLock").status_code == 204
    operator.graph.pass_time(LONG)
    assert operator.results(row, "remoteLock")[0]["actionState"] == "notSupported"


@pytest.mark.parametrize("act", ["enableLostMode", "playLostModeSound", "setDeviceName"])
def test_orders_of_beta_are_not_in_v1(operator: Operator, act: str) -> None:
    answer = operator.order(a_device(operator.graph, "iOS", isSupervised=True), act)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == f"Resource not found for the segment '{act}'."


def test_an_unknown_device_is_404_and_a_malformed_id_400(operator: Operator) -> None:
    assert operator.order({"id": str(uuid4())}, "wipe").status_code == 404
    assert operator.order({"id": "KHA-L-0001"}, "wipe").status_code == 400


@pytest.mark.parametrize(
    ("system", "act", "body"),
    [
        ("Windows", "wipe", {"unknownKey": True}),
        ("Windows", "wipe", {"keepUserData": "true"}),
        ("Windows", "wipe", {"useProtectedWipe": True}),
        ("Windows", "wipe", {"macOsUnlockCode": ""}),
        ("iOS", "wipe", {"macOsUnlockCode": "123456"}),
        ("macOS", "wipe", {"macOsUnlockCode": "12345"}),
        ("iOS", "remoteLock", {"message": "x"}),
        ("Windows", "windowsDefenderScan", None),
        ("Windows", "cleanWindowsDevice", {}),
    ],
)
def test_a_body_that_does_not_fit_is_refused_and_nothing_is_done(
    operator: Operator, system: str, act: str, body: Any
) -> None:
    row = a_device(operator.graph, system)
    assert operator.order(row, act, body).status_code == 400
    assert operator.read(row)["managementState"] == "managed"


def test_beta_takes_more_of_a_wipe_and_a_mac_its_pin(operator: Operator) -> None:
    pc, mac = a_device(operator.graph, "Windows"), a_device(operator.graph, "macOS")
    assert operator.order(pc, "wipe", {"useProtectedWipe": True}, root="beta").status_code == 204
    assert operator.order(mac, "wipe", {"macOsUnlockCode": "123456"}).status_code == 204


def test_lost_mode_opens_the_way_to_place_and_sound(operator: Operator) -> None:
    row = a_device(operator.graph, "iOS", isSupervised=True)
    assert operator.order(row, "playLostModeSound", {"durationInMinutes": "2"}, root="beta").status_code == 400
    assert operator.order(row, "enableLostMode", {"message": "m", "phoneNumber": "1"}, root="beta").status_code == 204
    operator.graph.pass_time(LONG)
    beta = operator.get(f"/managedDevices/{row['id']}", root="beta").json()
    assert beta["lostModeState"] == "enabled"
    assert operator.order(row, "playLostModeSound", {"durationInMinutes": "2"}, root="beta").status_code == 204
    assert operator.order(row, "locateDevice").status_code == 204
    operator.order(row, "disableLostMode")
    operator.graph.pass_time(LONG)
    assert operator.get(f"/managedDevices/{row['id']}", root="beta").json()["lostModeState"] == "disabled"


def test_a_place_is_null_then_told_then_forgotten(operator: Operator) -> None:
    row = a_device(operator.graph, "Android", COBO)
    operator.order(row, "locateDevice")
    places = []
    for seconds in (0, 121, 86000, 500):
        operator.graph.pass_time(seconds)
        places.append(operator.results(row, "locateDevice")[0]["deviceLocation"] is not None)
    assert places == [False, True, True, False]


def test_a_shared_android_has_a_place_that_nobody_asked_for(operator: Operator) -> None:
    row = a_device(operator.graph, "Android", COSU)
    assert operator.results(row, "locateDevice")[0]["actionState"] == "done"
    operator.order(row, "locateDevice")
    assert [entry["actionState"] for entry in operator.results(row, "locateDevice")] == ["done", "pending"]


def test_an_entry_of_long_ago_has_the_same_name(operator: Operator) -> None:
    row = a_device(operator.graph, "Android", COBO)
    operator.graph.acts.remember(row, "remoteLock", "failed", operator.graph.world_time() - 30 * 86400)
    operator.order(row, "remoteLock")
    assert [entry["actionState"] for entry in operator.results(row, "remoteLock")] == ["failed", "pending"]


@pytest.mark.parametrize(("system", "enrollment", "has_one"), [("Android", COSU, True), ("iOS", "", False)])
def test_a_new_passcode_is_told_for_android_only(
    operator: Operator, system: str, enrollment: str, has_one: bool
) -> None:
    row = a_device(operator.graph, system, enrollment)
    operator.order(row, "resetPasscode")
    operator.graph.pass_time(LONG)
    (entry,) = operator.results(row, "resetPasscode")
    assert (entry["actionState"], entry["passcode"] is not None) == ("done", has_one)


def test_a_mac_tells_its_pin_and_refuses_a_second_lock(operator: Operator) -> None:
    row = a_device(operator.graph, "macOS")
    for _ in range(2):
        operator.order(row, "remoteLock")
        operator.graph.pass_time(LONG)
    first, second = operator.results(row, "remoteLock")
    assert (len(first["unlockPin"]), first["actionState"], second["actionState"]) == (6, "done", "failed")


def test_a_locked_iphone_that_restarts_is_out_of_reach(operator: Operator) -> None:
    row = a_device(operator.graph, "iOS", isSupervised=True)
    for act in ("remoteLock", "rebootNow"):
        operator.order(row, act)
        operator.graph.pass_time(LONG)
        operator.read(row)
    assert row["id"] in operator.graph.acts.offline


def test_the_days_cap_counts_the_whole_tenant_and_ends_with_the_day(operator: Operator) -> None:
    operator.graph.acts.caps["wipe"] = 1
    rows = [row for row in operator.graph.devices if row["deviceEnrollmentType"] == COBO][:3]
    assert operator.order(rows[0], "wipe").status_code == 204
    refused = Operator(operator.graph, an_operator(operator.graph, 1)).order(rows[1], "wipe")
    assert (refused.status_code, "Retry-After" in refused.headers) == (429, False)
    operator.graph.pass_time(86400)
    assert operator.order(rows[2], "wipe").status_code == 204


def test_too_many_orders_are_throttled_with_and_without_a_time_to_wait(operator: Operator) -> None:
    operator.graph.acts.writes_a_window = 1
    row = a_device(operator.graph, "Android", COBO)
    first, second = operator.order(row, "remoteLock"), operator.order(row, "remoteLock")
    operator.graph.acts.retry_after = None
    third = operator.order(row, "remoteLock")
    assert [first.status_code, second.status_code, third.status_code] == [204, 429, 429]
    assert (second.headers["Retry-After"], "Retry-After" in third.headers) == ("17", False)
    operator.graph.pass_time(21)
    assert operator.order(row, "remoteLock").status_code == 204


def test_a_second_wipe_is_taken_unless_switched_otherwise(operator: Operator) -> None:
    row = a_device(operator.graph, "Android", COBO, online=False)
    assert [operator.order(row, "wipe").status_code for _ in range(2)] == [204, 204]
    operator.graph.acts.second_wipe_refused = True
    assert operator.order(row, "wipe").status_code == 400
    assert len(operator.graph.deeds.destructive(row["id"])) == 3


def test_the_device_enrols_again_with_another_id(operator: Operator) -> None:
    row = a_device(operator.graph, "Android", COBO)
    operator.order(row, "wipe")
    operator.graph.pass_time(LONG)
    fresh = operator.graph.acts.re_enrol(row)
    operator.graph.devices.append(fresh)
    told = operator.read(fresh)
    assert (told["serialNumber"], told["managementState"]) == (row["serialNumber"], "managed")
    assert told["id"] != row["id"]


@pytest.mark.parametrize(
    ("kind", "executed", "status"),
    [
        (FaultKind.DROP, False, 0),
        (FaultKind.DROP_AFTER, True, 0),
        (FaultKind.HANG, False, 0),
        (FaultKind.HANG_AFTER, True, 0),
        (FaultKind.STATUS, False, 503),
        (FaultKind.STATUS_AFTER, True, 503),
    ],
)
def test_a_fault_before_or_after_processing_looks_alike_to_the_client_and_the_ledger_knows(
    operator: Operator, kind: FaultKind, executed: bool, status: int
) -> None:
    row = a_device(operator.graph, "Android", COBO)
    operator.graph.faults.append(Fault(kind=kind, method="POST", path_contains="/wipe", status=503, seconds=9))
    try:
        seen = operator.order(
            row, "wipe", {"persistEsimDataPlan": False}, timeout=0.5, client_request_id="own"
        ).status_code
    except requests.exceptions.RequestException:
        seen = 0
    (deed,) = operator.graph.deeds.destructive(row["id"])
    assert (seen, deed.status, deed.taken) == (status, status, executed)
    assert (deed.by, deed.client_request_id, deed.body) == (operator.upn, "own", b'{"persistEsimDataPlan": false}')
    assert operator.read(row)["managementState"] == ("wipePending" if executed else "managed")


def test_the_ledger_never_holds_a_token(operator: Operator) -> None:
    row = a_device(operator.graph, "Android", COBO)
    operator.order(row, "remoteLock")
    (deed,) = operator.graph.deeds.of(row["id"])
    assert "authorization" not in deed.headers
    assert not deed.destructive


def test_an_order_inside_a_batch_is_an_order(operator: Operator) -> None:
    row = a_device(operator.graph, "Windows")
    call = {
        "id": "1", "method": "POST", "url": f"/deviceManagement/managedDevices/{row['id']}/wipe",
        "headers": {"Content-Type": "application/json"}, "body": {"keepUserData": False},
    }  # fmt: skip
    answer = operator.session.post(f"{operator.graph.url}/v1.0/$batch", json={"requests": [call]}, timeout=5)
    assert answer.json()["responses"][0]["status"] == 204
    assert [deed.by for deed in operator.graph.deeds.destructive(row["id"])] == [operator.upn]


def test_both_logs_name_the_person_and_outlive_the_record(operator: Operator) -> None:
    row, own = a_device(operator.graph, "Android", COBO), str(uuid4())
    operator.order(row, "wipe", client_request_id=own)
    operator.graph.pass_time(LONG)
    operator.read(row)
    query = {"$filter": "action eq 'factoryReset'", "$orderby": "requestDateTime desc"}
    (told,) = operator.get("/remoteActionAudits", root="beta", **query).json()["value"]
    assert (told["managedDeviceId"], told["initiatedByUserPrincipalName"]) == (row["id"], operator.upn)
    assert told["actionState"] == "done"
    (event,) = GraphClient(operator.graph).get("/deviceManagement/auditEvents").json()["value"]
    assert (event["correlationId"], event["activityType"]) == (own, "wipe ManagedDevice")
    assert (event["actor"]["userPrincipalName"], event["actor"]["auditActorType"]) == (operator.upn, "ItPro")
    assert event["resources"][0]["resourceId"] == row["id"]


def test_an_app_that_wiped_is_named_as_an_app(graph: Graph) -> None:
    row = a_device(graph, "Android", COBO)
    acting = Operator(graph, token=_app_token(graph, PRIVILEGED, READ_DEVICES))
    acting.order(row, "wipe")
    (event,) = graph.audit_events
    assert (event["actor"]["auditActorType"], event["actor"]["applicationId"]) == ("Application", CLIENT)
    assert acting.get("/remoteActionAudits", root="beta").json()["value"][0]["initiatedByUserPrincipalName"] == ""


def test_the_logs_can_be_late(operator: Operator) -> None:
    operator.graph.evidence.delay_s = 600
    row = a_device(operator.graph, "Android", COBO)
    operator.order(row, "wipe")
    audits = []
    for seconds in (0, 601):
        operator.graph.pass_time(seconds)
        audits.append(len(operator.get("/remoteActionAudits", root="beta").json()["value"]))
    assert audits == [0, 1]
    assert len(operator.graph.audit_events) == 1
