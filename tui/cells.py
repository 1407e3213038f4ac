"""How a value is written on screen: by the type of its column, in the language of the person."""

from datetime import date, datetime
from typing import Final, NamedTuple

from devreg.domain.words import label
from devreg.i18n import N_, Catalogue
from devreg.ports import Column, ColumnType

RIGHT: Final = frozenset(
    {ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.MONEY_CENTS, ColumnType.PERCENT, ColumnType.BYTES}
)
"""Types written flush right, so that digits stand under digits."""

NOT_KNOWN: Final = N_("not known")

_MARKS: Final = {
    "complete": ("✓ ", "good"),
    "running": ("▸ ", "link"),
    "partial": ("◐ ", "warn"),
    "held": ("■ ", "warn"),
    "failed": ("✗ ", "bad"),
    "lost": ("", "bad"),
    "missing": ("", "bad"),
    "in_repair": ("", "warn"),
    "retired": ("", "dim"),
    "disposed": ("", "dim"),
    "down": ("", "dim"),
}
"""Stored word -> sign and ink. The word is always there too: neither sign nor colour stands alone."""


class Cell(NamedTuple):
    """A value as text, and the ink it is written in."""

    text: str
    ink: str = ""


def cell(column: Column, value: object, t: Catalogue) -> Cell:
    """The value as it stands in a list; empty when nobody said it."""
    if value is None or value == "":
        return Cell("")
    if column.type is ColumnType.WORD and isinstance(value, str):
        sign, ink = _MARKS.get(value, ("", ""))
        return Cell(sign + word(value, t), ink)
    if column.type is ColumnType.SENTENCE:
        return Cell(t.said(str(value)))
    return Cell(_written(column.type, value, t))


def word(value: str, t: Catalogue) -> str:
    """A stored word in the person's language."""
    return t(label(value))


def loose(value: object, t: Catalogue) -> str:
    """A value of no declared column: told by its Python type."""
    match value:
        case bool():
            return t("yes") if value else t("no")
        case datetime():
            return t.datetime(value)
        case date():
            return t.date(value)
        case int() | float():
            return _number(value, t)
        case None:
            return ""
        case list() | tuple():
            return ", ".join(loose(item, t) for item in value)
        case dict():
            return ", ".join(f"{key}: {loose(item, t)}" for key, item in value.items())
    return str(value)


def size(octets: int, t: Catalogue) -> str:
    """`8 GB`, `256 GB`: powers of two where it is a whole number of them (memory), else powers of ten (disks)."""
    step = 1024 if octets % 2**28 == 0 else 1000
    for power, unit in ((4, N_("{n} TB")), (3, N_("{n} GB")), (2, N_("{n} MB"))):
        if octets >= step**power:
            amount = octets / step**power
            return t(unit, n=t.number(amount, 0 if amount >= 10 or amount == int(amount) else 1))
    return t("{n} kB", n=t.number(octets / step))


def _written(kind: ColumnType, value: object, t: Catalogue) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        if kind is ColumnType.MONEY_CENTS:
            return t.money(value)
        if kind is ColumnType.BYTES:
            return size(value, t)
    if kind is ColumnType.DATE and isinstance(value, date):
        return t.date(value)
    if kind is ColumnType.PERCENT and isinstance(value, (int, float)):
        return t.percent(value)
    if kind is ColumnType.BOOLEAN and isinstance(value, int):
        return t("yes") if value else t("no")
    return loose(value, t)


def _number(value: float, t: Catalogue) -> str:
    return t.number(value) if float(value).is_integer() else t.number(value, 2)
