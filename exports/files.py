"""Files that appear whole or not at all."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devreg.errors import Misconfigured, Refused


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """A path to write to; it takes the place of `out` when the block ends well, and is removed when it does not.

    Raises Misconfigured when the folder does not exist or `out` is a folder, Refused when the file is open elsewhere or
    can't be written.
    """
    out = out.resolve()
    if not out.parent.is_dir():
        raise Misconfigured(
            f"{out} can't be written: the folder {out.parent} does not exist.", next_step="Create it first."
        )
    if out.is_dir():
        raise Misconfigured(f"{out} can't be written: it is a folder.", next_step="Name a file.")
    _refuse_if_open(out)
    part = out.with_name(f".{out.stem[:60]}.{secrets.token_hex(6)}.part{out.suffix}")
    try:
        yield part
        if out.exists():
            shutil.copymode(out, part)
        part.replace(out)
    except OSError as error:
        raise Refused(
            f"{out} can't be written: {error.strerror or error}.",
            next_step="Close it where it is open, or check the rights and the space of its folder. Nothing was changed.",
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _refuse_if_open(out: Path) -> None:
    """Excel and LibreOffice leave a small file beside an open one; elsewhere than on Windows nothing else would stop us."""
    for mark in (out.with_name(f"~${out.name}"), out.with_name(f".~lock.{out.name}#")):
        if mark.exists():
            raise Refused(
                f"{out} can't be written: it is open (there is {mark.name}).",
                next_step=f"Close it and try again; if nobody has it open, delete {mark.name}.",
            )
