"""Phones and tablets of a Google console: the city's own (Cloud Identity), people's own (Directory). Source: contracts/google.md 6.

Of a private phone only what ties it to the account and tells whether it is safe is kept.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from collectors.google_people import address
from collectors.rows import claim_set, moment, stored
from devreg.domain import identifiers
from devreg.domain.device import Kind, Ownership
from devreg.domain.observation import Identifier, Observation, Subject
from devreg.ports import Record
from devreg.text import clean

COMPANY_PART: Final = "clouddevices"
PERSONAL_PART: Final = "mobiledevices"


class CompanyPhone(msgspec.Struct, frozen=True, rename="camel"):
    """The fields of a Cloud Identity device that are asked for and kept."""

    name: str
    """`devices/…`"""
    device_type: str | None = None
    owner_type: str | None = None
    management_state: str | None = None
    serial_number: str | None = None
    asset_tag: str | None = None
    imei: str | None = None
    meid: str | None = None
    wifi_mac_addresses: tuple[str, ...] | None = None
    manufacturer: str | None = None
    model: str | None = None
    os_version: str | None = None
    security_patch_time: str | None = None
    encryption_state: str | None = None
    create_time: str | None = None
    last_sync_time: str | None = None
    user_email: str | None = None
    """Ours: the account that uses it."""


class PersonalPhone(msgspec.Struct, frozen=True, rename="camel"):
    """The fields of a user-owned device that are asked for and kept. Never on it: its owner's name, numbers, networks, programs."""

    resource_id: str
    type: str | None = None
    status: str | None = None
    serial_number: str | None = None
    imei: str | None = None
    meid: str | None = None
    model: str | None = None
    os: str | None = None
    email: tuple[str, ...] | None = None
    last_sync: str | None = None


_OURS: Final = frozenset({"userEmail"})
COMPANY_KEYS: Final = tuple(
    field.encode_name for field in msgspec.structs.fields(CompanyPhone) if field.encode_name not in _OURS
)
PERSONAL_KEYS: Final = tuple(field.encode_name for field in msgspec.structs.fields(PersonalPhone))
_SYSTEMS: Final = {"ANDROID": "Android", "IOS": "iOS"}
_OVER: Final = frozenset({"WIPED", "UNPROVISIONED", "DELETED", "ACCOUNT_WIPED", "DEPROVISIONED"})
_MANAGED: Final = frozenset({"APPROVED", "BLOCKED", "WIPING"})
_TABLET: Final = re.compile(r"\b(?:ipad|tab|tablet|pad|matepad)\b|^sm-[txp]\d", re.IGNORECASE)


def name_of(row: Any) -> str:
    """`devices/…`; "" when the row has no such name."""
    name = row.get("name") if isinstance(row, dict) else None
    return name if isinstance(name, str) else ""


def is_company_phone(row: Any, inventory: Mapping[str, Any]) -> bool:
    """Whether the row of Cloud Identity is a phone or tablet of the city; that list has computers and private phones too."""
    if not isinstance(row, dict) or str(row.get("deviceType")) not in _SYSTEMS:
        return False
    return row.get("ownerType") == "COMPANY" or name_of(row) in inventory


def users_by_device(rows: Iterable[Any]) -> dict[str, str]:
    """`devices/…` -> address of its first user."""
    found: dict[str, str] = {}
    for row in rows:
        if (name := name_of(row)) and (email := address(row.get("userEmail"))):
            found.setdefault(name.partition("/deviceUsers/")[0], email)
    return found


def company_record(row: Any, users: Mapping[str, str]) -> Record:
    """A row of Cloud Identity as a record. Raises Broken when it is not one."""
    kept = stored(row, CompanyPhone, COMPANY_KEYS)
    if user := users.get(kept["name"]):
        kept["userEmail"] = user
    volatile = {key: kept.pop(key) for key in ("lastSyncTime",) if key in kept}
    return Record(Subject.DEVICE, kept["name"], kept, volatile, part=COMPANY_PART)


def personal_record(row: Any) -> Record:
    """A row of mobiledevices as a record. Raises Broken when it is not one."""
    kept = stored(row, PersonalPhone, PERSONAL_KEYS)
    volatile = {key: kept.pop(key) for key in ("lastSync",) if key in kept}
    return Record(Subject.DEVICE, kept["resourceId"], kept, volatile, part=PERSONAL_PART)


def observe_company(phone: CompanyPhone) -> Observation:
    """A phone of the city."""
    macs = [identifiers.mac(text) for text in phone.wifi_mac_addresses or ()]
    state = _state(phone.management_state)
    return Observation(
        Subject.DEVICE,
        keys=(
            *_keys(phone.serial_number, phone.imei, phone.meid),
            *dict.fromkeys(mac for mac in macs if mac),
            *((tag,) if (tag := identifiers.asset_tag(clean(phone.asset_tag))) else ()),
        ),
        claims=claim_set(
            kind=_kind(phone.model),
            manufacturer=clean(phone.manufacturer),
            model=clean(phone.model),
            serial=clean(phone.serial_number) if identifiers.serial(phone.serial_number) else None,
            imei=clean(phone.imei) if identifiers.imei(phone.imei) else None,
            meid=clean(phone.meid) if identifiers.meid(phone.meid) else None,
            mac=next((identifiers.mac_text(mac.value) for mac in macs if mac), None),
            asset_tag=clean(phone.asset_tag),
            os=_SYSTEMS.get(phone.device_type or ""),
            os_version=clean(phone.os_version),
            security_patch=(clean(phone.security_patch_time) or "")[:10],
            encrypted={"ENCRYPTED": True, "NOT_ENCRYPTED": False}.get(phone.encryption_state or ""),
            management_state=clean(phone.management_state, 100),
            enrolled_at=moment(phone.create_time),
            ownership=Ownership.COMPANY.value,
            holder_email=address(phone.user_email),
        ),
        as_of=moment(phone.last_sync_time) or moment(phone.create_time),
        live=state not in _OVER,
        manages=state in _MANAGED,
    )


def observe_personal(phone: PersonalPhone) -> Observation:
    """A private phone with a work account. It may have several rows, one a user."""
    state = _state(phone.status)
    return Observation(
        Subject.DEVICE,
        keys=_keys(phone.serial_number, phone.imei, phone.meid),
        claims=claim_set(
            kind=_kind(phone.model),
            model=clean(phone.model),
            serial=clean(phone.serial_number) if identifiers.serial(phone.serial_number) else None,
            imei=clean(phone.imei) if identifiers.imei(phone.imei) else None,
            meid=clean(phone.meid) if identifiers.meid(phone.meid) else None,
            os=_SYSTEMS.get((phone.type or "").upper().removesuffix("_SYNC")),
            os_version=clean(phone.os),
            management_state=clean(phone.status, 100),
            ownership=Ownership.PERSONAL.value,
            holder_email=next((email for text in phone.email or () if (email := address(text))), None),
        ),
        as_of=moment(phone.last_sync),
        live=state not in _OVER,
        manages=state in _MANAGED,
    )


def _keys(serial: str | None, imei: str | None, meid: str | None) -> tuple[Identifier, ...]:
    found = (identifiers.serial(serial), identifiers.imei(imei), identifiers.meid_or_imei(meid))
    return tuple(dict.fromkeys(key for key in found if key))


def _state(word: str | None) -> str:
    return (word or "").upper().replace(" ", "_")


def _kind(model: str | None) -> Kind:
    return Kind.TABLET if _TABLET.search(model or "") else Kind.PHONE
