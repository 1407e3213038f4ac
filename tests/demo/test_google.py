import time
from collections import Counter
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from demo_clients import customer_of, google_session
from google.auth import jwt
from google.auth.crypt import RSASigner
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import AuthorizedSession

from devreg.demo.city import City
from devreg.demo.google import Google
from devreg.demo.google_login import AUDIENCE, GRANT, READ_SCOPES, SCOPE_PREFIX
from devreg.demo.server import Fault, FaultKind

CHROME = "/customer/my_customer/devices/chromeos"


class Console:
    """One console as a client sees it."""

    def __init__(self, google_api: Google, source: str = "chrome-city", **how: Any) -> None:
        self.session: AuthorizedSession = google_session(google_api, source, **how)
        self.base = f"{google_api.url}/admin/directory/v1"

    def get(self, path: str, **params: Any) -> requests.Response:
        return self.session.get(self.base + path, params=params, timeout=5)

    def pages(self, path: str, **params: Any) -> list[dict[str, Any]]:
        pages = [self.get(path, **params).json()]
        while "nextPageToken" in pages[-1]:
            pages.append(self.get(path, **params, pageToken=pages[-1]["nextPageToken"]).json())
        return pages


@pytest.fixture
def console(google_api: Google) -> Console:
    return Console(google_api)


def reason(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["errors"][0]["reason"]


def devices(pages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for page in pages for row in page.get("chromeosdevices", ())]


# Sign-in


def test_every_console_opens_with_its_own_key_and_says_who_it_is(google_api: Google) -> None:
    for source in ("chrome-city", "chrome-swedish", "chrome-old"):
        assert Console(google_api, source).get("/customers/my_customer").json()["id"] == customer_of(source)


def test_key_files_are_readable_by_their_owner_alone(google_api: Google) -> None:
    assert {path.stat().st_mode & 0o777 for path in google_api.keys.values()} == {0o600}


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ({"subject": "nobody@kaupunki.example"}, "invalid_grant"),
        ({"scopes": ("admin.directory.device.chromeos",)}, "unauthorized_client"),
        ({"scopes": (*READ_SCOPES, "admin.directory.device.mobile.readonly")}, "unauthorized_client"),
        ({"subject": "registry@skola.example"}, "unauthorized_client"),
    ],
)
def test_a_sign_in_that_was_not_delegated_is_refused_as_a_whole(
    google_api: Google, how: dict[str, Any], error: str
) -> None:
    with pytest.raises(RefreshError, match=error):
        Console(google_api, **how).get("/customers/my_customer")


def test_a_suspended_admin_can_not_be_acted_for(google_api: Google) -> None:
    google_api.login.suspended.add("registry@kaupunki.example")
    with pytest.raises(RefreshError, match="invalid_grant"):
        Console(google_api).get("/customers/my_customer")


def test_without_a_subject_there_is_a_token_but_no_right(google_api: Google) -> None:
    assert reason(Console(google_api, subject=None).get("/customers/my_customer")) == (403, "forbidden")


def test_a_pupil_is_no_admin(google_api: Google, city: City) -> None:
    pupil = city.consoles[0].users[0].address
    assert reason(Console(google_api, subject=pupil).get("/customers/my_customer")) == (403, "forbidden")


def test_a_failing_token_endpoint_is_retryable_to_the_library(
    google_api: Google, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    google_api.faults.append(Fault(path_contains="/token", times=9, status=503, body=b'{"error":"internal_failure"}'))
    with pytest.raises(RefreshError) as caught:
        Console(google_api).get("/customers/my_customer")
    assert caught.value.retryable


def claims(google_api: Google, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    account = google_api.account("chrome-city")
    good = {
        "iss": account.email, "sub": "registry@kaupunki.example", "scope": SCOPE_PREFIX + READ_SCOPES[0], "iat": now,
        "exp": now + 3600, "aud": AUDIENCE,
    }  # fmt: skip
    return {name: value for name, value in (good | changes).items() if value is not None}


def exchange(
    google_api: Google, body: dict[str, Any], key: rsa.RSAPrivateKey | None = None, **form: str
) -> requests.Response:
    account = google_api.account("chrome-city")
    pem = (key or account.key).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    assertion = jwt.encode(RSASigner.from_string(pem, account.key_id), body).decode()
    return requests.post(
        f"{google_api.url}/token", data={"grant_type": GRANT, "assertion": assertion} | form, timeout=5
    )


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"iss": "stranger@example.iam.gserviceaccount.com"}, "invalid_grant"),
        ({"aud": "http://127.0.0.1/token"}, "invalid_grant"),
        ({"scope": ""}, "invalid_scope"),
        ({"iat": int(time.time()) - 8000, "exp": int(time.time()) - 4400}, "invalid_grant"),
        ({"exp": int(time.time()) + 90000}, "invalid_grant"),
    ],
)
def test_an_assertion_with_a_wrong_claim_is_refused(google_api: Google, changes: dict[str, Any], error: str) -> None:
    assert exchange(google_api, claims(google_api)).status_code == 200
    answer = exchange(google_api, claims(google_api, **changes))
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_an_assertion_signed_with_another_key_is_refused(google_api: Google) -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    answer = exchange(google_api, claims(google_api), stranger)
    assert answer.json()["error_description"] == "Invalid JWT Signature."


