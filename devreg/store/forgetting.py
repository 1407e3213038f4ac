"""Where names of holders stand, and a number put in their place: history, steps, records that count no more, closed accounts.

The history lets itself be changed in this one way only, right after an audit row that says so (`migrations.append_only`).
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
import orjson
from sqlalchemy import Text, bindparam, delete, func, or_, select, type_coerce, update
from sqlalchemy.orm import Session

from devreg.domain.forgetting import Tenure, There, in_place, without
from devreg.domain.observation import Subject
from devreg.domain.policy import HAND
from devreg.domain.sorting import sort_key
from devreg.store import beside, custody, records
from devreg.store.among import among
from devreg.store.schema import change, device, person, record, record_key, sighting, transition

ACT: Final = "pseudonymise"
"""What the audit row before it says; the triggers ask for this word."""
_HOLDER: Final = ("holder", "holder_email")
_CHUNK: Final = 1_000
Refs = Mapping[str, str]
"""A name or an address -> the number in its place."""


class Named(msgspec.Struct, frozen=True):
    """A stored record that names somebody."""

    record_id: int
    device_id: int | None
    stands: bool
    """Whether a source says so now: what people typed themselves is said by nobody again."""
    names: tuple[str, ...]
    addresses: tuple[str, ...]


class _Claims(msgspec.Struct, frozen=True):
    holder: str | None = None
    holder_email: str | None = None
    owner_email: str | None = None
    last_user: str | None = None


class _Peek(msgspec.Struct):
    claims: _Claims = _Claims()


_PEEK: Final = msgspec.json.Decoder(_Peek, strict=False)


def tenures(session: Session) -> list[Tenure]:
    """Every time in which somebody had a device whose holder ever changed, and what stands on devices that were merged away."""
    changed = session.execute(select(change.c.device_id).where(change.c.field.in_(_HOLDER)).distinct()).scalars().all()
    found = [
        Tenure(span.device_id, span.holder, span.holder_email, span.until)
        for start in range(0, len(changed), _CHUNK)
        for span in custody.spans(session, changed[start : start + _CHUNK])
    ]
    last = select(func.max(change.c.at)).where(change.c.device_id == device.c.id).scalar_subquery()
    columns = (device.c.id, device.c.holder, device.c.holder_email, func.coalesce(last, device.c.created_at))
    away = session.execute(select(*columns).where(device.c.merged_into.is_not(None)))
    return found + [Tenure(*row) for row in away]


def who(session: Session) -> dict[str, str]:
    """Address -> the address that stands for its person."""
    rows = session.execute(select(person.c.who, person.c.email, person.c.upn)).all()
    return {address: row.who for row in rows for address in (row.email, row.upn) if address}


def there(session: Session) -> There:
    """Who has a device, or an account that is not closed."""
    held = select(device.c.holder, device.c.holder_email).where(
        device.c.merged_into.is_(None), or_(device.c.holder.is_not(None), device.c.holder_email.is_not(None))
    )
    is_open = or_(person.c.active.is_(None), person.c.active) & record.c.gone_at.is_(None)
    accounts = select(person.c.name, person.c.email, person.c.upn).outerjoin(record, _its_record()).where(is_open)
    holders, people = session.execute(held).all(), session.execute(accounts).all()
    return _as_there(
        [*(row.holder for row in holders), *(row.name for row in people)],
        [*(row.holder_email for row in holders), *(text for row in people for text in (row.email, row.upn))],
    )


def named(session: Session) -> list[Named]:
    """Every record of a device, a number or a sign-in that names somebody, and what people typed: it names in free text too."""
    columns = (record.c.id, record.c.source, record.c.device_id, record.c.gone_at, record.c.observation)
    found = []
    for row in session.execute(select(*columns).where(record.c.subject != Subject.PERSON).order_by(record.c.id)):
        claims = _PEEK.decode(row.observation).claims
        addresses = tuple(text for text in (claims.holder_email, claims.owner_email, claims.last_user) if text)
        if claims.holder or addresses or row.source == HAND:
            names = (claims.holder,) if claims.holder else ()
            stands = row.gone_at is None and row.source != HAND
            found.append(Named(row.id, row.device_id, stands, names, addresses))
    return found


def standing(found: Collection[Named]) -> There:
    """Whom sources name now."""
    said = [item for item in found if item.stands]
    return _as_there({name for item in said for name in item.names}, {text for item in said for text in item.addresses})


def _as_there(names: Iterable[str | None], addresses: Iterable[str | None]) -> There:
    return There(
        frozenset(text.lower() for text in addresses if text), frozenset(sort_key(text) for text in names if text)
    )


def rewrite_history(session: Session, refs: Mapping[int, Refs]) -> None:
    """Put numbers in place of names in these devices' history, the reasons of it, their steps, and rows of devices merged away."""
    ids = sorted(refs)
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        told = select(change.c.id, change.c.device_id, change.c.field, change.c.old, change.c.new, change.c.reason)
        lines = []
        for row in session.execute(told.where(among(session, change.c.device_id, chunk))).all():
            known, is_holder = refs[row.device_id], row.field in _HOLDER
            old, new = (known.get(text, text) if is_holder else text for text in (row.old, row.new))
            reason = None if row.reason is None else in_place(row.reason, known)
            if (old, new, reason) != (row.old, row.new, row.reason):
                lines.append({"key": row.id, "was": old, "now": new, "why": reason})
        _update(session, change, lines, old="was", new="now", reason="why")
        steps = select(transition.c.id, transition.c.device_id, transition.c.reason)
        why = [
            {"key": row.id, "why": reason}
            for row in session.execute(steps.where(among(session, transition.c.device_id, chunk))).all()
            if (reason := in_place(row.reason, refs[row.device_id])) != row.reason
        ]
        _update(session, transition, why, reason="why")
        away = select(device.c.id, device.c.holder, device.c.holder_email).where(device.c.merged_into.is_not(None))
        rows = [
            {"key": row.id, "name": refs[row.id].get(row.holder), "mail": refs[row.id].get(row.holder_email)}
            for row in session.execute(away.where(among(session, device.c.id, chunk))).all()
        ]
        blank = {"holder_key": None, "folded": ""}
        _update(session, device, [{**row, **blank} for row in rows if row["name"] or row["mail"]],
                holder="name", holder_email="mail", holder_key="holder_key", folded="folded")  # fmt: skip


