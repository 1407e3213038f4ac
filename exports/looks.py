"""How cells look: fonts, fills and alignments as plain values."""

from typing import Any, Final

import msgspec
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

FONT: Final = "Arial"
"""On every machine with a spreadsheet, or with a stand-in of the same widths."""
INK: Final = "1A1A1A"
HEAD: Final = "1F3864"
"""White on it has a contrast of 11:1."""


class Look(msgspec.Struct, frozen=True, cache_hash=True):
    """How a cell looks. Colour never carries meaning alone."""

    bold: bool = False
    size: float = 10
    colour: str = INK
    fill: str | None = None
    align: str | None = None
    indent: int = 0
    """Steps away from the side it is aligned to."""
    wrap: bool = False
    upright: str | None = "center"
    """center, top, or None for the bottom, where cells without a look have their text."""
    format: str = "General"
    ruled: bool = False
    link: bool = False


PLAIN: Final = Look(upright=None)
TITLE: Final = Look(bold=True, size=16, colour=HEAD)
HEADING: Final = Look(bold=True, size=12, colour=HEAD)
HEADER: Final = Look(bold=True, colour="FFFFFF", fill=HEAD, wrap=True)


class Styled(msgspec.Struct, frozen=True):
    """A value with a look of its own, in a row of plain ones."""

    value: object
    look: Look


class Link(msgspec.Struct, frozen=True):
    """A text that leads to another sheet of the workbook, made or still to be made."""

    text: str
    sheet: str
    """Its name as it will be after cleaning."""


def apply(look: Look, cell: Any, *, quoted: bool, as_text: bool) -> None:
    """Give an openpyxl cell the look.

    `quoted` marks text that begins like a formula, `as_text` text that looks like a number: both stay what they are
    when somebody edits the cell.
    """
    cell.font = Font(FONT, look.size, bold=look.bold, color=look.colour, underline="single" if look.link else None)
    cell.alignment = Alignment(look.align, vertical=look.upright, wrap_text=look.wrap, indent=look.indent)
    cell.number_format = "@" if as_text else look.format
    if look.fill:
        cell.fill = PatternFill("solid", fgColor=look.fill)
    if look.ruled:
        cell.border = Border(bottom=Side("thin", color="BFBFBF"))
    cell.quotePrefix = quoted
