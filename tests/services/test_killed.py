"""A collecting process killed anywhere leaves a sound register, blocks nobody, and the next run ends as if nothing had been."""

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from killed import source
from register_rig import NOON, dump, later, rows, run_of
from sqlalchemy import text

from devreg.errors import AlreadyRunning
from devreg.store import migrate, schema
from devreg.store.engine import Sessions, connect

KILLED = Path(__file__).with_name("killed.py")
Register = Callable[[str], str]


def started(address: str, folder: Path, pause: float = 0.0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(KILLED), address, str(folder), str(pause)], stdout=subprocess.PIPE, text=True
    )


def killed_after(process: subprocess.Popen[str], line: str, times: int, seconds: float = 0.0) -> None:
    """Kill it so many seconds after it has printed the line so many times."""
    assert process.stdout is not None
    while times:
        said = process.stdout.readline()
        assert said, "the process ended early"
        times -= said.strip() == line
    time.sleep(seconds)
    process.kill()
    process.wait(30)
    process.stdout.close()


def expected(make: Register, engine: str, folder: Path) -> dict[str, Any]:
    sessions = connect(make(engine), folder)
    assert run_of(sessions, source(), now=NOON).verdict == "complete"
    found = dump(sessions)
    sessions.close()
    return found


def assert_sound(sessions: Sessions) -> None:
    if sessions.is_sqlite:
        with sessions.read.begin() as session:
            assert session.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
            assert session.execute(text("PRAGMA foreign_key_check")).all() == []


def killed_and_resumed(make: Register, engine: str, folder: Path, moment: tuple[str, int, float]) -> dict[str, Any]:
    address = make(engine)
    killed_after(started(address, folder), *moment)
    sessions = connect(address, folder)
    assert_sound(sessions)
    ended = run_of(sessions, source(), now=later(1))
    assert (ended.verdict, ended.counts.missing) == ("complete", 0)
    assert_sound(sessions)
    found = dump(sessions)
    assert len(rows(sessions, schema.run)) <= 2
    sessions.close()
    return found


def settled(found: dict[str, Any]) -> dict[str, Any]:
    """Without the moments of reading, the quarantine, where a page read twice leaves two lines, and the numbers of
    history lines: PostgreSQL gives no number twice, whatever became of the first transaction."""
    moments = {"last_seen", "created_at", "completed_at"}
    return {
        table: [
            {name: value for name, value in line.items() if name not in moments and (table, name) != ("change", "id")}
            for line in lines
        ]
        for table, lines in found.items()
        if table != "rejected_record"
    }


MOMENTS = [("ready", 1, 0.0), ("page", 1, 0.0), ("kept", 1, 0.0), ("kept", 4, 0.0), ("page", 8, 0.0), ("kept", 8, 0.0)]


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: f"{moment[0]} {moment[1]}")
def test_a_run_killed_at_a_page_boundary_converges_to_the_uninterrupted_state(
    fresh_register: Register, tmp_path: Path, moment: tuple[str, int, float]
) -> None:
    wanted = expected(fresh_register, "sqlite", tmp_path)
    found = killed_and_resumed(fresh_register, "sqlite", tmp_path, moment)
    assert settled(found) == settled(wanted)


def test_a_run_killed_on_postgresql_converges_to_the_uninterrupted_state(
    fresh_register: Register, tmp_path: Path
) -> None:
    wanted = expected(fresh_register, "postgresql", tmp_path)
    found = killed_and_resumed(fresh_register, "postgresql", tmp_path, ("page", 5, 0.005))
    assert settled(found) == settled(wanted)


@pytest.mark.parametrize("seed", [1, 2])
def test_runs_killed_at_random_moments_converge_to_the_uninterrupted_state(
    fresh_register: Register, tmp_path: Path, seed: int
) -> None:
    _cycle(fresh_register, tmp_path, "sqlite", random.Random(seed))


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_hundred_kills_of_each_engine_lose_nothing(fresh_register: Register, tmp_path: Path, engine: str) -> None:
    for seed in range(100):
        _cycle(fresh_register, tmp_path, engine, random.Random(seed))


def _cycle(make: Register, folder: Path, engine: str, dice: random.Random) -> None:
    moment = (dice.choice(["page", "kept"]), dice.randint(1, 7), dice.random() * 0.03)
    assert settled(killed_and_resumed(make, engine, folder, moment)) == settled(expected(make, engine, folder))


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_the_lock_of_a_running_process_holds_and_that_of_a_killed_one_blocks_nobody(
    fresh_register: Register, tmp_path: Path, engine: str
) -> None:
    address = fresh_register(engine)
    process = started(address, tmp_path, pause=60)
    assert process.stdout is not None
    while process.stdout.readline().strip() != "kept":
        pass
    sessions = connect(address, tmp_path)
    with pytest.raises(AlreadyRunning, match="being collected by") as caught:
        run_of(sessions, source())
    if engine == "sqlite":
        assert f"process {process.pid}" in caught.value.what
    killed_after(process, "", 0)
    deadline = time.monotonic() + 10
    while True:  # PostgreSQL notices the broken connection in its own time
        try:
            assert run_of(sessions, source(), now=later(1)).verdict == "complete"
            break
        except AlreadyRunning:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    sessions.close()


_MAKE = """
import sys
from pathlib import Path
from devreg.store import migrate
from devreg.store.engine import connect
print("ready", flush=True)
migrate.upgrade(connect("sqlite:///x.db", Path(sys.argv[1])))
"""


def test_a_process_killed_while_it_makes_the_database_leaves_one_that_can_be_made(tmp_path: Path) -> None:
    for tenth in (0, 1, 2):
        folder = tmp_path / str(tenth)
        folder.mkdir()
        process = subprocess.Popen([sys.executable, "-c", _MAKE, str(folder)], stdout=subprocess.PIPE, text=True)
        killed_after(process, "ready", 1, tenth / 20)
        sessions = connect("sqlite:///x.db", folder)
        assert migrate.upgrade(sessions).is_current
        assert_sound(sessions)
        sessions.close()
