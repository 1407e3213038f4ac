"""When the program itself is wrong, it says so in a line, without what was in memory."""

import io

import pytest
from rich.console import Console
from textual.pilot import Pilot

from tests.tui.stage import make, play
from tui.app import DevregApp

CANARY = "hunter2-canary"


def test_a_crash_shows_one_line_and_no_local_variable() -> None:
    app = make()
    printed = io.StringIO()
    app.error_console = Console(file=printed, width=200)

    class Wrong(RuntimeError):
        pass

    def explode() -> None:
        secret = CANARY
        raise Wrong(f"token {secret}")

    async def script(pilot: Pilot[None]) -> None:
        app.call_later(explode)
        await pilot.pause()

    with pytest.raises(Wrong):
        play(app, script)
    app._print_error_renderables()
    told = printed.getvalue()
    assert CANARY not in told
    assert told.count("\n") <= 2
    assert "devreg stopped: Wrong (test_crash.py:" in told
    assert app.return_code == 1


def test_the_last_words_of_an_error_without_a_traceback_are_still_a_line() -> None:
    assert make()._last_words(None).startswith("devreg stopped: NoneType")
    assert isinstance(make(), DevregApp)
