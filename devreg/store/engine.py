"""The database connection: pragmas, isolation, and clear words when it can't be opened.

SQLite is opened with foreign keys on, a busy timeout, synchronous=FULL, and WAL only where the library is past the
WAL-reset bug (fixed in 3.51.3; safety.md 60), else with a rollback journal.
"""

import os
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import Session as Session  # named here for services: they pass it on and know no SQL
from sqlalchemy.orm import sessionmaker

from devreg.errors import DatabaseUnavailable, Misconfigured, TakenBack
from devreg.i18n import N_
from devreg.ports import Outside
from devreg.store.mounts import network_kind

try:
    from pysqlite3 import dbapi2 as _sqlite
except ImportError:  # wheels exist for Linux only; elsewhere Python's own library serves
    _sqlite = sqlite3

FileError: Final = _sqlite.Error
"""What the driver of SQLite raises on a `bare` connection."""
_WAL_SAFE: Final = (3, 51, 3)
_TAKEN_BACK: Final = {"40001", "40P01"}
"""SQLSTATE of a serialization failure and of a deadlock."""
BUSY_TIMEOUT_S: Final = 10
_LONGEST_NAP_S: Final = 0.01
"""Between two tries to begin writing."""
_CACHE_KB: Final = 16_000
"""A connection's pages in memory: with SQLite's own 2 MB a first load waits a quarter longer for the disk."""


class Sessions(msgspec.Struct, frozen=True):
    """Two doors to one database. The caller opens the unit of work: `with sessions.write.begin() as session:`."""

    write: "sessionmaker[Session]"
    """On SQLite takes the write lock at the start, so that no transaction has to fail half way."""
    read: "sessionmaker[Session]"
    """Can't write: query_only on SQLite, READ ONLY on PostgreSQL. All reads of a unit of work see one moment."""
    engine: Engine
    outside: Outside = Outside()
    """Where what is written here is told too."""

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file of ours."""
        return self.engine.dialect.name == "sqlite"

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()
        self.read.kw["bind"].dispose()


def connect(database: str, folder: Path) -> Sessions:
    """Sessions on the database of the settings; relative SQLite files are relative to `folder`. Touches nothing yet.

    Raises Misconfigured when the address makes no sense.
    """
    try:
        url = make_url(database)
    except ArgumentError:
        raise Misconfigured(
            "registry.database is not a database address.", next_step="Use sqlite:///FILE or postgresql+psycopg://…."
        ) from None
    match url.get_backend_name():
        case "sqlite":
            _demand_local(folder / _file_of(url))
            return at_file(folder / _file_of(url))
        case "postgresql":
            _demand_tls(url)
            return at_server(url)
        case other:
            raise Misconfigured(
                f"registry.database is of an unknown kind: {other}.",
                next_step="Use sqlite:///FILE or postgresql+psycopg://….",
            )


def at_file(path: Path) -> Sessions:
    """Sessions on an SQLite file, whatever its name."""
    path = path.absolute()
    return _sessions(_sqlite_engine(path, read_only=False), _sqlite_engine(path, read_only=True))


def at_server(url: URL) -> Sessions:
    """Sessions on a PostgreSQL database."""
    return _sessions(_postgres_engine(url, read_only=False), _postgres_engine(url, read_only=True))


def bare(path: Path) -> Any:
    """A driver's connection to an SQLite file, for what SQLAlchemy has no words for; changes no setting of the file."""
    _make_private(path)
    connection = _sqlite.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def sqlite_path(database: str, folder: Path) -> Path | None:
    """The file of an SQLite database; None for another engine."""
    url = make_url(database)
    return folder / str(url.database) if url.get_backend_name() == "sqlite" else None


def library_version() -> str:
    """The version of SQLite in use."""
    return str(_sqlite.sqlite_version)


def journal_mode(sessions: Sessions) -> str:
    """How SQLite keeps a unit of work whole: wal or delete."""
    with told_plainly("read the register"), sessions.read.begin() as session:
        return str(session.execute(text("PRAGMA journal_mode")).scalar_one())


