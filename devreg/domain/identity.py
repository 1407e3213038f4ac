"""Which device a record is about: the ladder, as data.

(source, native id) -> serial + manufacturer -> IMEI or MEID -> permanent MAC. A name never matches.
Two candidates are a question for a person, never "the first row".
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from devreg.domain import identifiers
from devreg.domain.observation import IdKind, Observation


class Rung(StrEnum):
    """Why a record was attached to a device, strongest first; shown with the match."""

    NATIVE_ID = "native id"
    SERIAL = "serial number"
    IMEI = "IMEI"
    MEID = "MEID"
    MAC = "MAC address"


LADDER: Final = (
    (IdKind.SERIAL, Rung.SERIAL),
    (IdKind.IMEI, Rung.IMEI),
    (IdKind.MEID, Rung.MEID),
    (IdKind.MAC, Rung.MAC),
)
"""Identifiers in the order they are tried. The asset tag is not here: it is a label that people reuse."""


class Candidate(msgspec.Struct, frozen=True):
    """A known device that shares at least one identifier with the record."""

    device_id: int
    manufacturer: str | None
    serials: frozenset[str]
    """Cleaned serials known for it."""


class Match(msgspec.Struct, frozen=True):
    """The record is about this device."""

    device_id: int
    rung: Rung
    doubts: tuple[str, ...] = ()
    """What a person should look at although the match stands."""
    rivals: tuple[int, ...] = ()
    """Other devices that answer to the record's identifiers."""


class New(msgspec.Struct, frozen=True):
    """No known device answers to the record's identifiers."""


class Review(msgspec.Struct, frozen=True):
    """A person must decide; the record is kept and attached to nothing."""

    reason: str
    device_ids: tuple[int, ...]


Verdict = Match | New | Review


def resolve(seen: Observation, known: Candidate | None, by_key: Mapping[str, tuple[Candidate, ...]]) -> Verdict:
    """Which device the observation is about.

    `known` is the device the same (source, native id) was attached to before; `by_key` holds, for each of the
    observation's identifier keys, the devices that answer to it.
    """
    if known is not None:
        rivals = _rivals(seen, known, by_key)
        shared = ("another device has the same number",) if rivals else ()
        return Match(known.device_id, Rung.NATIVE_ID, _hardware_doubts(seen, known) + shared, rivals)
    for kind, rung in LADDER:
        found = {c.device_id: c for key in seen.keys if key.kind is kind for c in by_key.get(key.key, ())}
        if not found:
            continue
        fitting = [c for c in found.values() if not _contradicts(seen, c, kind)]
        if len(fitting) == 1:
            return Match(fitting[0].device_id, rung)
        if len(fitting) > 1:
            return Review(f"{len(fitting)} devices share this {rung}", tuple(sorted(c.device_id for c in fitting)))
        if kind is IdKind.SERIAL:
            return Review("same serial number, another manufacturer", tuple(sorted(found)))
    return New()


def _contradicts(seen: Observation, candidate: Candidate, kind: IdKind) -> bool:
    """Whether a stronger fact speaks against a shared identifier: another maker for a serial, another serial for an IMEI or MAC."""
    if kind is IdKind.SERIAL:
        mine = identifiers.maker(_claimed(seen, "manufacturer"))
        return mine is not None and candidate.manufacturer is not None and mine != candidate.manufacturer
    serials = {key.value for key in seen.keys if key.kind is IdKind.SERIAL}
    return bool(serials and candidate.serials and not serials & candidate.serials)


def _hardware_doubts(seen: Observation, known: Candidate) -> tuple[str, ...]:
    serials = {key.value for key in seen.keys if key.kind is IdKind.SERIAL}
    if serials and known.serials and not serials & known.serials:
        return ("same record, new serial number: hardware changed?",)
    return ()


def _rivals(seen: Observation, known: Candidate, by_key: Mapping[str, tuple[Candidate, ...]]) -> tuple[int, ...]:
    """Devices the record would have matched, had it not been attached before: a number it learnt later, such as a serial."""
    kinds = {kind for kind, _ in LADDER}
    answering = ((key.kind, c) for key in seen.keys if key.kind in kinds for c in by_key.get(key.key, ()))
    return tuple(
        sorted(
            {c.device_id for kind, c in answering if c.device_id != known.device_id and not _contradicts(seen, c, kind)}
        )
    )


def _claimed(seen: Observation, field: str) -> str | None:
    value = seen.claims.get(field)
    return value if isinstance(value, str) else None
