"""Addresses that a source asks, and what became of it."""

from collections.abc import Sequence

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from devreg.ports import Answer
from devreg.store.among import among
from devreg.store.network_schema import target
from devreg.text import evidence


def credentials(session: Session, source: str) -> dict[str, str]:
    """Address -> the credential set that it answered to last."""
    rows = session.execute(select(target.c.address, target.c.credential).where(target.c.source == source))
    return {row.address: row.credential for row in rows if row.credential is not None}


def keep(session: Session, source: str, answers: Sequence[Answer]) -> None:
    """How asking went. An address of a network that never answered is not kept: it is perhaps nobody's."""
    if not answers:
        return
    addresses = [answer.address for answer in answers]
    of_source = target.c.source == source
    known = set(
        session.execute(
            select(target.c.address).where(of_source, among(session, target.c.address, addresses))
        ).scalars()
    )
    new = [_row(source, answer) for answer in answers if answer.address not in known and not answer.optional]
    answered = [_row(source, answer) for answer in answers if answer.address in known and answer.problem is None]
    silent = [_row(source, answer) for answer in answers if answer.address in known and answer.problem is not None]
    if new:
        session.execute(insert(target), new)
    _update(session, answered, ("credential", "answered_at", "asked_at", "problem"))
    _update(session, silent, ("asked_at", "problem"))


def _row(source: str, answer: Answer) -> dict[str, object]:
    return {
        "source": source,
        "address": answer.address,
        "credential": answer.credential,
        "answered_at": None if answer.problem else answer.at,
        "asked_at": answer.at,
        "problem": answer.problem and evidence(answer.problem),
    }


def _update(session: Session, rows: Sequence[dict[str, object]], fields: Sequence[str]) -> None:
    if rows:
        statement = (
            update(target)
            .where(target.c.source == bindparam("of_source"), target.c.address == bindparam("at_address"))
            .values({field: bindparam(f"new_{field}") for field in fields})
        )
        values = [
            {
                "of_source": row["source"],
                "at_address": row["address"],
                **{f"new_{field}": row[field] for field in fields},
            }
            for row in rows
        ]
        session.connection().execute(statement, values)
