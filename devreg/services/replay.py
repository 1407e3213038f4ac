"""Rebuilding every device from the stored records with today's mapping, keeping ids and people's decisions.

It is the repair tool after a mapping bug: records are read again by today's collectors' `observe` and today's unit rules, grouped
again, merged again. What it can't give back is what was never stored: fields outside a source's allow-list, masked values,
and older bodies of a record (the history keeps what changed, not the whole of what was said).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import msgspec

from devreg.domain.observation import Observation
from devreg.domain.policy import AS_SHIPPED, Policy
from devreg.domain.rights import Actor, Right
from devreg.domain.soundness import believed
from devreg.errors import Broken
from devreg.ports import Record
from devreg.services import numbers
from devreg.services.acting import act
from devreg.services.editing import expire
from devreg.services.ingest import Feed, fingerprint, observe, regroup, save_places
from devreg.store import attachments, beside, contracts, identity, locks, policies, records, sources
from devreg.store.engine import Session, Sessions, told_plainly
from devreg.store.repeating import repeats

_CHUNK: Final = 1_000


class Replayed(msgspec.Struct):
    """What a replay did."""

    records: int = 0
    reread: int = 0
    """Records that today's mapping reads differently."""
    broken: int = 0
    """Records that today's mapping can't read: they stay as they were read."""


@repeats
def replay(
    sessions: Sessions,
    feeds: Mapping[str, Feed],
    *,
    actor: Actor,
    now: datetime,
    policy: Policy = AS_SHIPPED,
    progress: Callable[[int], None] | None = None,
) -> Replayed:
    """Rebuild everything in one unit of work: seen by others only when whole. Raises AlreadyRunning while a source is collected.

    `feeds` are today's sources by name; records of a source that is no longer configured stay as they were read. `policy` is
    today's, and in force afterwards.
    """
    result = Replayed()
    with told_plainly("read the register"), sessions.read.begin() as reading:
        known = sources.known(reading)
    with (
        locks.hold(sessions, *sorted(known | feeds.keys())),
        act(sessions, actor, Right.KEEP, doing="replay the records", now=now) as doing,
    ):
        session = doing.session
        policies.put_in_force(session, policy)
        expire(session, now)
        touched: list[int] = []
        for name in records.sources(session):
            after = 0
            while rows := records.stored(session, name, after, _CHUNK):
                after = rows[-1][0]
                touched += _read_again(session, name, feeds.get(name), rows, result, now)
                if progress is not None:
                    progress(result.records)
        for start in range(0, len(touched), _CHUNK):
            regroup(session, touched[start : start + _CHUNK], by=doing.by, run_id=None, now=now)
        beside.settle(session)
        contracts.reckon(session, doing.today)
        doing.tell("replay", "register", after={"records": result.records, "reread": result.reread})
    return result


def _read_again(
    session: Session,
    name: str,
    feed: Feed | None,
    rows: list[tuple[int, Record, str, datetime]],
    result: Replayed,
    now: datetime,
) -> list[int]:
    result.records += len(rows)
    seen_now: dict[int, tuple[Observation, bytes]] = {}
    for record_id, record, text, read_at in rows:
        try:
            seen = believed(observe(feed, record), read_at) if feed is not None else records.decode(text)
        except Broken:
            result.broken += 1
            continue
        if records.encode(seen) != text and feed is not None:
            result.reread += 1
            seen_now[record_id] = (seen, fingerprint(record, feed.mapping))
    records.reread(session, seen_now)
    have = identity.keys_of(session, seen_now)
    wanted = {record_id: identity.with_former(seen.keys, have[record_id]) for record_id, (seen, _) in seen_now.items()}
    identity.save_keys(session, wanted, have)
    save_places(
        session, name, [(record, seen_now[record_id][0]) for record_id, record, *_ in rows if record_id in seen_now]
    )
    homes = records.attached(session, seen_now)
    said = [(record_id, home, seen_now[record_id][0]) for record_id, home in homes.items()]
    attachments.save_gear(session, said)
    contracts.save(session, name, [(record_id, home, seen.contract) for record_id, home, seen in said], name, now)
    numbers.save(session, name, [(record_id, seen) for record_id, (seen, _) in seen_now.items()], name, now)
    return [record_id for record_id, *_ in rows]
