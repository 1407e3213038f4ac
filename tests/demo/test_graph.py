import json
import re
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec
import pytest
from demo_clients import GraphClient

from devreg.demo.city import City
from devreg.demo.server import Fault, FaultKind

DEVICES = "/deviceManagement/managedDevices"


def limited_to(client: GraphClient, *roles: str) -> GraphClient:
    client.graph.entra.apps[0] = msgspec.structs.replace(client.graph.entra.apps[0], roles=roles)
    return GraphClient(client.graph)


def unwrapped(answer: Any) -> str:
    """The innermost text of an Intune error."""
    text = answer.json()["error"]["message"]
    while text.lstrip().startswith("{"):
        text = json.loads(text)["Message"]
    return str(text)


def test_following_the_links_gives_every_device_once(client: GraphClient, city: City) -> None:
    client.graph.page_size = 37
    rows = [row for page in client.pages(DEVICES) for row in page["value"]]
    assert sorted(row["id"] for row in rows) == sorted(device.id for device in city.managed if device.enrolled)


def test_a_page_counts_itself_and_not_the_tenant(client: GraphClient) -> None:
    client.graph.page_size = 37
    counts = [page["@odata.count"] for page in client.pages(DEVICES)]
    assert counts[:-1] == [37] * (len(counts) - 1)
    assert 0 < counts[-1] <= 37


def test_a_page_holds_a_thousand_devices_at_most(client: GraphClient) -> None:
    client.graph.devices *= 6
    page = client.get(DEVICES).json()
    assert len(page["value"]) == 1000
    assert client.get(DEVICES, params={"$top": 5000}).status_code == 400


def test_a_smaller_page_is_given_when_asked_for(client: GraphClient) -> None:
    pages = list(client.pages(DEVICES, params={"$top": 50}))
    assert {len(page["value"]) for page in pages[:-1]} == {50}


def test_the_link_is_absolute_opaque_and_keeps_the_selection(client: GraphClient) -> None:
    client.graph.page_size = 40
    first, second = list(client.pages(DEVICES, params={"$select": "id,serialNumber"}))[:2]
    link = urlsplit(first["@odata.nextLink"])
    assert f"{link.scheme}://{link.netloc}" == client.graph.url
    assert re.search(r"\$skiptoken=[^&]{20,}", link.query)
    assert set(second["value"][0]) == {"id", "serialNumber"}


def test_skipping_by_number_gives_nothing(client: GraphClient) -> None:
    assert client.get(DEVICES, params={"$skip": 10}).json()["value"] == []


def test_an_invented_skip_token_is_refused(client: GraphClient) -> None:
    assert client.get(DEVICES, params={"$skiptoken": "x"}).status_code == 400


