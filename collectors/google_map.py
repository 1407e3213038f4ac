"""Google's rows as records, and records as observations: what is asked for, kept, claimed. Source: contracts/google.md sections 3, 9."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Final

import msgspec

from collectors import google_people, google_phones, google_reports
from collectors.google_people import User, address, person
from collectors.google_phones import CompanyPhone, PersonalPhone, observe_company, observe_personal
from collectors.google_reports import BatteryState, observe_battery, update_end
from collectors.google_units import unit_key
from collectors.rows import Size, claim_set, day, moment, stored
from devreg.domain import identifiers
from devreg.domain.device import Kind, Ownership
from devreg.domain.observation import Observation, Subject, Value
from devreg.errors import Broken
from devreg.ports import Record
from devreg.text import clean


class DiskSpace(msgspec.Struct, frozen=True, rename="camel"):
    """The size of the disk; what is used on it changes all day and is not asked for."""

    capacity_bytes: Size | None = None


class ChromeOsDevice(msgspec.Struct, frozen=True, rename="camel"):
    """The fields of a device that are asked for and kept: this list is the allow-list.

    Never on it: how long a device was used, network addresses, files and screenshots (pupils are minors), free notes. Recent users
    are asked for only where the settings want them, and of those only the newest one's address is kept.
    """

    device_id: str
    serial_number: str | None = None
    status: str | None = None
    last_sync: str | None = None
    annotated_user: str | None = None
    annotated_location: str | None = None
    annotated_asset_id: str | None = None
    model: str | None = None
    os_version: str | None = None
    mac_address: str | None = None
    meid: str | None = None
    order_number: str | None = None
    first_enrollment_time: str | None = None
    last_enrollment_time: str | None = None
    last_deprovision_timestamp: str | None = None
    deprovision_reason: str | None = None
    org_unit_id: str | None = None
    org_unit_path: str | None = None
    auto_update_through: str | None = None
    auto_update_expiration: int | None = None
    extended_support_eligible: bool | None = None
    extended_support_enabled: bool | None = None
    device_license_type: str | None = None
    chrome_os_type: str | None = None
    boot_mode: str | None = None
    system_ram_total: Size | None = None
    disk_space_usage: DiskSpace | None = None
    os_version_compliance: str | None = None
    org_unit_was: str | None = None
    """Ours: the path by which rules know its unit, where that has been renamed since."""
    holder: str | None = None
    """Ours: the first address of the person whose other address stands as the annotated user."""
    last_user: str | None = None
    """Ours: the newest of the recent users whom the console manages."""
    last_used: date | None = None
    """Ours: the last of the days on which it was in use."""
    days_used: Annotated[int, msgspec.Meta(ge=0, le=366)] | None = None
    """Ours: how many such days the device told of; it tells of two weeks."""


_OURS: Final = frozenset({"orgUnitWas", "holder", "lastUser", "lastUsed", "daysUsed"})
DEVICE_KEYS: Final = tuple(
    field.encode_name for field in msgspec.structs.fields(ChromeOsDevice) if field.encode_name not in _OURS
)
_DAYS: Final = "activeTimeRanges"
_RECENT: Final = "recentUsers"
"""These two are reduced to what is ours before anything is kept."""
_ASKED: Final = ",".join((*DEVICE_KEYS, f"{_DAYS}/date")).replace("diskSpaceUsage", "diskSpaceUsage/capacityBytes")
_VOLATILE: Final = frozenset({"lastSync", "lastUsed", "daysUsed"})
_OVER: Final = frozenset({"DEPROVISIONED", "RETURN_ARRIVED", "RETURN_REQUESTED"})
"""Statuses of devices that have left the console; their old data stays in the list."""
_MANAGED: Final = frozenset({"ACTIVE", "DISABLED"})
"""DELINQUENT gets no policies, PRE_PROVISIONED and INACTIVE are not enrolled."""


def device_fields(recent_users: bool) -> str:
    """What is asked for of a device. Who used it is not, unless the settings want it."""
    return f"{_ASKED},{_RECENT}/email" if recent_users else _ASKED


class Known(msgspec.Struct, frozen=True):
    """What the console tells elsewhere, and a device's record takes in."""

    paths: Mapping[str, str] = {}
    """Unit id -> path now."""
    before: Mapping[str, str] = {}
    """Id of a renamed unit -> path by which rules know it."""
    aliases: Mapping[str, str] = {}
    """A person's other address -> the first one."""
    recent_users: bool = False
    """Whether the settings want the last user."""

    def beside(self, row: Mapping[str, Any]) -> dict[str, str]:
        """What comes to a row of chromeosdevices from here, by the names that it has in the record."""
        unit = unit_key(clean(row.get("orgUnitId")) or "")
        newest = _newest_user(row) if self.recent_users else None
        said = {
            "orgUnitPath": self.paths.get(unit),
            "orgUnitWas": self.before.get(unit),
            "holder": self.aliases.get(address(row.get("annotatedUser")) or ""),
            "lastUser": self.aliases.get(newest, newest) if newest else None,
        }
        return {name: value for name, value in said.items() if value}


_NOTHING: Final = Known()


def device_record(row: Any, known: Known = _NOTHING) -> Record:
    """A row of chromeosdevices as a record, its unit under the path it has now. Raises Broken when it is not one."""
    kept = stored(row, ChromeOsDevice, DEVICE_KEYS)
    if "orgUnitId" in kept:
        kept["orgUnitId"] = unit_key(kept["orgUnitId"])
    if "diskSpaceUsage" in kept:
        kept["diskSpaceUsage"] = {"capacityBytes": kept["diskSpaceUsage"].get("capacityBytes")}
    kept |= known.beside(row) | _days(row)
    volatile = {key: kept.pop(key) for key in _VOLATILE if key in kept}
    return Record(Subject.DEVICE, kept["deviceId"], kept, volatile, part="chromeosdevices")


