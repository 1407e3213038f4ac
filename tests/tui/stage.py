"""Playing the app in tests: a pilot without asyncio plumbing, and the screen as text."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from devreg.i18n import Catalogue
from tests.tui.fake import NOW, FakeBrowser
from tui.app import DevregApp

GOLDEN = Path(__file__).parent / "golden"
Script = Callable[[Pilot[None]], Awaitable[None]]


def make(
    browser: FakeBrowser | Callable[[], FakeBrowser] | None = None, language: str = "en", **more: object
) -> DevregApp:
    """The app over a fake register, at a time that stands still."""
    app = DevregApp(browser or FakeBrowser(), language, clock=lambda: NOW, **more)  # type: ignore[arg-type]
    app.loader.budget_s = 60.0  # a busy machine must not change what a test sees
    return app


def play(app: DevregApp, script: Script, size: tuple[int, int] = (80, 24), *, wait: bool = True) -> None:
    """Run the app without a terminal and let the script press its keys."""

    async def run() -> None:
        async with app.run_test(size=size, notifications=True) as pilot:
            await (settled(pilot) if wait else pilot.pause())
            await script(pilot)

    asyncio.run(run())


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press the keys and wait until all that follows from them is on screen."""
    await pilot.press(*keys)
    await settled(pilot)


async def settled(pilot: Pilot[None]) -> None:
    """Wait for reads in threads and for the paint after them."""
    for _ in range(100):
        await pilot.pause()
        if not (pilot.app.loader.busy or pilot.app.acts.deeds.busy):  # type: ignore[attr-defined]
            break
        await asyncio.sleep(0.01)
    await pilot.pause()


def lines(app: DevregApp) -> list[str]:
    """The screen as text, a line each, without blanks at their ends."""
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


def text(app: DevregApp) -> str:
    """The screen as one text."""
    return "\n".join(lines(app)) + "\n"


def golden(name: str, found: str) -> None:
    """Compare with the kept picture; DEVREG_GOLDEN=1 keeps the new one instead (then read the difference)."""
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("DEVREG_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")


def speaks(language: str) -> None:
    """Skip where the catalogue of this language is not built or does not know the screens yet."""
    try:
        known = language == "en" or Catalogue(language)("Quit") != "Quit"
    except FileNotFoundError:
        known = False
    if not known:
        pytest.skip(f"no {language} catalogue with the screens' texts is built")
