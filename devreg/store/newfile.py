"""A file that appears whole or not at all, readable by its owner alone, and never in place of another."""

import contextlib
import glob
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from devreg.errors import Misconfigured

if sys.platform != "win32":
    import fcntl


@contextlib.contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """A hidden part file beside `path` to write to; `path` is made from it when the body ends without an error.

    Parts of `path` that killed processes left go first.

    Raises Misconfigured when something of that name is there, at the start or by then, or the folder can't be written.
    """
    demand_absent(path)
    try:
        _drop_left(path)
        number, part = _part(path)
    except OSError as error:
        raise Misconfigured(f"{path} can't be written: {error.strerror}.") from error
    try:
        yield part
        _flush(part)
        _publish(part, path)
    finally:
        part.unlink(missing_ok=True)
        if number is not None:
            os.close(number)


def demand_absent(path: Path) -> None:
    """Raises Misconfigured when there is something of that name."""
    if os.path.lexists(path):  # a link that leads nowhere too
        raise _taken(path)


def _part(path: Path) -> tuple[int | None, Path]:
    """A new part, and what holds it: a lock that dies with the process. On Windows nothing does, and nothing is cleaned up."""
    while True:
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)  # 0600, O_EXCL
        if sys.platform == "win32":
            os.close(number)
            return None, Path(name)
        fcntl.flock(number, fcntl.LOCK_EX)
        if os.fstat(number).st_nlink:
            return number, Path(name)
        os.close(number)  # somebody took it for a left one before it was locked


def _drop_left(path: Path) -> None:
    """Remove the parts of `path` that nobody holds any more, with what SQLite had beside them."""
    if sys.platform == "win32":
        return
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        number = os.open(left, os.O_RDWR | os.O_NOFOLLOW)
        try:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for tail in ("", "-journal", "-wal", "-shm"):
                    left.with_name(left.name + tail).unlink(missing_ok=True)
        finally:
            os.close(number)


def _taken(path: Path) -> Misconfigured:
    return Misconfigured(f"{path} is there already; nothing is overwritten.", next_step="Give another name.")


def _publish(part: Path, path: Path) -> None:
    try:
        try:
            os.link(part, path)  # fails when the name is taken, which a rename doesn't
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links: take the name first, then put the content there
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            part.replace(path)
    except FileExistsError:
        raise _taken(path) from None
    _flush(path.parent)


def _flush(path: Path) -> None:
    """On the disk, not on its way there. A folder can't be opened on Windows, where its entries need no flushing."""
    if os.name == "nt" and path.is_dir():
        return
    number = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(number)
    finally:
        os.close(number)
