"""Intune's collector over real msal, TLS and paging against the demo's stand-in."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from collector_rig import CLIENT, NOW, SECRET, WHOLE, intune, read_until_error, records
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from collectors.intune import IntuneOptions
from collectors.intune_map import device_record, kind_of, observe
from devreg.demo.entra import App
from devreg.demo.graph import READ_DEVICES, READ_USERS, Graph
from devreg.demo.server import Fault, FaultKind
from devreg.demo.tls import application_certificate, write_private
from devreg.domain.device import Kind
from devreg.domain.observation import Observation, Subject
from devreg.errors import Broken, DevregError, Misconfigured, Refused, Retryable
from devreg.ports import Page, Severity
from devreg.settings import Fault as SettingsFault
from devreg.settings import validate

DEVICES = "/managedDevices"


def failing(pages: Iterable[Page], kind: type[DevregError], *words: str) -> list[Page]:
    """The pages given before the error; the error names its source, its cause and a next step."""
    given, error = read_until_error(pages)
    assert isinstance(error, kind), repr(error)
    assert error.what.startswith("intune: ")
    assert error.next_step
    for word in words:
        assert word in str(error), str(error)
    return given


def row(**changed: Any) -> dict[str, Any]:
    base = {
        "id": "a1", "deviceName": "KHA-1", "managedDeviceOwnerType": "company", "managementState": "managed",
        "managementAgent": "mdm", "lastSyncDateTime": "2026-08-19T05:58:03.1182736Z", "operatingSystem": "iOS", "model": "iPhone 15",
        "serialNumber": "F2LZK0EXMPL1", "manufacturer": "Apple",
    }  # fmt: skip
    return base | changed


def seen(**changed: Any) -> Observation:
    return observe(device_record(row(**changed), {}))


def test_every_device_and_person_is_read_over_all_pages(graph_service: Graph, tmp_path: Path) -> None:
    graph_service.page_size = 40
    pages = list(intune(graph_service, tmp_path).pages(None))
    assert {r.native_id for r in records(pages)} == {device["id"] for device in graph_service.devices}
    assert {r.native_id for r in records(pages, Subject.PERSON)} == {person["id"] for person in graph_service.users}
    assert not [page.rejected for page in pages if page.rejected]


def test_a_device_whose_row_and_department_are_as_before_is_listed_as_before(
    graph_service: Graph, tmp_path: Path
) -> None:
    def listed() -> dict[str, bytes]:
        pages = intune(graph_service, tmp_path).pages(None)
        return {row.native_id: row.row_hash for page in pages for row in page.listed}

    before = listed()
    assert before.keys() == {device["id"] for device in graph_service.devices}
    assert listed() == before
    mover = next(
        person for person in graph_service.users if any(person["id"] == d["userId"] for d in graph_service.devices)
    )
    mover["department"] = "Elsewhere"
    graph_service.devices[0]["osVersion"] = "99"
    moved = {device["id"] for device in graph_service.devices if device["userId"] == mover["id"]}
    after = listed()
    assert {native_id for native_id in after if after[native_id] != before[native_id]} == {
        graph_service.devices[0]["id"],
        *moved,
    }


def test_a_devices_department_is_that_of_its_user(graph_service: Graph, tmp_path: Path) -> None:
    departments = {person["id"]: person.get("department") for person in graph_service.users}
    collector = intune(graph_service, tmp_path)
    with_user = [r for r in records(collector.pages(None)) if departments.get(r.body.get("userId", ""))]
    assert len(with_user) > 20
    assert all(collector.observe(r).facts["department"] == departments[r.body["userId"]] for r in with_user)


def test_only_the_allowed_fields_are_asked_for_and_kept(graph_service: Graph, tmp_path: Path) -> None:
    graph_service.devices[0] |= {
        "deviceLocation": {"latitude": 60.2},
        "notes": "canary",
        "activationLockBypassCode": "canary",
    }
    assert "canary" not in json.dumps(device_record(graph_service.devices[0], {}).body)
    given = list(intune(graph_service, tmp_path).pages(None))
    assert "canary" not in str(given)
    assert "latitude" not in str(given)
    asked = next(entry.target for entry in graph_service.ledger if "managedDevices" in entry.target)
    assert "$select=id,deviceName" in asked
    assert not {"ocation", "notes", "Bypass", "deviceActionResults"} & {
        w for w in ("ocation", "notes", "Bypass") if w in asked
    }


def test_a_row_seen_on_two_pages_is_no_trouble(graph_service: Graph, tmp_path: Path) -> None:
    graph_service.page_size, graph_service.overlap = 50, 2
    ids = [r.native_id for r in records(intune(graph_service, tmp_path).pages(None))]
    assert len(set(ids)) == len(graph_service.devices) < len(ids)


def test_without_users_only_devices_are_asked_for(graph_service: Graph, tmp_path: Path) -> None:
    pages = list(intune(graph_service, tmp_path, users=False).pages(None))
    assert records(pages)
    assert not any("/users" in entry.target for entry in graph_service.ledger)


def test_a_checkpoint_goes_on_after_its_page(graph_service: Graph, tmp_path: Path) -> None:
    graph_service.page_size = 50
    pages = [page for page in intune(graph_service, tmp_path).pages(None) if records([page])]
    rest = intune(graph_service, tmp_path).pages(pages[1].checkpoint)
    assert [r.native_id for r in records(rest)] == [r.native_id for r in records(pages[2:])]
    assert pages[-1].checkpoint is None


def test_a_checkpoint_the_service_no_longer_knows_starts_anew(graph_service: Graph, tmp_path: Path) -> None:
    graph_service.page_size = 50
    first = next(page for page in intune(graph_service, tmp_path).pages(None) if page.checkpoint)
    graph_service._tokens.clear()
    assert len(records(intune(graph_service, tmp_path).pages(first.checkpoint))) >= len(graph_service.devices)


def test_one_bad_row_is_set_aside_and_the_rest_goes_on(graph_service: Graph, tmp_path: Path) -> None:
    graph_service.devices[3]["serialNumber"] = {"not": "a text"}
    graph_service.devices[4]["id"] = None
    graph_service.devices[5]["totalStorageSpaceInBytes"] = 2**70
    pages = [page.read() for page in intune(graph_service, tmp_path).pages(None)]
    rejected = [bad for page in pages for bad in page.rejected]
    assert len(rejected) == 3
    assert len(records(pages)) == len(graph_service.devices) - 3
    reasons = {bad.native_id: bad.reason for bad in rejected}
    assert "serialNumber" in reasons[graph_service.devices[3]["id"]]
    assert all(len(bad.raw) <= 4096 for bad in rejected)


def test_a_ten_megabyte_name_is_cut(graph_service: Graph, tmp_path: Path) -> None:
    graph_service.devices[0]["deviceName"] = "ä" * 10_000_000
    kept = records(intune(graph_service, tmp_path).pages(None))
    assert max(len(r.body.get("deviceName", "")) for r in kept) == 1000


# Sign-in


def test_a_wrong_secret_is_told_in_plain_words(graph_service: Graph, tmp_path: Path) -> None:
    write_private(tmp_path / "intune.secret", b"wrong")
    failing(
        intune(graph_service, tmp_path).pages(None),
        Refused,
        "the client secret is wrong",
        "AADSTS7000215",
        "value, not its id",
    )
    assert not any("/v1.0" in entry.target for entry in graph_service.ledger)


def test_an_expired_secret_is_told_in_plain_words(graph_service: Graph, tmp_path: Path) -> None:
    graph_service.entra.apps[0] = App(client_id=CLIENT, roles=(READ_DEVICES,), secret=SECRET, secret_expired=True)
    failing(intune(graph_service, tmp_path).pages(None), Refused, "expired", "AADSTS7000222")


def test_a_wrong_tenant_is_told_in_plain_words(graph_service: Graph, tmp_path: Path) -> None:
    other = "00000000-1111-4222-8333-444444444444"
    failing(intune(graph_service, tmp_path, tenant_id=other).pages(None), Refused, "no such tenant", "AADSTS90002")


def test_an_unknown_app_is_told_in_plain_words(graph_service: Graph, tmp_path: Path) -> None:
    other = "00000000-1111-4222-8333-444444444444"
    failing(
        intune(graph_service, tmp_path, client_id=other).pages(None),
        Refused,
        "no app with this client_id",
        "AADSTS700016",
    )


@pytest.mark.parametrize("form", ["pem", "pfx"])
def test_a_certificate_signs_in(graph_service: Graph, tmp_path: Path, form: str) -> None:
    pem, certificate = application_certificate(tmp_path, "app")
    graph_service.entra.apps[0] = App(client_id=CLIENT, roles=(READ_DEVICES, READ_USERS), certificate=certificate)
    if form == "pfx":
        write_private(tmp_path / "app.pfx", _pfx(pem.read_bytes(), certificate, b"words"))
        write_private(tmp_path / "words", b"words")
    extra = {"certificate_passphrase": {"file": "words"}} if form == "pfx" else {}
    collector = intune(graph_service, tmp_path, client_secret=None, certificate={"file": f"app.{form}"}, **extra)
    assert records(collector.pages(None))


def test_a_certificate_of_another_app_is_refused(graph_service: Graph, tmp_path: Path) -> None:
    application_certificate(tmp_path, "app")
    collector = intune(graph_service, tmp_path, client_secret=None, certificate={"file": "app.pem"})
    failing(collector.pages(None), Refused, "the certificate is not one of the app's", "AADSTS700027")


def test_a_certificate_file_without_its_key_is_a_settings_fault(graph_service: Graph, tmp_path: Path) -> None:
    _, certificate = application_certificate(tmp_path, "app")
    write_private(tmp_path / "app.pem", certificate.public_bytes(serialization.Encoding.PEM))
    collector = intune(graph_service, tmp_path, client_secret=None, certificate={"file": "app.pem"})
    _, error = read_until_error(collector.pages(None))
    assert isinstance(error, Misconfigured)
    assert "private key" in error.next_step


@pytest.mark.parametrize(
    "role",
    [
        "DeviceManagementManagedDevices.PrivilegedOperations.All", "DeviceManagementManagedDevices.ReadWrite.All",
        "AppRoleAssignment.ReadWrite.All",
    ],
)  # fmt: skip
def test_a_credential_that_could_wipe_is_not_collected_with(graph_service: Graph, tmp_path: Path, role: str) -> None:
    graph_service.entra.apps[0] = App(client_id=CLIENT, roles=(READ_DEVICES, READ_USERS, role), secret=SECRET)
    assert failing(intune(graph_service, tmp_path).pages(None), Refused, "may wipe devices", role) == []
    assert not any("/v1.0/" in entry.target for entry in graph_service.ledger)
    assert [f.severity for f in intune(graph_service, tmp_path).check()][-1] is Severity.FAULT


def test_an_untrusted_certificate_is_refused(graph_service: Graph, tmp_path: Path) -> None:
    failing(intune(graph_service, tmp_path, ca_bundle=None).pages(None), Refused, "not trusted", "ca_bundle")


def test_the_environment_does_not_choose_who_is_trusted(
    graph_service: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    failing(intune(graph_service, tmp_path, ca_bundle=None).pages(None), Refused, "not trusted")


def test_an_unreachable_host_is_named(graph_service: Graph, tmp_path: Path) -> None:
    collector = intune(graph_service, tmp_path)
    graph_service.stop()
    failing(collector.pages(None), Retryable, f"localhost:{graph_service.port} can't be reached", "firewall")


def test_a_sign_in_service_in_trouble_is_tried_again(graph_service: Graph, tmp_path: Path) -> None:
    graph_service.faults.append(Fault(path_contains="openid-configuration", status=503))
    assert records(intune(graph_service, tmp_path).pages(None))


@pytest.mark.parametrize(
    "fault", [Fault(status=302, headers={"Location": "https://x.example/"}), Fault(kind=FaultKind.HTML)]
)
@pytest.mark.parametrize("step", ["openid-configuration", "/token"])
def test_something_else_in_place_of_the_sign_in_service_is_broken(
    graph_service: Graph, tmp_path: Path, fault: Fault, step: str
) -> None:
    graph_service.faults.append(msgspec.structs.replace(fault, path_contains=step, times=9))
    failing(intune(graph_service, tmp_path).pages(None), Broken)


def test_a_token_that_is_no_json_is_broken(graph_service: Graph, tmp_path: Path) -> None:
    graph_service.faults.append(Fault(path_contains="/token", status=200, body=b"yes"))
    failing(intune(graph_service, tmp_path).pages(None), Broken, "can't be read")


# Faults in the middle


@pytest.mark.parametrize(("granted", "lacking"), [(READ_USERS, READ_DEVICES), (READ_DEVICES, READ_USERS)])
def test_a_permission_that_nothing_works_without_is_missed_before_anything_is_asked(
    graph_service: Graph, tmp_path: Path, granted: str, lacking: str
) -> None:
    graph_service.entra.apps[0] = App(client_id=CLIENT, roles=(granted,), secret=SECRET)
    assert failing(intune(graph_service, tmp_path).pages(None), Refused, f"the app has no {lacking}", "Grant") == []
    assert not any("/v1.0/" in entry.target for entry in graph_service.ledger)


def test_a_refusal_for_another_reason_is_told_with_what_to_grant(graph_service: Graph, tmp_path: Path) -> None:
    graph_service.refused = (DEVICES,)
    given = failing(intune(graph_service, tmp_path).pages(None), Refused, "no right to read", READ_DEVICES, "licence")
    assert records(given, Subject.PERSON)


def test_intunes_401_that_means_forbidden_is_asked_at_most_twice(graph_service: Graph, tmp_path: Path) -> None:
    graph_service.refused = (DEVICES,)
    graph_service.forbidden_as_401 = True
    failing(intune(graph_service, tmp_path).pages(None), Refused, "no right to read")
    assert len([entry for entry in graph_service.ledger if DEVICES in entry.target]) == 2


def test_an_expired_token_is_renewed_in_the_middle(graph_service: Graph, tmp_path: Path) -> None:
    graph_service.page_size = 50
    clock = [datetime.now(UTC).timestamp()]
    graph_service.clock = lambda: clock[0]
    ids = set()
    for page in intune(graph_service, tmp_path).pages(None):
        ids.update(r.native_id for r in page.read().records if r.subject is Subject.DEVICE)
        if ids and clock[0] < datetime.now(UTC).timestamp() + 4000:
            clock[0] += 4000
    assert len(ids) == len(graph_service.devices)


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (Fault(path_contains=DEVICES, after=2, times=9, status=504), Retryable, "504"),
        (Fault(path_contains=DEVICES, after=2, times=9, status=429), Retryable, "too many requests"),
        (Fault(path_contains=DEVICES, after=2, times=9, status=404), Broken, "nothing is there"),
        (Fault(path_contains=DEVICES, after=2, times=9, kind=FaultKind.HTML), Broken, "web page"),
        (Fault(path_contains=DEVICES, after=2, times=9, kind=FaultKind.TRUNCATE), Retryable, "broke off"),
        (Fault(path_contains=DEVICES, after=2, times=9, kind=FaultKind.DROP), Retryable, "broke off"),
        (Fault(path_contains=DEVICES, after=2, times=9, kind=FaultKind.REPEAT_NEXTLINK), Broken, "offered twice"),
        (Fault(path_contains=DEVICES, after=2, times=9, kind=FaultKind.DRIP, seconds=0.2), Retryable, "did not finish"),
        (Fault(path_contains=DEVICES, after=2, times=9, status=200, body=b'{"value": 7}'), Broken, "holds no list"),
    ],
)  # fmt: skip
def test_a_fault_in_the_middle_keeps_the_pages_before_it(
    graph_service: Graph, tmp_path: Path, fault: Fault, kind: type[DevregError], words: str
) -> None:
    graph_service.page_size = 50
    graph_service.faults.append(fault)
    given = failing(intune(graph_service, tmp_path, limits={"total_s": 0.7}).pages(None), kind, words)
    assert len(records(given)) >= 100


@pytest.mark.parametrize("kind", [FaultKind.REDIRECT, FaultKind.FOREIGN_NEXTLINK])
def test_no_page_sends_the_token_elsewhere(
    graph_service: Graph, small_city: Any, tmp_path: Path, kind: FaultKind
) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    graph_service.page_size = 50
    with Graph(small_city, [], folder) as elsewhere:
        fault = Fault(path_contains=DEVICES, after=1, kind=kind, location=elsewhere.url)
        graph_service.faults.append(fault)
        given = failing(intune(graph_service, tmp_path).pages(None), Broken, str(elsewhere.port))
        assert elsewhere.ledger == []
    assert len(records(given)) >= 50


def test_passing_faults_do_not_end_the_run(graph_service: Graph, tmp_path: Path) -> None:
    graph_service.page_size = 50
    graph_service.faults += [
        Fault(path_contains=DEVICES, after=0, status=429, headers={"Retry-After": "3"}),
        Fault(path_contains=DEVICES, after=2, kind=FaultKind.DROP),
        Fault(path_contains=DEVICES, after=4, status=503),
    ]
    waits: list[float] = []
    assert len({r.native_id for r in records(intune(graph_service, tmp_path, waits).pages(None))}) == len(
        graph_service.devices
    )
    assert waits[0] == 3
    assert len(waits) == 3


def test_no_error_carries_the_secret_or_a_token(graph_service: Graph, tmp_path: Path) -> None:
    graph_service.faults.append(
        Fault(path_contains="/users", times=99, status=400, body=b'{"error":{"code":"X","message":"m"}}')
    )
    _, error = read_until_error(intune(graph_service, tmp_path).pages(None))
    assert SECRET not in repr(error)
    assert "Bearer" not in repr(error)


# Check


def test_check_says_what_works_and_advises_a_certificate(graph_service: Graph, tmp_path: Path) -> None:
    findings = list(intune(graph_service, tmp_path, **WHOLE).check())
    assert [f.severity for f in findings] == [Severity.ADVICE] + [Severity.OK] * 14
    assert "certificate" in findings[0].next_step


@pytest.mark.parametrize(("shift", "words"), [(300, "ahead of"), (-300, "behind"), (20, None)])
def test_a_clock_that_is_wrong_is_told(graph_service: Graph, tmp_path: Path, shift: int, words: str | None) -> None:
    limits = {"now": lambda: datetime.now(UTC) + timedelta(seconds=shift)}
    found = [finding for finding in intune(graph_service, tmp_path, limits=limits).check() if "clock" in finding.what]
    assert [finding.severity for finding in found] == [Severity.FAULT if words else Severity.OK]
    assert (words or "agrees with") in found[0].what


def test_check_warns_a_month_before_the_certificate_ends(graph_service: Graph, tmp_path: Path) -> None:
    _, certificate = application_certificate(tmp_path, "app")
    graph_service.entra.apps[0] = App(client_id=CLIENT, roles=(READ_DEVICES, READ_USERS), certificate=certificate)
    options = {"client_secret": None, "certificate": {"file": "app.pem"}}
    early = certificate.not_valid_after_utc - timedelta(days=31)
    late = certificate.not_valid_after_utc - timedelta(days=20)
    findings = {
        moment: [
            f.severity for f in intune(graph_service, tmp_path, **options, limits={"now": lambda m=moment: m}).check()
        ]
        for moment in (early, late)
    }
    assert Severity.ADVICE not in findings[early]
    assert Severity.ADVICE in findings[late]


def test_check_phrases_an_unreachable_host(graph_service: Graph, tmp_path: Path) -> None:
    collector = intune(graph_service, tmp_path)
    graph_service.stop()
    last = list(collector.check())[-1]
    assert last.severity is Severity.FAULT
    assert "can't be reached" in last.what


# Options


@pytest.mark.parametrize(
    ("changed", "key", "words"),
    [
        ({"client_secret": "hunter2"}, "sources.intune.client_secret", "never stands in the file"),
        ({"client_secret": None}, "sources.intune", "exactly one of certificate, client_secret"),
        ({"certificate": {"file": "x"}}, "sources.intune", "exactly one"),
        ({"graph_url": "http://graph.example"}, "sources.intune.graph_url", "https"),
        ({"tenant_id": "contoso"}, "sources.intune.tenant_id", ""),
        ({"page_size": 5000}, "sources.intune.page_size", "1000"),
        ({"tenant": "x"}, "sources.intune.tenant", "did you mean tenant_id"),
    ],
)  # fmt: skip
def test_a_wrong_option_is_named(changed: dict[str, Any], key: str, words: str) -> None:
    good = {"kind": "intune", "tenant_id": CLIENT, "client_id": CLIENT, "client_secret": {"env": "X"}}
    faults: list[SettingsFault] = []
    validate(IntuneOptions, {k: v for k, v in (good | changed).items() if v is not None}, "sources.intune", faults)
    assert [fault for fault in faults if fault.key == key and words in fault.problem], faults


# Mapping


@pytest.mark.parametrize(
    ("system", "maker", "model", "kind"),
    [
        ("iOS", "Apple", "iPhone 15", Kind.PHONE), ("iOS", "Apple", "iPad (9th generation)", Kind.TABLET),
        ("iPadOS", "Apple", "iPad", Kind.TABLET), ("macOS", "Apple", "MacBook Air", Kind.LAPTOP),
        ("macOS", "Apple", "Mac mini", Kind.DESKTOP),
        ("macOS", "Apple", "iMac21,1", Kind.DESKTOP), ("macOS", "Apple", "MacBookPro18,3", Kind.LAPTOP),
        ("Android", "samsung", "SM-A556B", Kind.PHONE), ("Android", "samsung", "SM-X210", Kind.TABLET),
        ("Android", "samsung", "SM-T505", Kind.TABLET), ("Android", "Lenovo", "TB-X306X", Kind.TABLET),
        ("Android", "Lenovo", "Lenovo Tab M10", Kind.TABLET), ("Android", "Google", "Pixel 8", Kind.PHONE),
        ("Android", "Nokia", "XR20", Kind.PHONE), ("AndroidAOSP", "Yealink", "CTP18", Kind.OTHER),
        ("Windows", "LENOVO", "21HES0EX00", Kind.LAPTOP), ("Windows", "LENOVO", "11T6S0EX00", Kind.DESKTOP),
        ("Windows", "Dell Inc.", "OptiPlex 7010", Kind.DESKTOP), ("Windows", "HP", "HP ProDesk 400 G6", Kind.DESKTOP),
        ("Windows", "HP", "HP EliteBook 840 G8", Kind.LAPTOP), ("Windows", "Microsoft Corporation", "Virtual Machine", Kind.OTHER),
        ("Windows", "Microsoft Corporation", "Surface Pro 9", Kind.LAPTOP), ("ChromeOS", "Acer", "C733", Kind.CHROMEBOOK),
        ("Holographic", "x", "y", None), ("", "", "", None),
    ],
)  # fmt: skip
def test_a_devices_kind_is_told_from_system_and_model(system: str, maker: str, model: str, kind: Kind | None) -> None:
    assert kind_of(system, maker, model) is kind


@pytest.mark.parametrize(
    ("state", "agent", "live", "manages"),
    [
        ("managed", "mdm", True, True), ("managed", "googleCloudDevicePolicyController", True, True), ("managed", "intuneAosp", True, True),
        ("wipePending", "mdm", True, True), ("retireFailed", "mdm", True, True), ("wipeIssued", "mdm", False, False),
        ("retireIssued", "mdm", False, False), ("deletePending", "mdm", False, False), ("discovered", "mdm", True, False),
        ("managed", "eas", True, False), ("managed", "jamf", True, False), ("managed", "configurationManagerClient", True, False),
        ("somethingNew", "mdm", True, True), (None, "mdm", True, False), ("managed", None, True, False),
    ],
)  # fmt: skip
def test_liveness_and_management_follow_state_and_agent(
    state: str | None, agent: str | None, live: bool, manages: bool
) -> None:
    observation = seen(managementState=state, managementAgent=agent)
    assert (observation.live, observation.manages) == (live, manages)


@pytest.mark.parametrize(
    "sentinel", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "1601-01-01T00:00:00Z", "soon", ""]
)
def test_never_and_nonsense_are_no_times(sentinel: str) -> None:
    observation = seen(enrolledDateTime=sentinel, lastSyncDateTime=sentinel)
    assert "enrolled_at" not in observation.claims
    assert observation.as_of is None


def test_seven_fraction_digits_are_read() -> None:
    assert seen().as_of == datetime(2026, 8, 19, 5, 58, 3, 118273, tzinfo=UTC)


def test_what_changes_at_every_sync_stays_out_of_the_comparison() -> None:
    one = device_record(row(freeStorageSpaceInBytes=5), {})
    other = device_record(row(freeStorageSpaceInBytes=6, lastSyncDateTime=NOW.isoformat()), {})
    assert one.body == other.body
    assert one.volatile != other.volatile


def test_a_deleted_users_mark_is_stripped_from_the_address() -> None:
    upn = "8D4B9A1055C34B8E9F0E0C2F6F3A7D21Aino.Koski@kaupunki.example"
    assert seen(userPrincipalName=upn).claims["holder_email"] == "aino.koski@kaupunki.example"


@pytest.mark.parametrize(
    ("field", "value", "claim"),
    [
        ("serialNumber", "0", "serial"), ("serialNumber", "To be filled by O.E.M.", "serial"), ("imei", "000000000000000", "imei"),
        ("complianceState", "unknown", "compliance"), ("managedDeviceOwnerType", "unknown", "ownership"),
        ("managedDeviceOwnerType", "shared2027", "ownership"), ("totalStorageSpaceInBytes", 0, "storage_bytes"),
        ("deviceEnrollmentType", "unknownFutureValue", "enrolment"), ("deviceName", " ", "name"), ("wiFiMacAddress", "020000000000", "mac"),
    ],
)  # fmt: skip
def test_what_says_nothing_is_not_claimed(field: str, value: object, claim: str) -> None:
    assert claim not in seen(**{field: value}).claims


def test_an_unknown_member_of_an_open_set_passes_through() -> None:
    assert seen(complianceState="brandNew").claims["compliance"] == "brandNew"


def test_unknown_category_is_no_category() -> None:
    assert seen(deviceCategoryDisplayName="Unknown").facts == {}
    assert seen(deviceCategoryDisplayName="Hoiva").facts == {"category": "Hoiva"}


def test_a_private_phones_number_is_not_kept() -> None:
    private = device_record(row(managedDeviceOwnerType="personal", phoneNumber="+358401234567"), {})
    assert "358" not in str(private)
    assert seen(phoneNumber="+358401234567").claims["phone_number"] == "+358401234567"


@pytest.mark.parametrize("name", ["[/]", "=1+1", "Åsa's iPad", "a\x1b]52;c;x\x07b", "x\u202eexe.scr"])
def test_odd_names_are_kept_harmless(name: str) -> None:
    kept = str(seen(deviceName=name).claims["name"])
    assert kept.isprintable()
    assert kept[0] == name[0]


def test_a_stored_record_that_makes_no_sense_is_broken() -> None:
    record = device_record(row(), {})
    record.body["isEncrypted"] = ["?"]
    with pytest.raises(Broken, match="a1"):
        observe(record)


def _pfx(pem: bytes, certificate: x509.Certificate, words: bytes) -> bytes:
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    locked = serialization.PrivateFormat.PKCS12.encryption_builder().hmac_hash(hashes.SHA256()).build(words)
    return pkcs12.serialize_key_and_certificates(b"app", key, certificate, None, locked)
