"""What people do from a screen: one thing at a time, in a thread of its own that is seen through to its end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from textual.app import App

T = TypeVar("T")


class Deeds:
    """Runs acts for the event loop; use it on the loop's thread only.

    Unlike a read, what is under way is never dropped: a program that is closed meanwhile ends when the act has, so that its answer
    is written down.
    """

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._left = threading.Event()
        self.busy = False

    def do(self, deed: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]) -> bool:
        """Call one of both with what came of it; False, and nothing is done, while something else is under way."""
        if self.busy:
            return False
        self.busy = True
        threading.Thread(target=self._work, args=(deed, done, failed), name="deed").start()
        return True

    def leave(self) -> None:
        """The screen is closed: nobody signs in any more."""
        self._left.set()

    def has_left(self) -> bool:
        """Whether nobody is there any more to sign in."""
        return self._left.is_set()

    def _work(self, deed: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]) -> None:
        try:
            answer = deed()
        except Exception as error:  # noqa: BLE001  whatever it was is told to the person; a screen never falls over it
            self._back(failed, error)
        else:
            self._back(done, answer)

    def _back(self, hear: Callable[[Any], None], heard: object) -> None:
        with suppress(RuntimeError):  # the program was closed meanwhile: what came of it stands in the register
            self._app.call_later(self._settle, hear, heard)

    def _settle(self, hear: Callable[[Any], None], heard: object) -> None:
        self.busy = False
        hear(heard)
