"""Text from outside never acts: not on the app, not on the terminal."""

import re
import unicodedata

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from tests.tui.fake import FakeBrowser
from tests.tui.stage import lines, make, play, press
from tests.tui.terminal import on_terminal
from tui.plain import content, fit, plain, wrap

HOSTILE = (
    "[/]",
    "[red]x",
    "[@click=app.quit]x[/]",
    "[[[unclosed",
    "\\[/]",
    "\x1b]52;c;aGFja2Vk\x07",
    "\x1b[31mred\x1b[0m",
    "\x9b31mc1",
    "\x90dcs\x9c",
    "a\rb\nc\td",
    "bell\x07null\x00del\x7f",
    "\u202eevil\u202c",
    "\u2066iso\u2069",
    "\u061cmark",
    "ze\u200bro\u2060width\ufeff",
    "soft\u00adhyphen",
    "line\u2028para\u2029",
    "tag\U000e0041\U000e007f",
    "x" * 300,
    "ö" * 300,
    "漢字" * 150,
    "👩\u200d👩\u200d👧\u200d👦 family",
    "e" + "\u0301" * 50,
    "{name} {0} %s %(x)s",
    "=1+1",
    "'); drop table device; --",
    " ",
    "\ud800lone",
    "مرحبا שלום",
)
ACTING = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def acting(text: str) -> list[str]:
    return [char for char in text if unicodedata.category(char) in ACTING]


@pytest.mark.parametrize("name", HOSTILE)
def test_plain_text_has_nothing_that_acts_and_keeps_its_cells(name: str) -> None:
    assert acting(plain(name)) == []
    assert content(name).plain == plain(name)
    for width in (0, 1, 2, 7, 40):
        assert cell_len(fit(name, width)) == width
        assert all(cell_len(line) <= max(2, width) for line in wrap(name, width))


def test_hostile_names_pass_through_every_screen_as_mere_text() -> None:
    app = make(FakeBrowser(300, HOSTILE), collect=lambda: None)

    async def script(pilot: Pilot[None]) -> None:
        async def look(*keys: str) -> None:
            await press(pilot, *keys)
            assert app.is_running
            for line in lines(app):
                assert acting(line) == []

        await look()
        for column in range(10):
            await look("right", "v")
            await look("s", "y", "escape", *["down"] * (column % 4))
        await look("home", "enter")
        for _ in range(8):
            await look("right", "pagedown")
        await look("n", "end", "escape")
        await look("f", *["down", "space"] * 3, "escape", "c", "escape", "escape")
        for view in ("2", "3", "4", "5", "6", "7", "8", "0", "P", "R"):
            await look(view, "down", "down", "enter")
            await look("escape")
        for name in HOSTILE:
            app.tell(name)
        await look()
        app.read_failed(RuntimeError("x"))
        await look("colon", *"abc", "down", "enter")

    play(app, script, size=(100, 40))


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_typed_or_pasted_is_searched_for_and_does_nothing_else(name: str) -> None:
    app = make(FakeBrowser(50, HOSTILE))

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "slash")
        assert app.focused is not None
        app.focused.value = name  # type: ignore[attr-defined]
        await press(pilot, "down")
        assert app.is_running
        assert all(acting(line) == [] for line in lines(app))
        await press(pilot, "colon")
        app.focused.value = name  # type: ignore[union-attr]
        await press(pilot, "enter")
        assert app.is_running

    play(app, script)


_PROGRAM = """
import sys
from tests.tui.fake import FakeBrowser
from tests.tui.test_hostile import HOSTILE
from tui.app import DevregApp
DevregApp(FakeBrowser(300, HOSTILE), "en").run()
"""
_OURS = re.compile(
    rb"\x1b(\[[0-9;?>=<]*\$?[A-Za-z]"  # CSI: colours, cursor, modes
    rb"|\]22;[a-z]*\x07"  # OSC: pointer shape, and no other
    rb"|P[^\x1b]*\x1b\\"  # DCS
    rb"|[>=78c]|\(B)"
)


def test_no_escape_byte_of_data_reaches_a_real_terminal() -> None:
    keys = (
        [b"\x1b[C"] * 8
        + [b"j", b"v", b"\x1b[B"]
        + [b"\r", b" ", b" ", b" ", b" ", b"\x7f"]
        + [b"6", b"7", b"8", b"P", b":", b"a", b"\r"]
    )
    seen, _ = on_terminal(_PROGRAM, keys)
    assert "�]52;c;aGFja2Vk".encode() in seen, "the name was on screen, its escape byte a mark"
    assert b"\x1b]52" not in seen
    assert b"\x1b[31mred" not in seen
    rest = _OURS.sub(b"", seen)
    assert b"\x1b" not in rest, rest[max(0, rest.find(b"\x1b") - 40) :][:120]
    assert not re.search(r"[\x80-\x9f]", rest.decode("utf-8", "strict"))
