"""What `devreg check` finds about this machine and the register itself; each source speaks for itself."""

import importlib.metadata
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from devreg.errors import DatabaseUnavailable
from devreg.ports import Finding, Severity
from devreg.services import audit, health, operating
from devreg.services.actors import at_the_keyboard
from devreg.settings import Loaded
from devreg.store import backup, migrate, policies
from devreg.store.engine import Line, Sessions, encryption, journal_mode, library_version, told_plainly, wal_is_safe

_FLOORS: Final = {"urllib3": (2, 7), "requests": (2, 32, 4), "pyasn1": (0, 6, 4), "cryptography": (47,)}
"""Versions with known holes fixed (safety.md 68)."""
_BACKUP_LIFE: Final = timedelta(days=7)


def examine(loaded: Loaded, sessions: Sessions, now: datetime) -> Iterator[Finding]:
    """Settings, libraries, database, last backup, roles, audit trail, file modes."""
    yield Finding(Severity.OK, f"settings {loaded.path} are sound")
    yield from _libraries()
    yield from _database(loaded, sessions, now)
    yield from audit.findings(sessions, now)
    yield from health.of_files(loaded)


def _libraries() -> Iterator[Finding]:
    for name, floor in _FLOORS.items():
        version = importlib.metadata.version(name)
        if tuple(int(part) for part in version.split(".")[: len(floor)] if part.isdigit()) < floor:
            wanted = ".".join(map(str, floor))
            yield Finding(Severity.FAULT, f"{name} {version} has known holes", f"Install {name} {wanted} or later.")


def _database(loaded: Loaded, sessions: Sessions, now: datetime) -> Iterator[Finding]:
    try:
        migrate.demand_current(sessions)
    except DatabaseUnavailable as error:
        yield Finding(Severity.FAULT, error.what, error.next_step)
        return
    with told_plainly("read the register"), sessions.read.begin() as session:
        if policies.in_force(session) != loaded.settings.policy:
            yield Finding(
                Severity.ADVICE,
                "the devices were merged by another [provenance] than the settings'",
                "Run `devreg db replay` to weigh all values by the settings.",
            )
    yield from _engine(sessions)
    yield _backup(sessions, now)
    said = loaded.settings.operators
    yield from operating.findings(sessions, at_the_keyboard(sessions, said), said)


def _engine(sessions: Sessions) -> Iterator[Finding]:
    if not sessions.is_sqlite:
        yield Finding(Severity.OK, "the register is on PostgreSQL, schema current")
        yield of_line(encryption(sessions))
        return
    yield Finding(Severity.OK, f"the register is an SQLite file (library {library_version()}), schema current")
    yield Finding(Severity.OK, f"the register's journal mode is {journal_mode(sessions)}")
    if not wal_is_safe():
        yield Finding(
            Severity.ADVICE,
            f"SQLite {library_version()} has the WAL-reset bug, so a rollback journal is used: readers wait for writers",
            "Install a Python with SQLite 3.51.3 or later, or use PostgreSQL.",
        )


def of_line(line: Line) -> Finding:
    """How what is said to the server gets there; the address itself was checked before (engine)."""
    if line.tls is not None:
        return Finding(Severity.OK, f"the line to PostgreSQL is encrypted ({line.tls})")
    if line.is_local:
        return Finding(Severity.OK, "the line to PostgreSQL stays on this machine")
    return Finding(
        Severity.FAULT, "the line to PostgreSQL is not encrypted", "Add ?sslmode=verify-full to registry.database."
    )


def _backup(sessions: Sessions, now: datetime) -> Finding:
    made = [
        backup.last(sessions, what) for what in (backup.BACKUP, backup.RESTORE)
    ]  # what was restored is a backup too
    last = max((moment for moment in made if moment is not None), default=None)
    if last is None:
        return Finding(Severity.ADVICE, "the register was never backed up", "Run `devreg backup FILE`.")
    age = f"the register was last backed up on {last:%Y-%m-%d}"
    return (
        Finding(Severity.OK, age)
        if now - last <= _BACKUP_LIFE
        else Finding(Severity.ADVICE, age, "Run `devreg backup FILE`.")
    )
