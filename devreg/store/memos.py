"""What a source's reader wants to be reminded of at its next run."""

from datetime import datetime

import msgspec
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from devreg.store.schema import memo, sighting


class Memo(msgspec.Struct, frozen=True):
    """What a whole run left for the next; see `memo_schema`."""

    run_id: int
    memo: str
    reading: str
    quiet: bool


def of(session: Session, source: str) -> Memo | None:
    """What the last whole run of the source left."""
    columns = [memo.c[name] for name in Memo.__struct_fields__]
    row = session.execute(select(*columns).where(memo.c.source == source)).one_or_none()
    return None if row is None else Memo(*row)


def keep(session: Session, source: str, left: Memo) -> None:
    """In the place of what an earlier run left."""
    session.execute(delete(memo).where(memo.c.source == source))
    session.execute(insert(memo).values(source=source, **msgspec.structs.asdict(left)))


def seen_again(session: Session, before: int, run_id: int, now: datetime) -> int:
    """All records that one run saw are seen by another; how many they are."""
    again = update(sighting).where(sighting.c.seen_run == before).values(seen_run=run_id, last_seen=now)
    return len(session.execute(again.returning(sighting.c.record_id)).all())
