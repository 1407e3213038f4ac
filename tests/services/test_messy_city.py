"""A whole messy city, of which the truth is known: nothing wrongly merged, nearly everything found, every doubt asked about."""

import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from register_rig import NOON, actor, dump, rows, run_of
from sqlalchemy import select

from devreg.errors import Retryable
from devreg.ports import Finding, Page, Record
from devreg.services.replay import replay
from devreg.store import schema
from devreg.store.engine import Sessions, connect

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))
from messy_city import City, Where, feeds
from messy_troubles import messy_city

RECALL = 0.99
"""Of the mergeable pairs."""
QUESTIONS = 0.06
"""Of the number of devices: more than that nobody works through."""


class Found(msgspec.Struct):
    """What a register has made of a city."""

    homes: dict[Where, int | None]
    asked: set[tuple[Where, str]]
    questions: list[tuple[Where, frozenset[int]]]
    """Open ones: the record, and the devices it names."""

    @property
    def groups(self) -> set[frozenset[Where]]:
        """Records by device, whatever its number; those left undecided one by one."""
        return set(map(frozenset, self.devices().values()))

    def devices(self) -> dict[object, set[Where]]:
        made: dict[object, set[Where]] = {}
        for where, home in self.homes.items():
            made.setdefault(where if home is None else home, set()).add(where)
        return made


class Whole:
    """A source that gives these records, and then ends or breaks off."""

    def __init__(self, feed: Any, records: list[Record], *, breaks_off: bool) -> None:
        self.observe = feed.observe
        self._records = records
        self._breaks_off = breaks_off

    def check(self) -> Iterator[Finding]:
        return iter(())

    def pages(self, checkpoint: str | None) -> Iterator[Page]:
        for start in range(0, len(self._records), 500):
            yield Page(tuple(self._records[start : start + 500]))
        if self._breaks_off:
            raise Retryable("The rest could not be read.")


def collect_all(sessions: Sessions, city: City, dice: Random) -> None:
    """The city's records in pieces: any order of sources and pages, a record's versions in theirs; then every source whole again."""
    by_source: dict[str, list[Record]] = {}
    for entry in city.entries:
        by_source.setdefault(entry.source, []).append(entry.record)
    pieces = [(name, piece) for name, records in by_source.items() for piece in _cut(_shuffled(records, dice), dice)]
    order = [name for name, _ in pieces]
    dice.shuffle(order)
    waiting = {name: iter([piece for other, piece in pieces if other == name]) for name in by_source}
    for name in order:
        _run(sessions, name, next(waiting[name]), breaks_off=True)
    for name in dice.sample(sorted(by_source), len(by_source)):
        newest = {record.native_id: record for record in by_source[name]}
        listed = [record for record in newest.values() if (name, record.native_id) not in city.dropped]
        assert _run(sessions, name, _shuffled(listed, dice), breaks_off=False) == "complete"


def _run(sessions: Sessions, name: str, records: list[Record], *, breaks_off: bool) -> str:
    feed = feeds()[name]
    ended = run_of(sessions, Whole(feed, records, breaks_off=breaks_off), name, feed.kind)
    assert not ended.counts.rejected
    return str(ended.verdict)


def _shuffled(records: list[Record], dice: Random) -> list[Record]:
    """In any order, but a newer version of a record never before an older one."""
    mixed = dice.sample(range(len(records)), len(records))
    places: dict[str, list[int]] = {}
    for index in mixed:
        places.setdefault(records[index].native_id, []).append(index)
    turn = {native_id: iter(sorted(indices)) for native_id, indices in places.items()}
    return [records[next(turn[records[index].native_id])] for index in mixed]


def _cut(records: list[Record], dice: Random) -> list[list[Record]]:
    """Into about five pieces; no piece holds two versions of one record, of which a page would keep the last only."""
    cuts = sorted(dice.sample(range(1, len(records)), min(4, len(records) - 1))) if len(records) > 1 else []
    pieces: list[dict[str, Record]] = []
    for start, end in pairwise([0, *cuts, len(records)]):
        pieces.append({})
        for record in records[start:end]:
            if record.native_id in pieces[-1]:
                pieces.append({})
            pieces[-1][record.native_id] = record
    return [list(piece.values()) for piece in pieces]


