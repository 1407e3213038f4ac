"""One page of a source into the register: the whole of architecture.md section 4, in one unit of work."""

import hashlib
import reprlib
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
import orjson

import devreg
from devreg.domain.absence import Grace
from devreg.domain.fields import DRIFTING
from devreg.domain.job import Job
from devreg.domain.merge import Merged, SourceRecord, merge
from devreg.domain.observation import Observation, Subject
from devreg.domain.placing import CriticalRule, Rule, is_critical, place
from devreg.domain.policy import AS_SHIPPED, Policy
from devreg.domain.soundness import MAX_KEY, believed, flaw, is_storable
from devreg.domain.tools import AS_SHIPPED as TOOL_RULES
from devreg.domain.tools import ToolRule
from devreg.errors import Broken
from devreg.ports import ListedRow, Page, Record, Rejected
from devreg.services import identify, numbers
from devreg.services.masking import clear_of_codes
from devreg.store import (
    attachments,
    beside,
    contracts,
    counters,
    devices,
    identity,
    overrides,
    places,
    policies,
    records,
    reviews,
    runs,
    samples,
    sightings,
    targets,
    topology,
    words,
)
from devreg.store.engine import Session
from devreg.store.records import Fresh
from devreg.store.types import json_text

_RAW_LIMIT: Final = 4_000
_BODY_LIMIT: Final = 1_000_000


class Feed(msgspec.Struct, frozen=True):
    """What ingest needs to know of a source."""

    name: str
    kind: str
    observe: Callable[[Record], Observation]
    rules: Sequence[Rule]
    mapping: str
    """Changes whenever the same record would be read differently; part of every hash, so that a new mapping reaches all records."""
    by: str = ""
    """Who the history names; "": the source."""
    reason: str | None = None
    """Why, when a person said it."""
    grace: Grace = Grace()
    """How long what it does not list stays."""
    policy: Policy = AS_SHIPPED
    """How a register weighs that holds nothing yet when the source is first read."""
    tools: tuple[ToolRule, ...] = TOOL_RULES
    """Which system should manage which devices, by the settings."""
    job: Job | None = None
    """What of the source's work is done; None: all of it."""
    critical: Sequence[CriticalRule] = ()
    """Which of its devices are critical, by the settings."""
    keep_samples: timedelta | None = None
    """How long samples of load stay; None: it has none."""


class _Sorted(msgspec.Struct):
    """A page's records by what has to be done with them."""

    same: list[int] = []
    rehashed: dict[int, bytes] = {}
    """Of these, the ones read from another row than the last time."""
    drifted: list[tuple[records.Known, Record, Observation]] = []
    pending: list[tuple[records.Known | None, Record, bytes, Observation]] = []
    rejected: list[Rejected] = []
    ahead: int = 0
    """Records with a time in the future."""


def take_page(session: Session, feed: Feed, page: Page, run_id: int, now: datetime) -> runs.Counts:
    """Everything the page says, kept and merged; what it came to."""
    counters.one_at_a_time(session)
    page, again = _read(session, feed, page)
    page, masked = clear_of_codes(page)
    unique: dict[records.RecordKey, Record] = {}
    bad = list(page.rejected)
    for item in page.records:
        if _is_name(item.native_id):
            unique[str(item.subject), item.native_id] = item
        else:
            bad.append(_rejection(item, "its id is no usable text"))
    wanted = {native_id for _, native_id in unique}
    wanted.update(item.native_id for item in bad if item.native_id is not None and _is_name(item.native_id))
    known = records.known(session, feed.name, wanted) if wanted else {}
    work = _sort(feed, unique, known, now)
    work.rejected.extend(bad)
    work.same.extend(again)
    superseded = records.superseded(unique, known)
    records.mark_gone(session, superseded, now)
    regroup(session, superseded, by=feed.name, run_id=run_id, now=now)
    _take_seen_again(session, feed.name, work, known, run_id, now)
    _take_drift(session, feed.name, work.drifted, run_id, now)
    runs.quarantine(session, run_id, feed.name, work.rejected, now)
    targets.keep(session, feed.name, page.answers)
    counts = runs.Counts()
    if work.pending:
        counts = _take_fresh(session, feed, *_numbered(session, work.pending), run_id, now)
    topology.save(session, feed.name, page.around, now)
    samples.keep(session, feed.name, page.loads)
    counts.seen = len(again) + len(unique) + len(bad)
    counts.same += len(work.same) + len(work.drifted)
    counts.rejected = len(work.rejected)
    counts.masked = masked
    counts.ahead = work.ahead
    return counts


