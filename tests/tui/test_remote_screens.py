"""Remote actions from the screen: a real register, a sender that writes down what it was told to send, and keys."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from intent_rig import Eye, Office
from register_rig import page, row, run
from textual import events
from textual.pilot import Pilot

from devreg.action_ports import Ask, Location, SignedIn, Unclear
from devreg.domain.action import Standing
from devreg.domain.platforms import RemoteAct
from devreg.errors import Refused
from devreg.services import act, settle
from devreg.services.browse import Browser
from devreg.services.desk import Desk, Reach
from devreg.wiring import write_certificate
from tests.tui.stage import lines, play, press, text
from tests.tui.test_hostile import HOSTILE, acting
from tui.app import DevregApp
from tui.keys import ACTIONS, VIEW_KEYS
from tui.screens.action import ActionScreen
from tui.screens.request import RequestScreen


@pytest.fixture
def office(tmp_path: Path, make_register: Callable[[str, Path], str]) -> Iterator[Office]:
    made = Office("sqlite", make_register("sqlite", tmp_path), tmp_path)
    yield made
    made.close()


@pytest.fixture
def shared(tmp_path: Path, make_register: Callable[[str, Path], str]) -> Iterator[Office]:
    """On PostgreSQL, where a second person can be told from the first."""
    made = Office("postgresql", make_register("postgresql", tmp_path), tmp_path)
    yield made
    made.close()


def screen(office: Office, who: str = "anna", eye: Eye | None = None, language: str = "en") -> DevregApp:
    sessions, actor = office.who(who)
    asks: list[Ask] = []

    def sender(_: str, ask: Ask) -> object:
        asks.append(ask)
        return office.hand

    reach = Reach(sender, office.brake, lambda _: eye, (), write_certificate)  # type: ignore[arg-type]
    desk = Desk(sessions, lambda: actor, reach, office.now)
    app = DevregApp(Browser(sessions, language), language, desk=lambda: desk, clock=office.now)
    app.loader.budget_s = 60.0
    return app


LOST = ("slash", *"0012", "enter", "a", "enter", "ctrl+s")
"""From the list of phones to the order that leaves."""


def test_a_lost_phone_is_locked_in_under_ten_keystrokes_from_the_list_of_phones(office: Office) -> None:
    app = screen(office)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "2")
        await press_each(pilot, *LOST)
        assert isinstance(app.screen, ActionScreen)
        told = " ".join(text(app).replace("┃", "").split())
        assert "Accepted by the management system. Nothing is known yet of the device itself." in told
        assert "its wipe can be asked for beside this" in told

    play(app, script)
    assert len(LOST) < 10
    assert [order.act for order in office.hand.sent] == [RemoteAct.LOCK]
    assert office.intents()[0]["reason"] == "reported lost"
    assert office.raw("SELECT state FROM device") == "lost"


def test_a_phone_that_nothing_can_lock_is_reported_lost_and_what_to_do_instead_stays_until_it_is_read(
    office: Office,
) -> None:
    papers = page(row("r1", serial="SN00000002", kind="phone", name="vanha"))
    run(office.owner, papers, name="papers", kind="sheet", now=office.now())
    app = screen(office)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "2")
        await press_each(pilot, "slash", *"vanha", "enter", "a")
        assert "Report lost" in text(app)
        assert "Nothing can lock it from afar." in text(app)
        await press_each(pilot, "enter", "enter")
        assert office.raw("SELECT state FROM device WHERE id = 2") != "lost", "Cancel has the focus"
        await press_each(pilot, "a", "enter")
        assert "Have the operator close its SIM card today" in text(app)
        await press_each(pilot, "ctrl+s")
        assert "Its state is lost now, but it was not locked" in text(app)
        assert "report it to the police" in text(app)

    play(app, script)
    assert office.raw("SELECT state FROM device WHERE id = 2") == "lost"
    assert (office.hand.sent, office.intents()) == ([], [])


def test_a_located_place_is_on_screen_once_and_goes_with_its_box(office: Office) -> None:
    sessions, anna = office.who("anna")
    act.send(sessions, anna, office.ask(RemoteAct.LOCATE).id, office.hand, office.brake, clock=office.now)
    app = screen(office)

    async def script(pilot: Pilot[None]) -> None:
        await press_each(pilot, "A", "enter", "l")
        assert "Its tool does not say where it is" in text(app)
        office.hand.found = Location(60.98765, 24.12345, 35.0, office.now())
        await press_each(pilot, "l")
        assert "60.98765, 24.12345" in text(app)
        assert "within 35 m" in text(app)
        await press_each(pilot, "escape")
        assert "60.98765" not in text(app)
        await press_each(pilot, "l")
        assert isinstance(app.screen, ActionScreen)
        assert "60.98765" not in text(app)

    play(app, script, size=(100, 40))


def test_what_can_be_said_along_with_a_wipe_is_offered_with_its_trap_and_kept_with_the_request(office: Office) -> None:
    app = screen(office)

    async def script(pilot: Pilot[None]) -> None:
        await press_each(pilot, *WIPE)
        assert isinstance(app.screen, RequestScreen)
        assert "Keep the eSIM" in text(app)
        assert "With the eSIM kept" in text(app)
        assert not any("enrolment" in name for name in app.screen.fields), "that is for computers"
        app.screen.fields["option keep_esim"].focus()
        await press(pilot, "right")
        await asked(pilot, "KAU-0012")

    play(app, script, size=(100, 50))
    assert office.intents()[0]["options"] == {"keep_esim": "true"}


def footer(app: DevregApp) -> str:
    return lines(app)[-1]


def test_the_key_bar_of_an_action_names_only_what_can_be_done_with_it(office: Office) -> None:
    office.ask(RemoteAct.WIPE)
    app = screen(office)

    async def script(pilot: Pilot[None]) -> None:
        await press_each(pilot, "A", "enter")
        assert "x Call off" in footer(app)
        assert not any(name in footer(app) for name in ("Send", "Approve", "Reject", "Where", "Certificate"))
        office.pass_time(timedelta(minutes=16))
        await press_each(pilot, "r")
        assert "s Send" in footer(app)
        await press_each(pilot, "x", "ctrl+s", *"found", "ctrl+s")
        assert "Called off." in text(app)
        assert not any(name in footer(app) for name in ("Send", "Approve", "Reject", "Call off", "Settle"))
        assert "a Act" in footer(app)
        await press_each(pilot, "colon")
        assert "Approve what somebody else requested" not in text(app)

    play(app, script)


def test_the_record_of_a_confirmed_wipe_is_written_from_its_page(office: Office, tmp_path: Path) -> None:
    sessions, anna = office.who("anna")
    office.ask(RemoteAct.WIPE)
    office.pass_time(timedelta(minutes=16))
    act.send(sessions, anna, 1, office.hand, office.brake, clock=office.now)
    app = screen(office)

    async def script(pilot: Pilot[None]) -> None:
        await press_each(pilot, "A", "enter", "c")
        assert isinstance(app.screen, ActionScreen), "accepted is no proof"
        assert "Certificate" not in footer(app)
        settle.say(sessions, anna, 1, Standing.CONFIRMED, reason="seen in Intune", now=office.now())
        await press_each(pilot, "r")
        assert "c Certificate" in footer(app)
        await press_each(pilot, "c")
        box = app.screen.fields["file"]  # type: ignore[attr-defined]
        box.value = str(tmp_path / "record.txt")
        await press_each(pilot, "ctrl+s")
        assert "Written:" in text(app)

    play(app, script, size=(120, 40))
    assert "R58N12ABCDE" in (tmp_path / "record.txt").read_text(encoding="utf-8")
    assert any(line["act"] == "certificate" for line in office.trail())


def test_mashing_enter_sends_nothing(office: Office) -> None:
    app = screen(office)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "2", "a")
        await press_each(pilot, *["enter"] * 20)
        await press_each(pilot, "a", "up", "up", "up", *"wipe", *["enter"] * 20)

    play(app, script)
    assert office.hand.sent == []
    assert office.intents() == []


WIPE = ("2", "a", *"wipe", "enter")
"""From anywhere to the dialog of a wipe; Cancel has the focus, the tag's field is before it."""


