"""PostgreSQL takes one of two units of work back when they wait for each other; ours is done again and nothing is done twice."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from register_rig import NOON, actor, devices, laptops, later, page, rows, run
from sqlalchemy import Connection, event, text

from devreg.domain.rights import Right
from devreg.errors import DatabaseUnavailable, TakenBack
from devreg.services.acting import act
from devreg.services.devices import add
from devreg.store import repeating, schema
from devreg.store.engine import Sessions, connect, told_plainly
from devreg.store.repeating import repeats


@pytest.fixture
def register(fresh_register: Callable[[str], str], tmp_path: Path) -> Iterator[Sessions]:
    """A register on PostgreSQL, with three devices of one source."""
    sessions = connect(fresh_register("postgresql"), tmp_path)
    run(sessions, page(*laptops(3)))
    yield sessions
    sessions.close()


@pytest.fixture
def states(register: Sessions) -> list[str]:
    """SQLSTATE of every error that the database answers with."""
    seen: list[str] = []
    event.listen(register.engine, "handle_error", lambda context: seen.append(context.original_exception.sqlstate))
    return seen


def deadlocked(register: Sessions, mine: str, work: Callable[[], Any]) -> Any:
    """What `work` gives when another, who holds the row that `mine` locks, wants the counter that the work already has."""
    got: list[Any] = []
    thread = threading.Thread(target=lambda: got.append(work()))
    with register.engine.connect() as other:
        other.execute(text("SET deadlock_timeout = '60s'"))  # so that it is the work that finds itself deadlocked
        other.execute(text(mine))
        thread.start()
        _wait_until_somebody_waits_for(other)
        other.execute(text("SELECT next FROM counter WHERE name = 'device' FOR UPDATE"))
        other.rollback()
    thread.join(30)
    return got[0]


def _wait_until_somebody_waits_for(other: Connection) -> None:
    deadline = time.monotonic() + 20
    me = other.execute(text("SELECT pg_backend_pid()")).scalar()
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND :me = ANY(pg_blocking_pids(pid))")
    while not other.execute(waiting, {"me": me}).scalar():
        assert time.monotonic() < deadline, "nobody ever waited"
        time.sleep(0.02)


def test_a_page_taken_back_by_a_deadlock_is_kept_once(register: Sessions, states: list[str]) -> None:
    def work() -> Any:
        return run(register, page(*laptops(4)), page(*laptops(3, 4), warnings=["odd"]), now=later(1))

    ended = deadlocked(register, "UPDATE source SET kind = kind WHERE name = 'intune'", work)
    assert states == ["40P01"]
    assert (ended.verdict, ended.warnings) == ("complete", ("odd",))
    assert (ended.counts.seen, ended.counts.new, ended.counts.same) == (7, 4, 3)
    assert [line["id"] for line in devices(register)] == list(range(1, 8))


def test_what_a_person_did_and_a_deadlock_took_back_is_done_once(register: Sessions, states: list[str]) -> None:
    locked = "LOCK TABLE device IN SHARE MODE"
    number = deadlocked(register, locked, lambda: add(register, actor(), {"serial": "SER77777"}, "found", NOON))
    assert states == ["40P01"]
    assert number == 4
    assert [line["serial"] for line in devices(register)].count("SER77777") == 1
    told = [(line["act"], line["outcome"]) for line in rows(register, schema.audit) if line["right"] == "edit"]
    assert told == [("add", "done")]  # the try that was taken back is no failure


def test_an_act_taken_back_every_time_has_failed_once(register: Sessions) -> None:
    @repeats
    def work() -> None:
        with act(register, actor(), Right.KEEP, doing="do sums", now=NOON) as doing:
            doing.session.execute(
                text("DO $$ BEGIN RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001'; END $$")
            )

    with pytest.raises(TakenBack):
        work()
    told = [(line["act"], line["outcome"]) for line in rows(register, schema.audit) if line["right"] == "keep"]
    assert told == [("do sums", "failed")]


def test_a_clash_of_snapshots_is_known_as_one(register: Sessions) -> None:
    tries: list[int] = []

    @repeats
    def work() -> None:
        tries.append(1)
        with told_plainly("test"), register.engine.connect() as connection:
            connection.execution_options(isolation_level="REPEATABLE READ")
            connection.execute(text("SELECT kind FROM source")).all()
            if len(tries) < 3:
                with register.write.begin() as meanwhile:
                    meanwhile.execute(text("UPDATE source SET kind = kind || 'x'"))
            connection.execute(text("UPDATE source SET kind = kind || 'y'"))
            connection.commit()

    work()
    assert len(tries) == 3
    assert rows(register, schema.source)[0]["kind"] == "intunexxy"


def test_it_is_tried_five_times_and_then_told(register: Sessions) -> None:
    tries: list[int] = []

    @repeats
    def work() -> None:
        tries.append(1)
        with told_plainly("test"), register.write.begin() as session:
            session.execute(
                text("DO $$ BEGIN RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001'; END $$")
            )

    with pytest.raises(TakenBack, match="could not serialize") as caught:
        work()
    assert len(tries) == repeating.TRIES
    assert "try again" in caught.value.next_step


def test_no_other_error_is_tried_again(sessions: Sessions) -> None:
    tries: list[int] = []

    @repeats
    def work() -> None:
        tries.append(1)
        with told_plainly("test"), sessions.write.begin() as session:
            session.execute(text("SELECT * FROM nowhere"))

    with pytest.raises(DatabaseUnavailable, match="nowhere"):
        work()
    assert len(tries) == 1
