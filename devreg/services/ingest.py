"""One page of a source into the register: the whole of architecture.md section 4, in one unit of work."""

import hashlib
import reprlib
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from itertools import count
from typing import Final

import msgspec
import orjson

from devreg.domain import identifiers
from devreg.domain.fields import DRIFTING
from devreg.domain.identity import Candidate, Match, New, Review, resolve
from devreg.domain.merge import merge
from devreg.domain.observation import IdKind, Observation, Subject
from devreg.domain.placing import Rule, place
from devreg.domain.soundness import MAX_KEY, flaw, is_storable
from devreg.errors import Broken
from devreg.ports import Page, Record, Rejected
from devreg.store import attachments, counters, devices, places, records, reviews, runs
from devreg.store.engine import Session

_RAW_LIMIT: Final = 4_000
_BODY_LIMIT: Final = 1_000_000


class Feed(msgspec.Struct, frozen=True):
    """What ingest needs to know of a source."""

    name: str
    observe: Callable[[Record], Observation]
    rules: Sequence[Rule]
    mapping: str
    """Changes whenever the same record would be read differently; part of every hash, so that a new mapping reaches all records."""


class _Fresh(msgspec.Struct, frozen=True):
    """A new or changed record on its way in."""

    record_id: int
    record: Record
    hash: bytes
    seen: Observation
    device_id: int | None
    """The device it was attached to before."""
    is_new: bool
    is_changed: bool
    """Says something else than before, or is back; else it is only decided about again."""


class _Sorted(msgspec.Struct):
    """A page's records by what has to be done with them."""

    same: list[int] = []
    drifted: list[tuple[records.Known, Record, Observation]] = []
    pending: list[tuple[records.Known | None, Record, bytes, Observation]] = []
    rejected: list[Rejected] = []


