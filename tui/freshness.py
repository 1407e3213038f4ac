"""How old the register's knowledge is: the last complete run of each source, and sources that need a look."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from devreg.ports import Query

if TYPE_CHECKING:
    from devreg.services.browse import Browser


_RUNS_LOOKED_AT = 300


class Freshness(msgspec.Struct, frozen=True):
    """What the status line says about the sources."""

    oldest: datetime | None = None
    """End of the oldest among the sources' last complete runs."""
    source: str = ""
    """The source it is of."""
    troubled: tuple[str, ...] = ()
    """Sources whose last run was not complete, or that never had a complete one."""


def read_freshness(browser: Browser) -> Freshness:
    """Freshness from the newest runs."""
    keys = browser.keys("runs", Query(sort="started", descending=True, limit=_RUNS_LOOKED_AT))
    last: dict[str, str] = {}
    complete: dict[str, datetime] = {}
    for run in browser.rows("runs", keys):
        source, verdict, ended = str(run.get("source")), str(run.get("verdict")), run.get("finished")
        if verdict != "running":
            last.setdefault(source, verdict)
        if verdict == "complete" and isinstance(ended, datetime):
            complete.setdefault(source, ended)
    oldest = min(complete.items(), key=lambda item: item[1], default=("", None))
    return Freshness(oldest[1], oldest[0], tuple(sorted(name for name, word in last.items() if word != "complete")))
