"""A paper to be signed, as text or as a worksheet: the same lines on both."""

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from textwrap import wrap
from typing import Final

import msgspec

from devreg.i18n import Catalogue
from exports.files import replacing
from exports.looks import Look
from exports.workbook import Book, Page

BLANK: Final = "_" * 40
"""Room to write by hand."""
_LINE: Final = 100
"""Characters of a line of text."""


class Part(StrEnum):
    """What a line is."""

    TITLE = "title"
    HEADING = "heading"
    PAIR = "pair"
    TEXT = "text"
    SPACE = "space"


class Line(msgspec.Struct, frozen=True):
    """One line of a paper."""

    part: Part
    text: str = ""
    value: str = ""


def write(lines: Iterable[Line], name: str, out: Path, t: Catalogue, trail: str = "") -> None:
    """Write the file whole or not at all: a worksheet of that name where it is called .xlsx, else text. Raises as `files.replacing`."""
    if out.suffix.lower() == ".xlsx":
        _write_sheet(list(lines), name, out, t, trail)
        return
    with replacing(out) as part:
        told = list(lines)
        width = max(len(line.text) + 1 for line in told if line.part is Part.PAIR)
        part.write_text("\n".join(_as_text(line, width) for line in told) + "\n", encoding="utf-8")


def _as_text(line: Line, width: int) -> str:
    match line.part:
        case Part.TITLE:
            return f"{line.text}\n{'=' * len(line.text)}"
        case Part.PAIR:
            name = f"{line.text + ':':<{width}} "
            return (
                "\n".join(wrap(line.value, _LINE, initial_indent=name, subsequent_indent=" " * len(name)))
                or name.rstrip()
            )
        case Part.TEXT:
            return "\n".join(wrap(line.text, _LINE))
        case Part.HEADING | Part.SPACE:
            return line.text


def _write_sheet(lines: list[Line], name: str, out: Path, t: Catalogue, trail: str) -> None:
    with Book(t, lines[0].text, trail) as book:
        sheet = book.sheet(name, (34, 60), Page(portrait=True))
        for line in lines:
            match line.part:
                case Part.TITLE:
                    sheet.title(line.text)
                case Part.HEADING:
                    sheet.heading(line.text)
                case Part.PAIR:
                    sheet.add(line.text, line.value, look=Look(wrap=True, upright="top"))
                case Part.TEXT:
                    for text in wrap(line.text, _LINE):
                        sheet.add(text, look=Look())
                case Part.SPACE:
                    sheet.space()
        book.save(out)
