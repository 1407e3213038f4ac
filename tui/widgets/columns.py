"""How wide columns are, and which of them a screen has room for."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from rich.cells import cell_len

from devreg.field_columns import resolved
from devreg.ports import Column, ColumnType, Row
from tui.plain import plain

GAP: Final = 2
_NARROWEST: Final = 3
_WORD: Final = 24
"""Room a word may take whatever its declared width: its translation is longer than the English one."""
_LABEL: Final = 16
"""Room a label may take, however narrow its values are."""
_SAMPLE: Final = 200


class Slot(NamedTuple):
    """A column on screen."""

    place: int
    column: Column
    width: int


def fitted(
    columns: Sequence[Column],
    rows: Iterable[Row],
    label: Callable[[Column], str],
    text: Callable[[Column, object], str],
) -> list[int]:
    """A width for each column: room for its label and for what the rows hold, free text no wider than declared.

    Other types take all the room they need: a number cut short would be another number.
    """
    sample = [row for row, _ in zip(rows, range(_SAMPLE), strict=False)]
    return [_fitted(column, sample, label(column), text) for column in columns]


def visible(columns: Sequence[Column], widths: Sequence[int], first: int, room: int) -> list[Slot]:
    """The columns that fit: the first one always, then those from `first` on; the last may be cut."""
    slots: list[Slot] = []
    for index in [0, *range(max(1, first), len(columns))] if columns else []:
        width = min(widths[index], room)
        if width < min(_NARROWEST, widths[index]) or (slots and width < widths[index] and _cut_lies(columns[index])):
            break
        slots.append(Slot(index, columns[index], width))
        room -= width + GAP
    return slots


def first_showing(columns: Sequence[Column], widths: Sequence[int], wanted: int, first: int, room: int) -> int:
    """The first scrolled column that lets `wanted` be seen whole, moving as little as possible from `first`."""
    if wanted == 0:
        return 1
    if wanted < first:
        return wanted
    while first < wanted and not _whole(visible(columns, widths, first, room), wanted, widths):
        first += 1
    return max(1, first)


def _whole(slots: Sequence[Slot], wanted: int, widths: Sequence[int]) -> bool:
    return any(slot.place == wanted and slot.width == widths[wanted] for slot in slots)


def _fitted(column: Column, rows: Sequence[Row], label: str, text: Callable[[Column, object], str]) -> int:
    needed = max((cell_len(plain(text(*resolved(column, row)))) for row in rows), default=column.width)
    if not _cut_lies(column):
        needed = min(needed, max(column.width, _WORD if column.type is ColumnType.WORD else _NARROWEST))
    return max(needed, min(cell_len(label), max(column.width, _LABEL)), _NARROWEST)


def _cut_lies(column: Column) -> bool:
    return column.type not in (ColumnType.TEXT, ColumnType.WORD, ColumnType.SENTENCE, ColumnType.OF_FIELD)
