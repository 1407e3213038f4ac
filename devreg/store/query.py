"""Asking a list: searching, filtering, sorting, paging and counting, over the definitions of `store.views`.

Sorting and filtering go by column keys only, never by text that becomes SQL (safety.md section 6).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Select, and_, cast, func, literal_column, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import FromClause

from devreg.domain.sorting import fold
from devreg.errors import Misconfigured
from devreg.ports import Column, ColumnType, Key, Query, Row
from devreg.store.schema import device, device_search
from devreg.text import storable


class ViewColumn(msgspec.Struct, frozen=True):
    """A column with what it selects."""

    column: Column
    select: Any
    """SQL expression."""
    sort: Any = None
    """SQL expression to order by; None: the selected one."""
    show: Callable[[Any], Any] | None = None
    """Stored value -> shown value (123 -> D000123); None: as it is."""
    read: Callable[[str], Any] | None = None
    """Shown text -> stored value (D000123 -> 123), so that filters take what is shown; raises ValueError. None: by type."""
    shown: Any = None
    """SQL expression that gives what `show` does, for who reads the database without this program."""

    @property
    def told(self) -> Any:
        """SQL expression of the value as people know it."""
        return self.select if self.shown is None else self.shown


class View(msgspec.Struct, frozen=True):
    """One list."""

    name: str
    title: str
    """English msgid."""
    key: Any
    """SQL expression that identifies a row."""
    source: FromClause
    columns: tuple[ViewColumn, ...]
    shown: tuple[str, ...]
    order: tuple[Any, ...]
    facets: tuple[str, ...] = ()
    where: Any = None
    search: tuple[Any, ...] = ()
    """Expressions a search word may stand in, already folded or of plain ASCII."""
    filters: Mapping[str, Callable[[str], Any]] = {}
    """What can be asked beside the columns: name -> the condition for a text."""

    def condition(self, key: str, text: str) -> ColumnElement[bool]:
        """What a filter asks. Raises Misconfigured as `column`, and when the text is no value of the column."""
        return self.filters[key](storable(text)) if key in self.filters else _equals(self.column(key), text)

    def column(self, key: str) -> ViewColumn:
        """The column of this key. Raises Misconfigured naming those there are."""
        for candidate in self.columns:
            if candidate.column.key == key:
                return candidate
        known = ", ".join((*(column.column.key for column in self.columns), *self.filters))
        raise Misconfigured(f"The list {self.name} has no column {key}.", next_step=f"It has: {known}.")


_PAGE: Final = 1_000
_TRIGRAM: Final = 3
_RARE: Final = 1_000
"""Hits that are sorted faster than all devices are looked through in the order of the list."""


def keys(session: Session, view: View, query: Query) -> Sequence[Key]:
    """Keys of all rows that answer, in order."""
    statement = _matching(session, view, query, select(view.key)).order_by(*_order(view, query))
    return session.execute(statement.limit(query.limit)).scalars().all()


def count(session: Session, view: View, query: Query) -> int:
    """How many rows answer."""
    return int(session.execute(_matching(session, view, query, select(func.count()))).scalar_one())


def rows(session: Session, view: View, wanted: Sequence[Key]) -> list[Row]:
    """The rows of these keys, in the order asked; a row gone meanwhile is left out."""
    found: dict[Key, Row] = {}
    for start in range(0, len(wanted), _PAGE):
        statement = select(view.key.label("_key"), *(item.select.label(item.column.key) for item in view.columns))
        for row in session.execute(
            statement.select_from(view.source).where(view.key.in_(wanted[start : start + _PAGE]))
        ):
            values = row._mapping
            found[values["_key"]] = {item.column.key: _shown(item, values[item.column.key]) for item in view.columns}
    return [found[key] for key in wanted if key in found]


def every(session: Session, view: View) -> Iterator[Row]:
    """All rows in the list's own order, read as they are taken."""
    statement = select(*(item.select.label(item.column.key) for item in view.columns)).select_from(view.source)
    if view.where is not None:
        statement = statement.where(view.where)
    ordered = statement.order_by(*view.order, view.key).execution_options(yield_per=_PAGE)
    for row in session.execute(ordered):
        values = row._mapping
        yield {item.column.key: _shown(item, values[item.column.key]) for item in view.columns}


def facets(session: Session, view: View, query: Query, key: str) -> list[tuple[str | None, int]]:
    """Values of a column among the rows that answer to the rest of the query, most frequent first."""
    item = view.column(key)
    others = msgspec.structs.replace(query, where=tuple(pair for pair in query.where if pair[0] != key))
    number = func.count()
    statement = (
        _matching(session, view, others, select(item.select, number))
        .group_by(item.select)
        .order_by(number.desc(), item.select)
    )
    return [(None if value is None else str(_shown(item, value)), total) for value, total in session.execute(statement)]


