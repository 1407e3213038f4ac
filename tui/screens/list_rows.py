"""Rows of any list: reading them whole, the device they are about, their values as filters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from devreg.domain.device import parse_ref
from devreg.ports import Key, Row
from tui.widgets.rows import GONE

if TYPE_CHECKING:
    from devreg.services.browse import Browser


def read_rows(browser: Browser, view: str, keys: Sequence[Key]) -> list[Row]:
    """One row for each key, `GONE` for those deleted meanwhile."""
    rows = browser.rows(view, keys)
    if len(rows) == len(keys):
        return rows
    return [next(iter(browser.rows(view, [key])), GONE) for key in keys]


def device_of(row: Row) -> int | None:
    """The device a row of any list names by its reference."""
    for key in ("device_id", "id"):
        found = parse_ref("D", str(row.get(key) or ""))
        if found is not None:
            return found
    return None


def filter_text(value: object) -> str:
    """A value as `Query.where` takes it; "" = not said."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime() | date():
            return value.isoformat()
    return str(value)
