"""What the command line prints: tables for people, plain lines in a pipe, progress bars on a terminal."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from devreg.domain.words import label
from devreg.errors import DevregError
from devreg.field_columns import resolved
from devreg.i18n import Catalogue, spoken
from devreg.ports import Column, ColumnType
from devreg.text import marked, masked

if TYPE_CHECKING:
    from rich.console import Console

_REFERENCE: Final = 8
"""How wide `D000123` is."""
_HEADING: Final = 12
_GAP: Final = 2
"""Cells between columns."""
_LEGIBLE: Final = 14
"""Cells of a text that tell it from others of its kind."""
"""What a heading may make a column of short values wide; more of it goes on below."""
_USUAL: Final = 24
"""Cells that nearly every name fits in."""
_WHOLE: Final = {
    ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.MONEY_CENTS, ColumnType.PERCENT, ColumnType.BYTES, ColumnType.DATE,
    ColumnType.DATETIME, ColumnType.BOOLEAN, ColumnType.WORD,
}  # fmt: skip
_RIGHT: Final = {ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.MONEY_CENTS, ColumnType.PERCENT, ColumnType.BYTES}


def console(*, error: bool = False) -> "Console":
    """A console that takes no markup and highlights nothing: what is printed is what a source said."""
    from rich.console import Console  # saves 50 ms for --help

    return Console(stderr=error, markup=False, highlight=False, emoji=False, soft_wrap=not _is_terminal(error))


def say(text: str = "") -> None:
    """A line to stdout, with control characters made visible."""
    sys.stdout.write(_lines(text or "\n"))


def note(text: str) -> None:
    """A line to stderr: everything that is not data. It may end in a log: personal identity codes are masked."""
    sys.stderr.write(_lines(masked(text)))


def _lines(text: str) -> str:
    """All in one piece, so that what several sources say at once does not mix within a line."""
    return "".join(f"{marked(line)}\n" for line in text.splitlines())


def complain(error: DevregError) -> None:
    """What failed and what to do next, on stderr."""
    t = spoken()
    note(t.said(error.what))
    if error.next_step.strip():
        note(t.said(error.next_step.strip()))


def shown(t: Catalogue, column: Column, value: object) -> str:
    """A value as people read it in the catalogue's language; "" when not said."""
    if value is None:
        return ""
    match column.type:
        case ColumnType.WORD:
            return t(label(str(value)))
        case ColumnType.SENTENCE:
            return t.said(str(value))
        case ColumnType.DATE | ColumnType.DATETIME if isinstance(value, datetime):
            return t.datetime(value)
        case ColumnType.DATE | ColumnType.DATETIME if isinstance(value, date):
            return t.date(value)
        case ColumnType.MONEY_CENTS if isinstance(value, int):
            return t.money(value)
        case ColumnType.BOOLEAN:
            return t("yes") if value else t("no")
        case ColumnType.PERCENT if isinstance(value, float | int):
            return t.percent(value)
        case ColumnType.NUMBER if isinstance(value, float | int):
            return t.number(value, 0 if value == int(value) else 1)
        case ColumnType.BYTES if isinstance(value, int):
            return t("{n} GB", n=t.number(value / 1e9))
        case ColumnType.INTEGER if isinstance(value, int):
            return t.number(value)
        case _:
            return str(value)


