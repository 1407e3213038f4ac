"""Google's collector over real google-auth and paging against the demo's stand-in."""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from collector_rig import CUSTOMERS, google, read_until_error, records

from collectors.google import GoogleOptions
from collectors.google_map import device_record, observe
from devreg.demo.google import Google, failure
from devreg.demo.server import Fault, FaultKind
from devreg.domain.device import Kind
from devreg.domain.observation import Observation, Subject
from devreg.errors import Broken, DevregError, Misconfigured, Refused, Retryable
from devreg.ports import Page
from devreg.settings import Fault as SettingsFault
from devreg.settings import validate

LIST = "/devices/chromeos?"


def failing(pages: Iterable[Page], kind: type[DevregError], *words: str) -> list[Page]:
    """The pages given before the error; the error names its source, its cause and a next step."""
    given, error = read_until_error(pages)
    assert isinstance(error, kind), repr(error)
    assert error.what.startswith("chrome-city: ")
    assert error.next_step
    for word in words:
        assert word in str(error), str(error)
    return given


def row(**changed: Any) -> dict[str, Any]:
    base = {
        "deviceId": "d1", "serialNumber": "PF3KX9AB", "status": "ACTIVE", "lastSync": "2026-11-20T07:41:12.318Z",
        "model": "Lenovo 300e Yoga Chromebook Gen 4", "orgUnitPath": "/Koulut/5", "orgUnitId": "03ph", "autoUpdateThrough": "2033-06-30",
    }  # fmt: skip
    return base | changed


def seen(**changed: Any) -> Observation:
    return observe(device_record(row(**changed)))


@pytest.mark.parametrize("source", list(CUSTOMERS))
def test_every_device_of_a_console_is_read_over_short_and_empty_pages(
    google_service: Google, tmp_path: Path, source: str
) -> None:
    google_service.page_size = 7
    pages = list(google(google_service, tmp_path, source=source).pages(None))
    expected = {device["deviceId"] for device in google_service.customers[CUSTOMERS[source]].devices}
    assert {r.native_id for r in records(pages)} == expected
    assert not [page.failed_parts for page in pages if page.failed_parts]


def test_every_observation_of_the_city_makes_sense(google_service: Google, tmp_path: Path) -> None:
    for source in CUSTOMERS:
        collector = google(google_service, tmp_path, source=source)
        observations = [collector.observe(record) for record in records(collector.pages(None))]
        assert observations
        assert all(seen.facts["org_unit"].startswith("/") for seen in observations)


def test_people_and_network_addresses_of_pupils_are_neither_asked_for_nor_kept_and_of_days_only_the_date(
    google_service: Google, tmp_path: Path
) -> None:
    device = google_service.customers["C01kaup1a"].devices[0]
    device |= {
        "recentUsers": [{"type": "USER_TYPE_MANAGED", "email": "canary@koulu.example"}], "notes": "canary",
        "lastKnownNetwork": [{"ipAddress": "10.44.3.17"}], "activeTimeRanges": [{"date": "2026-11-19", "activeTime": 7260011}],
    }  # fmt: skip
    pages = list(google(google_service, tmp_path).pages(None))
    assert not [word for word in ("canary", "10.44.3.17", "7260011") if word in str(pages)]
    assert "canary" not in str(device_record(device))
    asked = [entry.target for entry in google_service.ledger if LIST in entry.target]
    assert asked
    assert not [w for w in ("recentUsers", "lastKnownNetwork", "activeTime,", "notes", "Files") if w in asked[0]]
    assert "activeTimeRanges/date" in asked[0]


def test_a_unit_is_known_by_its_id_and_called_by_its_path_now(google_service: Google, tmp_path: Path) -> None:
    customer = google_service.customers["C01kaup1a"]
    moved = customer.units[0]
    inside = [d["deviceId"] for d in customer.devices if f"id:{d.get('orgUnitId')}" == moved["orgUnitId"]]
    moved["orgUnitPath"] = "/Uusi nimi"
    got = {r.native_id: r.body for r in records(google(google_service, tmp_path).pages(None))}
    assert inside
    assert {got[i]["orgUnitPath"] for i in inside} == {"/Uusi nimi"}
    assert not any(got[i]["orgUnitId"].startswith("id:") for i in inside)


def test_fewer_devices_than_the_console_counts_make_the_run_partial(google_service: Google, tmp_path: Path) -> None:
    body = json.dumps({"count": "100000"}).encode()
    google_service.faults.append(Fault(path_contains="countChromeOsDevices", status=200, body=body))
    pages = list(google(google_service, tmp_path).pages(None))
    (failed,) = pages[-1].failed_parts
    assert failed.part == records(pages)[0].part
    assert "counts 100000" in failed.reason


