"""Bringing a database to today's schema; never back.

Migrations are files `NNNN_what.py`, applied in order of their number, which is their revision too; so looking where a
database stands needs no Alembic, and no command but `init` and `db upgrade` waits for it to load.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from sqlalchemy import Connection, column, inspect, select, table, text

from devreg.errors import DatabaseUnavailable, Refused
from devreg.store import grants
from devreg.store.engine import Sessions, told_plainly

if TYPE_CHECKING:
    from alembic.config import Config

_FOLDER: Final = Path(__file__).parent / "migrations"


class Schema(msgspec.Struct, frozen=True):
    """Where a database stands."""

    current: str | None
    """None: no registry in it yet."""
    head: str

    @property
    def is_current(self) -> bool:
        """Whether this program can use it as it is."""
        return self.current == self.head


def status(sessions: Sessions) -> Schema:
    """The schema of the database against that of this program."""
    with told_plainly("read its schema"), sessions.read() as session:
        known = inspect(session.connection()).has_table("alembic_version")
        current = (
            session.execute(select(column("version_num")).select_from(table("alembic_version"))).scalar()
            if known
            else None
        )
    return Schema(current, head())


def upgrade(sessions: Sessions) -> Schema:
    """The schema after bringing it to this program's; all in one transaction.

    Raises DatabaseUnavailable when a newer program has changed the database, and Refused when its tables belong to another user.
    """
    from alembic import command  # 150 ms that only this needs
    from alembic.util import CommandError

    from devreg.store import warehouse  # and every list

    with told_plainly("change its schema"), sessions.engine.begin() as connection:
        if not sessions.is_sqlite:
            _demand_owner(connection)
        try:
            warehouse.drop(connection)
            command.upgrade(configuration(connection), "head")
            warehouse.make(connection)
        except CommandError as error:
            raise _newer() from error
        if not sessions.is_sqlite:
            grants.renew(connection)
    return status(sessions)


def _demand_owner(connection: Connection) -> None:
    owner = connection.execute(
        text(
            "SELECT pg_get_userbyid(relowner) FROM pg_class"
            " WHERE oid = to_regclass('alembic_version') AND NOT pg_has_role(relowner, 'USAGE')"
        )
    ).scalar()
    if owner is not None:
        raise Refused(
            f"The register's tables belong to the database user {owner}, who alone can change the schema.",
            next_step="Sign in to the database as that user and run it again.",
        )


def demand_current(sessions: Sessions) -> None:
    """Raises DatabaseUnavailable when the schema is not this program's, saying which way to go."""
    schema = status(sessions)
    if schema.is_current:
        return
    if schema.current is None:
        raise DatabaseUnavailable(
            "The database holds no register yet.", next_step="Run `devreg init` or `devreg db upgrade`."
        )
    demand_known(schema)
    raise DatabaseUnavailable(
        f"The database has schema {schema.current}, this program needs {schema.head}.",
        next_step="Run `devreg db upgrade`.",
    )


def demand_known(schema: Schema) -> None:
    """Raises DatabaseUnavailable when a newer program has changed the database: there is no way back."""
    if schema.current not in _revisions():
        raise _newer()


def _newer() -> DatabaseUnavailable:
    return DatabaseUnavailable(
        "The database was changed by a newer devreg.",
        next_step="Install that version or a later one; going back is refused.",
    )


def configuration(connection: Connection | None = None) -> "Config":
    """Alembic's settings for this package's migrations."""
    from alembic.config import Config  # as above

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """The schema this program needs."""
    return _revisions()[-1]


def _revisions() -> list[str]:
    return sorted(path.name.partition("_")[0] for path in (_FOLDER / "versions").glob("[0-9]*_*.py"))
