"""Whether an observation can be kept at all: types, ranges and text that both database engines take.

One record a collector let through must not cost the whole page: what is found here is quarantined with its reason.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from math import isfinite
from typing import Any, Final

import msgspec

from devreg.domain.fields import (
    DEVICE_FIELDS,
    HEADCOUNT_FIELDS,
    PERSON_FIELDS,
    REGISTRATION_FIELDS,
    SUBSCRIPTION_FIELDS,
    UNIT_FIELDS,
)
from devreg.domain.observation import Observation, Subject

MAX_KEY: Final = 200
"""Characters of anything that is indexed: PostgreSQL refuses index rows over 2.7 kB."""
_MAX_TEXT: Final = 4_000
_INT32: Final = 2**31
_INT64: Final = 2**63

_DEVICE: Final[Mapping[str, type]] = {name: field.value_type for name, field in DEVICE_FIELDS.items()}
_TYPES: Final[Mapping[Subject, Mapping[str, type]]] = {
    Subject.DEVICE: _DEVICE,
    Subject.VALUE: _DEVICE,
    Subject.PERSON: {**dict.fromkeys(PERSON_FIELDS, str), "active": bool, "leave_date": date},
    Subject.UNIT: dict.fromkeys(UNIT_FIELDS, str),
    Subject.HEADCOUNT: {
        **dict.fromkeys(HEADCOUNT_FIELDS, str), "date": date, "pupils": int, "groups": float, "staff": float,
    },
    Subject.SUBSCRIPTION: dict.fromkeys(SUBSCRIPTION_FIELDS, str),
    Subject.REGISTRATION: {
        **dict.fromkeys(REGISTRATION_FIELDS, str), **dict.fromkeys(("managed", "compliant", "enabled"), bool),
        "registered_at": datetime, "signed_in_at": datetime,
    },
}  # fmt: skip
_NEEDED: Final[Mapping[Subject, tuple[str, ...]]] = {Subject.UNIT: ("id",), Subject.HEADCOUNT: ("unit", "date")}
_KEYS: Final = frozenset({"unit", "id", "stage", "use", "kind", "directory_id"})
"""Claims that stand in an index."""
_SMALL: Final = frozenset(
    {"months", "notice_days", "notice_months", "renewal_months", "return_days", "if_type", "pupils"}
)
"""Numbers that are counted, not measured: 32 bits."""

SKEW: Final = timedelta(hours=1)
"""How far a clock may be ahead of ours before what it says is no slip."""


def flaw(seen: Observation) -> str | None:
    """What makes the observation unfit to keep; None when it is sound."""
    return next(_flaws(seen), None)


def believed(seen: Observation, now: datetime) -> Observation:
    """The sound observation without the times of what has happened that stand in the future.

    A device that said once that it talked to its source in 2099 would look fresh until then. Days are left: support and contracts
    end in the future.
    """
    ahead = {name for name, value in seen.claims.items() if isinstance(value, datetime) and value > now + SKEW}
    is_ahead = seen.as_of is not None and seen.as_of > now + SKEW
    if not ahead and not is_ahead:
        return seen
    claims = {name: value for name, value in seen.claims.items() if name not in ahead}
    return msgspec.structs.replace(seen, claims=claims, as_of=None if is_ahead else seen.as_of)


def is_storable(text: str) -> bool:
    """Whether both engines take the text: no NUL, no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _flaws(seen: Observation) -> Iterator[str]:
    types = _TYPES[seen.subject]
    for name in _NEEDED.get(seen.subject, ()):
        if name not in seen.claims:
            yield f"{name} is missing"
    for name, value in seen.claims.items():
        if name not in types:
            yield f"{name} is no field of a {seen.subject}"
        else:
            yield from _value(name, value, types[name])
    for key in seen.keys:
        yield from _value(key.kind, key.value, str, MAX_KEY)
    if seen.as_of is not None:
        yield from _value("as_of", seen.as_of, datetime)
    if seen.contract is not None:
        yield from _struct("contract", seen.contract, {"number", "kind"})
    for port in seen.ports:
        yield from _struct(f"port {port.if_index}", port, {"name"})
    yield from _twice(port.name for port in seen.ports)


def _struct(what: str, thing: msgspec.Struct, keys: set[str]) -> Iterator[str]:
    for name, value in msgspec.structs.asdict(thing).items():
        if value is not None:
            yield from _value(f"{what}: {name}", value, type(value), MAX_KEY if name in keys else _MAX_TEXT)


def _value(name: str, value: Any, expected: type, longest: int | None = None) -> Iterator[str]:
    plain = name.rpartition(" ")[2]
    if not _fits(value, expected):
        yield f"{name} is of type {type(value).__name__}, not {expected.__name__}"
    elif isinstance(value, str):
        if len(value) > (longest or (MAX_KEY if plain in _KEYS else _MAX_TEXT)):
            yield f"{name} has {len(value)} characters"
        elif not is_storable(value):
            yield f"{name} holds characters that are no text"
    elif isinstance(value, datetime):
        yield from _moment(name, value)
    elif isinstance(value, float) and not isfinite(value):
        yield f"{name} is no number"
    elif isinstance(value, int) and abs(value) >= (_INT32 if plain in _SMALL else _INT64):
        yield f"{name} is too large a number"


def _fits(value: Any, expected: type) -> bool:
    """A whole number is fit for a measure; `True` is no number and a time no date, though Python counts them so."""
    if expected is float:
        return type(value) in {int, float}
    return type(value) is expected or (expected is str and isinstance(value, str))


def _moment(name: str, value: datetime) -> Iterator[str]:
    if value.tzinfo is None:
        yield f"{name} is a time without a zone"
        return
    try:
        value.astimezone(UTC)
    except OverflowError:
        yield f"{name} is out of all time"


def _twice(names: Iterable[str]) -> Iterator[str]:
    met: set[str] = set()
    for name in names:
        if name in met:
            yield f"two ports are called {name!r}"
        met.add(name)