def test_a_device_may_come_on_two_pages(client: GraphClient) -> None:
    client.graph.page_size, client.graph.overlap = 50, 3
    rows = [row["id"] for page in client.pages(DEVICES) for row in page["value"]]
    assert len(rows) - len(set(rows)) == 3 * (len(set(rows)) // 50)


def test_lists_leave_blank_what_only_the_single_device_tells(client: GraphClient) -> None:
    row = next(
        row for row in client.get(DEVICES).json()["value"] if row["operatingSystem"] == "iOS" and row["isSupervised"]
    )
    whole = client.get(f"{DEVICES}/{row['id']}").json()
    assert (row["iccid"], row["udid"], row["physicalMemoryInBytes"], row["deviceActionResults"]) == (None, None, 0, [])
    assert whole["iccid"].startswith("89358")
    assert whole["udid"].startswith("00008120")
    laptop = next(row for row in client.get(DEVICES).json()["value"] if row["operatingSystem"] == "Windows")
    assert laptop["physicalMemoryInBytes"] == 0
    assert client.get(f"{DEVICES}/{laptop['id']}").json()["physicalMemoryInBytes"] >= 8 * 1024**3


def test_the_bypass_code_is_told_only_when_asked_for_by_name(client: GraphClient) -> None:
    row = next(row for row in client.get(DEVICES).json()["value"] if row["isSupervised"])
    assert client.get(f"{DEVICES}/{row['id']}").json()["activationLockBypassCode"] is None
    asked = client.get(f"{DEVICES}/{row['id']}", params={"$select": "id,activationLockBypassCode"}).json()
    assert asked["activationLockBypassCode"].startswith("STANDIN-")


def test_every_field_of_the_contract_is_there(client: GraphClient) -> None:
    contract = (
        "id userId deviceName managedDeviceName serialNumber imei meid phoneNumber subscriberCarrier iccid udid wiFiMacAddress "
        "ethernetMacAddress manufacturer model operatingSystem osVersion userPrincipalName userDisplayName emailAddress azureADDeviceId "
        "azureADRegistered deviceRegistrationState managedDeviceOwnerType managementAgent managementState complianceState "
        "deviceEnrollmentType enrollmentProfileName enrolledDateTime lastSyncDateTime complianceGracePeriodExpirationDateTime "
        "managementCertificateExpirationDate isEncrypted isSupervised jailBroken partnerReportedThreatState totalStorageSpaceInBytes "
        "freeStorageSpaceInBytes physicalMemoryInBytes androidSecurityPatchLevel deviceCategoryDisplayName deviceActionResults "
        "activationLockBypassCode notes requireUserEnrollmentApproval easActivated easDeviceId easActivationDateTime exchangeAccessState "
        "exchangeAccessStateReason exchangeLastSuccessfulSyncDateTime remoteAssistanceSessionUrl remoteAssistanceSessionErrorDetails "
        "configurationManagerClientEnabledFeatures deviceHealthAttestationState"
    )
    assert set(client.get(DEVICES).json()["value"][0]) == set(contract.split())


def test_dates_come_with_none_three_or_seven_fraction_digits_and_with_sentinels(client: GraphClient) -> None:
    dates = [row["lastSyncDateTime"] for row in client.get(DEVICES).json()["value"]]
    assert {len(date.partition(".")[2].rstrip("Z")) for date in dates} == {0, 3, 7}
    assert "0001-01-01T00:00:00Z" in dates
    graces = {row["complianceGracePeriodExpirationDateTime"] for row in client.get(DEVICES).json()["value"]}
    assert graces == {"9999-12-31T23:59:59Z", "9999-12-31T23:59:59.9999999Z"}


def test_a_name_v1_does_not_know_is_refused_in_a_selection(client: GraphClient) -> None:
    answer = client.get(DEVICES, params={"$select": "id,autopilotEnrolled"})
    assert answer.status_code == 400
    assert "Could not find a property named 'autopilotEnrolled'" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("text", "ignored"),
    [
        ("operatingSystem eq 'Windows'", False),
        ("operatingSystem eq 'Windows' and managedDeviceOwnerType eq 'company'", False),
        ("serialNumber eq 'PF0000000'", True),
        ("startsWith(deviceName,'KHA')", True),
        ("operatingSystem eq 'Windows' and serialNumber eq 'PF0'", True),
    ],
)
def test_a_filter_the_service_does_not_support_is_ignored_without_a_word(
    client: GraphClient, text: str, ignored: bool
) -> None:
    rows = client.get(DEVICES, params={"$filter": text}).json()["value"]
    assert (len(rows) == len(client.graph.devices)) is ignored


def test_not_equal_means_equal(client: GraphClient) -> None:
    rows = client.get(DEVICES, params={"$filter": "operatingSystem ne 'Windows'"}).json()["value"]
    assert {row["operatingSystem"] for row in rows} == {"Windows"}


def test_an_or_chain_can_be_cut_to_its_first_term(client: GraphClient) -> None:
    text = "operatingSystem eq 'Windows' or operatingSystem eq 'iOS'"
    assert {row["operatingSystem"] for row in client.get(DEVICES, params={"$filter": text}).json()["value"]} == {
        "Windows",
        "iOS",
    }
    client.graph.quirks.or_first_only = True
    assert {row["operatingSystem"] for row in client.get(DEVICES, params={"$filter": text}).json()["value"]} == {
        "Windows"
    }


@pytest.mark.parametrize(
    ("roles", "devices", "users"),
    [
        (("DeviceManagementManagedDevices.Read.All",), 200, 403),
        (("DeviceManagementConfiguration.Read.All",), 200, 403),
        (("DeviceManagementManagedDevices.PrivilegedOperations.All",), 403, 403),
        (("User.Read.All",), 403, 200),
        ((), 403, 403),
    ],
)
def test_permissions_are_enforced(client: GraphClient, roles: tuple[str, ...], devices: int, users: int) -> None:
    limited = limited_to(client, *roles)
    assert limited.get(DEVICES).status_code == devices
    assert limited.get("/users").status_code == users


def test_basic_permission_gives_names_but_not_whether_the_account_is_enabled(client: GraphClient) -> None:
    limited = limited_to(client, "User.ReadBasic.All")
    assert limited.get("/users", params={"$select": "id,displayName"}).status_code == 200
    assert limited.get("/users", params={"$select": "id,accountEnabled"}).status_code == 403


def test_sign_in_activity_needs_a_permission_of_its_own(client: GraphClient) -> None:
    assert client.get("/users", params={"$select": "id,signInActivity"}).status_code == 403


def test_a_missing_intune_permission_is_told_inside_a_string_of_json(client: GraphClient) -> None:
    answer = limited_to(client, "User.Read.All").get(DEVICES)
    assert answer.json()["error"]["code"] == "Forbidden"
    assert "DeviceManagementManagedDevices.Read.All" in unwrapped(answer)


def test_a_missing_intune_permission_can_look_like_401(client: GraphClient) -> None:
    client.graph.forbidden_as_401 = True
    answer = limited_to(client, "User.Read.All").get(DEVICES)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UnknownError")
    assert json.loads(answer.json()["error"]["message"])["ErrorCode"] == "Forbidden"
    assert "must have one of the following scopes" in unwrapped(answer)


