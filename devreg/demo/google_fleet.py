"""What the stand-in's consoles hold beside Chromebooks, as Google writes it: phones, batteries, the report of update ends.

Source: google.md 6 and 7. Private things are in it on purpose: who reads it must not keep them.
"""

import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from devreg.demo.chromebooks import Console
from devreg.demo.google_wire import moment
from devreg.demo.people import Person

Document = dict[str, Any]
_PHONES: Final = (
    ("Samsung", "SM-A546B", "ANDROID", "14"),
    ("Apple", "iPhone 13", "IOS", "18.1"),
    ("Samsung", "SM-T636B", "ANDROID", "14"),
)
_MONTHS: Final = (
    "JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE", "JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER",
)  # fmt: skip
_SYNCED: Final = datetime(2026, 11, 23, 5, 30, 12, 120000, tzinfo=UTC)
_FEW: Final = 6


def company_devices(console: Console) -> list[Document]:
    """Cloud Identity's devices: the city's phones, private ones, and things that are no phones."""
    rows = [_company_phone(console, number) for number in range(_FEW)]
    rows += [
        {"name": f"devices/{console.source}-byod", "deviceType": "ANDROID", "ownerType": "BYOD", "managementState": "APPROVED",
         "serialNumber": "RZ8PRIVATE1", "model": "Pixel 8", "osVersion": "Android 15"},
        {"name": f"devices/{console.source}-pc", "deviceType": "WINDOWS", "ownerType": "COMPANY", "managementState": "APPROVED",
         "serialNumber": "5CG0000PC1", "model": "EliteBook"},
        {"name": f"devices/{console.source}-book", "deviceType": "CHROME_OS", "ownerType": "COMPANY", "serialNumber": "5CG0000CB1"},
    ]  # fmt: skip
    return rows


def device_users(console: Console) -> list[Document]:
    """Who uses which; the last phone is in a drawer."""
    return [
        {
            "name": f"devices/{console.source}-{number}/deviceUsers/u{number}",
            "userEmail": user.address.title(),
            "managementState": "APPROVED",
            "languageCode": "fi",
        }
        for number, user in enumerate(_users(console, _FEW - 1))
    ]


def mobile_devices(console: Console) -> list[Document]:
    """User-owned devices; the first is there twice, once for each of two accounts."""
    rows = [_mobile(console, number, user) for number, user in enumerate(_users(console, 4))]
    if rows:
        rows.append(rows[0] | {"resourceId": f"{console.source}-r-again", "email": ["another@kaupunki.example"]})
    return rows


def telemetry(devices: Iterable[Document], customer_id: str) -> list[Document]:
    """Telemetry of the devices that are reporting: not every one has a battery block."""
    rows = []
    for device in devices:
        spread = zlib.crc32(device["deviceId"].encode())
        if device["status"] != "ACTIVE" or spread % 5 == 0:
            continue
        health = (
            "BATTERY_REPLACE_NOW"
            if spread % 31 == 0
            else "BATTERY_REPLACE_SOON"
            if spread % 11 == 0
            else "BATTERY_HEALTH_NORMAL"
        )
        row: Document = {
            "name": f"customers/{customer_id}/devices/{device['deviceId']}", "customer": f"customers/{customer_id}",
            "deviceId": device["deviceId"], "serialNumber": device["serialNumber"], "orgUnitId": device["orgUnitId"],
            "networkInfo": {"networkDevices": [{"macAddress": "9c2a83d410fe"}]},
        }  # fmt: skip
        if spread % 7:
            row["batteryStatusReport"] = [
                {
                    "reportTime": "2026-11-01T06:00:00Z",
                    "batteryHealth": "BATTERY_HEALTH_NORMAL",
                    "cycleCount": spread % 600,
                },
                {"reportTime": "2026-11-22T06:00:00Z", "batteryHealth": health, "cycleCount": spread % 600 + 3},
            ]
        rows.append(row)
    return rows


def update_ends(devices: Iterable[Document], today: date) -> list[Document]:
    """deviceAueCountReports: provisioned devices by model and month; expired ones have no month."""
    counts: Counter[tuple[str, date | None]] = Counter()
    for device in devices:
        end = _update_end(device)
        if device["status"] in ("ACTIVE", "DISABLED") and end is not None:
            counts[device["model"], None if end < today else end.replace(day=1)] += 1
    return [
        {"model": model, "count": str(count)}
        | (
            {"expired": True}
            if month is None
            else {"aueMonth": _MONTHS[month.month - 1], "aueYear": str(month.year), "expired": False}
        )
        for (model, month), count in counts.items()
    ]


def _company_phone(console: Console, number: int) -> Document:
    maker, model, kind, version = _PHONES[number % len(_PHONES)]
    spread = zlib.crc32(f"{console.source}{number}".encode())
    return {
        "name": f"devices/{console.source}-{number}", "deviceId": f"id-{spread}", "deviceType": kind, "ownerType": "COMPANY",
        "managementState": "WIPED" if number == _FEW - 2 else "APPROVED", "serialNumber": f"R5C{spread % 10**8:08d}",
        "assetTag": f"GP-{number:04d}",
        "imei": _imei(spread), "wifiMacAddresses": [f"9c2a84{spread % 16**6:06x}"], "manufacturer": maker, "brand": maker, "model": model,
        "osVersion": version, "securityPatchTime": "2026-10-01T00:00:00Z", "encryptionState": "ENCRYPTED",
        "networkOperator": "canary-operator",
        "createTime": "2025-08-12T07:00:00Z", "lastSyncTime": moment(_SYNCED), "otherAccounts": ["canary@private.example"],
    }  # fmt: skip


def _mobile(console: Console, number: int, user: Person) -> Document:
    spread = zlib.crc32(f"{console.source}m{number}".encode())
    return {
        "kind": "admin#directory#mobiledevice", "resourceId": f"{console.source}-r{number}", "deviceId": f"{spread:x}",
        "serialNumber": f"RZ8{spread % 10**8:08d}", "imei": _imei(spread), "name": [f"canary {user.name}"], "email": [user.address],
        "model": "SM-G991B", "os": "Android 14", "type": "ANDROID", "status": "APPROVED", "lastSync": moment(_SYNCED),
        "firstSync": "2025-01-10T10:00:00.000Z", "wifiMacAddress": "canary-mac", "networkOperator": "canary-operator",
        "securityPatchLevel": "1759276800000", "otherAccountsInfo": ["canary@private.example"],
        "applications": [{"packageName": "canary.app"}],
    }  # fmt: skip


def _users(console: Console, count: int) -> Sequence[Person]:
    return console.users[:count]


def _imei(spread: int) -> str:
    digits = f"35{spread % 10**12:012d}"
    total = sum(sum(divmod(int(digit) * (1 + index % 2), 10)) for index, digit in enumerate(digits))
    return digits + str(-total % 10)


def _update_end(device: Document) -> date | None:
    if "autoUpdateThrough" in device:
        return date.fromisoformat(device["autoUpdateThrough"])
    if "autoUpdateExpiration" in device:
        return datetime.fromtimestamp(int(device["autoUpdateExpiration"]) / 1000, UTC).date()
    return None
