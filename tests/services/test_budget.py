"""A run has its time and no more; and the run table says where it went. On both engines."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest
from register_rig import NOON, Listed, devices, laptops, later, observe, page, row, rows, run, run_of

from devreg.errors import Broken, Refused
from devreg.ports import Page, Record
from devreg.services.budget import in_time
from devreg.store import runs, schema
from devreg.store.engine import Sessions

SHORT = timedelta(milliseconds=300)
LONG = timedelta(minutes=5)


class Stuck:
    """Gives a page, then nothing until it is let go."""

    def __init__(self, *first: Page) -> None:
        self.first = first
        self.let_go = threading.Event()
        self.closed = threading.Event()

    def pages(self, checkpoint: str | None) -> Iterator[Page]:
        try:
            yield from self.first
            self.let_go.wait()
            yield page(row("late", serial="LATE01"))
        finally:
            self.closed.set()

    def observe(self, record: Record) -> object:
        return observe(record)


def test_a_source_that_never_answers_ends_partial_and_its_thread_with_it(sessions: Sessions) -> None:
    run(sessions, page(*laptops(30)))
    stuck = Stuck(page(*laptops(3, room="B2")))
    ended = run_of(sessions, stuck, now=later(60), budget=SHORT)
    assert (ended.verdict, ended.counts.seen, ended.counts.missing) == ("partial", 3, 0)
    assert ended.error == "Its time was over: a run of intune may take 0.3s."
    assert "sources.intune.budget" in (ended.next_step or "")
    stuck.let_go.set()
    assert stuck.closed.wait(60)
    for thread in threading.enumerate():
        if thread.name == "reads intune":
            thread.join(60)
    assert len(devices(sessions)) == 30
    assert run(sessions, page(*laptops(30)), now=later(120)).verdict == "complete"


def test_a_source_that_says_nothing_in_its_time_has_failed(sessions: Sessions) -> None:
    stuck = Stuck()
    assert run_of(sessions, stuck, budget=SHORT).verdict == "failed"
    stuck.let_go.set()


def test_endless_pages_end_with_the_budget(sessions: Sessions) -> None:
    class Endless(Stuck):
        def pages(self, checkpoint: str | None) -> Iterator[Page]:
            while True:
                yield page(*laptops(2))

    assert run_of(sessions, Endless(), budget=SHORT).verdict == "partial"


@pytest.mark.parametrize("end", [Broken("half a page"), Refused("no licence"), ZeroDivisionError(), None])
def test_within_its_time_a_run_ends_as_without_a_budget(sessions: Sessions, end: Exception | None) -> None:
    given = [page(*laptops(3)), *([end] if end else [])]
    plain, held = run(sessions, *given, name="a"), run(sessions, *given, name="b", budget=LONG)
    assert (held.verdict, held.counts.seen, held.error) == (plain.verdict, plain.counts.seen, plain.error)
    assert held.verdict == ("partial" if end else "complete")


def test_the_next_page_is_asked_for_while_one_is_kept_and_no_more_of_them() -> None:
    asked: list[int] = []
    ahead = [threading.Event() for _ in range(6)]

    def numbered() -> Iterator[Page]:
        for number in range(5):
            asked.append(number)
            ahead[number].set()
            yield page()
        ahead[5].set()

    for index, _ in enumerate(in_time(numbered(), "x", LONG)):
        assert ahead[index + 1].wait(10)
        assert len(asked) <= index + 2


def test_an_error_in_the_next_page_comes_after_this_one_is_kept(sessions: Sessions) -> None:
    ended = run(sessions, page(*laptops(3)), Broken("half a page"), page(*laptops(3, 3)), budget=LONG)
    assert (ended.verdict, ended.counts.seen, ended.error) == ("partial", 3, "half a page")


def test_the_run_table_says_where_the_time_went(sessions: Sessions) -> None:
    class Slow(Listed):
        def pages(self, checkpoint: str | None) -> Iterator[Page]:
            for given in super().pages(checkpoint):
                time.sleep(0.05)
                yield given

    ended = run_of(sessions, Slow(page(*laptops(30)), page(*laptops(30, 30))))
    assert ended.took.fetch_ms >= 100
    assert ended.took.keep_ms > 0
    (kept,) = rows(sessions, schema.run)
    assert (kept["fetch_ms"], kept["keep_ms"], kept["judge_ms"]) == (
        ended.took.fetch_ms,
        ended.took.keep_ms,
        ended.took.judge_ms,
    )
    assert kept["seconds"] == 0
    with sessions.write.begin() as session:
        begun = runs.begin(session, "intune", "intune", NOON)
        lasting = runs.get(session, begun.run_id)
        assert lasting is not None
        assert lasting.seconds is None
        runs.end(session, msgspec.structs.replace(lasting, finished=later(90), verdict="complete"))
    assert rows(sessions, schema.run)[1]["seconds"] == 90 * 60