def take_page(session: Session, feed: Feed, page: Page, run_id: int, now: datetime) -> runs.Counts:
    """Everything the page says, kept and merged; what it came to."""
    counters.one_at_a_time(session)
    unique = {(str(item.subject), item.native_id): item for item in page.records if _is_name(item.native_id)}
    nameless = [_rejection(item, "its id is no usable text") for item in page.records if not _is_name(item.native_id)]
    bad = [*page.rejected, *nameless]
    wanted = {native_id for _, native_id in unique} | {item.native_id for item in bad if item.native_id is not None}
    known = records.known(session, feed.name, {native_id for native_id in wanted if _is_name(native_id)})
    work = _sort(feed, unique, known)
    work.rejected.extend(bad)
    _take_seen_again(session, feed.name, work, known, run_id, now)
    _take_drift(session, feed.name, work.drifted, run_id, now)
    runs.quarantine(session, run_id, feed.name, work.rejected, now)
    counts = _take_fresh(session, feed.name, _numbered(session, work.pending), run_id, now)
    counts.seen = len(unique) + len(bad)
    counts.same += len(work.same) + len(work.drifted)
    counts.rejected = len(work.rejected)
    return counts


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
    """The record as the source reads it, put into its unit by the source's rules; what the record itself says wins over a rule.

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
    problem = "it is about something else" if seen.subject is not record.subject else flaw(seen)
    if problem is None and not (is_storable(record.part) and _is_json(record.volatile)):
        problem = "what changes at each reading is no JSON"
    if problem is not None:
        raise Broken(f"The record can't be kept: {problem}.")
    return seen


def _is_name(text: object) -> bool:
    return isinstance(text, str) and 0 < len(text) <= MAX_KEY and is_storable(text)


def _is_json(value: object) -> bool:
    try:
        orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return False
    return True


def _rejection(record: Record, reason: str) -> Rejected:
    try:
        raw = orjson.dumps(record.body).decode()
    except TypeError:
        raw = reprlib.repr(record.body)  # cuts what is deep and long
    return Rejected(str(record.native_id)[:MAX_KEY], reason, raw[:_RAW_LIMIT])


def _sort(
    feed: Feed, unique: dict[records.RecordKey, Record], known: dict[records.RecordKey, records.Known]
) -> _Sorted:
    work = _Sorted()
    for key, item in unique.items():
        old = known.get(key)
        try:
            mark = fingerprint(item, feed.mapping)
            settled = old is not None and old.is_settled(mark, item.subject)
            if old is not None and settled and (old.volatile, old.part) == (item.volatile, item.part):
                work.same.append(old.record_id)
                continue
            seen = observe(feed, item)
        except Broken as error:
            work.rejected.append(_rejection(item, str(error)))
            continue
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
    good = {old.record_id for old, _, _ in work.drifted} | {
        old.record_id for old, *_ in work.pending if old is not None
    }
    there = [old for (_, native_id), old in known.items() if native_id in bad_ids and old.record_id not in good]
    records.touch(session, work.same + [old.record_id for old in there], run_id, now)
    back = {old.device_id for old in there if old.gone and old.device_id is not None}
    refresh(session, back, (), by=name, run_id=run_id, now=now)


def _take_drift(
    session: Session,
    name: str,
    drifted: Sequence[tuple[records.Known, Record, Observation]],
    run_id: int,
    now: datetime,
) -> None:
    if not drifted:
        return
    records.drift(session, [(old.record_id, item, seen) for old, item, seen in drifted], run_id, now)
    attached = [(old.record_id, old.device_id, seen) for old, _, seen in drifted if old.device_id is not None]
    device_ids = {device_id for _, device_id, _ in attached}
    devices.heard(session, device_ids)
    moved = {device_id for _, device_id, seen in attached if DRIFTING & seen.claims.keys()}
    refresh(session, moved.union(records.rivalled(session, device_ids)), (), by=name, run_id=run_id, now=now)
    attachments.save_ports(
        session, [(record_id, device_id, seen.ports) for record_id, device_id, seen in attached if seen.ports]
    )


def _numbered(
    session: Session, pending: Sequence[tuple[records.Known | None, Record, bytes, Observation]]
) -> list[_Fresh]:
    ids = iter(counters.take(session, "record", sum(old is None for old, *_ in pending)))
    return [
        _Fresh(
            record_id=next(ids) if old is None else old.record_id,
            record=item,
            hash=mark,
            seen=seen,
            device_id=old.device_id if old else None,
            is_new=old is None,
            is_changed=old is not None and (old.hash != mark or old.gone),
        )
        for old, item, mark, seen in pending
    ]


def _take_fresh(session: Session, name: str, fresh: Sequence[_Fresh], run_id: int, now: datetime) -> runs.Counts:
    about_devices = [item for item in fresh if item.seen.subject is Subject.DEVICE]
    saved, questions, created = _identify(session, about_devices)
    others = [item for item in fresh if item.seen.subject is not Subject.DEVICE]
    saved += [records.Saved(item.record_id, item.record, item.hash, item.seen, None, "kept", None) for item in others]
    devices.create(session, created, now)
    records.save(session, name, saved, {item.record_id for item in fresh if item.is_new}, run_id, now)
    _save_places(session, name, others)
    attached = [(row.record_id, row.device_id, row.seen) for row in saved if row.device_id is not None]
    attachments.save_ports(
        session, [(record_id, device_id, seen.ports) for record_id, device_id, seen in attached if seen.ports]
    )
    attachments.save_contracts(
        session, name, [(record_id, device_id, seen.contract) for record_id, device_id, seen in attached]
    )
    refresh(session, {device_id for _, device_id, _ in attached}, created, by=name, run_id=run_id, now=now)
    adrift = {item.record_id for item in about_devices if item.device_id is None}
    asked = reviews.ask(session, questions, adrift, run_id, now)
    new, changed = sum(item.is_new for item in fresh), sum(item.is_changed for item in fresh)
    return runs.Counts(new=new, changed=changed, same=len(fresh) - new - changed, review=asked)


def refresh(
    session: Session,
    device_ids: Collection[int],
    created: Collection[int],
    *,
    by: str,
    run_id: int | None,
    now: datetime,
) -> None:
    """Merge these devices anew from all their records, and write what came out differently into the history."""
    if not device_ids:
        return
    merged = {device_id: merge(about) for device_id, about in records.about(session, device_ids).items() if about}
    changes = devices.project(session, merged, created)
    born = [devices.Change(device_id, "registered", None, by) for device_id in sorted(created)]
    devices.record_changes(session, born + changes, by=by, run_id=run_id, now=now)


def _identify(
    session: Session, fresh: Sequence[_Fresh]
) -> tuple[list[records.Saved], list[reviews.Question], set[int]]:
    """Each record with the device it is about, the questions that arose, and the devices that have to be made."""
    keys = {key.key for item in fresh for key in item.seen.keys}
    by_key, known = devices.candidates(session, keys, {item.device_id for item in fresh if item.device_id is not None})
    saved: list[records.Saved] = []
    questions: list[reviews.Question] = []
    created: set[int] = set()
    unused = count(counters.peek(session, "device"))
    for item in fresh:
        before = known[item.device_id] if item.device_id is not None else None
        answering = {key.key: tuple(known[i] for i in sorted(by_key.get(key.key, ()))) for key in item.seen.keys}
        verdict = resolve(item.seen, before, answering)
        match verdict:
            case Match(device_id=device_id, rung=rung, doubts=doubts, rivals=rivals):
                saved.append(_decided(item, device_id, "matched", rung))
                questions.extend(reviews.Question(item.record_id, doubt, (device_id, *rivals)) for doubt in doubts)
            case New():
                device_id = next(unused)
                created.add(device_id)
                saved.append(_decided(item, device_id, "new", None))
            case Review(reason=reason, device_ids=device_ids):
                saved.append(_decided(item, None, "review", None))
                questions.append(reviews.Question(item.record_id, reason, device_ids))
                continue
        _learn(item.seen, device_id, by_key, known)
    counters.take(session, "device", len(created))
    return saved, questions, created


def _decided(item: _Fresh, device_id: int | None, verdict: str, rung: str | None) -> records.Saved:
    return records.Saved(item.record_id, item.record, item.hash, item.seen, device_id, verdict, rung)


def _learn(seen: Observation, device_id: int, by_key: dict[str, set[int]], known: dict[int, Candidate]) -> None:
    """Let the rest of the page find what this record has just said about the device."""
    before = known.get(device_id, Candidate(device_id, None, frozenset()))
    serials = {key.value for key in seen.keys if key.kind is IdKind.SERIAL}
    maker = identifiers.maker(str(seen.claims["manufacturer"])) if "manufacturer" in seen.claims else None
    known[device_id] = Candidate(device_id, before.manufacturer or maker, before.serials | serials)
    for key in seen.keys:
        by_key.setdefault(key.key, set()).add(device_id)


def _save_places(session: Session, name: str, fresh: Iterable[_Fresh]) -> None:
    said = [(item.record.native_id, item.seen) for item in fresh]
    places.save_units(session, name, [seen.claims for _, seen in said if seen.subject is Subject.UNIT])
    places.save_headcounts(session, name, [seen.claims for _, seen in said if seen.subject is Subject.HEADCOUNT])
    places.save_persons(
        session, name, [(native_id, seen.claims) for native_id, seen in said if seen.subject is Subject.PERSON]
    )
