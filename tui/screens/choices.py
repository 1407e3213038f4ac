"""A box over the screen to choose from a list, narrowed by typing."""

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.keys import Where, bindings
from tui.plain import Line, Span
from tui.widgets.line_list import Item, LineList
from tui.widgets.painted import OneLine
from tui.widgets.search_box import TextBox

R = TypeVar("R")


class Title(OneLine):
    """What is chosen here."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def spans(self) -> Line:
        """The text."""
        return (Span(" " + self._text, "strong"),)


class ChoiceScreen(ModalScreen[R | None], Generic[R]):
    """Title, field, list; the field keeps the focus and the arrows move in the list."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.CHOICE)
    DEFAULT_CSS = """
    ChoiceScreen { align: center top; background: $background 40%; }
    ChoiceScreen > Vertical { width: 64; max-width: 100%; height: auto; max-height: 100%; margin-top: 2; background: $bar; padding: 0 1; }
    ChoiceScreen LineList { height: auto; min-height: 1; max-height: 16; margin: 1 0; background: $bar; }
    ChoiceScreen TextBox { background: $background; padding: 0 1; width: 100%; }
    """

    def __init__(self, title: str, hint: str, empty: str) -> None:
        super().__init__()
        self._title = title
        self.list = LineList(empty=empty)
        self.list.always_lit = True
        self.list.can_focus = False
        self.box = TextBox(self.narrow, self.action_accept)
        self.box.placeholder = hint

    def compose(self) -> ComposeResult:
        """Title, field, list."""
        yield Vertical(Title(self._title), self.box, self.list)

    def on_mount(self) -> None:
        """Everything is offered at first."""
        self.narrow("")

    def items(self, text: str) -> Sequence[Item]:
        """What to offer for what was typed."""
        raise NotImplementedError

    def narrow(self, text: str) -> None:
        """Offer what answers to the text."""
        items = self.items(text)
        self.list.show(items)
        self.list.styles.height = max(1, len(items))

    def action_move(self, steps: int) -> None:
        """Up or down in the list."""
        self.list.action_move(steps)

    def action_accept(self) -> None:
        """Take what is under the cursor."""
        self.dismiss(cast("R | None", self.list.value))

    def action_leave(self) -> None:
        """Take nothing."""
        self.dismiss(None)

    @on(LineList.Chosen)
    def _clicked(self, message: LineList.Chosen) -> None:
        message.stop()
        self.action_accept()
