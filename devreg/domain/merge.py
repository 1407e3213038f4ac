"""The merged device: every record about it weighed into one row. Pure, and the same whatever the order of records."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from devreg.domain.device import State
from devreg.domain.fields import DEVICE_FIELDS
from devreg.domain.observation import Identifier, Observation, Value
from devreg.domain.provenance import PERSON, Chosen, Claim, choose
from devreg.domain.sorting import fold

_LISTS: Final = frozenset({"sheet", PERSON})
"""Kinds of source that list a device without seeing it: their silence makes nothing missing."""

_SEARCHED: Final = (
    "name", "asset_tag", "serial", "imei", "imei2", "mac", "phone_number", "manufacturer", "model", "holder", "holder_email",
    "unit", "room", "address",
)  # fmt: skip


class SourceRecord(msgspec.Struct, frozen=True):
    """One source's record about the device, as far as merging needs it."""

    source: str
    kind: str
    native_id: str
    seen: Observation
    said_at: datetime
    """When a run first read what it says now; stands in for `as_of` where the source has no such time."""
    as_of: datetime | None
    gone_at: datetime | None


class Merged(msgspec.Struct, frozen=True):
    """One device after weighing all its records."""

    fields: dict[str, Chosen]
    keys: frozenset[Identifier]
    managed_by: tuple[str, ...]
    """Sources that manage it now, by name."""
    sources: tuple[str, ...]
    last_seen: datetime | None
    """When any source last heard from the device itself; None when none ever did."""
    missing_since: datetime | None
    """Since when no source that used to see it lists it any more; None while one does, or none ever saw it."""

    @property
    def folded(self) -> str:
        """The text that search looks in."""
        return fold(" ".join(str(self.fields[name].value) for name in _SEARCHED if name in self.fields))


def merge(records: Sequence[SourceRecord]) -> Merged:
    """The device that these records describe."""
    claims = _claims(records)
    chosen = {name: found for name in DEVICE_FIELDS if name in claims and (found := choose(name, claims[name]))}
    if "state" not in chosen:
        chosen["state"] = _first_state(records)
    present = [record for record in records if record.gone_at is None]
    return Merged(
        fields=chosen,
        keys=frozenset(key for record in records for key in record.seen.keys),
        managed_by=tuple(sorted({record.source for record in present if record.seen.live and record.seen.manages})),
        sources=tuple(sorted({record.source for record in present})),
        last_seen=max((record.as_of for record in records if record.as_of is not None), default=None),
        missing_since=_missing_since(records),
    )


def _claims(records: Iterable[SourceRecord]) -> dict[str, list[Claim]]:
    """All that is said, by field."""
    said: dict[str, list[Claim]] = {}
    for record in records:
        seen_at, since = record.as_of or record.said_at, _moment(record.seen.claims.get("enrolled_at"))
        live = record.seen.live and record.gone_at is None
        for name, value in record.seen.claims.items():
            claim = Claim(value, record.source, record.kind, record.native_id, seen_at, live, since)
            said.setdefault(name, []).append(claim)
    return said


def _moment(value: Value | None) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _first_state(records: Sequence[SourceRecord]) -> Chosen:
    """The state of a device whose state nobody has said: in use once something sees it, in stock while only lists name it."""
    seers = sorted(record.source for record in records if record.kind not in _LISTS)
    if seers:
        return Chosen(str(State.IN_USE), seers[0], "seen by a source", ())
    return Chosen(str(State.IN_STOCK), min(record.source for record in records), "only lists know it", ())


def _missing_since(records: Sequence[SourceRecord]) -> datetime | None:
    seen = [record.gone_at for record in records if record.kind not in _LISTS]
    gone = [moment for moment in seen if moment is not None]
    return max(gone) if gone and len(gone) == len(seen) else None
