"""How Graph writes devices and people: names, sentinels and blanks of the real service."""

from datetime import datetime
from typing import Any, Final

from devreg.demo.managed import Managed
from devreg.demo.people import Person
from devreg.domain.device import Use

NEVER: Final = "0001-01-01T00:00:00Z"
ENDLESS: Final = ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.9999999Z")
SINGLE_ONLY: Final[dict[str, Any]] = {
    "activationLockBypassCode": None,
    "deviceActionResults": [],
    "enrollmentProfileName": None,
    "ethernetMacAddress": None,
    "iccid": None,
    "notes": None,
    "physicalMemoryInBytes": 0,
    "remoteAssistanceSessionUrl": "",
    "udid": None,
}
"""What a list says in place of the value; Source: intune.md 3.1."""

_SAME_FOR_ALL: Final[dict[str, Any]] = {
    "partnerReportedThreatState": "unknown",
    "easActivated": False,
    "easDeviceId": "",
    "easActivationDateTime": NEVER,
    "exchangeAccessState": "none",
    "exchangeAccessStateReason": "none",
    "exchangeLastSuccessfulSyncDateTime": NEVER,
    "remoteAssistanceSessionUrl": "",
    "remoteAssistanceSessionErrorDetails": "",
    "requireUserEnrollmentApproval": None,
    "configurationManagerClientEnabledFeatures": None,
    "deviceHealthAttestationState": None,
    "deviceActionResults": [],
}


def managed_device(device: Managed) -> dict[str, Any]:
    """The whole managedDevice as the single GET gives it, in v1.0 names."""
    person = device.person
    spread = int(device.id[:8], 16)
    return _SAME_FOR_ALL | {
        "id": device.id,
        "userId": person.id if person else "",
        "deviceName": device.name,
        "managedDeviceName": f"{(device.upn or 'none').split('@')[0]}_{device.os}_{device.id[:6]}",
        "managedDeviceOwnerType": device.owner,
        "managementState": device.state,
        "enrolledDateTime": moment(device.enrolled_at, spread),
        "lastSyncDateTime": moment(device.synced_at, spread >> 3),
        "operatingSystem": device.os,
        "osVersion": device.os_version,
        "complianceState": device.compliance,
        "jailBroken": "False" if device.os in ("iOS", "iPadOS") else "Unknown",
        "managementAgent": device.agent,
        "deviceEnrollmentType": device.enrollment,
        "isSupervised": device.supervised,
        "isEncrypted": spread % 17 != 0,
        "azureADRegistered": None if device.entra_id.startswith("00000000") else True,
        "azureADDeviceId": device.entra_id,
        "deviceRegistrationState": "notRegistered" if device.entra_id.startswith("00000000") else "registered",
        "deviceCategoryDisplayName": device.category,
        "userPrincipalName": device.upn,
        "userDisplayName": person.name if person else "",
        "emailAddress": person.address if person else "",
        "manufacturer": device.manufacturer,
        "model": device.model,
        "serialNumber": device.serial,
        "imei": device.imei,
        "meid": device.meid,
        "phoneNumber": device.phone_number,
        "subscriberCarrier": device.carrier,
        "iccid": device.iccid,
        "udid": device.udid,
        "wiFiMacAddress": device.wifi_mac,
        "ethernetMacAddress": device.ethernet_mac,
        "totalStorageSpaceInBytes": device.storage,
        "freeStorageSpaceInBytes": 0 if device.os == "Android" else device.storage * (20 + spread % 60) // 100,
        "physicalMemoryInBytes": device.memory,
        "androidSecurityPatchLevel": device.patch_level,
        "managementCertificateExpirationDate": NEVER if device.os == "Android" else ENDLESS[0],
        "complianceGracePeriodExpirationDateTime": ENDLESS[spread % 2],
        "activationLockBypassCode": f"STANDIN-{device.id[:8].upper()}" if device.supervised else None,
        "notes": device.notes,
        "enrollmentProfileName": "Koulun iPad" if device.place.use is Use.PUPIL and device.supervised else "",
    }


def list_row(whole: dict[str, Any]) -> dict[str, Any]:
    """The same device as one row of a list, with the fields blank that lists leave blank."""
    return whole | SINGLE_ONLY


USER_DEFAULTS: Final = (
    "businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation", "preferredLanguage",
    "surname", "userPrincipalName", "id",
)  # fmt: skip
"""What /users answers when nothing is selected."""


def user(person: Person) -> dict[str, Any]:
    """Everything this stand-in knows of a user, whatever the permission."""
    return {
        "businessPhones": [],
        "displayName": person.name,
        "givenName": person.given,
        "jobTitle": person.title or None,
        "mail": person.address,
        "mobilePhone": person.mobile,
        "officeLocation": None,
        "preferredLanguage": None,
        "surname": person.family,
        "userPrincipalName": person.address,
        "id": person.id,
        "accountEnabled": person.enabled,
        "employeeId": person.employee_id,
        "department": person.department,
        "companyName": None,
        "userType": "Member",
        "employeeLeaveDateTime": f"{person.leaves}T12:00:00Z" if person.leaves else None,
        "signInActivity": None,
    }


def moment(when: datetime | None, spread: int) -> str:
    """A DateTimeOffset: none, three or seven fraction digits, and year 1 for never."""
    if when is None:
        return NEVER
    text = f"{when:%Y-%m-%dT%H:%M:%S}"
    match spread % 3:
        case 0:
            return f"{text}Z"
        case 1:
            return f"{text}.{when.microsecond // 1000:03d}Z"
        case _:
            return f"{text}.{when.microsecond:06d}{spread % 10}Z"
