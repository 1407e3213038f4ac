"""Deciding which records are about which devices, for a part of the register at a time.

The decision itself is `domain.clusters`, pure and independent of order; here the part it has to look at is gathered, device
ids are kept, and what moved is written.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import count

import msgspec

from devreg.domain.clusters import Group, Partition, partition
from devreg.domain.fillers import JUNK
from devreg.domain.merge import Merged
from devreg.domain.nodes import Node
from devreg.domain.observation import Identifier, Observation
from devreg.store import counters, devices, identity, records, reviews
from devreg.store.engine import Session
from devreg.store.identity import Placed
from devreg.store.records import Placed as Place


class Grouping(msgspec.Struct, frozen=True):
    """Where every record of the looked-at part belongs."""

    places: dict[int, Place]
    """All records of the part."""
    moved: dict[int, Place]
    """Of the records already stored, those that belong elsewhere than before."""
    created: frozenset[int]
    """Devices that have to be made."""
    emptied: dict[int, int | None]
    """Devices without records now, and the device that took their place."""
    affected: frozenset[int]
    """Devices to be merged anew."""
    questions: tuple[reviews.Question, ...]


def group(session: Session, fresh: Mapping[int, Placed], seeds: Collection[int] = ()) -> Grouping:
    """Sort `fresh` records (about to be stored) and stored ones (`seeds`), with everybody they share identifiers with.

    The caller holds `counters.one_at_a_time`.
    """
    part, countless = _connected(session, fresh, seeds)
    return _assigned(session, part, partition((item.node for item in part.values()), countless), fresh.keys())


def apply(session: Session, grouping: Grouping, now: datetime, whole: Mapping[int, Merged] | None = None) -> None:
    """Write what moved; the caller stores the fresh records and merges `affected` afterwards, but for what is `whole`."""
    devices.insert(session, whole or {}, now)
    devices.create(session, sorted(grouping.created - (whole or {}).keys()), now)
    records.attach(session, grouping.moved)
    identity.retire(session, grouping.emptied)


def placed(
    fresh: records.Fresh,
    name: str,
    kind: str,
    before: Mapping[Identifier, bool],
    device_id: int | None,
    pin: int | None,
) -> tuple[Placed, dict[Identifier, bool]]:
    """A record on its way in as identity sees it, and the identifiers to keep for it."""
    seen: Observation = fresh.seen
    keys = identity.with_former(seen.keys, before)
    node = identity.node(
        fresh.record_id,
        name,
        fresh.record.native_id,
        kind,
        keys,
        _told(seen),
        seen.as_of,
        live=seen.live,
        manages=seen.manages,
        listed=seen.listed,
        pin_=pin,
    )
    return Placed(node, device_id, "", None), keys


def _told(seen: Observation) -> identity.Told:
    said = seen.claims
    maker, model, enrolled = said.get("manufacturer"), said.get("model"), said.get("enrolled_at")
    return identity.Told(
        maker if isinstance(maker, str) else None,
        model if isinstance(model, str) else None,
        enrolled if isinstance(enrolled, datetime) else None,
    )


def _connected(
    session: Session, fresh: Mapping[int, Placed], seeds: Collection[int]
) -> tuple[dict[int, Placed], set[Identifier]]:
    """The records to look at, and identifiers that too many share for all of them to be among these."""
    part = dict(fresh)
    here = Counter(key for item in fresh.values() for key in item.node.keys | item.node.former)
    asked: set[Identifier] = set()
    countless: set[Identifier] = set()
    waiting = set(seeds) - part.keys()
    frontier: list[Node] = [item.node for item in fresh.values()]
    while frontier or waiting:
        loaded = (
            [item for item in identity.placed(session, waiting) if item.node.record_id not in part] if waiting else []
        )
        part |= {item.node.record_id: item for item in loaded}
        frontier += [item.node for item in loaded]
        keys = {key for node in frontier for key in node.keys | node.former} - asked
        asked |= keys
        found = identity.sharing(session, [key.key for key in keys], fresh.keys())
        countless |= {key for key in keys if found.sizes.get(key.key, 0) + here[key] > JUNK}
        waiting = found.record_ids | identity.mates(session, {node.pin for node in frontier if node.pin is not None})
        waiting -= part.keys()
        frontier = []
    return part, countless


def _assigned(session: Session, part: Mapping[int, Placed], result: Partition, fresh: Collection[int]) -> Grouping:
    """Give each group its device: the pinned one, else the oldest that its records already had, else a new one."""
    before = {record_id: item.device_id for record_id, item in part.items()}
    keeper = _keepers(before)
    unused = count(counters.peek(session, "device"))
    taken: set[int] = {group_.pin for group_ in result.groups if group_.pin is not None}
    created: set[int] = set()
    places: dict[int, Place] = {record_id: Place(None, "review", None) for record_id in result.undecided}
    for group_ in sorted(result.groups, key=lambda found: found.records):
        device_id = group_.pin if group_.pin is not None else _kept_id(group_, before, keeper, taken)
        if device_id is None:
            device_id = next(unused)
            created.add(device_id)
        taken.add(device_id)
        alone = len(group_.records) == 1
        places |= {
            record_id: Place(device_id, "new" if alone else "matched", group_.rungs.get(record_id))
            for record_id in group_.records
        }
    counters.take(session, "device", len(created))
    old = {device_id for device_id in before.values() if device_id is not None}
    now = {place.device_id for place in places.values() if place.device_id is not None}
    return Grouping(
        places=places,
        moved={
            record_id: place
            for record_id, place in places.items()
            if record_id not in fresh and _differs(part[record_id], place)
        },
        created=frozenset(created),
        emptied={device_id: places[keeper[device_id]].device_id for device_id in sorted(old - now)},
        affected=frozenset(now),
        questions=tuple(_questions(result, places)),
    )


def _keepers(before: Mapping[int, int | None]) -> dict[int, int]:
    """Device -> its oldest record, which decides where the id goes when its records part."""
    keeper: dict[int, int] = {}
    for record_id in sorted(before):
        device_id = before[record_id]
        if device_id is not None:
            keeper.setdefault(device_id, record_id)
    return keeper


def _kept_id(
    group_: Group, before: Mapping[int, int | None], keeper: Mapping[int, int], taken: Collection[int]
) -> int | None:
    mine = {before[record_id] for record_id in group_.records}
    own = [
        device_id
        for device_id in mine
        if device_id is not None and keeper[device_id] in group_.records and device_id not in taken
    ]
    return min(own, default=None)


def _differs(item: Placed, place: Place) -> bool:
    return (item.device_id, item.verdict, item.rung) != (place.device_id, place.verdict, place.rung)


def _questions(result: Partition, places: Mapping[int, Place]) -> Iterable[reviews.Question]:
    for question in result.questions:
        about = {places[record_id].device_id for record_id in (question.record_id, *question.others)}
        yield reviews.Question(
            question.record_id, question.reason, tuple(sorted(number for number in about if number is not None))
        )
