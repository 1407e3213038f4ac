"""Sheets from files people send: xlsx and csv, looked over before any parser sees them. Source: safety.md 66."""

import codecs
import csv
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from collectors.sheet_cells import Cell
from collectors.sheet_fields import header
from devreg.errors import Broken, Retryable
from devreg.i18n import N_
from devreg.text import clean

FILE_MAX: Final = 50 << 20
INFLATED_MAX: Final = 200 << 20
RATIO_MAX: Final = 100
"""Inflated to packed; real sheets stay under 30."""
_RATIO_FROM: Final = 5 << 20
ENTRIES_MAX: Final = 2_000
CELLS_MAX: Final = 5_000_000
"""Of the rectangle that the used cells span: readers hold all of it."""
_NEEDED: Final = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/(?:_rels/)?\w+\.xml(?:\.rels)?|xl/worksheets/[^/]+\.xml"
)
_COLUMN: Final = re.compile(rb"r\s*=\s*[\"']([A-Za-z]{1,3})\d")
_ROW: Final = re.compile(rb"r\s*=\s*[\"'][A-Za-z]{0,3}(\d{1,9})")
_OLE: Final = b"\xd0\xcf\x11\xe0"
_COLUMNS_MAX: Final = 500


class Table(msgspec.Struct, frozen=True):
    """Cells of one sheet; every row a list of cells from column A on."""

    title: str
    """Worksheet, or the file's name."""
    rows: Sequence[Sequence[Cell]]
    warnings: tuple[str, ...] = ()


def read_table(
    source: str, path: Path, sheet: str | None, encoding: str | None, wanted: Collection[str]
) -> tuple[Table, bytes]:
    """The sheet and the file's bytes. `wanted` column names tell a csv's separator. Raises Broken, or Retryable when the file is locked."""
    content = _content(source, path)
    match path.suffix.lower():
        case ".xlsx":
            return _worksheet(source, path, content, sheet), content
        case ".csv" | ".txt" | ".tsv":
            return Table(path.name, _csv_rows(source, path, content, encoding, wanted)), content
        case suffix:
            raise Broken(
                f"{source}: {path.name} is a {suffix or 'nameless'} file.", next_step="Save it as .xlsx or .csv."
            )


def _content(source: str, path: Path) -> bytes:
    try:
        if not path.is_file() and path.exists():  # a pipe or a device would never end
            raise Retryable(f"{source}: {path} can't be read: it is no file.", next_step="Check the path.")
        with path.open("rb") as file:
            content = file.read(FILE_MAX + 1)
        if len(content) > FILE_MAX:
            raise Broken(
                f"{source}: {path} has more than {FILE_MAX >> 20} MiB.",
                next_step="Split it, or take out pictures and unused sheets.",
            )
        return content
    except FileNotFoundError:
        raise Broken(
            f"{source}: there is no file {path}.",
            next_step=f"Put it there, or correct sources.{source}.path; what is known from it is kept.",
        ) from None
    except PermissionError:
        raise Retryable(
            f"{source}: {path} may not be read, or another program holds it.",
            next_step="Close it in Excel, check its permissions, and try again.",
        ) from None
    except OSError as error:
        raise Retryable(f"{source}: {path} can't be read: {error.strerror}.", next_step="Check the drive.") from error


def _worksheet(source: str, path: Path, content: bytes, sheet: str | None) -> Table:
    from python_calamine import CalamineError, CalamineWorkbook, WorksheetNotFound

    safe = _repacked(source, path, content)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(safe)) as book:
            names = book.sheet_names
            if sheet is not None and sheet not in names:
                raise _no_sheet(source, path, sheet, names)
            title = sheet or names[0]
            rows = book.get_sheet_by_name(title).to_python(skip_empty_area=False)
            return Table(title, rows, _links(path, content))
    except (CalamineError, WorksheetNotFound, IndexError) as error:
        raise _unreadable(source, path) from error


