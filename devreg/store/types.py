"""Column types that behave alike on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Dialect, Text, types
from sqlalchemy.dialects import postgresql


class UtcTime(types.TypeDecorator[datetime]):
    """An aware UTC time: `timestamptz` on PostgreSQL, ISO text (sortable, readable by any tool) on SQLite."""

    impl = types.String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> types.TypeEngine[Any]:
        """The engine's own time where it keeps the zone."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(types.String())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuses a naive time: nobody could say later when it was."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone can't be stored")
        utc = value.astimezone(UTC)
        return (
            utc if dialect.name == "postgresql" else utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
        )

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Aware UTC whatever the session's zone is."""
        if value is None:
            return None
        return value.astimezone(UTC) if isinstance(value, datetime) else datetime.fromisoformat(value)


def json_text(value: Any) -> str:
    """JSON with sorted keys, so that equal values are equal text. Raises TypeError when it is no JSON."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


class Json(types.TypeDecorator[Any]):
    """A JSON value kept as `json_text`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """None stays NULL."""
        return None if value is None else json_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """The value as it was stored."""
        return None if value is None else orjson.loads(value)


class Word(types.TypeDecorator[str]):
    """Text ordered by its bytes on both engines (ids, serials, sort keys)."""

    impl = types.String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> types.TypeEngine[Any]:
        """SQLite's default order is already by bytes."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(types.String(collation="C"))
        return dialect.type_descriptor(types.String())
