"""A screen that is one long page."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from tui.keys import Where, bindings
from tui.plain import Line, Span, fit, wrap
from tui.screens.base import RegisterScreen
from tui.widgets.painted import OneLine
from tui.widgets.paper import Paper, Section

_LABEL_WIDTH = 22


class PageTitle(OneLine):
    """What the page is about."""

    def spans(self) -> Line:
        """Asked of the screen."""
        screen = self.screen
        return screen.title_spans() if isinstance(screen, PageScreen) else ()


class PageScreen(RegisterScreen):
    """Title and sections; subclasses write them."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.PAGE)
    AUTO_FOCUS = "Paper"

    def __init__(self) -> None:
        super().__init__()
        self.paper = Paper(self.write)

    def body(self) -> Iterable[Widget]:
        """Title above, page below."""
        yield PageTitle()
        yield self.paper

    def write(self, width: int) -> Sequence[Section]:
        """The sections, for a page of `width` cells."""
        raise NotImplementedError

    def title_spans(self) -> list[Span]:
        """What the page is about."""
        raise NotImplementedError

    def places(self) -> tuple[Where, ...]:
        """A page's keys."""
        return (Where.PAGE, Where.APP)

    def reword(self) -> None:
        """Write in the new language."""
        self.paper.rewrite()
        self.refresh_frame()

    @on(Paper.Turned)
    def _turned(self) -> None:
        self.refresh_frame()

    def action_scroll(self, lines: int) -> None:
        """Down, or up."""
        self.paper.scroll_lines(lines)

    def action_page(self, pages: int) -> None:
        """A screenful."""
        self.paper.scroll_pages(pages)

    def action_first(self) -> None:
        """To the top."""
        self.paper.scroll_all(-1)

    def action_last(self) -> None:
        """To the end."""
        self.paper.scroll_all(1)

    def action_leave(self) -> None:
        """Back to where the page was opened."""
        self.dismiss()

    def action_devices(self) -> None:
        """Devices that belong to this; only some pages have them."""


def labelled(label: str, value: str, width: int, ink: str = "") -> list[Line]:
    """A label and its value, the value wrapped in its own column."""
    label_width = min(_LABEL_WIDTH, width // 3)
    pieces = wrap(value, max(1, width - label_width - 2))
    heads = [label, *[""] * (len(pieces) - 1)]
    return [
        (Span(fit(head, label_width) + "  ", "dim"), Span(piece, ink))
        for head, piece in zip(heads, pieces, strict=True)
    ]
