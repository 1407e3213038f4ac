"""Rows of sheets as observations."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final

import msgspec

from collectors.rows import Size
from devreg.domain import identifiers
from devreg.domain.fields import DEVICE_FIELDS, SUBSCRIPTION_FIELDS
from devreg.domain.observation import ContractClaim, Identifier, IdKind, Observation, Subject, Value
from devreg.errors import Broken
from devreg.ports import MATCHED, Record
from devreg.text import clean

_KEYS: Final[dict[str, Callable[[object], Identifier | None]]] = {
    "serial": identifiers.serial,
    "imei": identifiers.imei,
    "imei2": identifiers.imei,
    "meid": identifiers.meid,
    "mac": identifiers.mac,
    "asset_tag": identifiers.asset_tag,
}
"""Fields that are identifiers too: claimed only when they identify something."""


Day = date
"""The name that a field called date leaves free."""


class _Unit(msgspec.Struct, frozen=True):
    id: str
    name_fi: str | None = None
    name_sv: str | None = None
    kind: str | None = None
    language: str | None = None
    campus: str | None = None
    parent: str | None = None


class _Headcount(msgspec.Struct, frozen=True):
    unit: str
    stage: str | None = None
    date: Day | None = None
    pupils: int | None = None
    groups: float | None = None
    staff: float | None = None
    file: str | None = None
    file_hash: str | None = None


_LARGEST: Final = 2**53


def native_id_of(subject: Subject, match: Iterable[str], body: Mapping[str, Any]) -> str | None:
    """The row's id: its first matching field with a value; None when it has none.

    A head-count's id adds stage and day, since a unit has one row for each.
    """
    if subject is Subject.HEADCOUNT:
        parts = [body.get(f"headcount.{name}") for name in ("unit", "stage", "date")]
        return " ".join(str(part) for part in parts if part is not None) if parts[0] is not None else None
    return next((value for name in match if (value := _matching(name, body.get(name))) is not None), None)


def _matching(name: str, value: Any) -> str | None:
    if value is None:
        return None
    if name in _KEYS:
        found = _KEYS[name](str(value))
        return found.value if found else None
    return str(value)


def observe(record: Record, source: str) -> Observation:
    """A stored row as identifiers, claims and contract. Raises Broken when it makes no sense."""
    try:
        match record.subject:
            case Subject.UNIT:
                return Observation(Subject.UNIT, claims=_said(msgspec.convert(_part(record.body, "unit."), _Unit)))
            case Subject.HEADCOUNT:
                counted = _part(record.body, "headcount.") | record.volatile
                return Observation(Subject.HEADCOUNT, claims=_said(msgspec.convert(counted, _Headcount)))
            case Subject.SUBSCRIPTION:
                return _subscription(record, source)
            case _:
                return _device(record, source)
    except (ValueError, TypeError, msgspec.ValidationError) as error:
        raise Broken(f"The row {record.native_id} can't be read: {error}.") from error


def is_number_alone(body: Mapping[str, Any]) -> bool:
    """Whether a row is about a telephone number and names no device that it is in: a SIM card is none."""
    names = (read(body.get(name)) for name, read in _KEYS.items())
    return body.get("contract.kind") == "subscription" and not any(names)


def _subscription(record: Record, source: str) -> Observation:
    claims = {name: text for name in SUBSCRIPTION_FIELDS if (text := clean(record.body.get(name)))}
    return Observation(
        Subject.SUBSCRIPTION, claims=dict(claims), contract=_contract(record, source) or _nameless(record, source)
    )


def _nameless(record: Record, source: str) -> ContractClaim:
    return ContractClaim(f"{source} {record.native_id}", "subscription")


def _device(record: Record, source: str) -> Observation:
    body = {name: _value(name, record.body[name]) for name in DEVICE_FIELDS if record.body.get(name) is not None}
    found = {name: key for name, read in _KEYS.items() if (key := read(body.get(name))) is not None}
    nameless = _KEYS.keys() - found.keys()
    return Observation(
        Subject.DEVICE,
        keys=tuple(dict.fromkeys([*found.values(), *_matched(record.body.get(MATCHED))])),
        claims={name: value for name, value in body.items() if value is not None and name not in nameless},
        contract=_contract(record, source),
    )


def _matched(key: Any) -> Iterable[Identifier]:
    """The identifier of the device that an import tied the row to."""
    kind, sign, value = str(key or "").partition(":")
    if sign and kind in tuple(IdKind):
        yield Identifier(IdKind(kind), value)


def _value(name: str, value: Any) -> Value | None:
    """A device field's value back from JSON, of the field's own type. Raises TypeError or ValueError for another."""
    field = DEVICE_FIELDS[name]
    if field.value_type is str:
        text = clean(value)
        if field.members is not None and text not in tuple(field.members):
            raise ValueError(f"{name} is {text!r}")
        return text
    kept: Value = msgspec.convert(value, Size if field.value_type is int else field.value_type)
    return kept


def _contract(record: Record, source: str) -> ContractClaim | None:
    """The contract of the row; one without a number is known by its source and row."""
    said = {
        key: value for key, value in _part(record.body, "contract.").items() if key in ContractClaim.__struct_fields__
    }
    if not said.keys() - {"kind"}:
        return None
    return msgspec.convert({"number": f"{source} {record.native_id}", "kind": "support", **said}, ContractClaim)


def _said(row: msgspec.Struct) -> dict[str, Value]:
    return {name: value for name, value in msgspec.structs.asdict(row).items() if value is not None}


def _part(body: Mapping[str, Any], prefix: str) -> dict[str, Value]:
    said = {key.removeprefix(prefix): value for key, value in body.items() if key.startswith(prefix)}
    if any(isinstance(value, int) and abs(value) > _LARGEST for value in said.values()):
        raise ValueError("a number is larger than any count or price")
    return {
        key: kept
        for key, value in said.items()
        if (kept := clean(value) if isinstance(value, str) else value) is not None
    }
