"""What a collector may ask of the register while it reads: what it said before."""

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from devreg.domain.observation import Subject
from devreg.ports import Page
from devreg.services.ingest import Feed, unread
from devreg.store import records, runs
from devreg.store.engine import Session, told_plainly
from devreg.store.repeating import repeats


class SourceMemory:
    """The memory of one source; each question is a short unit of work of its own."""

    def __init__(self, unit: Callable[[], AbstractContextManager[Session]], feed: Feed) -> None:
        self._unit = unit
        self._feed = feed

    @repeats
    def read_whole(self) -> datetime | None:
        """When the source was last read to its end; None when never."""
        with told_plainly("read the register"), self._unit() as session:
            return runs.last_complete(session).get(self._feed.name)

    @repeats
    def notes(self) -> str | None:
        """What the collector noted in an earlier run."""
        with told_plainly("read the register"), self._unit() as session:
            return runs.notes(session, self._feed.name)

    @repeats
    def unread(self, page: Page) -> set[str]:
        """Ids of the page's listed rows that say something else than the last time."""
        with told_plainly("read the register"), self._unit() as session:
            return unread(session, self._feed, page)

    @repeats
    def bodies(self, native_ids: Collection[str]) -> dict[str, dict[str, Any]]:
        """What its device records of these ids last said."""
        with told_plainly("read the register"), self._unit() as session:
            return records.bodies(session, self._feed.name, native_ids)

    @repeats
    def bodies_of(self, part: str, subject: Subject = Subject.DEVICE) -> dict[str, dict[str, Any]]:
        """What its records of a part last said."""
        with told_plainly("read the register"), self._unit() as session:
            return records.bodies_of(session, self._feed.name, part, subject)
