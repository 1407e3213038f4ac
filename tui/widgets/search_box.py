"""Text fields: every key that changes one is answered before the next frame."""

from collections.abc import Callable
from typing import ClassVar

from textual.binding import BindingType
from textual.widgets import Input

from tui.keys import Where, bindings
from tui.plain import plain


class TextBox(Input):
    """A one-line field that calls back in the same turn of the loop; a pasted control byte becomes a mark."""

    DEFAULT_CSS = "TextBox { width: 1fr; }"
    ALLOW_SELECT = False

    def __init__(self, on_text: Callable[[str], None], on_enter: Callable[[], None]) -> None:
        super().__init__(compact=True, select_on_focus=False)
        self.cursor_blink = False
        self._on_text = on_text
        self._entered = on_enter

    def put(self, text: str) -> None:
        """Set the text without a call back."""
        on_text, self._on_text = self._on_text, lambda _: None
        self.value = text
        self.cursor_position = len(text)
        self._on_text = on_text

    def validate_value(self, value: str) -> str:
        """What was typed or pasted, fit for a screen."""
        return plain(value)

    def watch_value(self, value: str) -> None:
        """Call back at once: field, rows and count are painted together."""
        with self.app.batch_update():
            self._on_text(value)

    async def action_submit(self) -> None:
        """Enter."""
        self._entered()


class SearchBox(TextBox):
    """The field over a list."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.SEARCH)

    def action_leave(self) -> None:
        """To the rows; what was typed stays."""
        self._entered()

    def action_cancel(self) -> None:
        """Drop what was typed; with nothing typed, to the rows."""
        if self.value:
            self.value = ""
        else:
            self._entered()
