"""An SQLite register copied while others write, and put back.

Both go through SQLite's online backup, which copies page by page within one transaction: a copy is the register of one
moment, and a register being replaced is the old or the new one, also after a power cut.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text

from devreg.errors import Broken, DatabaseUnavailable
from devreg.i18n import N_
from devreg.store import migrate
from devreg.store.backup import TRAIL, Copy, Rows, count_rows, demand_equal, demand_ours, first_broken, is_empty
from devreg.store.engine import FileError, Sessions, at_file, bare, told_plainly
from devreg.store.newfile import appearing, demand_absent

_MAGIC: Final = b"SQLite format 3\x00"
_CHECKS: Final = (N_("integrity"), N_("foreign keys"), N_("row counts"))
_BESIDE: Final = ("-wal", "-shm", "-journal")
_NUMBERED: Final = ("run", "decision", "review")
"""Tables that number their rows by themselves, with numbers that people see."""


def is_copy(path: Path) -> bool:
    """Whether the file is an SQLite database."""
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def back_up(sessions: Sessions, part: Path) -> Copy:
    """The register as it is now, in the empty file `part`; looked at. Raises Broken when the copy is not what was copied."""
    with told_plainly("back it up"), sessions.read.begin() as session:
        rows = count_rows(session)  # from here on the unit of work sees one moment, and so does the copy made from it
        driver: Any = session.connection().connection.driver_connection
        with closing(bare(part)) as target:
            driver.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")  # one file, whole without others beside it
    copy = examine(part)
    demand_equal(part, rows, copy.rows)
    return copy


def examine(path: Path) -> Copy:
    """What the file holds. Raises Broken when it is damaged or no register, DatabaseUnavailable when a newer program made it."""
    sessions = at_file(path)
    try:
        with told_plainly("look at a backup"):
            _demand_sound(sessions, path)
            with sessions.read.begin() as session:
                rows = count_rows(session)
            state = migrate.status(sessions)
            schema = demand_ours(path, state, rows)
            if not state.is_current:  # an older trail may be written otherwise
                return Copy(schema, rows, path.stat().st_size, _CHECKS)
            with sessions.read.begin() as session:
                broken = first_broken(session)
            return Copy(schema, rows, path.stat().st_size, (*_CHECKS, TRAIL), broken)
    finally:
        sessions.close()


def _demand_sound(sessions: Sessions, path: Path) -> None:
    with sessions.read.begin() as session:
        damage = session.execute(text("PRAGMA integrity_check(1)")).scalars().first()
        loose = session.execute(text("PRAGMA foreign_key_check")).first()
    if damage != "ok":
        raise Broken(f"{path} is damaged: {damage}.")
    if loose is not None:
        raise Broken(f"{path} is damaged: a row of {loose[0]} refers to what is not there.")


def held(database: Path) -> Rows:
    """What is in the database now; nothing when there is no file. Raises DatabaseUnavailable when it can't be read."""
    if not database.exists() or database.stat().st_size == 0:
        return {}
    sessions = at_file(database)
    try:
        with told_plainly("look at the register"), sessions.read.begin() as session:
            return count_rows(session)
    finally:
        sessions.close()


def restore(copy: Path, database: Path, now: datetime) -> Path | None:
    """Put the copy into the database; where what was in it is kept now, None when nothing was.

    Numbers of devices and the like go on from the higher of the two, so that none is given a second time. Raises
    DatabaseUnavailable when another process has the database open.
    """
    with told_plainly("restore it"):
        kept = aside(database, now)
        try:
            old = held(database)
        except DatabaseUnavailable:  # damaged: that is why somebody restores
            _move(database, kept)
            with appearing(database) as part, closing(bare(part)) as target, closing(bare(copy)) as source:
                source.backup(target)
            return kept
        if is_empty(old):
            with _alone(database) as target, closing(bare(copy)) as source:
                source.backup(target)
            return None
        with _alone(database) as target:
            numbers = _numbers(target)
            with appearing(kept) as part, closing(bare(part)) as keep:
                target.backup(keep)
            with closing(bare(copy)) as source:
                source.backup(target)
            _go_on_from(target, numbers)
        return kept


def aside(database: Path, now: datetime) -> Path:
    """Where the register that a restore replaces is kept. Raises Misconfigured when the name is taken."""
    path = database.with_name(f"{database.name}.replaced-{now:%Y%m%dT%H%M%SZ}")
    demand_absent(path)
    return path


@contextmanager
def _alone(database: Path) -> Iterator[Any]:
    """A connection that nobody else can read or write beside, from here to its end; leaves no -wal behind."""
    with closing(bare(database)) as connection:
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("PRAGMA journal_mode=DELETE")  # refused while another process has it open
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")  # the lock stays: locking_mode
        except FileError as error:
            if "locked" not in str(error):
                raise
            raise DatabaseUnavailable(
                "The register is open in another process.", next_step="Close every devreg that uses it, then try again."
            ) from error
        yield connection


def _numbers(connection: Any) -> dict[str, Rows]:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    found: dict[str, Rows] = {}
    if "counter" in tables:
        found["counter"] = dict(connection.execute("SELECT name, next FROM counter"))
    if "sqlite_sequence" in tables:
        found["sequence"] = dict(connection.execute("SELECT name, seq FROM sqlite_sequence"))
    return found


def _go_on_from(connection: Any, numbers: dict[str, Rows]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for name, following in numbers.get("counter", {}).items():
        connection.execute("UPDATE counter SET next = max(next, ?) WHERE name = ?", (following, name))
    for name in _NUMBERED:
        last = numbers.get("sequence", {}).get(name, 0)
        connection.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", (last, name))
        connection.execute(
            "INSERT INTO sqlite_sequence (name, seq) SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?)",
            (name, last, name),
        )
    connection.execute("COMMIT")


def _move(database: Path, kept: Path) -> None:
    """A damaged database with what stands beside it: all of it may be needed to save something."""
    for tail in _BESIDE:
        beside = database.with_name(database.name + tail)
        if beside.exists():
            beside.rename(kept.with_name(kept.name + tail))
    database.rename(kept)
