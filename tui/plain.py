"""The one door from text to terminal: nothing is markup, nothing acts, every cell is counted.

Widgets of ours paint `Span`s; Textual's own (toasts, inputs) get `content`. Both pass through `plain`.
"""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.strip import Strip

from devreg.text import marked

_ACTING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories that can steer a terminal or hide text: controls, bidi and zero-width marks, odd line breaks."""


class Span(NamedTuple):
    """A piece of a line: text, the ink it is written in, and what a click on it does."""

    text: str
    ink: str = ""
    action: str = ""
    """An action of ours, such as `app.open_view('runs')`; never made from data."""


Line = Sequence[Span]


def plain(text: str) -> str:
    """Text in which every character that could act on a terminal is a visible mark."""
    return text if text.isprintable() else _plain_slowly(text)


def content(text: str) -> Content:
    """The text for a widget of Textual's own; brackets stay brackets."""
    return Content(plain(text))


def fit(text: str, width: int, *, right: bool = False) -> str:
    """Plain text of exactly `width` cells: padded, or cut with an ellipsis."""
    safe = plain(text)
    cells = len(safe) if safe.isascii() else cell_len(safe)
    if cells > width:
        return set_cell_size(safe, width - 1) + "…" if width > 0 else ""
    blank = " " * (width - cells)
    return blank + safe if right else safe + blank


def wrap(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` cells, broken at blanks where there are any."""
    lines = [""]
    for word in plain(text).split(" "):
        if lines[-1] and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += " " + word
        else:
            lines += [] if not lines[-1] and not word else _pieces(word, max(1, width))
    return [line for line in lines if line] or [""]


def width_of(line: Iterable[Span]) -> int:
    """Cells the line takes."""
    return sum(cell_len(plain(span.text)) for span in line)


def strip(line: Line, width: int, base: Style, ink: Callable[[str], Style]) -> Strip:
    """The line painted: `ink` gives the style of a span's ink, `base` fills up to `width`."""
    segments = [Segment(plain(text), base + ink(name) if name else base) for text, name, _ in line if text]
    return Strip(segments).adjust_cell_length(width, base)


@lru_cache(maxsize=4096)
def _plain_slowly(text: str) -> str:
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(char) in _ACTING else char for char in marked(text)
    )


def _pieces(word: str, width: int) -> list[str]:
    pieces, rest = [], word
    while cell_len(rest) > width:
        cut = max(1, len(set_cell_size(rest, width).rstrip(" ")))
        pieces.append(rest[:cut])
        rest = rest[cut:]
    return [*pieces, rest]
