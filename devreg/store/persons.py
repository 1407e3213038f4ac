"""Persons: which accounts of the directories are one, and who answers to an address or a name."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from devreg.domain.observation import Subject
from devreg.domain.persons import joined
from devreg.domain.sorting import sort_key
from devreg.store.among import among
from devreg.store.schema import person, record


class Account(msgspec.Struct, frozen=True):
    """What one directory says of somebody."""

    source: str
    who: str
    name: str | None
    email: str | None
    upn: str | None
    department: str | None
    active: bool | None
    """False also where the directory has them no more."""
    is_gone: bool
    leave_date: date | None


def nameless(native_id: str) -> str:
    """What stands for somebody without any address; it can't be taken for one."""
    return f"#{native_id}"


def known_as(session: Session, source: str, native_ids: Iterable[str]) -> set[str]:
    """What these accounts were joined by until now."""
    wanted = among(session, person.c.native_id, native_ids)
    return set(session.execute(select(person.c.who).where(person.c.source == source, wanted)).scalars())


def join(session: Session, touched: set[str]) -> None:
    """Find anew which accounts are one person, among all that hang together with what was touched: addresses, and names of groups."""
    accounts: dict[int, tuple[str, frozenset[str]]] = {}
    asked: set[str] = set()
    while new := touched - asked:
        asked |= new
        hits = (among(session, column, sorted(new)) for column in (person.c.who, person.c.email, person.c.upn))
        for row in session.execute(select(person.c.id, person.c.who, person.c.email, person.c.upn).where(or_(*hits))):
            addresses = frozenset(text for text in (row.email, row.upn) if text)
            accounts[row.id] = (row.who, addresses)
            touched |= {row.who, *addresses}
    found = joined({number: addresses for number, (_, addresses) in accounts.items()})
    moved = [{"key": number, "now": who} for number, who in sorted(found.items()) if accounts[number][0] != who]
    if moved:
        statement = update(person).where(person.c.id == bindparam("key")).values(who=bindparam("now"))
        session.connection().execute(statement, moved)


def named(session: Session, text: str) -> dict[str, list[Account]]:
    """Everybody who has this address or exactly this name, case put aside: what stands for them -> their accounts."""
    asked = text.strip()
    hits = select(person.c.who).where(
        or_(
            func.lower(person.c.email) == asked.lower(),
            func.lower(person.c.upn) == asked.lower(),
            person.c.who == asked.lower(),
            person.c.name_key == sort_key(asked),
        )
    )
    return _grouped(session, person.c.who.in_(hits))


def addresses(session: Session, address: str) -> set[str]:
    """Every address of whom this one belongs to, in lower case; empty when no directory knows it."""
    theirs = select(person.c.who).where(
        or_(func.lower(person.c.email) == address.lower(), func.lower(person.c.upn) == address.lower())
    )
    found = session.execute(select(person.c.email, person.c.upn).where(person.c.who.in_(theirs)))
    return {text.lower() for row in found for text in row if text}


def of(session: Session, who: str) -> list[Account]:
    """The accounts of one person."""
    return _grouped(session, person.c.who == who).get(who, [])


def _grouped(session: Session, condition: Any) -> dict[str, list[Account]]:
    gone = record.c.gone_at.is_not(None)
    statement = (
        select(*(person.c[name] for name in Account.__struct_fields__ if name != "is_gone"), gone.label("is_gone"))
        .outerjoin(record, _its_record())
        .where(condition)
        .order_by(person.c.who, person.c.source, person.c.native_id)
    )
    found: dict[str, list[Account]] = {}
    for row in session.execute(statement):
        said: dict[str, Any] = {**row._mapping}
        is_gone = bool(said["is_gone"])
        found.setdefault(row.who, []).append(
            Account(**{**said, "is_gone": is_gone, "active": False if is_gone else said["active"]})
        )
    return found


def _its_record() -> Any:
    """The account as its directory last listed it."""
    return (
        (record.c.source == person.c.source)
        & (record.c.native_id == person.c.native_id)
        & (record.c.subject == Subject.PERSON)
    )
