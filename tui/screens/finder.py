"""What stands on both sides of the search field."""

from collections.abc import Callable

from tui.plain import Line, Span
from tui.widgets.painted import OneLine, spread
from tui.widgets.search_box import SearchBox


class Prompt(OneLine):
    """The sign before the search field."""

    DEFAULT_CSS = "Prompt { width: 3; }"

    def spans(self) -> Line:
        """Where typing goes."""
        return (Span(" / ", "link" if isinstance(self.screen.focused, SearchBox) else "dim"),)


class Count(OneLine):
    """How many rows answer, of how many."""

    DEFAULT_CSS = "Count { width: 24; }"

    def __init__(self, said: Callable[[], list[Span]]) -> None:
        super().__init__()
        self._said = said

    def spans(self) -> Line:
        """Flush right."""
        return spread([], self._said(), width=self.size.width)
