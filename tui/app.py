"""The terminal UI's frame: theme, language, door to data, ways between lists, what happens on trouble."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar, Final, cast

from rich.text import Text
from textual.app import App
from textual.binding import Binding, BindingType
from textual.notifications import SeverityLevel
from textual.screen import Screen

from devreg.i18n import LANGUAGES, Catalogue
from devreg.ports import Clock, Query
from tui.acts import Acts
from tui.commands import Command
from tui.crash import last_words
from tui.freshness import Freshness, read_freshness
from tui.keys import ACTIONS, VIEW_KEYS, Action, Where, bindings, view_bindings
from tui.loader import Loader, sentence
from tui.places import History, Place
from tui.plain import plain
from tui.screens.base import RegisterScreen
from tui.screens.device import DeviceScreen
from tui.screens.form import FormScreen
from tui.screens.help import HelpScreen
from tui.screens.list import ListScreen
from tui.screens.palette import PaletteScreen
from tui.themes import DARK, LIGHT

if TYPE_CHECKING:
    from devreg.services.browse import Browser, ViewInfo
    from devreg.services.desk import Desk

_RETRY_S: Final = 5.0
_FRESHNESS_S: Final = 60.0
_FOLLOW_S: Final = 5.0
_HEAD_S: Final = 15.0


class DevregApp(App[None]):
    """The register on a terminal."""

    CSS_PATH = "app.tcss"
    TITLE = "devreg"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.APP),
        *view_bindings(),
        Binding("ctrl+c", "hint_quit", show=False),
    ]
    ALLOW_SELECT = False

    def __init__(
        self,
        browser: Browser | Callable[[], Browser],
        language: str = "fi",
        timezone: str = "Europe/Helsinki",
        collect: Callable[[], object] | None = None,
        *,
        desk: Callable[[], Desk] | None = None,
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__()
        self._timezone = timezone
        self.t = Catalogue(language, timezone)
        self.collect = collect
        self.clock = clock
        self.loader = Loader(self, browser, self)
        self.acts = Acts(self, desk)
        self.views: dict[str, ViewInfo] = {}
        """Empty until the register is open."""
        self.trouble = ""
        self.freshness: Freshness | None = None
        self._history = History()
        self._list = ListScreen(Place(next(iter(VIEW_KEYS))))
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = DARK.name

    def get_default_screen(self) -> Screen[None]:
        """The list is at the bottom of everything."""
        return self._list

    def on_mount(self) -> None:
        """Open the register behind the frame; look at its freshness now and then."""
        self.open_register()
        self.set_interval(_FRESHNESS_S, self._read_freshness)
        self.set_interval(_HEAD_S, self.acts.read_head)
        self.set_interval(_FOLLOW_S, self._follow_runs)

    def open_register(self) -> None:
        """Learn which lists there are and show the first."""
        self.loader.read("views", lambda browser: browser.views(), self._got_views, patient=not self.loader.is_open)

    def _got_views(self, views: Sequence[ViewInfo]) -> None:
        self.views = {view.name: view for view in sorted(views, key=_place_in_line)}
        self._list.show(self._list.here)
        self._read_freshness()
        self.acts.read_head()

    @property
    def view(self) -> str:
        """Name of the list that is open."""
        return self._list.here.view

    def places(self) -> tuple[Where, ...]:
        """Which actions work now."""
        screen = self.screen
        return screen.places() if isinstance(screen, RegisterScreen | FormScreen) else (Where.CHOICE,)

    def offers(self, action: Action) -> bool:
        """Whether an action leads anywhere now."""
        return not isinstance(self.screen, RegisterScreen) or self.screen.offers(action)

    # ways between lists

    def go(self, place: Place) -> None:
        """To a list, from wherever one is; back leads here."""
        self._history.leave(self._list.here)
        self._show(place)

    def go_back(self) -> None:
        """To the list before."""
        before = self._history.back(self._list.here)
        if before is not None:
            self._show(before)

    def go_forward(self) -> None:
        """To the list that was left by going back."""
        ahead = self._history.forward(self._list.here)
        if ahead is not None:
            self._show(ahead)

    def step_view(self, steps: int) -> None:
        """To a neighbour in the top line."""
        names = list(self.views)
        self.action_open_view(names[(names.index(self.view) + steps) % len(names)])

    def action_open_view(self, name: str) -> None:
        """To a list, as it was left."""
        if name not in self.views:
            return
        if name != self.view:
            self.go(self._list.left(name))
        else:
            self._show(self._list.here)

    def _show(self, place: Place) -> None:
        while self.screen is not self._list:
            self.pop_screen()
        self._list.show(place)

    # actions of the table of keys

    async def action_perform(self, index: int) -> None:
        """An action of the table, as if its key was pressed."""
        action = ACTIONS[index]
        near = self if action.where is Where.APP else self.screen
        if action.where in (Where.SEARCH, Where.FACETS) and self.focused is not None:
            await self.run_action(action.id, self.focused)
        else:
            await self.run_action(action.id, near)

    def action_help(self) -> None:
        """Help for where one is."""
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.places()))

    def action_palette(self) -> None:
        """Commands."""
        self.push_screen(PaletteScreen(self, self.places()), self._command_chosen)

    async def _command_chosen(self, command: Command | None) -> None:
        if command is None:
            return
        if command.action == "find":
            self.find(command.typed)
        elif command.action == "search_devices":
            self.go(Place("devices", Query(search=command.typed)))
        else:
            await self.run_action(command.action, self)

    def find(self, text: str) -> None:
        """Open the device that the text names exactly."""
        self.loader.read(
            "find",
            lambda browser: browser.find(text),
            self._open_device,
            refused=lambda error: self.tell(self.t.told(error), "warning"),
        )

    def _open_device(self, device_id: int) -> None:
        self.push_screen(DeviceScreen(device_id))

    def action_reload(self) -> None:
        """Read everything on screen again."""
        if not self.views:
            self.open_register()
        elif isinstance(self.screen, RegisterScreen):
            self._read_freshness()
            self.screen.reload()

    def action_language(self) -> None:
        """The next language."""
        self.action_speak(LANGUAGES[(LANGUAGES.index(self.t.language) + 1) % len(LANGUAGES)])

    def action_speak(self, language: str) -> None:
        """All texts in this language from now on."""
        self.t = Catalogue(language, self._timezone)
        for screen in self.screen_stack:
            if isinstance(screen, RegisterScreen):
                screen.reword()
                screen.refresh_frame()

    def action_theme(self) -> None:
        """Dark or light."""
        self.theme = LIGHT.name if self.theme == DARK.name else DARK.name

    def action_hint_quit(self) -> None:
        """Ctrl+C copies in text fields, so it does not quit."""
        self.tell(self.t("q or Ctrl+Q quits."))

    def start_collection(self) -> None:
        """Have a collection started, in a process of its own."""
        if self.collect is None:
            self.tell(self.t("Collecting can't be started from here."), "warning")
            return
        collect = self.collect
        self.loader.read(
            "collect",
            lambda _: collect(),
            lambda _: self._collection_started(),
            refused=lambda error: self.tell(self.t.told(error), "warning"),
            patient=True,
        )

    def _collection_started(self) -> None:
        self.tell(self.t("Collection started; the runs show how it goes."))
        self.action_open_view("runs")

    def tell(self, text: str, severity: str = "information") -> None:
        """A short message in the corner; the text is never markup."""
        self.notify(plain(text), severity=cast("SeverityLevel", severity), markup=False)

    def action_freeze(self) -> None:
        """Stop all remote actions."""
        self.acts.freeze()

    def action_unfreeze(self) -> None:
        """Let them go again."""
        self.acts.unfreeze()

    def action_unhold(self) -> None:
        """Let wipes go again."""
        self.acts.unhold()

    def action_waiting(self) -> None:
        """What waits for an approver."""
        self.acts.to_waiting()

    def on_unmount(self) -> None:
        """Nobody signs in any more."""
        self.acts.deeds.leave()

    # reads that fail and work

    def read_failed(self, error: Exception) -> None:
        """Say so, and try again in a while."""
        first = not self.trouble
        self.trouble = self.t(
            "The register can't be read: {error} Trying again; r tries now.", error=sentence(error, self.t)
        )
        self.refresh_frames()
        if first:
            self.set_timer(_RETRY_S, self._retry)

    def read_worked(self) -> None:
        """Whatever was wrong is over."""
        if self.trouble:
            self.trouble = ""
            self.refresh_frames()

    def _retry(self) -> None:
        if self.trouble:
            self.action_reload()
            self.set_timer(_RETRY_S, self._retry)

    def _read_freshness(self) -> None:
        self.loader.read("freshness", read_freshness, self._got_freshness, patient=True)

    def _follow_runs(self) -> None:
        if self.screen is self._list and self.view == "runs" and self.views:
            self._list.reload()

    def _got_freshness(self, freshness: Freshness) -> None:
        self.freshness = freshness
        self.refresh_frames()

    def refresh_frames(self) -> None:
        """Head, status and keys of every screen again."""
        for screen in self.screen_stack:
            if isinstance(screen, RegisterScreen):
                screen.refresh_frame()

    def _fatal_error(self) -> None:
        """Textual's place to print a traceback with every local variable; secrets live there, so a line it is."""
        error = sys.exc_info()[1] or self._exception
        self._exit_renderables.append(Text(plain(last_words(error, self.t))))
        self._close_messages_no_wait()


def run(
    browser: Browser | Callable[[], Browser],
    language: str,
    timezone: str,
    collect: Callable[[], object] | None = None,
    desk: Callable[[], Desk] | None = None,
) -> int:
    """Show the register until the person quits; the program's exit code.

    With a function that opens the register, the frame is on screen before the database library is even loaded.
    """
    app = DevregApp(browser, language, timezone, collect, desk=desk)
    app.run()
    return app.return_code or 0


def _place_in_line(view: ViewInfo) -> int:
    known = list(VIEW_KEYS)
    return known.index(view.name) if view.name in known else len(known)