class Sum(msgspec.Struct, frozen=True):
    """Rows alike in some columns, and sums of others over them."""

    values: dict[str, Any]
    """SQLite says 1 and 0 for yes and no."""
    rows: int
    totals: dict[str, int]
    """Of what is known."""
    known: dict[str, int]
    """How many rows say it."""


def sums(session: Session, view: View, query: Query, by: Sequence[str], wanted: Sequence[str]) -> list[Sum]:
    """Whole numbers summed over the rows that answer, apart for those alike in `by`, most rows first; one sum where it names none."""
    columns = [view.column(key).select for key in wanted]
    alike = [view.column(key).select for key in by]
    totals = [cast(func.coalesce(func.sum(column), 0), BigInteger) for column in columns]
    counted = select(*alike, func.count(), *totals, *(func.count(column) for column in columns))
    statement = _matching(session, view, query, counted)
    if by:
        places: list[ColumnElement[Any]] = [literal_column(str(place + 1)) for place in range(len(by))]
        statement = statement.group_by(*places).order_by(func.count().desc(), *places)
    found = session.execute(statement).all()
    rows, middle = len(by), len(by) + 1 + len(wanted)
    return [
        Sum(
            dict(zip(by, row[:rows], strict=True)),
            row[rows],
            dict(zip(wanted, row[rows + 1 : middle], strict=True)),
            dict(zip(wanted, row[middle:], strict=True)),
        )
        for row in found
    ]


def _shown(item: ViewColumn, value: Any) -> Any:
    return value if item.show is None or value is None else item.show(value)


def _matching(session: Session, view: View, query: Query, statement: Select[Any]) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = [] if view.where is None else [view.where]
    if view.search:
        conditions.extend(
            or_(*(_holds(session, expression, word) for expression in view.search))
            for word in fold(storable(query.search)).split()
        )
    by_column: dict[str, list[str]] = {}
    for key, value in query.where:
        by_column.setdefault(key, []).append(value)
    conditions.extend(or_(*(view.condition(key, value) for value in values)) for key, values in by_column.items())
    return statement.select_from(view.source).where(and_(True, *conditions))


def _holds(session: Session, expression: Any, word: str) -> ColumnElement[bool]:
    """Whether the word stands in the text. Devices of a rare word are looked up, as PostgreSQL does it by itself where it can."""
    if expression is device.c.folded and len(word) >= _TRIGRAM and session.get_bind().dialect.name == "sqlite":
        phrase = '"' + word.replace('"', '""') + '"'
        hits = select(device_search.c.rowid).where(literal_column("device_search").op("MATCH")(phrase))
        some = hits.limit(_RARE + 1).subquery()
        if session.execute(select(func.count()).select_from(some)).scalar_one() <= _RARE:
            return device.c.id.in_(hits)
    return expression.contains(word, autoescape=True)  # type: ignore[no-any-return]


def _equals(item: ViewColumn, text: str) -> ColumnElement[bool]:
    if text == "":
        return item.select.is_(None)  # type: ignore[no-any-return]
    try:
        return item.select == _parsed(item, storable(text))  # type: ignore[no-any-return]
    except ValueError:
        raise Misconfigured(
            f"{text!r} is no value of the column {item.column.key}.",
            next_step=f"It holds values of type {item.column.type}.",
        ) from None


def _parsed(item: ViewColumn, text: str) -> Any:
    if item.read is not None:
        return item.read(text)
    match item.column.type:
        case ColumnType.INTEGER | ColumnType.MONEY_CENTS | ColumnType.BYTES:
            return _whole(text)
        case ColumnType.NUMBER | ColumnType.PERCENT:
            return float(text)
        case ColumnType.DATE:
            return date.fromisoformat(text)
        case ColumnType.DATETIME:
            return _moment(text)
        case ColumnType.BOOLEAN:
            return _flag(text)
        case ColumnType.TEXT | ColumnType.WORD | ColumnType.SENTENCE | ColumnType.OF_FIELD:
            return text


def _whole(text: str) -> int:
    number = int(text)
    if not -(2**63) <= number < 2**63:
        raise ValueError(text)
    return number


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def _flag(text: str) -> bool:
    words = {"true": True, "yes": True, "false": False, "no": False}
    if text.lower() not in words:
        raise ValueError(text)
    return words[text.lower()]


def _order(view: View, query: Query) -> tuple[Any, ...]:
    if query.sort is None:
        return (*view.order, view.key)
    item = view.column(query.sort)
    by = item.select if item.sort is None else item.sort
    return (by.is_(None), by.desc() if query.descending else by.asc(), view.key)
