"""tui: the screen, drawn before the register is open."""

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from devreg import config_file
from devreg.i18n import LANGUAGES

if TYPE_CHECKING:
    from devreg.services.browse import Browser
    from devreg.services.desk import Desk
    from devreg.wiring import App


def tui(config: Path | None) -> int:
    """Open the terminal UI; its exit code."""
    from tui.app import run  # loads Textual

    path = config_file.find(config)
    words = config_file.language_and_zone(path)
    if words is None or words[0] not in LANGUAGES:
        _app(path)  # raises, saying what is wrong with the file
    language, zone = words or ("fi", "Europe/Helsinki")
    opened = cache(_app)
    return run(lambda: _browser(opened(path)), language, zone, lambda: collect_apart(path), lambda: _desk(opened(path)))


def collect_apart(path: Path) -> None:
    """Start a collection of every source in a process of its own; the list of runs follows it. Raises Refused when the person may not."""
    from devreg import wiring  # as below
    from devreg.domain.rights import Right
    from devreg.services.acting import ask

    app = wiring.open_app(path)
    ask(app.sessions, app.actor(), Right.COLLECT, doing="read sources", now=wiring.now())
    app.sessions.close()
    command = [sys.executable, "-m", "devreg", "collect", "--config", str(path)]
    quiet = subprocess.DEVNULL
    subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)  # noqa: S603  our own command


def _app(path: Path) -> "App":
    from devreg import wiring  # what the screen needs only once it is drawn

    return wiring.open_app(path)


def _browser(app: "App") -> "Browser":
    from devreg.commands.following import follow  # as above
    from devreg.services.browse import Browser

    follow(app)
    return Browser(app.sessions, app.t.language)


def _desk(app: "App") -> "Desk":
    from devreg import wiring  # as above

    return wiring.desk(app)
