"""Errors named by what the caller does about them.

Each message says what failed, for what, and what to do next; none carries a secret or a whole payload.
"""


class DevregError(Exception):
    """An error that a person can act on; the command line prints it without a traceback."""

    def __init__(self, what: str, *, next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.what} {self.next_step}".strip()


class Retryable(DevregError):
    """Nothing wrong on our side: the same read may work later (timeout, 429, 5xx)."""


class OutOfTime(Retryable):
    """Stopped by its own budget: the next run goes on from the last checkpoint."""


class Refused(DevregError):
    """The other side answered and said no: credentials, rights, licence."""


class Broken(DevregError):
    """The answer can't be used: half a page, HTML instead of JSON, a sheet without its column."""


class Misconfigured(DevregError):
    """Settings are wrong; nothing was tried. Exit code 2."""


class AlreadyRunning(DevregError):
    """Another process holds the run of this source. Exit code 3."""


class DatabaseUnavailable(DevregError):
    """The database can't be opened, reached or written. Exit code 4."""


class TakenBack(DatabaseUnavailable):
    """Another unit of work got in the way and the database undid this one: done again, it may work. Exit code 4."""


class NotFound(DevregError):
    """No device, unit or run answers to what was asked. Exit code 1."""


class Conflict(DevregError):
    """Somebody else changed it meanwhile; nothing was written. Exit code 1."""


class Ambiguous(DevregError):
    """More than one answers to it; all are listed, none is chosen. Exit code 1."""
