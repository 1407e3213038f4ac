"""What Graph lists beside devices and people: what the city owns, who did what, what runs out. Source: intune.md 3.3, 10, 11."""

from datetime import timedelta
from typing import Any, Final
from uuid import NAMESPACE_OID, uuid5

import msgspec

from devreg.demo.city import City
from devreg.demo.graph_wire import NEVER, moment
from devreg.demo.managed import Managed

READ_SERVICE: Final = "DeviceManagementServiceConfig.Read.All"
READ_APPS: Final = "DeviceManagementApps.Read.All"
READ_REGISTRATIONS: Final = "Device.Read.All"


class Collection(msgspec.Struct, frozen=True):
    """One collection that Graph offers."""

    holder: str
    """Attribute of the stand-in with its rows."""
    kind: str
    any_of: tuple[str, ...]
    """Permissions of which one is needed."""
    filtered: str = ""
    """The time that `$filter=… gt …` works on; on anything else a filter is answered with 400."""
    expands: str = ""
    """What is in the answer only when `$expand` asks for it."""


_SERVICE: Final = (READ_SERVICE, "DeviceManagementServiceConfig.ReadWrite.All")
_SERIAL: Final = 6
"""Characters of a serial number worth keeping in a list."""
_APPS: Final = (READ_APPS, "DeviceManagementApps.ReadWrite.All")
COLLECTIONS: Final = {
    "/v1.0/deviceManagement/windowsAutopilotDeviceIdentities": Collection(
        "autopilot", "windowsAutopilotDeviceIdentity", _SERVICE
    ),
    "/beta/deviceManagement/importedDeviceIdentities": Collection("identifiers", "importedDeviceIdentity", _SERVICE),
    "/beta/deviceManagement/depOnboardingSettings": Collection("apple_tokens", "depOnboardingSetting", _SERVICE),
    "/v1.0/devices": Collection(
        "registrations",
        "device",
        (READ_REGISTRATIONS, "Device.ReadWrite.All", "Directory.Read.All"),
        expands="registeredOwners",
    ),
    "/v1.0/deviceManagement/auditEvents": Collection("audit_events", "auditEvent", _APPS, "activityDateTime"),
    "/v1.0/deviceAppManagement/vppTokens": Collection("vpp_tokens", "vppToken", (*_APPS, *_SERVICE)),
}
PUSH_CERTIFICATE: Final = "/v1.0/deviceManagement/applePushNotificationCertificate"
APPLE_DEVICES: Final = "/beta/deviceManagement/depOnboardingSettings/([^/]+)/importedAppleDeviceIdentities"
APPLE_COLLECTION: Final = Collection("apple_devices", "importedAppleDeviceIdentity", _SERVICE)


def autopilot(city: City) -> list[dict[str, Any]]:
    """Every Windows computer of the city's own, by the hash its maker sent in."""
    return [_autopilot(device) for device in _once(city) if device.os == "Windows"]


def _autopilot(device: Managed) -> dict[str, Any]:
    return {
        "id": _own_id("autopilot", device),
        "groupTag": device.category,
        "purchaseOrderIdentifier": "",
        "serialNumber": device.serial,
        "productKey": "",
        "manufacturer": device.manufacturer,
        "model": device.model,
        "enrollmentState": "enrolled" if device.enrolled else "notContacted",
        "lastContactedDateTime": moment(device.synced_at, 1) if device.enrolled else NEVER,
        "addressableUserName": "",
        "userPrincipalName": "",
        "resourceName": "",
        "skuNumber": "",
        "systemFamily": "",
        "azureActiveDirectoryDeviceId": device.entra_id,
        "managedDeviceId": device.id if device.enrolled else "00000000-0000-0000-0000-000000000000",
        "displayName": "",
    }


def identifiers(city: City) -> list[dict[str, Any]]:
    """Android phones that the city has announced by IMEI, as far as it does that: 14 digits, as in Microsoft's examples.

    Of one the enrolment was tried in vain.
    """
    phones = [device for device in _once(city) if device.os == "Android" and device.imei][::2]
    tried = next((device.id for device in phones if not device.enrolled), None)
    return [_identifier(device, city, failed=device.id == tried) for device in phones]


def _identifier(device: Managed, city: City, *, failed: bool) -> dict[str, Any]:
    created = moment(city.now - timedelta(days=200), 0)
    imei = "".join(filter(str.isdigit, device.imei))[:14]
    has_imei = imei.strip("0") != ""  # nobody reads zeros off a box: such a phone is announced by its serial number
    return {
        "id": _own_id("identifier", device),
        "importedDeviceIdentifier": imei if has_imei else device.serial,
        "importedDeviceIdentityType": "imei" if has_imei else "serialNumber",
        "lastModifiedDateTime": created,
        "createdDateTime": created,
        "lastContactedDateTime": moment(device.synced_at, 0) if device.enrolled else NEVER,
        "description": "Hoiva",
        "enrollmentState": "enrolled" if device.enrolled else "failed" if failed else "notContacted",
        "platform": "android",
    }