def _days(row: Mapping[str, Any]) -> dict[str, Any]:
    """The days it was in use, as the last one and their number."""
    days = {found for used in _dicts(row.get(_DAYS)) if (found := day(clean(used.get("date")))) is not None}
    return {"lastUsed": max(days).isoformat(), "daysUsed": len(days)} if days else {}


def _newest_user(row: Mapping[str, Any]) -> str | None:
    """Address of the newest user who has one: accounts of other consoles and private ones have none."""
    return next((email for user in _dicts(row.get(_RECENT)) if (email := address(user.get("email")))), None)


def _dicts(items: Any) -> Iterator[dict[str, Any]]:
    return (item for item in items if isinstance(item, dict)) if isinstance(items, list) else iter(())


def observe(record: Record) -> Observation:
    """A stored record as identifiers and claims. Raises Broken when it makes no sense."""
    try:
        said = {**record.body, **record.volatile}
        match record.part:
            case google_people.USERS:
                return person(msgspec.convert(said, User, strict=False))
            case google_phones.COMPANY_PART:
                return observe_company(msgspec.convert(said, CompanyPhone, strict=False))
            case google_phones.PERSONAL_PART:
                return observe_personal(msgspec.convert(said, PersonalPhone, strict=False))
            case google_reports.BATTERY_PART:
                return observe_battery(msgspec.convert(said, BatteryState, strict=False))
            case _:
                return _device(msgspec.convert(said, ChromeOsDevice, strict=False))
    except msgspec.ValidationError as error:
        raise Broken(f"The record {record.native_id} can't be read: {error}.") from error


def _device(device: ChromeOsDevice) -> Observation:
    found = [
        identifiers.serial(device.serial_number),
        identifiers.meid_or_imei(device.meid),
        identifiers.mac(device.mac_address),
        identifiers.asset_tag(clean(device.annotated_asset_id)),
    ]
    alias = address(device.annotated_user) if address(device.holder) else None
    facts = claim_set(org_unit=clean(device.org_unit_path), org_unit_was=clean(device.org_unit_was), holder_alias=alias)
    return Observation(
        Subject.DEVICE,
        keys=tuple(key for key in found if key),
        claims=_claims(device),
        as_of=moment(device.last_sync) or moment(device.last_enrollment_time),
        live=(device.status or "").upper() not in _OVER,
        manages=(device.status or "").upper() in _MANAGED,
        facts={name: str(path) for name, path in facts.items()},
    )


def _claims(device: ChromeOsDevice) -> dict[str, Value]:
    model = clean(device.model)
    mac = identifiers.mac(device.mac_address)
    flex = (device.chrome_os_type or "").lower() == "chromeosflex"
    holder, email = _holder(clean(device.annotated_user))
    email = address(device.holder) or email
    return claim_set(
        kind=_kind(model or "", flex),
        manufacturer=_maker(model or ""),
        model=model,
        serial=clean(device.serial_number) if identifiers.serial(device.serial_number) else None,
        meid=clean(device.meid) if identifiers.meid(device.meid) else None,
        mac=identifiers.mac_text(mac.value) if mac else None,
        asset_tag=clean(device.annotated_asset_id),
        os="ChromeOS Flex" if flex else "ChromeOS",
        os_version=clean(device.os_version),
        support_end=update_end(device.auto_update_through, device.auto_update_expiration),
        ram_bytes=device.system_ram_total or None,
        storage_bytes=(device.disk_space_usage.capacity_bytes if device.disk_space_usage else None) or None,
        management_state=clean(device.status, 100),
        # What is enrolled in the console is the city's; what left it may have been sold.
        ownership=None if (device.status or "").upper() in _OVER else Ownership.COMPANY.value,
        enrolled_at=moment(device.last_enrollment_time),
        licence=_said(clean(device.device_license_type, 100)),
        compliance=_said(clean(device.os_version_compliance, 100)),
        last_used=device.last_used,
        days_used=device.days_used,
        last_user=address(device.last_user),
        holder=holder,
        holder_email=email,
        org_unit=clean(device.org_unit_path),
        room=clean(device.annotated_location),
        order_number=clean(device.order_number),
    )


def _said(word: str | None) -> str | None:
    """A member of an open set as Google writes it; its words for "not known" are not said."""
    return None if word is None or word.lower().endswith("unspecified") else word


_LABEL: Final = re.compile(r"[^\W\d_]{2,}")
"""Two letters in a row: `5B-12` is a place in a trolley, not somebody."""


def _holder(annotated: str | None) -> tuple[str | None, str | None]:
    """Name and address from a free text field; neither when it holds neither."""
    if annotated is None:
        return None, None
    if (email := address(annotated)) is not None:
        return None, email
    return (annotated if _LABEL.search(annotated) else None), None


def _kind(model: str, flex: bool) -> Kind:
    if re.search(r"chromebox|chromebase|chromebit", model, re.IGNORECASE):
        return Kind.DESKTOP
    return Kind.LAPTOP if flex else Kind.CHROMEBOOK


def _maker(model: str) -> str | None:
    """The maker's name that starts a model's; Google lists no field for it."""
    words = model.split()
    if len(words) < 2 or words[0].lower().startswith("chrome") or not words[0][0].isalpha():
        return None
    return words[0]
