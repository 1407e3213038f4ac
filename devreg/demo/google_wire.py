"""How Google's Directory API writes Chromebooks, organisational units and users."""

import zlib
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from devreg.demo.chromebooks import CHROME, Chromebook, OrgUnit
from devreg.demo.people import Person

BASIC: Final = (
    "kind", "etag", "deviceId", "annotatedAssetId", "annotatedLocation", "annotatedUser", "lastSync", "notes", "serialNumber",
    "status",
)  # fmt: skip
"""Fields of projection BASIC. Source: google.md 2."""


def chromeos_device(book: Chromebook) -> dict[str, Any]:
    """The record with projection FULL: unknown things are absent, 64-bit numbers are strings, most enums are camelCase."""
    spread = zlib.crc32(book.device_id.encode())
    document: dict[str, Any] = {
        "kind": "admin#directory#chromeosdevice",
        "etag": f'"stand-in/{spread:08x}"',
        "deviceId": book.device_id,
        "serialNumber": book.serial,
        "status": book.status,
        "lastSync": moment(book.synced_at),
        "annotatedUser": book.annotated_user,
        "annotatedLocation": book.annotated_location,
        "annotatedAssetId": book.asset_id,
        "notes": book.notes,
        "model": book.model.name,
        "osVersion": book.os_version,
        "platformVersion": f"{dict(CHROME).get(book.os_version)} (Official Build) stable-channel {book.model.board}",
        "firmwareVersion": f"Google_{book.model.board.title()}.15194.206.0",
        "macAddress": book.mac,
        "bootMode": "Dev" if spread % 97 == 0 else "Verified",
        "orgUnitPath": book.org_unit.path,
        "orgUnitId": book.org_unit.id,
        "chromeOsType": "chromeOs",
        "deviceLicenseType": "education" if spread % 5 == 0 else "educationUpgradePerpetual",
        "firstEnrollmentTime": moment(book.enrolled_first),
        "lastEnrollmentTime": moment(book.enrolled_last),
        "deprovisionReason": book.deprovision_reason,
        "lastDeprovisionTimestamp": moment(book.deprovisioned_at),
        "recentUsers": [_recent_user(address) for address in book.recent] or None,
        "extendedSupportEligible": book.model.board == "octopus",
        "extendedSupportEnabled": False,
    }
    document |= _support(book, spread) | _measures(book, spread)
    if spread % 50 == 7:
        document["quantumEraseState"] = {"state": "NOT_YET_INVENTED"}
    return {name: value for name, value in document.items() if value is not None}


def org_unit(unit: OrgUnit, ids: dict[str, str], root: str) -> dict[str, Any]:
    """One unit; ids carry `id:` here and nowhere else."""
    return {
        "kind": "admin#directory#orgUnit",
        "etag": f'"stand-in/{zlib.crc32(unit.path.encode()):08x}"',
        "name": unit.path.rpartition("/")[2],
        "description": "",
        "orgUnitPath": unit.path,
        "orgUnitId": f"id:{unit.id}",
        "parentOrgUnitPath": unit.parent,
        "parentOrgUnitId": f"id:{ids.get(unit.parent, root)}",
    }


def user(person: Person, org_unit_path: str) -> dict[str, Any]:
    """A user with projection basic."""
    return {
        "kind": "admin#directory#user",
        "id": str(int(person.id[:8] + person.id[9:13], 16)),
        "etag": f'"stand-in/{person.id[:8]}"',
        "primaryEmail": person.address,
        "name": {"givenName": person.given, "familyName": person.family, "fullName": person.name},
        "isAdmin": False,
        "suspended": not person.enabled,
        "archived": False,
        "lastLoginTime": "1970-01-01T00:00:00.000Z",
        "orgUnitPath": org_unit_path,
    }


def moment(when: datetime | None) -> str | None:
    """RFC 3339 with milliseconds and Z."""
    return None if when is None else f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}Z"


def _support(book: Chromebook, spread: int) -> dict[str, Any]:
    """Update expiry: the day, and the deprecated milliseconds at midnight in California; some records have only those."""
    if book.aue is None:
        return {}
    midnight = datetime(book.aue.year, book.aue.month, book.aue.day, 7, tzinfo=UTC)
    old = {"autoUpdateExpiration": str(int(midnight.timestamp() * 1000))}
    return old if spread % 40 == 11 else old | {"autoUpdateThrough": book.aue.isoformat()}


def _measures(book: Chromebook, spread: int) -> dict[str, Any]:
    """Reports of the device; a unit without reporting sends none, and nested parts go missing one by one."""
    if spread % 12 == 5:
        return {}
    day = book.synced_at
    used = book.model.disk * (20 + spread % 70) // 100
    network: dict[str, str] = {"ipAddress": book.address or "10.44.9.9"}
    if spread % 7:
        network["wanIpAddress"] = "198.51.100.20"
    document: dict[str, Any] = {
        "systemRamTotal": str(book.model.memory),
        "diskSpaceUsage": {"capacityBytes": str(book.model.disk), "usedBytes": str(used)},
        "cpuInfo": [{"model": book.model.cpu, "architecture": "x64", "maxClockSpeedKhz": 2050000}],
        "lastKnownNetwork": [network],
        "activeTimeRanges": [
            {"date": f"{day - timedelta(days=age):%Y-%m-%d}", "activeTime": 600000 + (spread >> age) % 7000000}
            for age in (2, 1, 0)
        ],
        "osVersionCompliance": "pending" if spread % 6 == 0 else "compliant",
        "osUpdateStatus": {"state": "updateStateNotStarted", "targetOsVersion": "0.0.0.0"},  # noqa: S104  a version
        "diskVolumeReports": [
            {
                "volumeInfo": [
                    {"volumeId": "/media/removable", "storageTotal": "0", "storageFree": "0"},
                    {
                        "volumeId": "/home",
                        "storageTotal": str(book.model.disk),
                        "storageFree": str(book.model.disk - used),
                    },
                ]
            }
        ],
    }
    if spread % 30 == 3:
        del document["diskSpaceUsage"]["usedBytes"]
    return document


def _recent_user(address: str | None) -> dict[str, str]:
    return {"type": "USER_TYPE_UNMANAGED"} if address is None else {"type": "USER_TYPE_MANAGED", "email": address}
