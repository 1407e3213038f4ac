"""Which of several claims about one field is shown, and why. Losers are kept and listed."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Final

import msgspec

from devreg.domain.fields import DEVICE_FIELDS, Held
from devreg.domain.observation import Value
from devreg.domain.policy import AS_SHIPPED, PERSON, Policy, Weighing

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Word(msgspec.Struct, frozen=True):
    """What a person added to a value that they gave to one field."""

    by: str
    reason: str
    until: datetime | None = None
    """The last moment it counts; None: for good."""


class Claim(msgspec.Struct, frozen=True):
    """What one record says about one field."""

    value: Value | None
    """None where a person says that there is none: a device that nobody holds."""
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
    word: Word | None = None
    """Set when a person gave this field its value by itself, not in a record of a whole device."""


class Chosen(msgspec.Struct, frozen=True):
    """One field after weighing every claim about it."""

    value: Value | None
    """None when the field is locked to a source that says nothing (then every claim loses), or a person says there is none."""
    source: str
    rule: str
    """English msgid naming what decided; shown beside the value."""
    losers: tuple[Claim, ...]
    """Claims not chosen, best first. Never dropped: the device page lists them."""
    word: Word | None = None
    """Who gave the value, when a person did and by itself."""
    against: Claim | None = None
    """The claim that a person's word or a lock keeps out although its source says it now; None when nothing is kept out."""


def choose(field: str, claims: Iterable[Claim], policy: Policy = AS_SHIPPED) -> Chosen | None:
    """The value to show for a field; None when nobody says anything.

    A lock shuts out all but one source; then a person's word wins, the one given last; then sources that do not only fill
    gaps; then a live record over history; then the policy's order of sources; then the newest enrolment; then the order of the
    sources' names. Neither the order of the claims nor when they were read matters: the same records always give the same device.
    """
    weighing = policy.of(field)
    ranked = list(claims)
    if not ranked:
        return None
    if len(ranked) > 1:
        ranked.sort(key=partial(_rank, weighing))
    best, rest = ranked[0], tuple(ranked[1:])
    if weighing.locked is not None and _is_shut_out(weighing, best):
        return Chosen(None, weighing.locked, LOCKED_EMPTY, tuple(ranked), against=_kept_out(weighing, None, ranked))
    rule = _rule(DEVICE_FIELDS[field].held, weighing, best, rest)
    against = _kept_out(weighing, best, rest) if rest and (best.kind == PERSON or weighing.locked) else None
    return Chosen(best.value, best.source, rule, rest, best.word, against)


def _rank(weighing: Weighing, claim: Claim) -> tuple[bool, bool, bool, bool, bool, int, float, str, str]:
    is_person = claim.kind == PERSON
    newest = claim.seen_at if is_person else claim.since
    return (
        _is_shut_out(weighing, claim),
        not is_person,
        is_person and claim.word is None,
        weighing.is_filler(claim.source, claim.kind),
        not claim.live,
        weighing.place(claim.source, claim.kind),
        -((newest or _EPOCH) - _EPOCH).total_seconds(),
        claim.source,
        claim.native_id,
    )


def _is_shut_out(weighing: Weighing, claim: Claim) -> bool:
    return weighing.is_shut_out(claim.source, claim.kind)


def _kept_out(weighing: Weighing, best: Claim | None, rest: Iterable[Claim]) -> Claim | None:
    """The first of the claims that would decide if it were let in, when it says something else.

    An older word of a person is not kept out by a newer one: it is replaced.
    """
    for claim in rest:
        is_let_in = not _is_shut_out(weighing, claim) if weighing.locked is not None else claim.kind == PERSON
        if claim.live and not is_let_in:
            return claim if best is None or claim.value != best.value else None
    return None


LOCKED: Final = "locked to its source"
LOCKED_EMPTY: Final = "locked to a source that says nothing"
_KNOWS_BEST: Final = {
    Held.TECHNICAL: "the managing tool knows best",
    Held.CUSTODY: "the city's own lists know best",
    Held.PURCHASE: "papers know best",
}
REASONS: Final = (
    "a person's word", "only source", "sources agree", "fills what nobody else says", "others only fill gaps",
    "current record before history", "the settings' order of sources", *_KNOWS_BEST.values(), "newest enrolment", "first by name",
    LOCKED, LOCKED_EMPTY,
)  # fmt: skip
"""Every msgid a rule can be."""


def _rule(held: Held, weighing: Weighing, best: Claim, rest: tuple[Claim, ...]) -> str:
    if weighing.locked is not None:
        return LOCKED
    if best.kind == PERSON:
        return "a person's word"
    if weighing.is_filler(best.source, best.kind):
        return "fills what nobody else says"
    if not rest:
        return "only source"
    if all(claim.value == best.value for claim in rest):
        return "sources agree"
    second = rest[0]
    if weighing.is_filler(second.source, second.kind):
        return "others only fill gaps"
    if best.live != second.live:
        return "current record before history"
    if weighing.place(best.source, best.kind) != weighing.place(second.source, second.kind):
        return _KNOWS_BEST[held] if weighing.as_shipped else "the settings' order of sources"
    return "newest enrolment" if best.since != second.since else "first by name"