def _links(path: Path, content: bytes) -> tuple[str, ...]:
    """A word about links to other files: they don't reach the reader, so a cell shows what was last saved in it."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        linked = any(name.startswith("xl/externalLinks/") for name in packed.namelist())
    if not linked:
        return ()
    return (N_(f"{path.name} links to other files; they were not opened, its cells hold what was last saved in them."),)


def _no_sheet(source: str, path: Path, sheet: str, names: list[str]) -> Broken:
    return Broken(
        f"{source}: {path.name} has no worksheet “{sheet}”; it has {', '.join(f'“{name}”' for name in names[:20])}.",
        next_step="Correct the profile's sheet, or the worksheet's name.",
    )


def _unreadable(source: str, path: Path) -> Broken:
    return Broken(
        f"{source}: {path.name} is damaged, or not an Excel workbook.",
        next_step="Open it in Excel and save it again as .xlsx.",
    )


def _repacked(source: str, path: Path, content: bytes) -> bytes:
    """The workbook with only the parts that hold cells, unpacked here under our own limits.

    The reader gets exactly the bytes that were looked over: a lying size in the zip, a second entry of the same name, macros
    and links to other files don't reach it.
    """
    if content.startswith(_OLE):
        raise Broken(
            f"{source}: {path.name} is protected by a password, or an old .xls file.",
            next_step="Save it as .xlsx without a password.",
        )
    out = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as safe:
            for name in _harmless(source, path, packed, len(content)):
                part = _inflated(packed, name)
                if name.startswith("xl/worksheets/"):
                    _refuse_vast(source, path, part)
                safe.writestr(name, part)
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
    ) as error:
        raise _unreadable(source, path) from error
    return out.getvalue()


def _inflated(packed: zipfile.ZipFile, name: str) -> bytes:
    """A part of the size it claims, checked by its CRC; `ZipFile.read` would unpack a gigabyte before it notices a lie."""
    entry = packed.getinfo(name)
    with packed.open(entry) as part:
        return part.read(entry.file_size)


def _harmless(source: str, path: Path, packed: zipfile.ZipFile, size: int) -> list[str]:
    """Names of the parts to read. Raises Broken for what no ordinary sheet is."""
    entries = packed.infolist()
    if any(entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for entry in entries):
        raise _unreadable(source, path)
    inflated = sum(entry.file_size for entry in entries)
    if any(entry.filename.lower().endswith("vbaproject.bin") for entry in entries):
        raise Broken(f"{source}: {path.name} holds macros.", next_step="Save it as .xlsx without macros.")
    bomb = inflated > INFLATED_MAX or (inflated > _RATIO_FROM and inflated > RATIO_MAX * size)
    if bomb or len(entries) > ENTRIES_MAX:
        raise Broken(
            f"{source}: {path.name} unpacks to {inflated >> 20} MiB in {len(entries)} parts from {size >> 10} KiB; it was not opened.",
            next_step="Ask its sender; copy the cells into a new workbook.",
        )
    return list(dict.fromkeys(entry.filename for entry in entries if _NEEDED.fullmatch(entry.filename)))


def _refuse_vast(source: str, path: Path, part: bytes) -> None:
    """Refuse a sheet whose used cells lie so far apart that the reader would hold billions of empty ones."""
    if part[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE} or b"\0" in part[:64]:
        raise _unreadable(source, path)
    columns = max(map(_column_number, set(_COLUMN.findall(part))), default=1)
    rows = max(map(int, set(_ROW.findall(part))), default=1)
    if columns * rows > CELLS_MAX:
        raise Broken(
            f"{source}: {path.name} has cells spread over {rows} rows and {columns} columns.",
            next_step="Delete the stray cells far below and to the right, and save it again.",
        )


def _column_number(letters: bytes) -> int:
    total = 0
    for letter in letters.upper():
        total = total * 26 + letter - 64
    return total


def _csv_rows(
    source: str, path: Path, content: bytes, encoding: str | None, wanted: Collection[str]
) -> list[list[Cell]]:
    text = _decoded(source, path, content, encoding)
    separator = _separator(text, wanted)
    try:
        return [
            [cell or None for cell in row[:_COLUMNS_MAX]]
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        ]
    except csv.Error as error:
        raise Broken(
            f"{source}: {path.name} is no readable csv: {error}.", next_step="Save it again from Excel."
        ) from error


def _decoded(source: str, path: Path, content: bytes, encoding: str | None) -> str:
    """The text; an encoding that is not named is told from the bytes, and a doubtful one is refused."""
    for candidate in [encoding] if encoding else _encodings(content):
        try:
            text = content.decode(candidate)
        except (UnicodeDecodeError, LookupError):
            continue
        if "\0" in text:
            continue
        if not encoding and (odd := _ODD.search(text)):
            raise _doubtful(source, path, text, odd.start())
        return text.removeprefix("\ufeff")
    raise Broken(
        f"{source}: the characters of {path.name} can't be told" + (f" as {encoding}." if encoding else "."),
        next_step=_name_encoding(source),
    )


_ODD: Final = re.compile(
    r"Ã[\x80-\xbf„–…¤¶¥]"  # UTF-8 taken for cp1252, now or when it was saved: Ã¤ for ä
    r"|[^\W\d_][„†‡ˆ‰‹•˜›]|[^\W\d_][“”Œœ€…][^\W\d_]"  # cp437, cp850: M„ntym„ki
    r"|[a-z][ŠŽŒ]|\ufffd"  # Macintosh: MŠntymŠki
)
"""What no Finnish or Swedish text holds, and a wrongly read one soon does."""


def _doubtful(source: str, path: Path, text: str, place: int) -> Broken:
    number = text.count("\n", 0, place) + 1
    line = clean(text.splitlines()[number - 1])
    return Broken(
        f"{source}: the characters of {path.name} are doubtful: line {number} reads “{(line or '')[:120]}”.",
        next_step=_name_encoding(source),
    )


def _name_encoding(source: str) -> str:
    if ":" in source:  # an import: no source in the settings has a name with a colon
        return N_("Save it as “CSV UTF-8”, or name its encoding: --encoding cp850.")
    return f"Save it as “CSV UTF-8”, or set sources.{source}.encoding."


def _encodings(content: bytes) -> Iterator[str]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield "utf-16"
    else:
        yield "utf-8-sig"
        yield "cp1252"


def _separator(text: str, wanted: Collection[str]) -> str:
    """The separator that finds most of the wanted columns somewhere in the first lines; then the one that makes most cells."""
    lines = list(text.splitlines()[:20])

    def score(separator: str) -> tuple[int, int]:
        rows = list(csv.reader(lines, delimiter=separator, strict=False))
        found = max((sum(header(cell) in wanted for cell in row) for row in rows), default=0)
        return found, max(map(len, rows), default=0)

    return max((";", ",", "\t"), key=score)
