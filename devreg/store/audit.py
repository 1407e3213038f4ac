"""The audit trail's rows: appended, read in order, and freed of their details."""

import os
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Select, delete, func, insert, select, text
from sqlalchemy.orm import Session

from devreg.domain import chain
from devreg.domain.chain import GENESIS, Deed, Detail, Link, Outcome, Row
from devreg.store.audit_schema import audit, audit_detail
from devreg.store.migrations import append_only, intents_guarded

_CHUNK: Final = 5_000
_SALT_BYTES: Final = 32
_DEED: Final = Deed.__struct_fields__
_DETAIL: Final = Detail.__struct_fields__
_OWN_WORD: Final = {"role", "actor", "entra"}
"""What PostgreSQL knows of the session by itself and lets nobody say."""


class Head(msgspec.Struct, frozen=True):
    """The end of the chain."""

    count: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.count}:{self.hash.hex()}"


def append(session: Session, deed: Deed, detail: Detail, now: datetime) -> Link:
    """One more row; the lock that orders writers lasts until the unit of work ends.

    On PostgreSQL the database says who acts, in which role and when, and chains the row; actor, Entra name, role and time given
    here count on SQLite only.
    """
    if session.get_bind().dialect.name == "sqlite":
        return _append_here(session, deed, detail, now)
    said = {**msgspec.structs.asdict(deed), "outcome": str(deed.outcome), **msgspec.structs.asdict(detail)}
    asked = func.audit_append(*(said[name] for name in (*_DEED, *_DETAIL) if name not in _OWN_WORD))
    seq = session.execute(select(asked)).scalar_one()
    return _link(session.execute(_links().where(audit.c.seq == seq)).one())


def _append_here(session: Session, deed: Deed, detail: Detail, now: datetime) -> Link:
    row = session.execute(_links().order_by(audit.c.seq.desc()).limit(1)).one_or_none()
    salt = os.urandom(_SALT_BYTES)
    link = chain.follow(None if row is None else _link(row), deed, chain.commitment(salt, detail), now)
    values = msgspec.structs.asdict(link)
    said = msgspec.structs.asdict(values.pop("deed"))
    session.execute(insert(audit).values(**said, **values))
    session.execute(insert(audit_detail).values(seq=link.seq, salt=salt, **msgspec.structs.asdict(detail)))
    return link


def head(session: Session) -> Head:
    """Number and hash of the last row; number 0 when there is none."""
    row = session.execute(select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)).one_or_none()
    return Head(0, GENESIS) if row is None else Head(row.seq, row.hash)


def rows(session: Session, after: int | None = None) -> Iterator[Row]:
    """Every row in the order of its number, with its details while they are kept."""
    details = [audit_detail.c.salt, *(audit_detail.c[name] for name in _DETAIL)]
    statement = _links().add_columns(*details).outerjoin(audit_detail, audit_detail.c.seq == audit.c.seq)
    while True:
        ordered = statement.order_by(audit.c.seq).limit(_CHUNK)
        found = session.execute(ordered if after is None else ordered.where(audit.c.seq > after)).all()
        for row in found:
            detail = None if row.salt is None else Detail(*(getattr(row, name) for name in _DETAIL))
            yield Row(_link(row), row.salt, detail)
        if len(found) < _CHUNK:
            return
        after = found[-1].seq


def purged_to(session: Session) -> int:
    """The last row whose details a purge says it removed; 0 when none does."""
    return int(session.execute(select(func.coalesce(func.max(audit.c.purged_to), 0))).scalar_one() or 0)


def older_than(session: Session, moment: datetime) -> int:
    """The last row before which all are older; 0 when the first is not. A clock that went back can't make it jump ahead."""
    first_kept = select(func.min(audit.c.seq)).where(audit.c.at >= moment).scalar_subquery()
    last = select(func.max(audit.c.seq)).scalar_subquery()
    found = session.execute(select(func.coalesce(first_kept - 1, last, 0))).scalar_one()
    return int(found)


def drop_details(session: Session, up_to: int) -> int:
    """Remove details of the rows up to this one, which an audit row already says; how many there were."""
    return session.execute(delete(audit_detail).where(audit_detail.c.seq <= up_to)).rowcount  # type: ignore[attr-defined, no-any-return]


def guards_missing(session: Session) -> set[str]:
    """Triggers that should keep the trail append-only, and intents to their moves, and are not there."""
    connection = session.connection()
    wanted = append_only.names(connection.dialect.name) | intents_guarded.names(connection.dialect.name)
    if connection.dialect.name == "sqlite":
        there = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    else:
        there = text(
            "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            " WHERE relnamespace = current_schema()::regnamespace AND tgenabled <> 'D'"
        )
    return wanted - set(connection.execute(there).scalars())


def _links() -> Select[Any]:
    return select(audit)


def _link(row: Any) -> Link:
    deed = {name: getattr(row, name) for name in _DEED}
    deed["outcome"] = Outcome(deed["outcome"])
    return Link(row.seq, row.at, row.clock_back, Deed(**deed), row.commitment, row.previous, row.hash)
