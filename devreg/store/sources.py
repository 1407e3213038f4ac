"""Sources by name: who the register has something of, and another name for one."""

from typing import Any, Final

from sqlalchemy import Table, select, union, update
from sqlalchemy.orm import Session

from devreg.store import policies
from devreg.store.schema import intent, metadata, record, source, tool_rule

_NAMING: Final = ("source", "other_source")
"""Columns that hold a source's name, in whatever table. Lines of the history name who did it (`by`), and stay as they were written."""


def known(session: Session) -> set[str]:
    """Every source that any table names."""
    columns = [table.c[column] for table, column in _columns()]
    names = session.execute(union(select(source.c.name), *(select(column) for column in columns))).scalars()
    return {name for name in names if name is not None}


def rename(session: Session, old: str, new: str) -> None:
    """The source has the new name in every table; its records, runs and where an interrupted run goes on come along.

    The caller groups and merges its records anew: devices name it too, and between equals the order of names decides.
    """
    session.execute(update(source).where(source.c.name == old).values(name=new))
    for table, column in _columns():
        session.execute(update(table).where(table.c[column] == old).values({column: new}))
    session.execute(update(tool_rule).where(tool_rule.c.tool == old).values(tool=new))
    policies.put_in_force(session, policies.renamed(policies.in_force(session), old, new))


def records_of(session: Session, name: str) -> list[int]:
    """Records of the source about devices, gone or not."""
    attached = select(record.c.id).where(record.c.source == name, record.c.device_id.is_not(None))
    return list(session.execute(attached.order_by(record.c.id)).scalars())


def _columns() -> list[tuple[Table, Any]]:
    return [
        (table, name) for table in metadata.sorted_tables for name in _NAMING if name in table.c and table is not intent
    ]