def test_a_console_of_no_devices_gives_none(google_service: Google, tmp_path: Path) -> None:
    google_service.customers["C01kaup1a"].devices.clear()
    assert records(google(google_service, tmp_path).pages(None)) == []


def test_a_console_that_takes_only_a_hundred_a_page_is_read_by_hundreds(google_service: Google, tmp_path: Path) -> None:
    told = "Invalid value '200'. Values must be within the range: [1, 100]"
    body = failure(400, "invalidParameter", told).body
    google_service.faults.append(Fault(path_contains="maxResults=200", status=400, body=body, times=99))
    assert records(google(google_service, tmp_path).pages(None))
    assert any("maxResults=100" in entry.target for entry in google_service.ledger)


def test_people_are_read_only_when_wanted(google_service: Google, tmp_path: Path) -> None:
    assert records(google(google_service, tmp_path).pages(None), Subject.PERSON) == []
    collector = google(google_service, tmp_path, users=True)
    people = records(collector.pages(None), Subject.PERSON)
    assert len(people) == len(google_service.customers["C01kaup1a"].users)
    assert {"name", "email", "active"} <= set(collector.observe(people[0]).claims)


def test_a_checkpoint_goes_on_after_its_page_and_the_count_still_fits(google_service: Google, tmp_path: Path) -> None:
    google_service.page_size = 30
    pages = list(google(google_service, tmp_path).pages(None))
    rest = list(google(google_service, tmp_path).pages(pages[2].checkpoint))
    assert [r.native_id for r in records(rest)] == [r.native_id for r in records(pages[3:])]
    assert not [page for page in rest if page.failed_parts]


def test_a_checkpoint_older_than_an_hour_starts_anew(google_service: Google, tmp_path: Path) -> None:
    google_service.page_size = 30
    first = next(page for page in google(google_service, tmp_path).pages(None) if page.checkpoint)
    later = {"now": lambda: datetime.now(UTC) + timedelta(hours=1)}
    again = google(google_service, tmp_path, limits=later).pages(first.checkpoint)
    assert len(records(again)) == len(google_service.customers["C01kaup1a"].devices)


def test_one_bad_row_is_set_aside_and_the_rest_goes_on(google_service: Google, tmp_path: Path) -> None:
    devices = google_service.customers["C01kaup1a"].devices
    devices[0]["systemRamTotal"] = "plenty"
    devices[1]["diskSpaceUsage"] = "big"
    pages = [page.read() for page in google(google_service, tmp_path).pages(None)]
    rejected = [bad for page in pages for bad in page.rejected]
    assert {bad.native_id for bad in rejected} == {devices[0]["deviceId"], devices[1]["deviceId"]}
    assert len(records(pages)) == len(devices) - 2
    assert not [page for page in pages if page.failed_parts]


# Sign-in and rights


def test_another_consoles_admin_is_refused_before_anything_is_read(google_service: Google, tmp_path: Path) -> None:
    collector = google(google_service, tmp_path, customer_id="C09other")
    assert failing(collector.pages(None), Refused, "C01kaup1a", "C09other", "nothing was read") == []
    assert not any(LIST in entry.target for entry in google_service.ledger)


def test_an_unknown_subject_is_told_in_plain_words(google_service: Google, tmp_path: Path) -> None:
    collector = google(google_service, tmp_path, subject="nobody@kaupunki.example")
    failing(collector.pages(None), Refused, "no such admin", "subject")


def test_a_suspended_admin_is_told_as_that_and_not_as_a_bad_key(google_service: Google, tmp_path: Path) -> None:
    google_service.login.suspended.add("registry@kaupunki.example")
    failing(google(google_service, tmp_path).pages(None), Refused, "account is suspended", "subject")


def test_a_scope_that_is_not_delegated_is_told_with_the_way_to_do_it(google_service: Google, tmp_path: Path) -> None:
    account = google_service.account("chrome-city")
    account.delegated["C01kaup1a"] = ("admin.directory.customer.readonly",)
    failing(google(google_service, tmp_path).pages(None), Refused, "not allowed there", "Domain-wide delegation")


def test_a_subject_without_a_role_is_told(google_service: Google, tmp_path: Path) -> None:
    collector = google(google_service, tmp_path)
    google_service.customers["C01kaup1a"].admins.clear()
    failing(collector.pages(None), Refused, "the subject may not read this", "role")


def test_an_api_that_is_not_enabled_is_told(google_service: Google, tmp_path: Path) -> None:
    google_service.customers["C01kaup1a"].api_enabled = False
    failing(google(google_service, tmp_path).pages(None), Refused, "Admin SDK API is not enabled", "Enable it")


