"""What is told of the audit trail outside the database: every row in one file, its end in others; lines of JSON, only added.

A line with `rows` and `hash` is an anchor: the trail then had so many rows, and the last had that hash. A line with `seq` is a
row that was about to be committed; it is proven by the anchor that follows. A line with `answer` is what a management system said to
an order (services.answers). None names a person.
"""

import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import orjson

from devreg.domain.chain import Anchor, Link
from devreg.errors import Refused
from devreg.ports import Outside
from devreg.store.audit import Head

_log: Final = logging.getLogger(__name__)
_FLAGS: Final = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class Place(msgspec.Struct):
    """A file of anchors as it was read."""

    anchors: list[Anchor]
    unreadable: int = 0
    """Lines that make no sense: cut short by a full disk, or not ours."""


def write_rows(outside: Outside, links: Sequence[Link]) -> None:
    """Tell rows before they count, where the settings want that. Raises Refused when the file can't be written."""
    if outside.file is not None:
        _append(outside.file, [_row(link) for link in links])


def confirm(outside: Outside, last: Link, now: datetime) -> None:
    """Tell that rows up to this one count. They do whatever comes of this, so a failure is only logged."""
    if outside.file is None:
        return
    try:
        write_anchor(outside.file, Head(last.seq, last.hash), now)
    except Refused as error:
        _log.warning("row %s of the audit trail is not confirmed outside: %s", last.seq, error.what)


def write_anchor(path: Path, head: Head, now: datetime) -> None:
    """Tell where the trail ends. Raises Refused when the file can't be written."""
    _append(path, [{"at": now, "rows": head.count, "hash": head.hash.hex()}])


def tell(path: Path, said: dict[str, Any]) -> None:
    """Add one line. Raises Refused when the file can't be written."""
    _append(path, [said])


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a file that make sense, oldest first. Raises Refused when it can't be read."""
    for line in _lines(path):
        with suppress(ValueError):
            if isinstance(said := orjson.loads(line), dict):
                yield said


def read(path: Path) -> Place:
    """The anchors in a file, oldest first; none when it is not there yet. Raises Refused when it can't be read."""
    found = Place([])
    for number, line in enumerate(_lines(path), 1):
        try:
            said = orjson.loads(line)
            if "rows" in said:
                at = datetime.fromisoformat(said["at"])
                found.anchors.append(Anchor(int(said["rows"]), bytes.fromhex(said["hash"]), f"{path}:{number}", at))
        except (ValueError, KeyError, TypeError):
            found.unreadable += 1
    return found


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().splitlines() if path.exists() else []
    except OSError as error:
        raise Refused(f"{path} can't be read: {error.strerror or error}.") from error


def _row(link: Link) -> dict[str, Any]:
    deed = {name: value for name, value in msgspec.structs.asdict(link.deed).items() if value is not None}
    return {"seq": link.seq, "at": link.at, **deed, "hash": link.hash.hex()}


def _append(path: Path, lines: Iterable[dict[str, Any]]) -> None:
    """All in one write, on the disk before it returns; a line that an earlier writer left half is ended first."""
    text = b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z) for line in lines)
    try:
        number = os.open(path, _FLAGS, 0o600)
        with os.fdopen(number, "rb+", buffering=0) as file:
            if file.seek(0, os.SEEK_END) and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n":
                text = b"\n" + text
            if file.write(text) != len(text):
                raise OSError(f"only a part of a line could be written to {path}")
            os.fsync(number)
    except OSError as error:
        raise Refused(
            f"The audit trail can't be told to {path}: {error.strerror or error}.",
            next_step="Check the folder, its rights and its space, or [audit] in the settings.",
        ) from error
