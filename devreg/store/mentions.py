"""Every row of every table in which an address stands: all tables are asked, so that a new one can't be forgotten."""

from collections.abc import Collection, Iterator
from typing import Any, Final

from sqlalchemy import LargeBinary, String, Table, Text, and_, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from devreg.domain.forgetting import mentions
from devreg.store.among import among
from devreg.store.schema import change, metadata
from devreg.store.types import Json, Word

_MADE_FROM_OTHERS: Final = ("folded", "name_key", "model_key", "holder_key", "sort_fi", "sort_sv")
"""Columns that only repeat others, to be searched and sorted by."""


def rows(session: Session, addresses: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """Table -> its rows that name one of these addresses, by key; tables that do not are left out."""
    found = {str(table.name): list(_of(session, table, addresses)) for table in metadata.sorted_tables}
    return {name: lines for name, lines in found.items() if lines}


def holder_lines(session: Session, device_ids: Collection[int], names: Collection[str]) -> list[dict[str, Any]]:
    """Lines of these devices' history in which a holder of one of these names came or went."""
    told = or_(among(session, change.c.old, names), among(session, change.c.new, names))
    lines = select(change).where(among(session, change.c.device_id, device_ids), change.c.field == "holder", told)
    return [_line(row) for row in session.execute(lines.order_by(change.c.id))]


def _of(session: Session, table: Table, addresses: Collection[str]) -> Iterator[dict[str, Any]]:
    columns = [c for c in table.c if c.name not in _MADE_FROM_OTHERS and not isinstance(c.type, LargeBinary)]
    texts = [type_coerce(c, Text) for c in columns if isinstance(c.type, (String, Text, Word, Json))]
    if not texts or not addresses:
        return
    hits = or_(*(func.lower(text).contains(address, autoescape=True) for text in texts for address in addresses))
    for row in session.execute(select(*columns).where(and_(hits)).order_by(*table.primary_key)):
        line = _line(row)
        if any(mentions(str(value), addresses) for value in line.values() if value is not None):
            yield line


def _line(row: Any) -> dict[str, Any]:
    return {
        str(name): value for name, value in row._mapping.items()
    }  # a column's name is no plain text, which JSON asks for
