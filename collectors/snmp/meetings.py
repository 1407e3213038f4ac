"""Which records of a run are one device: read at two of its addresses; and which only say that they are."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from devreg.domain import identifiers
from devreg.i18n import N_
from devreg.ports import Record, Rejected

_RAW_BYTES: Final = 4_000
_SAME_DEVICE: Final = ("object_id", "model", "mac")
_SAME_ENGINE: Final = (*_SAME_DEVICE, "name")
"""A configuration copied from one device to another takes the engine id along, but seldom the name."""
ENGINE: Final = "engine:"


class Known(msgspec.Struct, frozen=True):
    """What is remembered of a record until the run ends."""

    part: str
    marks: dict[str, str | None]


class Met(msgspec.Struct):
    """Devices met so far in a pass over the targets."""

    first: dict[str, Known] = {}
    """By the id that each is kept under."""
    by_key: dict[str, Known] = {}
    """By MAC and engine."""


class Meetings:
    """Tells devices met before from new ones."""

    def __init__(self, met: Met) -> None:
        self._first = met.first
        self._by_key = met.by_key

    def __contains__(self, native_id: str) -> bool:
        return native_id in self._first

    def take(self, record: Record) -> Record | Rejected | str:
        """The record, perhaps under another id, where its device was not met before; else why it can't be used, or a line for the log."""
        met = Known(record.part, {field: record.body.get(field) for field in _SAME_ENGINE})
        first = self._first.get(record.native_id)
        if first is None:
            first = self._same_by_other_key(record, met)
            if first is None:
                return self._new(record, met)
        elif record.native_id.startswith(ENGINE):
            if _differs(first, met, _SAME_ENGINE):
                return self._new(msgspec.structs.replace(record, native_id=f"target:{record.part}"), met)
        elif field := _differs(first, met, _SAME_DEVICE):
            return Rejected(record.native_id, _conflict(record.native_id, first, met, field), _raw(record))
        return N_(f"{record.part} is the same device as {first.part} ({record.native_id}); kept under {first.part}.")

    def _new(self, record: Record, met: Known) -> Record:
        self._first[record.native_id] = met
        for key in _keys(record):
            self._by_key.setdefault(key, met)
        return record

    def _same_by_other_key(self, record: Record, met: Known) -> Known | None:
        """The device met before that this is, though it says less of itself here: a view that hides its serial number."""
        if identifiers.serial(record.body.get("serial")) is not None:
            return None
        for key in _keys(record):
            first = self._by_key.get(key)
            fields = _SAME_ENGINE if key.startswith(ENGINE) else _SAME_DEVICE
            if first is not None and first.part != record.part and not _differs(first, met, fields):
                return first
        return None


def _keys(record: Record) -> Iterator[str]:
    mac = identifiers.mac(record.body.get("mac"))
    if mac is not None:
        yield mac.key
    if engine := record.body.get("engine"):
        yield ENGINE + engine


def _differs(first: Known, second: Known, fields: Iterable[str]) -> str | None:
    """The first field of which both say something, and something else."""
    for field in fields:
        mine, other = first.marks[field], second.marks[field]
        if mine and other and mine != other:
            return field
    return None


def _conflict(native_id: str, first: Known, second: Known, field: str) -> str:
    return (
        f"{second.part} gives the same {native_id} as {first.part}, but another {field.replace('_', ' ')} "
        f"({second.marks[field]} there, {first.marks[field]} here): look at both devices"
    )


def _raw(record: Record) -> str:
    return msgspec.json.encode(record.body)[:_RAW_BYTES].decode(errors="ignore")
