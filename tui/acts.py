"""What people do from afar, step by step: menu, dialog, request, sign-in, order; each step read and done apart from the keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar, cast

from devreg.domain.device import parse_ref
from devreg.errors import DatabaseUnavailable, DevregError
from devreg.ports import Query, Row
from tui.cells import word
from tui.deeds import Deeds
from tui.loader import sentence
from tui.places import Place
from tui.plain import Line
from tui.screens.act_menu import REPORT_LOST, ActMenu
from tui.screens.action import ActionScreen
from tui.screens.certificate import CertificateScreen, Paper
from tui.screens.confirm import FACTS_WIDTH, ConfirmScreen, NoticeScreen, SettleScreen
from tui.screens.device_facts import device_lines, named, read_device
from tui.screens.location import LocationScreen
from tui.screens.lost import LostScreen
from tui.screens.page import labelled
from tui.screens.request import RequestScreen, Said
from tui.screens.sending import SendingScreen

if TYPE_CHECKING:
    from pathlib import Path

    from devreg.action_ports import Location
    from devreg.domain.action import Standing
    from devreg.services.browse import Browser
    from devreg.services.desk import Desk, Head, OpenAction, Prospect
    from devreg.services.losing import Lost
    from devreg.services.remote_menu import Choice, Menu
    from devreg.store.intents import Intent
    from tui.app import DevregApp

T = TypeVar("T")


class Acts:
    """The app's side of remote actions."""

    def __init__(self, app: DevregApp, desk: Callable[[], Desk] | None) -> None:
        self._app = app
        self._opener = desk
        self._opened: Desk | None = None
        self.deeds = Deeds(app)
        self.head: Head | None = None

    @property
    def are_there(self) -> bool:
        """Whether anything can be done from here."""
        return self._opener is not None

    # reading

    def read(
        self,
        slot: str,
        ask: Callable[[Browser, Desk], T],
        done: Callable[[T], None],
        refused: Callable[[DevregError], None] | None = None,
    ) -> None:
        """As the loader reads, with the desk at hand; whatever our own errors say is an answer."""
        if self._opener is None:
            self._tell_off()
            return

        def attempt(browser: Browser) -> T | DevregError:
            try:
                return ask(browser, self._desk())
            except DatabaseUnavailable:
                raise
            except DevregError as error:
                return error

        def answered(answer: T | DevregError) -> None:
            if isinstance(answer, DevregError):
                (refused or self._notice)(answer)
            else:
                done(answer)

        self._app.loader.read(slot, attempt, answered, patient=True)

    def read_head(self) -> None:
        """What holds actions back now."""
        if self._opener is not None:
            self.read("head", lambda _, desk: desk.head(), self._got_head)

    def _got_head(self, head: Head) -> None:
        self.head = head
        self._app.refresh_frames()

    # a device's menu

    def open(self, device_id: int) -> None:
        """What can be done to the device."""
        self.read(
            "acts",
            lambda browser, desk: (desk.menu(device_id), read_device(browser, device_id)),
            lambda answer: self._show_menu(*answer),
        )

    def _show_menu(self, menu: Menu, row: Row) -> None:
        about = named(row, menu.device_id)
        self._app.push_screen(ActMenu(menu, about, self._app.t), lambda chosen: self._chosen(menu, row, chosen))

    def _chosen(self, menu: Menu, row: Row, chosen: Choice | int | str | None) -> None:
        if chosen is None:
            return
        if isinstance(chosen, int):
            self.show(chosen)
            return
        lost = chosen == REPORT_LOST
        if lost and menu.lock is None:
            form = LostScreen(menu, row, self._app.clock(), self._app.t)
            self._app.push_screen(form, lambda reason: self._report_lost(menu.device_id, reason))
            return
        choice = cast("Choice", menu.lock if lost else chosen)
        self.read(
            "weigh",
            lambda _, desk: desk.weigh(menu.device_id, choice),
            lambda prospect: self._show_request(prospect, row, lost=lost),
        )

    def _show_request(self, prospect: Prospect, row: Row, *, lost: bool) -> None:
        choice, device_id = prospect.choice, prospect.facts.device_id
        form = RequestScreen(prospect, row, self._app.clock(), self._app.t, lost=lost)
        self._app.push_screen(form, lambda said: self._asked(device_id, choice, said, lost=lost))

    def _asked(self, device_id: int, choice: Choice, said: Said | None, *, lost: bool) -> None:
        if said is None:
            return
        if lost:
            self._report_lost(device_id, said.reason)
        else:
            after = self._requested if choice.is_destructive else self._send_now
            self._do(lambda desk: desk.request(device_id, choice, said.reason, typed=said.typed, despite=said.despite,
                                               then_state=said.then_state, options=said.options), after)  # fmt: skip

    def _report_lost(self, device_id: int, reason: str | None) -> None:
        if reason is not None:
            self._do(lambda desk: desk.report_lost(device_id, reason), self._reported)

    def _reported(self, lost: Lost) -> None:
        t = self._app.t
        if lost.unmoved is not None:
            self._app.tell(t("The lock goes on, but its state stays: {why}", why=t.told(lost.unmoved)), "warning")
        if lost.intent is not None:
            self._send_now(lost.intent)
            return
        self._app.action_reload()
        told = [t.told(lost.unlocked)] if lost.unlocked is not None else [t(what) for what in lost.instead]
        title = t("Its state is lost now, but it was not locked")
        self._app.push_screen(NoticeScreen(t, title, *told))

    def _requested(self, intent: Intent) -> None:
        self._app.tell(self._app.t("Requested; nothing was sent."))
        self.show(intent.id)

    # one action

    def show(self, number: int) -> None:
        """The action's page; the one on screen is read again."""
        screen = self._app.screen
        if isinstance(screen, ActionScreen) and screen.number == number:
            screen.reload()
        else:
            self._app.push_screen(ActionScreen(number))
        self.read_head()

    def show_row(self, row: Row) -> bool:
        """The page of the action that a row of its list is about."""
        number = parse_ref("A", str(row.get("action") or ""))
        if number is None or not self.are_there:
            return False
        self.show(number)
        return True

    def look(self, number: int, done: Callable[[], None]) -> None:
        """Have the management system looked at."""
        self.read(f"look {number}", lambda _, desk: desk.look(number), lambda _: done(), lambda _: done())

    def send(self, page: OpenAction, row: Row) -> None:
        """The requester's second act: look once more, then sign in and send."""
        if "send" not in page.deeds:
            self._app.tell(self._app.t("This is not yours to send, or it was sent already."), "warning")
            return
        t, found = self._app.t, page.intent
        title = t("Send {act}: {device}", act=word(found.bound.act, t), device=named(row, found.bound.device_id))
        form = ConfirmScreen(t, title, t("Send now"), self._facts(page, row), offers_reason=False, needs_reason=False,
                             is_grave=found.is_destructive)  # fmt: skip
        self._app.push_screen(form, lambda said: None if said is None else self._send_now(found))

    def _send_now(self, intent: Intent) -> None:
        t, number = self._app.t, intent.id
        title = t("Sending {act}", act=word(intent.bound.act, t))
        self._signed_in(number, title, lambda desk, tell, gave_up: desk.send(number, tell, gave_up), lambda _: None)

    def locate(self, page: OpenAction, row: Row) -> None:
        """Where the device is that this person had located."""
        t, found = self._app.t, page.intent
        if "locate" not in page.deeds:
            self._app.tell(
                t("There is no place to be seen here: it was shown already, or not asked for by you."), "warning"
            )
            return
        device = named(row, found.bound.device_id)

        def seen(location: Location | None) -> None:
            if location is None:
                said = t("Its tool does not say where it is, yet or any more. Nothing was shown; ask again later.")
                self._app.tell(said, "warning")
            else:
                self._app.push_screen(LocationScreen(t, device, location))

        title = t("Asking where it is: {device}", device=device)
        self._signed_in(found.id, title, lambda desk, tell, gave_up: desk.locate(found.id, tell, gave_up), seen)

    def certify(self, page: OpenAction, row: Row) -> None:
        """The sanitisation record, to a file."""
        t, number = self._app.t, page.intent.id
        if "certify" not in page.deeds:
            self._app.tell(t("Only a confirmed wipe of a whole device has a sanitisation record."), "warning")
            return
        form = CertificateScreen(t, page.page.ref, self._facts(page, row))

        def said(answer: Paper | None) -> None:
            if answer is not None:
                self._do(lambda desk: desk.certify(number, answer.more, answer.file, t), written)

        def written(out: Path) -> None:
            self._app.tell(t("Written: {file}", file=str(out)))
            self.show(number)

        self._app.push_screen(form, said)

    def _signed_in(
        self,
        number: int,
        title: str,
        deed: Callable[[Desk, Callable[[str], None], Callable[[], bool]], T],
        done: Callable[[T], None],
    ) -> None:
        """What a person signs in for, with a way to stop waiting; then the action's page, and what came of it."""
        waiting = SendingScreen(self._app.t, title, self.deeds.has_left)

        def tell(text: str) -> None:
            self._app.call_later(waiting.say, text)

        def ended(answer: T) -> None:
            waiting.dismiss(None)
            self._app.call_later(self.show, number)
            self._app.call_later(done, answer)

        def failed(error: Exception) -> None:
            waiting.dismiss(None)
            self._app.call_later(self.show, number)
            self._app.call_later(self._notice, error)

        if self._do(lambda desk: deed(desk, tell, waiting.gave_up), ended, failed):
            self._app.push_screen(waiting)

    def decide(self, deed: str, page: OpenAction, row: Row) -> None:
        """Approve, reject or call off, with a reason."""
        t, number = self._app.t, page.intent.id
        if deed not in page.deeds:
            self._app.tell(t("This can't be done with it now, or not by you."), "warning")
            return
        if deed == "settle":
            self._settle(page, row)
            return
        names = {"approve": t("Approve"), "reject": t("Reject"), "cancel": t("Call off")}
        title = f"{names[deed]} {word(page.intent.bound.act, t)}: {named(row, page.intent.bound.device_id)}"
        form = ConfirmScreen(
            t, title, names[deed], self._facts(page, row), needs_reason=deed != "approve", is_grave=deed == "approve"
        )

        def decided(reason: str | None) -> None:
            if reason is not None:
                self._do(lambda desk: getattr(desk, deed)(number, reason), lambda _: self.show(number))

        self._app.push_screen(form, decided)

    def _settle(self, page: OpenAction, row: Row) -> None:
        t, number = self._app.t, page.intent.id
        outcomes = page.outcomes
        title = t(
            "What became of {act}: {device}",
            act=word(page.intent.bound.act, t),
            device=named(row, page.intent.bound.device_id),
        )
        form = SettleScreen(t, title, self._facts(page, row), outcomes)

        def said(answer: tuple[Standing, str] | None) -> None:
            if answer is not None:
                self._do(lambda desk: desk.settle(number, *answer), lambda _: self.show(number))

        self._app.push_screen(form, said)

    def _facts(self, page: OpenAction, row: Row) -> list[Line]:
        bound, t = page.intent.bound, self._app.t
        device = device_lines(row, serial=bound.serial, asset_tag=bound.asset_tag, source=bound.source, native_id=bound.native_id,
                              now=self._app.clock(), width=FACTS_WIDTH, t=t)  # fmt: skip
        return [
            *device,
            *labelled(t("Reason"), bound.reason, FACTS_WIDTH),
            *labelled(t("Requested by"), page.intent.requested_by, FACTS_WIDTH),
        ]

    # everything at once

    def to_waiting(self) -> None:
        """The list of what waits for an approver."""
        self._app.go(Place("actions", Query(where=(("standing", "requested"),))))

    def freeze(self) -> None:
        """Stop all remote actions, after a reason."""
        t = self._app.t
        self._with_reason(
            t("Freeze all remote actions, everybody's"),
            t("Freeze"),
            lambda desk, reason: desk.freeze(reason),
            self._frozen,
        )

    def _frozen(self, why: str | None) -> None:
        if why is not None:
            self._app.tell(
                self._app.t("Frozen in the register; this machine's own brake failed: {why}", why=why), "warning"
            )
        self.read_head()

    def unfreeze(self) -> None:
        """Let them go again."""
        t = self._app.t
        self._with_reason(
            t("Let remote actions go again"),
            t("Unfreeze"),
            lambda desk, reason: desk.unfreeze(reason),
            lambda _: self.read_head(),
        )

    def unhold(self) -> None:
        """Let wipes go again."""
        t = self._app.t
        self._with_reason(
            t("Lift the hold on wipes"),
            t("Lift the hold"),
            lambda desk, reason: desk.unhold(reason),
            lambda _: self.read_head(),
        )

    def _with_reason(self, title: str, deed: str, do: Callable[[Desk, str], T], done: Callable[[T], None]) -> None:
        def said(reason: str | None) -> None:
            if reason is not None:
                self._do(lambda desk: do(desk, reason), done)

        self._app.push_screen(ConfirmScreen(self._app.t, title, deed), said)

    # doing

    def _do(
        self, deed: Callable[[Desk], T], done: Callable[[T], None], failed: Callable[[Exception], None] | None = None
    ) -> bool:
        started = self.deeds.do(lambda: deed(self._desk()), done, failed or self._notice)
        if not started:
            self._app.tell(self._app.t("Something is under way already; wait for it to end."), "warning")
        return started

    def _desk(self) -> Desk:
        if self._opened is None:
            assert self._opener is not None  # noqa: S101  who comes here has asked `are_there`
            self._opened = self._opener()
        return self._opened

    def _notice(self, error: Exception) -> None:
        t = self._app.t
        self._app.push_screen(NoticeScreen(t, t("This was not done"), sentence(error, t)))

    def _tell_off(self) -> None:
        self._app.tell(self._app.t("Nothing can be done to devices from here."), "warning")