def unread(session: Session, feed: Feed, page: Page) -> set[str]:
    """Ids of the page's listed rows that the register can't know from the last time."""
    return {row.native_id for row in _divided(session, feed, page)[0]}


def _read(session: Session, feed: Feed, page: Page) -> tuple[Page, list[int]]:
    """The page with those of its listed rows read that the register can't know from the last time; and the other records."""
    rows, known = _divided(session, feed, page)
    return page.with_read(rows), known


def _divided(session: Session, feed: Feed, page: Page) -> tuple[list[ListedRow], list[int]]:
    """Rows to be read, and records whose row is as it was. A newer program reads every row once: it may clean or mask otherwise."""
    seal = hashlib.blake2b(f"{devreg.__version__} {feed.mapping}".encode(), digest_size=8).digest()
    listed = {(str(row.subject), row.native_id): row for row in page.listed}
    marks = {key: seal + row.row_hash for key, row in listed.items() if _is_name(row.native_id)}
    known = records.unchanged(session, feed.name, marks) if marks else {}
    rows = [row for key, row in listed.items() if key not in known]
    return [msgspec.structs.replace(row, row_hash=seal + row.row_hash) for row in rows], list(known.values())


def fingerprint(record: Record, mapping: str) -> bytes:
    """16 bytes that differ when the record's body, or the way it is read, does. Raises Broken when the body can't be kept."""
    try:
        content = orjson.dumps((mapping, record.body), option=orjson.OPT_SORT_KEYS)
    except TypeError as error:
        raise Broken(f"The record can't be kept: {error}.") from error
    if len(content) > _BODY_LIMIT:
        raise Broken(f"The record can't be kept: it has {len(content)} bytes.")
    return hashlib.blake2b(content, digest_size=16).digest()


def observe(feed: Feed, record: Record) -> Observation:
    """The record as the source reads it, with what the source's rules say of it; what the record itself says wins over a rule.

    Raises Broken when it can't be read or kept.
    """
    try:
        seen = feed.observe(record)
    except Broken:
        raise
    except Exception as bug:  # noqa: BLE001  foreign data finds holes in any reader; they must cost one record, not the run
        raise Broken(f"The record can't be read: {type(bug).__name__}.") from bug
    placed = place(seen, feed.rules)
    seen = msgspec.structs.replace(seen, claims={**placed, **seen.claims}) if placed else seen
    if seen.subject is Subject.DEVICE and "critical" not in seen.claims and is_critical(seen.claims, feed.critical):
        seen = msgspec.structs.replace(seen, claims={**seen.claims, "critical": True})
    problem = "it is about something else" if seen.subject is not record.subject else flaw(seen)
    if problem is None and not is_storable(record.part):
        problem = "the name of its part is no usable text"
    if problem is not None:
        raise Broken(f"The record can't be kept: {problem}.")
    return seen


def _is_name(text: object) -> bool:
    return isinstance(text, str) and 0 < len(text) <= MAX_KEY and is_storable(text)


def _volatile(record: Record) -> str:
    try:
        return json_text(record.volatile)
    except TypeError as error:
        raise Broken("The record can't be kept: what changes at each reading is no JSON.") from error


def _rejection(record: Record, reason: str) -> Rejected:
    try:
        raw = orjson.dumps(record.body).decode()
    except TypeError:
        raw = reprlib.repr(record.body)  # cuts what is deep and long
    return Rejected(str(record.native_id)[:MAX_KEY], reason, raw[:_RAW_LIMIT])