def table(
    t: Catalogue, columns: Sequence[Column], rows: Iterable[Mapping[str, object]], *, all_asked: bool = False
) -> None:
    """A table of rows: fitted to a terminal, tab-separated and whole in a pipe.

    Of columns that nobody asked for by name, a terminal shows as many as can be read, and says which it left out.
    """
    if not _is_terminal():
        print(*(t(column.label) for column in columns), sep="\t")
        for row in rows:
            print(*(marked(shown(t, *resolved(column, row))) for column in columns), sep="\t")
        return
    from rich import box  # as above
    from rich.table import Table
    from rich.text import Text

    lines = [[marked(shown(t, *resolved(column, row))) for column in columns] for row in rows]
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    longest = [max((len(line[place]) for line in lines), default=0) for place in range(len(columns))]
    least = [_least(t, column, cells) for column, cells in zip(columns, longest, strict=True)]
    out = console()
    kept = len(columns) if all_asked else _fitting(least, out.width)
    wanted = [max(cells, len(t(column.label))) for column, cells in zip(columns, longest, strict=True)]
    is_room = (
        sum(cells + _GAP for cells in least[:kept]) < out.width
    )  # not always, where columns were asked for by name
    widths = _spread(least[:kept], wanted, longest, out.width)
    for column, cells in zip(columns[:kept], widths, strict=True):
        grid.add_column(
            Text(t(column.label), no_wrap=False, overflow="ellipsis"),
            justify="right" if column.type in _RIGHT else "left",
            width=cells if is_room or column.type in _WHOLE else None,
        )
    for line in lines:
        grid.add_row(*(Text(cell, no_wrap=True, overflow="ellipsis") for cell in line[:kept]))
    out.print(grid)
    if kept < len(columns):
        names = ", ".join(column.key for column in columns[kept:])
        note(t("No room for: {columns}. A wider terminal shows them; so do --columns and --format csv.", columns=names))


def _least(t: Catalogue, column: Column, longest: int) -> int:
    """Cells below which the column can't be read. Half a number is a wrong number, and half a word of ours is none."""
    heading = min(_HEADING, max(len(word) for word in t(column.label).split(" ")))
    is_whole = column.type in _WHOLE or column.width <= _REFERENCE
    return max(longest if is_whole else min(longest, _LEGIBLE), heading)


def _spread(least: Sequence[int], wanted: Sequence[int], longest: Sequence[int], width: int) -> list[int]:
    """What each column gets: what it can't do without, then of what is left the first ones first."""
    given = [*least]
    left = width - 1 - sum(cells + _GAP for cells in least)
    for goal in ([min(cells, _USUAL) for cells in longest], longest, wanted):
        for place, cells in enumerate(given):
            more = max(0, min(goal[place] - cells, left))
            given[place] += more
            left -= more
    return given


def _fitting(least: Sequence[int], width: int) -> int:
    """How many columns, from the first, fit side by side; one always does."""
    used = 1
    for place, cells in enumerate(least):
        used += cells + _GAP
        if used > width:
            return max(place, 1)
    return len(least)


@contextmanager
def progress(t: Catalogue) -> Iterator["ProgressLines"]:
    """Shows how far each source has come: a bar a source on a terminal, nothing in a pipe (the verdict lines tell)."""
    if not _is_terminal(error=True):
        yield ProgressLines(None, t)
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # as above

    parts = (SpinnerColumn(finished_text=" "), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*parts, console=console(error=True), transient=True) as bars:
        yield ProgressLines(bars, t)


class ProgressLines:
    """One line a source."""

    def __init__(self, bars: object, t: Catalogue) -> None:
        from rich.progress import Progress  # as above

        self._bars = bars if isinstance(bars, Progress) else None
        self._t = t

    def begin(self, name: str) -> int:
        """A line for the source; its number."""
        return int(self._bars.add_task(marked(name), total=None)) if self._bars else 0

    def move(self, line: int, name: str, seen: int) -> None:
        """So many records of the source were read."""
        if self._bars:
            self._bars.update(self._task(line), description=f"{marked(name)}  {self._t.number(seen)}")

    def end(self, line: int) -> None:
        """The source is done."""
        if self._bars:
            self._bars.remove_task(self._task(line))

    @staticmethod
    def _task(line: int) -> "TaskNumber":
        from rich.progress import TaskID  # as above

        return TaskID(line)


if TYPE_CHECKING:
    from rich.progress import TaskID as TaskNumber


def is_interactive() -> bool:
    """Whether a person sits at both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _is_terminal(error: bool = False) -> bool:
    return (sys.stderr if error else sys.stdout).isatty()
