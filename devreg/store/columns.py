"""How a column of a list is made: from a field, a reference, a text, a word; and the SQL that folds text for searching."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import String, cast, func, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from devreg.domain.device import parse_ref
from devreg.field_columns import of_field
from devreg.ports import Column, ColumnType
from devreg.store.query import ViewColumn
from devreg.store.schema import device
from devreg.store.types import UtcTime, Word

_MAX_DIGITS: Final = 12
_SORT_KEYS: Final = {"name": "name_key", "model": "model_key", "holder": "holder_key"}


def field(name: str) -> ViewColumn:
    """A device field's own column."""
    sort = device.c[_SORT_KEYS[name]] if name in _SORT_KEYS else None
    return ViewColumn(of_field(name), device.c[name], sort)


def ref(key: str, label: str, expression: Any, show: Callable[[int], str], prefix: str) -> ViewColumn:
    """An id shown, and asked for, as D000123."""
    digits = cast(expression, String)
    shown = literal(prefix).concat(func.substr("000000", func.length(digits) + 1)).concat(digits)
    column = Column(key, label, ColumnType.TEXT, 8)
    return ViewColumn(column, expression, show=show, read=partial(number, prefix), shown=shown)


def text(key: str, label: str, expression: Any, width: int, sort: Any = None) -> ViewColumn:
    """Text, ordered by `sort` where the text's own bytes would not do."""
    return ViewColumn(Column(key, label, ColumnType.TEXT, width), expression, sort)


def typed(key: str, label: str, expression: Any, kind: ColumnType, width: int) -> ViewColumn:
    """Values of another type."""
    return ViewColumn(Column(key, label, kind, width), expression)


def word(key: str, label: str, expression: Any, width: int = 12) -> ViewColumn:
    """Members of a closed set."""
    return ViewColumn(Column(key, label, ColumnType.WORD, width), expression)


def folded(text: Any) -> Any:
    """SQL that folds a text as `sorting.fold` does, for the letters of Finnish and Swedish and their neighbours."""
    for letters, plain in (("åÅäÄáÁàÀ", "a"), ("öÖóÓ", "o"), ("éÉèÈ", "e"), ("üÜ", "u")):
        for letter in letters:
            text = func.replace(text, letter, plain)
    return func.lower(text)


class fact(FunctionElement[str]):  # noqa: N801  called like a function
    """What a stored observation says for unit rules to look at: `fact(record.c.observation, literal_column("'category'"))`."""

    inherit_cache = True
    type = Word()


@compiles(fact, "sqlite")
def _of_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    observation, name = (compiler.process(part, **options) for part in element.clauses)
    return f"json_extract({observation}, '$.facts.' || {name})"


@compiles(fact, "postgresql")
def _of_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    observation, name = (compiler.process(part, **options) for part in element.clauses)
    return f"(CAST({observation} AS json) -> 'facts' ->> {name})"


class days_ago(FunctionElement[datetime]):  # noqa: N801  called like a function
    """The moment so many days before now, by the database's clock: `days_ago(literal_column("30"))`."""

    inherit_cache = True
    type = UtcTime()


@compiles(days_ago, "sqlite")
def _days_of_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    (days,) = (compiler.process(part, **options) for part in element.clauses)
    return f"strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', '-' || {days} || ' days')"


@compiles(days_ago, "postgresql")
def _days_of_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    (days,) = (compiler.process(part, **options) for part in element.clauses)
    return f"(now() - make_interval(days => {days}))"


def number(prefix: str, text: str) -> int:
    """123 for `D000123` or `123`. Raises ValueError."""
    number = parse_ref(prefix, text)
    if number is None and not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        raise ValueError(text)
    return int(text) if number is None else number
