"""What a run knows from the one before: whether its source is as it was, and what names of units mean.

A reader that can tell that nothing changed has `recall(memo)` and leaves a `memo()`; so far only sheets do.
"""

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

import msgspec
import orjson

from devreg.domain.absence import Verdict
from devreg.ports import Page
from devreg.services.ingest import Feed
from devreg.services.unit_names import UnitNames, unit_names
from devreg.store import memos
from devreg.store.engine import Session
from devreg.store.memos import Memo
from devreg.store.runs import Begun, Counts, Ended

_SHEET: Final = "sheet"


class Before(msgspec.Struct, frozen=True):
    """Of one run."""

    reading: str = ""
    names: UnitNames | None = None
    is_same: bool = False
    """The source is as the run before left it, and that one had nothing to say."""

    def pages(self, read: Callable[[], Iterator[Page]]) -> Iterator[Page]:
        """What has to be read: nothing where everything is as it was."""
        if self.is_same:
            return
        for page in read():
            yield page if self.names is None else self.names.clear(page)

    def told(self) -> tuple[str, ...]:
        """What of the rows a person should correct."""
        return () if self.names is None else self.names.told()


def look_back(
    session: Session, collector: Any, feed: Feed, begun: Begun, latest: int | None, now: datetime
) -> tuple[Before, Begun]:
    """What is known before the first page; where the source is as it was, its records are seen again at once."""
    names = unit_names(session) if feed.kind == _SHEET else None
    before = Before(_reading(feed, names), names)
    memo = memos.of(session, feed.name) if hasattr(collector, "recall") else None
    if memo is None or not collector.recall(memo.memo):
        return before, begun
    if not memo.quiet or memo.reading != before.reading or memo.run_id != latest or begun.counts.seen or begun.goes_on:
        return before, begun
    seen = memos.seen_again(session, memo.run_id, begun.run_id, now)
    counts = Counts(seen=seen, same=seen)
    return msgspec.structs.replace(before, is_same=True), msgspec.structs.replace(begun, counts=counts)


def leave(session: Session, collector: Any, before: Before, ended: Ended) -> None:
    """Keep for the next run what this one, which read the source whole by itself, wants it to know."""
    is_one_run = ended.verdict == Verdict.COMPLETE and ended.pass_run is None
    memo = collector.memo() if hasattr(collector, "memo") and is_one_run else None
    if memo is not None:
        is_quiet = not ended.warnings and not ended.counts.rejected
        memos.keep(session, ended.source, Memo(ended.run_id, memo, before.reading, is_quiet))


def _reading(feed: Feed, names: UnitNames | None) -> str:
    said = {} if names is None else {name: sorted(ids) for name, ids in names.by_name.items()}
    return hashlib.sha256(orjson.dumps([feed.mapping, said], option=orjson.OPT_SORT_KEYS)).hexdigest()
