"""What people are told of a tenant: acts past this register, what runs out, what the app may and may not do."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from collector_rig import CLIENT, NOW, SECRET, WHOLE, intune
from register_rig import NOON, actor, browser, later, rows, run_of

from collectors.intune_rights import READINGS, right_for
from devreg.demo.entra import App
from devreg.demo.graph import READ_DEVICES, READ_USERS, READS, Graph
from devreg.demo.graph_lists import READ_APPS, audit_event
from devreg.demo.server import Fault, FaultKind
from devreg.demo.tls import application_certificate
from devreg.domain.absence import Verdict
from devreg.ports import Finding, Page, Query, Severity
from devreg.services.alarms import acknowledge
from devreg.services.troubles import review
from devreg.store import notices, schema
from devreg.store.engine import Sessions

LOG = "/auditEvents"
ADMIN = "aapo.admin@kaupunki.example"


def granted(graph: Graph, *roles: str) -> None:
    graph.entra.apps[0] = App(client_id=CLIENT, roles=roles, secret=SECRET)


def happened(
    graph: Graph, act: str, before: timedelta = timedelta(hours=1), by: str | None = ADMIN, **more: Any
) -> str:
    """An event about the first device; its id."""
    device = graph.devices[0]
    moment = f"{NOON - before:%Y-%m-%dT%H:%M:%S}.1234567Z"
    graph.audit_events.append(audit_event(device["id"], device["deviceName"], act, moment, by, **more))
    return str(device["id"])


def told(sessions: Sessions) -> list[str]:
    return [line["what"] for line in rows(sessions, schema.alarm)]


# Acts past this register


@pytest.mark.parametrize(
    ("act", "what"),
    [
        ("wipe", f"wipe ordered outside devreg by {ADMIN}"), ("Retire", f"retirement ordered outside devreg by {ADMIN}"),
        ("delete", f"deletion ordered outside devreg by {ADMIN}"),
    ],
)  # fmt: skip
def test_a_wipe_past_this_register_is_told_once(
    sessions: Sessions, graph_service: Graph, tmp_path: Path, act: str, what: str
) -> None:
    graph_service.devices = graph_service.devices[:20]
    happened(graph_service, act)
    ended = run_of(sessions, intune(graph_service, tmp_path, audit_events=True))
    assert told(sessions) == [what]
    assert [warning.partition(": ")[2] for warning in ended.warnings] == [what]
    again = run_of(sessions, intune(graph_service, tmp_path, audit_events=True), now=later(60))
    assert told(sessions) == [what]
    assert again.warnings == ()


def test_a_second_wipe_of_the_same_device_is_told_too(sessions: Sessions, graph_service: Graph, tmp_path: Path) -> None:
    happened(graph_service, "wipe", timedelta(hours=3))
    happened(graph_service, "wipe", timedelta(hours=2))
    run_of(sessions, intune(graph_service, tmp_path, audit_events=True))
    assert len(told(sessions)) == 2


def test_a_wipe_of_a_device_that_the_register_never_had_is_an_alarm_too_told_once_and_taken_up(
    sessions: Sessions, graph_service: Graph, tmp_path: Path
) -> None:
    graph_service.devices = graph_service.devices[:20]
    moment = f"{NOON - timedelta(hours=1):%Y-%m-%dT%H:%M:%S}.1234567Z"
    graph_service.audit_events.append(audit_event("gone-before", "KHA-X", "wipe", moment, ADMIN))
    ended = run_of(sessions, intune(graph_service, tmp_path, audit_events=True))
    what = f"wipe ordered outside devreg by {ADMIN}"
    assert ended.warnings == (f"intune gone-before: {what}",)
    assert run_of(sessions, intune(graph_service, tmp_path, audit_events=True), now=later(60)).warnings == ()
    seen = browser(sessions)
    (shown,) = seen.rows("alarms", seen.keys("alarms", Query(search="gone-before")))
    assert (shown["what"], shown["device"], shown["device_id"]) == (what, "intune gone-before", None)
    review(sessions, ("intune",), later(61))
    with sessions.read.begin() as session:
        assert [trouble.problem.about for trouble in notices.lasting(session).values()] == ["intune gone-before"]
    acknowledge(sessions, actor(), shown["id"], "ours", later(62))  # type: ignore[arg-type]
    assert rows(sessions, schema.audit)[-1]["about"] == "intune gone-before"


@pytest.mark.parametrize(
    "event", [{"act": "remoteLock"}, {"act": "wipe", "result": "Failure"}, {"act": "patch"}, {"act": "wipe", "before": timedelta(days=60)}]
)  # fmt: skip
def test_what_wiped_nothing_is_not_told(
    sessions: Sessions, graph_service: Graph, tmp_path: Path, event: dict[str, Any]
) -> None:
    happened(graph_service, **event)
    run_of(sessions, intune(graph_service, tmp_path, audit_events=True))
    assert told(sessions) == []


def test_an_app_that_wiped_is_named(sessions: Sessions, graph_service: Graph, tmp_path: Path) -> None:
    happened(graph_service, "wipe", by=None)
    run_of(sessions, intune(graph_service, tmp_path, audit_events=True))
    assert told(sessions) == ["wipe ordered outside devreg by Some other tool"]


def test_a_filter_that_the_service_ignores_tells_no_old_stories(
    sessions: Sessions, graph_service: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from devreg.demo import graph_lists

    path = "/v1.0/deviceManagement/auditEvents"
    careless = dict(graph_lists.COLLECTIONS)[path]
    happened(graph_service, "wipe", timedelta(days=60))
    monkeypatch.setattr(graph_service, "audit_events", _Unfiltered(graph_service.audit_events))
    assert careless.filtered
    run_of(sessions, intune(graph_service, tmp_path, audit_events=True))
    assert told(sessions) == []


class _Unfiltered(list[Any]):
    """Rows whose times pass any filter, and are old when read."""

    def __iter__(self) -> Any:
        return iter([_Late(row) for row in super().__iter__()])


class _Late(dict[str, Any]):
    def __getitem__(self, key: str) -> Any:
        return "9999" if key == "activityDateTime" else super().__getitem__(key)


def test_the_log_is_read_from_the_last_whole_run_on(sessions: Sessions, graph_service: Graph, tmp_path: Path) -> None:
    run_of(sessions, intune(graph_service, tmp_path, audit_events=True))
    run_of(sessions, intune(graph_service, tmp_path, audit_events=True), now=later(24 * 60))
    first, second = (entry.target for entry in graph_service.ledger if LOG in entry.target)
    assert "2026-10-25T06:30:00Z" in first or "2026-10-" in first
    assert f"{NOON - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}" in second


def test_an_event_that_can_not_be_read_is_set_aside(sessions: Sessions, graph_service: Graph, tmp_path: Path) -> None:
    happened(graph_service, "wipe")
    happened(graph_service, "retire")
    graph_service.audit_events[0]["resources"] = "none"
    ended = run_of(sessions, intune(graph_service, tmp_path, audit_events=True))
    assert told(sessions) == [f"retirement ordered outside devreg by {ADMIN}"]
    assert ended.counts.rejected == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=403, times=9), Fault(status=404, times=9), Fault(status=429, times=9), Fault(status=500, times=9),
        Fault(kind=FaultKind.HTML, times=9), Fault(kind=FaultKind.DROP, times=9), Fault(kind=FaultKind.TRUNCATE, times=9),
    ],
)  # fmt: skip
def test_a_log_that_fails_is_read_from_there_next_time(
    sessions: Sessions, graph_service: Graph, tmp_path: Path, fault: Fault
) -> None:
    run_of(sessions, intune(graph_service, tmp_path, audit_events=True))
    graph_service.faults.append(
        Fault(**{name: getattr(fault, name) for name in fault.__struct_fields__} | {"path_contains": LOG})
    )
    happened(graph_service, "wipe")
    ended = run_of(sessions, intune(graph_service, tmp_path, audit_events=True), now=later(3 * 24 * 60))
    assert (ended.verdict, {*ended.failed_parts}, ended.counts.missing) == (Verdict.PARTIAL, {"log"}, 0)
    graph_service.clear_faults()
    run_of(sessions, intune(graph_service, tmp_path, audit_events=True), now=later(4 * 24 * 60))
    assert len(told(sessions)) == 1


def test_without_the_right_to_the_log_every_run_says_so(
    sessions: Sessions, graph_service: Graph, tmp_path: Path
) -> None:
    granted(graph_service, READ_DEVICES, READ_USERS)
    ended = run_of(sessions, intune(graph_service, tmp_path, audit_events=True))
    assert ended.verdict == Verdict.COMPLETE
    assert ended.warnings == ("intune: Intune's log can't be read: the app has no DeviceManagementApps.Read.All.",)


# What runs out


def ends(graph: Graph, what: str, days: int) -> datetime:
    """Let one of them end so many days from now."""
    end = NOW + timedelta(days=days)
    text = f"{end:%Y-%m-%dT%H:%M:%SZ}"
    assert graph.push_certificate is not None
    holder, field = {
        "Apple's push certificate": (graph.push_certificate, "expirationDateTime"),
        "Apple's enrolment token": (graph.apple_tokens[0], "tokenExpirationDateTime"),
        "Apple's token for apps": (graph.vpp_tokens[0], "expirationDateTime"),
    }[what]
    holder[field] = text
    return end


def findings(graph: Graph, folder: Path, now: datetime = NOW, **changed: Any) -> list[Finding]:
    return list(intune(graph, folder, **{**WHOLE, **changed, "limits": {"now": lambda: now}}).check())


def warned(pages: list[Page]) -> list[str]:
    return [warning for page in pages for warning in page.warnings]


@pytest.mark.parametrize("what", ["Apple's push certificate", "Apple's enrolment token", "Apple's token for apps"])
@pytest.mark.parametrize(
    ("days", "severity", "says"),
    [(31, Severity.OK, "is good until"), (29, Severity.ADVICE, "runs out on"), (-1, Severity.FAULT, "ran out on")],
)  # fmt: skip
def test_what_runs_out_is_told_a_month_ahead(
    graph_service: Graph, tmp_path: Path, what: str, days: int, severity: Severity, says: str
) -> None:
    end = ends(graph_service, what, days)
    (found,) = [finding for finding in findings(graph_service, tmp_path) if f"{what} " in finding.what]
    assert (found.severity, found.what) == (severity, f"intune: {what} {says} {end:%Y-%m-%d}.")
    assert bool(found.next_step) == (severity is not Severity.OK)
    source = intune(graph_service, tmp_path, **WHOLE, limits={"now": lambda: NOW})
    assert warned(list(source.pages(None))) == ([] if severity is Severity.OK else [found.what])


def test_the_apps_own_certificate_is_watched_in_every_run(graph_service: Graph, tmp_path: Path) -> None:
    _, certificate = application_certificate(tmp_path, "app")
    graph_service.entra.apps[0] = App(client_id=CLIENT, roles=READS, certificate=certificate)
    late = certificate.not_valid_after_utc - timedelta(days=20)
    options: dict[str, Any] = {"client_secret": None, "certificate": {"file": "app.pem"}}
    source = intune(graph_service, tmp_path, **options, limits={"now": lambda: late})
    (warning,) = warned(list(source.pages(None)))
    assert warning == f"intune: the app's certificate runs out on {certificate.not_valid_after_utc:%Y-%m-%d}."


def test_a_certificate_wrapped_as_in_microsofts_example_is_read(graph_service: Graph, tmp_path: Path) -> None:
    end = ends(graph_service, "Apple's push certificate", 5)
    assert graph_service.push_certificate is not None
    graph_service.push_certificate = {"value": dict(graph_service.push_certificate)}
    assert any(f"runs out on {end:%Y-%m-%d}" in finding.what for finding in findings(graph_service, tmp_path))


def test_a_tenant_without_apple_devices_has_nothing_to_watch(graph_service: Graph, tmp_path: Path) -> None:
    graph_service.push_certificate, graph_service.vpp_tokens, graph_service.apple_tokens = None, [], []
    source = intune(graph_service, tmp_path, **WHOLE)
    assert warned(list(source.pages(None))) == []
    assert not [finding for finding in findings(graph_service, tmp_path) if "Apple's push" in finding.what]


@pytest.mark.parametrize("status", [403, 500])
def test_what_can_not_be_watched_is_told(graph_service: Graph, tmp_path: Path, status: int) -> None:
    graph_service.faults.append(Fault(path_contains="applePushNotificationCertificate", status=status, times=99))
    (warning,) = warned(list(intune(graph_service, tmp_path, apple_expiry=True).pages(None)))
    assert str(status) in warning


# What the app may


@pytest.mark.parametrize("reading", READINGS, ids=lambda reading: reading.what)
def test_check_names_each_missing_right_and_what_it_is_for(graph_service: Graph, tmp_path: Path, reading: Any) -> None:
    granted(
        graph_service,
        *({role for known in READINGS for role in (known.right, *known.also)} - {reading.right, *reading.also}),
    )
    lacking = [
        finding
        for finding in findings(graph_service, tmp_path, leave_dates=True)
        if finding.what.startswith(f"intune: {reading.what} can't be read")
    ]
    assert [finding.severity for finding in lacking] == [Severity.FAULT if reading.is_needed else Severity.ADVICE]
    assert reading.right in lacking[0].what
    assert reading.right in lacking[0].next_step
    assert not reading.option or f"{reading.option} = false" in lacking[0].next_step


def test_check_names_rights_that_nothing_needs(graph_service: Graph, tmp_path: Path) -> None:
    granted(graph_service, *READS, "Mail.Read", "Sites.Read.All")
    (found,) = [finding for finding in findings(graph_service, tmp_path) if "more rights" in finding.what]
    assert found.severity is Severity.ADVICE
    assert "Mail.Read, Sites.Read.All" in found.what


def test_check_tries_what_the_token_promises(graph_service: Graph, tmp_path: Path) -> None:
    graph_service.refused = ("windowsAutopilotDeviceIdentities",)
    found = [finding for finding in findings(graph_service, tmp_path) if finding.severity is not Severity.OK]
    assert any("no right to read this" in finding.what and "licence" in finding.next_step for finding in found)


def test_a_path_knows_its_right() -> None:
    assert right_for("/v1.0/deviceManagement/auditEvents") == READ_APPS
    assert right_for("/v1.0/users") == READ_USERS
    assert right_for("/v1.0/deviceManagement/managedDevices/1") == READ_DEVICES
    assert right_for("/somewhere/else") == READ_DEVICES
