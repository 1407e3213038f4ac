"""All targets at once on an event loop in a thread of its own; their outcomes come out in the order of the targets."""

import asyncio
import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

import msgspec

from collectors.snmp.access import Access
from collectors.snmp.options import SnmpOptions, Target
from collectors.snmp.reading import Reading
from collectors.snmp.vendors import Rules
from devreg.domain.job import Job

if TYPE_CHECKING:
    from collectors.snmp.visitor import Visitor

_log = logging.getLogger(__name__)
_AHEAD: Final = 1_000
"""How many targets may be under way or waiting for a slow one before them; bounds memory."""
_CHUNK: Final = 50


class Outcome(msgspec.Struct, frozen=True):
    """How the visit to one target ended."""

    target: Target
    reading: Reading | None = None
    answered_at: datetime | None = None
    credential: str | None = None
    """The set that worked."""
    problem: str | None = None
    """Why there is no reading, as a sentence with the next step."""
    silent: bool = False
    """Nothing answered at all: perhaps nobody lives there."""


class Scan:
    """One pass over targets."""

    def __init__(
        self,
        options: SnmpOptions,
        access: Mapping[str, Access],
        rules: Rules,
        *,
        job: Job | None = None,
        credentials: Mapping[str, str] | None = None,
    ) -> None:
        self._options = options
        self._access = access
        self._rules = rules
        self._job = job
        self._credentials = credentials or {}
        self._done: queue.SimpleQueue[tuple[int, Outcome] | Exception] = queue.SimpleQueue()
        self._room = asyncio.Semaphore(_AHEAD)

    def outcomes(self, targets: Sequence[Target]) -> Iterator[list[Outcome]]:
        """Outcomes in the order of the targets, as many at a time as are ready. Closing the iterator ends the scan."""
        started: queue.SimpleQueue[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = queue.SimpleQueue()
        thread = threading.Thread(target=self._work, args=(targets, started), name="snmp", daemon=True)
        thread.start()
        loop, task = started.get()
        try:
            for ready in self._in_order(len(targets)):
                yield ready
                _call(loop, self._make_room, len(ready))
        finally:
            _call(loop, task.cancel)
            thread.join()

    def _in_order(self, total: int) -> Iterator[list[Outcome]]:
        early: dict[int, Outcome] = {}
        position = 0
        while position < total:
            while position not in early:
                item = self._done.get()
                if isinstance(item, Exception):
                    raise item
                early[item[0]] = item[1]
            ready: list[Outcome] = []
            while position in early and len(ready) < _CHUNK:
                ready.append(early.pop(position))
                position += 1
            yield ready

    def _make_room(self, count: int) -> None:
        for _ in range(count):
            self._room.release()

    def _work(
        self,
        targets: Sequence[Target],
        started: "queue.SimpleQueue[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]]",
    ) -> None:
        async def whole() -> None:
            task = asyncio.current_task()
            assert task is not None  # noqa: S101  always so inside a coroutine that asyncio.run runs
            started.put((asyncio.get_running_loop(), task))
            await self._visit_all(targets)

        try:
            asyncio.run(whole())
        except asyncio.CancelledError:
            return
        except Exception as error:  # noqa: BLE001  raised again in the thread that waits for outcomes
            self._done.put(error)

    async def _visit_all(self, targets: Sequence[Target]) -> None:
        from collectors.snmp.visitor import Visitor  # brings pysnmp, 80 ms that only a scan should cost

        visitor = Visitor(self._options, self._access, self._rules, job=self._job, credentials=self._credentials)
        try:
            async with asyncio.TaskGroup() as group:
                for place, target in enumerate(targets):
                    await self._room.acquire()
                    group.create_task(self._visit(visitor, place, target))
        finally:
            visitor.close()

    async def _visit(self, visitor: "Visitor", place: int, target: Target) -> None:
        try:
            outcome = await visitor.visit(target)
        except Exception:  # noqa: BLE001  one device, however odd, never ends the visits to the others
            _log.exception("visiting %s failed", target.label)
            outcome = Outcome(target, problem="an error of this program; its log has the details")
        self._done.put((place, outcome))


def _call(loop: asyncio.AbstractEventLoop, function: Callable[..., object], *args: object) -> None:
    with contextlib.suppress(RuntimeError):  # the loop has ended: nothing is left to tell it
        loop.call_soon_threadsafe(function, *args)
