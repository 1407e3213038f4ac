"""What the program says of its own faults, on stderr: where they arose, and nothing that a source or a secret said.

Python itself would print each error's message, and those of foreign code quote what they choked on (safety.md 29 and 41).
"""

import contextlib
import logging
import re
import sys
import traceback
from types import TracebackType
from typing import Final

from devreg.text import marked, masked

_SECRET: Final = re.compile(
    r"(\bbearer\s+|\b(?:client_secret|client_assertion|assertion|password|community|(?:\w+_)?token)\b[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;]+"
    r"|\beyJ[\w-]{8,}(?:\.[\w-]+)*",
    re.IGNORECASE,
)
"""What announces itself as a secret, and a signed token (JWT), which begins so."""
_Cause = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def begin() -> None:
    """Log warnings and worse in this process, each line safe to keep."""
    handler = _Stderr()
    handler.setFormatter(_Safe("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


class _Stderr(logging.Handler):
    """To whatever stderr is when it is written: a progress bar and a test put another in its place."""

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(OSError, ValueError):  # a stderr that is gone stops no run
            sys.stderr.write(f"{self.format(record)}\n")


class _Safe(logging.Formatter):
    """Lines without secrets and personal identity codes; of an error its kind and its place, not its message."""

    def format(self, record: logging.LogRecord) -> str:
        said = _SECRET.sub(lambda found: f"{found[1] or ''}***", masked(super().format(record)))
        return "\n".join(marked(line) for line in said.splitlines())

    def formatException(self, ei: _Cause) -> str:  # noqa: N802  the name is logging's
        told: list[str] = []
        error = ei[1]
        while error is not None:
            told = [*traceback.format_tb(error.__traceback__), type(error).__name__, "\n", *told]
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return f"Traceback, without what the errors say:\n{''.join(told)}".rstrip()
