"""What a copy of the register holds, what was looked at to be sure of it, and when one was last made."""

from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import delete, func, insert, inspect, literal, select, table, text, union_all
from sqlalchemy.orm import Session

from devreg.domain import chain
from devreg.errors import Broken
from devreg.i18n import N_
from devreg.store import audit, migrate
from devreg.store.engine import Sessions, told_plainly
from devreg.store.schema import keeping

TRAIL: Final = N_("audit trail")
BACKUP: Final = "backup"
RESTORE: Final = "restore"
_OURS: Final = {"alembic_version", "counter", "device", "run", "source", "source_record"}
_FROM_THE_START: Final = {"alembic_version", "counter"}
"""Tables that hold something in a register in which nothing has happened."""

Rows = dict[str, int]
"""Table -> how many rows."""


class Copy(msgspec.Struct, frozen=True):
    """A copy that has been looked at."""

    schema: str
    rows: Rows
    size: int
    """Bytes."""
    checks: tuple[str, ...]
    """English msgids of what was looked at."""
    broken_row: int | None = None
    """The first row of the audit trail that can't be believed; the register itself has it so."""


def count_rows(session: Session) -> Rows:
    """Every table there is, at the moment the unit of work sees."""
    names = set(inspect(session.connection()).get_table_names())
    if session.get_bind().dialect.name == "sqlite":  # what a search index keeps for itself is no row of ours
        inner = text("SELECT name FROM pragma_table_list WHERE type IN ('shadow', 'virtual')")
        names -= set(session.execute(inner).scalars())
    if not names:
        return {}
    each = (
        select(literal(name).label("name"), func.count().label("rows")).select_from(table(name))
        for name in sorted(names)
    )
    return dict(session.execute(union_all(*each)).all())


def demand_ours(path: Path, schema: migrate.Schema, tables: Rows) -> str:
    """The schema of the register in the file. Raises Broken when it holds none, DatabaseUnavailable when a newer program made it."""
    if schema.current is None or not tables.keys() >= _OURS:
        raise no_backup(path)
    migrate.demand_known(schema)
    return schema.current


def no_backup(path: Path) -> Broken:
    """What is said of a file that holds something else."""
    return Broken(f"{path} is no backup of a device register.", next_step="Name a file that `devreg backup` made.")


def demand_equal(path: Path, wanted: Rows, found: Rows) -> None:
    """Raises Broken when a table of the copy holds another number of rows."""
    for name in sorted(wanted.keys() | found.keys()):
        right, wrong = wanted.get(name), found.get(name)
        if right != wrong:
            raise Broken(f"{path} is no true copy: {name} has {wrong} rows instead of {right}.")


def first_broken(session: Session) -> int | None:
    """The first row of the audit trail that can't be believed; None when all can."""
    fault = chain.verify(audit.rows(session), (), audit.purged_to(session)).fault
    return None if fault is None else fault.seq


def is_empty(rows: Rows) -> bool:
    """Whether nothing would be lost with these tables."""
    return all(count == 0 or name in _FROM_THE_START for name, count in rows.items())


def note(session: Session, what: str, now: datetime, file: str) -> None:
    """Remember when it was last done."""
    session.execute(delete(keeping).where(keeping.c.what == what))
    session.execute(insert(keeping).values(what=what, at=now, file=file))


def last(sessions: Sessions, what: str) -> datetime | None:
    """When it was last done; None: never, as far as this register knows."""
    with told_plainly("look at the register"), sessions.read.begin() as session:
        return session.execute(select(keeping.c.at).where(keeping.c.what == what)).scalar()
