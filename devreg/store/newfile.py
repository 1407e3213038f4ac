"""A file that appears whole or not at all, readable by its owner alone, and never in place of another."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from devreg.errors import Misconfigured


@contextlib.contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """A hidden part file beside `path` to write to; `path` is made from it when the body ends without an error.

    Raises Misconfigured when something of that name is there, at the start or by then, or the folder can't be written.
    """
    demand_absent(path)
    try:
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)  # 0600, O_EXCL
    except OSError as error:
        raise Misconfigured(f"{path} can't be written: {error.strerror}.") from error
    os.close(number)
    part = Path(name)
    try:
        yield part
        _flush(part)
        _publish(part, path)
    finally:
        part.unlink(missing_ok=True)


def demand_absent(path: Path) -> None:
    """Raises Misconfigured when there is something of that name."""
    if os.path.lexists(path):  # a link that leads nowhere too
        raise _taken(path)


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