class Line(msgspec.Struct, frozen=True):
    """How this process reaches PostgreSQL."""

    tls: str | None
    """The protocol's version; None: not encrypted."""
    is_local: bool
    """Through a socket or loopback of this machine."""


def encryption(sessions: Sessions) -> Line:
    """What the server says of this very connection."""
    with told_plainly("read the register"), sessions.read.begin() as session:
        row = session.execute(
            text(
                "SELECT version AS tls, coalesce(client_addr <<= ANY ('{127.0.0.0/8,::1/128}'::inet[]), true) AS is_local"
                " FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE pid = pg_backend_pid()"
            )
        ).one()
    return Line(row.tls, row.is_local)


def wal_is_safe() -> bool:
    """Whether the library is past the WAL-reset bug."""
    return tuple(_sqlite.sqlite_version_info) >= _WAL_SAFE


@contextmanager
def told_plainly(what: str) -> Iterator[None]:
    """Turns a driver's error into DatabaseUnavailable with a cause and a next step; the values in the statement stay out."""
    try:
        yield
    except DataError as error:  # its text quotes the value
        raise DatabaseUnavailable(f"The database can't be used to {what}: a value does not fit its column.") from error
    except (DBAPIError, FileError) as error:
        said = str(error.orig if isinstance(error, DBAPIError) else error)
        cause = (said.splitlines() or [type(error).__name__])[0]
        if getattr(getattr(error, "orig", None), "sqlstate", None) in _TAKEN_BACK:
            raise TakenBack(f"The database can't be used to {what}: {cause}.", next_step=_hint(cause)) from error
        raise DatabaseUnavailable(f"The database can't be used to {what}: {cause}.", next_step=_hint(cause)) from error


_CAUSES: Final = (
    N_("database is locked"), N_("database or disk is full"), N_("attempt to write a readonly database"),
    N_("unable to open database file"), N_("database disk image is malformed"), N_("file is not a database"),
    N_("disk I/O error"), N_("deadlock detected"),
)  # fmt: skip
"""What drivers say, so that it is said in the reader's language."""


def _hint(cause: str) -> str:
    hints = {
        "locked": N_("Another process is writing; try again in a moment."),
        "readonly": N_("Check the rights of the file and its folder."),
        "read-only": N_("Check the rights of the file and its folder."),
        "permission denied for schema": N_("Sign in to the database as its owner."),
        "permission denied": N_("Ask an admin of the register for a role: `devreg operator add`."),
        'role "': N_("Ask an admin of the register for a role: `devreg operator add`."),
        "full": N_("Make room on the disk; nothing half-written was kept."),
        "no such table": N_("Run `devreg db upgrade`."),
        "does not exist": N_("Run `devreg db upgrade`, or check the database's name."),
        "unable to open": N_("Check that the folder exists and can be written."),
        "deadlock": N_("Others were changing the same; try again in a moment."),
        "could not serialize": N_("Others were changing the same; try again in a moment."),
        "connection": N_("Check the address, and that the server is running."),
        "malformed": N_("Restore the last backup; keep the broken file."),
        "not a database": N_("registry.database names a file that is something else."),
    }
    return next((step for word, step in hints.items() if word in cause), "")


def _sessions(write: Engine, read: Engine) -> Sessions:
    return Sessions(sessionmaker(write, expire_on_commit=False), sessionmaker(read, expire_on_commit=False), write)


def _file_of(url: URL) -> str:
    if url.database is None or url.database == ":memory:":
        raise Misconfigured("registry.database needs a file: sqlite:///devreg.db.")
    return url.database


def _demand_local(path: Path) -> None:
    """safety.md 60: a network file system's locks don't hold, and WAL needs memory that all its users share."""
    kind = network_kind(path)
    if kind is not None:
        raise Misconfigured(
            f"{path} lies on a network file system ({kind}), where SQLite can lose data.",
            next_step="Name a file on a disk of this machine in registry.database, or use PostgreSQL.",
        )


