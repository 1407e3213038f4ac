"""Google's rows as records, and records as observations: what is asked for, kept, claimed. Source: contracts/google.md sections 3, 9."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

import msgspec

from collectors.rows import Size, claim_set, moment, stored
from devreg.domain import identifiers
from devreg.domain.device import Kind
from devreg.domain.observation import Observation, Subject, Value
from devreg.errors import Broken
from devreg.ports import Record
from devreg.text import clean


class DiskSpace(msgspec.Struct, frozen=True, rename="camel"):
    """The size of the disk; what is used on it changes all day and is not asked for."""

    capacity_bytes: Size | None = None


class ChromeOsDevice(msgspec.Struct, frozen=True, rename="camel"):
    """The fields of a device that are asked for and kept: this list is the allow-list.

    Never on it: recent users, active times, network addresses, files and screenshots (pupils are minors), free notes.
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


class Name(msgspec.Struct, frozen=True, rename="camel"):
    """A user's name."""

    full_name: str | None = None


class User(msgspec.Struct, frozen=True, rename="camel"):
    """The fields of a user that are asked for and kept."""

    id: str
    primary_email: str | None = None
    name: Name | None = None
    suspended: bool | None = None
    archived: bool | None = None


DEVICE_KEYS: Final = tuple(field.encode_name for field in msgspec.structs.fields(ChromeOsDevice))
USER_KEYS: Final = tuple(field.encode_name for field in msgspec.structs.fields(User))
DEVICE_FIELDS: Final = ",".join(DEVICE_KEYS).replace("diskSpaceUsage", "diskSpaceUsage/capacityBytes")
USER_FIELDS: Final = ",".join("name/fullName" if key == "name" else key for key in USER_KEYS)
_VOLATILE: Final = frozenset({"lastSync"})
_OVER: Final = frozenset({"DEPROVISIONED", "RETURN_ARRIVED", "RETURN_REQUESTED"})
"""Statuses of devices that have left the console; their old data stays in the list."""
_MANAGED: Final = frozenset({"ACTIVE", "DISABLED"})
"""DELINQUENT gets no policies, PRE_PROVISIONED and INACTIVE are not enrolled."""


def unit_key(unit_id: str) -> str:
    """The id of an organisational unit as devices name it: without the prefix that the list of units has."""
    return unit_id.removeprefix("id:")


def device_record(row: Any, paths: Mapping[str, str]) -> Record:
    """A row of chromeosdevices as a record, its unit under the path it has now. Raises Broken when it is not one."""
    kept = stored(row, ChromeOsDevice, DEVICE_KEYS)
    if "orgUnitId" in kept:
        kept["orgUnitId"] = unit_key(kept["orgUnitId"])
        if path := paths.get(kept["orgUnitId"]):
            kept["orgUnitPath"] = path
    if "diskSpaceUsage" in kept:
        kept["diskSpaceUsage"] = {"capacityBytes": kept["diskSpaceUsage"].get("capacityBytes")}
    volatile = {key: kept.pop(key) for key in _VOLATILE if key in kept}
    return Record(Subject.DEVICE, kept["deviceId"], kept, volatile, part="chromeosdevices")


def user_record(row: Any) -> Record:
    """A row of users as a record. Raises Broken when it is not one."""
    kept = stored(row, User, USER_KEYS)
    if "name" in kept:
        kept["name"] = {"fullName": kept["name"].get("fullName")}
    return Record(Subject.PERSON, kept["id"], kept, part="users")


def observe(record: Record) -> Observation:
    """A stored record as identifiers and claims. Raises Broken when it makes no sense."""
    try:
        if record.subject is Subject.PERSON:
            return _person(msgspec.convert(record.body, User, strict=False))
        return _device(msgspec.convert({**record.body, **record.volatile}, ChromeOsDevice, strict=False))
    except msgspec.ValidationError as error:
        raise Broken(f"The record {record.native_id} can't be read: {error}.") from error


def _person(user: User) -> Observation:
    active = None if user.suspended is None else not (user.suspended or user.archived)
    email = (clean(user.primary_email) or "").lower()
    return Observation(
        Subject.PERSON,
        claims=claim_set(name=clean(user.name.full_name) if user.name else None, email=email, active=active),
    )


def _device(device: ChromeOsDevice) -> Observation:
    found = [
        identifiers.serial(device.serial_number),
        identifiers.meid_or_imei(device.meid),
        identifiers.mac(device.mac_address),
        identifiers.asset_tag(clean(device.annotated_asset_id)),
    ]
    unit = clean(device.org_unit_path)
    return Observation(
        Subject.DEVICE,
        keys=tuple(key for key in found if key),
        claims=_claims(device),
        as_of=moment(device.last_sync) or moment(device.last_enrollment_time),
        live=(device.status or "").upper() not in _OVER,
        manages=(device.status or "").upper() in _MANAGED,
        facts={"org_unit": unit} if unit else {},
    )


def _claims(device: ChromeOsDevice) -> dict[str, Value]:
    model = clean(device.model)
    mac = identifiers.mac(device.mac_address)
    flex = (device.chrome_os_type or "").lower() == "chromeosflex"
    holder, email = _holder(clean(device.annotated_user))
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
        support_end=_support_end(device),
        ram_bytes=device.system_ram_total or None,
        storage_bytes=(device.disk_space_usage.capacity_bytes if device.disk_space_usage else None) or None,
        management_state=clean(device.status, 100),
        enrolled_at=moment(device.last_enrollment_time),
        licence=_licence(clean(device.device_license_type, 100)),
        holder=holder,
        holder_email=email,
        org_unit=clean(device.org_unit_path),
        room=clean(device.annotated_location),
        order_number=clean(device.order_number),
    )


def _support_end(device: ChromeOsDevice) -> date | None:
    """The auto-update expiry. Milliseconds are read as a UTC day: local time would move it (contracts/google.md section 3)."""
    through = device.auto_update_through or ""
    try:
        return date.fromisoformat(through[:10])
    except ValueError:
        millis = device.auto_update_expiration
    try:
        return datetime.fromtimestamp(millis / 1000, UTC).date() if millis and millis > 0 else None
    except (OverflowError, OSError, ValueError):
        return None


def _licence(word: str | None) -> str | None:
    return None if word is None or word.lower().endswith("unspecified") else word


_LABEL: Final = re.compile(r"[^\W\d_]{2,}")
"""Two letters in a row: `5B-12` is a place in a trolley, not somebody."""


def _holder(annotated: str | None) -> tuple[str | None, str | None]:
    """Name and address from a free text field; neither when it holds neither."""
    if annotated is None:
        return None, None
    if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", annotated):
        return None, annotated.lower()
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