async def asked(pilot: Pilot[None], tag: str) -> None:
    """Fill in the dialog of a wipe."""
    app = pilot.app
    assert isinstance(app.screen, RequestScreen)
    for name, said in (("reason", "stolen"), ("typed", tag)):
        app.screen.fields[name].focus()
        await press(pilot, *said)
    await press(pilot, "ctrl+s")


def test_a_wipe_needs_its_tag_typed_and_is_sent_by_a_second_act_only(office: Office) -> None:
    app = screen(office)

    async def script(pilot: Pilot[None]) -> None:
        await press_each(pilot, *WIPE)
        assert app.focused is not None
        assert app.focused.id == "cancel"
        await asked(pilot, "KAU-9999")
        assert "What was typed is not what stands on the device." in text(app)
        assert office.intents() == []
        app.screen.fields["typed"].value = ""  # type: ignore[attr-defined]
        await asked(pilot, "KAU-0012")
        assert isinstance(app.screen, ActionScreen)
        assert "Requested. Nothing was sent." in text(app)
        await press_each(pilot, "s", "tab", "enter")
        assert office.hand.sent == [], "the time in which everybody can call it off is not over"
        assert "can be sent from" in text(app)
        await press_each(pilot, "escape")
        office.pass_time(timedelta(minutes=16))
        await press_each(pilot, "r", "s", "enter")
        assert office.hand.sent == [], "Cancel has the focus"
        await press_each(pilot, "s", "tab", "enter")
        assert [order.act for order in office.hand.sent] == [RemoteAct.WIPE]
        assert "wiped" not in text(app)

    play(app, script)


