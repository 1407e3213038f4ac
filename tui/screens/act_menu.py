"""What can be done to one device from afar: a box to choose from, with what each act does, and why others are not offered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.strip import Strip

from devreg.domain.sorting import fold
from devreg.i18n import Catalogue
from tui.cells import word
from tui.keys import Where, bindings
from tui.plain import Span, wrap
from tui.screens.choices import ChoiceScreen
from tui.widgets.line_list import Item
from tui.widgets.painted import Painted

if TYPE_CHECKING:
    from devreg.services.remote_menu import Choice, Menu

REPORT_LOST = "report lost"
"""Stands in the menu for the change of state, with the lock where there is one."""


class Detail(Painted):
    """What the act under the cursor does."""

    DEFAULT_CSS = "Detail { height: 4; margin-bottom: 1; background: $bar; }"

    def __init__(self) -> None:
        super().__init__()
        self._said: tuple[str, str] = ("", "")

    def say(self, text: str, ink: str) -> None:
        """This, from now on."""
        self._said = (text, ink)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of it."""
        text, ink = self._said
        lines = wrap(text, max(1, self.size.width - 1))
        return self.paint((Span(" "), Span(lines[y], ink)) if y < len(lines) else ())


class ActMenu(ChoiceScreen["Choice | int | str"]):
    """Dismissed with a choice, the number of an action that is open already, or `REPORT_LOST`."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.CHOICE)
    DEFAULT_CSS = "ActMenu LineList { max-height: 12; }"

    def __init__(self, menu: Menu, about: str, t: Catalogue) -> None:
        super().__init__(about, t("A few letters of what to do"), t("No such act"))
        self._menu = menu
        self._t = t
        self._detail = Detail()

    def compose(self) -> ComposeResult:
        """Title, field, list, and what it does."""
        yield from super().compose()

    def on_mount(self) -> None:
        """The detail stands under the list."""
        self.list.parent.mount(self._detail, after=self.list)  # type: ignore[union-attr]
        super().on_mount()

    def items(self, text: str) -> Sequence[Item]:
        """Open ones first, then the lost device's way, then act by act."""
        t, found = self._t, []
        for intent in self._menu.open:
            said = t("Open: {act}, {standing}", act=word(intent.bound.act, t), standing=word(intent.standing, t))
            found.append(Item(said, f"A{intent.id:06d}", intent.id, "warn"))
        if self._menu.can_be_lost:
            lock = self._menu.lock
            said, through = (t("Report lost and lock"), lock.source) if lock else (t("Report lost"), "")
            found.append(Item(said, through, REPORT_LOST, "strong"))
        for choice in self._menu.choices:
            ink = "dim" if choice.why_not else "bad" if choice.is_destructive else ""
            name = word(choice.act, t)
            found.append(
                Item(t("{act} (not offered)", act=name) if choice.why_not else name, choice.source, choice, ink)
            )
        words = fold(text).split()
        return [item for item in found if all(part in fold(item.text) for part in words)]

    def narrow(self, text: str) -> None:
        """As every choice, with its detail."""
        super().narrow(text)
        self._tell()

    def action_move(self, steps: int) -> None:
        """As every choice, with its detail."""
        super().action_move(steps)
        self._tell()

    def action_accept(self) -> None:
        """Take it, unless it is not offered."""
        value = self.list.value
        if getattr(value, "why_not", None):
            self._tell()
            self.app.bell()
        else:
            super().action_accept()

    def _tell(self) -> None:
        t, value = self._t, self.list.value
        if value is None:
            empty = t("No management tool has this device: nothing can be done to it from afar.")
            self._detail.say("" if self._menu.choices else empty, "warn")
        elif value == REPORT_LOST:
            self._tell_of_loss()
        elif isinstance(value, int):
            self._detail.say(t("Opens the page of this action."), "")
        else:
            self._tell_of(value)  # type: ignore[arg-type]

    def _tell_of_loss(self) -> None:
        t = self._t
        if self._menu.lock is None:
            said = t("Its state becomes lost; what to do instead is shown first.")
            self._detail.say(f"{t(self._menu.instead[0])} {said}", "warn")
        else:
            said = t(
                "Its state becomes lost, and it is locked at once. Nothing on it is erased; a wipe can be asked for next."
            )
            self._detail.say(said, "")

    def _tell_of(self, choice: Choice) -> None:
        t = self._t
        if choice.why_not:
            self._detail.say(t(choice.why_not), "warn")
        else:
            self._detail.say(t(choice.consequence), "bad" if choice.is_destructive else "")
