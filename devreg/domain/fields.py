"""The fields a device, person, unit and head-count can have, each with its type and its label.

The one list: collectors may claim only these, sheets map their columns to these, screens label by these.
"""

from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import Final

import msgspec

from devreg.domain.device import Battery, Kind, Ownership, Stage, State, Use
from devreg.domain.observation import Value


class Held(StrEnum):
    """Who knows a field best; decides the default order of sources (see `provenance`)."""

    TECHNICAL = "technical"
    """The device itself tells, through the tool that manages it: model, operating system, memory."""
    CUSTODY = "custody"
    """Where it is and who has it: what people wrote down wins over what a tool guesses."""
    PURCHASE = "purchase"
    """Bought when, from whom, for how much: only papers know."""


class Field(msgspec.Struct, frozen=True):
    """One field of a device."""

    name: str
    label: str
    """English msgid."""
    held: Held
    value_type: type = str
    members: type[StrEnum] | None = None
    """The closed set of a word field."""


_T, _C, _P = Held.TECHNICAL, Held.CUSTODY, Held.PURCHASE

DEVICE_FIELDS: Final[dict[str, Field]] = {
    field.name: field
    for field in (
        Field("name", "Name", _T),
        Field("kind", "Kind", _T, members=Kind),
        Field("manufacturer", "Manufacturer", _T),
        Field("model", "Model", _T),
        Field("serial", "Serial number", _T),
        Field("imei", "IMEI", _T),
        Field("imei2", "Second IMEI", _T),
        Field("meid", "MEID", _T),
        Field("mac", "MAC address", _T),
        Field("asset_tag", "Asset tag", _C),
        Field("phone_number", "Phone number", _C),
        Field("iccid", "SIM card (ICCID)", _C),
        Field("os", "Operating system", _T),
        Field("os_version", "System version", _T),
        Field("support_end", "Support ends", _T, date),
        Field("ram_bytes", "Memory", _T, int),
        Field("storage_bytes", "Storage", _T, int),
        Field("encrypted", "Encrypted", _T, bool),
        Field("supervised", "Supervised", _T, bool),
        Field("compliance", "Compliance", _T),
        Field("management_state", "Management state", _T),
        Field("enrolment", "Enrolment type", _T),
        Field("enrolled_at", "Enrolled", _T, datetime),
        Field("directory_id", "Directory's device id", _T),
        Field("licence", "Licence", _T),
        Field("battery", "Battery", _T, members=Battery),
        Field("last_used", "Last used", _T, date),
        Field("days_used", "Days in use", _T, int),
        Field("last_user", "Last user", _T),
        Field("security_patch", "Security patch", _T),
        Field("address", "Network address", _T),
        Field("location", "Location", _T),
        Field("position", "Position in stack", _T, int),
        Field("stack", "Stack", _T),
        Field("managed_through", "Managed through", _T),
        Field("page_count", "Pages printed", _T, int),
        Field("state", "State", _C, members=State),
        Field("ownership", "Ownership", _T, members=Ownership),
        Field("holder", "Holder", _C),
        Field("holder_email", "Holder's e-mail", _C),
        Field("unit", "Unit", _C),
        Field("org_unit", "Organisational unit", _T),
        Field("use", "Use", _C, members=Use),
        Field("stage", "Stage", _C, members=Stage),
        Field("room", "Room", _C),
        Field("condition", "Condition", _C),
        Field("critical", "Critical", _C, bool),
        Field("notes", "Notes", _C),
        Field("purchase_date", "Purchase date", _P, date),
        Field("price_cents", "Price", _P, int),
        Field("vat_rate", "VAT rate", _P, float),
        Field("supplier", "Supplier", _P),
        Field("order_number", "Order number", _P),
    )
}
"""Every device field."""

TYPED_AS: Final = {"price_cents": "price"}
"""What people call a field where they enter it, if not by its name: `price` is in euros."""

DRIFTING: Final = frozenset({"page_count", "last_used", "days_used", "last_user"})
"""Fields that differ at each reading: kept current, without a line of history."""

PERSON_FIELDS: Final = frozenset({"email", "name", "department", "active", "leave_date", "upn"})
UNIT_FIELDS: Final = frozenset({"id", "name_fi", "name_sv", "kind", "language", "campus", "parent"})
SUBSCRIPTION_FIELDS: Final = frozenset({"phone_number", "iccid", "holder", "holder_email", "unit", "notes"})
REGISTRATION_FIELDS: Final = frozenset(
    {"directory_id", "name", "manufacturer", "model", "os", "os_version", "kind", "trust", "ownership", "owner_email"}
)
HEADCOUNT_FIELDS: Final = frozenset({"unit", "stage", "date", "pupils", "groups", "staff", "file", "file_hash"})


def parse_value(name: str, text: str) -> Value:
    """A device field's value from what a person typed. Raises ValueError saying what is allowed."""
    field = DEVICE_FIELDS[name]
    if field.members is not None:
        allowed = [str(member) for member in field.members]
        if text not in allowed:
            raise ValueError(f"{name} is one of {', '.join(allowed)}, not {text!r}.")
        return text
    try:
        return _READ[field.value_type](text)
    except ValueError:
        raise ValueError(f"{name} is written like {_EXAMPLES[field.value_type]}, not {text!r}.") from None


def _flag(text: str) -> bool:
    if text.lower() not in {"true", "false", "yes", "no"}:
        raise ValueError(text)
    return text.lower() in {"true", "yes"}


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


_READ: Final[dict[type, Callable[[str], Value]]] = {
    str: str, int: int, float: float, bool: _flag, date: date.fromisoformat, datetime: _moment
}  # fmt: skip
_EXAMPLES: Final = {int: "8", float: "25.5", bool: "yes", date: "2026-11-24", datetime: "2026-11-24T08:00:00+02:00"}
