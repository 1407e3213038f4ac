"""A collecting process killed anywhere leaves a sound register, blocks nobody, and the next run ends as if nothing had been."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from killed import day, pages
from register_rig import Listed, dump, rows, run_of
from sqlalchemy import text

from devreg.domain import chain
from devreg.errors import AlreadyRunning
from devreg.store import audit, migrate, schema
from devreg.store.engine import Sessions, connect

KILLED = Path(__file__).with_name("killed.py")
Register = Callable[[str], str]


def started(address: str, folder: Path, pause: float = 0.0, *die_at: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(KILLED), address, str(folder), str(pause), *die_at], stdout=subprocess.PIPE, text=True
    )


def killed_after(process: subprocess.Popen[str], line: str, times: int, seconds: float = 0.0) -> bool:
    """Kill it so many seconds after it has printed the line so many times; whether it still ran then."""
    assert process.stdout is not None
    while times:
        said = process.stdout.readline()
        assert said, "the process ended early"
        times -= said.strip() == line
    time.sleep(seconds)
    process.kill()
    ended = process.wait(30)
    process.stdout.close()
    return ended == -signal.SIGKILL


def expected(make: Register, engine: str, folder: Path) -> dict[str, Any]:
    """The register after a day without interruption."""
    sessions = connect(make(engine), folder)
    day(sessions)
    found = settled(dump(sessions)) | {"trail": trail(sessions)}
    sessions.close()
    return found


def assert_sound(sessions: Sessions) -> None:
    if sessions.is_sqlite:
        with sessions.read.begin() as session:
            assert session.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
            assert session.execute(text("PRAGMA foreign_key_check")).all() == []
    with sessions.read.begin() as session:
        assert chain.verify(audit.rows(session), (), audit.purged_to(session)).fault is None


def trail(sessions: Sessions) -> list[tuple[str, str]]:
    """What was done, and about what; a run begun again has another number, a replay may have been done twice."""
    done = [line for line in rows(sessions, schema.audit) if line["outcome"] == "done" and line["act"] != "replay"]
    return [(line["act"], "a run" if line["run_id"] else line["about"]) for line in done]


Kill = Callable[[str, Path], bool]
"""Begins or goes on with the day and kills it; False when the day was over before."""


def resumed(make: Register, engine: str, folder: Path, *kills: Kill, at_least: int = 1) -> dict[str, Any]:
    """The register after a day cut off by each of these, so many of them while it ran, and then brought to its end."""
    address = make(engine)
    met = 0
    for kill in kills:
        met += kill(address, folder)
        sessions = connect(address, folder)
        assert_sound(sessions)
        sessions.close()
    assert met >= at_least, "the day was over before it was killed"
    sessions = connect(address, folder)
    _go_on(sessions)
    assert_sound(sessions)
    found = settled(dump(sessions)) | {"trail": trail(sessions)}
    sessions.close()
    return found


def _go_on(sessions: Sessions) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            return day(sessions)
        except AlreadyRunning:  # PostgreSQL notices the broken connection in its own time
            assert time.monotonic() < deadline
            time.sleep(0.05)


def at_line(line: str, times: int, seconds: float = 0.0) -> Kill:
    """Killed from outside so long after it has said how far it is."""
    return lambda address, folder: killed_after(started(address, folder), line, times, seconds)


def at_random_time(line: str, seconds: float) -> Kill:
    """The same; what earlier kills have left of the day may be over before."""

    def kill(address: str, folder: Path) -> bool:
        process = started(address, folder)
        try:
            return killed_after(process, line, 1, seconds)
        except AssertionError:
            assert process.wait(60) == 0
            return False

    return kill


def at_commit(when: str, number: int) -> Kill:
    """Killed right before or right after a commit; a day with fewer commits ends by itself."""

    def kill(address: str, folder: Path) -> bool:
        ended = started(address, folder, 0.0, when, str(number)).wait(60)
        assert ended in {-signal.SIGKILL, 0}
        return ended == -signal.SIGKILL

    return kill


def settled(found: dict[str, Any]) -> dict[str, Any]:
    """Without the quarantine, where a page read twice leaves two lines, and with the numbers of lines counted through:
    PostgreSQL gives no number twice, whatever became of the first transaction."""
    numbers = {table: _counted(found[table]) for table in ("review", "decision", "change", "contract_change")}
    refers = {
        ("review", "decision_id"): "decision",
        ("pin", "decision_id"): "decision",
        ("decision", "review_id"): "review",
    }
    refers |= {(table, "id"): table for table in numbers}

    def named(table: str, name: str, value: Any) -> Any:
        of = refers.get((table, name))
        return value if of is None or value is None else numbers[of][value]

    return {
        table: [{name: named(table, name, value) for name, value in line.items()} for line in lines]
        for table, lines in found.items()
        if table != "rejected_record"
    }


def _counted(lines: list[dict[str, Any]]) -> dict[int, int]:
    return {line["id"]: number for number, line in enumerate(lines, 1)}


COMMITS = 36
"""At least as many as a day has."""
MOMENTS = [("ready", 1, 0.0), ("page", 1, 0.0), ("kept", 1, 0.0), ("kept", 4, 0.0), ("page", 8, 0.0), ("kept", 8, 0.0)]


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: f"{moment[0]} {moment[1]}")
def test_a_run_killed_at_a_page_boundary_converges_to_the_uninterrupted_state(
    fresh_register: Register, tmp_path: Path, moment: tuple[str, int, float]
) -> None:
    found = resumed(fresh_register, "sqlite", tmp_path, at_line(*moment))
    assert found == expected(fresh_register, "sqlite", tmp_path)


@pytest.mark.parametrize(("engine", "seed"), [("sqlite", 1), ("sqlite", 2), ("postgresql", 3), ("postgresql", 4)])
def test_a_day_of_runs_and_decisions_killed_again_and_again_converges_to_the_uninterrupted_state(
    fresh_register: Register, tmp_path: Path, engine: str, seed: int
) -> None:
    dice = random.Random(seed)
    wanted = expected(fresh_register, engine, tmp_path)
    assert resumed(fresh_register, engine, tmp_path, *_kills(dice, 3)) == wanted


def _kills(dice: random.Random, count: int) -> list[Kill]:
    """At random commits and at random moments; the first one in the day's first half, where it surely meets it."""

    def by_commit(last: int) -> Kill:
        return at_commit(dice.choice(("before", "after")), dice.randint(1, last))

    others = [by_commit(COMMITS) for _ in range(count)]
    by_time = [at_random_time(dice.choice(("ready", "page", "kept")), dice.random() * 0.5) for _ in range(count)]
    return [by_commit(COMMITS // 2), *dice.sample(others + by_time, count - 1)]


def test_a_day_killed_before_its_last_commit_is_not_over(fresh_register: Register, tmp_path: Path) -> None:
    """Proves that the commits counted here are those of the day, and that `COMMITS` covers them all."""
    address = fresh_register("sqlite")
    ends = [started(address, tmp_path, 0.0, "before", str(number)).wait(60) for number in (1, COMMITS // 2, COMMITS)]
    assert ends == [-signal.SIGKILL, -signal.SIGKILL, 0]


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_hundred_kills_of_each_engine_lose_nothing(fresh_register: Register, tmp_path: Path, engine: str) -> None:
    """At every commit of the day, before and after it; the rest of the hundred at random, three in a row."""
    wanted = expected(fresh_register, engine, tmp_path)
    each = [[at_commit(when, number)] for number in range(1, COMMITS + 1) for when in ("before", "after")]
    dice = random.Random(engine)
    for kills in each + [_kills(dice, 3) for _ in range(100 - len(each))]:
        # The day may have fewer commits than are tried one by one.
        assert resumed(fresh_register, engine, tmp_path, *kills, at_least=len(kills) > 1) == wanted


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
        run_of(sessions, Listed(*pages()))
    if engine == "sqlite":
        assert f"process {process.pid}" in caught.value.what
    killed_after(process, "", 0)
    _go_on(sessions)
    sessions.close()


_MAKE = """
import sys
from pathlib import Path
from devreg.store import audit, migrate, schema
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