def test_another_grant_type_is_refused(google_api: Google) -> None:
    assert exchange(google_api, claims(google_api), grant_type="password").json()["error"] == "unsupported_grant_type"


# Rights


def test_a_token_opens_its_own_customer_only(console: Console) -> None:
    assert console.get("/customers/C01kaup1a").status_code == 200
    assert reason(console.get("/customers/C02skol2b")) == (403, "forbidden")
    assert reason(console.get("/customers/C99none9z")) == (400, "invalid")


def test_a_scope_that_was_not_asked_for_is_missing(google_api: Google) -> None:
    answer = Console(google_api, scopes=(READ_SCOPES[1],)).get(CHROME)
    assert reason(answer) == (403, "insufficientPermissions")
    assert answer.json()["error"]["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    assert "insufficient_scope" in answer.headers["WWW-Authenticate"]


def test_an_expired_token_is_401(google_api: Google, console: Console) -> None:
    console.get("/customers/my_customer")
    late = time.time() + 3650
    google_api.clock = lambda: late
    bare = requests.get(
        f"{console.base}/customers/my_customer",
        headers={"Authorization": f"Bearer {console.session.credentials.token}"},
        timeout=5,
    )
    assert reason(bare) == (401, "authError")


def test_a_revoked_token_is_replaced_by_the_library(google_api: Google, console: Console) -> None:
    console.get("/customers/my_customer")
    console.session.credentials.token = "revoked"
    assert console.get("/customers/my_customer").status_code == 200
    assert [entry.status for entry in google_api.ledger] == [200, 200, 401, 200, 200]


def test_one_console_can_be_broken_and_the_others_go_on(google_api: Google) -> None:
    google_api.customers["C02skol2b"].api_enabled = False
    assert reason(Console(google_api, "chrome-swedish").get(CHROME)) == (403, "accessNotConfigured")
    assert Console(google_api).get(CHROME).status_code == 200


# Lists


def test_following_the_tokens_gives_every_device_once_and_as_many_as_counted(console: Console, city: City) -> None:
    rows = devices(console.pages(CHROME, maxResults=40, projection="FULL"))
    assert sorted(row["deviceId"] for row in rows) == sorted(book.device_id for book in city.consoles[0].chromebooks)
    assert console.get(f"{CHROME}:countChromeOsDevices").json() == {"count": str(len(rows))}


def test_a_page_may_be_empty_or_short_and_still_have_a_next_one(console: Console) -> None:
    pages = console.pages(CHROME, maxResults=20)
    sizes = [len(page.get("chromeosdevices", ())) for page in pages[:-1]]
    assert sizes[:3] == [20, 0, 17]
    assert "chromeosdevices" not in pages[1]
    assert "nextPageToken" not in pages[-1]


def test_a_hundred_devices_come_when_nothing_is_said_and_two_hundred_at_most(console: Console) -> None:
    assert len(console.get(CHROME).json()["chromeosdevices"]) == 100
    for refused in ("500", "201", "0", "many"):
        answer = console.get(CHROME, maxResults=refused)
        assert reason(answer) == (400, "invalidParameter")
        assert "[1, 200]" in answer.json()["error"]["message"]
    assert console.get(CHROME, maxResults=200).status_code == 200


def test_a_wrong_token_and_one_of_another_query_are_refused(console: Console) -> None:
    token = console.get(CHROME, maxResults=20).json()["nextPageToken"]
    for params in ({"maxResults": 20, "pageToken": "damaged"}, {"maxResults": 30, "pageToken": token}):
        answer = console.get(CHROME, **params)
        assert reason(answer) == (400, "invalid")
        assert answer.json()["error"]["message"] == f"Invalid Input: {params['pageToken']}"


def test_an_empty_token_is_answered_with_503(console: Console) -> None:
    assert reason(console.get(CHROME, pageToken="")) == (503, "backendError")


def test_leaving_the_token_out_of_the_fields_ends_the_chain_silently(console: Console) -> None:
    answer = console.get(CHROME, maxResults=20, fields="chromeosdevices(deviceId,serialNumber)").json()
    assert set(answer) == {"chromeosdevices"}
    assert set(answer["chromeosdevices"][0]) == {"deviceId", "serialNumber"}


def test_fields_reach_into_nested_lists(console: Console) -> None:
    fields = "nextPageToken,chromeosdevices(recentUsers/email,diskVolumeReports(volumeInfo/volumeId))"
    rows = console.get(CHROME, projection="FULL", fields=fields).json()["chromeosdevices"]
    row = next(row for row in rows if "recentUsers" in row and "diskVolumeReports" in row)
    assert set(row) == {"recentUsers", "diskVolumeReports"}
    assert row["diskVolumeReports"][0]["volumeInfo"][0] == {"volumeId": "/media/removable"}


def test_malformed_fields_are_refused(console: Console) -> None:
    for fields in ("chromeosdevices(deviceId", "a,,b", "a)", "a b$"):
        assert reason(console.get(CHROME, fields=fields)) == (400, "invalidParameter")


def test_the_basic_projection_has_only_the_annotated_fields(console: Console) -> None:
    names = {name for row in console.get(CHROME).json()["chromeosdevices"] for name in row}
    assert names == {
        "kind", "etag", "deviceId", "serialNumber", "status", "lastSync", "annotatedUser", "annotatedLocation", "annotatedAssetId", "notes",
    }  # fmt: skip


def test_64_bit_numbers_are_strings_enums_camel_case_and_parts_missing(google_api: Google) -> None:
    rows = devices(Console(google_api, "chrome-swedish").pages(CHROME, projection="FULL"))
    measured = [row for row in rows if "systemRamTotal" in row]
    assert 0 < len(measured) < len(rows)
    assert all(
        isinstance(row["systemRamTotal"], str) and isinstance(row["diskSpaceUsage"]["capacityBytes"], str)
        for row in measured
    )
    assert {row["chromeOsType"] for row in rows} == {"chromeOs"}
    assert {row["deviceLicenseType"] for row in rows} == {"education", "educationUpgradePerpetual"}
    assert len({"wanIpAddress" in row["lastKnownNetwork"][0] for row in measured}) == 2
    assert len({"recentUsers" in row for row in rows}) == 2


def test_there_are_fields_and_values_nobody_has_heard_of(google_api: Google) -> None:
    rows = devices(Console(google_api).pages(CHROME, projection="FULL"))
    assert any("quantumEraseState" in row for row in rows)
    assert "QUARANTINED_2027" in {row["status"] for row in rows}


def test_some_devices_tell_their_update_expiry_in_milliseconds_only(google_api: Google) -> None:
    rows = [
        row
        for source in ("chrome-city", "chrome-swedish")
        for row in devices(Console(google_api, source).pages(CHROME, projection="FULL"))
    ]
    only_old = [row for row in rows if "autoUpdateExpiration" in row and "autoUpdateThrough" not in row]
    assert only_old
    assert all(row["autoUpdateExpiration"].isdigit() for row in only_old)


def test_deprovisioned_devices_are_in_the_plain_list(google_api: Google) -> None:
    old = Console(google_api, "chrome-old")
    status = Counter(row["status"] for row in devices(old.pages(CHROME)))
    assert status["DEPROVISIONED"] > 0
    assert status["ACTIVE"] > 0
    live = devices(old.pages(CHROME, query="status:managed"))
    assert {row["status"] for row in live} == {"ACTIVE"}


def test_a_serial_is_searched_by_a_part_of_it(console: Console) -> None:
    serials = [row["serialNumber"] for row in devices(console.pages(CHROME, query="id:PF3"))]
    assert len(serials) > 1
    assert all("PF3" in serial.upper() for serial in serials)


def test_what_the_stand_in_can_not_search_for_it_refuses(console: Console) -> None:
    assert console.get(CHROME, query="compliance:pending").status_code == 400
    assert console.get(CHROME, query="loose words").status_code == 400


def test_a_unit_alone_gives_its_own_devices_and_its_children_only_when_asked(console: Console) -> None:
    top = "/Koulut/Mäntymäki"
    assert devices(console.pages(CHROME, orgUnitPath=top)) == []
    below = devices(console.pages(CHROME, orgUnitPath=top, includeChildOrgunits="true", projection="FULL"))
    assert {row["orgUnitPath"] for row in below} == {f"{top}/3-6", f"{top}/3-6/Lainakärry"}
    leaf = devices(console.pages(CHROME, orgUnitPath=f"{top[1:]}/3-6", projection="FULL"))
    assert {row["orgUnitPath"] for row in leaf} == {f"{top}/3-6"}


def test_children_without_a_unit_are_refused(console: Console) -> None:
    assert reason(console.get(CHROME, includeChildOrgunits="true")) == (400, "invalid")


def test_the_units_id_has_its_prefix_in_the_unit_list_and_not_in_the_device(console: Console) -> None:
    units = console.get("/customer/my_customer/orgunits", type="all").json()["organizationUnits"]
    by_path = {unit["orgUnitPath"]: unit["orgUnitId"] for unit in units}
    row = console.get(CHROME, projection="FULL").json()["chromeosdevices"][0]
    assert by_path[row["orgUnitPath"]] == f"id:{row['orgUnitId']}"
    assert "/" not in by_path


def test_units_are_listed_by_level_and_shown_one_by_one(console: Console) -> None:
    base = "/customer/my_customer/orgunits"
    assert {unit["orgUnitPath"] for unit in console.get(base).json()["organizationUnits"]} == {
        "/Koulut", "/DigiLab", "/Kirjasto", "/Henkilöstö",
    }  # fmt: skip
    with_root = console.get(base, type="allIncludingParent").json()["organizationUnits"]
    assert with_root[0]["orgUnitPath"] == "/"
    one = console.get(f"{base}/Koulut/M%C3%A4ntym%C3%A4ki").json()
    assert console.get(f"{base}/{one['orgUnitId']}").json() == one
    assert "organizationUnits" not in console.get(base, orgUnitPath="/DigiLab").json()
    assert console.get(f"{base}/Nowhere").status_code == 404
    assert console.get(f"{base}/id:nowhere").status_code == 400


def test_the_same_serial_has_another_id_in_another_console(google_api: Google) -> None:
    held = {row["serialNumber"]: row for row in devices(Console(google_api).pages(CHROME))}
    old = [row for row in devices(Console(google_api, "chrome-old").pages(CHROME)) if row["serialNumber"] in held]
    assert old
    assert all(row["deviceId"] != held[row["serialNumber"]]["deviceId"] for row in old)


def test_one_device_is_shown_and_an_unknown_one_is_404(console: Console) -> None:
    row = console.get(CHROME, projection="FULL").json()["chromeosdevices"][0]
    assert console.get(f"{CHROME}/{row['deviceId']}", projection="FULL").json() == row
    assert reason(console.get(f"{CHROME}/00000000-0000-4000-8000-000000000000")) == (404, "resourceNotFound")


def test_users_need_a_customer_and_come_page_by_page(console: Console, city: City) -> None:
    pages = console.pages("/users", customer="my_customer", maxResults=50)
    users = [row for page in pages for row in page.get("users", ())]
    assert sorted(row["primaryEmail"] for row in users) == sorted(person.address for person in city.consoles[0].users)
    assert console.get("/users").status_code == 400
    assert reason(console.get("/users", customer="my_customer", maxResults=501)) == (400, "invalidParameter")


def test_one_user_is_shown_by_address_or_id_within_its_own_console(console: Console, city: City) -> None:
    row = console.get("/users", customer="my_customer").json()["users"][0]
    assert console.get(f"/users/{row['primaryEmail']}").json() == console.get(f"/users/{row['id']}").json() == row
    assert reason(console.get(f"/users/{city.consoles[1].users[0].address}")) == (404, "notFound")


def test_a_page_can_give_its_own_token_again(google_api: Google, console: Console) -> None:
    token = console.get(CHROME, maxResults=20).json()["nextPageToken"]
    google_api.faults.append(Fault(kind=FaultKind.REPEAT_NEXTLINK, path_contains="pageToken"))
    assert console.get(CHROME, maxResults=20, pageToken=token).json()["nextPageToken"] == token


def test_small_pages_can_be_forced(google_api: Google, console: Console) -> None:
    google_api.page_size = 7
    assert len(console.get(CHROME, maxResults=200).json()["chromeosdevices"]) == 7


def test_what_is_not_offered_is_refused_honestly_and_changes_nothing(google_api: Google, console: Console) -> None:
    device = google_api.customers["C01kaup1a"].devices[0]
    before = dict(device)
    answer = console.session.post(
        f"{console.base}{CHROME}/{device['deviceId']}/action", json={"action": "deprovision"}, timeout=5
    )
    assert answer.status_code == 404
    assert "nothing was done" in answer.json()["error"]["message"]
    assert device == before
