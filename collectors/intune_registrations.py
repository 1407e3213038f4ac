"""What people sign in with, as Entra knows it: registered or joined, and perhaps managed by nothing. Source: contracts/intune.md 3.3, 11.

A registration is no device of the register; it is tied to one by `deviceId`, the enrolment's `azureADDeviceId`. Of people's own devices
the name is not kept. Read whole, not by delta: docs/decisions/0008.
"""

from typing import Any, Final

import msgspec

from collectors.intune_map import address, directory_id, kind_of, said
from collectors.rows import claim_set, moment, stored
from devreg.domain.observation import Observation, Subject
from devreg.ports import Record
from devreg.text import clean

PART: Final = "registrations"
EXPAND: Final = "registeredOwners($select=id,userPrincipalName)"
"""There is one owner at most: who registered it."""


class _Owner(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    user_principal_name: str | None = None


class Registration(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """The fields of a directory device that are asked for and kept."""

    id: str
    device_id: str | None = None
    """Not `id`: this is what an enrolment calls azureADDeviceId."""
    display_name: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    operating_system: str | None = None
    operating_system_version: str | None = None
    trust_type: str | None = None
    device_ownership: str | None = None
    is_managed: bool | None = None
    is_compliant: bool | None = None
    account_enabled: bool | None = None
    registration_date_time: str | None = None
    approximate_last_sign_in_date_time: str | None = None
    registered_owners: tuple[_Owner, ...] = ()


REGISTRATION_KEYS: Final = tuple(field.encode_name for field in msgspec.structs.fields(Registration))
SELECTED: Final = tuple(key for key in REGISTRATION_KEYS if key != "registeredOwners")
_VOLATILE: Final = "approximateLastSignInDateTime"


def registration_record(row: Any) -> Record:
    """A row of /devices as a record. Raises Broken when it is not one."""
    kept = stored(row, Registration, REGISTRATION_KEYS)
    owners = msgspec.convert(kept, Registration, strict=False).registered_owners
    kept["registeredOwners"] = [
        {"userPrincipalName": owner.user_principal_name} for owner in owners if owner.user_principal_name
    ]
    if kept.get("deviceOwnership") != "Company":
        kept.pop("displayName", None)
    volatile = {_VOLATILE: kept.pop(_VOLATILE)} if _VOLATILE in kept else {}
    return Record(Subject.REGISTRATION, kept["id"], kept, volatile, part=PART)


def observe_registration(record: Record) -> Observation:
    """A stored registration as claims. Raises msgspec.ValidationError when it can't be read."""
    seen = msgspec.convert({**record.body, **record.volatile}, Registration, strict=False)
    maker, model, system = clean(seen.manufacturer), clean(seen.model), clean(seen.operating_system)
    claims = claim_set(
        directory_id=directory_id(seen.device_id),
        name=clean(seen.display_name),
        manufacturer=maker,
        model=model,
        os=system,
        os_version=clean(seen.operating_system_version),
        kind=kind_of(system or "", maker or "", model or ""),
        trust=said(seen.trust_type),
        ownership={"Company": "company", "Personal": "personal"}.get(seen.device_ownership or ""),
        managed=seen.is_managed,
        compliant=seen.is_compliant,
        enabled=seen.account_enabled,
        owner_email=next(
            (found for owner in seen.registered_owners if (found := address(owner.user_principal_name))), None
        ),
        registered_at=moment(seen.registration_date_time),
        signed_in_at=moment(seen.approximate_last_sign_in_date_time),
    )
    return Observation(Subject.REGISTRATION, claims=claims)
