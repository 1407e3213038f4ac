"""What stands around every screen: name and lists above, trouble under it, keys below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.strip import Strip

from tui.keys import ACTIONS, VIEW_KEYS, Action, Where, actions, shown
from tui.plain import Line, Span, width_of, wrap
from tui.widgets.painted import OneLine, Painted, around

if TYPE_CHECKING:
    from tui.app import DevregApp


class TopBar(OneLine):
    """The program's name and its lists; the one on screen stands out."""

    DEFAULT_CSS = "TopBar { background: $bar; }"

    def spans(self) -> Line:
        """Name and as many lists as there is room for, the open one always among them."""
        app: DevregApp = self.app  # type: ignore[assignment]
        name = Span(" devreg ", "strong link")
        tabs = [
            _tab(
                VIEW_KEYS.get(view.name, ""), app.t(view.title), f"app.open_view('{view.name}')", view.name == app.view
            )
            for view in app.views.values()
        ]
        if not tabs:
            return [name]
        here = list(app.views).index(app.view)
        return [name, *around(tabs, here, self.size.width - width_of((name,)))]


def _tab(key: str, title: str, action: str, here: bool) -> list[Span]:
    if here:
        return [Span(f" {key} {title} ", "tab strong", action)]
    return [Span(f" {key}", "dim", action), Span(f" {title} ", "", action)]


class Banner(Painted):
    """Why the register can't be read just now; there only while that is so."""

    DEFAULT_CSS = """
    Banner { height: auto; max-height: 4; display: none; background: $error; color: $background; }
    Banner.-shown { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._text = ""

    def say(self, text: str) -> None:
        """Show the text, or go away when there is none."""
        self._text = text
        self.set_class(bool(text), "-shown")
        self.refresh(layout=True)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """As many lines as the text needs."""
        return len(wrap(self._text, max(1, width - 3)))

    def render_line(self, y: int) -> Strip:
        """One line of it."""
        lines = wrap(self._text, max(1, self.size.width - 3))
        sign = "! " if y == 0 else "  "
        return self.paint((Span(" " + sign + lines[y]),) if y < len(lines) else ())


class HoldBar(OneLine):
    """That remote actions are frozen or wipes on hold; there only while that is so."""

    DEFAULT_CSS = """
    HoldBar { display: none; background: $warning; color: $background; }
    HoldBar.-shown { display: block; }
    """

    def spans(self) -> Line:
        """One line, the graver of both."""
        return (Span(" ! " + self._text()),)

    def look(self) -> None:
        """Be there, or not."""
        self.set_class(bool(self._text()), "-shown")
        self.refresh()

    def _text(self) -> str:
        app: DevregApp = self.app  # type: ignore[assignment]
        head, t = app.acts.head, app.t
        if head is None or not (head.is_frozen or head.is_on_hold):
            return ""
        if not head.is_frozen:
            return t("Wipes are on hold: too many in a short time. Locking goes on.")
        frozen = head.freeze
        if frozen is None:
            return t("This machine sends no remote actions: it is frozen.")
        return t("Remote actions are frozen since {time}, {name}: {reason}", time=t.datetime(frozen.at), name=frozen.by,
                 reason=frozen.reason or "–")  # fmt: skip


class KeyBar(OneLine):
    """The keys that work here; the least needed go first where there is no room."""

    DEFAULT_CSS = "KeyBar { background: $bar; }"

    def spans(self) -> Line:
        """Key and word, the first of the table first."""
        app: DevregApp = self.app  # type: ignore[assignment]
        line: list[Span] = []
        for action in filter(app.offers, footer_actions(app.places())):
            run = f"app.perform({ACTIONS.index(action)})"
            more = [
                Span(f" {app.t(shown(action.keys[0]))}", "strong link", run),
                Span(f" {app.t(action.label)} ", "", run),
            ]
            if width_of([*line, *more]) <= self.size.width:
                line += more
        return line


def footer_actions(places: tuple[Where, ...]) -> list[Action]:
    """What the key bar says for these places, in its order; where keys are typed as text only what still works."""
    typing = {Where.SEARCH, Where.CHOICE, Where.FORM} & set(places)
    here = [action for action in actions(*(typing or places)) if action.footer]
    return sorted(here, key=lambda action: action.footer)
