"""One value as a worksheet cell holds it: foreign text made inert, types and number formats by column."""

import math
import re
from datetime import date, datetime
from typing import Final

import msgspec

from devreg.domain.words import label
from devreg.i18n import Catalogue
from devreg.ports import ColumnType
from exports.formulas import Formula
from exports.looks import Link

MAX_TEXT: Final = 32_767
"""Characters a cell can hold, counted in UTF-16 as Excel does."""
MAX_DIGITS: Final = 15
"""Longer whole numbers lose their end in a spreadsheet."""
FIRST_YEAR: Final = 1900
"""Spreadsheets count days from here; an earlier date is written as text."""

_NOT_XML: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Marks that make text read backwards from there on."""
_ESCAPE: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_RISKY: Final = re.compile(r"[\s'\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_IDENTIFIER: Final = re.compile(r"\s*[0-9][0-9 .,:/eE+-]*")

CellValue = str | int | float | date | datetime | Formula | Link | None


class Inert(msgspec.Struct, frozen=True):
    """Text that can be stored, and what was done to it."""

    text: str
    changed: bool
    risky: bool
    """Begins like a formula: harmless as stored, but a program that reads it anew might obey."""


def inert(text: str) -> Inert:
    """Any text as a spreadsheet can hold it.

    Characters that XML 1.0 has no place for (control characters, lone surrogates, U+FFFE) and marks that turn the reading
    direction are taken out; text beyond the limit ends in an ellipsis. All else stays as it was, so look-ups still match.
    """
    cut = _cut(text if text.isprintable() else _storable(text))  # nearly all text is printable, and then storable
    return Inert(cut, cut != text, bool(_RISKY.match(cut)))


def escaped(text: str) -> str:
    """Text with `_x0041_` written so that a reader shows these seven characters and not an A (ECMA-376, ST_Xstring)."""
    return _ESCAPE.sub("_x005F_", text) if "_x" in text else text


def is_identifier(text: str) -> bool:
    """Whether a spreadsheet would take the text for a number or a date when somebody edits the cell."""
    return bool(_IDENTIFIER.fullmatch(text))


def cell_value(value: object, kind: ColumnType, t: Catalogue) -> CellValue:
    """A list's value as a cell holds it; None = not said = empty. A value that does not fit its column becomes text."""
    match value:
        case None | Formula() | Link():
            return value
        case bool():
            return t("yes") if value else t("no")
        case date() if value.year < FIRST_YEAR:
            return value.isoformat()
        case datetime():
            local = value.astimezone(t.zone).replace(tzinfo=None)
            return local.date() if kind is ColumnType.DATE else local
        case date():
            return value
        case int() | float() if kind is ColumnType.TEXT:
            return str(value)
        case int() | float():
            return _number(value, kind)
        case list() | tuple() | set() | frozenset():
            return ", ".join(str(part) for part in value)
        case _ if kind is ColumnType.WORD:
            return t(label(str(value)))
        case _ if kind is ColumnType.SENTENCE:
            return t.said(str(value))
        case _:
            return str(value)


def number_format(kind: ColumnType, language: str) -> str:
    """How a spreadsheet shows the type. Dates as written in Finland; English ones can't be misread.

    A share just below the whole keeps a decimal, so that 99.6 % never reads as 100 %.
    """
    day = "d mmm yyyy" if language == "en" else "d.m.yyyy"
    return {
        ColumnType.INTEGER: "#,##0",
        ColumnType.NUMBER: "#,##0.0",
        ColumnType.MONEY_CENTS: '#,##0.00\\ "€"',
        ColumnType.DATE: day,
        ColumnType.DATETIME: f"{day}\\ hh:mm",
        ColumnType.PERCENT: "[<0.995]0%;[<1]0.0%;0%".replace("%", "%" if language == "en" else "\\ %"),
        ColumnType.BYTES: '[>=1000000000]#,##0.0,,,\\ "GB";[>=1000000]#,##0.0,,\\ "MB";#,##0\\ "B"',
    }.get(kind, "General")


def _storable(text: str) -> str:
    return _TURNING.sub("", _NOT_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def _number(value: float, kind: ColumnType) -> CellValue:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int) and len(str(abs(value))) > MAX_DIGITS:
        return str(value)
    return value / 100 if kind is ColumnType.MONEY_CENTS else value


def _cut(text: str) -> str:
    if len(text) * 2 <= MAX_TEXT or _units(text) <= MAX_TEXT:
        return text
    kept = text.encode("utf-16-le")[: (MAX_TEXT - 1) * 2].decode("utf-16-le", errors="ignore")
    return kept + "…"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
