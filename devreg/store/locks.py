"""One run a source at a time, by a lock that dies with the process that holds it (safety.md 56)."""

import contextlib
import os
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, text

from devreg.errors import AlreadyRunning, DatabaseUnavailable
from devreg.i18n import N_
from devreg.store.engine import Sessions, told_plainly


@contextlib.contextmanager
def hold(sessions: Sessions, *names: str) -> Iterator[None]:
    """Hold the locks of these sources. Raises AlreadyRunning, saying who has one, without waiting."""
    with contextlib.ExitStack() as held:
        if sessions.is_sqlite:
            for name in names:
                held.enter_context(_file_lock(Path(str(sessions.engine.url.database)), name))
        else:
            held.enter_context(_advisory_locks(sessions, names))
        yield


@contextlib.contextmanager
def _file_lock(database: Path, name: str) -> Iterator[None]:
    path = database.with_name(f"{database.name}.{name.replace(':', '+')}.lock")  # Windows: no colon in a file's name
    note = path.with_suffix(".holder")
    lock = FileLock(path, mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        holder = note.read_text(encoding="utf-8") if note.exists() else N_("another process")
        raise _busy(name, holder) from None
    except OSError as error:
        raise DatabaseUnavailable(
            f"The lock {path} can't be taken: {error.strerror}.",
            next_step=N_("Check the rights of the file and its folder."),
        ) from error
    try:
        note.write_text(f"process {os.getpid()}", encoding="utf-8")
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


@contextlib.contextmanager
def _advisory_locks(sessions: Sessions, names: Sequence[str]) -> Iterator[None]:
    """Session-level locks on a connection of their own, so that the units of work of the run come and go beside them."""
    with told_plainly("lock a source"), sessions.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        with contextlib.ExitStack() as held:
            for name in names:
                _take(connection, name)
                held.callback(connection.execute, text("SELECT pg_advisory_unlock(:key)"), {"key": _key(name)})
            yield


def _take(connection: Connection, name: str) -> None:
    key = _key(name)
    if connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar():
        return
    holder = connection.execute(
        text(
            "SELECT usename || coalesce(' from ' || host(client_addr), '') FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE locktype = 'advisory' AND objid = :key AND granted"
            " AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        ),
        {"key": key},
    ).scalar()
    raise _busy(name, str(holder or N_("another session")))


def _key(name: str) -> int:
    return zlib.crc32(f"devreg:{name}".encode())


def _busy(name: str, holder: str) -> AlreadyRunning:
    return AlreadyRunning(f"Source {name} is being collected by {holder}.", next_step="Wait for it to end.")
