"""What people sign in with (Entra's devices): kept beside the devices, tied to the enrolment by its own id; on both engines."""

from pathlib import Path
from typing import Any

import pytest
from collector_rig import CLIENT, SECRET, intune, records
from register_rig import browser, devices, later, rows, run_of

from devreg.demo.entra import App
from devreg.demo.graph import READ_DEVICES, READ_USERS, Graph
from devreg.demo.server import Fault
from devreg.domain.absence import Verdict
from devreg.domain.observation import Subject
from devreg.ports import Query, Row
from devreg.store import schema
from devreg.store.engine import Sessions


def listed(sessions: Sessions, *where: tuple[str, str]) -> list[Row]:
    found = browser(sessions)
    return list(found.rows("registrations", found.keys("registrations", Query(where=where))))


def _seen(line: dict[str, Any]) -> tuple[bool, Any, int]:
    """Of two with one id the one seen last has it."""
    return line["last_seen"] is not None, line["last_seen"], -line["id"]


def test_they_are_not_asked_for_unless_switched_on(graph_service: Graph, tmp_path: Path) -> None:
    list(intune(graph_service, tmp_path).pages(None))
    assert not [entry for entry in graph_service.ledger if "/v1.0/devices" in entry.target]


def test_a_registration_makes_no_device_and_is_tied_to_the_enrolment_by_its_own_id(
    graph_service: Graph, sessions: Sessions, tmp_path: Path
) -> None:
    run_of(sessions, intune(graph_service, tmp_path), now=later(0))
    before = len(devices(sessions))
    assert (
        run_of(sessions, intune(graph_service, tmp_path, registrations=True), now=later(60)).verdict == Verdict.COMPLETE
    )
    assert len(devices(sessions)) == before
    own = {line["directory_id"]: line["id"] for line in sorted(devices(sessions), key=_seen)}
    for line in rows(sessions, schema.registration):
        assert line["device_id"] == own.get(line["directory_id"])
    assert sum(line["device_id"] is not None for line in rows(sessions, schema.registration)) > 20


def test_a_phone_that_nothing_manages_stands_in_the_list_with_who_signs_in_with_it(
    graph_service: Graph, sessions: Sessions, tmp_path: Path
) -> None:
    run_of(sessions, intune(graph_service, tmp_path, registrations=True), now=later(0))
    loose = [row for row in graph_service.registrations if row["registeredOwners"]]
    shown = [line for line in listed(sessions, ("device_id", "")) if line["owner_email"]]
    owners = {row["registeredOwners"][0]["userPrincipalName"].lower() for row in loose}
    assert {line["owner_email"] for line in shown} == owners
    assert {line["managed"] for line in shown} == {None, False}
    assert all(line["name"] is None for line in shown)


def test_of_the_owner_nothing_but_the_account_is_kept_and_of_a_private_device_not_its_name(
    graph_service: Graph, tmp_path: Path
) -> None:
    kept = records(intune(graph_service, tmp_path, registrations=True).pages(None), Subject.REGISTRATION)
    owned = [record.body for record in kept if record.body.get("registeredOwners")]
    assert owned
    for body in owned:
        assert [set(owner) for owner in body["registeredOwners"]] == [{"userPrincipalName"}]
        assert "displayName" not in body
    assert all("physicalIds" not in record.body for record in kept)


def test_one_that_was_signed_in_with_again_says_when(graph_service: Graph, sessions: Sessions, tmp_path: Path) -> None:
    source = intune(graph_service, tmp_path, registrations=True)
    run_of(sessions, source, now=later(0))
    graph_service.registrations[0]["approximateLastSignInDateTime"] = "2026-11-24T09:00:00Z"
    run_of(sessions, intune(graph_service, tmp_path, registrations=True), now=later(60))
    seen = {line["directory_id"]: line["signed_in_at"] for line in rows(sessions, schema.registration)}
    assert seen[graph_service.registrations[0]["deviceId"].lower()].hour == 9


def test_an_app_that_may_not_read_them_says_so_and_reads_the_rest(graph_service: Graph, tmp_path: Path) -> None:
    graph_service.entra.apps[0] = App(client_id=CLIENT, roles=(READ_DEVICES, READ_USERS), secret=SECRET)
    pages = list(intune(graph_service, tmp_path, registrations=True).pages(None))
    assert records(pages)
    [warning] = [text for page in pages for text in page.warnings]
    assert "Device.Read.All" in warning


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_list_that_fails_costs_only_itself(graph_service: Graph, tmp_path: Path, status: int) -> None:
    graph_service.faults.append(Fault(status=status, times=99, path_contains="/v1.0/devices?"))
    pages = list(intune(graph_service, tmp_path, registrations=True).pages(None))
    assert [part.part for page in pages for part in page.failed_parts] == ["registrations"]
    assert records(pages)