def apple_tokens(city: City) -> list[dict[str, Any]]:
    """The link to Apple Business Manager."""
    return [
        {
            "id": str(uuid5(NAMESPACE_OID, "apple-token")),
            "appleIdentifier": "abm@kaupunki.example",
            "tokenExpirationDateTime": moment(city.now + timedelta(days=200), 0),
            "lastModifiedDateTime": moment(city.now - timedelta(days=165), 0),
            "lastSuccessfulSyncDateTime": moment(city.now - timedelta(hours=3), 0),
            "lastSyncTriggeredDateTime": moment(city.now - timedelta(hours=3), 0),
            "shareTokenWithSchoolDataSyncService": False,
            "lastSyncErrorCode": 0,
            "tokenType": "dep",
            "tokenName": "Kaupunki ABM",
            "syncedDeviceCount": len(apple_devices(city)),
            "defaultIosEnrollmentProfileDisplayName": "Kaupunki",
        }
    ]


def apple_devices(city: City) -> list[dict[str, Any]]:
    """What Apple sold to the city, enrolled or still in its box; the last one was given away and taken off the list."""
    bought = [device for device in _once(city) if device.manufacturer == "Apple"]
    return [_apple_device(device, gone=device is bought[-1]) for device in bought]


def _apple_device(device: Managed, *, gone: bool) -> dict[str, Any]:
    return {
        "id": _own_id("apple", device),
        "serialNumber": device.serial,
        "requestedEnrollmentProfileId": "",
        "requestedEnrollmentProfileAssignmentDateTime": NEVER,
        "isSupervised": device.supervised,
        "discoverySource": "deviceEnrollmentProgram",
        "isDeleted": gone,
        "createdDateTime": moment(device.enrolled_at, 0),
        "lastContactedDateTime": moment(device.synced_at, 0) if device.enrolled else NEVER,
        "description": "",
        "enrollmentState": "enrolled" if device.enrolled else "notContacted",
        "platform": "ios",
    }


def vpp_tokens(city: City) -> list[dict[str, Any]]:
    """The licence to hand out Apple's apps."""
    return [
        {
            "id": str(uuid5(NAMESPACE_OID, "vpp-token")),
            "organizationName": "Kaupunki",
            "vppTokenAccountType": "business",
            "appleId": "abm@kaupunki.example",
            "expirationDateTime": moment(city.now + timedelta(days=180), 0),
            "lastModifiedDateTime": moment(city.now - timedelta(days=185), 0),
            "lastSyncDateTime": moment(city.now - timedelta(hours=5), 0),
            "lastSyncStatus": "completed",
            "token": "",
            "automaticallyUpdateApps": True,
            "countryOrRegion": "fi",
            "state": "valid",
        }
    ]


def push_certificate(city: City) -> dict[str, Any]:
    """Without it no Apple device can be managed."""
    return {
        "id": str(uuid5(NAMESPACE_OID, "push-certificate")),
        "appleIdentifier": "abm@kaupunki.example",
        "topicIdentifier": "com.apple.mgmt.External.stand-in",
        "lastModifiedDateTime": moment(city.now - timedelta(days=100), 0),
        "expirationDateTime": moment(city.now + timedelta(days=265), 0),
        "certificateUploadStatus": None,
        "certificateUploadFailureReason": None,
        "certificateSerialNumber": "0123456789ABCDEF",
        "certificate": None,
    }


def audit_event(
    device_id: str, name: str, act: str, when: str, by: str | None, result: str = "Success"
) -> dict[str, Any]:
    """One line of Intune's own log about an act on a device; `by` None: an app did it."""
    return {
        "id": str(uuid5(NAMESPACE_OID, f"{device_id} {act} {when}")),
        "displayName": f"{act} ManagedDevice",
        "componentName": "ManagedDevices",
        "activity": None,
        "activityDateTime": when,
        "activityType": f"{act} ManagedDevice",
        "activityOperationType": "Action",
        "activityResult": result,
        "correlationId": str(uuid5(NAMESPACE_OID, f"call {device_id} {act} {when}")),
        "category": "Device",
        "actor": {
            "type": None,
            "auditActorType": "ItPro" if by else "Application",
            "userPermissions": ["*"],
            "applicationId": "5926fc8e-304e-4f59-8bed-58ca97cc39a4",
            "applicationDisplayName": "Microsoft Intune portal extension" if by else "Some other tool",
            "userPrincipalName": by,
            "servicePrincipalName": None,
            "ipAddress": None,
            "userId": str(uuid5(NAMESPACE_OID, by or "app")),
        },
        "resources": [
            {
                "displayName": name,
                "type": None,
                "auditResourceType": "Microsoft.Management.Services.Api.ManagedDevice",
                "resourceId": device_id,
                "modifiedProperties": [
                    {"displayName": "DeviceManagementAPIVersion", "oldValue": None, "newValue": "5025-08-01"}
                ],
            }
        ],
    }


def _once(city: City) -> list[Managed]:
    """The city's own devices that say a serial number, each once however often it was enrolled: such lists take none twice."""
    own = [device for device in city.managed if device.owner == "company" and _is_printed(device.serial.strip())]
    return list({device.serial.strip().casefold(): device for device in own}.values())


def _is_printed(serial: str) -> bool:
    """Whether it is a maker's number, and no filler of the firmware."""
    return len(serial) >= _SERIAL and serial.isalnum()


def _own_id(what: str, device: Managed) -> str:
    return str(uuid5(NAMESPACE_OID, f"{what} {device.id}"))
