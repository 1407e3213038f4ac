"""Lists as text for other programs: CSV, JSON, JSON lines. Keys as headers, values as stored, dates in ISO form."""

import csv
import math
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import BinaryIO, Final

import msgspec
import orjson

from exports.cells import inert
from exports.workbook import Rows

_OBEYED: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""A spreadsheet that opens a CSV file may take text beginning so for a formula (OWASP, CSV injection; full-width forms too)."""


class Csv(msgspec.Struct, frozen=True):
    """How CSV is written."""

    delimiter: str = ","
    """Finnish and Swedish spreadsheets expect ";"."""
    bom: bool = False
    """A mark that makes Excel read UTF-8."""


class Format(StrEnum):
    """The text formats there are."""

    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"


def write(rows: Rows, to: BinaryIO, form: Format, style: Csv = Csv()) -> None:
    """Write a list as it comes, row by row, in UTF-8."""
    parts = {Format.CSV: _csv(rows, style), Format.JSON: _json(rows), Format.JSONL: _json_lines(rows)}[form]
    to.writelines(parts)


def _csv(rows: Rows, style: Csv) -> Iterator[bytes]:
    line = _Line()
    writer = csv.writer(line, delimiter=style.delimiter, lineterminator="\r\n")
    writer.writerow([guarded(column.key) for column in rows.columns])
    yield ("\ufeff" if style.bom else "").encode() + line.taken()
    for row in records(rows):
        writer.writerow([_csv_value(value) for value in row.values()])
        yield line.taken()


def guarded(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe goes before a beginning that might be obeyed."""
    kept = inert(text).text
    return f"'{kept}" if kept.lstrip(" ").startswith(_OBEYED) else kept


def _json(rows: Rows) -> Iterator[bytes]:
    before = b"["
    for record in _json_lines(rows):
        yield before + b"\n" + record[:-1]
        before = b","
    yield b"[]\n" if before == b"[" else b"\n]\n"


def _json_lines(rows: Rows) -> Iterator[bytes]:
    for record in records(rows):
        yield orjson.dumps(record, default=str, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)


def records(rows: Rows) -> Iterator[dict[str, object]]:
    """Each row by column key, with values that can be encoded."""
    for row in rows.rows:
        values = [row.get(c.key) for c in rows.columns] if isinstance(row, Mapping) else row
        yield {c.key: _plain(value) for c, value in zip(rows.columns, values, strict=True)}


def _plain(value: object) -> object:
    """The value with texts that can be encoded; a set becomes a sorted list."""
    match value:
        case str():
            return inert(value).text
        case float() if not math.isfinite(value):
            return None
        case int() if not -(2**63) <= value < 2**64:
            return str(value)
        case Mapping():
            return {inert(str(key)).text: _plain(part) for key, part in value.items()}
        case set() | frozenset():
            return sorted((_plain(part) for part in value), key=str)
        case list() | tuple():
            return [_plain(part) for part in value]
        case _:
            return value


def _csv_value(value: object) -> object:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case int() | float():
            return value
        case date():
            return value.isoformat()
        case list():
            return guarded(", ".join(str(part) for part in value))
        case dict():
            return guarded(orjson.dumps(value, default=str).decode())
        case _:
            return guarded(str(value))


class _Line:
    """What the csv module writes to: keeps one line."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def write(self, text: str) -> int:
        self._parts.append(text)
        return len(text)

    def taken(self) -> bytes:
        line = "".join(self._parts)
        self._parts.clear()
        return line.encode()