@pytest.mark.parametrize("content", ["", "{}", "no json", '{"token_uri": "http://evil.example/token"}'])
def test_a_key_file_that_is_none_is_a_settings_fault(google_service: Google, tmp_path: Path, content: str) -> None:
    (tmp_path / "chrome-city.json").write_text(content)
    _, error = read_until_error(google(google_service, tmp_path).pages(None))
    assert isinstance(error, Misconfigured), repr(error)


def test_a_key_sent_in_clear_is_refused(google_service: Google, tmp_path: Path) -> None:
    key = tmp_path / "chrome-city.json"
    key.write_text(key.read_text().replace(f"{google_service.url}/token", "http://oauth2.example/token"))
    _, error = read_until_error(google(google_service, tmp_path).pages(None))
    assert isinstance(error, Misconfigured)
    assert "not https" in error.what


def test_an_unreachable_host_is_named(google_service: Google, tmp_path: Path) -> None:
    collector = google(google_service, tmp_path)
    google_service.stop()
    failing(collector.pages(None), Retryable, f"127.0.0.1:{google_service.port} can't be reached")


@pytest.mark.parametrize("body", [b"yes", b"[]", b"7"])
def test_a_token_that_is_no_json_object_is_broken(google_service: Google, tmp_path: Path, body: bytes) -> None:
    google_service.faults.append(Fault(path_contains="/token", status=200, body=body))
    failing(google(google_service, tmp_path).pages(None), Broken)


# Faults in the middle


def _reason(status: int, reason: str, message: str = "m") -> dict[str, Any]:
    return {"status": status, "body": failure(status, reason, message).body}


def _new_shape(status: int, reason: str, word: str) -> dict[str, Any]:
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}]
    error = {"code": status, "message": "m", "status": word, "details": details}
    return {"status": status, "body": json.dumps({"error": error}).encode()}


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (_reason(403, "quotaExceeded"), Retryable, "quota"),
        (_reason(403, "userRateLimitExceeded"), Retryable, "quota"),
        (_reason(403, "forbidden"), Refused, "the subject may not read this"),
        (_reason(403, "domainCannotUseApis"), Refused, "lets no program in"),
        (_new_shape(403, "SERVICE_DISABLED", "PERMISSION_DENIED"), Refused, "not enabled"),
        (_new_shape(403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "PERMISSION_DENIED"), Refused, "a scope is missing"),
        (_reason(401, "authError"), Refused, "not accepted"),
        (_reason(400, "invalid", "Invalid Customer Id"), Refused, "no such console"),
        (_reason(400, "badRequest"), Broken, "badRequest"),
        (_reason(503, "backendError"), Retryable, "503"),
        ({"status": 429}, Retryable, "too many requests"),
        ({"status": 500, "body": b"Request rate higher than configured"}, Retryable, "Request rate higher"),
        ({"status": 404}, Broken, "nothing is there"),
        ({"kind": FaultKind.HTML}, Broken, "web page"),
        ({"kind": FaultKind.TRUNCATE}, Retryable, "broke off"),
        ({"kind": FaultKind.DROP}, Retryable, "broke off"),
        ({"kind": FaultKind.REPEAT_NEXTLINK}, Broken, "offered twice"),
        ({"kind": FaultKind.REDIRECT, "location": "http://elsewhere.example/"}, Broken, "elsewhere.example"),
        ({"kind": FaultKind.DRIP, "seconds": 0.2}, Retryable, "did not finish"),
        ({"status": 200, "body": b'{"chromeosdevices": 7}'}, Broken, "another shape"),
    ],
)  # fmt: skip
def test_a_fault_in_the_middle_keeps_the_pages_before_it(
    google_service: Google, tmp_path: Path, fault: dict[str, Any], kind: type[DevregError], words: str
) -> None:
    google_service.page_size = 20
    google_service.faults.append(Fault(path_contains=LIST, after=2, times=99, **fault))
    given = failing(google(google_service, tmp_path, limits={"total_s": 0.7}).pages(None), kind, words)
    assert len(records(given)) >= 20


def test_a_damaged_page_token_is_tried_again_then_given_up(google_service: Google, tmp_path: Path) -> None:
    google_service.page_size = 20
    pages = google(google_service, tmp_path).pages(None)
    assert not next(pages).records
    next(pages)
    google_service._chains.clear()
    failing(pages, Retryable, "token is not accepted", "starts anew")


