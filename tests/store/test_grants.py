"""What PostgreSQL lets each role do, whatever program asks: the whole matrix, made from the one list."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from operator_rig import opened, staffed
from register_rig import NOON, actor
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from devreg.domain.chain import Deed, Detail
from devreg.domain.rights import RIGHTS, Right, Role
from devreg.services import operating
from devreg.store import audit, grants, migrate
from devreg.store.engine import connect
from devreg.store.grants import TABLES
from devreg.store.schema import metadata

COLUMNS = {name: tuple(table.columns.keys()) for name, table in metadata.tables.items()} | {
    "alembic_version": ("version_num",)
}


@pytest.fixture
def address(fresh_register: Callable[[str], str]) -> str:
    return fresh_register("postgresql")


@pytest.fixture(params=list(Role))
def role(request: pytest.FixtureRequest) -> Role:
    found: Role = request.param
    return found


@pytest.fixture
def engine(address: str, role: Role, tmp_path: Path) -> Iterator[Engine]:
    """The register, signed in as somebody who holds the role."""
    made = create_engine(staffed(address, tmp_path)[role])
    yield made
    made.dispose()


def allowed(engine: Engine, statement: str) -> bool:
    """Whether the server's rights let the statement be; nothing of it is kept."""
    with engine.connect() as connection:
        try:
            connection.exec_driver_sql(statement)
        except ProgrammingError as error:
            if not isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
                raise
            return False
        finally:
            connection.rollback()
        return True


def attempts() -> Iterator[tuple[str, str, str | None, str]]:
    """(table, verb, column, statement): each touches no row, so that only the right to it decides."""
    for table, columns in COLUMNS.items():
        yield table, "SELECT", None, f'SELECT FROM "{table}" WHERE false'
        yield table, "DELETE", None, f'DELETE FROM "{table}" WHERE false'
        yield table, "TRUNCATE", None, f'TRUNCATE "{table}" CASCADE'
        for column in columns:
            yield (
                table,
                "INSERT",
                column,
                f'INSERT INTO "{table}" ("{column}") SELECT "{column}" FROM "{table}" WHERE false',
            )
            yield table, "UPDATE", column, f'UPDATE "{table}" SET "{column}" = "{column}" WHERE false'


def listed(role: Role, table: str, verb: str, column: str | None) -> bool:
    """Whether the list gives the role the verb, on that column where the verb is about columns."""
    return verb == "SELECT" or any(
        grant.verb == verb and (not grant.columns or column in grant.columns) for grant in grants.granted(role, table)
    )


def test_every_table_of_the_schema_stands_in_the_list_with_columns_that_it_has() -> None:
    assert set(TABLES) == set(COLUMNS)
    for table, given in TABLES.items():
        assert {grant.verb for grant in given} <= {"INSERT", "UPDATE", "DELETE"}
        assert {column for grant in given for column in grant.columns} <= set(COLUMNS[table])


def test_a_role_may_do_to_each_table_what_the_list_says_and_nothing_else(engine: Engine, role: Role) -> None:
    wrong = [
        statement
        for table, verb, column, statement in attempts()
        if allowed(engine, statement) != listed(role, table, verb, column)
    ]
    assert wrong == []


