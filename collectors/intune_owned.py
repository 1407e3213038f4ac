"""What a tenant says it owns, enrolled or not: Autopilot, corporate identifiers, Apple's purchases. Source: contracts/intune.md 3.3, 11.

Each is a list: it names a device by what is printed on it, and never talked to it.
"""

from typing import Any, Final

import msgspec

from collectors.intune_map import address, kind_of, said
from collectors.rows import claim_set, stored
from devreg.domain import identifiers
from devreg.domain.device import Ownership
from devreg.domain.observation import Identifier, IdKind, Observation, Subject
from devreg.errors import Broken
from devreg.ports import Record
from devreg.text import clean

AUTOPILOT: Final = "autopilot"
IDENTIFIERS: Final = "corporate identifiers"
APPLE: Final = "apple devices"
PARTS: Final = frozenset({AUTOPILOT, IDENTIFIERS, APPLE})


class AutopilotIdentity(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """The fields of a windowsAutopilotDeviceIdentity that are asked for and kept."""

    id: str
    serial_number: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    group_tag: str | None = None
    purchase_order_identifier: str | None = None
    enrollment_state: str | None = None
    user_principal_name: str | None = None


class ImportedIdentity(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """The fields of an importedDeviceIdentity that are asked for and kept; its free text is not."""

    id: str
    imported_device_identifier: str | None = None
    imported_device_identity_type: str | None = None
    enrollment_state: str | None = None
    platform: str | None = None


class AppleIdentity(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """The fields of an importedAppleDeviceIdentity that are asked for and kept."""

    id: str
    serial_number: str | None = None
    enrollment_state: str | None = None
    is_deleted: bool | None = None
    """Taken off Apple's list: sold or given away."""
    platform: str | None = None


_SHAPES: Final[dict[str, type[msgspec.Struct]]] = {
    AUTOPILOT: AutopilotIdentity, IDENTIFIERS: ImportedIdentity, APPLE: AppleIdentity,
}  # fmt: skip
OWNED_KEYS: Final = {
    part: tuple(field.encode_name for field in msgspec.structs.fields(shape)) for part, shape in _SHAPES.items()
}


def owned_record(row: Any, part: str) -> Record:
    """A row of one of the lists as a record of its own, beside the enrolment's. Raises Broken when it is not one, or names no device."""
    kept = stored(row, _SHAPES[part], OWNED_KEYS[part])
    record = Record(Subject.DEVICE, f"{part}:{kept['id']}", kept, part=part)
    if not observe_owned(record).keys:
        raise Broken("It has no identifier that a device could be known by.")
    return record


def observe_owned(record: Record) -> Observation:
    """A stored record of one of the lists as identifiers and claims. Raises msgspec.ValidationError when it can't be read."""
    match msgspec.convert(record.body, _SHAPES[record.part], strict=False):
        case AutopilotIdentity() as owned:
            return _autopilot(owned)
        case ImportedIdentity() as owned:
            return _imported(owned)
        case AppleIdentity() as owned:
            return _apple(owned)
        case other:
            raise AssertionError(other)


def _autopilot(owned: AutopilotIdentity) -> Observation:
    maker, model, tag = clean(owned.manufacturer), clean(owned.model), clean(owned.group_tag)
    return _listed(
        identifiers.serial(owned.serial_number),
        owned.enrollment_state,
        facts={"group_tag": tag} if tag else {},
        serial=clean(owned.serial_number),
        manufacturer=maker,
        model=model,
        kind=kind_of("windows", maker or "", model or "") if model else None,
        order_number=clean(owned.purchase_order_identifier),
        holder_email=address(owned.user_principal_name),
    )


def _imported(owned: ImportedIdentity) -> Observation:
    """Its identifier may be several things in one, such as `maker,model,serial`; what is neither IMEI nor serial number is not used."""
    text = owned.imported_device_identifier
    match owned.imported_device_identity_type:
        case "imei":
            return _listed(identifiers.imei(text), owned.enrollment_state, imei=clean(text))
        case "serialNumber":
            return _listed(identifiers.serial(text), owned.enrollment_state, serial=clean(text))
        case "manufacturerModelSerial" if text is not None and text.count(",") == 2:
            maker, model, serial = (clean(part) for part in text.split(","))
            return _listed(
                identifiers.serial(serial), owned.enrollment_state, manufacturer=maker, model=model, serial=serial
            )
        case _:
            return _listed(None, owned.enrollment_state)


def _apple(owned: AppleIdentity) -> Observation:
    serial = clean(owned.serial_number)
    return _listed(
        identifiers.serial(serial),
        owned.enrollment_state,
        live=not owned.is_deleted,
        serial=serial,
        manufacturer="Apple",
    )


def _listed(
    key: Identifier | None, state: str | None, *, live: bool = True, facts: dict[str, str] | None = None, **claims: Any
) -> Observation:
    """What a list says: an identifier that is no usable one is not claimed either, nor `enrolled`, which is the enrolment's to say."""
    identified = {IdKind.SERIAL: "serial", IdKind.IMEI: "imei"}
    named = {
        name: value
        for name, value in claims.items()
        if name not in identified.values() or (key and name == identified[key.kind])
    }
    return Observation(
        Subject.DEVICE,
        keys=(key,) if key else (),
        claims=claim_set(
            ownership=str(Ownership.COMPANY), management_state=None if state == "enrolled" else said(state), **named
        ),
        live=live,
        listed=True,
        facts=facts or {},
    )
