"""Who may do what, said by the owner of a PostgreSQL register; on SQLite the settings say it."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from devreg.domain.rights import Actor, Right, Role
from devreg.domain.words import ROLES
from devreg.errors import Misconfigured, NotFound, Refused
from devreg.ports import Finding, Severity
from devreg.services.acting import act
from devreg.settings import Operator
from devreg.store import operators
from devreg.store.engine import Session, Sessions, told_plainly
from devreg.store.operators import Login, User

_NAME: Final = re.compile(r"[^\W\d][\w.@-]*")
_RESERVED: Final = {"public", "none"}
_LONGEST: Final = 63
"""Bytes of a name on PostgreSQL; it cuts a longer one."""


def add(sessions: Sessions, actor: Actor, name: str, role: Role, entra: str | None, now: datetime) -> bool:
    """Give a database user a role, and make the user when there is none; whether it was made. It has no password then.

    Raises Misconfigured when the name can't be one, Refused when the actor is not the owner, or the user stands above all grants.
    """
    person = _person(entra)
    if not _NAME.fullmatch(name) or name in _RESERVED or name.startswith("pg_") or len(name.encode()) > _LONGEST:
        raise Misconfigured(
            f"{name!r} can't be a database user's name.",
            next_step="Letters, digits, - _ . @, at most 63, a letter first.",
        )
    with act(sessions, actor, Right.OPERATE, doing="give a role", now=now) as doing:
        session = doing.session
        _demand_owner(session, actor)
        _demand_person(session, name)
        holder = operators.named(session, person) if person else None
        if holder not in {None, name}:
            raise Misconfigured(f"{person} is {holder} here already.", next_step="Remove that one first.")
        before = operators.known(session, name)
        made = operators.add(session, name, role, person, by=doing.by, now=now)
        doing.tell("add operator", name, _said(before), {"role": role, "entra": person})
    return made


def remove(sessions: Sessions, actor: Actor, name: str, now: datetime) -> None:
    """Take a database user's role away; what it did stays in its name. Raises NotFound when it has none, Refused when it
    would still hold one by way of another group."""
    with act(sessions, actor, Right.OPERATE, doing="take a role away", now=now) as doing:
        session = doing.session
        _demand_owner(session, actor)
        _demand_below(session, name)
        before = {user.name: user for user in operators.everybody(session)}.get(name) or operators.known(session, name)
        if before is None:
            raise NotFound(f"{name} has no role here.", next_step="`devreg operator list` shows who has.")
        operators.remove(session, name, by=doing.by, now=now)
        if any(user.name == name for user in operators.everybody(session)):
            raise Refused(
                f"{name} holds its role through another group of the database.", next_step="Take it out of that group."
            )
        doing.tell("remove operator", name, _said(before))


def listed(sessions: Sessions, said: Mapping[str, Operator] | None) -> list[User]:
    """Who has which role: on PostgreSQL as the server grants it, on SQLite as the settings say."""
    if sessions.is_sqlite:
        return [User(name, entry.role, entry.entra) for name, entry in sorted((said or {}).items())]
    with told_plainly("list the operators"), sessions.read.begin() as session:
        return operators.everybody(session)


def findings(sessions: Sessions, actor: Actor, said: Mapping[str, Operator] | None) -> Iterator[Finding]:
    """What `check` says about who may do what here, and what of it nothing enforces."""
    yield Finding(Severity.OK, f"{actor.name} is {ROLES[actor.role]} here")
    if sessions.is_sqlite:
        if said is None:
            yield Finding(
                Severity.ADVICE,
                "whoever can write the register's file may do everything: there is no [operators]",
                "Name people and their roles in [operators].",
            )
        yield Finding(
            Severity.ADVICE,
            "on SQLite roles are a courtesy: who acts is what the operating system says, and a second person can't be demanded",
            "Use PostgreSQL where several people act.",
        )
        return
    if said is not None:
        yield Finding(
            Severity.ADVICE,
            "[operators] counts for nothing on PostgreSQL",
            "Use `devreg operator add` and take it out.",
        )
    with told_plainly("look at the grants"), sessions.read.begin() as session:
        me, renewed = operators.whoami(session), operators.has_renewed_grants(session)
    if me.stands_above:
        yield Finding(
            Severity.ADVICE,
            f"{me.name} owns the register or is a superuser: no role can hold it back",
            "Use it for `db upgrade` and `operator` only, and work as a user of your own.",
        )
    if not renewed:
        yield Finding(
            Severity.FAULT,
            "the database lets the roles do something else than this program means",
            "Run `devreg db upgrade` as the owner of the tables.",
        )


def demand_postgresql(sessions: Sessions, settings: Path, line: str) -> None:
    """Raises Misconfigured on an SQLite register, with what to write into the settings (`line`) instead."""
    if sessions.is_sqlite:
        raise Misconfigured(
            f"An SQLite register has no users: who may do what stands in [operators] of {settings}.", next_step=line
        )


def _demand_owner(session: Session, actor: Actor) -> None:
    if not operators.may_manage(session):
        raise Refused(
            f"{actor.name} can't make database users.",
            next_step=f"Sign in to the database as {operators.owner(session)}, who needs the right CREATEROLE.",
        )


def _demand_person(session: Session, name: str) -> None:
    """Raises Refused when the name is a database user's for whom a role would mean nothing."""
    there = _demand_below(session, name)
    if there is not None and not there.may_sign_in and not operators.made_here(session, name):
        raise Refused(
            f"{name} is a group of the database, or may not sign in.",
            next_step="Name a user that people or a timer sign in as.",
        )


def _demand_below(session: Session, name: str) -> Login | None:
    """The database user, unless it stands above all roles: then raises Refused."""
    there = operators.login(session, name)
    if there is not None and there.stands_above:
        raise Refused(
            f"{name} owns the register or is a superuser: no role can hold it back.",
            next_step="Give the person a database user of their own.",
        )
    return there


def _person(entra: str | None) -> str | None:
    """A sign-in name as Entra compares it."""
    if entra is None:
        return None
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", entra):
        raise Misconfigured(f"{entra!r} is no sign-in name.", next_step="Such as anna.aalto@city.example.")
    return entra.casefold()


def _said(user: User | None) -> dict[str, object] | None:
    return {"role": user.role, "entra": user.entra} if user is not None else None
