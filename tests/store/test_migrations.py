"""The migrated database is the one the tables describe, on both engines."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from devreg.errors import DatabaseUnavailable
from devreg.store import migrate
from devreg.store.engine import Sessions, connect
from devreg.store.schema import metadata


def is_of_the_schema(name: str | None, kind: str, parents: object) -> bool:
    """All but what one engine alone has to make lists fast; test_searching proves that they are used."""
    return not str(name).startswith("device_search") and name not in {
        "ix_device_listed",
        "ix_device_facets",
        "ix_device_kind",
        "ix_device_folded",
    }


def test_migrations_build_exactly_the_tables_of_the_schema(sessions: Sessions) -> None:
    with sessions.engine.connect() as connection:
        compared = {"compare_type": True, "compare_server_default": True, "include_name": is_of_the_schema}
        context = MigrationContext.configure(connection, opts=compared)
        assert compare_metadata(context, metadata) == []


def test_upgrading_twice_changes_nothing_the_second_time(sessions: Sessions) -> None:
    assert migrate.upgrade(sessions) == migrate.status(sessions)
    assert migrate.status(sessions).is_current


def test_every_text_column_is_ordered_by_its_bytes_on_postgresql(sessions: Sessions) -> None:
    if sessions.is_sqlite:
        return  # SQLite's own order is by bytes
    with sessions.read.begin() as session:
        strange = session.execute(
            text(
                "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
                " AND data_type = 'character varying' AND table_name <> 'alembic_version' AND collation_name IS DISTINCT FROM 'C'"
            )
        ).all()
    assert strange == []


def test_a_database_changed_by_a_newer_program_is_refused(sessions: Sessions) -> None:
    with sessions.write.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseUnavailable, match="newer devreg"):
        migrate.demand_current(sessions)
    with pytest.raises(DatabaseUnavailable, match="newer devreg"):
        migrate.upgrade(sessions)


def test_a_database_without_a_register_says_how_to_make_one(tmp_path: Path) -> None:
    sessions = connect("sqlite:///empty.db", tmp_path)
    with pytest.raises(DatabaseUnavailable, match="no register yet") as caught:
        migrate.demand_current(sessions)
    assert "devreg init" in caught.value.next_step
    sessions.close()


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    sessions = connect("sqlite:///half.db", tmp_path)
    with sessions.write.begin() as session:
        session.execute(text("CREATE TABLE run (id INTEGER)"))  # stands in the way half-way through
    with pytest.raises(DatabaseUnavailable, match="already exists"):
        migrate.upgrade(sessions)
    with sessions.read.begin() as session:
        tables = session.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
    assert tables == ["run"]
    sessions.close()
