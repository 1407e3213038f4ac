"""Samples of the counters of ports, each marked by how it stands to the one before; bounded by age."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import and_, delete, func, insert, select
from sqlalchemy.orm import Session

from devreg.domain.load import Counters, Load, Reading, mark
from devreg.store.among import among
from devreg.store.schema import port, record, sample

_FIELDS: Final = tuple(name for name in Counters.__struct_fields__ if name != "port")


def keep(session: Session, name: str, loads: Sequence[Load]) -> None:
    """What was counted on the ports that the register knows.

    A port that is down and counted nothing since is not kept again: its last sample says it all.
    """
    if not loads:
        return
    last = _last(session, name, [load.part for load in loads])
    rows: list[dict[str, Any]] = []
    for load in loads:
        for counters in load.counters:
            if (load.part, counters.port) not in last:
                continue  # an inventory has not told of the port yet
            record_id, speed_bps, before = last[load.part, counters.port]
            now = Reading(load.at, load.up_time, counters)
            if before is not None and (
                before.at >= now.at or (counters.oper == "down" and before.counters == counters)
            ):
                continue
            values = msgspec.structs.asdict(counters)
            verdict = mark(before, now, speed_bps)
            rows.append({"record_id": record_id, "at": load.at, "up_time": load.up_time, "mark": verdict, **values})
    if rows:
        session.execute(insert(sample), rows)


def forget(session: Session, name: str, before: datetime) -> None:
    """Take away the source's samples that are older."""
    its = select(record.c.id).where(record.c.source == name)
    session.execute(delete(sample).where(sample.c.at < before, sample.c.record_id.in_(its)))


def _last(
    session: Session, name: str, parts: Sequence[str]
) -> dict[tuple[str, str], tuple[int, int | None, Reading | None]]:
    """(part, port) -> its record, its speed and its newest sample. Where two devices shared an address, the one that is not gone."""
    newest = (
        select(func.max(sample.c.at))
        .where(sample.c.record_id == port.c.record_id, sample.c.port == port.c.name)
        .correlate(port)
        .scalar_subquery()
    )
    known = (
        select(record.c.part, record.c.id.label("number"), port.c.name, port.c.speed_bps, sample)
        .join_from(port, record, record.c.id == port.c.record_id)
        .outerjoin(
            sample, and_(sample.c.record_id == port.c.record_id, sample.c.port == port.c.name, sample.c.at == newest)
        )
        .where(record.c.source == name, among(session, record.c.part, parts), record.c.gone_at.is_(None))
        .order_by(record.c.id)
    )
    return {(row.part, row.name): (row.number, row.speed_bps, _reading(row)) for row in session.execute(known)}


def _reading(row: Any) -> Reading | None:
    if row.at is None:
        return None
    return Reading(row.at, row.up_time, Counters(row.name, **{field: getattr(row, field) for field in _FIELDS}))