def _sqlite_engine(path: Path, *, read_only: bool) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        module=_sqlite,
        hide_parameters=True,
        connect_args={"timeout": BUSY_TIMEOUT_S, "isolation_level": None, "check_same_thread": False},
    )

    @event.listens_for(engine, "do_connect")
    def private_file(*_: Any) -> None:
        _make_private(path)

    @event.listens_for(engine, "connect")
    def pragmas(connection: Any, _: Any) -> None:
        for pragma in _pragmas(read_only):
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if read_only:
            connection.exec_driver_sql("BEGIN")
        else:
            _begin_writing(connection)

    return engine


def _begin_writing(connection: Connection) -> None:
    """Begin a unit of work that writes, as soon as the file is free.

    SQLite's own wait soon asks no more than ten times a second. A process that writes one unit of work after the other
    leaves the file free for a millisecond in between, and who asks so seldom can miss each of them until the time is over.
    """
    driver: Any = connection.connection.dbapi_connection
    driver.execute(_busy_timeout(0))
    try:
        if not _has_begun(driver, time.monotonic() + BUSY_TIMEOUT_S):
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # raises in SQLAlchemy's words
    finally:
        driver.execute(_busy_timeout(BUSY_TIMEOUT_S))


def _has_begun(driver: Any, ends: float) -> bool:
    while time.monotonic() < ends:
        try:
            driver.execute("BEGIN IMMEDIATE")
        except FileError as error:
            if "locked" not in str(error):
                return False
            time.sleep(random.uniform(0, _LONGEST_NAP_S))  # noqa: S311  spreads tries, guards nothing
        else:
            return True
    return False


def _busy_timeout(seconds: float) -> str:
    return f"PRAGMA busy_timeout={int(seconds * 1000)}"


def _make_private(path: Path) -> None:
    """A new file can't be read by others, whatever the umask (safety.md 42)."""
    if not path.exists() and path.parent.is_dir():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | getattr(os, "O_BINARY", 0), 0o600))


def _pragmas(read_only: bool) -> tuple[str, ...]:
    journal = "WAL" if wal_is_safe() else "DELETE"
    keep = ("PRAGMA query_only=ON",) if read_only else (f"PRAGMA journal_mode={journal}",)
    return (
        _busy_timeout(BUSY_TIMEOUT_S),
        "PRAGMA foreign_keys=ON",
        "PRAGMA recursive_triggers=ON",
        "PRAGMA synchronous=FULL",
        "PRAGMA mmap_size=0",
        f"PRAGMA cache_size=-{_CACHE_KB}",
        *keep,
    )


def _demand_tls(url: URL) -> None:
    """safety.md 43: over a network only with a verified certificate."""
    said = [url.host, *(url.query.get(name) for name in ("host", "hostaddr", "service"))]
    if not any(said):  # then libpq asks the environment
        said = [os.environ.get(name) for name in ("PGHOST", "PGHOSTADDR", "PGSERVICE")]
    hosts = {host for text in said if text for host in (text if isinstance(text, str) else ",".join(text)).split(",")}
    local = all(host.startswith("/") or host in {"localhost", "127.0.0.1", "::1"} for host in hosts)
    if not local and url.query.get("sslmode") != "verify-full":
        raise Misconfigured(
            "registry.database reaches another machine without a verified certificate.",
            next_step="Add ?sslmode=verify-full.",
        )


def _postgres_engine(url: URL, *, read_only: bool) -> Engine:
    try:
        engine = create_engine(url.set(drivername="postgresql+psycopg"), hide_parameters=True, pool_pre_ping=True)
    except (ModuleNotFoundError, NoSuchModuleError):
        raise Misconfigured("PostgreSQL needs the driver psycopg.", next_step='Install "devreg[postgres]".') from None
    if not read_only:
        return engine

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")

    return engine
