"""A source's pages for as long as its run may take."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from queue import Empty, SimpleQueue

from devreg.errors import OutOfTime
from devreg.ports import Page
from devreg.strict import span_text


def in_time(pages: Iterator[Page], name: str, budget: timedelta) -> Iterator[Page]:
    """The same pages in their order; OutOfTime when the budget is used up, even in the middle of a page that never comes.

    They are read in a thread of their own, one page ahead: the source is asked for the next one while this one is kept. Out of time
    the thread is left alone: it ends with the page it waits for, or with the process.
    """
    over = time.monotonic() + budget.total_seconds()
    wanted: SimpleQueue[bool] = SimpleQueue()
    given: SimpleQueue[Page | BaseException | None] = SimpleQueue()
    threading.Thread(target=_read, args=(pages, wanted, given), name=f"reads {name}", daemon=True).start()
    try:
        wanted.put(True)
        while True:
            try:
                found = given.get(timeout=max(over - time.monotonic(), 0.0))
            except Empty:
                raise OutOfTime(
                    f"Its time was over: a run of {name} may take {span_text(budget)}.",
                    next_step=f"Look why it is slow, or raise sources.{name}.budget. What came is kept.",
                ) from None
            if isinstance(found, BaseException):
                raise found
            if found is None:
                return
            wanted.put(True)
            yield found
    finally:
        wanted.put(False)


def _read(
    pages: Iterator[Page], wanted: "SimpleQueue[bool]", given: "SimpleQueue[Page | BaseException | None]"
) -> None:
    """Give a page each time one is wanted, then None; or what went wrong."""
    try:
        while wanted.get():
            given.put(next(pages, None))
    except BaseException as error:  # noqa: BLE001  raised anew where the run is
        given.put(error)
    finally:
        close = getattr(pages, "close", None)  # a generator gives back its connections
        if close is not None:
            close()
