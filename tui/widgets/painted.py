"""Widgets that paint their own lines, all with the same inks."""

from typing import ClassVar

from rich.style import Style
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from tui.plain import Line, Span, strip, width_of


class Painted(Widget):
    """A widget of our own spans; what is painted passes `tui.plain`."""

    INKS: ClassVar = ("strong", "dim", "link", "good", "warn", "bad", "head", "tab", "row", "row-away", "cell")
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"ink--{name}" for name in INKS}
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._styles_of: dict[str, Style] = {}

    def notify_style_update(self) -> None:
        """Theme or focus have changed: every style is looked up again."""
        super().notify_style_update()
        self._styles_of.clear()

    def ink(self, name: str) -> Style:
        """The style of one ink, or of several separated by blanks (the later wins)."""
        style = self._styles_of.get(name)
        if style is None:
            inks = (self.get_component_rich_style(f"ink--{one}", partial=True) for one in name.split())
            style = self._styles_of[name] = sum(inks, start=Style.null())
        return style

    def paint(self, line: Line, base: str = "") -> Strip:
        """One line over the whole width."""
        ground = self._styles_of.get("")
        if ground is None:
            ground = self._styles_of[""] = self.rich_style
        return strip(line, self.size.width, ground + self.ink(base) if base else ground, self.ink)


class OneLine(Painted):
    """A line of spans, some of which can be clicked."""

    DEFAULT_CSS = "OneLine { height: 1; }"

    def spans(self) -> Line:
        """What the line says now."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        """The line."""
        return self.paint(self.spans()) if y == 0 else Strip.blank(self.size.width, self.rich_style)

    async def on_click(self, event: events.Click) -> None:
        """Do what the span under the mouse does."""
        end = 0
        for span in self.spans():
            end += width_of((span,))
            if event.x < end:
                if span.action:
                    await self.app.run_action(span.action, self.screen)
                return


def paint_soon(*widgets: Widget) -> None:
    """Paint these together as soon as the key in hand is dealt with.

    Left alone each would be painted when its own task idles: the first at once, the others two frames (33 ms) later.
    """
    widgets[0].call_next(_paint, widgets)


def _paint(widgets: tuple[Widget, ...]) -> None:
    if all(widget.is_attached for widget in widgets) and widgets[0].screen.is_current:
        screen = widgets[0].screen
        screen._compositor.update_widgets(set(widgets))
        screen._compositor_refresh()


def spread(left: list[Span], *right: list[Span], width: int) -> list[Span]:
    """Both ends of a line; of the groups on the right, the last go first where there is no room."""
    room = width - width_of(left)
    groups = list(right)
    while groups and sum(map(width_of, groups)) >= room:
        groups.pop()
    ends = [span for group in groups for span in group]
    return [*left, Span(" " * max(0, room - width_of(ends))), *ends]


def around(groups: list[list[Span]], here: int, room: int) -> list[Span]:
    """As many neighbours as fit around the group that matters, with arrows where some are left out."""
    widths = [width_of(group) for group in groups]
    first, last, room = here, here + 1, room - 2
    while first > 0 and sum(widths[first - 1 : here + 2]) <= room:
        first -= 1
    while last < len(groups) and sum(widths[first : last + 1]) <= room:
        last += 1
    shown = [span for group in groups[first:last] for span in group]
    return [Span("◂" if first else " ", "dim"), *shown, Span("▸" if last < len(groups) else " ", "dim")]


def thumb(y: int, height: int, total: int, top: int) -> Span:
    """One cell of a scroll bar: `height` of `total` lines are in view, from `top` on."""
    if total <= height:
        return Span(" ")
    length = max(1, height * height // total)
    start = round((height - length) * top / (total - height))
    return Span("┃", "link") if start <= y < start + length else Span("│", "dim")
