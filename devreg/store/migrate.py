"""Bringing a database to today's schema; never back."""

from pathlib import Path
from typing import Final

import msgspec
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from devreg.errors import DatabaseUnavailable
from devreg.store.engine import Sessions, told_plainly

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
        current = MigrationContext.configure(session.connection()).get_current_revision()
    return Schema(current, head())


def upgrade(sessions: Sessions) -> Schema:
    """The schema after bringing it to this program's; all in one transaction.

    Raises DatabaseUnavailable when a newer program has changed the database.
    """
    with told_plainly("change its schema"), sessions.engine.begin() as connection:
        try:
            command.upgrade(_config(connection), "head")
        except CommandError as error:
            raise _newer(error) from error
    return status(sessions)


def demand_current(sessions: Sessions) -> None:
    """Raises DatabaseUnavailable when the schema is not this program's, saying which way to go."""
    schema = status(sessions)
    if schema.is_current:
        return
    if schema.current is None:
        raise DatabaseUnavailable(
            "The database holds no register yet.", next_step="Run `devreg init` or `devreg db upgrade`."
        )
    if schema.current not in {script.revision for script in _scripts().walk_revisions()}:
        raise _newer(None)
    raise DatabaseUnavailable(
        f"The database has schema {schema.current}, this program needs {schema.head}.",
        next_step="Run `devreg db upgrade`.",
    )


def _newer(_: Exception | None) -> DatabaseUnavailable:
    return DatabaseUnavailable(
        "The database was changed by a newer devreg.",
        next_step="Install that version or a later one; going back is refused.",
    )


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def head() -> str:
    """The schema this program needs."""
    return str(_scripts().get_current_head())
