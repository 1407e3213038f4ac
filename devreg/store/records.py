"""Source records: what each source last said, with a hash so that an unchanged one costs a comparison."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Text, and_, bindparam, insert, select, type_coerce, update
from sqlalchemy.orm import Session

from devreg.domain.fields import DEVICE_FIELDS
from devreg.domain.merge import SourceRecord
from devreg.domain.observation import Observation, Subject
from devreg.ports import Record
from devreg.store import sightings, words
from devreg.store.among import among
from devreg.store.schema import contract_device, gauge, port, record, sighting, source

RecordKey = tuple[str, str]
"""(subject, native id), unique within a source."""

_TIMES: Final[Mapping[str, type[date]]] = {
    **{name: field.value_type for name, field in DEVICE_FIELDS.items() if issubclass(field.value_type, date)},
    **dict.fromkeys(("registered_at", "signed_in_at"), datetime),
}


class Known(msgspec.Struct, frozen=True):
    """A record as the register has it."""

    record_id: int
    hash: bytes
    part: str
    device_id: int | None
    gone: bool
    volatile: str
    """As it is stored."""

    def is_settled(self, mark: bytes) -> bool:
        """Whether a record of this hash is as it was: there, and saying the same."""
        return self.hash == mark and not self.gone


class Placed(msgspec.Struct, frozen=True):
    """Which device a record is about."""

    device_id: int | None
    verdict: str
    """new (the only record of its device), matched, review, or kept (about something else than a device)."""
    rung: str | None


class Fresh(msgspec.Struct, frozen=True):
    """A new or changed record on its way in."""

    record_id: int
    record: Record
    hash: bytes
    seen: Observation
    text: str
    """The observation as it is stored."""
    is_new: bool


def known(session: Session, name: str, native_ids: Collection[str]) -> dict[RecordKey, Known]:
    """What the register has of the source's records of these ids, whatever they are about; one query."""
    columns = (
        record.c.subject,
        record.c.native_id,
        record.c.id,
        record.c.hash,
        record.c.part,
        record.c.device_id,
        record.c.gone_at.is_not(None),
        type_coerce(record.c.volatile, Text),
    )
    rows = session.execute(
        select(*columns).where(record.c.source == name, among(session, record.c.native_id, native_ids))
    ).all()  # one by one they take half as long again
    return {
        (subject, native_id): Known(record_id, mark, part, device_id, gone, volatile)
        for subject, native_id, record_id, mark, part, device_id, gone, volatile in rows
    }


def superseded(unique: Iterable[RecordKey], known: Mapping[RecordKey, Known]) -> list[int]:
    """Records whose row is about something else now: an operator's list names the phone of a number, or does so no more."""
    other = {str(Subject.DEVICE): str(Subject.SUBSCRIPTION), str(Subject.SUBSCRIPTION): str(Subject.DEVICE)}
    twins = (known.get((other[subject], native_id)) for subject, native_id in unique if subject in other)
    return [twin.record_id for twin in twins if twin is not None and not twin.gone]


def unchanged(session: Session, name: str, row_hashes: Mapping[RecordKey, bytes]) -> dict[RecordKey, int]:
    """Those of the source's records that are there, read from a row of this hash; one query."""
    columns = (record.c.subject, record.c.native_id, record.c.id, record.c.row_hash, record.c.gone_at.is_(None))
    native_ids = {native_id for _, native_id in row_hashes}
    # Asked for live ones only, PostgreSQL would go through all of the source's by their own index.
    rows = session.execute(
        select(*columns).where(record.c.source == name, among(session, record.c.native_id, native_ids))
    ).all()
    return {
        (subject, native_id): record_id
        for subject, native_id, record_id, row_hash, is_there in rows
        if is_there and row_hash is not None and row_hashes.get((subject, native_id)) == row_hash
    }


def rehash(session: Session, row_hashes: Mapping[int, bytes]) -> None:
    """Records whose row differs in nothing that is kept."""
    if row_hashes:
        session.connection().execute(
            update(record).where(record.c.id == bindparam("key")).values(row_hash=bindparam("new")),
            [{"key": record_id, "new": row_hash} for record_id, row_hash in row_hashes.items()],
        )


