"""While an order is on its way: where to sign in, and a way to stop waiting for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from devreg.i18n import Catalogue
from tui.keys import Where, bindings
from tui.plain import Line, Span, wrap
from tui.screens.form import FormScreen


class SendingScreen(FormScreen[str]):
    """Shows what the sender tells; Esc or Cancel ends the waiting for a sign-in, never an order that has left."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.FORM), Binding("y", "copy", show=False)]

    def __init__(self, t: Catalogue, title: str, has_left: Callable[[], bool]) -> None:
        super().__init__(t, title, "")
        self._told: list[str] = []
        self._given_up = threading.Event()
        self._has_left = has_left

    def gave_up(self) -> bool:
        """Whether the person has closed it; asked from the thread that waits."""
        return self._given_up.is_set() or self._has_left()

    def say(self, text: str) -> None:
        """One more text, such as the address to open."""
        self._told.append(text)
        if self.is_mounted:
            self.refit()

    def lines(self, width: int) -> Sequence[Line]:
        """What was told so far."""
        if self._given_up.is_set():
            return [
                (
                    Span(
                        self.t("No longer waiting for the sign-in; this closes as soon as it is known what came of it.")
                    ),
                )
            ]
        waiting = self.t(
            "Waiting… If a sign-in is needed, a browser opens, or its address is shown here (y copies it)."
        )
        return [(Span(piece, ink),) for text, ink in [(waiting, "dim"), *((told, "strong") for told in self._told)]
                for line in text.split("\n") for piece in wrap(line, width)]  # fmt: skip

    def action_copy(self) -> None:
        """The last text to the clipboard, through the terminal."""
        if self._told:
            self.app.copy_to_clipboard(next((word for word in self._told[-1].split() if "://" in word), self._told[-1]))

    def action_leave(self) -> None:
        """Stop waiting; the box closes when the thread says how it ended."""
        self._given_up.set()
        self.refit()

    def action_do(self) -> None:
        """There is nothing to do here."""

    def answer(self) -> str:
        """Nothing."""
        return ""
