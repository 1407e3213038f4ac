"""What a console may tell beside its Chromebooks: people, phones, batteries, usage, a second count; each fails by itself."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from collector_rig import CUSTOMERS, google, records
from register_rig import later, rows, run_of

from collectors.google import GoogleCollector
from collectors.google_map import Known, device_record, observe
from collectors.google_reports import UpdateEnds
from devreg.demo.google import Google, failure
from devreg.demo.google_errors import modern
from devreg.demo.google_login import MORE_SCOPES, READ_SCOPES
from devreg.demo.server import Fault, FaultKind
from devreg.domain.device import Kind
from devreg.domain.observation import Subject
from devreg.errors import Broken
from devreg.ports import Page
from devreg.store import schema
from devreg.store.engine import Sessions

ALL = {"users": True, "company_phones": True, "personal_phones": True, "battery": True, "aue_report": True}
PARTS = {
    "users": "/users?",
    "clouddevices": "/v1/devices",
    "mobiledevices": "/devices/mobile",
    "telemetry": "/telemetry/devices",
}


@pytest.fixture
def service(google_service: Google) -> Google:
    """The stand-in with everything delegated that a source can want."""
    for source, customer_id in CUSTOMERS.items():
        google_service.account(source).delegated[customer_id] = (*READ_SCOPES, *MORE_SCOPES)
    return google_service


def of_part(pages: list[Page], part: str) -> list[Any]:
    return [record for page in pages for record in page.records if record.part == part]


def read(service: Google, folder: Path, **changed: Any) -> tuple[GoogleCollector, list[Page]]:
    collector = google(service, folder, **changed)
    return collector, [page.read() for page in collector.pages(None)]


def failed(pages: list[Page]) -> dict[str, str]:
    return {part.part: part.reason for page in pages for part in page.failed_parts}


def warnings(pages: list[Page]) -> list[str]:
    return [warning for page in pages for warning in page.warnings]


def test_everything_that_is_wanted_is_read_over_short_and_empty_pages(service: Google, tmp_path: Path) -> None:
    service.page_size = 2
    _, pages = read(service, tmp_path, **ALL)
    customer = service.customers["C01kaup1a"]
    assert len(of_part(pages, "users")) == len(customer.users)
    assert len(of_part(pages, "chromeosdevices")) == len(customer.devices)
    assert len(of_part(pages, "clouddevices")) == 6
    assert len(of_part(pages, "mobiledevices")) == len(customer.mobiles) == 5
    assert of_part(pages, "telemetry")
    assert (failed(pages), warnings(pages)) == ({}, [])


def test_what_is_not_wanted_is_not_asked_for(service: Google, tmp_path: Path) -> None:
    read(service, tmp_path)
    asked = " ".join(entry.target for entry in service.ledger)
    assert not [path for path in (*PARTS.values(), "reports:") if path in asked]


# Phones


def test_the_citys_phones_have_tag_imei_and_user_and_are_the_citys(service: Google, tmp_path: Path) -> None:
    collector, pages = read(service, tmp_path, company_phones=True)
    seen = {record.native_id: collector.observe(record) for record in of_part(pages, "clouddevices")}
    first = seen["devices/chrome-city-0"]
    assert [str(key.kind) for key in first.keys] == ["serial", "imei", "mac", "asset_tag"]
    wanted = {
        "kind": Kind.PHONE, "manufacturer": "Samsung", "model": "SM-A546B", "asset_tag": "GP-0000", "ownership": "company",
        "os": "Android", "encrypted": True, "security_patch": "2026-10-01", "management_state": "APPROVED",
        "holder_email": service.customers["C01kaup1a"].users[0]["primaryEmail"],
    }  # fmt: skip
    assert {name: first.claims.get(name) for name in wanted} == wanted
    assert (first.live, first.manages) == (True, True)
    wiped, drawer = seen["devices/chrome-city-4"], seen["devices/chrome-city-5"]
    assert (wiped.live, wiped.manages) == (False, False)
    assert "holder_email" not in drawer.claims
    assert drawer.claims["asset_tag"] == "GP-0005"
    assert seen["devices/chrome-city-2"].claims["kind"] == Kind.TABLET


def test_private_phones_computers_and_chromebooks_of_cloud_identity_are_left_alone(
    service: Google, tmp_path: Path
) -> None:
    _, pages = read(service, tmp_path, company_phones=True)
    assert "PRIVATE" not in str(pages)
    assert "5CG0000" not in str(of_part(pages, "clouddevices"))


def test_of_a_private_phone_little_is_kept_and_it_is_called_personal(service: Google, tmp_path: Path) -> None:
    collector, pages = read(service, tmp_path, personal_phones=True)
    assert "canary" not in str(pages)
    for record in of_part(pages, "mobiledevices"):
        seen = collector.observe(record)
        assert seen.claims["ownership"] == "personal"
        assert {"serial", "imei"} <= {str(key.kind) for key in seen.keys}
        assert not {"name", "holder", "mac", "phone_number"} & seen.claims.keys()
    asked = next(entry.target for entry in service.ledger if "/devices/mobile" in entry.target)
    assert not [word for word in ("name", "wifiMac", "network", "Accounts", "applications", "phone") if word in asked]


def test_a_private_phone_in_two_rows_is_one_device(sessions: Sessions, service: Google, tmp_path: Path) -> None:
    ended = run_of(sessions, google(service, tmp_path, personal_phones=True), "chrome-city", "google")
    twice = service.customers["C01kaup1a"].mobiles[0]["serialNumber"]
    assert [row["ownership"] for row in rows(sessions, schema.device) if row["serial"] == twice] == ["personal"]
    assert ended.counts.review == 0


# People


def test_a_holder_is_known_by_any_address(service: Google, tmp_path: Path) -> None:
    customer = service.customers["C01kaup1a"]
    customer.users[0]["aliases"] = ["Nick.Name@kaupunki.example"]
    customer.devices[0]["annotatedUser"] = "nick.name@Kaupunki.example"
    customer.devices[0]["recentUsers"] = [{"type": "USER_TYPE_MANAGED", "email": "nick.name@kaupunki.example"}]
    collector, pages = read(service, tmp_path, users=True, recent_users=True)
    seen = next(collector.observe(r) for r in records(pages) if r.native_id == customer.devices[0]["deviceId"])
    claims = seen.claims
    assert seen.facts["holder_alias"] == "nick.name@kaupunki.example"
    assert (claims["holder_email"], claims["last_user"]) == (customer.users[0]["primaryEmail"],) * 2
    told = [collector.observe(record).claims for record in records(pages)]
    assert "nick.name" not in str(told).lower()


@pytest.mark.parametrize(("said", "active"), [({"suspended": True}, False), ({"archived": True}, False), ({}, True)])
def test_suspended_and_archived_people_are_not_active(
    service: Google, tmp_path: Path, said: dict[str, bool], active: bool
) -> None:
    service.customers["C01kaup1a"].users[0] |= said
    collector, pages = read(service, tmp_path, users=True)
    first = next(record for record in records(pages, Subject.PERSON))
    assert collector.observe(first).claims["active"] is active


# Usage


USED: dict[str, Any] = {
    "deviceId": "d", "serialNumber": "PF3KX9AB",
    "activeTimeRanges": [{"date": "2026-11-18", "activeTime": 7260011}, {"date": "2026-11-20", "activeTime": 1}, {"date": "soon"}],
    "recentUsers": [{"type": "USER_TYPE_UNMANAGED"}, {"email": "Ella.S@skola.example"}, {"email": "b@skola.example"}],
}  # fmt: skip


def test_of_days_in_use_the_last_and_their_number_are_kept_and_nothing_of_hours(service: Google) -> None:
    record = device_record(USED)
    assert record.volatile == {"lastUsed": "2026-11-20", "daysUsed": 2}
    claims = observe(record).claims
    assert (claims["last_used"], claims["days_used"], claims.get("last_user")) == (date(2026, 11, 20), 2, None)
    assert "skola" not in str(record)


def test_of_recent_users_only_the_newest_address_is_kept_and_only_where_wanted() -> None:
    record = device_record(USED, Known(recent_users=True))
    assert record.body["lastUser"] == observe(record).claims["last_user"] == "ella.s@skola.example"
    assert "b@skola.example" not in str(record)


@pytest.mark.parametrize("odd", [None, "x", 7, [7], {"date": "2026-11-20"}, [{"date": 7, "email": 7}], [[]]])
def test_odd_usage_is_no_usage(odd: Any) -> None:
    record = device_record(USED | {"activeTimeRanges": odd, "recentUsers": odd}, Known(recent_users=True))
    assert record.volatile == {}
    assert not {"last_user", "last_used", "days_used"} & observe(record).claims.keys()


def test_who_used_a_device_is_gone_from_the_register_when_it_is_no_longer_wanted(
    sessions: Sessions, service: Google, tmp_path: Path
) -> None:
    run_of(sessions, google(service, tmp_path, recent_users=True), "chrome-city", "google")
    assert any(row["last_user"] for row in rows(sessions, schema.device))
    run_of(sessions, google(service, tmp_path), "chrome-city", "google", later(60))
    assert not [row for row in rows(sessions, schema.device) if row["last_user"]]
    for table in schema.metadata.sorted_tables:
        assert "lastUser" not in str(rows(sessions, table)), table.name
    assert not [row for row in rows(sessions, schema.change) if row["field"] == "last_user"]


def test_days_in_use_follow_what_the_device_tells_and_go_when_it_tells_none(
    sessions: Sessions, service: Google, tmp_path: Path
) -> None:
    device = next(d for d in service.customers["C01kaup1a"].devices if d["serialNumber"][:3] in {"PF3", "5CD", "NXK"})

    def days() -> tuple[Any, Any]:
        (found,) = [row for row in rows(sessions, schema.device) if row["serial"] == device["serialNumber"]]
        return found["last_used"], found["days_used"]

    device["activeTimeRanges"] = [{"date": "2026-11-19"}, {"date": "2026-11-20"}]
    run_of(sessions, google(service, tmp_path), "chrome-city", "google")
    assert days() == (date(2026, 11, 20), 2)
    device["activeTimeRanges"] = [{"date": "2026-11-23"}]
    run_of(sessions, google(service, tmp_path), "chrome-city", "google", later(60))
    assert days() == (date(2026, 11, 23), 1)
    del device["activeTimeRanges"]
    run_of(sessions, google(service, tmp_path), "chrome-city", "google", later(120))
    assert days() == (None, None)


def test_the_systems_compliance_is_said_in_googles_word_and_unspecified_is_not() -> None:
    assert observe(device_record(USED | {"osVersionCompliance": "notCompliant"})).claims["compliance"] == "notCompliant"
    unsaid = observe(device_record(USED | {"osVersionCompliance": "complianceUnspecified"})).claims
    assert "compliance" not in unsaid


# Batteries


def test_a_batterys_health_stands_with_its_chromebook(sessions: Sessions, service: Google, tmp_path: Path) -> None:
    ended = run_of(sessions, google(service, tmp_path, battery=True), "chrome-city", "google")
    books = rows(sessions, schema.device)
    assert len(books) == len({d["serialNumber"] for d in service.customers["C01kaup1a"].devices})
    assert {row["battery"] for row in books} >= {None, "normal", "replace_soon"}
    assert ended.counts.review == 0


def test_batteries_that_can_not_be_read_one_night_are_not_forgotten(
    sessions: Sessions, service: Google, tmp_path: Path
) -> None:
    run_of(sessions, google(service, tmp_path, battery=True), "chrome-city", "google")
    before = [(row["id"], row["battery"]) for row in rows(sessions, schema.device)]
    service.customers["C01kaup1a"].disabled = {"chrome"}
    for minutes in (2000, 4000, 6000):
        ended = run_of(sessions, google(service, tmp_path, battery=True), "chrome-city", "google", later(minutes))
        assert "not enabled" in ended.failed_parts["telemetry"]
    assert [(row["id"], row["battery"]) for row in rows(sessions, schema.device)] == before


# The report of update ends


def test_a_report_that_agrees_is_not_mentioned(service: Google, tmp_path: Path) -> None:
    for source in CUSTOMERS:
        _, pages = read(service, tmp_path, source=source, aue_report=True)
        assert warnings(pages) == []


def test_a_report_that_counts_otherwise_is_a_warning(service: Google, tmp_path: Path) -> None:
    report = [{"model": "X", "aueMonth": "JUNE", "aueYear": "2041", "expired": False, "count": "77"}]
    body = json.dumps({"deviceAueCountReports": report}).encode()
    service.faults.append(Fault(path_contains="reports:", status=200, body=body))
    _, pages = read(service, tmp_path, aue_report=True)
    (warning,) = warnings(pages)
    assert "2041-06: 77 / 0" not in warning  # three months are shown, the earliest first
    assert warning.endswith(".")
    assert failed(pages) == {}


@pytest.mark.parametrize(
    ("devices", "report", "told"),
    [
        ([("ACTIVE", date(2027, 6, 30))], [("JUNE", "2027", 1)], None),
        ([("ACTIVE", date(2027, 6, 30))], [("JULY", "2027", 1)], "2027-06: 0 / 1, 2027-07: 1 / 0"),
        ([("ACTIVE", date(2026, 11, 1)), ("ACTIVE", date(2020, 6, 30))], [(None, None, 1), ("NOVEMBER", "2026", 1)], None),
        ([("DISABLED", date(2027, 6, 30))], [], None),
        ([("DISABLED", date(2027, 6, 30))], [("JUNE", "2027", 1)], None),
        ([("DISABLED", date(2027, 6, 30))], [("JUNE", "2027", 2)], "2027-06: 2 / 0"),
        ([("DEPROVISIONED", date(2027, 6, 30)), ("ACTIVE", None)], [], None),
        ([("ACTIVE", date(y, 6, 30)) for y in range(2027, 2032)], [], "2029-06: 0 / 1, +2"),
    ],
)  # fmt: skip
def test_counts_are_compared_by_month_and_what_is_over_as_one(
    devices: list[tuple[str, date | None]], report: list[tuple[str | None, str | None, int]], told: str | None
) -> None:
    ends = UpdateEnds(date(2026, 11, 24))
    for status, end in devices:
        ends.count(status, end)
    rows_ = [
        {"model": "m", "count": str(count), "expired": month is None}
        | ({"aueMonth": month, "aueYear": year} if month else {})
        for month, year, count in report
    ]
    said = ends.disagreement(rows_)
    assert said is None if told is None else said is not None and told in said


@pytest.mark.parametrize("row", [7, {"count": "x"}, {"aueYear": "2027", "aueMonth": "BRUMAIRE", "count": "1"}])
def test_a_report_of_another_shape_is_broken(row: Any) -> None:
    with pytest.raises(Broken):
        UpdateEnds(date(2026, 11, 24)).disagreement([row])


# Each fails by itself


def _said(status: int, reason: str) -> dict[str, Any]:
    return {"status": status, "body": failure(status, reason, "m").body}


def _newly(status: int, reason: str) -> dict[str, Any]:
    return {"status": status, "body": modern(failure(status, reason, "m")).body}


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "401": (_said(401, "authError"), "not accepted"),
    "403": (_said(403, "forbidden"), "may not read this"),
    "403 new": (_newly(403, "insufficientPermissions"), "a scope is missing"),
    "403 off": (_newly(403, "accessNotConfigured"), "not enabled"),
    "404": ({"status": 404}, "nothing is there"),
    "404 new": (_newly(404, "notFound"), "nothing is there"),
    "429": ({"status": 429}, "too many requests"),
    "429 wait": ({"status": 429, "headers": {"Retry-After": "7"}}, "too many requests"),
    "quota": (_said(403, "quotaExceeded"), "quota"),
    "500": ({"status": 500}, "a fault on its side"),
    "503": (_said(503, "backendError"), "503"),
    "html": ({"kind": FaultKind.HTML}, "web page"),
    "truncated": ({"kind": FaultKind.TRUNCATE}, "broke off"),
    "dropped": ({"kind": FaultKind.DROP}, "broke off"),
    "repeated": ({"kind": FaultKind.REPEAT_NEXTLINK}, "offered twice"),
    "redirect": ({"kind": FaultKind.REDIRECT, "location": "http://elsewhere.example/"}, "elsewhere.example"),
    "drip": ({"kind": FaultKind.DRIP, "seconds": 0.2}, "did not finish"),
    "no json": ({"status": 200, "body": b'{"devices": ['}, "no whole JSON"),
    "list": ({"status": 200, "body": b"[]"}, "another shape"),
    "shape": (
        {"status": 200, "body": json.dumps(dict.fromkeys(("users", "devices", "mobiledevices"), 7)).encode()},
        "another shape",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_fails_is_silent_and_everything_else_is_read(
    service: Google, tmp_path: Path, part: str, fault: str
) -> None:
    how, words = FAULTS[fault]
    del service.customers["C01kaup1a"].devices[20:]
    service.faults.append(Fault(path_contains=PARTS[part], times=99, **how))
    _, pages = read(service, tmp_path, limits={"total_s": 0.6}, **ALL)
    assert failed(pages).keys() == {part}
    assert words in failed(pages)[part]
    assert not failed(pages)[part].startswith("chrome-city")
    assert {record.part for page in pages for record in page.records} - {part} == {*PARTS, "chromeosdevices"} - {part}


@pytest.mark.parametrize("fault", [name for name in FAULTS if name != "repeated"])
def test_a_report_that_can_not_be_read_is_a_warning_and_no_failed_part(
    service: Google, tmp_path: Path, fault: str
) -> None:
    how, words = FAULTS[fault]
    del service.customers["C01kaup1a"].devices[20:]
    if fault == "shape":
        how = how | {"body": b'{"deviceAueCountReports": 7}'}
    service.faults.append(Fault(path_contains="reports:", times=99, **how))
    _, pages = read(service, tmp_path, limits={"total_s": 0.6}, aue_report=True)
    (warning,) = warnings(pages)
    assert "could not be read" in warning
    assert words in warning
    assert failed(pages) == {}


def test_a_scope_that_is_not_delegated_takes_only_its_part(service: Google, tmp_path: Path) -> None:
    service.account("chrome-city").delegated["C01kaup1a"] = READ_SCOPES
    _, pages = read(service, tmp_path, **ALL)
    assert failed(pages).keys() == {"clouddevices", "mobiledevices", "telemetry"}
    assert of_part(pages, "users")
    assert of_part(pages, "chromeosdevices")


def test_huge_answers_are_cut_off(service: Google, tmp_path: Path) -> None:
    service.faults.append(Fault(path_contains=PARTS["mobiledevices"], status=200, body=b" " * 1_100_000, times=9))
    _, pages = read(service, tmp_path, limits={"max_bytes": 1 << 20}, personal_phones=True)
    assert "larger than" in failed(pages)["mobiledevices"]


def _broken(rows_: list[dict[str, Any]], key: str) -> None:
    rows_[0][key] = {"un": "expected"}


@pytest.mark.parametrize(
    ("part", "spoil"),
    [
        ("users", lambda c: _broken(c.users, "suspended")),
        ("clouddevices", lambda c: _broken(c.cloud_devices, "imei")),
        ("mobiledevices", lambda c: _broken(c.mobiles, "model")),
    ],
)
def test_a_bad_row_is_set_aside_with_its_reason_and_nothing_private(
    service: Google, tmp_path: Path, part: str, spoil: Callable[[Any], None]
) -> None:
    _, whole = read(service, tmp_path, **ALL)
    spoil(service.customers["C01kaup1a"])
    _, pages = read(service, tmp_path, **ALL)
    (bad,) = [bad for page in pages for bad in page.rejected]
    assert "does not fit" in bad.reason
    assert "un" in bad.raw
    assert "canary" not in bad.raw
    assert len(of_part(pages, part)) == len(of_part(whole, part)) - 1
    assert failed(pages) == {}


# Several consoles


def test_of_three_consoles_one_that_refuses_stops_no_other_and_loses_nothing(
    sessions: Sessions, service: Google, tmp_path: Path
) -> None:
    def all_three(minutes: int) -> dict[str, Any]:
        return {
            source: run_of(sessions, google(service, tmp_path, source=source), source, "google", later(minutes))
            for source in CUSTOMERS
        }

    before = all_three(0)
    assert {ended.verdict for ended in before.values()} == {"complete"}
    held = len(rows(sessions, schema.device))
    service.login.suspended.add("registry@skola.example")
    for minutes in (2000, 4000, 6000):
        after = all_three(minutes)
        assert {source: ended.verdict for source, ended in after.items()} == {
            "chrome-city": "complete", "chrome-swedish": "failed", "chrome-old": "complete",
        }  # fmt: skip
        assert "suspended" in after["chrome-swedish"].error
    assert not [row for row in rows(sessions, schema.record) if row["gone_at"]]
    assert len(rows(sessions, schema.device)) == held
    service.login.suspended.clear()
    back = all_three(8000)["chrome-swedish"]
    assert (back.verdict, back.counts.new, back.counts.missing) == ("complete", 0, 0)


def test_the_same_serial_in_two_consoles_is_one_device_of_the_console_where_it_lives(
    sessions: Sessions, service: Google, tmp_path: Path
) -> None:
    for source in CUSTOMERS:
        run_of(sessions, google(service, tmp_path, source=source), source, "google")
    city = {d["serialNumber"]: d for d in service.customers["C01kaup1a"].devices}
    left = [
        d
        for d in service.customers["C03vanh3c"].devices
        if d["serialNumber"] in city and d["status"] == "DEPROVISIONED"
    ]
    devices = {row["serial"]: row for row in rows(sessions, schema.device)}
    assert left
    for old in left:
        assert devices[old["serialNumber"]]["org_unit"] == city[old["serialNumber"]]["orgUnitPath"]
        assert devices[old["serialNumber"]]["managed_by"] == "chrome-city"
