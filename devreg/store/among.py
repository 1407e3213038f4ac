"""`column IN (…)` for lists of any length."""

from collections.abc import Iterable
from typing import Any

import orjson
from sqlalchemy import ARRAY, BigInteger, ColumnElement, Integer, Text, any_, func, literal, select
from sqlalchemy.orm import Session


def among(session: Session, column: ColumnElement[Any] | Any, values: Iterable[int] | Iterable[str]) -> Any:
    """Whether the column is one of the values, which travel as one parameter.

    A plain IN takes a parameter a value: SQLite stops at 32,766, PostgreSQL at 65,535, and a page may hold more identifiers.
    """
    wanted = list(values)
    if session.get_bind().dialect.name == "postgresql":
        return column == any_(literal(wanted, ARRAY(BigInteger if isinstance(column.type, Integer) else Text)))
    return column.in_(select(func.json_each(orjson.dumps(wanted).decode()).table_valued("value").c.value))
