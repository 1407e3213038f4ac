"""A box over the screen in which something is looked at once more before it is done; Cancel has the focus."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget

from devreg.i18n import Catalogue
from tui.keys import Where, bindings
from tui.plain import Line, Span, wrap
from tui.screens.choices import Title
from tui.widgets.fields import Button, Cycle, Labelled, TypedBox
from tui.widgets.painted import Painted
from tui.widgets.paper import Paper, Section
from tui.widgets.search_box import TextBox

if TYPE_CHECKING:
    from tui.app import DevregApp

R = TypeVar("R")


class Hint(Painted):
    """Why it can't be done yet; as many lines as that needs."""

    DEFAULT_CSS = "Hint { height: auto; }"

    def __init__(self) -> None:
        super().__init__()
        self._text = ""

    def say(self, text: str) -> None:
        """This, from now on."""
        self._text = text
        self.refresh(layout=True)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """As many lines as the text needs, and one where there is none, so that nothing jumps."""
        return min(3, len(wrap(self._text, max(1, width))))

    def render_line(self, y: int) -> Strip:
        """One line of it."""
        lines = wrap(self._text, max(1, self.size.width))
        return self.paint((Span(lines[y], "warn"),) if y < len(lines) else ())


class FormScreen(ModalScreen[R | None], Generic[R]):
    """Title, facts, fields, Cancel and the deed; dismissed with what `answer` gives, or None."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.FORM)
    AUTO_FOCUS = "#cancel"
    DEFAULT_CSS = """
    FormScreen { align: center middle; background: $background 40%; }
    FormScreen > Vertical { width: 84; max-width: 100%; height: auto; max-height: 100%; background: $bar; padding: 0 2; }
    FormScreen Paper { height: auto; background: $bar; }
    FormScreen #buttons { height: 1; }
    """

    def __init__(self, t: Catalogue, title: str, deed: str, *, is_grave: bool = False) -> None:
        """`deed` is what its button says; "" = there is nothing to do here but to close it."""
        super().__init__()
        self.t = t
        self._title = title
        self._facts = Paper(self._write)
        self._facts.can_focus = False
        self.hint = Hint()
        self.fields: dict[str, Widget] = {}
        self._labels: dict[str, str] = {}
        self._cancel = Button(t("Cancel") if deed else t("Close"))
        self._cancel.id = "cancel"
        self._deed = Button(deed, "bad" if is_grave else "link")
        self._deed.id = "deed"

    # what subclasses say

    def lines(self, width: int) -> Sequence[Line]:
        """What is to be known first."""
        return ()

    def missing(self) -> str:
        """Why it can't be done yet; "" = it can."""
        return ""

    def answer(self) -> R:
        """What the form comes to."""
        raise NotImplementedError

    # fields, added by subclasses before the screen is shown

    def add_text(self, name: str, label: str, value: str = "") -> None:
        """A line of text."""
        box = TextBox(self._changed, self.action_next_field)
        box.value = value
        self._add(name, label, box)

    def add_typed(self, name: str, label: str) -> None:
        """A line that can't be pasted."""
        refusal = self.t("Pasting is refused here: read it off the device, or off the lines above, and type it.")
        self._add(name, label, TypedBox(self._changed, self.action_next_field, lambda: self.hint.say(refusal)))

    def add_choice(self, name: str, label: str, values: Sequence[tuple[str, object]]) -> None:
        """One of a few values."""
        self._add(name, label, Cycle(values))

    def text(self, name: str) -> str:
        """What stands in a field of text; "" where there is none."""
        field = self.fields.get(name)
        return field.value.strip() if isinstance(field, TextBox) else ""

    def chosen(self, name: str) -> object:
        """What is chosen."""
        field = self.fields.get(name)
        return field.value if isinstance(field, Cycle) else None

    def _add(self, name: str, label: str, field: Widget) -> None:
        self.fields[name] = field
        self._labels[name] = label

    # the frame

    def compose(self) -> ComposeResult:
        """Facts above, fields below them, Cancel before the deed."""
        rows = [Labelled(self._labels[name], field) for name, field in self.fields.items()]
        buttons = [self._cancel, self._deed] if self._deed.text else [self._cancel]
        yield Vertical(Title(self._title), self._facts, *rows, self.hint, Horizontal(*buttons, id="buttons"))

    def on_mount(self) -> None:
        """As much room for the facts as they need and there is; the key bar behind it names its keys."""
        self._fit(self.app.size.width, self.app.size.height)
        cast("DevregApp", self.app).refresh_frames()

    def on_resize(self, event: events.Resize) -> None:
        """Another room."""
        self._fit(event.size.width, event.size.height)

    def places(self) -> tuple[Where, ...]:
        """Its keys."""
        return (Where.FORM,)

    def action_next_field(self) -> None:
        """On."""
        self.focus_next()

    def action_previous_field(self) -> None:
        """Back."""
        self.focus_previous()

    def action_scroll(self, direction: int) -> None:
        """Through the facts."""
        self._facts.scroll_pages(direction)

    def action_leave(self) -> None:
        """Nothing is done."""
        self.dismiss(None)

    def action_do(self) -> None:
        """Do it, when nothing is missing."""
        if why := self.missing():
            self.hint.say(why)
            self._focus_first_empty()
        else:
            self.dismiss(self.answer())

    @on(Button.Pressed)
    def _pressed(self, message: Button.Pressed) -> None:
        message.stop()
        if message.button is self._deed:
            self.action_do()
        else:
            self.action_leave()

    def _changed(self, text: str) -> None:
        if self.is_mounted:
            self.hint.say("")

    def _focus_first_empty(self) -> None:
        empty = [name for name, field in self.fields.items() if isinstance(field, TextBox) and not self.text(name)]
        if empty:
            self.fields[empty[0]].focus()

    def _write(self, width: int) -> Sequence[Section]:
        return [Section("", self.lines(width))]

    def refit(self) -> None:
        """The facts have changed."""
        self._fit(self.app.size.width, self.app.size.height)

    def _fit(self, width: int, height: int) -> None:
        room = min(84, width) - 4
        needed = len(self.lines(max(1, room - 3)))
        self._facts.styles.height = max(1, min(needed, height - len(self.fields) - 4))
        self._facts.rewrite()
