"""Rows of JSON services as typed, cleaned, allow-listed records; what their mappings share."""

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from functools import partial
from typing import Annotated, Any, Final

import msgspec
import orjson

from devreg.domain.observation import Subject, Value
from devreg.errors import Broken
from devreg.ports import ListedRow, Page, Record, Rejected
from devreg.text import clean

Size = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
"""Bytes; both databases keep 63 bits."""
_LONGEST: Final = 4_000
_REJECTED_MAX: Final = 4_096
_PRIVATE: Final = frozenset({"phoneNumber"})

_EARLIEST: Final = 1990
_LATEST: Final = 2200
"""Services write year 1, 1601, 1970 or 9999 for "never"."""


def stored(row: Any, shape: type[msgspec.Struct], allowed: Iterable[str]) -> dict[str, Any]:
    """The allowed fields of a row, texts cleaned, what is not said left out. Raises Broken when a field's type is not that of `shape`."""
    if not isinstance(row, dict):
        raise Broken(f"A row is {type(row).__name__}, not an object.")
    try:
        kept = {key: value for key in allowed if (value := _clean(row.get(key))) is not None}
        msgspec.convert(kept, shape, strict=False)
    except (msgspec.ValidationError, RecursionError) as error:
        raise Broken(f"A field does not fit: {error}.") from error
    return kept


def _clean(value: Any) -> Any:
    """JSON with every text cleaned; empty texts, lists and objects become None and are left out."""
    match value:
        case str():
            return clean(value[:_LONGEST])
        case list():
            return [kept for item in value if (kept := _clean(item)) is not None] or None
        case dict():
            return {str(k): kept for k, v in value.items() if (kept := _clean(v)) is not None} or None
        case _:
            return value


def page_of(
    rows: Iterable[Any],
    read: Callable[[Any], Record],
    allowed: Iterable[str],
    id_key: str = "id",
    checkpoint: str | None = None,
) -> Page:
    """A page of records. Rows that can't be read are set aside, with no more of them than would have been kept; the rest goes on."""
    records: list[Record] = []
    rejected: list[Rejected] = []
    for row in rows:
        match _read(row, read, allowed, id_key):
            case Record() as record:
                records.append(record)
            case bad:
                rejected.append(bad)
    return Page(tuple(records), tuple(rejected), checkpoint)


def listing_of(
    rows: Iterable[Any],
    read: Callable[[Any], Record],
    allowed: Iterable[str],
    id_key: str = "id",
    checkpoint: str | None = None,
    *,
    beside: Callable[[Any], object],
) -> Page:
    """The same of devices, each read only where its row, or what `read` adds to it from `beside`, is not what it was."""
    listed: list[ListedRow] = []
    unknown: list[Any] = []
    for row in rows:
        native_id = row.get(id_key) if isinstance(row, dict) else None
        row_hash = _row_hash(row, beside) if isinstance(native_id, str) else None
        if isinstance(native_id, str) and row_hash is not None:
            listed.append(ListedRow(Subject.DEVICE, native_id, row_hash, partial(_read, row, read, allowed, id_key)))
        else:
            unknown.append(row)
    return msgspec.structs.replace(page_of(unknown, read, allowed, id_key, checkpoint), listed=tuple(listed))


def _row_hash(row: dict[str, Any], beside: Callable[[Any], object]) -> bytes | None:
    """Services write the same row the same way, so its fields keep their order; None where it can't be hashed."""
    try:
        return hashlib.blake2b(orjson.dumps((row, beside(row))), digest_size=16).digest()
    except TypeError:  # half a surrogate pair, or a number beyond 64 bits
        return None


def _read(row: Any, read: Callable[[Any], Record], allowed: Iterable[str], id_key: str) -> Record | Rejected:
    try:
        return read(row)
    except Broken as error:
        return set_aside(row, allowed, id_key, error.what)


def set_aside(row: Any, allowed: Iterable[str], id_key: str, reason: str) -> Rejected:
    """A row that can't be used, with no more of it than would have been kept."""
    shown = {key: row[key] for key in allowed if key in row and key not in _PRIVATE} if isinstance(row, dict) else {}
    native_id = clean(row.get(id_key), 100) if isinstance(row, dict) else None
    return Rejected(native_id, reason, json.dumps(shown)[:_REJECTED_MAX])


def moment(text: str | None) -> datetime | None:
    """An aware UTC time from RFC 3339 with any number of fraction digits; None for "never" and for what is no time."""
    try:
        time = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    if not _EARLIEST <= time.year <= _LATEST:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def day(text: str | None) -> date | None:
    """The day that a text begins with; None when it does not."""
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None


def claim_set(**said: Value | None) -> dict[str, Value]:
    """The claims that say something."""
    return {field: value for field, value in said.items() if value is not None and value != ""}
