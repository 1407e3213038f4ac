"""Formulas as a worksheet holds them: their text, the result stored beside it, and how they point at other cells."""

import msgspec

Result = float | int | str


class Formula(msgspec.Struct, frozen=True):
    """A live formula. Only texts of our own go into one, never a foreign one: a name there could be a formula itself."""

    text: str
    """Without the equals sign; functions by their English names, as the file stores them in every language."""
    result: Result
    """What it comes to, for readers that do not calculate."""


def quoted(text: str) -> str:
    """A text as a formula writes it."""
    return '"' + text.replace('"', '""') + '"'


def cells(column: str, first: int, last: int, sheet: str | None = None) -> str:
    """A column's cells from one row to another, fixed when the formula is copied; one cell where there is no row."""
    where = "" if sheet is None else "'" + sheet.replace("'", "''") + "'!"
    return f"{where}${column}${first}:${column}${max(first, last)}"
