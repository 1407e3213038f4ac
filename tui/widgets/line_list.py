"""A list of lines to choose from: filter values, commands, columns."""

from collections.abc import Sequence
from typing import NamedTuple

from textual import events
from textual.message import Message
from textual.strip import Strip

from tui.plain import Line, Span, fit, width_of
from tui.widgets.painted import Painted


class Item(NamedTuple):
    """One line. Without a value it is a heading, and the cursor passes over it."""

    text: str
    note: str = ""
    """Flush right: a count, a key."""
    value: object = None
    ink: str = ""


class LineList(Painted, can_focus=True):
    """Items under a cursor."""

    DEFAULT_CSS = "LineList { height: 1fr; }"

    class Chosen(Message):
        """Somebody chose the item under the cursor."""

        def __init__(self, source: "LineList", value: object) -> None:
            super().__init__()
            self.source = source
            self.value = value

    def __init__(self, *, empty: str = "") -> None:
        super().__init__()
        self.items: Sequence[Item] = ()
        self.empty = empty
        self.cursor = 0
        self.top = 0
        self.always_lit = False
        """The cursor is bright without focus: the keys are typed into a field beside it."""

    @property
    def value(self) -> object:
        """Value under the cursor; None when there is none."""
        return self.items[self.cursor].value if self.cursor < len(self.items) else None

    def show(self, items: Sequence[Item], value: object = None) -> None:
        """Other items; the cursor goes to `value`, else to the first that can be chosen."""
        self.items = items
        choices = [index for index, item in enumerate(items) if item.value is not None]
        there = [index for index in choices if items[index].value == value]
        self.cursor = (there or choices or [0])[0]
        self.top = self.top if there else 0
        self._bring_into_view()

    def action_move(self, steps: int) -> None:
        """To the next item that can be chosen."""
        choices = [index for index, item in enumerate(self.items) if item.value is not None]
        if choices:
            place = choices.index(self.cursor) if self.cursor in choices else 0
            self.cursor = choices[max(0, min(place + steps, len(choices) - 1))]
            self._bring_into_view()

    def action_page(self, pages: int) -> None:
        """A screenful on, or back."""
        self.action_move(pages * max(1, self.size.height - 1))

    def action_choose(self) -> None:
        """Choose what is under the cursor."""
        if self.value is not None:
            self.post_message(self.Chosen(self, self.value))

    def on_click(self, event: events.Click) -> None:
        """A click chooses."""
        index = self.top + event.y
        if index < len(self.items) and self.items[index].value is not None:
            self.cursor = index
            self.refresh()
            self.action_choose()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves the cursor."""
        event.stop()
        self.action_move(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """As above."""
        event.stop()
        self.action_move(-1)

    def on_resize(self) -> None:
        """Keep the cursor in view."""
        self._bring_into_view()

    def render_line(self, y: int) -> Strip:
        """One item."""
        index = self.top + y
        if index >= len(self.items):
            return self.paint((Span("  " + self.empty, "dim"),) if y == 0 and not self.items else ())
        lit = index == self.cursor and self.items[index].value is not None
        bright = self.has_focus or self.always_lit
        return self.paint(
            self._line(self.items[index], lit and bright), ("row" if bright else "row-away") if lit else ""
        )

    def _line(self, item: Item, lit: bool) -> Line:
        note = Span(f" {item.note} " if item.note else "", "dim")
        room = self.size.width - 1 - width_of((note,))
        return Span("▌" if lit else " ", "link"), Span(fit(item.text, room), item.ink), note

    def _bring_into_view(self) -> None:
        height = max(1, self.size.height)
        heading_above = self.cursor - 1 if self.cursor and self.items[self.cursor - 1].value is None else self.cursor
        self.top = max(0, self.cursor - height + 1, min(self.top, heading_above, len(self.items) - height))
        self.refresh()
