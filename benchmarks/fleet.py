"""An invented city's consoles as the bytes they send: Intune devices and Chromebooks, at several moments.

The mix of issue 3: ten Intune devices to three Chromebooks, 5 % of the Chromebooks' serials also in Intune, 0.3 % of all
serials worth nothing. Moment 0 is the first load; CHANGED is a later day on which every fiftieth device differs; DRIFTED is
the same day an hour on, when four of five have synchronised again and nothing else has happened.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Final
from uuid import NAMESPACE_OID, uuid5

import msgspec
import orjson

from collectors.google_map import DEVICE_KEYS as GOOGLE_KEYS
from collectors.google_map import device_record as google_record
from collectors.google_map import observe as google_observe
from collectors.intune_map import DEVICE_KEYS as INTUNE_KEYS
from collectors.intune_map import device_record as intune_record
from collectors.intune_map import observe as intune_observe
from collectors.rows import listing_of
from devreg.domain.observation import Observation
from devreg.ports import Finding, Page, Record

_INTUNE_PAGE: Final = 1_000
_GOOGLE_PAGE: Final = 200
_START: Final = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
_FIRST: Final = (
    "Aino",
    "Eino",
    "Väinö",
    "Helmi",
    "Åke",
    "Märta",
    "Onni",
    "Sofia",
    "Björn",
    "Lumi",
    "Oskar",
    "Ilona",
    "Örjan",
)
_LAST: Final = (
    "Korhonen",
    "Virtanen",
    "Mäkinen",
    "Nieminen",
    "Hämäläinen",
    "Öhman",
    "Lindström",
    "Åkerlund",
    "Salo",
    "Lehto",
)
_MODELS: Final = (
    ("LENOVO", "ThinkPad L14 Gen {n}", "Windows"), ("Dell Inc.", "Latitude 5{n}50", "Windows"), ("HP", "EliteBook 84{n} G9", "Windows"),
    ("Apple", "iPhone 1{n}", "iOS"), ("Apple", "iPad (1{n}th generation)", "iPadOS"), ("samsung", "SM-A55{n}B", "Android"),
)  # fmt: skip


class Moment(Enum):
    """When the consoles are read."""

    FIRST = 0
    CHANGED = 1
    DRIFTED = 2


class Console:
    """One source: its pages as bytes, read as its collector reads them."""

    def __init__(self, kind: str, size: int, page_size: int, row: Callable[[int, Moment], dict[str, Any]]) -> None:
        self.kind = kind
        self.size = size
        self._page_size = page_size
        self._row = row
        self._moment = Moment.FIRST
        self._kept: tuple[bytes, ...] | None = None

    def at(self, moment: Moment) -> "Console":
        """The console as it is then."""
        self._moment = moment
        self._kept = None
        return self

    def keep(self) -> "Console":
        """With its bytes made before anybody asks, so that making them is not measured."""
        self._kept = tuple(self.bodies)
        return self

    @property
    def bodies(self) -> Iterable[bytes]:
        """What it sends."""
        return self._kept if self._kept is not None else self._made()

    def _made(self) -> Iterator[bytes]:
        for start in range(0, self.size, self._page_size):
            numbers = range(start, min(start + self._page_size, self.size))
            yield orjson.dumps({"value": [self._row(number, self._moment) for number in numbers]})

    def check(self) -> Iterator[Finding]:
        """Nothing to look at."""
        return iter(())

    def pages(self, checkpoint: str | None) -> Iterator[Page]:
        """All of it, page by page."""
        for body in self.bodies:
            rows = msgspec.json.decode(body)["value"]
            if self.kind == "intune":
                yield listing_of(rows, lambda row: intune_record(row, {}), INTUNE_KEYS, beside=_nothing)
            else:
                yield listing_of(rows, lambda row: google_record(row), GOOGLE_KEYS, "deviceId", beside=_nothing)

    def observe(self, record: Record) -> Observation:
        """As its collector does."""
        return intune_observe(record) if self.kind == "intune" else google_observe(record)


def _nothing(row: Any) -> None:
    """What is read beside a row: neither departments nor paths are measured."""


def consoles(devices: int) -> tuple[Console, Console]:
    """Intune and Google for so many devices."""
    google = devices * 3 // 13
    return Console("intune", devices - google, _INTUNE_PAGE, managed), Console(
        "google", google, _GOOGLE_PAGE, chromebook
    )


def managed(number: int, moment: Moment) -> dict[str, Any]:
    """A managedDevice as Graph sends it with our $select. Source: contracts/intune.md section 4."""
    shared = number % (3 * 20) == 0  # some Chromebook has its serial
    maker, model, system = ("Acer", "Chromebook Spin 31{n}", "ChromeOS") if shared else _MODELS[number % len(_MODELS)]
    changed = moment is not Moment.FIRST and number % 50 == 0
    holder = number + 1 if changed else number
    first, last = _FIRST[holder % len(_FIRST)], _LAST[holder // 7 % len(_LAST)]
    return {
        "id": _uuid("device", number),
        "deviceName": f"GRN-{'LT' if system == 'Windows' else 'MB'}-{number:06}",
        "serialNumber": "To be filled by O.E.M." if number % 333 == 1 else _serial(number),
        "imei": "",
        "meid": "",
        "wiFiMacAddress": f"A4C3F0{number:06X}",
        "ethernetMacAddress": None,
        "manufacturer": maker,
        "model": model.format(n=number // 7 % 6),
        "operatingSystem": system,
        "osVersion": f"10.0.22631.{number % 50 + (100 if changed else 0)}",
        "androidSecurityPatchLevel": "",
        "managedDeviceOwnerType": "company",
        "managementState": "managed",
        "managementAgent": "mdm",
        "complianceState": "compliant" if number % 9 else "noncompliant",
        "deviceEnrollmentType": "windowsAzureADJoin",
        "enrolledDateTime": _time(_START - timedelta(days=number % 900 + 1, seconds=number % 86_400)),
        "managementCertificateExpirationDate": _time(_START + timedelta(days=number % 300)),
        "deviceCategoryDisplayName": f"School {number % 40}",
        "azureADDeviceId": _uuid("entra", number),
        "userId": _uuid("user", holder % 40_000),
        "userPrincipalName": f"user{holder % 40_000}@kaupunki.example",
        "userDisplayName": f"{first} {last}",
        "phoneNumber": "",
        "subscriberCarrier": "",
        "isEncrypted": True,
        "isSupervised": False,
        "jailBroken": "Unknown",
        "totalStorageSpaceInBytes": 256_060_514_304,
        **_drift(number, moment),
    }


def chromebook(number: int, moment: Moment) -> dict[str, Any]:
    """A chromeosdevice as Google sends it with our fields. Source: contracts/google.md section 3."""
    changed = moment is not Moment.FIRST and number % 50 == 0
    drift = _drift(number, moment)
    serial = _serial(number * 3) if number % 20 == 0 else f"NX{number * 48271 % 2**31:08X}"
    return {
        "deviceId": _uuid("chromebook", number),
        "serialNumber": "000000" if number % 333 == 2 else serial,
        "status": "ACTIVE",
        "lastSync": drift["lastSyncDateTime"],
        "annotatedUser": f"pupil{number + changed}@edu.example",
        "annotatedLocation": f"Trolley {number % 120}",
        "annotatedAssetId": f"CB{number:06}",
        "model": f"Acer Chromebook Spin {311 + number % 5}",
        "osVersion": f"1{31 + changed}.0.6778.{number % 9}",
        "macAddress": f"0c7f1f{number:06x}",
        "orderNumber": "",
        "firstEnrollmentTime": _time(_START - timedelta(days=number % 900 + 1)),
        "lastEnrollmentTime": _time(_START - timedelta(days=number % 900)),
        "orgUnitId": f"ou{number % 60}",
        "orgUnitPath": f"/Schools/School {number % 60}/Pupils",
        "autoUpdateThrough": "2031-06-01",
        "deviceLicenseType": "educationUpgradePerpetual",
        "systemRamTotal": "4294967296",
        "diskSpaceUsage": {"capacityBytes": "32000000000"},
    }


def _uuid(what: str, number: int) -> str:
    return str(uuid5(NAMESPACE_OID, f"{what} {number}"))


def _serial(number: int) -> str:
    return f"PF{number * 1103515245 % 2**36:09X}"


def _drift(number: int, moment: Moment) -> dict[str, Any]:
    synced = moment is Moment.DRIFTED and number % 5 != 0
    return {
        "freeStorageSpaceInBytes": 90_000_000_000 + number + (4_096 if synced else 0),
        "lastSyncDateTime": _time(_START - timedelta(minutes=number % 500) + timedelta(hours=1 if synced else 0)),
    }


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
