"""What every screen of the register has: the frame, the person's language, a way to read again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, cast

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget

from devreg.i18n import Catalogue
from tui.keys import Action, Where
from tui.plain import Line, Span
from tui.widgets.frame import Banner, HoldBar, KeyBar, TopBar
from tui.widgets.painted import OneLine, spread

if TYPE_CHECKING:
    from tui.app import DevregApp

_TO_RUNS: Final = "app.open_view('runs')"
_TO_WAITING: Final = "app.waiting"


class StatusBar(OneLine):
    """The line above the keys: what the screen says on the left, how fresh the register is on the right."""

    def spans(self) -> Line:
        """Both ends."""
        screen = cast("RegisterScreen", self.screen)
        return spread([Span(" "), *screen.status()], *freshness(screen.register), width=self.size.width)


class RegisterScreen(Screen[None]):
    """A full screen within the frame."""

    def __init__(self) -> None:
        super().__init__()
        self.status_bar = StatusBar()

    def compose(self) -> ComposeResult:
        """Frame around the body."""
        yield TopBar()
        yield Banner()
        yield HoldBar()
        yield from self.body()
        yield self.status_bar
        yield KeyBar()

    def body(self) -> Iterable[Widget]:
        """What the screen is for."""
        raise NotImplementedError

    def places(self) -> tuple[Where, ...]:
        """Which actions work now."""
        raise NotImplementedError

    def offers(self, action: Action) -> bool:
        """Whether an action of its places leads anywhere now; what does not stays out of the key bar and the palette."""
        return True

    def status(self) -> list[Span]:
        """Left end of the status line."""
        return []

    def reload(self) -> None:
        """Read again; the person stays where they are."""

    def reword(self) -> None:
        """The language has changed."""

    @property
    def register(self) -> DevregApp:
        """The app, by its own type."""
        return cast("DevregApp", self.app)

    @property
    def t(self) -> Catalogue:
        """The person's catalogue."""
        return self.register.t

    def on_screen_resume(self) -> None:
        """What happened meanwhile shows."""
        self.refresh_frame()

    def on_descendant_focus(self) -> None:
        """Other keys work now."""
        self.refresh_frame()

    def refresh_frame(self) -> None:
        """Paint name, status and keys again."""
        for bar in self.query(OneLine):
            bar.refresh()
        for hold in self.query(HoldBar):
            hold.look()
        for banner in self.query(Banner):
            banner.say(self.register.trouble)


def freshness(app: DevregApp) -> list[list[Span]]:
    """Requests that wait, sources that need a look, `oldest data 24 Nov 2026, leases` (today's: the time); clicks lead there."""
    fresh, t = app.freshness, app.t
    groups: list[list[Span]] = []
    if app.acts.head is not None and app.acts.head.waiting:
        said = t.many("{n} request waits for you", "{n} requests wait for you", app.acts.head.waiting)
        groups.append([Span(f"! {said}", "warn", _TO_WAITING), Span("  ")])
    if fresh is not None and fresh.troubled:
        said = t.many("{n} source needs a look", "{n} sources need a look", len(fresh.troubled))
        groups.append([Span(f"! {said}", "warn", _TO_RUNS), Span("  ")])
    if fresh is not None and fresh.oldest is not None:
        day, minute = t.date(fresh.oldest), t.datetime(fresh.oldest)
        time = minute.removeprefix(day).strip() if day == t.date(app.clock()) else day
        groups.append(
            [Span(t("oldest data {time}, {source}", time=time, source=fresh.source), "dim", _TO_RUNS), Span(" ")]
        )
    return groups
