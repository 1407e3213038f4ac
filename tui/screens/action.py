"""One remote action: how it stands, what comes next, and everything that happened to it; it keeps itself up to date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import BindingType

from devreg.domain.action import FOLLOWED
from devreg.errors import DevregError
from devreg.ports import Row
from tui.cells import word
from tui.keys import Action, Where, bindings
from tui.plain import Span
from tui.screens.action_sections import INKS, next_step, sections
from tui.screens.device import DeviceScreen
from tui.screens.device_facts import named, read_device
from tui.screens.page import PageScreen
from tui.widgets.paper import Section

if TYPE_CHECKING:
    from devreg.services.browse import Browser
    from devreg.services.desk import Desk, OpenAction

_ALWAYS: Final = frozenset({"acts", "open_device"})
"""Actions that are about the device, however its action stands."""
_AGAIN_S: Final = 5.0
_TICK_S: Final = 1.0


class ActionScreen(PageScreen):
    """The page of one action."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.ACTION)

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self._page: OpenAction | None = None
        self._row: Row = {}
        self._refusal = ""

    def on_mount(self) -> None:
        """Read it, and go on doing so."""
        self.reload()
        self.set_interval(_AGAIN_S, self.follow)
        self.set_interval(_TICK_S, self._tick)

    def places(self) -> tuple[Where, ...]:
        """An action's keys and a page's."""
        return (Where.ACTION, Where.PAGE, Where.APP)

    def offers(self, action: Action) -> bool:
        """What this person can do with it as it stands; sending only from its time on."""
        if action.where is not Where.ACTION or action.id in _ALWAYS:
            return True
        if self._page is None or action.id not in self._page.deeds:
            return False
        from_ = self._page.page.sendable_from
        return action.id != "send" or not self._page.is_unsent or (from_ is not None and from_ <= self.register.clock())

    def reload(self) -> None:
        """Read it again."""
        number = self.number

        def read(browser: Browser, desk: Desk) -> tuple[OpenAction, Row]:
            page = desk.page(number)
            return page, read_device(browser, page.intent.bound.device_id)

        self.register.acts.read(f"action {number}", read, self._got, self._got_refusal)

    def follow(self) -> None:
        """Look at the management system when that is due, and at the register anyhow."""
        if not self.is_current:
            return
        found, now = self._page.intent if self._page is not None else None, self.register.clock()
        if found is not None and found.standing in FOLLOWED and (found.next_at is None or found.next_at <= now):
            self.register.acts.look(self.number, self.reload)
        else:
            self.reload()

    def title_spans(self) -> list[Span]:
        """Its number, what it is, of which device, and how it stands."""
        if self._page is None:
            return [Span(f" {self._refusal}", "bad")]
        found = self._page.intent
        about = f"{word(found.bound.act, self.t)}: {named(self._row, found.bound.device_id)}"
        standing = Span(f"  {word(found.standing, self.t)}", f"strong {INKS.get(found.standing, 'dim')}")
        return [Span(f" {self._page.page.ref}", "strong link"), Span(f"  {about}", "strong"), standing]

    def write(self, width: int) -> Sequence[Section]:
        """All that is known."""
        return [] if self._page is None else sections(self._page, self._row, self.register.clock(), width, self.t)

    def status(self) -> list[Span]:
        """What comes next, where it is short enough to be read in passing."""
        return [] if self._page is None else [Span(next_step(self._page, self.register.clock(), self.t), "dim")]

    def action_send(self) -> None:
        """Look once more, then send."""
        if self._page is not None:
            self.register.acts.send(self._page, self._row)

    def action_approve(self) -> None:
        """Look once more, then approve."""
        self._decide("approve")

    def action_reject(self) -> None:
        """Say why, then reject."""
        self._decide("reject")

    def action_cancel(self) -> None:
        """Say why, then call it off."""
        self._decide("cancel")

    def action_settle(self) -> None:
        """Say what became of it."""
        self._decide("settle")

    def action_certify(self) -> None:
        """Write the sanitisation record."""
        if self._page is not None:
            self.register.acts.certify(self._page, self._row)

    def action_locate(self) -> None:
        """Where the device is."""
        if self._page is not None:
            self.register.acts.locate(self._page, self._row)

    def action_acts(self) -> None:
        """What else can be done to the device."""
        if self._page is not None:
            self.register.acts.open(self._page.intent.bound.device_id)

    def action_open_device(self) -> None:
        """The device's page."""
        if self._page is not None:
            self.app.push_screen(DeviceScreen(self._page.intent.bound.device_id))

    def _decide(self, deed: str) -> None:
        if self._page is not None:
            self.register.acts.decide(deed, self._page, self._row)

    def _got(self, answer: tuple[OpenAction, Row]) -> None:
        first = self._page is None
        self._page, self._row = answer
        self._refusal = ""
        self.paper.rewrite(from_top=first)
        self.refresh_frame()

    def _got_refusal(self, error: DevregError) -> None:
        self._page, self._refusal = None, self.t.told(error)
        self.paper.rewrite(from_top=True)
        self.refresh_frame()

    def _tick(self) -> None:
        """The countdown goes on."""
        page, now = self._page, self.register.clock()
        from_ = None if page is None else page.page.sendable_from
        if self.is_current and from_ is not None and now <= from_:
            self.paper.rewrite()
            self.status_bar.refresh()
