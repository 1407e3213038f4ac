"""The one door to data: short reads at once, slow ones in a thread, stale answers dropped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from textual.app import App

from devreg.errors import Ambiguous, DevregError, NotFound, Refused
from devreg.i18n import Catalogue

if TYPE_CHECKING:
    from devreg.services.browse import Browser

T = TypeVar("T")

BUDGET_S: Final = 0.06
"""A kind of read that took longer than this goes to a thread next time, so that no key waits for it."""


class Audience(Protocol):
    """Who hears about failed and mended reads."""

    def read_failed(self, error: Exception) -> None:
        """The register could not be read."""
        ...

    def read_worked(self) -> None:
        """The register answered."""
        ...


class _Job:
    def __init__(
        self, read: Callable[[Browser], Any], done: Callable[[Any], None], refused: Callable[[DevregError], None] | None
    ) -> None:
        self.read = read
        self.done = done
        self.refused = refused


class Loader:
    """Runs reads of a browser for the event loop; use it on the loop's thread only.

    A slot names one kind of answer on screen (the key vector, one page, the counts). A newer read of a slot makes the
    older one's answer stale; at most one thread a slot is under way, and it is a daemon: quitting waits for nothing.
    """

    def __init__(self, app: App[Any], browser: Browser | Callable[[], Browser], audience: Audience) -> None:
        self._app = app
        self._opener = browser if callable(browser) else None
        self._browser = None if callable(browser) else browser
        self._opening = threading.Lock()
        self._audience = audience
        self._took: dict[str, float] = {}
        self._wanted: dict[str, _Job] = {}
        self._running: set[str] = set()
        self._well = True
        self.budget_s = BUDGET_S

    def read(
        self,
        slot: str,
        read: Callable[[Browser], T],
        done: Callable[[T], None],
        *,
        refused: Callable[[DevregError], None] | None = None,
        patient: bool = False,
    ) -> None:
        """Call `done` with what `read` gives: before returning where the door allows it, else later.

        `refused` hears NotFound, Ambiguous and Refused, which are answers; any other failure reaches the audience.
        `patient` reads may take long and always run in a thread.
        """
        job = _Job(read, done, refused)
        if self._is_quick(slot) and not patient:
            self._wanted.pop(slot, None)
            self._settle(slot, job, *self._attempt(job))
            return
        self._wanted[slot] = job
        if slot not in self._running:
            self._start(slot)

    @property
    def is_open(self) -> bool:
        """Whether the register is at hand, so that a read need not wait for its opening."""
        return self._browser is not None

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._wanted)

    def forget(self, slot: str) -> None:
        """Drop the answer that is still to come."""
        self._wanted.pop(slot, None)

    def _is_quick(self, slot: str) -> bool:
        return (
            self._well
            and bool(getattr(self._browser, "quick_ok", False))
            and self._took.get(slot, 0.0) <= self.budget_s
        )

    def _start(self, slot: str) -> None:
        self._running.add(slot)
        threading.Thread(target=self._work, args=(slot, self._wanted[slot]), name=f"read-{slot}", daemon=True).start()

    def _work(self, slot: str, job: _Job) -> None:
        outcome = self._attempt(job)
        self._app.call_later(self._finish, slot, job, *outcome)

    def _finish(self, slot: str, job: _Job, answer: object, error: Exception | None, took: float) -> None:
        self._running.discard(slot)
        if self._wanted.get(slot) is job:
            del self._wanted[slot]
            self._settle(slot, job, answer, error, took)
        if slot in self._wanted and slot not in self._running:
            self._start(slot)

    def _attempt(self, job: _Job) -> tuple[object, Exception | None, float]:
        began = perf_counter()
        try:
            return job.read(self._opened()), None, perf_counter() - began
        except Exception as error:  # noqa: BLE001  whatever a read raises becomes a banner; a screen never falls over it
            return None, error, perf_counter() - began

    def _opened(self) -> Browser:
        with self._opening:
            if self._browser is None:
                assert self._opener is not None  # noqa: S101  set where the browser is not
                self._browser = self._opener()
            return self._browser

    def _settle(self, slot: str, job: _Job, answer: object, error: Exception | None, took: float) -> None:
        self._took[slot] = took
        if isinstance(error, (NotFound, Ambiguous, Refused)) and job.refused is not None:
            job.refused(error)
            return
        self._well = error is None
        if error is not None:
            self._audience.read_failed(error)
            return
        self._audience.read_worked()
        job.done(answer)


def sentence(error: BaseException | None, t: Catalogue) -> str:
    """What to tell a person: our own errors speak for themselves, of others only the kind is told (they may hold secrets)."""
    return t.told(error) if isinstance(error, DevregError) else type(error).__name__
