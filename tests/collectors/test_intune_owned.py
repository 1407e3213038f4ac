"""What a tenant says it owns: lists that may be closed to us, records that join the enrolment's, people who are gone."""

from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from collector_rig import CLIENT, SECRET, WHOLE, intune, records
from register_rig import devices, later, open_questions, rows, run_of

from collectors.intune_owned import APPLE, AUTOPILOT, IDENTIFIERS, owned_record
from devreg.demo.entra import App
from devreg.demo.graph import READ_DEVICES, READ_LEAVE_DATES, READ_USERS, READS, Graph
from devreg.demo.server import Fault, FaultKind
from devreg.domain.absence import Verdict
from devreg.domain.observation import Subject
from devreg.errors import Broken
from devreg.ports import Page
from devreg.store import schema
from devreg.store.engine import Sessions

LISTS = {"autopilot": True, "corporate_identifiers": True, "apple_devices": True}
PATHS = {
    AUTOPILOT: "windowsAutopilotDeviceIdentities", IDENTIFIERS: "/importedDeviceIdentities", APPLE: "depOnboardingSettings",
}  # fmt: skip


def of_part(pages: list[Page], part: str) -> set[str]:
    return {record.native_id for record in records(pages) if record.part == part}


def granted(graph: Graph, *roles: str) -> None:
    graph.entra.apps[0] = App(client_id=CLIENT, roles=roles, secret=SECRET)


def test_every_owned_identity_is_a_record_of_its_own_over_all_pages(graph_service: Graph, tmp_path: Path) -> None:
    graph_service.page_size = 7
    pages = list(intune(graph_service, tmp_path, **LISTS).pages(None))
    assert of_part(pages, AUTOPILOT) == {f"{AUTOPILOT}:{row['id']}" for row in graph_service.autopilot}
    assert of_part(pages, IDENTIFIERS) == {f"{IDENTIFIERS}:{row['id']}" for row in graph_service.identifiers}
    sold = [row for row in graph_service.apple_devices if not row["isDeleted"]]
    assert of_part(pages, APPLE) == {f"{APPLE}:{row['id']}" for row in sold}
    assert len(sold) < len(graph_service.apple_devices)
    assert len(of_part(pages, AUTOPILOT)) > 20


def test_the_betas_are_not_asked_unless_switched_on(graph_service: Graph, tmp_path: Path) -> None:
    list(intune(graph_service, tmp_path, autopilot=True).pages(None))
    assert not [entry for entry in graph_service.ledger if "/beta/" in entry.target]


@pytest.mark.parametrize("part", [AUTOPILOT, IDENTIFIERS, APPLE])
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(status=403, times=99, body=b'{"error":{"code":"Forbidden","message":"no"}}'), "no right to read this"),
        (Fault(status=401, times=99, body=b'{"error":{"code":"UnknownError","message":"{\\"ErrorCode\\":\\"Forbidden\\"}"}}'), "Forbidden"),
        (Fault(status=404, times=99), "nothing is there"),
        (Fault(status=429, times=99), "too many requests"),
        (Fault(status=429, times=99, headers={"Retry-After": "1"}), "too many requests"),
        (Fault(status=503, times=99), "503"),
        (Fault(kind=FaultKind.HTML, times=99), "web page"),
        (Fault(kind=FaultKind.TRUNCATE, times=99), "broke off"),
        (Fault(kind=FaultKind.DROP, times=99), "broke off"),
        (Fault(kind=FaultKind.DRIP, times=99, seconds=0.2), "did not finish"),
        (Fault(kind=FaultKind.REDIRECT, times=99, location="https://127.0.0.1:1/"), "redirect"),
        (Fault(status=200, times=99, body=b'{"value": 7}'), "holds no list"),
    ],
)  # fmt: skip
def test_a_list_that_is_closed_costs_the_run_a_line_and_nothing_else(
    graph_service: Graph, tmp_path: Path, part: str, fault: Fault, words: str
) -> None:
    graph_service.faults.append(msgspec.structs.replace(fault, path_contains=PATHS[part]))
    pages = list(intune(graph_service, tmp_path, **LISTS, limits={"total_s": 0.7}).pages(None))
    assert of_part(pages, "devices") == {device["id"] for device in graph_service.devices}
    assert not of_part(pages, part)
    assert all(of_part(pages, other) for other in PATHS if other != part)
    (failed,) = [failed for page in pages for failed in page.failed_parts]
    assert (failed.part, failed.optional) == (part, True)
    assert words in failed.reason
    assert [failed.reason] == [warning for page in pages for warning in page.warnings]