def bodies(session: Session, name: str, native_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """What the source's device records of these ids last said, by id."""
    return _bodies(session, name, Subject.DEVICE, among(session, record.c.native_id, native_ids))


def bodies_of(session: Session, name: str, part: str, subject: Subject) -> dict[str, dict[str, Any]]:
    """What the source's records of a part that are not gone last said, by id."""
    return _bodies(session, name, subject, and_(record.c.part == part, record.c.gone_at.is_(None)))


def _bodies(session: Session, name: str, subject: Subject, which: ColumnElement[bool]) -> dict[str, dict[str, Any]]:
    found = select(record.c.native_id, record.c.body).where(record.c.source == name, record.c.subject == subject, which)
    return {row.native_id: row.body for row in session.execute(found)}


def back(session: Session, record_ids: Sequence[int]) -> None:
    """Records that were gone are listed again."""
    if record_ids:
        session.execute(update(record).where(among(session, record.c.id, record_ids)).values(gone_at=None))


def drift(session: Session, rows: Iterable[tuple[int, Record, Observation]]) -> None:
    """Records of which only what changes at every sync has changed."""
    values = [
        {
            "key": record_id,
            "new_volatile": item.volatile,
            "new_observation": encode(seen),
            "new_as_of": seen.as_of,
            "new_part": item.part,
            "new_row_hash": item.row_hash or None,
        }
        for record_id, item, seen in rows
    ]
    if values:
        statement = update(record).where(record.c.id == bindparam("key"))
        session.connection().execute(
            statement.values(
                volatile=bindparam("new_volatile"),
                observation=bindparam("new_observation"),
                as_of=bindparam("new_as_of"),
                part=bindparam("new_part"),
                row_hash=bindparam("new_row_hash"),
            ),
            values,
        )


def save(
    session: Session, name: str, rows: Sequence[Fresh], placed: Mapping[int, Placed], run_id: int, now: datetime
) -> None:
    """New and changed records, with the device each is about."""
    added = [_values(name, row, placed[row.record_id], now) for row in rows if row.is_new]
    if added:
        session.execute(insert(record), added)
        sightings.add(session, [row["id"] for row in added], run_id, now)
    changed = [_values(name, row, placed[row.record_id], now) for row in rows if not row.is_new]
    if changed:
        sightings.touch(session, [row["id"] for row in changed], run_id, now)
        columns = [
            column for column in changed[0] if column not in {"id", "source", "subject", "native_id", "first_seen"}
        ]
        statement = (
            update(record)
            .where(record.c.id == bindparam("b_id"))
            .values({column: bindparam(f"b_{column}") for column in columns})
        )
        session.connection().execute(
            statement, [{f"b_{column}": values[column] for column in ["id", *columns]} for values in changed]
        )


def _values(name: str, row: Fresh, placed: Placed, now: datetime) -> dict[str, Any]:
    return {
        "id": row.record_id,
        "source": name,
        "subject": str(row.record.subject),
        "native_id": row.record.native_id,
        "part": row.record.part,
        "body": row.record.body,
        "volatile": row.record.volatile,
        "observation": row.text,
        "hash": row.hash,
        "row_hash": row.record.row_hash or None,
        "device_id": placed.device_id,
        "verdict": placed.verdict,
        "rung": placed.rung,
        "first_seen": now,
        "said_at": now,
        "as_of": row.seen.as_of,
        "gone_at": None,
    }


def attach(session: Session, placed: Mapping[int, Placed]) -> None:
    """Records that belong to another device than before, with the contracts, ports and gauges that hang on them."""
    if not placed:
        return
    rows = [
        {"key": record_id, "to": item.device_id, "by": item.verdict, "why": item.rung}
        for record_id, item in placed.items()
    ]
    statement = update(record).where(record.c.id == bindparam("key"))
    session.connection().execute(
        statement.values(device_id=bindparam("to"), verdict=bindparam("by"), rung=bindparam("why")), rows
    )
    words.follow(session, placed.keys())
    _take_along(session, {record_id: item.device_id for record_id, item in placed.items()})


def _take_along(session: Session, homes: Mapping[int, int | None]) -> None:
    """What hangs on these records goes to their devices."""
    moved = [{"key": record_id, "to": device_id} for record_id, device_id in homes.items() if device_id is not None]
    for table in (contract_device, port, gauge):
        if moved:
            session.connection().execute(
                update(table).where(table.c.record_id == bindparam("key")).values(device_id=bindparam("to")), moved
            )


def about(session: Session, device_ids: Collection[int]) -> dict[int, list[SourceRecord]]:
    """Every record attached to these devices; one query."""
    columns = (record, source.c.kind)
    rows = session.execute(
        select(*columns)
        .join(source, source.c.name == record.c.source)
        .where(among(session, record.c.device_id, device_ids))
        .order_by(record.c.id)
    )
    found: dict[int, list[SourceRecord]] = {device_id: [] for device_id in device_ids}
    for row in rows:
        found[row.device_id].append(
            SourceRecord(
                row.source, row.kind, row.native_id, decode(row.observation), row.said_at, row.as_of, row.gone_at
            )
        )
    return found


class _Stored(Observation, frozen=True, kw_only=True):
    """An observation whose claimed dates and times are still text: JSON has no types for them."""

    claims: dict[str, Any] = {}


_DECODER: Final = msgspec.json.Decoder(_Stored)


def encode(seen: Observation) -> str:
    """An observation as it is stored; equal ones are equal text."""
    return msgspec.json.encode(seen, order="deterministic").decode()


def decode(text: str) -> Observation:
    """An observation as it was stored; claimed dates and times have their fields' types again."""
    stored: Observation = _DECODER.decode(text)
    for name in _TIMES.keys() & stored.claims.keys():
        stored.claims[name] = _TIMES[name].fromisoformat(str(stored.claims[name]))
    return stored


def parts(session: Session, name: str, wanted: Collection[str]) -> set[str]:
    """Those of the parts that the source has records of, gone or not."""
    if not wanted:
        return set()
    found = select(record.c.part).where(record.c.source == name, among(session, record.c.part, wanted)).distinct()
    return set(session.execute(found).scalars())


def mark_gone(session: Session, record_ids: Sequence[int], now: datetime) -> None:
    """The source no longer lists these records."""
    if record_ids:
        session.execute(update(record).where(among(session, record.c.id, record_ids)).values(gone_at=now))


def put_back(session: Session, homes: Mapping[int, int | None]) -> None:
    """Attach records to the devices they were in before a decision."""
    rows = [{"key": record_id, "to": device_id} for record_id, device_id in homes.items()]
    if rows:
        session.connection().execute(
            update(record).where(record.c.id == bindparam("key")).values(device_id=bindparam("to")), rows
        )
        words.follow(session, homes.keys())
        _take_along(session, homes)


def twins(session: Session, name: str, device_ids: Collection[int]) -> set[int]:
    """The source's records of those of these devices that it has more than one of: when each was heard of tells whether they are one."""
    columns = (record.c.id, record.c.device_id, record.c.source, record.c.subject)
    about = select(*columns).where(among(session, record.c.device_id, device_ids))
    mine: dict[int, list[int]] = {}
    for record_id, device_id, source_name, subject in session.execute(about).all():
        # Asked of the database, SQLite would go through all of the source's records.
        if source_name == name and subject == Subject.DEVICE and device_id is not None:
            mine.setdefault(device_id, []).append(record_id)
    return {record_id for several in mine.values() if len(several) > 1 for record_id in several}


def homes(session: Session, record_ids: Collection[int]) -> set[int]:
    """Devices that these records are about."""
    rows = session.execute(
        select(record.c.device_id).where(among(session, record.c.id, record_ids), record.c.device_id.is_not(None))
    )
    return {device_id for device_id in rows.scalars() if device_id is not None}


def stored(session: Session, name: str, after: int, limit: int) -> list[tuple[int, Record, str, datetime]]:
    """A source's records by number, following `after`, each with its stored observation and when it was seen last."""
    columns = (
        record.c.id,
        record.c.subject,
        record.c.native_id,
        record.c.body,
        record.c.volatile,
        record.c.part,
        record.c.observation,
        sighting.c.last_seen,
    )
    rows = session.execute(
        select(*columns)
        .join(sighting, sighting.c.record_id == record.c.id)
        .where(record.c.source == name, record.c.id > after)
        .order_by(record.c.id)
        .limit(limit)
    )
    return [
        (r.id, Record(Subject(r.subject), r.native_id, r.body, r.volatile, r.part), r.observation, r.last_seen)
        for r in rows
    ]


def reread(session: Session, rows: Mapping[int, tuple[Observation, bytes]]) -> None:
    """Records that today's mapping reads differently."""
    values = [
        {"key": record_id, "text": encode(seen), "mark": mark, "moment": seen.as_of}
        for record_id, (seen, mark) in rows.items()
    ]
    if values:
        statement = update(record).where(record.c.id == bindparam("key"))
        read: dict[str, Any] = {
            "observation": bindparam("text"),
            "hash": bindparam("mark"),
            "as_of": bindparam("moment"),
        }
        session.connection().execute(statement.values(read), values)


def sources(session: Session) -> dict[str, str]:
    """Every source the register has records of, with its kind."""
    return dict(session.execute(select(source.c.name, source.c.kind).order_by(source.c.name)).all())


def typed(session: Session, name: str, device_id: int) -> list[tuple[int, Record]]:
    """What the source says of a device now, and what of its fields: records with their numbers."""
    columns = (record.c.id, record.c.subject, record.c.native_id, record.c.body, record.c.volatile, record.c.part)
    rows = session.execute(
        select(*columns)
        .where(record.c.device_id == device_id, record.c.source == name, record.c.gone_at.is_(None))
        .order_by(record.c.id)
    )
    return [(r.id, Record(Subject(r.subject), r.native_id, r.body, r.volatile, r.part)) for r in rows]


def attached(session: Session, record_ids: Collection[int]) -> dict[int, int]:
    """Record -> device, for those that have one."""
    rows = session.execute(
        select(record.c.id, record.c.device_id).where(
            among(session, record.c.id, record_ids), record.c.device_id.is_not(None)
        )
    )
    return {row.id: row.device_id for row in rows if row.device_id is not None}