def test_a_missing_entra_permission_is_told_in_plain_words(client: GraphClient) -> None:
    answer = limited_to(client, "DeviceManagementManagedDevices.Read.All").get("/users")
    assert answer.json()["error"]["code"] == "Authorization_RequestDenied"


def test_an_unknown_device_is_404_and_a_malformed_id_400(client: GraphClient) -> None:
    assert client.get(f"{DEVICES}/{uuid4()}").status_code == 404
    assert client.get(f"{DEVICES}/not-a-guid").status_code == 400


def test_users_come_by_the_hundred_with_the_service_s_own_choice_of_fields(client: GraphClient) -> None:
    page = client.get("/users").json()
    assert len(page["value"]) == 100
    assert "@odata.count" not in page
    assert "accountEnabled" not in page["value"][0]
    assert set(page["value"][0]) >= {"id", "displayName", "userPrincipalName"}


def test_following_the_links_gives_every_user_once(client: GraphClient, city: City) -> None:
    rows = [row["id"] for page in client.pages("/users", params={"$top": 99, "$select": "id"}) for row in page["value"]]
    assert sorted(rows) == sorted(person.id for person in city.people)


def test_one_user_is_shown_by_id_or_sign_in_name(client: GraphClient) -> None:
    row = client.get("/users").json()["value"][0]
    assert client.get(f"/users/{row['id']}").json()["displayName"] == row["displayName"]
    assert client.get(f"/users/{row['userPrincipalName']}", params={"$select": "id"}).json()["id"] == row["id"]
    gone = client.get(f"/users/{uuid4()}")
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "Request_ResourceNotFound")


def test_a_thousand_users_a_page_is_one_too_many(client: GraphClient) -> None:
    assert client.get("/users", params={"$top": 999}).status_code == 200
    assert client.get("/users", params={"$top": 1000}).status_code == 400


def test_leavers_are_found_by_their_account(client: GraphClient) -> None:
    rows = client.get("/users", params={"$filter": "accountEnabled eq false", "$select": "id,accountEnabled"}).json()[
        "value"
    ]
    assert rows
    assert {row["accountEnabled"] for row in rows} == {False}


def test_the_overview_counts_the_devices(client: GraphClient) -> None:
    overview = client.get("/deviceManagement/managedDeviceOverview").json()
    assert overview["enrolledDeviceCount"] == len(client.graph.devices)
    assert sum(overview["deviceOperatingSystemSummary"].values()) == len(client.graph.devices)


def test_answers_carry_request_ids(client: GraphClient) -> None:
    answer = client.get("/users", headers={"client-request-id": "my-own-id"})
    assert answer.headers["client-request-id"] == "my-own-id"
    assert answer.headers["request-id"]


def test_what_is_not_offered_is_refused_honestly_and_changes_nothing(client: GraphClient) -> None:
    device = client.graph.devices[0]
    address = f"{client.graph.url}/v1.0{DEVICES}/{device['id']}"
    answer = client.session.patch(address, json={"notes": "new"}, timeout=5)
    assert answer.status_code == 404
    assert "nothing was done" in answer.json()["error"]["message"]
    assert device["notes"] != "new"


def test_the_collectors_app_can_neither_wipe_nor_delete(client: GraphClient) -> None:
    device = client.graph.devices[0]["id"]
    address = f"{client.graph.url}/v1.0{DEVICES}/{device}"
    assert client.session.post(f"{address}/wipe", timeout=5).status_code == 403
    assert client.session.delete(address, timeout=5).status_code == 403
    assert client.get(f"{DEVICES}/{device}").status_code == 200
    assert [(deed.act, deed.taken) for deed in client.graph.deeds.of(device)] == [("wipe", False), ("delete", False)]


def test_a_foreign_link_points_to_another_host(client: GraphClient) -> None:
    client.graph.page_size = 50
    client.graph.faults.append(
        Fault(kind=FaultKind.FOREIGN_NEXTLINK, path_contains="managedDevices", location="https://evil.example")
    )
    assert client.get(DEVICES).json()["@odata.nextLink"].startswith("https://evil.example/v1.0/deviceManagement")


def test_a_repeated_link_points_to_its_own_page(client: GraphClient) -> None:
    client.graph.page_size = 50
    second = client.get(DEVICES).json()["@odata.nextLink"]
    client.graph.faults.append(Fault(kind=FaultKind.REPEAT_NEXTLINK, path_contains="skiptoken"))
    assert client.get(second).json()["@odata.nextLink"] == second


def test_a_gateway_can_time_out_in_the_middle_of_a_run(client: GraphClient) -> None:
    client.graph.page_size = 50
    client.graph.faults.append(
        Fault(path_contains="managedDevices", after=1, status=504, body=b"<html>Gateway Timeout</html>")
    )
    link = client.get(DEVICES).json()["@odata.nextLink"]
    assert client.get(link).status_code == 504
    assert client.get(link).status_code == 200
