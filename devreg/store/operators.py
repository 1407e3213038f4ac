"""Database users on PostgreSQL: which roles they hold, and who they are in Entra."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, inspect, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from devreg.domain.rights import Role
from devreg.store.grants import group, groups, is_renewed, make_groups, quoted
from devreg.store.schema import operator


class User(msgspec.Struct, frozen=True):
    """A database user who may use the register."""

    name: str
    role: Role
    """The strongest one held: what the grants allow, whatever else is written anywhere."""
    entra: str | None = None
    since: datetime | None = None
    """When `operator add` named the role; None: it was granted past us."""
    stands_above: bool = False
    """Owns the tables, or is a superuser: no grant holds it back."""


class Login(msgspec.Struct, frozen=True):
    """A database user as the server knows it."""

    stands_above: bool
    """A superuser, or one who owns the tables: no grant holds it back."""
    may_sign_in: bool
    """False for a group, and for one that `remove` has closed."""


def whoami(session: Session) -> User:
    """The user of this session, as the server has let it in; an admin where it owns the tables, or there are none to own yet."""
    if not inspect(session.connection()).has_table(operator.name):
        return User(str(session.execute(text("SELECT session_user")).scalar_one()), Role.ADMIN)
    name, owns = session.execute(text(f"SELECT session_user, {_OWNS.format(who='session_user')}")).one()
    role = Role.ADMIN if owns else _held(session, [name]).get(name, Role.VIEWER)
    said = known(session, name)
    return User(name, role, *((said.entra, said.since) if said is not None else (None, None)), owns)


def everybody(session: Session) -> list[User]:
    """Those who hold a role, and the owner of the tables, by name; superusers are not among them."""
    names = session.execute(
        text(f"SELECT rolname FROM pg_roles WHERE rolcanlogin AND NOT {_OWNS.format(who='rolname')}")
    ).scalars()
    above = owner(session)
    held = {**_held(session, list(names)), above: Role.ADMIN}
    rows = {row.name: row for row in session.execute(_known())}
    users = []
    for name, role in sorted(held.items()):
        entra, since = (rows[name].entra, rows[name].added_at) if name in rows else (None, None)
        users.append(User(name, role, entra, since, stands_above=name == above))
    return users


def owner(session: Session) -> str:
    """Who owns the register's tables."""
    return str(
        session.execute(
            text("SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = to_regclass('operator')")
        ).scalar_one()
    )


def may_manage(session: Session) -> bool:
    """Whether the session's user owns the tables and may make database users."""
    return bool(
        session.execute(
            text(
                f"SELECT {_OWNS.format(who='session_user')} AND (rolcreaterole OR rolsuper)"
                " FROM pg_roles WHERE rolname = session_user"
            )
        ).scalar_one()
    )


def has_renewed_grants(session: Session) -> bool:
    """Whether each role may do what this program's list says."""
    return is_renewed(session.connection())


def login(session: Session, name: str) -> Login | None:
    """The database user of that name; None when there is none."""
    row = session.execute(
        text(f"SELECT {_OWNS.format(who='rolname')}, rolcanlogin FROM pg_roles WHERE rolname = :name"), {"name": name}
    ).one_or_none()
    return Login(*row) if row is not None else None


def named(session: Session, entra: str) -> str | None:
    """The user who is that person in Entra."""
    return session.execute(_known().where(operator.c.entra == entra)).scalar()


def known(session: Session, name: str) -> User | None:
    """The user as `operator add` last wrote it, when it has not been removed."""
    row = session.execute(_known().where(operator.c.name == name)).one_or_none()
    return User(row.name, Role(row.role), row.entra, row.added_at) if row is not None else None


def made_here(session: Session, name: str) -> bool:
    """Whether `operator add` made the database user."""
    return bool(session.execute(select(operator.c.made_here).where(operator.c.name == name)).scalar())


def add(session: Session, name: str, role: Role, entra: str | None, *, by: str, now: datetime) -> bool:
    """The user holds the role, and no other of this register; whether the user had to be made."""
    connection = session.connection()
    make_groups(connection)
    user, makes = quoted(connection, name), login(session, name) is None
    if makes:
        connection.exec_driver_sql(f"CREATE ROLE {user} LOGIN")
    elif made_here(session, name):
        connection.exec_driver_sql(f"ALTER ROLE {user} LOGIN")
    _leave_groups(connection, name)
    database = connection.execute(text("SELECT current_database()")).scalar_one()
    connection.exec_driver_sql(f"GRANT {quoted(connection, group(database, role))} TO {user}")
    values: dict[str, Any] = {
        "role": role, "entra": entra, "added_at": now, "added_by": by, "removed_at": None, "removed_by": None,
    }  # fmt: skip
    wanted = insert(operator).values(name=name, made_here=makes, **values)
    session.execute(wanted.on_conflict_do_update(index_elements=["name"], set_=values))
    return makes


def remove(session: Session, name: str, *, by: str, now: datetime) -> None:
    """The user holds no role here any more, and can't sign in when `operator add` made it; nothing is dropped."""
    connection = session.connection()
    _leave_groups(connection, name)
    if made_here(session, name):
        connection.exec_driver_sql(f"ALTER ROLE {quoted(connection, name)} NOLOGIN")
    session.execute(update(operator).where(operator.c.name == name).values(removed_at=now, removed_by=by))


def _known() -> Any:
    return select(operator).where(operator.c.removed_at.is_(None))


def _leave_groups(connection: Connection, name: str) -> None:
    """Takes back each grant of a group in its grantor's name: a plain REVOKE passes over what another user has granted."""
    granted = text(
        "SELECT held.rolname, giver.rolname FROM pg_auth_members"
        " JOIN pg_roles held ON held.oid = roleid JOIN pg_roles giver ON giver.oid = grantor JOIN pg_roles who ON who.oid = member"
        " WHERE who.rolname = :name AND held.rolname = ANY(:there)"
    )
    there = list(groups(connection).values())
    for held, giver in connection.execute(granted, {"name": name, "there": there}).all():
        which = f"{quoted(connection, held)} FROM {quoted(connection, name)}"
        connection.exec_driver_sql(f"REVOKE {which} GRANTED BY {quoted(connection, giver)}")


def _held(session: Session, names: list[str]) -> dict[str, Role]:
    """User -> the strongest role whose grants it has, of those who have any."""
    roles = {name: role for role, name in groups(session.connection()).items()}
    rows = session.execute(
        text(
            "SELECT who, held FROM unnest(CAST(:names AS text[])) AS who, unnest(CAST(:roles AS text[])) AS held"
            " WHERE pg_has_role(who, held, 'USAGE')"
        ),
        {"names": names, "roles": list(roles)},
    )
    strength = list(Role)
    found: dict[str, Role] = {}
    for who, held in rows:
        found[who] = max(roles[held], found.get(who, Role.VIEWER), key=strength.index)
    return found


_OWNS = "pg_has_role({who}, (SELECT relowner FROM pg_class WHERE oid = to_regclass('operator')), 'USAGE')"
"""Whether a user owns the tables, by itself, by a role it holds, or as a superuser."""
