"""Which of several claims about one field is shown, and why. Losers are kept and listed."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Final

import msgspec

from devreg.domain.fields import DEVICE_FIELDS, Field, Held
from devreg.domain.observation import Value

PERSON: Final = "person"
"""The kind of a claim that somebody typed; it wins over every source."""

_ORDER: Final[Mapping[Held, tuple[str, ...]]] = {
    Held.TECHNICAL: (PERSON, "intune", "google", "snmp", "sheet"),
    Held.CUSTODY: (PERSON, "sheet", "google", "intune", "snmp"),
    Held.PURCHASE: (PERSON, "sheet", "intune", "google", "snmp"),
}
"""Kinds of source by who knows a field best. A kind not named here comes after all that are."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Claim(msgspec.Struct, frozen=True):
    """What one record says about one field."""

    value: Value
    source: str
    kind: str
    """The source's kind, or `PERSON`."""
    native_id: str
    seen_at: datetime | None
    """When the device talked to the source, else when the record was first read as it is."""
    live: bool = True
    """False when the record is history in its own source, or the source no longer lists it."""
    since: datetime | None = None
    """When the record's hold on the device began (enrolment): the newest one is the current one."""


class Chosen(msgspec.Struct, frozen=True):
    """One field after weighing every claim about it."""

    value: Value
    source: str
    rule: str
    """English msgid naming what decided; shown beside the value."""
    losers: tuple[Claim, ...]
    """Claims not chosen, best first. Never dropped: the device page lists them."""


def choose(field: str, claims: Iterable[Claim]) -> Chosen | None:
    """The value to show for a field; None when nobody says anything.

    A person's word wins; then a live record over history; then the kind of source that knows such a field best; then the newest
    enrolment; then the order of the sources' names. Neither the order of the claims nor when they were read matters: the same
    records always give the same device.
    """
    ranked = list(claims)
    if not ranked:
        return None
    if len(ranked) > 1:
        ranked.sort(key=partial(_rank, DEVICE_FIELDS[field]))
    best, rest = ranked[0], tuple(ranked[1:])
    return Chosen(best.value, best.source, _rule(DEVICE_FIELDS[field], best, rest), rest)


def _rank(field: Field, claim: Claim) -> tuple[bool, bool, int, float, str, str]:
    order = _ORDER[field.held]
    place = order.index(claim.kind) if claim.kind in order else len(order)
    newest_first = -((claim.since or _EPOCH) - _EPOCH).total_seconds()
    return (claim.kind != PERSON, not claim.live, place, newest_first, claim.source, claim.native_id)


def _rule(field: Field, best: Claim, rest: tuple[Claim, ...]) -> str:
    if best.kind == PERSON:
        return "a person's word"
    if not rest:
        return "only source"
    second = rest[0]
    if all(claim.value == best.value for claim in rest):
        return "sources agree"
    if best.live != second.live:
        return "current record before history"
    if best.kind != second.kind:
        return {
            Held.TECHNICAL: "the managing tool knows best",
            Held.CUSTODY: "the city's own lists know best",
            Held.PURCHASE: "papers know best",
        }[field.held]
    return "newest enrolment" if best.since != second.since else "first by name"
