"""What a form is made of: fields for a line of text, one that has to be typed by hand, a choice, and buttons."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget

from tui.plain import Line, Span, width_of
from tui.widgets.painted import OneLine
from tui.widgets.search_box import TextBox

LABEL_WIDTH = 24


class TypedBox(TextBox):
    """A field that takes what is typed, and nothing that is pasted or dropped: who confirms has read what they type."""

    def __init__(
        self, on_text: Callable[[str], None], on_enter: Callable[[], None], refused: Callable[[], None]
    ) -> None:
        super().__init__(on_text, on_enter)
        self._refused = refused

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self._refused()

    def action_paste(self) -> None:
        """The app's own clipboard is no reading either."""
        self._refused()


class Label(OneLine):
    """What a field is for."""

    DEFAULT_CSS = f"Label {{ width: {LABEL_WIDTH}; }}"

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def spans(self) -> Line:
        """The text, bright where somebody types."""
        here = any(sibling.has_focus for sibling in self.siblings)
        return (Span(self._text, "strong" if here else "dim"),)


class Labelled(Horizontal):
    """A field behind its label."""

    DEFAULT_CSS = """
    Labelled { height: 1; }
    Labelled TextBox { background: $background; padding: 0 1; }
    """

    def __init__(self, label: str, field: Widget) -> None:
        super().__init__()
        self._label, self._field = label, field

    def compose(self) -> ComposeResult:
        """Both."""
        yield Label(self._label)
        yield self._field

    def on_descendant_focus(self) -> None:
        """The label lights up."""
        self.query_one(Label).refresh()

    def on_descendant_blur(self) -> None:
        """And goes dim."""
        self.query_one(Label).refresh()


class Cycle(OneLine, can_focus=True):
    """One of a few values, changed by the arrows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", show=False),
        Binding("right,space", "turn(1)", show=False),
    ]

    def __init__(self, values: Sequence[tuple[str, object]]) -> None:
        super().__init__()
        self._values = values
        self._at = 0

    @property
    def value(self) -> object:
        """What is chosen."""
        return self._values[self._at][1]

    def spans(self) -> Line:
        """Between arrows."""
        ink = "cell" if self.has_focus else ""
        return Span(" ◂ ", "dim"), Span(f" {self._values[self._at][0]} ", ink), Span(" ▸", "dim")

    def action_turn(self, steps: int) -> None:
        """The next value, or the one before."""
        self._at = (self._at + steps) % len(self._values)
        self.refresh()

    async def on_click(self, event: events.Click) -> None:
        """The next."""
        event.stop()
        self.action_turn(1)


class Button(OneLine, can_focus=True):
    """Something to do with Enter, once it is in focus."""

    DEFAULT_CSS = "Button { width: auto; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "press", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    class Pressed(Message):
        """It was pressed."""

        def __init__(self, button: "Button") -> None:
            super().__init__()
            self.button = button

    def __init__(self, text: str, ink: str = "") -> None:
        super().__init__()
        self.text, self._ink = text, ink

    def get_content_width(self, container: object, viewport: object) -> int:
        """As wide as its text."""
        return width_of(self.spans())

    def spans(self) -> Line:
        """In brackets; bright where Enter presses it."""
        if self.has_focus:
            return Span(" "), Span(f"▸ {self.text} ◂", "tab strong"), Span(" ")
        return Span(" "), Span(f"[ {self.text} ]", self._ink or "dim"), Span(" ")

    def action_press(self) -> None:
        """Press it."""
        self.post_message(self.Pressed(self))

    async def on_click(self, event: events.Click) -> None:
        """A click presses."""
        event.stop()
        self.action_press()