@pytest.mark.parametrize("kind", [FaultKind.REPEAT_NEXTLINK, FaultKind.FOREIGN_NEXTLINK])
def test_a_list_that_leads_astray_is_not_followed(
    graph_service: Graph, small_city: Any, tmp_path: Path, kind: FaultKind
) -> None:
    graph_service.page_size = 7
    (tmp_path / "other").mkdir()
    with Graph(small_city, [], tmp_path / "other") as elsewhere:
        graph_service.faults.append(Fault(path_contains=PATHS[AUTOPILOT], kind=kind, location=elsewhere.url))
        pages = list(intune(graph_service, tmp_path, **LISTS).pages(None))
        assert elsewhere.ledger == []
    assert [failed.part for page in pages for failed in page.failed_parts] == [AUTOPILOT]


def test_a_list_the_app_has_no_right_to_is_not_even_asked_for(graph_service: Graph, tmp_path: Path) -> None:
    granted(graph_service, READ_DEVICES, READ_USERS)
    pages = list(intune(graph_service, tmp_path, **LISTS).pages(None))
    assert {failed.part for page in pages for failed in page.failed_parts} == {*PATHS}
    assert all("DeviceManagementServiceConfig.Read.All" in warning for page in pages for warning in page.warnings)
    assert not any(path in entry.target for path in PATHS.values() for entry in graph_service.ledger)


def test_a_row_that_names_no_device_is_set_aside() -> None:
    for part, row in [
        (AUTOPILOT, {"id": "1", "serialNumber": "To be filled by O.E.M."}),
        (IDENTIFIERS, {"id": "2", "importedDeviceIdentifier": "x", "importedDeviceIdentityType": "brandNew"}),
        (APPLE, {"id": "3"}),
        (APPLE, {"id": "4", "serialNumber": {"a": 1}}),
        (AUTOPILOT, "a text"),
    ]:
        with pytest.raises(Broken):
            owned_record(row, part)


# In the register


def test_an_owned_identity_joins_the_enrolment_and_the_enrolment_speaks(
    sessions: Sessions, graph_service: Graph, tmp_path: Path
) -> None:
    graph_service.devices = [device for device in graph_service.devices if device["operatingSystem"] == "Windows"][:3]
    serials = {device["serialNumber"] for device in graph_service.devices}
    graph_service.autopilot = [row for row in graph_service.autopilot if row["serialNumber"] in serials]
    listed = graph_service.autopilot[0]
    listed["model"] = "Other words for it"
    seen = next(device for device in graph_service.devices if device["serialNumber"] == listed["serialNumber"])
    seen |= {"id": "ffffffff-0000-4000-8000-000000000000", "enrolledDateTime": "0001-01-01T00:00:00Z"}
    ended = run_of(sessions, intune(graph_service, tmp_path, autopilot=True))
    assert ended.verdict == Verdict.COMPLETE
    assert {found["serial"] for found in devices(sessions)} == serials
    assert len(rows(sessions, schema.record)) == 6 + len(graph_service.users)
    assert not open_questions(sessions)
    told = {device["serialNumber"]: device["model"] for device in graph_service.devices}
    assert {found["serial"]: found["model"] for found in devices(sessions)} == told


def test_a_bought_phone_is_in_stock_until_it_is_enrolled(
    sessions: Sessions, graph_service: Graph, tmp_path: Path
) -> None:
    phone = next(device for device in graph_service.devices if device["operatingSystem"] == "iOS")
    graph_service.devices = []
    for row in graph_service.apple_devices:
        row["enrollmentState"] = "notContacted"
    graph_service.apple_devices = [
        row for row in graph_service.apple_devices if row["serialNumber"] == phone["serialNumber"]
    ]
    source = intune(graph_service, tmp_path, apple_devices=True)
    run_of(sessions, source)
    (found,) = devices(sessions)
    assert (found["state"], found["management_state"]) == ("in_stock", "notContacted")
    graph_service.devices = [phone]
    run_of(sessions, intune(graph_service, tmp_path, apple_devices=True), now=later(60))
    (found,) = devices(sessions)
    assert (found["state"], found["model"]) == ("in_use", phone["model"])


