"""Stock-takes: what should be at a place is written down at the start, what is scanned is kept, and nothing else happens by itself.

A scan is answered when it is kept. A found device was seen at this place by a person; that a source heard of a missing one
yesterday is told beside it, and is no find.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from devreg.domain.device import device_ref, parse_ref
from devreg.domain.rights import Actor, Right
from devreg.domain.stocktake import (
    Outcome,
    Place,
    Scope,
    fold_room,
    is_expected,
    judge,
    stocktake_ref,
    unresolved,
)
from devreg.errors import Misconfigured, NotFound, Refused
from devreg.services.acting import Act, act
from devreg.services.unit_names import named_unit
from devreg.store import lookup, places, stocktakes
from devreg.store.engine import Session, Sessions, told_plainly
from devreg.store.repeating import repeats
from devreg.text import clean, evidence

_LONGEST: Final = 200
"""Characters of a code: no label has more, and a scanner set wrongly may send a book."""


class Answer(msgspec.Struct, frozen=True):
    """What a code turned out to be."""

    code: str
    outcome: Outcome
    device_ids: tuple[int, ...]
    """The device; several where the code is ambiguous."""
    said: str
    """The device in a few words."""
    place: Place | None
    """Where it belongs."""
    before: datetime | None = None
    """When it was found first, if this is a repetition."""
    before_by: str | None = None


class Begun(msgspec.Struct, frozen=True):
    """A stock-take that has just begun."""

    number: int
    unit: str
    expected: int


class Standing(msgspec.Struct, frozen=True):
    """A stock-take as it stands."""

    number: int
    unit: str
    rooms: str | None
    started: datetime
    started_by: str
    closed: datetime | None
    closed_by: str | None
    counts: dict[str, int]

    @property
    def ref(self) -> str:
        """S000012."""
        return stocktake_ref(self.number)

    def count(self, outcome: Outcome) -> int:
        """How many lines ended so."""
        return self.counts.get(outcome, 0)


def parse(text: str) -> int:
    """12 for `S000012` or `12`. Raises Misconfigured."""
    number = parse_ref("S", text if text[:1] in "Ss" else f"S{text}")
    if number is None:
        raise Misconfigured(f"{text!r} is no stock-take.", next_step="Write it like S000012.")
    return number


@repeats
def start(sessions: Sessions, actor: Actor, unit: str, rooms: Iterable[str], now: datetime) -> Begun:
    """Write down what should be in the unit and all below it, or in these rooms of it.

    Raises NotFound when there is no such unit or nothing is expected there, Refused when it is being counted already.
    """
    with act(sessions, actor, Right.EDIT, doing="start a stock-take", now=now) as doing:
        session = doing.session
        named_by_devices = bool(stocktakes.placed(session, [unit]))
        unit_id = unit if named_by_devices else named_unit(session, unit)
        wanted = sorted({cleaned for room in rooms if (cleaned := clean(room)) is not None})
        named = ", ".join(wanted) or None
        there = stocktakes.open_at(session, unit_id, named)
        if there is not None:
            raise Refused(
                f"{stocktake_ref(there)} counts {unit_id} already.",
                next_step=f"`devreg stocktake scan {stocktake_ref(there)}` goes on with it.",
            )
        scope = Scope(frozenset(places.below(session, unit_id)), frozenset(map(fold_room, wanted)))
        placed = stocktakes.placed(session, scope.units)
        expected = {device_id: place for device_id, place in placed.items() if is_expected(scope, place)}
        if not expected:
            raise NotFound(
                f"The register expects no device in {unit_id}.",
                next_step="`devreg list units` shows units and devices.",
            )
        number = stocktakes.begin(session, unit_id, scope.units, named, doing.by, now)
        lines = [
            {"device_id": device_id, "expected": True, "outcome": Outcome.AWAITED, **msgspec.structs.asdict(place)}
            for device_id, place in expected.items()
        ]
        stocktakes.add_lines(session, number, lines)
        after = {"unit": unit_id, "rooms": named, "expected": len(lines)}
        doing.tell("start a stock-take", stocktake_ref(number), after=after)
    return Begun(number, unit_id, len(lines))


@repeats
def scan(sessions: Sessions, actor: Actor, number: int, codes: Sequence[str], now: datetime) -> list[Answer]:
    """Keep the codes as they came, and say what each is; blank ones are none. Raises Refused when it is closed."""
    said = [code for code in codes if clean(code) is not None]
    ref = stocktake_ref(number)
    with act(sessions, actor, Right.EDIT, doing="scan in a stock-take", now=now, about=ref) as doing:
        scope = _open_scope(doing.session, number)
        stocktakes.follow_merges(doing.session, number)
        answers = [_take(doing, number, scope, evidence(code.strip("\r\n"))[:_LONGEST]) for code in said]
        told = {answer.code: device_ref(answer.device_ids[0]) if answer.place else answer.outcome for answer in answers}
        doing.tell("scan in a stock-take", ref, after=told)
    return answers


@repeats
def close(sessions: Sessions, actor: Actor, number: int, now: datetime) -> Standing:
    """End it: what was not found is missing, unless no device was scanned at all; codes that nobody knew are looked up once more.

    Raises Refused when it is closed.
    """
    ref = stocktake_ref(number)
    with act(sessions, actor, Right.EDIT, doing="close a stock-take", now=now, about=ref) as doing:
        session = doing.session
        scope = _open_scope(session, number)
        stocktakes.follow_merges(session, number)
        for line in stocktakes.unresolved(session, number):
            found = lookup.exactly(session, line.code, by_mac=True)
            if len(found) == 1:
                stocktakes.drop_line(session, line.id)
                _find(session, number, scope, line.code, found[0], line.found_by, line.found_at)
        stocktakes.close(session, number, doing.by, now)
        standing = _standing(session, number)
        doing.tell("close a stock-take", ref, after=standing.counts)
    return standing


def standing(sessions: Sessions, number: int) -> Standing:
    """One stock-take. Raises NotFound."""
    with told_plainly("read the register"), sessions.read.begin() as session:
        return _standing(session, number)


def _standing(session: Session, number: int) -> Standing:
    row = _get(session, number)
    return Standing(
        number, row.unit, row.rooms, row.started, row.started_by, row.closed, row.closed_by, stocktakes.counts(session, number)
    )  # fmt: skip


def _take(doing: Act, number: int, scope: Scope, code: str) -> Answer:
    session = doing.session
    found = lookup.exactly(session, code, by_mac=True)
    one = found[0] if len(found) == 1 else None
    stocktakes.add_scan(session, number, code, one, doing.by, doing.now)
    if one is not None:
        _forget(session, number, code)
        return _find(session, number, scope, code, one, doing.by, doing.now)
    outcome = unresolved(found)
    there = next((line for line in stocktakes.unresolved(session, number) if _key(line.code) == _key(code)), None)
    if there is not None:
        stocktakes.change_line(session, there.id, outcome=outcome)
        return Answer(code, outcome, tuple(found), "", None, there.found_at, there.found_by)
    line = {"code": code, "expected": False, "outcome": outcome, "found_at": doing.now, "found_by": doing.by}
    stocktakes.add_lines(session, number, [line])
    return Answer(code, outcome, tuple(found), "", None)


def _find(session: Session, number: int, scope: Scope, code: str, device_id: int, by: str, now: datetime) -> Answer:
    """The device was here: its line says so from now on."""
    said = stocktakes.described(session, device_id)
    line = stocktakes.line_of_device(session, number, device_id)
    found = {"code": code, "found_at": now, "found_by": by}
    if line is None:
        place = stocktakes.place_of(session, device_id)
        outcome = judge(scope, place)
        own = {"device_id": device_id, "expected": False, "outcome": outcome, **msgspec.structs.asdict(place)}
        stocktakes.add_lines(session, number, [own | found])
        return Answer(code, outcome, (device_id,), said, place)
    place = Place(line.unit, line.room, line.state)
    if line.found_at is not None:
        return Answer(code, Outcome(line.outcome), (device_id,), said, place, line.found_at, line.found_by)
    stocktakes.change_line(session, line.id, outcome=Outcome.FOUND, **found)
    return Answer(code, Outcome.FOUND, (device_id,), said, place)


def _forget(session: Session, number: int, code: str) -> None:
    """A code that nobody knew when it was scanned before, and somebody knows now."""
    for line in stocktakes.unresolved(session, number):
        if _key(line.code) == _key(code):
            stocktakes.drop_line(session, line.id)


def _key(code: str) -> str:
    return "".join(code.upper().split())


def _get(session: Session, number: int) -> Any:
    row = stocktakes.get(session, number)
    if row is None:
        raise NotFound(
            f"There is no stock-take {stocktake_ref(number)}.", next_step="`devreg list stocktakes` shows them."
        )
    return row


def _open_scope(session: Session, number: int) -> Scope:
    row = _get(session, number)
    if row.closed is not None:
        raise Refused(
            f"{stocktake_ref(number)} was closed by {row.closed_by}: its receipt stays as it is.",
            next_step=f"`devreg stocktake start {row.unit}` begins a new one.",
        )
    rooms = frozenset(fold_room(room) for room in (row.rooms or "").split(", ") if room)
    return Scope(frozenset(row.units), rooms)
