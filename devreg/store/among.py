"""`column IN (…)` for lists of any length."""

from collections.abc import Iterable
from typing import Any, Final

import orjson
from sqlalchemy import ARRAY, BigInteger, BindParameter, Boolean, ColumnElement, Integer, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal


def among(session: Session, column: ColumnElement[Any] | Any, values: Iterable[int] | Iterable[str]) -> Any:
    """Whether the column is one of the values, which travel as one parameter.

    A plain IN takes a parameter a value: SQLite stops at 32,766, PostgreSQL at 65,535, and a page may hold more identifiers.
    """
    wanted = list(values)
    if session.get_bind().dialect.name == "postgresql":
        each = _NUMBERS if isinstance(column.type, Integer) else _TEXTS
        return _Among(column, BindParameter(None, wanted, each, unique=True))
    return _Among(column, BindParameter(None, orjson.dumps(wanted).decode(), _TEXT, unique=True))


_TEXT: Final = Text()
_TEXTS: Final = ARRAY(Text)
_NUMBERS: Final = ARRAY(BigInteger)


class _Among(ColumnElement[bool]):
    """An expression of our own: made of SQLAlchemy's table functions it takes longer to build than most queries to run."""

    inherit_cache = True
    type = Boolean()
    _traverse_internals: list[tuple[str, InternalTraversal]] = [  # noqa: RUF012  declared so by SQLAlchemy
        ("column", InternalTraversal.dp_clauseelement),
        ("wanted", InternalTraversal.dp_clauseelement),
        ("is_among", InternalTraversal.dp_boolean),
    ]

    def __init__(self, column: ColumnElement[Any], wanted: BindParameter[Any], *, is_among: bool = True) -> None:
        self.column = column
        self.wanted = wanted
        self.is_among = is_among

    def self_group(self, against: Any = None) -> "_Among":
        """As it is: compared with true, as other Boolean columns are, it would use no index."""
        return self

    def _negate(self) -> "_Among":
        return _Among(self.column, self.wanted, is_among=not self.is_among)


@compiles(_Among, "sqlite")
def _on_sqlite(element: _Among, compiler: SQLCompiler, **said: Any) -> str:
    column, wanted = compiler.process(element.column, **said), compiler.process(element.wanted, **said)
    return f"{column} {'IN' if element.is_among else 'NOT IN'} (SELECT value FROM json_each({wanted}))"


@compiles(_Among, "postgresql")
def _on_postgresql(element: _Among, compiler: SQLCompiler, **said: Any) -> str:
    column, wanted = compiler.process(element.column, **said), compiler.process(element.wanted, **said)
    return f"{column} {'= ANY' if element.is_among else '<> ALL'} ({wanted})"