def _sort(
    feed: Feed, unique: dict[records.RecordKey, Record], known: dict[records.RecordKey, records.Known], now: datetime
) -> _Sorted:
    work = _Sorted()
    for key, item in unique.items():
        old = known.get(key)
        try:
            mark = fingerprint(item, feed.mapping)
            volatile = _volatile(item)
            settled = old is not None and old.is_settled(mark)
            if old is not None and settled and old.volatile == volatile and old.part == item.part:
                work.same.append(old.record_id)
                if item.row_hash:
                    work.rehashed[old.record_id] = item.row_hash
                continue
            said = observe(feed, item)
        except Broken as error:
            work.rejected.append(_rejection(item, str(error)))
            continue
        seen = believed(said, now)
        work.ahead += seen is not said
        if old is not None and settled:
            work.drifted.append((old, item, seen))
        else:
            work.pending.append((old, item, mark, seen))
    return work


def _take_seen_again(
    session: Session,
    name: str,
    work: _Sorted,
    known: dict[records.RecordKey, records.Known],
    run_id: int,
    now: datetime,
) -> None:
    """Unchanged records; and known ones that can't be used this time: bad, but there, so never missing."""
    bad_ids = {bad.native_id for bad in work.rejected}
    unchanged = [*work.same, *(old.record_id for old, _, _ in work.drifted)]
    good = {*unchanged, *(old.record_id for old, *_ in work.pending if old is not None)}
    there = [old for (_, native_id), old in known.items() if native_id in bad_ids and old.record_id not in good]
    sightings.touch(session, unchanged + [old.record_id for old in there], run_id, now)
    records.rehash(session, work.rehashed)
    records.back(session, [old.record_id for old in there if old.gone])
    back = [old.record_id for old in there if old.gone and old.device_id is not None]
    regroup(session, back, by=name, run_id=run_id, now=now)


def _take_drift(
    session: Session,
    name: str,
    drifted: Sequence[tuple[records.Known, Record, Observation]],
    run_id: int,
    now: datetime,
) -> None:
    if not drifted:
        return
    records.drift(session, [(old.record_id, item, seen) for old, item, seen in drifted])
    attached = [(old.record_id, old.device_id, seen) for old, _, seen in drifted if old.device_id is not None]
    device_ids = {device_id for _, device_id, _ in attached}
    devices.heard(session, device_ids)
    moved = {device_id for _, device_id, seen in attached if DRIFTING & seen.claims.keys()}
    moved |= {old.device_id for old, item, _ in drifted if old.device_id is not None and _says_less(old, item)}
    refresh(session, moved, (), by=name, run_id=run_id, now=now)
    attachments.save_gear(session, attached)
    beside.save(session, [(old.record_id, seen) for old, _, seen in drifted])
    regroup(session, records.twins(session, name, device_ids), by=name, run_id=run_id, now=now)


def _says_less(old: records.Known, item: Record) -> bool:
    """Whether it no longer says something that changes at each reading: what was merged from it goes too."""
    return bool(orjson.loads(old.volatile).keys() - item.volatile.keys())


def _numbered(
    session: Session, pending: Sequence[tuple[records.Known | None, Record, bytes, Observation]]
) -> tuple[list[Fresh], dict[int, int | None]]:
    """New and changed records with their numbers, and the device each stored one is attached to."""
    ids = iter(counters.take(session, "record", sum(old is None for old, *_ in pending)))
    fresh = [
        Fresh(next(ids) if old is None else old.record_id, item, mark, seen, records.encode(seen), is_new=old is None)
        for old, item, mark, seen in pending
    ]
    return fresh, {old.record_id: old.device_id for old, *_ in pending if old is not None}