def test_a_device_that_left_intune_is_missing_though_a_list_still_names_it(
    sessions: Sessions, graph_service: Graph, tmp_path: Path
) -> None:
    graph_service.devices = graph_service.devices[:30]
    run_of(sessions, intune(graph_service, tmp_path, autopilot=True))
    gone = next(device for device in graph_service.devices if device["operatingSystem"] == "Windows")
    graph_service.devices.remove(gone)
    run_of(sessions, intune(graph_service, tmp_path, autopilot=True), now=later(60))
    assert [found["serial"] for found in devices(sessions) if found["missing_since"]] == [gone["serialNumber"]]


def test_a_closed_list_makes_nothing_missing_and_the_run_partial(
    sessions: Sessions, graph_service: Graph, tmp_path: Path
) -> None:
    run_of(sessions, intune(graph_service, tmp_path, autopilot=True))
    graph_service.faults.append(Fault(path_contains=PATHS[AUTOPILOT], status=403, times=9))
    ended = run_of(sessions, intune(graph_service, tmp_path, autopilot=True), now=later(60))
    assert (ended.verdict, ended.counts.missing, {*ended.failed_parts}) == (Verdict.PARTIAL, 0, {AUTOPILOT})


# People


def test_somebody_in_the_recycle_bin_has_left(sessions: Sessions, graph_service: Graph, tmp_path: Path) -> None:
    run_of(sessions, intune(graph_service, tmp_path))
    person = next(person for person in graph_service.users if person["accountEnabled"])
    graph_service.users.remove(person)
    bare = person["id"].replace("-", "")
    moved = {"deletedDateTime": "2026-11-20T08:00:00Z", "userPrincipalName": bare + person["userPrincipalName"]}
    graph_service.deleted_users.append(person | moved)
    ended = run_of(sessions, intune(graph_service, tmp_path), now=later(60))
    (kept,) = [line for line in rows(sessions, schema.person) if line["native_id"] == person["id"]]
    assert (kept["active"], kept["upn"]) == (False, person["userPrincipalName"])
    assert (ended.verdict, ended.counts.missing) == (Verdict.COMPLETE, 0)


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_recycle_bin_that_is_closed_is_only_told_of(graph_service: Graph, tmp_path: Path, status: int) -> None:
    graph_service.faults.append(Fault(path_contains="deletedItems", status=status, times=9))
    pages = list(intune(graph_service, tmp_path).pages(None))
    assert len(records(pages, Subject.PERSON)) == len(graph_service.users)
    assert [failed.part for page in pages for failed in page.failed_parts] == ["deleted people"]


def test_a_leave_date_is_a_day_in_finland(graph_service: Graph, tmp_path: Path) -> None:
    granted(graph_service, READ_DEVICES, READ_USERS, READ_LEAVE_DATES)
    graph_service.users[0]["employeeLeaveDateTime"] = "2026-11-30T22:00:00Z"
    graph_service.users[1]["employeeLeaveDateTime"] = "0001-01-01T00:00:00Z"
    source = intune(graph_service, tmp_path, leave_dates=True)
    seen = [source.observe(record).claims for record in records(source.pages(None), Subject.PERSON)]
    assert [claims["leave_date"] for claims in seen if "leave_date" in claims] == [date(2026, 12, 1)]


def test_leave_dates_are_asked_for_only_with_the_right_to_them(graph_service: Graph, tmp_path: Path) -> None:
    granted(graph_service, *READS)
    pages = list(intune(graph_service, tmp_path, leave_dates=True).pages(None))
    assert len(records(pages, Subject.PERSON)) == len(graph_service.users)
    assert ["User-LifeCycleInfo.Read.All" in warning for page in pages for warning in page.warnings] == [True]
    assert not any("employeeLeaveDateTime" in entry.target for entry in graph_service.ledger)


def test_everything_switched_on_ends_complete(sessions: Sessions, graph_service: Graph, tmp_path: Path) -> None:
    ended = run_of(sessions, intune(graph_service, tmp_path, **WHOLE))
    assert (ended.verdict, ended.warnings, ended.error) == (Verdict.COMPLETE, (), None)
