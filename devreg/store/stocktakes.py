"""Stock-takes: begun, filled scan by scan, closed."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, func, insert, select, update
from sqlalchemy.orm import Session

from devreg.domain.stocktake import Outcome, Place, not_scanned
from devreg.store import lookup
from devreg.store.among import among
from devreg.store.schema import device, record, stocktake, stocktake_line, stocktake_scan


def begin(session: Session, unit: str, units: Iterable[str], rooms: str | None, by: str, now: datetime) -> int:
    """A new stock-take; its number."""
    values = {"unit": unit, "units": sorted(units), "rooms": rooms, "started": now, "started_by": by}
    made = session.execute(insert(stocktake).values(values).returning(stocktake.c.id))
    return int(made.scalar_one())


def get(session: Session, number: int) -> Row[Any] | None:
    """One stock-take as it stands."""
    return session.execute(select(stocktake).where(stocktake.c.id == number)).one_or_none()


def open_at(session: Session, unit: str, rooms: str | None) -> int | None:
    """The stock-take of the same place that is not closed yet."""
    same = (stocktake.c.unit == unit, stocktake.c.rooms.is_not_distinct_from(rooms), stocktake.c.closed.is_(None))
    return session.execute(select(func.min(stocktake.c.id)).where(*same)).scalar()


def placed(session: Session, units: Iterable[str]) -> dict[int, Place]:
    """Devices of these units -> where each belongs."""
    rows = select(device.c.id, device.c.unit, device.c.room, device.c.state)
    there = rows.where(among(session, device.c.unit, units), device.c.merged_into.is_(None)).order_by(device.c.id)
    return {row.id: Place(row.unit, row.room, row.state) for row in session.execute(there)}


def place_of(session: Session, device_id: int) -> Place:
    """Where one device belongs."""
    row = session.execute(select(device.c.unit, device.c.room, device.c.state).where(device.c.id == device_id)).one()
    return Place(row.unit, row.room, row.state)


def described(session: Session, device_id: int) -> str:
    """The device in a few words: tag, name, model, as far as they are known."""
    said = select(device.c.asset_tag, device.c.name, device.c.model).where(device.c.id == device_id)
    return ", ".join(text for text in session.execute(said).one() if text)


def add_lines(session: Session, number: int, lines: Iterable[Mapping[str, Any]]) -> None:
    """New lines of the receipt."""
    empty = dict.fromkeys(("device_id", "code", "unit", "room", "state", "found_at", "found_by"))
    rows = [{**empty, **line, "stocktake_id": number} for line in lines]
    if rows:
        session.execute(insert(stocktake_line), rows)


def add_scan(session: Session, number: int, code: str, device_id: int | None, by: str, now: datetime) -> None:
    """A code as it came."""
    values = {"stocktake_id": number, "code": code, "device_id": device_id, "by": by, "at": now}
    session.execute(insert(stocktake_scan).values(values))


def line_of_device(session: Session, number: int, device_id: int) -> Row[Any] | None:
    """The device's line, if it has one."""
    at = (stocktake_line.c.stocktake_id == number, stocktake_line.c.device_id == device_id)
    return session.execute(select(stocktake_line).where(*at)).one_or_none()


def unresolved(session: Session, number: int) -> list[Row[Any]]:
    """Lines of codes that no one device answers to."""
    at = (stocktake_line.c.stocktake_id == number, stocktake_line.c.device_id.is_(None))
    return list(session.execute(select(stocktake_line).where(*at).order_by(stocktake_line.c.id)))


def change_line(session: Session, line_id: int, **values: Any) -> None:
    """Set these of one line."""
    session.execute(update(stocktake_line).where(stocktake_line.c.id == line_id).values(values))


def drop_line(session: Session, line_id: int) -> None:
    """A line that another one stands for."""
    session.execute(stocktake_line.delete().where(stocktake_line.c.id == line_id))


def follow_merges(session: Session, number: int) -> None:
    """Lines of devices that are another one by now stand for that one."""
    gone = (
        select(stocktake_line)
        .join(device, device.c.id == stocktake_line.c.device_id)
        .where(stocktake_line.c.stocktake_id == number, device.c.merged_into.is_not(None))
    )
    for row in session.execute(gone.order_by(stocktake_line.c.id)).all():
        now = lookup.current(session, row.device_id)
        other = None if now is None else line_of_device(session, number, now)
        if other is None:
            change_line(session, row.id, device_id=now)
            continue
        found = row if other.found_at is None else other
        expected = row.expected or other.expected
        outcome = found.outcome if found.found_at is None or not expected else Outcome.FOUND
        drop_line(session, row.id)
        kept = {name: getattr(found, name) for name in ("code", "found_at", "found_by")}
        change_line(session, other.id, expected=expected, outcome=outcome, **kept)


def close(session: Session, number: int, by: str, now: datetime) -> None:
    """What was not found is missing where anything was, with the source that heard of it last; nothing of it changes any more."""
    line = stocktake_line
    heard = (record.c.device_id == line.c.device_id, record.c.as_of.is_not(None))
    last = select(record.c.source).where(*heard).order_by(record.c.as_of.desc(), record.c.id).limit(1)
    at = select(func.max(record.c.as_of)).where(*heard)
    session.execute(
        update(line)
        .where(line.c.stocktake_id == number, line.c.outcome == Outcome.AWAITED)
        .values(
            outcome=not_scanned(counts(session, number)), seen_by=last.scalar_subquery(), seen_at=at.scalar_subquery()
        )
    )
    session.execute(update(stocktake).where(stocktake.c.id == number).values(closed=now, closed_by=by))


def counts(session: Session, number: int) -> dict[str, int]:
    """How many lines there are of each outcome, and how many devices were expected."""
    line = stocktake_line
    rows = session.execute(
        select(line.c.outcome, func.count(), func.sum(case((line.c.expected, 1), else_=0)))
        .where(line.c.stocktake_id == number)
        .group_by(line.c.outcome)
        .order_by(line.c.outcome)
    ).all()
    return {"expected": int(sum(row[2] for row in rows)), **{str(row[0]): int(row[1]) for row in rows}}
