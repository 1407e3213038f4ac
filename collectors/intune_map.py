"""Graph's rows as records, and records as observations: what is asked for, kept, claimed. Source: contracts/intune.md section 4."""

import re
from collections.abc import Mapping
from datetime import UTC, tzinfo
from typing import Any, Final

import msgspec

from collectors.rows import Size, claim_set, moment, stored
from devreg.domain import identifiers
from devreg.domain.device import Kind, Ownership
from devreg.domain.observation import Observation, Subject, Value
from devreg.errors import Broken
from devreg.ports import Record
from devreg.text import clean


class ManagedDevice(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """The fields of a managedDevice that are asked for and kept: this list is the allow-list.

    Never on it: location, installed apps, passcodes and bypass codes, hardware networks.
    """

    id: str
    device_name: str | None = None
    serial_number: str | None = None
    imei: str | None = None
    meid: str | None = None
    wi_fi_mac_address: str | None = None
    ethernet_mac_address: str | None = None
    """This, iccid and the memory are blank in lists: see `DETAIL_KEYS`."""
    iccid: str | None = None
    physical_memory_in_bytes: Size | None = None
    manufacturer: str | None = None
    model: str | None = None
    operating_system: str | None = None
    os_version: str | None = None
    android_security_patch_level: str | None = None
    managed_device_owner_type: str | None = None
    management_state: str | None = None
    management_agent: str | None = None
    compliance_state: str | None = None
    device_enrollment_type: str | None = None
    enrolled_date_time: str | None = None
    last_sync_date_time: str | None = None
    management_certificate_expiration_date: str | None = None
    device_category_display_name: str | None = None
    azure_a_d_device_id: str | None = msgspec.field(default=None, name="azureADDeviceId")
    user_id: str | None = None
    user_principal_name: str | None = None
    user_display_name: str | None = None
    phone_number: str | None = None
    subscriber_carrier: str | None = None
    is_encrypted: bool | None = None
    is_supervised: bool | None = None
    jail_broken: str | None = None
    total_storage_space_in_bytes: Size | None = None
    free_storage_space_in_bytes: Size | None = None
    department: str | None = None
    """Ours: the department of the device's user."""
    detailed: bool | None = None
    """Ours: what lists leave blank was asked for since the rest was as it is now."""


class User(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """The fields of a user that are asked for and kept."""

    id: str
    display_name: str | None = None
    user_principal_name: str | None = None
    mail: str | None = None
    department: str | None = None
    account_enabled: bool | None = None
    employee_leave_date_time: str | None = None
    deleted_date_time: str | None = None
    """Only of people in Entra's recycle bin, which keeps them for 30 days."""


USERS: Final = "users"
"""The part of the source that people are read from."""
DETAIL_KEYS: Final = ("ethernetMacAddress", "iccid", "physicalMemoryInBytes")
"""What lists leave blank and a single read tells. Source: contracts/intune.md 3.1."""
_OURS: Final = frozenset({"department", "detailed"})
_VOLATILE: Final = frozenset({"lastSyncDateTime", "freeStorageSpaceInBytes"})
"""Different at each check-in; managementCertificateExpirationDate and versions change with events worth a line of history."""
DEVICE_KEYS: Final = tuple(
    field.encode_name
    for field in msgspec.structs.fields(ManagedDevice)
    if field.encode_name not in _OURS.union(DETAIL_KEYS)
)
USER_KEYS: Final = tuple(field.encode_name for field in msgspec.structs.fields(User))

_OVER: Final = frozenset({"retireIssued", "wipeIssued", "deletePending"})
"""States in which the record waits to vanish: a later enrolment of the same phone is the live one. While a retire or wipe is only
pending the device is as managed as before, and may stay so (contracts/intune.md section 8)."""
_NOT_MANAGING: Final = frozenset({"eas", "jamf", "configurationManagerClient", "msSense", "google", "unknown"})
"""Agents through which Intune lists a device that something else manages, or nothing does."""
_DELETED_USER: Final = re.compile(r"^[0-9a-f]{32}(?=[^@]+@)", re.IGNORECASE)
"""Entra puts the user's id before the name of a deleted user."""


def device_record(row: Any, departments: Mapping[str, str | None]) -> Record:
    """A row of managedDevices as a record. Raises Broken when it is not one."""
    kept = stored(row, ManagedDevice, DEVICE_KEYS)
    if kept.get("managedDeviceOwnerType") == "personal":
        kept.pop("phoneNumber", None)  # a private number is not the city's to keep
    department = departments.get(kept.get("userId", ""))
    if department:
        kept["department"] = department
    volatile = {key: kept.pop(key) for key in _VOLATILE if key in kept}
    return Record(Subject.DEVICE, kept["id"], kept, volatile, part="devices")


def user_record(row: Any) -> Record:
    """A row of users as a record. Raises Broken when it is not one."""
    kept = stored(row, User, USER_KEYS)
    return Record(Subject.PERSON, kept["id"], kept, part=USERS)


def without_details(body: Mapping[str, Any]) -> dict[str, Any]:
    """What a list says of a device."""
    return {key: value for key, value in body.items() if key not in _OURS and key not in DETAIL_KEYS}


def with_details(record: Record, answer: Any) -> Record:
    """The record with what a single read of it said. Raises Broken when that is about something else, or can't be read."""
    told = stored(answer, ManagedDevice, ("id", *DETAIL_KEYS))
    if told.get("id") != record.native_id:
        raise Broken(f"The details of {record.native_id} are about another device.")
    return msgspec.structs.replace(record, body={**record.body, **told, "detailed": True})


def observe(record: Record, zone: tzinfo = UTC) -> Observation:
    """A stored record as identifiers and claims; a leave date is a day in `zone`. Raises Broken when it makes no sense."""
    try:
        if record.subject is Subject.PERSON:
            return _person(msgspec.convert(record.body, User, strict=False), zone)
        return _device(msgspec.convert({**record.body, **record.volatile}, ManagedDevice, strict=False))
    except msgspec.ValidationError as error:
        raise Broken(f"The record {record.native_id} can't be read: {error}.") from error


def _person(user: User, zone: tzinfo) -> Observation:
    upn, leaves = clean(user.user_principal_name), moment(user.employee_leave_date_time)
    is_deleted = moment(user.deleted_date_time) is not None
    claims = claim_set(
        name=clean(user.display_name),
        email=address(user.mail) or address(upn),
        upn=address(upn),
        department=clean(user.department),
        active=False if is_deleted else user.account_enabled,
        leave_date=leaves.astimezone(zone).date() if leaves else None,
    )
    return Observation(Subject.PERSON, claims=claims)


def _device(device: ManagedDevice) -> Observation:
    serial = identifiers.serial(device.serial_number)
    macs = [identifiers.mac(device.wi_fi_mac_address), identifiers.mac(device.ethernet_mac_address)]
    found = [serial, identifiers.imei(device.imei), identifiers.meid_or_imei(device.meid), *macs]
    category = clean(device.device_category_display_name)
    facts = claim_set(category=None if category == "Unknown" else category, department=clean(device.department))
    return Observation(
        Subject.DEVICE,
        keys=tuple(dict.fromkeys(key for key in found if key)),
        claims=_claims(device),
        as_of=moment(device.last_sync_date_time) or moment(device.enrolled_date_time),
        live=device.management_state not in _OVER,
        manages=_manages(device),
        facts={key: str(value) for key, value in facts.items()},
    )


def _manages(device: ManagedDevice) -> bool:
    gone = {*_OVER, "discovered", None}
    return device.management_state not in gone and device.management_agent not in {*_NOT_MANAGING, None}


def _claims(device: ManagedDevice) -> dict[str, Value]:
    system = clean(device.operating_system)
    mac = identifiers.mac(device.wi_fi_mac_address)
    apple = system in {"iOS", "iPadOS", "macOS"}
    return claim_set(
        name=clean(device.device_name),
        kind=kind_of(system or "", clean(device.manufacturer) or "", clean(device.model) or ""),
        manufacturer=clean(device.manufacturer),
        model=clean(device.model),
        serial=clean(device.serial_number) if identifiers.serial(device.serial_number) else None,
        imei=clean(device.imei) if identifiers.imei(device.imei) else None,
        meid=clean(device.meid) if identifiers.meid(device.meid) else None,
        mac=identifiers.mac_text(mac.value) if mac else None,
        phone_number=clean(device.phone_number),
        iccid=clean(device.iccid),
        ram_bytes=device.physical_memory_in_bytes or None,
        os=system,
        os_version=clean(device.os_version),
        security_patch=clean(device.android_security_patch_level),
        storage_bytes=device.total_storage_space_in_bytes or None,
        encrypted=device.is_encrypted,
        supervised=device.is_supervised if apple else None,  # elsewhere "false" says nothing
        compliance=said(device.compliance_state),
        management_state=said(device.management_state),
        enrolment=said(device.device_enrollment_type),
        enrolled_at=moment(device.enrolled_date_time),
        directory_id=directory_id(device.azure_a_d_device_id),
        ownership=_ownership(device.managed_device_owner_type),
        holder=clean(device.user_display_name),
        holder_email=address(device.user_principal_name),
    )


def said(word: str | None) -> str | None:
    """A member of an open set as the service writes it; its words for "not known" are not said."""
    cleaned = clean(word, 100)
    return None if cleaned in {"unknown", "unknownFutureValue"} else cleaned


def directory_id(text: str | None) -> str | None:
    """The id that the directory gives a device, in lower case; None for the one of zeros, which means that it has none."""
    bare = (clean(text, 100) or "").lower()
    return None if not bare.strip("0-") else bare


def _ownership(word: str | None) -> str | None:
    return word if word in tuple(Ownership) else None


def address(text: str | None) -> str | None:
    """A mail address or user name in lower case, without the mark of a deleted user; None when it is no address."""
    cleaned = clean(_DELETED_USER.sub("", (text or "").strip()), 320)
    return cleaned.lower() if cleaned and "@" in cleaned else None


_TABLET: Final = re.compile(r"\b(?:tab|tablet|pad|mediapad|matepad)\b|^sm-[txp]\d|^tb-?\w*\d|^lenovo tb", re.IGNORECASE)
"""Samsung SM-T, SM-X and SM-P, Lenovo TB; else the maker says tab or pad."""
_DESKTOP: Final = re.compile(
    r"optiplex|(?:elite|pro)desk|(?:elite|pro)one|think(?:centre|station)|ideacentre|esprimo|veriton|all[- ]in[- ]one|\baio\b|\bnuc\b"
    r"|\bmini pc\b|tower|workstation z|imac|mac ?mini|mac ?pro\d|mac ?studio|chromebox|chromebase",
    re.IGNORECASE,
)
_LENOVO_DESKTOP: Final = re.compile(r"^(?:10|11|12|30)[A-Z0-9]{2}", re.IGNORECASE)
"""First digits of Lenovo machine types: 10, 11 and 12 are ThinkCentre, 30 ThinkStation; ThinkPads are 20 and 21."""
_VIRTUAL: Final = re.compile(r"virtual machine|vmware|virtualbox|cloud pc|parallels|kvm", re.IGNORECASE)
_ROOM_MAKERS: Final = frozenset({"yealink", "poly", "polycom", "crestron", "logitech", "epos", "neat"})
"""Makers of meeting-room panels that run Android."""


def kind_of(system: str, maker: str, model: str) -> Kind | None:
    """What a device is, from its system and its model's name; None when the system is not one we know."""
    match system.casefold():
        case _ if _VIRTUAL.search(model):
            return Kind.OTHER
        case "ipados":
            return Kind.TABLET
        case "ios":
            return Kind.TABLET if model.casefold().startswith("ipad") else Kind.PHONE
        case _ if system.casefold().startswith("android"):
            if maker.casefold() in _ROOM_MAKERS:
                return Kind.OTHER
            return Kind.TABLET if _TABLET.search(model) else Kind.PHONE
        case "chromeos":
            return Kind.CHROMEBOOK
        case "windows" | "macos" | "linux":
            lenovo = maker.casefold().startswith("lenovo") and _LENOVO_DESKTOP.match(model)
            return Kind.DESKTOP if lenovo or _DESKTOP.search(model) else Kind.LAPTOP
        case _:
            return None
