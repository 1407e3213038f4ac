"""The chain of audit rows: every row carries the hash of the one before, so that none can be changed unnoticed.

What can name a person stands outside the hashed part, behind a salted commitment: it can be removed later and the chain
still verifies. A chain can't show that its tail was cut or that all of it was written anew; anchors kept elsewhere can.
SHA-256, because PostgreSQL computes it too (docs/decisions/0006-audit-chain.md); the Python here and the functions in
`store.migrations.append_only` must agree to the byte.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import msgspec

GENESIS: Final = bytes(32)
"""What stands for the hash before the first row."""


class Outcome(StrEnum):
    """How an act ended."""

    DONE = "done"
    REFUSED = "refused"
    """The actor had no right to it; nothing was tried."""
    FAILED = "failed"
    """It was tried and nothing of it was kept."""


class Deed(msgspec.Struct, frozen=True):
    """What was done, in words that name no person."""

    role: str
    right: str
    act: str
    about: str
    """Internal id: D000123, R000012, a source's name, `register`."""
    outcome: Outcome = Outcome.DONE
    run_id: int | None = None
    intent_id: int | None = None
    purged_to: int | None = None
    """Details of rows up to this one were removed by it."""


class Detail(msgspec.Struct, frozen=True):
    """What can name a person; removed when its time is over."""

    actor: str
    """As the database knows it: its own user on PostgreSQL."""
    entra: str | None = None
    host: str | None = None
    reason: str | None = None
    error: str | None = None
    """Why it was refused or failed."""
    before: str | None = None
    """JSON of the fields as they were."""
    after: str | None = None


class Link(msgspec.Struct, frozen=True):
    """The part of a row that stays."""

    seq: int
    at: datetime
    clock_back: bool
    """Whether the clock showed an earlier time than for the row before."""
    deed: Deed
    commitment: bytes
    previous: bytes
    hash: bytes


class Anchor(msgspec.Struct, frozen=True):
    """What the chain was when it was written down outside the register."""

    count: int
    hash: bytes
    place: str
    """Where it was written: a file and its line, or what a person typed."""
    at: datetime | None = None


class Flaw(StrEnum):
    """What is wrong with a row."""

    REMOVED = "removed"
    EDITED = "edited"
    OUT_OF_PLACE = "out of place"
    """It does not follow from the row before: inserted, moved, or another was taken out and the rest renumbered."""
    DETAILS_REMOVED = "details removed"
    """And no purge says so."""
    DETAILS_EDITED = "details edited"
    CUT = "cut"
    """An anchor knows it; the register ends before."""
    REWRITTEN = "rewritten"
    """An anchor knows another."""


class Fault(msgspec.Struct, frozen=True):
    """The first row that can't be believed."""

    seq: int
    flaw: Flaw
    place: str = ""
    """The anchor that tells, if one does."""


class Verified(msgspec.Struct):
    """What came of following a chain from its beginning."""

    count: int = 0
    head: bytes = GENESIS
    fault: Fault | None = None
    clock_back: int = 0
    """Rows before which the clock had gone back."""
    purged: int = 0
    """Rows whose details an audited purge has removed."""


def netstring(*parts: str | None) -> bytes:
    """Parts so that no two lists of parts look alike: `4:text,` each, `-,` for one not said."""
    return b"".join(b"-," if part is None else b"%d:%s," % (len(raw := part.encode()), raw) for part in parts)


def commitment(salt: bytes, detail: Detail) -> bytes:
    """What stands in the chain for the details; says nothing about them once the salt is gone."""
    return hashlib.sha256(salt + netstring(*msgspec.structs.astuple(detail))).digest()


def digest(link: Link) -> bytes:
    """The hash of a row from what it says; `link.hash` itself is not read."""
    deed = link.deed
    numbers = (deed.run_id, deed.intent_id, deed.purged_to)
    said = netstring(
        str(link.seq),
        link.at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z",
        "true" if link.clock_back else "false",
        deed.role,
        deed.right,
        deed.act,
        deed.about,
        str(deed.outcome),
        *(None if number is None else str(number) for number in numbers),
        link.commitment.hex(),
        link.previous.hex(),
    )
    return hashlib.sha256(said).digest()


def follow(last: Link | None, deed: Deed, committed: bytes, now: datetime) -> Link:
    """The next row of a chain."""
    at = now.astimezone(UTC)
    bare = Link(
        seq=1 if last is None else last.seq + 1,
        at=at,
        clock_back=last is not None and at < last.at,
        deed=deed,
        commitment=committed,
        previous=GENESIS if last is None else last.hash,
        hash=b"",
    )
    return msgspec.structs.replace(bare, hash=digest(bare))


class Row(msgspec.Struct, frozen=True):
    """A row as it is stored, with its details while they are kept."""

    link: Link
    salt: bytes | None = None
    detail: Detail | None = None


def verify(rows: Iterable[Row], anchors: Iterable[Anchor], purged_to: int) -> Verified:
    """Follow a chain in the order of its numbers, to its end or its first fault.

    `purged_to` is the last row whose details a purge says it removed.
    """
    known: dict[int, list[Anchor]] = {}
    for anchor in anchors:
        known.setdefault(anchor.count, []).append(anchor)
    result = Verified()
    for row in rows:
        link = row.link
        result.fault = _fault(row, result, known, purged_to)
        if result.fault is not None:
            return result
        result.count, result.head = link.seq, link.hash
        result.clock_back += link.clock_back
        result.purged += row.detail is None
    result.fault = _cut(result.count, known)
    return result


def _fault(row: Row, so_far: Verified, known: Mapping[int, list[Anchor]], purged_to: int) -> Fault | None:
    link = row.link
    if link.seq > so_far.count + 1:
        return Fault(so_far.count + 1, Flaw.REMOVED)
    if link.seq <= so_far.count or link.previous != so_far.head:
        return Fault(link.seq, Flaw.OUT_OF_PLACE)
    if digest(link) != link.hash:
        return Fault(link.seq, Flaw.EDITED)
    for anchor in known.get(link.seq, ()):
        if anchor.hash != link.hash:
            return Fault(link.seq, Flaw.REWRITTEN, anchor.place)
    if row.detail is None or row.salt is None:
        return Fault(link.seq, Flaw.DETAILS_REMOVED) if link.seq > purged_to else None
    return Fault(link.seq, Flaw.DETAILS_EDITED) if commitment(row.salt, row.detail) != link.commitment else None


def _cut(count: int, known: Mapping[int, list[Anchor]]) -> Fault | None:
    beyond = [anchors[0] for number, anchors in sorted(known.items()) if number > count]
    return Fault(count + 1, Flaw.CUT, beyond[-1].place) if beyond else None