def _take_fresh(
    session: Session, feed: Feed, fresh: Sequence[Fresh], attached: Mapping[int, int | None], run_id: int, now: datetime
) -> runs.Counts:
    about_devices = [item for item in fresh if item.seen.subject is Subject.DEVICE]
    others = [item for item in fresh if item.seen.subject is not Subject.DEVICE]
    stored = [item.record_id for item in about_devices if not item.is_new]
    before, pins = identity.keys_of(session, stored), identity.pins_of(session, stored)
    nodes, keys = {}, {}
    for item in about_devices:
        number = item.record_id
        nodes[number], keys[number] = identify.placed(
            item, feed.name, feed.kind, before.get(number, {}), attached.get(number), pins.get(number)
        )
    grouping = identify.group(session, nodes, identity.left_behind(session, before, keys))
    whole = _whole(session, feed, about_devices, grouping, now)
    identify.apply(session, grouping, now, whole)
    overrides.begin(session, whole, now)
    kept = {item.record_id: records.Placed(None, "kept", None) for item in others}
    records.save(session, feed.name, fresh, grouping.places | kept, run_id, now)
    identity.save_keys(session, keys, before)
    _save_attachments(session, feed, about_devices, grouping, now)
    numbers.save(session, feed.name, [(item.record_id, item.seen) for item in fresh], feed.by or feed.name, now)
    save_places(session, feed.name, [(item.record, item.seen) for item in others])
    stale = (grouping.affected - whole.keys()) | words.follow(session, stored)
    by = feed.by or feed.name
    refresh(session, stale, grouping.created, by=by, run_id=run_id, now=now, reason=feed.reason)
    asked = reviews.ask(session, grouping.questions, grouping.places.keys(), run_id, now)
    new = sum(item.is_new for item in fresh)
    return runs.Counts(new=new, changed=len(fresh) - new, review=asked)


def _whole(
    session: Session, feed: Feed, fresh: Sequence[Fresh], grouping: identify.Grouping, now: datetime
) -> dict[int, Merged]:
    """New devices whose every record is at hand, merged."""
    elsewhere = {place.device_id for place in grouping.moved.values()}
    about: dict[int, list[SourceRecord]] = {device_id: [] for device_id in grouping.created - elsewhere}
    if not about:
        return {}
    for item in fresh:
        device_id = grouping.places[item.record_id].device_id
        if device_id is not None and device_id in about:
            seen = records.decode(item.text)  # as it would be read back
            about[device_id].append(
                SourceRecord(feed.name, feed.kind, item.record.native_id, seen, now, seen.as_of, None)
            )
    policy = policies.in_force(session)
    return {device_id: merge(said, policy) for device_id, said in about.items()}


def regroup(session: Session, record_ids: Collection[int], *, by: str, run_id: int | None, now: datetime) -> None:
    """Decide anew which devices these stored records, and all they hang together with, are about."""
    if not record_ids:
        return
    grouping = identify.group(session, {}, record_ids)
    identify.apply(session, grouping, now)
    refresh(session, grouping.affected, grouping.created, by=by, run_id=run_id, now=now)
    reviews.ask(session, grouping.questions, grouping.places.keys(), run_id, now)


def _save_attachments(
    session: Session, feed: Feed, fresh: Sequence[Fresh], grouping: identify.Grouping, now: datetime
) -> None:
    attached = [
        (item.record_id, device_id, item.seen)
        for item in fresh
        if (device_id := grouping.places[item.record_id].device_id) is not None
    ]
    attachments.save_gear(session, attached)
    said = [(record_id, device_id, seen.contract) for record_id, device_id, seen in attached]
    contracts.save(session, feed.name, said, feed.by or feed.name, now)


def refresh(
    session: Session,
    device_ids: Collection[int],
    created: Collection[int],
    *,
    by: str,
    run_id: int | None,
    now: datetime,
    reason: str | None = None,
) -> None:
    """Merge these devices anew from all their records, and write what came out differently into the history."""
    if not device_ids and not created:
        return
    policy, said = policies.in_force(session), records.about(session, device_ids)
    merged = {device_id: merge(about, policy) for device_id, about in said.items() if about}
    changes = devices.project(session, merged, created, now)
    overrides.settle(session, merged, now)
    born = [devices.Change(device_id, "registered", None, by) for device_id in sorted(created)]
    devices.record_changes(session, born + changes, by=by, run_id=run_id, now=now, reason=reason)


def save_places(session: Session, name: str, said: Sequence[tuple[Record, Observation]]) -> None:
    """Units, head-counts and persons among these records."""
    places.save_units(session, name, [seen.claims for _, seen in said if seen.subject is Subject.UNIT])
    places.save_headcounts(session, name, [seen.claims for _, seen in said if seen.subject is Subject.HEADCOUNT])
    persons = [(record.native_id, seen.claims) for record, seen in said if seen.subject is Subject.PERSON]
    places.save_persons(session, name, persons)
