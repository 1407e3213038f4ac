"""What people gave single fields: records that go where a record of the device itself goes."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from devreg.domain.observation import Subject
from devreg.store.among import among
from devreg.store.schema import record, record_key, word


def anchor(session: Session, device_id: int) -> int | None:
    """The oldest record of the device itself: where it goes, the device's number goes; None when it has no record."""
    own = select(func.min(record.c.id)).where(record.c.device_id == device_id, record.c.subject == Subject.DEVICE)
    return session.execute(own).scalar()


def keep(session: Session, record_id: int, anchor_id: int, until: datetime | None) -> None:
    """This record is a word that goes along with that one."""
    session.execute(delete(word).where(word.c.record_id == record_id))
    session.execute(insert(word).values(record_id=record_id, anchor_id=anchor_id, until=until))


def stay(session: Session, record_id: int) -> None:
    """Words that go along with this record stay with the device's other records, when it has any: it alone is taken out."""
    own, other = record.alias(), record.alias()
    rest = (
        select(func.min(other.c.id))
        .join(own, own.c.device_id == other.c.device_id)
        .where(own.c.id == record_id, other.c.id != record_id, other.c.subject == Subject.DEVICE)
    )
    anchor_id = session.execute(rest).scalar()
    if anchor_id is not None:
        session.execute(update(word).where(word.c.anchor_id == record_id).values(anchor_id=anchor_id))


def follow(session: Session, moved: Collection[int]) -> set[int]:
    """Take the words of these records to where the records are now; the devices that got one."""
    own = record.alias()
    rows = session.execute(
        select(word.c.record_id, own.c.device_id)
        .join(own, own.c.id == word.c.anchor_id)
        .join(record, record.c.id == word.c.record_id)
        .where(among(session, word.c.anchor_id, moved), record.c.device_id.is_distinct_from(own.c.device_id))
    ).all()
    if rows:
        statement = update(record).where(record.c.id == bindparam("key")).values(device_id=bindparam("to"))
        session.connection().execute(statement, [{"key": row.record_id, "to": row.device_id} for row in rows])
    return {row.device_id for row in rows if row.device_id is not None}


def overdue(session: Session, now: datetime) -> Mapping[int, int | None]:
    """Words whose last moment has passed -> the device each is about."""
    rows = session.execute(
        select(record.c.id, record.c.device_id)
        .join(word, word.c.record_id == record.c.id)
        .where(record.c.gone_at.is_(None), word.c.until < now)
    )
    return {row.id: row.device_id for row in rows}


def end(session: Session, record_ids: Collection[int], now: datetime) -> None:
    """These count no more, and nothing is found by them."""
    session.execute(update(record).where(among(session, record.c.id, record_ids)).values(gone_at=now))
    session.execute(delete(record_key).where(among(session, record_key.c.record_id, record_ids)))