def test_passing_faults_do_not_end_the_run(google_service: Google, tmp_path: Path) -> None:
    google_service.page_size = 20
    google_service.faults += [
        Fault(path_contains=LIST, after=1, **_reason(403, "quotaExceeded")),
        Fault(path_contains=LIST, after=3, kind=FaultKind.DROP),
        Fault(path_contains="/token", after=0, status=503, body=b'{"error":"internal_failure"}'),
    ]
    waits: list[float] = []
    assert len(records(google(google_service, tmp_path, waits).pages(None))) == len(
        google_service.customers["C01kaup1a"].devices
    )
    assert len(waits) == 2


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"customer_id": "my_customer"}, "customer_id"), ({"subject": "nobody"}, "subject"), ({"key": "{}"}, "key"),
        ({"page_size": 300}, "page_size"),
    ],
)  # fmt: skip
def test_a_wrong_option_is_named(changed: dict[str, Any], key: str) -> None:
    good = {"kind": "google", "customer_id": "C01kaup1a", "subject": "a@b.example", "key": {"file": "k.json"}}
    faults: list[SettingsFault] = []
    assert validate(GoogleOptions, good, "s", faults) is not None
    validate(GoogleOptions, good | changed, "s", faults)
    assert [fault.key for fault in faults] == [f"s.{key}"]


# Mapping


@pytest.mark.parametrize(
    ("through", "expiration", "day"),
    [
        ("2033-06-30", None, date(2033, 6, 30)), ("2033-06-30T07:00:00Z", None, date(2033, 6, 30)),
        (None, "2003727600000", date(2033, 6, 30)), (None, 1940569200000, date(2031, 6, 30)), ("soon", "0", None), (None, None, None),
        (None, 10**18, None),
    ],
)  # fmt: skip
def test_the_update_expiry_is_a_utc_day(through: str | None, expiration: object, day: date | None) -> None:
    assert seen(autoUpdateThrough=through, autoUpdateExpiration=expiration).claims.get("support_end") == day


@pytest.mark.parametrize(
    ("status", "live", "manages"),
    [
        ("ACTIVE", True, True), ("DISABLED", True, True), ("DELINQUENT", True, False), ("PRE_PROVISIONED", True, False),
        ("DEPROVISIONED", False, False), ("INACTIVE", True, False), ("QUARANTINED_2027", True, False), (None, True, False),
    ],
)  # fmt: skip
def test_liveness_and_management_follow_the_status(status: str | None, live: bool, manages: bool) -> None:
    observation = seen(status=status)
    assert (observation.live, observation.manages) == (live, manages)


@pytest.mark.parametrize(
    ("annotated", "holder", "email"),
    [
        ("Matti M", "Matti M", None), ("matti.m@Koulu.example", None, "matti.m@koulu.example"), ("5B-12", None, None), ("", None, None),
        ("12", None, None),
    ],
)  # fmt: skip
def test_a_holder_is_claimed_only_from_what_names_somebody(
    annotated: str, holder: str | None, email: str | None
) -> None:
    claims = seen(annotatedUser=annotated).claims
    assert (claims.get("holder"), claims.get("holder_email")) == (holder, email)


@pytest.mark.parametrize(
    ("model", "os_type", "kind", "maker"),
    [
        ("Lenovo 300e Yoga Chromebook Gen 4", "chromeOs", Kind.CHROMEBOOK, "Lenovo"),
        ("HP Chromebook 11 G9 EE", "CHROME_OS", Kind.CHROMEBOOK, "HP"),
        ("ASUS Chromebox 4", "chromeOs", Kind.DESKTOP, "ASUS"), ("Chromebook 311", "chromeOs", Kind.CHROMEBOOK, None),
        ("Dell Latitude 5400", "chromeOsFlex", Kind.LAPTOP, "Dell"), (None, None, Kind.CHROMEBOOK, None),
    ],
)  # fmt: skip
def test_kind_and_maker_are_told_from_the_model(
    model: str | None, os_type: str | None, kind: Kind, maker: str | None
) -> None:
    claims = seen(model=model, chromeOsType=os_type).claims
    assert (claims["kind"], claims.get("manufacturer")) == (kind, maker)


def test_numbers_sent_as_text_are_numbers() -> None:
    claims = seen(systemRamTotal="4063973376", diskSpaceUsage={"capacityBytes": "62537072640", "usedBytes": "1"}).claims
    assert (claims["ram_bytes"], claims["storage_bytes"]) == (4063973376, 62537072640)


@pytest.mark.parametrize(
    "field", ["systemRamTotal", "diskSpaceUsage", "deviceLicenseType", "lastSync", "model", "orgUnitPath", "status"]
)
def test_absent_is_never_empty_or_zero(field: str) -> None:
    whole = row()
    whole.pop(field, None)
    claims = observe(device_record(whole)).claims
    assert not [value for value in claims.values() if value in ("", 0, None)]


def test_only_the_last_sync_is_outside_the_comparison() -> None:
    one, other = device_record(row()), device_record(row(lastSync="2026-11-24T00:00:00Z", etag='"x"'))
    assert one.body == other.body
    assert one.volatile != other.volatile
