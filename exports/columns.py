"""How a list's columns stand in a table: header texts, widths, and what goes to which side."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from devreg.i18n import Catalogue
from devreg.ports import Column, ColumnType
from exports.looks import Look

_LEFT: Final = frozenset(
    {ColumnType.TEXT, ColumnType.WORD, ColumnType.SENTENCE, ColumnType.BOOLEAN, ColumnType.OF_FIELD}
)


def width_of(column: Column, t: Catalogue) -> float:
    """Characters for a column: its values, and its header broken only between words, with a filter's arrow beside it."""
    least = 16 if column.type is ColumnType.WORD else 8  # a stored word may be longer in the reader's language
    return max(column.width, least, *(len(word) * 1.1 for word in t(column.label).split())) + 3


def labels(columns: Sequence[Column], t: Catalogue) -> list[str]:
    """The columns' labels; where a translation makes two alike, with their keys."""
    labels = [t(column.label) for column in columns]
    folded = [label.casefold() for label in labels]
    return [
        f"{label} ({column.key})" if folded.count(label.casefold()) > 1 else label
        for label, column in zip(labels, columns, strict=True)
    ]


def with_gaps(columns: Sequence[Column], *, ruled: bool) -> Iterator[tuple[Column, bool]]:
    """Each column, and whether its text needs a gap before it: after a number, and everywhere between rules."""
    for n, column in enumerate(columns):
        yield column, n > 0 and (ruled or columns[n - 1].type not in _LEFT)


def placed(look: Look, column: Column, *, gap: bool) -> Look:
    """Numbers to the right, with a gap to the next column; texts to the left."""
    if column.type not in _LEFT:
        return msgspec.structs.replace(look, align="right", indent=1)
    return msgspec.structs.replace(look, align="left", indent=1) if gap else look
