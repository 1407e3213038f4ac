"""What lists leave blank, asked for twenty at a time and only of what is new or changed."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from collector_rig import intune, records
from register_rig import devices, later, rows, run_of

from devreg.demo.graph import Graph
from devreg.demo.server import Fault, FaultKind
from devreg.domain.absence import Verdict
from devreg.store import schema
from devreg.store.engine import Sessions

FILLED = "physicalMemoryInBytes"
SINGLE = "/managedDevices/"


def singles(graph: Graph) -> list[str]:
    """Ids of the devices that were asked for one by one, in order."""
    return [entry.target.split(SINGLE)[1].split("?")[0] for entry in graph.ledger if SINGLE in entry.target]


def batches(graph: Graph) -> int:
    return sum(entry.method == "POST" and entry.target.endswith("$batch") for entry in graph.ledger)


def own(graph: Graph) -> set[str]:
    return {device["id"] for device in graph.devices if device["managedDeviceOwnerType"] != "personal"}


def test_what_lists_leave_blank_is_read_twenty_devices_at_a_time(graph_service: Graph, tmp_path: Path) -> None:
    source = intune(graph_service, tmp_path, details=True)
    kept = {record.native_id: record.body for record in records(source.pages(None))}
    assert {name for name, body in kept.items() if body.get("detailed")} == own(graph_service)
    told = {device["id"]: device for device in graph_service.devices}
    for name in own(graph_service):
        assert kept[name].get("iccid") == told[name]["iccid"]
        assert kept[name][FILLED] == told[name][FILLED]
    assert sorted(singles(graph_service)) == sorted(own(graph_service))
    assert batches(graph_service) == -(-len(own(graph_service)) // 20)


def test_nobodys_own_phone_is_asked_for_its_sim_card(graph_service: Graph, tmp_path: Path) -> None:
    source = intune(graph_service, tmp_path, details=True)
    private = [r for r in records(source.pages(None)) if r.body["managedDeviceOwnerType"] == "personal"]
    assert private
    assert not {r.native_id for r in private} & {*singles(graph_service)}
    assert all("iccid" not in r.body for r in private)


def test_memory_and_sim_card_are_claimed(graph_service: Graph, tmp_path: Path) -> None:
    phone = next(device for device in graph_service.devices if device["iccid"])
    laptop = next(device for device in graph_service.devices if device[FILLED] and device["ethernetMacAddress"])
    graph_service.devices = [phone, laptop]
    source = intune(graph_service, tmp_path, details=True)
    seen = {record.native_id: source.observe(record) for record in records(source.pages(None))}
    assert seen[phone["id"]].claims["iccid"] == phone["iccid"]
    assert seen[laptop["id"]].claims["ram_bytes"] == laptop[FILLED]
    assert laptop["ethernetMacAddress"] in {key.value for key in seen[laptop["id"]].keys}


def test_only_new_and_changed_devices_are_asked_again(sessions: Sessions, graph_service: Graph, tmp_path: Path) -> None:
    graph_service.devices, spare = graph_service.devices[:30], graph_service.devices[30:31]
    run_of(sessions, intune(graph_service, tmp_path, details=True))
    graph_service.ledger.clear()
    for device in graph_service.devices:
        device["lastSyncDateTime"] = "2026-11-24T09:00:00Z"
    changed = next(device for device in graph_service.devices if device["id"] in own(graph_service))
    changed["osVersion"] = "99"
    graph_service.devices += spare
    ended = run_of(sessions, intune(graph_service, tmp_path, details=True), now=later(60))
    assert sorted(singles(graph_service)) == sorted(
        {changed["id"], *(device["id"] for device in spare)} & own(graph_service)
    )
    assert (ended.counts.new, ended.counts.changed) == (1, 1)
    assert {found["ram_bytes"] for found in devices(sessions)} - {None}


def test_a_second_run_over_the_same_devices_asks_for_no_details_and_changes_nothing(
    sessions: Sessions, graph_service: Graph, tmp_path: Path
) -> None:
    run_of(sessions, intune(graph_service, tmp_path, details=True))
    graph_service.ledger.clear()
    ended = run_of(sessions, intune(graph_service, tmp_path, details=True), now=later(60))
    assert singles(graph_service) == []
    assert (ended.counts.new, ended.counts.changed) == (0, 0)


@pytest.mark.parametrize(("headers", "waited"), [({"Retry-After": "7"}, 7.0), ({}, None)])
def test_what_is_throttled_within_a_batch_is_asked_again_alone(
    graph_service: Graph, tmp_path: Path, headers: dict[str, str], waited: float | None
) -> None:
    graph_service.faults.append(Fault(path_contains=SINGLE, status=429, headers=headers, after=3, times=2))
    waits: list[float] = []
    kept = records(intune(graph_service, tmp_path, waits, details=True).pages(None))
    assert sum(bool(record.body.get("detailed")) for record in kept) == len(own(graph_service))
    asked = singles(graph_service)
    assert len(asked) == len(own(graph_service)) + 2
    assert len(waits) == 1
    assert waited is None or waits == [waited]


def test_what_stays_throttled_is_left_for_the_next_run(
    sessions: Sessions, graph_service: Graph, tmp_path: Path
) -> None:
    graph_service.devices = [device for device in graph_service.devices if device["id"] in own(graph_service)][:5]
    unlucky = graph_service.devices[2]["id"]
    graph_service.faults.append(Fault(path_contains=SINGLE + unlucky, status=429, times=99))
    ended = run_of(sessions, intune(graph_service, tmp_path, details=True))
    assert (ended.verdict, ended.counts.new) == (Verdict.COMPLETE, 5 + len(graph_service.users))
    assert "of 1 devices" in ended.warnings[0]
    graph_service.clear_faults()
    graph_service.ledger.clear()
    ended = run_of(sessions, intune(graph_service, tmp_path, details=True), now=later(60))
    assert singles(graph_service) == [unlucky]
    assert ended.warnings == ()


def test_a_device_that_goes_between_list_and_batch_stays_as_it_was_listed(graph_service: Graph, tmp_path: Path) -> None:
    gone = next(iter(own(graph_service)))
    body = json.dumps({"error": {"code": "ResourceNotFound", "message": "x"}}).encode()
    graph_service.faults.append(Fault(path_contains=SINGLE + gone, status=404, body=body))
    pages = list(intune(graph_service, tmp_path, details=True).pages(None))
    assert {record.native_id for record in records(pages) if not record.body.get("detailed")} & own(graph_service) == {
        gone
    }
    assert not [warning for page in pages for warning in page.warnings]


def test_a_refusal_within_a_batch_ends_the_asking_and_not_the_run(graph_service: Graph, tmp_path: Path) -> None:
    graph_service.page_size = 60
    graph_service.faults.append(Fault(path_contains=SINGLE, status=403, body=b"{}", times=999))
    pages = list(intune(graph_service, tmp_path, details=True).pages(None))
    assert {record.native_id for record in records(pages)} == {device["id"] for device in graph_service.devices}
    assert batches(graph_service) <= 3
    assert len([warning for page in pages for warning in page.warnings]) == 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(status=403, times=9, body=b'{"error":{"code":"Forbidden","message":"no"}}'), "no right"),
        (Fault(status=404, times=9), "nothing is there"),
        (Fault(status=400, times=9), "not understood"),
        (Fault(status=429, times=9), "too many requests"),
        (Fault(status=504, times=9), "504"),
        (Fault(kind=FaultKind.HTML, times=9), "web page"),
        (Fault(kind=FaultKind.TRUNCATE, times=9), "broke off"),
        (Fault(kind=FaultKind.DROP, times=9), "broke off"),
        (Fault(kind=FaultKind.DRIP, times=9, seconds=0.2), "did not finish"),
        (Fault(status=200, times=9, body=b'{"responses": 7}'), "holds no list"),
    ],
)  # fmt: skip
def test_a_batch_that_fails_costs_the_details_and_not_the_devices(
    graph_service: Graph, tmp_path: Path, fault: Fault, words: str
) -> None:
    graph_service.faults.append(msgspec.structs.replace(fault, path_contains="$batch"))
    pages = list(intune(graph_service, tmp_path, details=True, limits={"total_s": 0.7}).pages(None))
    assert {record.native_id for record in records(pages)} == {device["id"] for device in graph_service.devices}
    assert not any(record.body.get("detailed") for record in records(pages))
    warnings = [warning for page in pages for warning in page.warnings]
    assert words in warnings[0]
    assert not [failed for page in pages for failed in page.failed_parts]


@pytest.mark.parametrize(
    "answer", [{"id": "another"}, {}, [], "text", {"id": None}, {FILLED: "much"}, {"iccid": ["x"]}]
)
def test_details_that_make_no_sense_leave_the_listed_record(graph_service: Graph, tmp_path: Path, answer: Any) -> None:
    device = next(device for device in graph_service.devices if device["id"] in own(graph_service))
    graph_service.devices = [device]
    body = {"id": device["id"], **answer} if isinstance(answer, dict) and answer and "id" not in answer else answer
    graph_service.faults.append(Fault(path_contains=SINGLE, status=200, body=json.dumps(body).encode()))
    pages = list(intune(graph_service, tmp_path, details=True).pages(None))
    (record,) = records(pages)
    assert "detailed" not in record.body
    assert [warning for page in pages for warning in page.warnings]


def test_an_interrupted_run_goes_on_with_its_details(sessions: Sessions, graph_service: Graph, tmp_path: Path) -> None:
    graph_service.page_size = 60
    graph_service.faults.append(Fault(path_contains="/managedDevices?", after=2, times=9, status=504))
    assert run_of(sessions, intune(graph_service, tmp_path, details=True)).verdict == Verdict.PARTIAL
    graph_service.clear_faults()
    before = {*singles(graph_service)}
    assert len(before) > 40
    graph_service.ledger.clear()
    run_of(sessions, intune(graph_service, tmp_path, details=True), now=later(5))
    assert {*singles(graph_service)} == own(graph_service) - before
    kept = [line["body"] for line in rows(sessions, schema.record) if line["part"] == "devices"]
    assert sum(bool(body.get("detailed")) for body in kept) == len(own(graph_service))


def test_a_dry_run_within_its_time_remembers_too_and_keeps_nothing(
    sessions: Sessions, graph_service: Graph, tmp_path: Path
) -> None:
    graph_service.page_size = 60
    run_of(sessions, intune(graph_service, tmp_path, details=True))
    before = rows(sessions, schema.record)
    graph_service.ledger.clear()
    graph_service.devices[0]["osVersion"] = "99"
    source = intune(graph_service, tmp_path, details=True)
    ended = run_of(sessions, source, now=later(60), dry_run=True, budget=timedelta(hours=1))
    assert (ended.verdict, ended.counts.changed) == (Verdict.COMPLETE, 1)
    assert singles(graph_service) == [graph_service.devices[0]["id"]]
    assert rows(sessions, schema.record) == before
