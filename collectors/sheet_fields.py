"""The field names a sheet's profile may use, and how a cell becomes a value of each. Source: interface.md section 3."""

import difflib
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Final

import msgspec

from collectors.sheet_cells import (
    Cell,
    boolean,
    count,
    day,
    decimal,
    identifier,
    instant,
    money_cents,
    percent,
    text,
    word,
)
from devreg.domain.device import Stage
from devreg.domain.fields import DEVICE_FIELDS, TYPED_AS, Field
from devreg.domain.observation import IdKind, Subject, Value
from devreg.domain.sorting import fold
from devreg.errors import Broken
from devreg.i18n import N_
from devreg.settings import Profile
from devreg.text import clean

Parse = Callable[[Cell], Value | None]
"""A cell's value; None for an empty cell. Raises ValueError saying what is allowed."""


class SheetField(msgspec.Struct, frozen=True):
    """One name a profile may map a column to."""

    name: str
    key: str
    """Where the value stands in the record: the device field, or prefix and name of the others; money in cents."""
    subject: Subject
    parse: Parse


MATCHABLE: Final = ("serial", "imei", "imei2", "meid", "mac", "asset_tag", "phone_number", "iccid", "native_id")
_CONTRACT: Final[dict[str, Parse]] = {
    "number": identifier, "kind": word("contract_kind", ("lease", "support", "warranty", "subscription")), "supplier": text,
    "start": day, "end": day, "months": count, "notice_days": count, "notice_months": count,
    "renewal_months": count, "vat_rate": percent, "return_days": count, "monthly_fee": money_cents,
    "residual": money_cents, "extension_fee": money_cents, "damage_fee": money_cents, "missing_fee": money_cents, "insured": boolean,
}  # fmt: skip
_UNIT: Final = ("id", "name_fi", "name_sv", "kind", "language", "campus", "parent")
_HEADCOUNT: Final[dict[str, Parse]] = {
    "unit": text, "stage": word("stage", Stage), "date": day, "pupils": count, "groups": decimal, "staff": decimal,
}  # fmt: skip
_IDENTIFYING: Final = {*IdKind, "imei2", "phone_number", "iccid", "order_number"}


def _device_parse(field: Field) -> Parse:
    if field.members is not None:
        return word(field.name, field.members)
    if field.name in _IDENTIFYING:
        return identifier
    by_type: dict[type, Parse] = {date: day, datetime: instant, bool: boolean, int: count, float: percent}
    return by_type.get(field.value_type, text)


def _all() -> Iterable[SheetField]:
    for field in DEVICE_FIELDS.values():
        if field.name == "price_cents":
            yield SheetField(TYPED_AS[field.name], field.name, Subject.DEVICE, money_cents)
        else:
            yield SheetField(field.name, field.name, Subject.DEVICE, _device_parse(field))
    yield SheetField("native_id", "native_id", Subject.DEVICE, identifier)
    for name, parse in _CONTRACT.items():
        key = f"contract.{name}_cents" if parse is money_cents else f"contract.{name}"
        yield SheetField(f"contract.{name}", key, Subject.DEVICE, parse)
        if name != "kind":
            yield SheetField(f"lease.{name}", key, Subject.DEVICE, parse)
    for name in _UNIT:
        yield SheetField(f"unit.{name}", f"unit.{name}", Subject.UNIT, text)
    for name, parse in _HEADCOUNT.items():
        yield SheetField(f"headcount.{name}", f"headcount.{name}", Subject.HEADCOUNT, parse)


FIELDS: Final[dict[str, SheetField]] = {field.name: field for field in _all()}


def members_of(name: str) -> tuple[str, ...]:
    """The closed set that a cell of this field is one of; empty where there is none."""
    field = DEVICE_FIELDS.get(name)
    if field is not None and field.members is not None:
        return tuple(map(str, field.members))
    return tuple(map(str, Stage)) if name == "headcount.stage" else ()


def subject_of(profile: Profile) -> Subject:
    """What a sheet lists: the subject of the fields its profile names."""
    return next((FIELDS[name].subject for name in profile.fields if name in FIELDS), Subject.DEVICE)


def check_profile(profile: Profile) -> list[str]:
    """Everything wrong in a profile, as sentences; empty when it can be used."""
    names = [*profile.fields, *profile.defaults]
    faults = [_unknown(name, FIELDS) for name in dict.fromkeys(names) if name not in FIELDS]
    faults += [N_(f"columns name {name} twice") for name in _repeated(profile.columns.values())]
    subjects = {FIELDS[name].subject for name in names if name in FIELDS}
    if len(subjects) > 1:
        faults.append(N_(f"columns mix {', '.join(sorted(subjects))}: one profile lists one kind of thing"))
    faults += [N_(f"required: {name} is not in names") for name in profile.required if name not in profile.names]
    return faults + _shared_names(profile) + _match_faults(profile) + _default_faults(profile)


def _shared_names(profile: Profile) -> list[str]:
    by_name: dict[str, str] = {}
    listed = [(header(name), field) for field, names in profile.names.items() for name in names]
    return [
        N_(f"names: “{name}” could be {by_name[name]} or {field}")
        for name, field in listed
        if by_name.setdefault(name, field) != field
    ]


def header(cell: object) -> str:
    """A column's name for comparing: case, accents, blanks and a mark at its end put aside; "" for an empty cell."""
    return "" if cell is None else fold(clean(str(cell)) or "").rstrip(" *:")


def _match_faults(profile: Profile) -> list[str]:
    allowed = {
        Subject.UNIT: ("unit.id",),
        Subject.HEADCOUNT: ("headcount.unit",),
    }.get(subject_of(profile), MATCHABLE)
    faults = [] if profile.match else [N_("match names no field")]
    for name in profile.match:
        if name not in allowed:
            faults.append(N_(f"match: {name} does not identify a row; allowed: {', '.join(allowed)}"))
        elif name not in profile.fields:
            faults.append(N_(f"match: no column is mapped to {name}"))
    return faults


def _default_faults(profile: Profile) -> list[str]:
    faults = []
    for name, value in profile.defaults.items():
        try:
            if name in FIELDS:
                FIELDS[name].parse(value)
        except ValueError as error:
            faults.append(f"defaults: {name}: {error}")
    return faults


def _unknown(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return N_(f"{name} is no field; did you mean {near[0]}?") if near else N_(f"{name} is no field")


def _repeated(names: Iterable[str]) -> list[str]:
    listed = list(names)
    return sorted({name for name in listed if listed.count(name) > 1})


def defaults_of(profile: Profile) -> dict[str, Value]:
    """The profile's defaults as values by record key. Raises Broken for one that can't be used (wiring reports it earlier)."""
    try:
        parsed = {FIELDS[name].key: FIELDS[name].parse(value) for name, value in profile.defaults.items()}
    except (KeyError, ValueError) as error:
        raise Broken(f"A default of the profile can't be used: {error}.") from error
    lease = any(name.startswith("lease.") for name in profile.fields)
    said = {key: value for key, value in parsed.items() if value is not None}
    return {"contract.kind": "lease", **said} if lease else said