def test_pasting_the_tag_is_refused_with_a_line(office: Office) -> None:
    app = screen(office)

    async def script(pilot: Pilot[None]) -> None:
        await press_each(pilot, *WIPE)
        assert isinstance(app.screen, RequestScreen)
        box = app.screen.fields["typed"]
        box.focus()
        await pilot.pause()
        app.screen.post_message(events.Paste("KAU-0012"))
        box.post_message(events.Paste("KAU-0012"))
        await press(pilot)
        assert box.value == ""  # type: ignore[attr-defined]
        assert "Pasting is refused here" in text(app)

    play(app, script)


def test_no_single_key_sends_anything_from_any_screen(office: Office) -> None:
    office.ask(RemoteAct.LOCK)
    app = screen(office)
    keys = sorted({key for action in ACTIONS for key in action.keys if action.id != "quit"} | set(VIEW_KEYS.values()))

    async def script(pilot: Pilot[None]) -> None:
        for way in (("2",), ("A", "enter"), WIPE):
            there = None
            for key in keys:
                if app.screen is not there:
                    while len(app.screen_stack) > 1:
                        app.pop_screen()
                    await press_each(pilot, *way)
                    there = app.screen
                await press(pilot, key)
        assert app.is_running

    play(app, script)
    assert office.hand.sent == []
    assert [line["standing"] for line in office.intents()] == ["requested"]


def test_what_is_not_known_to_have_arrived_is_called_so_and_not_sent_again(office: Office) -> None:
    office.hand.answers = [Unclear("the connection broke")]
    app = screen(office)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "2")
        await press_each(pilot, *LOST)
        assert "Not known whether it arrived." in text(app)
        await press_each(pilot, "s", "s")
        assert len(office.hand.sent) == 1
        await press_each(pilot, "w", "ctrl+s")
        assert "Say how you know" in text(app)
        await press_each(pilot, *"seen in Intune", "ctrl+s")
        assert office.standing() == "confirmed"

    play(app, script)


def test_a_refused_sign_in_sends_nothing_and_its_reason_stays_until_it_is_read(office: Office) -> None:
    def refuse(within: timedelta | None) -> SignedIn:
        raise Refused("The sign-in was cancelled.", next_step="Send it again.")

    office.hand.sign_in = refuse  # type: ignore[method-assign]
    app = screen(office)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "2")
        await press_each(pilot, *LOST)
        assert "The sign-in was cancelled. Send it again." in text(app)
        await press(pilot, "enter")
        assert "Requested. Nothing was sent." in text(app)

    play(app, script)
    assert office.hand.sent == []


def test_a_second_person_approves_and_only_then_the_first_sends(shared: Office) -> None:
    shared.ask(RemoteAct.WIPE)
    first, second = screen(shared), screen(shared, "bertta")

    async def approving(pilot: Pilot[None]) -> None:
        assert "1 request waits for you" in text(second)
        await press_each(pilot, "A", "enter")
        assert "It waits for you" in text(second)
        await press_each(pilot, "y", "enter")
        assert shared.standing() == "requested", "Cancel has the focus"
        await press_each(pilot, "y", "ctrl+s")

    async def sending(pilot: Pilot[None]) -> None:
        await press_each(pilot, "A", "enter", "y")
        assert isinstance(first.screen, ActionScreen), "who asked has nothing to approve"
        await press_each(pilot, "s", "ctrl+s")

    play(second, approving)
    assert shared.standing() == "approved"
    play(first, sending)
    assert shared.standing() == "accepted"


def test_a_freeze_stands_on_every_screen_and_stops_the_lock(office: Office) -> None:
    app = screen(office)

    async def script(pilot: Pilot[None]) -> None:
        await press_each(pilot, "colon", *"freeze", "enter", "ctrl+s")
        assert "A reason is missing." in text(app)
        assert not office.brake.is_pulled
        await press_each(pilot, *"odd wipes", "ctrl+s")
        for way in (("1",), ("2",), ("2", "enter"), ("question_mark",)):
            await press_each(pilot, *way)
            assert "Remote actions are frozen since" in text(app)
        await press(pilot, "2")
        await press_each(pilot, *LOST)
        assert "All remote actions are frozen" in text(app)

    play(app, script)
    assert office.hand.sent == []


def test_hostile_words_of_an_action_are_mere_text_on_its_screens(office: Office) -> None:
    said = [name for name in HOSTILE if name.strip() and "\ud800" not in name and "\x00" not in name]
    office.ask(RemoteAct.WIPE, reason=" ".join(said), despite=said[0])
    app = screen(office)

    async def script(pilot: Pilot[None]) -> None:
        for keys in (("A",), ("enter",), ("pagedown",), ("x",), ("escape",), ("a",), ("escape",)):
            await press_each(pilot, *keys)
            assert all(acting(line) == [] for line in lines(app))
        app.acts._notice(RuntimeError("[/]"))
        await press(pilot)
        assert app.is_running

    play(app, script)


async def press_each(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await press(pilot, key)
