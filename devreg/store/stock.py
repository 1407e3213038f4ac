"""What the equality report reads: units, head-counts, what is in stock, and how fresh each source is."""

from datetime import date
from math import ceil

import msgspec
from sqlalchemy import Integer, and_, case, cast, func, or_, select
from sqlalchemy.orm import Session

from devreg.domain.device import Stage, State, Use
from devreg.domain.equality import Headcount, UnitInput
from devreg.ports import Row
from devreg.store.schema import device, headcount, record, run, sighting, source, unit


def units(session: Session) -> list[UnitInput]:
    """Every unit."""
    columns = (unit.c.id, unit.c.name_fi, unit.c.name_sv, unit.c.language, unit.c.kind, unit.c.campus)
    return [UnitInput(**row._mapping) for row in session.execute(select(*columns).order_by(unit.c.id))]


def headcounts(session: Session) -> list[Headcount]:
    """Every head-count ever read."""
    return [
        Headcount(
            row.unit, _stage(row.stage), row.date, row.pupils, _whole(row.groups), row.file or "", row.file_hash or ""
        )
        for row in session.execute(select(headcount).order_by(headcount.c.unit, headcount.c.stage, headcount.c.date))
    ]


class Class(msgspec.Struct, frozen=True):
    """Devices of one kind in one unit."""

    unit: str | None
    kind: str | None
    pupils: int
    """For pupils, in use or in stock."""
    in_stock: int
    """Ready to be given to somebody: in stock, and not out of support."""


def classes(session: Session, as_of: date) -> list[Class]:
    """What there is of each kind in each unit."""
    supported = or_(device.c.support_end.is_(None), device.c.support_end >= as_of)
    is_ready = and_(device.c.state == State.IN_STOCK, supported)
    statement = (
        select(
            device.c.unit,
            device.c.kind,
            cast(func.sum(case((device.c.use == Use.PUPIL, 1), else_=0)), Integer),
            cast(func.sum(case((is_ready, 1), else_=0)), Integer),
        )
        .where(device.c.merged_into.is_(None))
        .group_by(device.c.unit, device.c.kind)
        .order_by(device.c.unit, device.c.kind)
    )
    return [Class(*row) for row in session.execute(statement)]


def _whole(groups: float | None) -> int | None:
    """Half a group is a group: it needs its devices too."""
    return None if groups is None else ceil(groups)


def _stage(text: str | None) -> Stage | None:
    return Stage(text) if text in set(Stage) else None


def freshness(session: Session) -> list[Row]:
    """A row a source: kind, last complete run, verdict of the newest run, records, oldest reading, what could not be used."""
    newest = select(func.max(run.c.id)).group_by(run.c.source).scalar_subquery()
    last = {row.source: row for row in session.execute(select(run).where(run.c.id.in_(newest)))}
    totals = {
        row.source: row
        for row in session.execute(
            select(record.c.source, func.count().label("records"), func.min(sighting.c.last_seen).label("oldest"))
            .join(sighting, sighting.c.record_id == record.c.id)
            .where(record.c.gone_at.is_(None))
            .group_by(record.c.source)
        )
    }
    unmatched = dict(
        session.execute(
            select(record.c.source, func.count()).where(record.c.verdict == "review").group_by(record.c.source)
        ).all()
    )  # fmt: skip
    return [
        {
            "source": row.name,
            "kind": row.kind,
            "fetched": row.completed_at,
            "verdict": last[row.name].verdict if row.name in last else None,
            "records": totals[row.name].records if row.name in totals else 0,
            "rejected": last[row.name].rejected if row.name in last else None,
            "unmatched": unmatched.get(row.name, 0),
            "oldest": totals[row.name].oldest if row.name in totals else None,
        }
        for row in session.execute(select(source).order_by(source.c.name))
    ]
