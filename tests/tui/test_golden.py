"""Pictures of the screens as text, in three languages; read the difference before keeping a new one."""

import pytest
from textual.pilot import Pilot

from tests.tui.stage import golden, make, play, press, speaks, text

SCREENS = {
    "devices": (),
    "search": ("slash", "c", "h", "r"),
    "facets": ("f", "space"),
    "device": ("enter",),
    "runs": ("9",),
    "run": ("9", "down", "down", "enter"),
    "help": ("question_mark",),
    "palette": ("colon",),
    "columns": ("c",),
}


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("screen", SCREENS)
def test_screen_as_text(screen: str, language: str) -> None:
    speaks(language)
    app = make(language=language)
    found: list[str] = []

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, *SCREENS[screen])
        found.append(text(app))

    play(app, script)
    golden(f"{screen}-{language}", found[0])


def test_without_colour_every_state_is_still_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = make()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "9")
        assert app.no_color
        for word in ("✓ complete", "■ held", "◐ partial", "✗ failed", "▸ running"):
            assert word in text(app)

    play(app, script)


@pytest.mark.parametrize("size", [(200, 60), (80, 24), (40, 10), (20, 5), (3, 2)])
def test_every_size_of_terminal_is_survived(size: tuple[int, int]) -> None:
    app = make()

    async def script(pilot: Pilot[None]) -> None:
        await press(
            pilot, "f", "escape", "enter", "right", "escape", "9", "enter", "escape", "colon", "escape", "c", "escape"
        )
        assert app.is_running
        await pilot.resize_terminal(80, 24)
        await press(pilot, "1")
        assert "D000001" in text(app)

    play(app, script, size)
