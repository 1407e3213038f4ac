"""When a run last saw each record: a narrow table of its own, because most of a run is seeing again what is known."""

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, and_, func, insert, select, update
from sqlalchemy.orm import Session

from devreg.domain.absence import Missed
from devreg.store.among import among
from devreg.store.schema import record, sighting


class Unseen(msgspec.Struct, frozen=True):
    """Records of one subject that a run did not see."""

    known: int
    """How many live records of the subject the source had."""
    missed: tuple[Missed, ...]


def add(session: Session, record_ids: Sequence[int], run_id: int, now: datetime) -> None:
    """Records seen for the first time."""
    rows = [{"record_id": record_id, "seen_run": run_id, "last_seen": now} for record_id in record_ids]
    if rows:
        session.execute(insert(sighting), rows)


def touch(session: Session, record_ids: Sequence[int], run_id: int, now: datetime) -> None:
    """Known records were seen again."""
    if record_ids:
        session.execute(
            update(sighting)
            .where(among(session, sighting.c.record_id, record_ids))
            .values(seen_run=run_id, last_seen=now)
        )


def unseen(session: Session, name: str, first_run: int, silent_parts: Collection[str], whole: bool) -> list[Unseen]:
    """What nobody saw since the pass began with this run, subject by subject: a thousand persons must not hide that every device is gone.

    Records of silent parts are left out; when the pass was not whole, so are records that belong to no part.
    """
    live: ColumnElement[bool] = and_(record.c.source == name, record.c.gone_at.is_(None))
    if silent_parts:
        live = and_(live, ~among(session, record.c.part, silent_parts))
    if not whole:
        live = and_(live, record.c.part != "")
    missed: dict[str, list[Missed]] = {}
    columns = (record.c.subject, record.c.id, record.c.part, sighting.c.seen_run, sighting.c.last_seen)
    old = select(*columns).join(sighting, sighting.c.record_id == record.c.id)
    for row in session.execute(old.where(live, sighting.c.seen_run < first_run)):
        missed.setdefault(row.subject, []).append(Missed(row.id, row.part, row.seen_run, row.last_seen))
    totals = session.execute(select(record.c.subject, func.count()).where(live).group_by(record.c.subject))
    return [Unseen(known, tuple(missed.get(subject, ()))) for subject, known in totals]