def rewrite_records(session: Session, refs: Mapping[int, Refs]) -> None:
    """Put numbers in place of names in these records, and in what was read from them."""
    ids = sorted(refs)
    for start in range(0, len(ids), _CHUNK):
        told = select(
            record.c.id, record.c.body, record.c.volatile, type_coerce(record.c.observation, Text).label("seen")
        )
        rows = session.execute(told.where(among(session, record.c.id, ids[start : start + _CHUNK]))).all()
        said = [line for row in rows if (line := _without(row, refs[row.id])) is not None]
        _update(session, record, said, body="body_", volatile="volatile_", observation="seen_")
        beside.save(session, [(row["key"], records.decode(row["seen_"])) for row in said])


def _without(row: Any, refs: Refs) -> dict[str, Any] | None:
    seen = orjson.loads(row.seen)
    was = (row.body, row.volatile, seen)
    body, volatile, observation = now = tuple(without(part, refs) for part in was)
    if now == was:
        return None
    return {"key": row.id, "body_": body, "volatile_": volatile, "seen_": orjson.dumps(observation).decode()}


def closed_accounts(session: Session, but: Collection[str], limit: datetime) -> list[int]:
    """Records of accounts that their directory stopped listing before the limit, of nobody whose `who` is among `but`."""
    gone = select(record.c.id, person.c.who).join(person, _its_record()).where(record.c.gone_at < limit)
    return [row.id for row in session.execute(gone.order_by(record.c.id)) if row.who not in but]


def remove_accounts(session: Session, record_ids: Collection[int]) -> None:
    """The accounts go whole, with what their directory said."""
    of_them = select(record.c.source, record.c.native_id).where(among(session, record.c.id, record_ids))
    for row in session.execute(of_them).all():
        session.execute(delete(person).where(person.c.source == row.source, person.c.native_id == row.native_id))
    for table in (record_key, sighting):
        session.execute(delete(table).where(among(session, table.c.record_id, record_ids)))
    session.execute(delete(record).where(among(session, record.c.id, record_ids)))


def _its_record() -> Any:
    return (
        (record.c.source == person.c.source)
        & (record.c.native_id == person.c.native_id)
        & (record.c.subject == Subject.PERSON)
    )


def _update(session: Session, table: Any, rows: list[dict[str, Any]], **columns: str) -> None:
    if rows:
        values: dict[str, Any] = {name: bindparam(key) for name, key in columns.items()}
        session.connection().execute(update(table).where(table.c.id == bindparam("key")).values(values), rows)
