"""The door to data: never stuck, never stale, never silent."""

import threading
import time

import pytest
from textual.pilot import Pilot

from devreg.errors import DatabaseUnavailable
from tests.tui.fake import FakeBrowser
from tests.tui.stage import lines, make, play, press, settled, text
from tests.tui.terminal import on_terminal
from tui.screens.list import ListScreen


def slow_browser() -> FakeBrowser:
    browser = FakeBrowser()
    browser.quick_ok = False
    return browser


def test_a_register_across_a_network_is_read_in_threads_and_shows_the_same() -> None:
    app = make(slow_browser())

    async def script(pilot: Pilot[None]) -> None:
        assert lines(app)[3].startswith("▌D000001  PHO-00001")
        await press(pilot, "slash", *"chr-00003")
        assert lines(app)[1].endswith("1 / 2,613")

    play(app, script)


def test_an_answer_that_comes_after_a_newer_question_is_dropped() -> None:
    browser = slow_browser()
    app = make(browser)

    async def script(pilot: Pilot[None]) -> None:
        gate = browser.gate = threading.Event()
        await pilot.press("slash", *"chr-00")
        browser.gate = None
        await pilot.press(*"003")
        gate.set()
        await settled(pilot)
        assert isinstance(app.screen, ListScreen)
        assert lines(app)[1].startswith(" / chr-00003")
        assert len(app.screen.table.rows) == 1

    play(app, script)


def test_keys_work_while_a_read_hangs_and_only_one_thread_a_slot_waits() -> None:
    browser = slow_browser()
    app = make(browser)

    async def script(pilot: Pilot[None]) -> None:
        gate = browser.gate = threading.Event()
        await pilot.press("slash", *"many keys")
        assert lines(app)[1].startswith(" / many keys")
        waiting = [thread for thread in threading.enumerate() if thread.name == "read-keys"]
        assert len(waiting) == 1
        gate.set()

    play(app, script)


_HANGING = """
import threading
from tests.tui.fake import FakeBrowser
from tui.app import DevregApp

class Hanging(FakeBrowser):
    quick_ok = False
    def keys(self, view, query):
        threading.Event().wait()

DevregApp(Hanging(10), "en").run()
"""


def test_the_process_ends_at_once_while_reads_hang() -> None:
    seen, took = on_terminal(_HANGING, [b"2", b"/", b"x", b"\r", b"r"])
    assert b"Phones" in seen
    assert took < 2.0, "half a second on an idle machine"


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_quitting_does_not_wait_for_a_read_that_hangs_nor_mind_its_late_answer() -> None:
    browser = slow_browser()
    app = make(browser)
    gate = threading.Event()
    left: list[float] = []

    async def script(pilot: Pilot[None]) -> None:
        browser.gate = gate
        await pilot.press("r", "q")
        left.append(time.perf_counter())

    play(app, script)
    assert time.perf_counter() - left[0] < 1.0
    gate.set()
    for thread in threading.enumerate():
        if thread.name.startswith("read-"):
            thread.join(5)


def test_a_slow_kind_of_read_moves_to_a_thread_and_comes_back_when_it_is_quick() -> None:
    app = make()

    async def script(pilot: Pilot[None]) -> None:
        where: list[str] = []

        def read(_: object) -> None:
            where.append(threading.current_thread().name)

        app.loader.budget_s = -1.0
        app.loader.read("probe", read, lambda _: None)
        app.loader.read("probe", read, lambda _: None)
        await settled(pilot)
        app.loader.budget_s = 60.0
        app.loader.read("probe", read, lambda _: None)
        assert where[1:] == ["read-probe", threading.current_thread().name]

    play(app, script)


@pytest.mark.parametrize("quick", [True, False])
def test_a_register_that_cannot_be_read_says_why_and_comes_back(quick: bool) -> None:
    browser = FakeBrowser()
    browser.quick_ok = quick
    app = make(browser)

    async def script(pilot: Pilot[None]) -> None:
        browser.trouble = DatabaseUnavailable("The database is locked.", next_step="Wait for the other program.")
        await press(pilot, "slash", *"chr")
        assert "! The register can't be read: The database is locked." in text(app)
        assert "D000001" in text(app), "what was shown stays"
        browser.trouble = None
        await press(pilot, "down", "r")
        assert "can't be read" not in text(app)
        assert lines(app)[1].endswith("436 / 2,613")

    play(app, script)


def test_of_a_foreign_error_only_its_kind_is_told() -> None:
    browser = FakeBrowser()
    app = make(browser)

    async def script(pilot: Pilot[None]) -> None:
        browser.trouble = RuntimeError("postgresql://devreg:hunter2@db/devreg")
        await press(pilot, "r")
        assert "RuntimeError" in text(app)
        assert "hunter2" not in text(app)

    play(app, script)


def test_a_register_that_fails_from_the_start_shows_the_frame_and_the_reason() -> None:
    browser = FakeBrowser()
    browser.trouble = DatabaseUnavailable("The database was written by a newer devreg.")
    app = make(browser)

    async def script(pilot: Pilot[None]) -> None:
        assert "newer devreg" in text(app)
        await press(pilot, "9", "enter", "question_mark", "escape", "1")
        browser.trouble = None
        await press(pilot, "r")
        assert "D000001" in text(app)

    play(app, script)


def test_the_frame_is_on_screen_before_the_register_is_open() -> None:
    gate = threading.Event()

    def open_register() -> FakeBrowser:
        gate.wait()
        return FakeBrowser()

    app = make(open_register)

    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("f", "c", "s", "9", "enter", "slash", "x", "escape", "escape", "colon", "escape")
        assert "Opening the register…" in text(app)
        gate.set()
        await settled(pilot)
        assert lines(app)[3].startswith("▌D000001")

    play(app, script, wait=False)


def test_a_register_that_does_not_open_says_why_and_opens_later() -> None:
    failures = [DatabaseUnavailable("The server does not answer.")]

    def open_register() -> FakeBrowser:
        if failures:
            raise failures.pop()
        return FakeBrowser()

    app = make(open_register)

    async def script(pilot: Pilot[None]) -> None:
        assert "The server does not answer." in text(app)
        await press(pilot, "r")
        assert "does not answer" not in text(app)
        assert lines(app)[3].startswith("▌D000001")

    play(app, script)
