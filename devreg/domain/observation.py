"""What a source says about one thing: identifiers and claims, cleaned, before anyone weighs them."""

from datetime import date, datetime
from enum import Enum, StrEnum
from typing import Final

import msgspec

Value = str | int | float | bool | date | datetime
"""A claimed value. Money is integer cents, sizes are bytes, times are aware UTC; "" and None are never claimed."""


class Nothing(Enum):
    """What a person says of a field that has no value: nobody holds the device. Not to be confused with nobody saying anything."""

    NOTHING = "nothing"


NOTHING: Final = Nothing.NOTHING


class Subject(StrEnum):
    """What a record is about."""

    DEVICE = "device"
    PERSON = "person"
    UNIT = "unit"
    HEADCOUNT = "headcount"
    SUBSCRIPTION = "subscription"
    """A telephone number that is paid for, in a row that names no device: a SIM card is none."""
    REGISTRATION = "registration"
    """A device as a directory knows it from signing in; a hint, never a device of its own."""
    VALUE = "value"
    """One field of a known device, as a person gives it; identity takes no notice of it."""


class IdKind(StrEnum):
    """Identifiers a device can be matched by, strongest first within `identity.LADDER`."""

    SERIAL = "serial"
    IMEI = "imei"
    MEID = "meid"
    MAC = "mac"
    ASSET_TAG = "asset_tag"


class Identifier(msgspec.Struct, frozen=True, order=True):
    """A cleaned identifier; equal identifiers are equal text."""

    kind: IdKind
    value: str

    @property
    def key(self) -> str:
        """`serial:PF3KX9AB`: how the store indexes it."""
        return f"{self.kind}:{self.value}"


class Port(msgspec.Struct, frozen=True, omit_defaults=True):
    """One interface of a network device. Source: IF-MIB, RFC 2863."""

    name: str
    """ifName, else ifDescr, else `if<ifIndex>`; unique within the device after the collector's tie-break."""
    if_index: int
    alias: str | None = None
    if_type: int | None = None
    """IANAifType number."""
    speed_bps: int | None = None
    admin: str | None = None
    """up, down, testing."""
    oper: str | None = None
    """up, down, testing, unknown, dormant, notPresent, lowerLayerDown."""
    mac: str | None = None


class Gauge(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something a device measures of itself: a supply's level, a battery's charge, free storage, a temperature."""

    index: str
    """Unique within the device: `supply.1.2`, `ups.charge`."""
    kind: str
    """supply, battery, load, temperature, memory, storage, ..."""
    name: str
    value: float | None = None
    """None: the device doesn't know, or says it in words (see `state`)."""
    maximum: float | None = None
    """The full amount, in the same unit; None where it is not said."""
    unit: str | None = None
    state: str | None = None
    """What it says in words: some left, unlimited, normal, low, depleted, on battery."""


class ContractClaim(msgspec.Struct, frozen=True, omit_defaults=True):
    """A contract as one row of a source describes it, for the device of the same row."""

    number: str
    kind: str
    """lease, support, warranty or subscription."""
    supplier: str | None = None
    start: date | None = None
    end: date | None = None
    months: int | None = None
    notice_days: int | None = None
    notice_months: int | None = None
    renewal_months: int | None = None
    """How long it goes on each time nobody gave notice."""
    vat_rate: float | None = None
    """VAT (in %) that the sums include; None: none."""
    return_days: int | None = None
    monthly_fee_cents: int | None = None
    residual_cents: int | None = None
    extension_fee_cents: int | None = None
    damage_fee_cents: int | None = None
    missing_fee_cents: int | None = None
    insured: bool | None = None


class Observation(msgspec.Struct, frozen=True, omit_defaults=True):
    """One record of a source, read as identifiers and claims.

    Pure and repeatable: the same stored record always gives the same observation, so the merged
    device can be rebuilt from stored records at any time.
    """

    subject: Subject
    keys: tuple[Identifier, ...] = ()
    claims: dict[str, Value] = {}
    """Field name (see `fields.DEVICE_FIELDS` and its siblings) -> value. A field not said is not there."""
    as_of: datetime | None = None
    """When the device itself last talked to the source (last sync, last enrolment); None when the source has no such time."""
    live: bool = True
    """False when the source itself says the record is history (deprovisioned, deleted): its claims yield to live ones."""
    manages: bool = False
    """The source manages the device now (policies, lock, wipe), not only lists it."""
    listed: bool = False
    """Somebody's list in a source that otherwise sees devices (Autopilot, Apple's purchases): whoever wrote it did not see the
    device, its claims yield to those who do, and its silence makes nothing missing."""
    facts: dict[str, str] = {}
    """What unit rules look at beside the claims: org_unit, org_unit_was (its path before it was renamed), group_tag, category,
    department, subnet (an address); of a device whose user stands there under another of their addresses: holder_alias; of a person's
    value: by, reason, until, none (the field that is said to have no value)."""
    contract: ContractClaim | None = None
    ports: tuple[Port, ...] = ()
    gauges: tuple[Gauge, ...] = ()
