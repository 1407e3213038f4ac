"""A long page of lines that is scrolled, with sections to jump to."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from textual import events
from textual.message import Message
from textual.strip import Strip

from tui.plain import Line, Span
from tui.widgets.painted import Painted, thumb


class Section(NamedTuple):
    """A titled part of a page."""

    title: str
    lines: Sequence[Line]
    size: int | None = None


class Paper(Painted, can_focus=True):
    """Sections one under the other; they are written anew for every width."""

    DEFAULT_CSS = "Paper { height: 1fr; }"

    class Turned(Message):
        """Another part of the page is in view."""

    def __init__(self, write: Callable[[int], Sequence[Section]]) -> None:
        super().__init__()
        self._write = write
        self._lines: list[Line] = []
        self._starts: list[int] = []
        self.sections: Sequence[Section] = ()
        self.section = 0
        """The section somebody jumped to, or that stands at the top."""
        self.top = 0

    def rewrite(self, *, from_top: bool = False) -> None:
        """Write the page again: data, language or width have changed."""
        if not self.size.width:
            return
        self.sections = self._write(self.size.width - 3)
        self._lines, self._starts = [], []
        for section in self.sections:
            self._starts.append(len(self._lines))
            self._lines += [self._heading(section)] if section.title else []
            self._lines += [*section.lines, ()]
        self._lines = self._lines[:-1]
        self.scroll_lines(-self.top if from_top else 0)

    def jump(self, place: int) -> None:
        """Bring a section to the top, or as near as the page's end allows."""
        if self._starts:
            self._to(self._starts[max(0, min(place, len(self._starts) - 1))])
            self.section = max(0, min(place, len(self._starts) - 1))

    def scroll_lines(self, lines: int) -> None:
        """Down, or up."""
        self._to(self.top + lines)
        self.section = max((place for place, start in enumerate(self._starts) if start <= self.top), default=0)

    def scroll_pages(self, pages: int) -> None:
        """A screenful down, or up."""
        self.scroll_lines(pages * max(1, self.size.height - 1))

    def scroll_all(self, direction: int) -> None:
        """To the end, or to the top."""
        self.scroll_lines(direction * len(self._lines))

    def on_resize(self) -> None:
        """Write for the new width."""
        self.rewrite()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Down."""
        event.stop()
        self.scroll_lines(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Up."""
        event.stop()
        self.scroll_lines(-3)

    def render_line(self, y: int) -> Strip:
        """One line of the page, with the scroll bar at its end."""
        index = self.top + y
        line = self._lines[index] if index < len(self._lines) else ()
        page = self.paint((Span(" "), *line)).crop(0, self.size.width - 1)
        return Strip.join([page, self.paint((thumb(y, self.size.height, len(self._lines), self.top),)).crop(0, 1)])

    def _heading(self, section: Section) -> Line:
        count = "" if section.size is None else f" {section.size}"
        rule = "─" * max(0, self.size.width - 4 - len(section.title) - len(count))
        return Span(section.title, "strong"), Span(f"{count} {rule}", "dim")

    def _to(self, line: int) -> None:
        self.top = max(0, min(line, len(self._lines) - self.size.height))
        self.refresh()
        self.post_message(self.Turned())
