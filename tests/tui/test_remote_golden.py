"""Pictures of the screens of remote actions, in three languages; read the difference before keeping a new one."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from intent_rig import Office
from register_rig import page, row, run
from textual.pilot import Pilot

from devreg.domain.platforms import RemoteAct
from devreg.services import act, freezing
from tests.tui.stage import golden, lines, play, speaks, text
from tests.tui.test_hostile import HOSTILE, acting
from tests.tui.test_remote_screens import press_each, screen

NOON = datetime(2026, 11, 23, 10, tzinfo=UTC)
SCREENS: dict[str, tuple[str, ...]] = {
    "act-menu": ("2", "a"),
    "act-request": ("2", "a", *"tyhj", "enter"),
    "act-lost": ("2", "slash", *"vanha", "enter", "a", "enter"),
    "act-list": ("A",),
    "act-open": ("A", "enter"),
    "act-closed": ("A", "down", "enter"),
}
_WIPE = {"fi": "tyhj", "sv": "rade", "en": "wipe"}


@pytest.fixture
def office(tmp_path: Path, make_register: Callable[[str, Path], str]) -> Iterator[Office]:
    made = Office("sqlite", make_register("sqlite", tmp_path), tmp_path, NOON)
    papers = page(row("r1", serial="SN00000002", kind="phone", name="vanha"))
    run(made.owner, papers, name="papers", kind="sheet", now=NOON)
    yield made
    made.close()


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("name", SCREENS)
def test_screen_of_remote_actions_as_text(office: Office, name: str, language: str) -> None:
    speaks(language)
    sessions, anna = office.who("anna")
    if name not in ("act-menu", "act-request", "act-lost"):
        office.ask(RemoteAct.LOCK)
        act.cancel(sessions, anna, 1, reason="found", now=office.now())
        office.pass_time(timedelta(minutes=5))
        office.ask(RemoteAct.WIPE)
        freezing.freeze(sessions, office.who("carl")[1], "odd wipes", now=office.now())
    app = screen(office, language=language)
    found: list[str] = []

    async def script(pilot: Pilot[None]) -> None:
        keys = SCREENS[name]
        if name == "act-request":
            keys = ("2", "a", *_WIPE[language], "enter")
        await press_each(pilot, *keys)
        found.append(text(app))

    play(app, script)
    golden(f"{name}-{language}", found[0])


def test_hostile_names_are_mere_text_on_every_screen_of_remote_actions(office: Office) -> None:
    said = [name for name in HOSTILE if name.strip() and "\ud800" not in name and "\x00" not in name]
    together = [" ".join(said[at : at + 6]) for at in range(0, len(said), 6)]
    sessions, _ = office.who("anna")
    phones = [row(f"h{n}", serial=f"SNH{n:05d}", kind="phone", os="Android", manages=True, name=name, model=name, holder=name,
                  enrolment="androidEnterpriseFullyManaged", ownership="company") for n, name in enumerate(together)]  # fmt: skip
    run(office.owner, page(*phones), name="two", now=office.now())
    app = screen(office)

    async def script(pilot: Pilot[None]) -> None:
        async def look(*keys: str) -> None:
            await press_each(pilot, *keys)
            assert app.is_running
            assert [line for line in lines(app) if acting(line)] == []

        for at in range(len(together)):
            await look("2", *["down"] * (at > 0), "a", *"wipe", "enter", "escape")
        office.ask(RemoteAct.WIPE, device_id=1, reason=" ".join(said), despite=said[0])
        freezing.freeze(sessions, office.who("carl")[1], " ".join(said), now=office.now())
        app.acts.read_head()
        for keys in (("A",), ("enter",), ("end",), ("x",), ("escape",), ("a",), ("escape",)):
            await look(*keys)
        for name in together:
            app.acts._notice(RuntimeError(name))
            await look("escape")

    play(app, script, size=(120, 40))
    assert office.hand.sent == []
