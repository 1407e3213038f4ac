"""What makes lists of devices fast on each engine, beyond the tables: their order, their facets, and the trigrams of search.

Trigrams follow `device.folded` by triggers on SQLite and by an index on PostgreSQL, so they can't fall behind.
"""

from typing import Final

from sqlalchemy import Connection

_SQLITE: Final = (
    # In the order of lists, with all that a search for a common word needs; the unit for the join that SQLite then leaves out.
    "CREATE INDEX ix_device_listed ON device (name_key IS NULL, name_key, id, merged_into, unit, folded) WHERE merged_into IS NULL",
    "CREATE INDEX ix_device_facets ON device (kind, unit, use, state, managed_by, model, merged_into) WHERE merged_into IS NULL",
    """
    CREATE VIRTUAL TABLE device_search
    USING fts5 (folded, content='device', content_rowid='id', tokenize='trigram case_sensitive 1')
    """,
    """
    CREATE TRIGGER device_search_new AFTER INSERT ON device BEGIN
        INSERT INTO device_search (rowid, folded) VALUES (new.id, new.folded);
    END
    """,
    """
    CREATE TRIGGER device_search_gone AFTER DELETE ON device BEGIN
        INSERT INTO device_search (device_search, rowid, folded) VALUES ('delete', old.id, old.folded);
    END
    """,
    """
    CREATE TRIGGER device_search_changed AFTER UPDATE OF id, folded ON device
    WHEN old.id <> new.id OR old.folded <> new.folded BEGIN
        INSERT INTO device_search (device_search, rowid, folded) VALUES ('delete', old.id, old.folded);
        INSERT INTO device_search (rowid, folded) VALUES (new.id, new.folded);
    END
    """,
)
_POSTGRESQL: Final = (
    # Without the text, which a row of a B-tree can't hold.
    "CREATE INDEX ix_device_listed ON device ((name_key IS NULL), name_key, id) WHERE merged_into IS NULL",
    "CREATE INDEX ix_device_kind ON device (kind)",
    # A server without the extension, or an owner who may not add it, searches without an index.
    """
    DO $$ BEGIN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
        CREATE INDEX ix_device_folded ON device USING gin (folded gin_trgm_ops);
    EXCEPTION WHEN undefined_file OR feature_not_supported OR insufficient_privilege THEN NULL;
    END $$
    """,
)


def make(connection: Connection) -> None:
    """The indexes and triggers of the engine."""
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.exec_driver_sql(statement)