def test_a_viewer_writes_nowhere_and_nobody_says_by_hand_who_the_operators_are() -> None:
    assert [table for table in TABLES if any(grants.granted(Role.VIEWER, table))] == []
    assert [
        role for role in Role for table in ("operator", "alembic_version") if any(grants.granted(role, table))
    ] == []


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE own (n int)", "CREATE TEMPORARY TABLE own (n int)", "CREATE SCHEMA own", "ALTER TABLE device ADD own int",
        "DROP TABLE pin", "ALTER TABLE change DISABLE TRIGGER USER", "CREATE RULE r AS ON INSERT TO change DO INSTEAD NOTHING",
        "CREATE FUNCTION own() RETURNS int LANGUAGE sql AS 'SELECT 1'", "ALTER ROLE {me} CREATEROLE", "CREATE ROLE own",
        "SET ROLE postgres", "SET SESSION AUTHORIZATION postgres", "GRANT {admin} TO {me}", "SELECT setval('change_id_seq', 1)",
        "COPY change FROM PROGRAM 'true'", "SET session_replication_role = replica", "LOCK TABLE operator IN EXCLUSIVE MODE",
    ],
)  # fmt: skip
def test_not_even_an_admin_goes_round_the_grants(address: str, tmp_path: Path, statement: str) -> None:
    engine = create_engine(staffed(address, tmp_path)[Role.ADMIN])
    database = engine.url.database
    assert database is not None
    names = {"me": f'"{engine.url.username}"', "admin": f'"{grants.group(database, Role.ADMIN)}"'}
    assert not allowed(engine, statement.format(**names))
    engine.dispose()


def test_our_functions_are_nobodys_to_call_but_those_the_list_names_and_keep_their_search_path(
    address: str, tmp_path: Path
) -> None:
    staffed(address, tmp_path)
    engine = create_engine(address)
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT proname, prosecdef, coalesce(array_to_string(proconfig, ' '), '') AS config,"
                " EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE grantee = 0) AS public"
                " FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
                " AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')"
            )
        ).all()
    engine.dispose()
    assert [row.proname for row in rows if row.public] == []
    assert [row.proname for row in rows if row.prosecdef and "search_path=pg_catalog" not in row.config] == []


def test_the_trail_names_role_and_person_as_the_server_knows_them_whatever_the_program_says(
    address: str, tmp_path: Path
) -> None:
    logins = staffed(address, tmp_path)
    with opened(address, tmp_path) as owner:
        operating.add(owner, actor(), str(make_url(logins[Role.VIEWER]).username), Role.VIEWER, "a@city.example", NOON)
    forged = Detail("boss", "boss@city.example", "desk")
    told: dict[str, tuple[str, str | None, str | None]] = {}
    for role, login in [*logins.items(), ("owner", address)]:
        with opened(login, tmp_path) as sessions, sessions.write.begin() as session:
            audit.append(session, Deed("approver", "accept", "accept", "R000001"), forged, NOON)
            *_, row = audit.rows(session)
        assert row.detail is not None
        told[str(role)] = (row.link.deed.role, row.detail.actor, row.detail.entra)
    users = {str(role): make_url(login).username for role, login in logins.items()} | {"owner": "postgres"}
    assert told == {
        role: ("admin" if role == "owner" else role, user, "a@city.example" if role == "viewer" else None)
        for role, user in users.items()
    }


def test_an_upgrade_gives_the_groups_that_there_are_what_the_list_says_by_now(address: str, tmp_path: Path) -> None:
    viewer = create_engine(staffed(address, tmp_path)[Role.VIEWER])
    owner = create_engine(address)
    group = grants.group(str(owner.url.database), Role.VIEWER)
    with owner.begin() as connection:
        connection.exec_driver_sql(f'GRANT DELETE ON device TO "{group}"')
        connection.exec_driver_sql(f'REVOKE SELECT ON run FROM "{group}"')
    assert allowed(viewer, "DELETE FROM device WHERE false")
    sessions = connect(address, tmp_path)
    migrate.upgrade(sessions)
    sessions.close()
    assert not allowed(viewer, "DELETE FROM device WHERE false")
    assert allowed(viewer, "SELECT FROM run")
    owner.dispose()
    viewer.dispose()


def test_each_role_but_viewer_and_collector_may_what_the_weaker_may() -> None:
    people = [Role.VIEWER, Role.TECHNICIAN, Role.APPROVER, Role.ADMIN]
    assert [RIGHTS[weak] < RIGHTS[strong] for weak, strong in zip(people, people[1:], strict=False)] == [True] * 3
    assert RIGHTS[Role.COLLECTOR] == {Right.COLLECT}
