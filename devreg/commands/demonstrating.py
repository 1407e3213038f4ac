"""demo: a small invented city on this machine, collected, measured and shown."""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import msgspec

from devreg import wiring
from devreg.commands import collecting, demo_counting, demo_paperwork, reporting
from devreg.commands.showing import collect_apart
from devreg.demo import rig
from devreg.demo.memory import peak_mb
from devreg.errors import Misconfigured
from devreg.i18n import Catalogue, locale_language, speak
from devreg.services import equality, limiting
from devreg.services.browse import Browser, Query
from devreg.store import migrate
from devreg.terminal import is_interactive, note, say
from devreg.wiring import App
from exports.equality_figures import figures

_MARK: Final = ".devreg-demo"
"""A folder with this file is ours to begin anew in."""

_LEFTOVERS: Final = ("devreg.db*", "*.xlsx", "*.csv", "*.log", "*.jsonl", "*.frozen")


def demo(devices: int, keep: Path | None, *, no_tui: bool) -> int:
    """Everything from stand-ins to summary; then the terminal UI, on a terminal."""
    began = time.monotonic()
    if find_spec("snmpsim") is None or find_spec("snmpsim_data") is None:
        raise Misconfigured("The demo's network devices are not installed.", next_step='Install "devreg[demo]".')
    with ExitStack() as stack:
        folder = stack.enter_context(_folder(keep))
        t = Catalogue(locale_language())
        note(
            t(
                "Starting stand-ins for Microsoft, Google and the network on 127.0.0.1; every device, person and number is invented."
            )
        )
        city = stack.enter_context(rig.start(folder, devices))
        app = msgspec.structs.replace(wiring.open_app(city.config, need_schema=False), t=t)
        speak(t)
        stack.callback(app.sessions.close)
        migrate.upgrade(app.sessions)
        limiting.apply(app.sessions, app.actor(), wiring.limits(app), now=wiring.now())
        os.environ.setdefault("BROWSER", f"{sys.executable} -m devreg.demo.browser {folder / 'ca.pem'} %s")
        code = collecting.collect_all(app, app.named(()))
        demo_paperwork.sign(app)
        demo_counting.count(app)
        books = reporting.write_equality(app, folder / "equality.xlsx", "all")
        _summary(app, books, began)
        _hint(app, city)
        if is_interactive() and not no_tui:
            from tui.app import run  # loads Textual

            browser = Browser(app.sessions, app.t.language)
            run(browser, t.language, t.zone.key, lambda: collect_apart(city.config), lambda: wiring.desk(app))
        if keep is None:
            note(t("The city is gone again; `devreg demo --keep DIR` keeps register and workbooks."))
    return code


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """A temporary folder, or the one named: empty, new, or left by an earlier demo."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="devreg-demo-", ignore_cleanup_errors=True) as name:
            yield Path(name)
        return
    folder = keep.absolute()
    if folder.exists() and any(folder.iterdir()) and not (folder / _MARK).exists():
        raise Misconfigured(f"{folder} holds something else.", next_step="Name a new or an empty folder.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / _MARK).touch()
    for pattern in _LEFTOVERS:
        for path in folder.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    yield folder


def _summary(app: App, books: list[Path], began: float) -> None:
    t, browser = app.t, Browser(app.sessions, app.t.language)
    kinds = [f"{t(kind or 'kind not known')} {t.number(total)}" for kind, total in _kinds(browser)]
    merged = len(browser.keys("records", Query(where=(("subject", "device"),))))
    devices = len(browser.keys("devices", Query()))
    say()
    say(t("{devices} devices from {records} records of {sources} sources", devices=t.number(devices), records=t.number(merged),
          sources=t.number(len(app.sources))))  # fmt: skip
    say("  " + ", ".join(kinds))
    say()
    assessment = equality.measure(app.sessions, app.loaded.settings.equality, wiring.now())
    for figure in figures(assessment, t):
        say(f"  {figure.name}: {figure.text(t)}  {figure.said}  {figure.meaning}")
    say()
    for book in books:
        say(f"  {book}")
    say()
    say(
        t(
            "Ready in {seconds} s; peak memory {megabytes} MB.",
            seconds=t.number(time.monotonic() - began, 1),
            megabytes=t.number(peak_mb()),
        )
    )


def _hint(app: App, city: rig.Rig) -> None:
    """How remote actions are tried: what the administrators and the devices of the city do meanwhile."""
    say()
    say(
        app.t(
            "While the demo runs, play the city's administrators and devices here: {address}",
            address=city.control.address,
        )
    )
    say(app.t("Before another terminal signs in for a remote action:"))
    say(f'  export BROWSER="{sys.executable} -m devreg.demo.browser {city.graph.ca_bundle} %s"')


def _kinds(browser: Browser) -> list[tuple[str | None, int]]:
    from devreg.domain.words import label  # words of the catalogue, not of the database

    return [(label(kind) if kind else None, total) for kind, total in browser.facets("devices", Query(), "kind")]
