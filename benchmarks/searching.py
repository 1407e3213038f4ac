"""Searching and paging a register as a person types: P9, N2, and P18 while another process synchronises."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from benchmarks.figure import Figure, percentile_95, wall_seconds
from benchmarks.register import open_register
from devreg.services.browse import Browser, Query
from devreg.store.engine import Sessions
from devreg.store.schema import device

_KEYSTROKES: Final = 440
_SHORTEST: Final = 3
_FRAME_MS: Final = 1_000 / 60
_PAGE: Final = 50
_COUNTED: Final = 1_000
"""Where counting hits stops, as in "1,000+"."""


def figures(folder: Path, devices: int) -> Iterator[Figure]:
    """On the register that `ingest.figures` left there."""
    sessions = open_register(folder / "ours.db")
    seen = Browser(sessions, "fi")
    keystrokes = typed(sessions, random.Random(9))  # noqa: S311  no secret
    yield Figure("N2", f"any page of {_PAGE} of a list, p95 / 5 ms", _pages_ms(seen), 5.0, 1.0, "ms")
    idle = searches_ms(seen, keystrokes)
    what = f"search of 3 letters or more, {_PAGE} ordered rows and count up to {_COUNTED:,}, p95 / a frame"
    yield Figure("P9", what, percentile_95(idle), _FRAME_MS, 1.0, "ms")
    busy = _while_syncing(folder / "ours.db", devices, seen, keystrokes)
    yield Figure(
        "P18",
        "the same while another process synchronises, p95 / idle",
        percentile_95(busy),
        percentile_95(idle),
        3.0,
        "ms",
    )
    sessions.close()


def typed(sessions: Sessions, dice: random.Random) -> list[str]:
    """What is typed, letter by letter, by somebody who looks for a device by serial, holder, model or name; a sixth finds nothing."""
    columns = (device.c.serial, device.c.holder, device.c.model, device.c.name)
    with sessions.read() as session:
        rows = session.execute(select(*columns)).all()
    found: list[str] = []
    while len(found) < _KEYSTROKES:
        text = dice.choice(dice.choice(rows)) or ""
        text = text if dice.random() > 1 / 6 else text[:2] + "qx" + text[2:]
        found += [text[:length] for length in range(_SHORTEST, len(text) + 1)]
    return dice.sample(found, _KEYSTROKES)


def searches_ms(seen: Browser, keystrokes: list[str]) -> list[float]:
    """Milliseconds from each keystroke to its first rows and its count."""

    def look(text: str) -> list[Any]:
        keys = seen.keys("devices", Query(search=text, limit=_COUNTED))
        return seen.rows("devices", keys[:_PAGE])

    look("warm")
    return [wall_seconds(lambda text=text: look(text)) * 1_000 for text in keystrokes]  # type: ignore[misc]


def _pages_ms(seen: Browser) -> float:
    keys = seen.keys("devices", Query())
    dice = random.Random(2)  # noqa: S311  no secret
    starts = [dice.randrange(max(1, len(keys) - _PAGE)) for _ in range(200)]
    first = [wall_seconds(lambda: seen.rows("devices", seen.keys("devices", Query(limit=_PAGE)))) for _ in range(20)]
    later = [wall_seconds(lambda at=at: seen.rows("devices", keys[at : at + _PAGE])) for at in starts]  # type: ignore[misc]
    return percentile_95(first + later) * 1_000


def _while_syncing(path: Path, devices: int, seen: Browser, keystrokes: list[str]) -> list[float]:
    """Search times for as long as the other process has something to do."""
    command = [sys.executable, "-m", "benchmarks.syncing", str(path), str(devices)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  ourselves
        assert process.stdout is not None  # noqa: S101  it is a pipe
        process.stdout.readline()
        times: list[float] = []
        while process.poll() is None and len(times) < 5 * len(keystrokes):
            times += searches_ms(seen, keystrokes[len(times) % len(keystrokes) :][:20])
            time.sleep(0)
        process.kill()
    return times
