"""A register to measure on."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.fleet import Console
from devreg.domain.rights import Actor, Role
from devreg.services.collect import collect
from devreg.services.ingest import Feed
from devreg.store import migrate
from devreg.store.engine import Sessions, connect

_ACTOR = Actor("benchmark", Role.ADMIN, host="here")


def open_register(path: Path) -> Sessions:
    """A migrated file."""
    return open_address(f"sqlite:///{path}", path.parent)


def open_address(address: str, folder: Path) -> Sessions:
    """A migrated register at an address."""
    sessions = connect(address, folder)
    migrate.upgrade(sessions)
    return sessions


def sync(sessions: Sessions, fleet: Iterable[Console]) -> None:
    """One run of each console."""
    for console in fleet:
        feed = Feed(console.kind, console.kind, console.observe, (), "1")
        ended = collect(sessions, _ACTOR, console, feed, lambda: datetime.now(UTC))
        if ended.counts.seen != console.size or ended.error:
            raise AssertionError(f"the run did not read everything: {ended}")


def all_rows(sessions: Sessions, table: str) -> list[tuple[Any, ...]]:
    """Everything in a table."""
    with sessions.read() as session:
        return [tuple(row) for row in session.connection().exec_driver_sql(f"SELECT * FROM {table}")]
