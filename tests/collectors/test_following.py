"""Readers of what became of an order: the reading credential, one device by its id, and nothing about people."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from collector_rig import CUSTOMERS, NOW, google, hasty, intune, loaded

from collectors import READERS
from collectors.google import GoogleCollector
from collectors.google_follow import GoogleReader
from collectors.intune import IntuneCollector
from collectors.intune_follow import IntuneReader
from devreg.action_ports import Sought, Target
from devreg.demo.google import Google
from devreg.demo.graph import Graph
from devreg.demo.server import Fault
from devreg.domain.followed import Result
from devreg.domain.platforms import Mode, RemoteAct
from devreg.errors import Broken, Refused, Retryable
from devreg.wiring import collector_class

OURS = "0b5d3a52-0000-4a51-9d0b-6a1f0c9b2e11"
CODE = "9d3a52aa-1111-4a51-9d0b-6a1f0c9b2e11"
GONE = "00000000-1111-4a51-9d0b-6a1f0c9b2e11"


def intune_reader(graph: Graph, folder: Path, **changed: Any) -> IntuneReader:
    options = intune(graph, folder, **changed)._options
    reader = IntuneReader("intune", options, loaded(folder))
    reader.limits = hasty(now=lambda: NOW)
    return reader


def google_reader(service: Google, folder: Path, **changed: Any) -> GoogleReader:
    options = google(service, folder, **changed)._options
    reader = GoogleReader("chrome-city", options, loaded(folder))
    reader.limits = hasty(now=lambda: NOW)
    return reader


def sought(native_id: str, act: RemoteAct = RemoteAct.LOCK, mode: Mode = Mode.IOS, **more: Any) -> Sought:
    told = {
        "serial": None, "sent_at": NOW - timedelta(hours=2), "request_id": OURS, "command_id": None, "approval_code": None,
    } | more  # fmt: skip
    return Sought(act, Target(native_id, mode), **told)


def action(name: str, state: str, started: str, **more: Any) -> dict[str, Any]:
    return {"actionName": name, "actionState": state, "startDateTime": started, "lastUpdatedDateTime": started} | more


def test_every_kind_that_acts_has_a_reader_of_the_same_source() -> None:
    assert collector_class("intune") is IntuneCollector
    assert collector_class("google") is GoogleCollector
    assert set(READERS) == {"google", "intune"}


def test_a_device_of_intune_is_read_with_its_entries_newest_first(graph_service: Graph, tmp_path: Path) -> None:
    device = graph_service.devices[0]
    device["managementState"] = "wipePending"
    device["deviceActionResults"] = [
        action("locateDevice", "done", "2026-11-20T06:10:44Z"),
        action("remoteLock", "pending", "2026-11-24T06:10:44.6222751Z"),
        "nonsense",
        {"actionName": None},
    ]
    reading = intune_reader(graph_service, tmp_path).read(sought(device["id"]))
    assert reading.is_there
    assert (reading.at, reading.serial, reading.state) == (NOW, device["serialNumber"], "wipePending")
    assert [(entry.name, entry.state) for entry in reading.results] == [
        ("remoteLock", "pending"),
        ("locateDevice", "done"),
    ]
    assert reading.last_seen is not None
    assert reading.enrolled_at is not None


def test_a_record_that_is_gone_is_no_error_and_one_that_cannot_be_read_is_no_absence(
    graph_service: Graph, tmp_path: Path
) -> None:
    reader = intune_reader(graph_service, tmp_path)
    reading = reader.read(sought(GONE, RemoteAct.WIPE))
    assert (reading.is_there, reading.state, reading.results) == (False, None, ())
    for status, error in ((503, Retryable), (403, Refused), (400, Broken)):
        graph_service.clear_faults()
        graph_service.faults.append(Fault(path_contains=f"/managedDevices/{GONE}", status=status, times=9))
        with pytest.raises(error):
            reader.read(sought(GONE, RemoteAct.WIPE))


def test_an_answer_about_another_device_is_no_answer(graph_service: Graph, tmp_path: Path) -> None:
    one, other = graph_service.devices[:2]
    body = json.dumps({"id": other["id"], "managementState": "wipePending"}).encode()
    graph_service.faults.append(Fault(path_contains=f"/managedDevices/{one['id']}", status=200, body=body))
    with pytest.raises(Broken, match="another device"):
        intune_reader(graph_service, tmp_path).read(sought(one["id"]))


@pytest.mark.parametrize("bad", ["", "..", "x/../y", f"{GONE}/wipe", f"{GONE}?a"])
def test_nothing_but_an_id_is_asked_for(graph_service: Graph, tmp_path: Path, bad: str) -> None:
    with pytest.raises(Broken):
        intune_reader(graph_service, tmp_path).read(sought(bad))
    assert not [entry for entry in graph_service.ledger if "managedDevices" in entry.target]


def told(graph: Graph, path: str, rows: list[dict[str, Any]]) -> None:
    graph.faults.append(Fault(path_contains=path, status=200, body=json.dumps({"value": rows}).encode(), times=2))


def test_of_the_audit_only_rows_about_this_device_and_this_order_count_whatever_the_filter_did(
    graph_service: Graph, tmp_path: Path
) -> None:
    other = graph_service.devices[0]["id"]
    at = "2026-11-24T05:00:00Z"
    rows = [
        {"action": "factoryReset", "actionState": "done", "managedDeviceId": other, "requestDateTime": at},
        {"action": "remoteLock", "actionState": "done", "managedDeviceId": GONE, "requestDateTime": at},
        {"action": "factoryReset", "actionState": "active", "managedDeviceId": GONE.upper(), "requestDateTime": at},
    ]
    told(graph_service, "/remoteActionAudits", rows)
    reading = intune_reader(graph_service, tmp_path).read(sought(GONE, RemoteAct.WIPE))
    assert [(entry.name, entry.state) for entry in reading.audits] == [("factoryReset", "active")]
    (first, *_) = [entry.target for entry in graph_service.ledger if "remoteActionAudits" in entry.target]
    assert first.startswith("/beta/")


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_an_audit_that_is_closed_takes_nothing_from_what_the_record_says(
    graph_service: Graph, tmp_path: Path, status: int
) -> None:
    device = graph_service.devices[0]
    graph_service.faults.append(Fault(path_contains="/remoteActionAudits", status=status, times=9))
    reading = intune_reader(graph_service, tmp_path).read(sought(device["id"], RemoteAct.WIPE))
    assert (reading.is_there, reading.audits) == (True, ())


def test_the_log_names_a_young_order_by_its_own_number_and_says_no_more(graph_service: Graph, tmp_path: Path) -> None:
    device, at = graph_service.devices[0], "2026-11-24T06:20:00Z"
    events = [{"correlationId": correlation, "activityDateTime": at} for correlation in (GONE, OURS.upper(), None)]
    told(graph_service, "/auditEvents", events)
    told(graph_service, "/remoteActionAudits", [])
    young = sought(device["id"], RemoteAct.WIPE, sent_at=NOW - timedelta(minutes=10))
    reading = intune_reader(graph_service, tmp_path).read(young)
    assert [(entry.name, entry.state) for entry in reading.audits] == [("factoryReset", "requested")]
    graph_service.ledger.clear()
    intune_reader(graph_service, tmp_path).read(sought(device["id"], RemoteAct.WIPE))
    assert not [entry for entry in graph_service.ledger if "auditEvents" in entry.target]


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ([{"requestId": CODE.upper(), "status": "approved"}], "approved"),
        ([{"requestId": GONE, "status": "approved"}], None),
        ([{"id": CODE, "status": "needsApproval"}, {"id": GONE, "status": "approved"}], "needsApproval"),
        ([{"requestId": CODE, "status": "approved"}, {"requestId": CODE, "status": "rejected"}], None),
        ([], None),
    ],
)
def test_an_approval_is_that_of_exactly_this_code(
    graph_service: Graph, tmp_path: Path, rows: list[dict[str, Any]], state: str | None
) -> None:
    told(graph_service, "/operationApprovalRequests", rows)
    waiting = sought(graph_service.devices[0]["id"], RemoteAct.WIPE, approval_code=CODE)
    assert intune_reader(graph_service, tmp_path).read(waiting).approval == state


def test_an_approval_that_may_not_be_read_is_not_known(graph_service: Graph, tmp_path: Path) -> None:
    graph_service.faults.append(Fault(path_contains="/operationApprovalRequests", status=403, times=9))
    waiting = sought(graph_service.devices[0]["id"], RemoteAct.WIPE, approval_code=CODE)
    assert intune_reader(graph_service, tmp_path).read(waiting).approval is None


CANARIES = ("60.1699", "24.9384", "987654", "PASSCODE-CANARY", "BYPASS-CANARY")


def test_no_place_passcode_or_pin_comes_out_of_a_reading(graph_service: Graph, tmp_path: Path) -> None:
    device, at = graph_service.devices[0], "2026-11-24T06:10:44Z"
    device["activationLockBypassCode"] = "BYPASS-CANARY"
    device["deviceActionResults"] = [
        action("locateDevice", "done", at, deviceLocation={"latitude": 60.1699, "longitude": 24.9384}),
        action("remoteLock", "done", at, unlockPin="987654"),
        action("resetPasscode", "done", at, passcode="PASSCODE-CANARY", errorCode=0),
    ]
    reading = intune_reader(graph_service, tmp_path).read(sought(device["id"], RemoteAct.LOCATE))
    assert len(reading.results) == 3
    kept = msgspec.json.encode(reading).decode()
    assert not [canary for canary in CANARIES if canary in kept]
    asked = " ".join(entry.target for entry in graph_service.ledger)
    assert "activationLockBypassCode" not in asked
    assert "deviceLocation" not in asked


def chromebook(service: Google) -> dict[str, Any]:
    device: dict[str, Any] = next(iter(service.customers[CUSTOMERS["chrome-city"]].devices))
    return device


def test_a_chromebook_is_read_by_its_id_with_status_and_contact(google_service: Google, tmp_path: Path) -> None:
    device = chromebook(google_service)
    reading = google_reader(google_service, tmp_path).read(sought(device["deviceId"], RemoteAct.DISABLE, Mode.CHROMEOS))
    assert reading.is_there
    assert (reading.serial, reading.state) == (device["serialNumber"], device["status"])
    assert reading.last_seen is not None
    assert reading.command is None


def test_a_chromebook_that_the_console_does_not_have_is_gone(google_service: Google, tmp_path: Path) -> None:
    reader = google_reader(google_service, tmp_path)
    assert not reader.read(sought("0000-no-such", RemoteAct.WIPE, Mode.CHROMEOS, command_id="1")).is_there


def command_told(service: Google, told: Any, status: int = 200) -> None:
    service.faults.append(Fault(path_contains="/commands/", status=status, body=json.dumps(told).encode(), times=9))


def test_a_command_is_read_with_its_outcome_and_expiry_and_without_what_the_device_sent(
    google_service: Google, tmp_path: Path
) -> None:
    device = chromebook(google_service)
    result = {
        "result": "FAILURE", "executeTime": "2026-11-24T06:00:31.004Z", "errorMessage": "no way",
        "commandResultPayload": '{"url":"PASSCODE-CANARY"}',
    }  # fmt: skip
    command_told(
        google_service,
        {
            "commandId": "812", "type": "REMOTE_POWERWASH", "issueTime": "2026-11-24T05:00:00.120Z", "state": "EXECUTED_BY_CLIENT",
            "commandExpireTime": "2031-11-19T08:00:00.120Z", "commandResult": result, "payload": "PASSCODE-CANARY",
        },
    )  # fmt: skip
    asked = sought(device["deviceId"], RemoteAct.WIPE, Mode.CHROMEOS, command_id="812")
    reading = google_reader(google_service, tmp_path).read(asked)
    assert isinstance(reading.command, Result)
    assert (reading.command.state, reading.command.name) == ("EXECUTED_BY_CLIENT", "FAILURE")
    assert (reading.command.said, reading.expires is not None) == ("no way", True)
    assert reading.command.updated is not None
    assert "PASSCODE-CANARY" not in msgspec.json.encode(reading).decode()


def test_a_command_of_another_number_or_none_is_not_known(google_service: Google, tmp_path: Path) -> None:
    device = chromebook(google_service)
    asked = sought(device["deviceId"], RemoteAct.WIPE, Mode.CHROMEOS, command_id="812")
    command_told(google_service, {"commandId": "813", "state": "EXPIRED"})
    assert google_reader(google_service, tmp_path).read(asked).command is None
    google_service.clear_faults()
    command_told(google_service, {"error": {"code": 404}}, status=404)
    assert google_reader(google_service, tmp_path).read(asked).command is None
    google_service.clear_faults()
    command_told(google_service, {"error": {"code": 503}}, status=503)
    with pytest.raises(Retryable):
        google_reader(google_service, tmp_path).read(asked)


def test_readers_send_nothing_but_reads(graph_service: Graph, google_service: Google, tmp_path: Path) -> None:
    intune_reader(graph_service, tmp_path).read(
        sought(graph_service.devices[0]["id"], RemoteAct.WIPE, approval_code=CODE)
    )
    device = chromebook(google_service)
    google_reader(google_service, tmp_path).read(
        sought(device["deviceId"], RemoteAct.WIPE, Mode.CHROMEOS, command_id="1")
    )
    sent = {
        (entry.method, entry.target.split("?")[0])
        for service in (graph_service, google_service)
        for entry in service.ledger
    }
    assert {target.rpartition("/")[2] for method, target in sent if method != "GET"} == {"token"}
