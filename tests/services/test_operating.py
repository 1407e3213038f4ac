"""Roles given and taken on PostgreSQL, and who the program takes people for."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from operator_rig import opened, signed_in, staffed
from register_rig import NOON, actor, later, rows
from sqlalchemy import text

from devreg.domain.rights import Actor, Role
from devreg.errors import DatabaseUnavailable, Misconfigured, NotFound, Refused
from devreg.services import actors, operating
from devreg.settings import Operator
from devreg.store import grants, migrate, schema
from devreg.store.engine import Sessions, connect

_NUMBERS = count(1)


@pytest.fixture
def address(fresh_register: Callable[[str], str]) -> str:
    return fresh_register("postgresql")


@pytest.fixture
def owner(address: str, tmp_path: Path) -> Iterator[Sessions]:
    with opened(address, tmp_path) as sessions:
        yield sessions


@pytest.fixture
def name() -> str:
    """A database user that no other test has made."""
    return f"anna-{next(_NUMBERS)}@city.example"


def me(address: str, name: str, folder: Path) -> Actor:
    with opened(signed_in(address, name), folder) as sessions:
        return actors.at_the_keyboard(sessions, None)


def execute(sessions: Sessions, *statements: str) -> None:
    with sessions.write.begin() as session:
        for statement in statements:
            session.connection().exec_driver_sql(statement)


def test_who_acts_is_the_database_user_with_its_role_and_name_in_entra(
    owner: Sessions, address: str, name: str, tmp_path: Path
) -> None:
    assert operating.add(owner, actor(), name, Role.TECHNICIAN, "Anna.Aalto@City.example", NOON)
    who = me(address, name, tmp_path)
    assert (who.name, who.role, who.entra) == (name, Role.TECHNICIAN, "anna.aalto@city.example")


def test_a_user_has_one_role_and_giving_another_takes_the_first(
    owner: Sessions, address: str, name: str, tmp_path: Path
) -> None:
    assert operating.add(owner, actor(), name, Role.ADMIN, None, NOON)
    assert not operating.add(owner, actor(), name, Role.VIEWER, None, later(1))
    assert me(address, name, tmp_path).role is Role.VIEWER
    assert [(user.name, user.role) for user in operating.listed(owner, None) if user.name == name] == [
        (name, Role.VIEWER)
    ]


def test_a_removed_user_can_do_nothing_and_the_register_remembers_whom_it_was(
    owner: Sessions, address: str, name: str, tmp_path: Path
) -> None:
    operating.add(owner, actor(), name, Role.TECHNICIAN, None, NOON)
    operating.remove(owner, actor("boss"), name, later(5))
    with pytest.raises(DatabaseUnavailable, match="not permitted to log in"):
        me(address, name, tmp_path)
    (row,) = [row for row in rows(owner, schema.operator) if row["name"] == name]
    assert (row["role"], row["removed_at"], row["removed_by"]) == ("technician", later(5), "boss")
    assert name not in {user.name for user in operating.listed(owner, None)}
    with pytest.raises(NotFound, match="no role here"):
        operating.remove(owner, actor(), name, later(6))
    assert not operating.add(owner, actor(), name, Role.VIEWER, None, later(7))
    assert me(address, name, tmp_path).role is Role.VIEWER


def test_a_user_that_was_there_before_keeps_its_own_ways_when_its_role_is_taken(
    owner: Sessions, address: str, name: str, tmp_path: Path
) -> None:
    execute(owner, f'CREATE ROLE "{name}" LOGIN CREATEDB')
    assert not operating.add(owner, actor(), name, Role.APPROVER, None, NOON)
    operating.remove(owner, actor(), name, later(1))
    with owner.read.begin() as session:
        asked = text("SELECT rolcanlogin, rolcreatedb FROM pg_roles WHERE rolname = :name")
        assert session.execute(asked, {"name": name}).one() == (True, True)
    with pytest.raises(DatabaseUnavailable, match="permission denied") as caught:
        me(address, name, tmp_path)
    assert "operator add" in caught.value.next_step


def test_a_role_granted_past_the_program_counts_and_is_listed(
    owner: Sessions, address: str, name: str, tmp_path: Path
) -> None:
    staffed(address, tmp_path)
    group = grants.group(str(owner.engine.url.database), Role.APPROVER)
    execute(owner, f'CREATE ROLE "{name}" LOGIN', f'GRANT "{group}" TO "{name}"')
    assert me(address, name, tmp_path).role is Role.APPROVER
    (user,) = [user for user in operating.listed(owner, None) if user.name == name]
    assert (user.role, user.since) == (Role.APPROVER, None)
    operating.remove(owner, actor(), name, NOON)
    assert name not in {user.name for user in operating.listed(owner, None)}


def test_a_role_held_by_way_of_another_group_is_not_called_taken(
    owner: Sessions, address: str, name: str, tmp_path: Path
) -> None:
    staffed(address, tmp_path)
    group = grants.group(str(owner.engine.url.database), Role.ADMIN)
    execute(
        owner,
        f'CREATE ROLE "{name}" LOGIN',
        f'CREATE ROLE "team-{name}"',
        f'GRANT "{group}" TO "team-{name}"',
        f'GRANT "team-{name}" TO "{name}"',
    )
    with pytest.raises(Refused, match="another group"):
        operating.remove(owner, actor(), name, NOON)


def test_a_role_of_another_register_on_the_same_server_is_none_here(
    owner: Sessions, name: str, make_register: Callable[[str, Path], str], tmp_path: Path
) -> None:
    operating.add(owner, actor(), name, Role.ADMIN, None, NOON)
    other = make_register("postgresql", tmp_path)
    staffed(other, tmp_path)
    with pytest.raises(DatabaseUnavailable, match="permission denied"):
        me(other, name, tmp_path)


def test_one_person_in_entra_is_one_user_here(owner: Sessions, name: str) -> None:
    operating.add(owner, actor(), name, Role.APPROVER, "anna@city.example", NOON)
    with pytest.raises(Misconfigured, match="already"):
        operating.add(owner, actor(), "x" + name, Role.APPROVER, "ANNA@city.example", NOON)
    operating.add(owner, actor(), name, Role.ADMIN, "anna@city.example", NOON)
    operating.remove(owner, actor(), name, NOON)
    operating.add(owner, actor(), "x" + name, Role.APPROVER, "anna@city.example", NOON)


@pytest.mark.parametrize("bad", ["", "1st", "pg_read_all_data", "public", 'a"b', "a b", "ä" * 32, "a;drop"])
def test_a_name_that_postgresql_would_not_take_as_it_is_is_refused(owner: Sessions, bad: str) -> None:
    with pytest.raises(Misconfigured, match="name"):
        operating.add(owner, actor(), bad, Role.VIEWER, None, NOON)


def test_no_role_is_given_to_who_stands_above_all_grants_or_is_no_person(
    owner: Sessions, address: str, tmp_path: Path
) -> None:
    staffed(address, tmp_path)
    with pytest.raises(Refused, match="no role can hold it back"):
        operating.add(owner, actor(), "postgres", Role.VIEWER, None, NOON)
    with pytest.raises(Refused, match="no role can hold it back"):
        operating.remove(owner, actor(), "postgres", NOON)
    group = grants.group(str(owner.engine.url.database), Role.VIEWER)
    with pytest.raises(Refused, match="is a group"):
        operating.add(owner, actor(), group, Role.ADMIN, None, NOON)


def test_an_admin_who_does_not_own_the_tables_is_told_who_does(address: str, name: str, tmp_path: Path) -> None:
    admin = staffed(address, tmp_path)[Role.ADMIN]
    with opened(admin, tmp_path) as sessions:
        who = actors.at_the_keyboard(sessions, None)
        with pytest.raises(Refused) as caught:
            operating.add(sessions, who, name, Role.ADMIN, None, NOON)
    assert "as postgres" in caught.value.next_step


def test_an_owner_that_is_no_superuser_makes_the_schema_and_hands_out_roles(
    address: str, name: str, tmp_path: Path
) -> None:
    """As docs/postgresql.md says to begin."""
    owning, database = f"owner-{name}", f"owned-{next(_NUMBERS)}"
    with opened(address, tmp_path) as server, server.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.exec_driver_sql(f'CREATE ROLE "{owning}" LOGIN CREATEROLE')
        connection.exec_driver_sql(f'CREATE DATABASE "{database}" OWNER "{owning}"')
    theirs = connect(signed_in(address, owning), tmp_path).engine.url.set(database=database).render_as_string(False)
    with opened(theirs, tmp_path) as sessions:
        migrate.upgrade(sessions)
        assert actors.at_the_keyboard(sessions, None).role is Role.ADMIN
        operating.add(sessions, actor(owning), name, Role.TECHNICIAN, None, NOON)
        operating.add(sessions, actor(owning), name, Role.ADMIN, None, NOON)
        assert [user.name for user in operating.listed(sessions, None)] == sorted([name, owning])
        migrate.upgrade(sessions)
    with opened(signed_in(theirs, "postgres"), tmp_path) as sessions:
        operating.remove(sessions, actor(), name, NOON)  # a grant that another user has made
    with opened(theirs, tmp_path) as sessions:
        operating.add(sessions, actor(owning), name, Role.ADMIN, None, NOON)
    with opened(signed_in(theirs, name), tmp_path) as sessions:
        assert actors.at_the_keyboard(sessions, None).role is Role.ADMIN
        with pytest.raises(Refused, match=f"belong to the database user {owning}"):
            migrate.upgrade(sessions)


def test_on_sqlite_the_settings_are_the_list(tmp_path: Path, fresh_register: Callable[[str], str]) -> None:
    with opened(fresh_register("sqlite"), tmp_path) as sessions:
        user = actors._user()
        said = {user: Operator(role=Role.APPROVER, entra="a@city.example"), "z": Operator(role=Role.ADMIN)}
        who = actors.at_the_keyboard(sessions, said)
        assert (who.name, who.role, who.entra) == (user, Role.APPROVER, "a@city.example")
        assert actors.at_the_keyboard(sessions, {}).role is Role.VIEWER
        assert actors.at_the_keyboard(sessions, None).role is Role.ADMIN
        assert [entry.name for entry in operating.listed(sessions, said)] == sorted([user, "z"])
        with pytest.raises(Misconfigured, match="no users"):
            operating.demand_postgresql(sessions, tmp_path, "so")


def found(sessions: Sessions, said: dict[str, Operator] | None = None) -> list[tuple[str, str]]:
    who = actors.at_the_keyboard(sessions, said)
    return [(str(finding.severity), finding.what) for finding in operating.findings(sessions, who, said)]


def test_check_says_who_one_is_and_what_nothing_enforces_on_sqlite(
    tmp_path: Path, fresh_register: Callable[[str], str]
) -> None:
    user = actors._user()
    with opened(fresh_register("sqlite"), tmp_path) as sessions:
        open_to_all, named = found(sessions), found(sessions, {user: Operator(role=Role.TECHNICIAN)})
    assert open_to_all[0] == ("ok", f"{user} is an admin here")
    assert [severity for severity, _ in open_to_all] == ["ok", "advice", "advice"]
    assert named[0] == ("ok", f"{user} is a technician here")
    assert [what for _, what in open_to_all if "there is no [operators]" in what]
    assert [what for _, what in named if "there is no [operators]" in what] == []
    assert "a second person can't be demanded" in named[-1][1]


def test_check_says_on_postgresql_who_stands_above_the_grants_and_when_they_are_not_ours(
    address: str, tmp_path: Path
) -> None:
    logins = staffed(address, tmp_path)
    with opened(address, tmp_path) as sessions:
        assert [severity for severity, _ in found(sessions)] == ["ok", "advice"]
        group = grants.group(str(sessions.engine.url.database), Role.VIEWER)
        with opened(logins[Role.VIEWER], tmp_path) as theirs:
            assert [severity for severity, _ in found(theirs)] == ["ok"]
            assert [severity for severity, _ in found(theirs, {})] == ["ok", "advice"]
            for change in (f'GRANT UPDATE (name) ON device TO "{group}"', f'REVOKE SELECT ON device FROM "{group}"'):
                execute(sessions, change)
                assert [severity for severity, _ in found(theirs)] == ["ok", "fault"]
                migrate.upgrade(sessions)
                assert [severity for severity, _ in found(theirs)] == ["ok"]