def found_in(sessions: Sessions) -> Found:
    records = rows(sessions, schema.record)
    names = {line["id"]: (line["source"], line["native_id"]) for line in records}
    homes = {names[line["id"]]: line["device_id"] for line in records}
    review = schema.review.c
    with sessions.read.begin() as session:
        lines = session.execute(
            select(review.record_id, review.reason, review.device_ids).where(review.closed_at.is_(None))
        ).all()
    return Found(
        homes,
        {(names[line.record_id], line.reason) for line in lines},
        [(names[line.record_id], frozenset(line.device_ids)) for line in lines],
    )


def wrongly_merged(city: City, found: Found) -> list[str]:
    """Devices of the register that hold records of two real ones."""
    truth = city.truth()
    return [
        city.described(records)
        for records in found.devices().values()
        if not frozenset.intersection(*(truth[where] for where in records))
    ]


def recall(city: City, found: Found) -> tuple[float, list[str]]:
    """Share of the mergeable pairs that the register has put together, and the devices where it has not."""
    wanted = got = 0
    parted = []
    for records in city.mergeable():
        parts: dict[object, int] = {}
        for where in records:
            home = found.homes[where]
            parts[where if home is None else home] = parts.get(where if home is None else home, 0) + 1
        pairs = sum(n * (n - 1) // 2 for n in parts.values())
        wanted += len(records) * (len(records) - 1) // 2
        got += pairs
        if len(parts) > 1:
            parted.append(city.described(records))
    return got / wanted, parted


def unasked(city: City, found: Found) -> list[str]:
    """Situations and undecided records that nobody is asked about."""
    about = {where for where, _ in found.asked}
    named = {number for _, devices in found.questions for number in devices}
    quiet = [
        city.described(situation.about)
        for situation in city.situations
        if not any(where in about or found.homes[where] in named for where in situation.about)
    ]
    return quiet + [
        city.described([where]) for where, home in found.homes.items() if home is None and where not in about
    ]


def judge(city: City, found: Found) -> None:
    wrong = wrongly_merged(city, found)
    assert not wrong, f"{len(wrong)} devices hold records of several:\n" + "\n".join(wrong[:5])
    share, parted = recall(city, found)
    assert share >= RECALL, f"recall {share:.4f}; not put together:\n" + "\n".join(parted[:5])
    quiet = unasked(city, found)
    assert not quiet, f"nobody is asked about {len(quiet)}:\n" + "\n".join(quiet[:5])
    assert len(found.questions) <= len(city.devices) * QUESTIONS, "more questions than a person can work through"


def replayed(sessions: Sessions) -> None:
    before = dump(sessions)
    replay(sessions, feeds(), actor=actor(), now=NOON)
    after = dump(sessions)
    for table in (schema.device, schema.record, schema.record_key, schema.review, schema.change, schema.pin):
        assert before[table.name] == after[table.name]


@pytest.mark.timeout(600)
def test_a_messy_city_is_told_apart_whatever_the_order_and_engine_and_a_replay_changes_nothing(
    fresh_register: Callable[[str], str], tmp_path: Path
) -> None:
    _told_apart(messy_city(seed=1, size=1_500), fresh_register, tmp_path)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_a_messy_city_of_twenty_thousand_devices_is_told_apart(
    fresh_register: Callable[[str], str], tmp_path: Path
) -> None:
    _told_apart(messy_city(seed=20, size=20_000), fresh_register, tmp_path)


def _told_apart(city: City, fresh_register: Callable[[str], str], folder: Path) -> None:
    pictures = []
    for order, engine in enumerate(("sqlite", "postgresql")):
        sessions = connect(fresh_register(engine), folder)
        collect_all(sessions, city, Random(order))
        pictures.append(found_in(sessions))
        judge(city, pictures[-1])
        replayed(sessions)
        sessions.close()
    assert pictures[0].groups == pictures[1].groups
    assert pictures[0].asked == pictures[1].asked
