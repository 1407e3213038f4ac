"""Backing the register up while others write, and putting a backup back."""

from collections.abc import Iterable
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path

import msgspec

from devreg.domain.rights import Actor, Right
from devreg.errors import Broken, DatabaseUnavailable, Misconfigured, Refused
from devreg.services.acting import REGISTER, act, demand, told_unless_done
from devreg.store import backup as copies
from devreg.store import backup_postgres, backup_sqlite, locks, migrate, records
from devreg.store.backup import Copy
from devreg.store.engine import Sessions, told_plainly
from devreg.store.newfile import appearing


class Restored(msgspec.Struct, frozen=True):
    """What a restore put in place."""

    copy: Copy
    kept: Path | None
    """Where the register that was there is now; None: nothing was."""
    is_current: bool
    """Whether this program can use it as it is; else `db upgrade` comes next."""


def back_up(sessions: Sessions, file: Path, *, actor: Actor, now: datetime, tools: Path | None = None) -> Copy:
    """A copy of the register as it is at one moment, looked at, in a new file that only its owner can read.

    `tools` is the folder of PostgreSQL's programs. Raises Misconfigured when the file is there already, Broken when the copy is
    not what was copied.
    """
    with told_unless_done(sessions, actor, Right.KEEP, doing="back the register up", now=now):
        demand(actor, Right.KEEP)
        copy = _backed_up(sessions, file, tools)
    with act(sessions, actor, Right.KEEP, doing="note the backup, which is made", now=now) as doing:
        copies.note(doing.session, copies.BACKUP, now, file.name)
        doing.tell("backup", REGISTER, after={"file": file.name, "rows": sum(copy.rows.values())})
    return copy


def _backed_up(sessions: Sessions, file: Path, tools: Path | None) -> Copy:
    with appearing(file) as part:
        return (
            backup_sqlite.back_up(sessions, part)
            if sessions.is_sqlite
            else backup_postgres.back_up(sessions, part, tools)
        )


def restore(
    sessions: Sessions,
    file: Path,
    *,
    actor: Actor,
    now: datetime,
    sources: Iterable[str],
    replace: bool,
    tools: Path | None = None,
) -> Restored:
    """Put a backup into the database of the settings, whole or not at all.

    `sources` are those of the settings: none may be collected meanwhile, nor any that the register has. Raises Refused when
    the database holds something and nobody said to replace it, Broken when the file is damaged or no backup of ours,
    DatabaseUnavailable when a newer program made it, AlreadyRunning when a source is collected.
    """
    has_trail = not sessions.is_sqlite or _file_of(sessions).exists()  # telling it must not make a file
    told = told_unless_done(sessions, actor, Right.KEEP, doing="restore a backup", now=now)
    with told if has_trail else nullcontext():
        demand(actor, Right.KEEP)
        copy, kept = _put_in_place(sessions, file, sources, tools, now, replace=replace)
    is_current = migrate.status(sessions).is_current
    if is_current:
        with told_plainly("look at the register"), sessions.read.begin() as session:
            copy = msgspec.structs.replace(copy, broken_row=copies.first_broken(session))
        with act(sessions, actor, Right.KEEP, doing="note the restore, which is done", now=now) as doing:
            copies.note(doing.session, copies.RESTORE, now, file.name)
            doing.tell("restore", REGISTER, after={"file": file.name, "rows": sum(copy.rows.values())})
    return Restored(copy, kept, is_current)


def _put_in_place(
    sessions: Sessions, file: Path, sources: Iterable[str], tools: Path | None, now: datetime, *, replace: bool
) -> tuple[Copy, Path | None]:
    """What the file holds, now in the database, and where what was there is kept."""
    copy = _looked_at(sessions, file, tools)
    known, is_free = _what_is_there(sessions)
    if not is_free and not replace:
        raise Refused(
            "The database holds a register, or something that can't be read.",
            next_step="With --replace it is kept beside under another name.",
        )
    with locks.hold(sessions, *sorted({*sources, *known})):
        sessions.close()
        if sessions.is_sqlite:
            return copy, backup_sqlite.restore(file, _file_of(sessions), now)
        backup_postgres.restore(sessions, file, copy, tools)
    return copy, None


def _looked_at(sessions: Sessions, path: Path, tools: Path | None) -> Copy:
    try:
        on_sqlite, on_postgres = backup_sqlite.is_copy(path), backup_postgres.is_copy(path)
    except OSError as error:
        raise Misconfigured(f"{path} can't be read: {error.strerror}.") from error
    if not on_sqlite and not on_postgres:
        raise copies.no_backup(path)
    if on_sqlite != sessions.is_sqlite:
        raise Broken(
            f"{path} comes from the other kind of database.",
            next_step="Name a database of the kind that was backed up in registry.database.",
        )
    if sessions.is_sqlite:
        database = _file_of(sessions)
        if database.exists() and path.samefile(database):
            raise Misconfigured(f"{path} is the register itself.", next_step="Name a file that `devreg backup` made.")
        return backup_sqlite.examine(path)
    return backup_postgres.examine(path, backup_postgres.version_of(sessions), tools)


def _what_is_there(sessions: Sessions) -> tuple[set[str], bool]:
    """Sources that the database knows, and whether nothing would be lost with it."""
    try:
        rows = backup_sqlite.held(_file_of(sessions)) if sessions.is_sqlite else backup_postgres.held(sessions)
    except DatabaseUnavailable:
        if not sessions.is_sqlite:
            raise
        return set(), False
    if not rows.get("source"):
        return set(), copies.is_empty(rows)
    with told_plainly("look at the register"), sessions.read.begin() as session:
        return set(records.sources(session)), copies.is_empty(rows)


def _file_of(sessions: Sessions) -> Path:
    return Path(str(sessions.engine.url.database))
