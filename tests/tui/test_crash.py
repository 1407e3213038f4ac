"""When the program itself is wrong, it says so in a line, without what was in memory."""

import io

import pytest
from rich.console import Console
from textual.pilot import Pilot

from devreg.errors import DatabaseUnavailable
from devreg.i18n import Catalogue
from tests.tui.stage import make, play
from tui.crash import last_words

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


def test_an_error_of_our_own_keeps_its_words() -> None:
    told = last_words(DatabaseUnavailable("The disk is full.", next_step="Make room."), Catalogue("en"))
    assert told.startswith("devreg stopped: The disk is full. Make room. (")
