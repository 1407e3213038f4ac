"""What the service account may do: told by `check` for each thing that is wanted, and never more than reading."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from collector_rig import google, read_until_error

from devreg.demo.google import Google
from devreg.demo.google_login import MORE_SCOPES, READ_SCOPES
from devreg.demo.server import Fault
from devreg.errors import Refused, Retryable
from devreg.ports import Finding, Severity

ALL = {"users": True, "company_phones": True, "personal_phones": True, "battery": True, "aue_report": True}
WIPING = (
    "admin.directory.device.chromeos", "admin.directory.device.mobile.action", "admin.directory.device.mobile", "cloud-identity.devices",
)  # fmt: skip


def delegate(service: Google, *scopes: str) -> None:
    service.account("chrome-city").delegated["C01kaup1a"] = scopes


def found(service: Google, folder: Path, severity: Severity | None = None, **changed: Any) -> list[Finding]:
    findings = list(google(service, folder, **changed).check())
    return [finding for finding in findings if severity in (None, finding.severity)]


def test_everything_in_order_is_told_line_by_line(google_service: Google, tmp_path: Path) -> None:
    delegate(google_service, *READ_SCOPES, *MORE_SCOPES)
    findings = found(google_service, tmp_path, **ALL)
    assert {finding.severity for finding in findings} == {Severity.OK}
    text = "\n".join(finding.what for finding in findings)
    for words in (
        "rights to read Chromebooks and units are there", "rights to read the batteries' health are there", "no right to change or wipe",
        "sign-in as registry@kaupunki.example works; the console is C01kaup1a (kaupunki.example)", "clock agrees", "organisational units",
        f"the console counts {len(google_service.customers['C01kaup1a'].devices)}", "reading people's own phones works",
    ):  # fmt: skip
        assert words in text, words


@pytest.mark.parametrize(
    ("option", "scope", "what"),
    [
        ("users", "admin.directory.user.readonly", "people of the console"),
        ("company_phones", "cloud-identity.devices.readonly", "the city's phones"),
        ("personal_phones", "admin.directory.device.mobile.readonly", "people's own phones"),
        ("battery", "chrome.management.telemetry.readonly", "the batteries' health"),
        ("aue_report", "chrome.management.reports.readonly", "the report of update ends"),
    ],
)
def test_a_right_that_is_missing_is_named_with_what_it_is_for(
    google_service: Google, tmp_path: Path, option: str, scope: str, what: str
) -> None:
    delegate(google_service, *[name for name in (*READ_SCOPES, *MORE_SCOPES) if name != scope])
    faults = found(google_service, tmp_path, Severity.FAULT, **ALL)
    assert f"no right to read {what}: https://www.googleapis.com/auth/{scope} is not delegated" in faults[0].what
    assert "Domain-wide delegation" in faults[0].next_step
    assert not found(google_service, tmp_path, Severity.FAULT, **(ALL | {option: False}))


def test_a_right_missing_for_the_devices_themselves_is_told_and_ends_the_check(
    google_service: Google, tmp_path: Path
) -> None:
    delegate(google_service, *[name for name in READ_SCOPES if "orgunit" not in name])
    first, *_ = found(google_service, tmp_path, Severity.FAULT)
    assert "Chromebooks and units" in first.what
    assert "orgunit.readonly" in first.what
    assert "chromeos.readonly" not in first.what


@pytest.mark.parametrize("scope", WIPING)
def test_an_account_that_may_wipe_reads_nothing(google_service: Google, tmp_path: Path, scope: str) -> None:
    delegate(google_service, *READ_SCOPES, scope)
    (fault,) = found(google_service, tmp_path, Severity.FAULT)
    assert f"auth/{scope})" in fault.what
    pages, error = read_until_error(google(google_service, tmp_path).pages(None))
    assert isinstance(error, Refused)
    assert (pages, "may wipe" in error.what) == ([], True)
    assert not [
        entry
        for entry in google_service.ledger
        if "/devices/chromeos?" in entry.target and "maxResults=200" in entry.target
    ]


@pytest.mark.parametrize("scope", ["admin.directory.user", "admin.directory.orgunit", "admin.directory.customer"])
def test_an_account_that_may_change_other_things_is_advised_against(
    google_service: Google, tmp_path: Path, scope: str
) -> None:
    delegate(google_service, *READ_SCOPES, scope)
    (advice,) = found(google_service, tmp_path, Severity.ADVICE)
    assert f"auth/{scope}." in advice.what
    pages, error = read_until_error(google(google_service, tmp_path).pages(None))
    assert error is None
    assert pages


def test_a_right_that_can_not_be_told_now_is_never_taken_for_missing_or_granted(
    google_service: Google, tmp_path: Path
) -> None:
    body = b'{"error":"internal_failure","error_description":"try later"}'
    google_service.faults.append(Fault(path_contains="/token", after=1, times=99, status=503, body=body))
    faults = found(google_service, tmp_path, Severity.FAULT)
    assert [("in trouble" in fault.what, "not delegated" in fault.what) for fault in faults] == [(True, False)]
    google_service.faults.clear()
    google_service.faults.append(Fault(path_contains="/token", times=99, status=503, body=body))
    _, error = read_until_error(google(google_service, tmp_path).pages(None))
    assert isinstance(error, Retryable)


@pytest.mark.parametrize(("shift", "words"), [(300, "300 s ahead of"), (-300, "300 s behind"), (20, None)])
def test_a_clock_that_is_wrong_is_told(google_service: Google, tmp_path: Path, shift: int, words: str | None) -> None:
    collector = google(google_service, tmp_path, limits={"now": lambda: datetime.now(UTC) + timedelta(seconds=shift)})
    faults = [finding for finding in collector.check() if finding.severity is Severity.FAULT]
    told = [round_ for round_ in faults if words is not None and words.split()[-1] in round_.what]
    assert len(faults) == len(told) == (0 if words is None else 1)


def test_a_sign_in_that_fails_for_the_clock_says_so(google_service: Google, tmp_path: Path) -> None:
    google_service.clock = lambda: datetime.now(UTC).timestamp() + 7200
    _, error = read_until_error(google(google_service, tmp_path).pages(None))
    assert isinstance(error, Refused)
    assert "clock is wrong" in error.what
    assert "NTP" in error.next_step


def test_another_console_than_the_configured_one_is_a_fault_of_the_check(
    google_service: Google, tmp_path: Path
) -> None:
    (fault,) = found(google_service, tmp_path, Severity.FAULT, customer_id="C09other")
    assert "belongs to console C01kaup1a" in fault.what


def test_an_api_that_is_off_is_a_fault_of_its_own_line(google_service: Google, tmp_path: Path) -> None:
    delegate(google_service, *READ_SCOPES, *MORE_SCOPES)
    google_service.customers["C01kaup1a"].disabled = {"cloud"}
    (fault,) = found(google_service, tmp_path, Severity.FAULT, **ALL)
    assert "/v1/devices" in fault.what
    assert "Enable it" in fault.next_step
