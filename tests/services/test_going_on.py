"""A source that does not fit its budget: the next run goes on where the time was over, and only a whole pass says what is absent."""

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from register_rig import Listed, actor, devices, laptops, later, page, row, rows, run_of

from devreg.domain.absence import Grace
from devreg.domain.job import Job
from devreg.domain.schedule import Due, Schedule
from devreg.errors import Broken, DevregError, OutOfTime, Refused, Retryable
from devreg.ports import Page
from devreg.services import collect as service
from devreg.services.schedule import what_is_due
from devreg.store import runs, schema
from devreg.store.engine import Sessions
from devreg.store.runs import PASS_LIFE, Ended

OVER = OutOfTime("Its time was over.")
FIRST, SECOND, THIRD = page(*laptops(20)), page(*laptops(20, 20)), page(*laptops(19, 40))


def cut(sessions: Sessions, *pages: Page | Exception, minute: int = 0, **more: object) -> tuple[Ended, Listed]:
    source = Listed(*pages)
    return run_of(sessions, source, now=later(minute), **more), source  # type: ignore[arg-type]


def missing(sessions: Sessions) -> list[str]:
    return sorted(line["serial"] for line in devices(sessions) if line["missing_since"] is not None)


def known_before(sessions: Sessions) -> None:
    """Sixty, of which the pages above no longer list the last."""
    run_of(sessions, Listed(page(*laptops(60))), now=later(-60))


def test_the_next_run_goes_on_after_the_last_page_and_judges_the_whole_pass(sessions: Sessions) -> None:
    known_before(sessions)
    first, _ = cut(sessions, FIRST, OVER)
    assert (first.verdict, first.counts.seen, first.counts.missing) == ("partial", 20, 0)
    assert first.warnings[-1] == "The next run goes on where this one stopped."
    second, source = cut(sessions, FIRST, SECOND, OVER, minute=5)
    assert (second.verdict, second.counts.seen, second.counts.missing, source.asked) == ("partial", 20, 0, ["1"])
    assert missing(sessions) == []
    third, source = cut(sessions, FIRST, SECOND, THIRD, minute=10)
    assert (third.verdict, third.counts.seen, third.counts.missing, source.asked) == ("complete", 19, 1, ["2"])
    assert third.warnings[0] == "It went on where R000003 had stopped."
    assert missing(sessions) == ["SER00059"]
    fourth, source = cut(sessions, FIRST, SECOND, THIRD, minute=15)
    assert (fourth.verdict, source.asked) == ("complete", [None])


def test_a_pass_of_several_runs_is_one_look(sessions: Sessions) -> None:
    """What its first run saw was not missed by its last one."""
    two = Grace(runs=2)
    cut(sessions, FIRST, OVER, grace=two)
    cut(sessions, FIRST, SECOND, minute=5, grace=two)
    without = page(*laptops(19), *laptops(20, 20))
    assert cut(sessions, without, minute=10, grace=two)[0].counts.missing == 0
    assert cut(sessions, without, minute=15, grace=two)[0].counts.missing == 1


def test_what_failed_in_one_run_of_the_pass_leaves_the_whole_pass_partial(sessions: Sessions) -> None:
    run_of(sessions, Listed(page(row("a", part="hall", serial="SER0A")), page(row("b", part="attic", serial="SER0B"))))
    cut(sessions, page(failed=["hall"]), OVER, minute=5)
    ended, _ = cut(sessions, page(), page(), minute=10)
    assert (ended.verdict, ended.failed_parts, ended.counts.missing) == ("held", {"hall": "no answer"}, 0)
    cut(sessions, page(failed=["hall"]), OVER, minute=15)
    ended, _ = cut(sessions, page(), page(row("b", part="attic", serial="SER0B")), minute=20)
    assert (ended.verdict, ended.failed_parts, ended.counts.missing) == ("partial", {"hall": "no answer"}, 0)


def test_a_held_pass_that_a_person_accepts_takes_only_what_no_run_of_it_saw(sessions: Sessions) -> None:
    run_of(sessions, Listed(page(*laptops(60))), now=later(-60))
    cut(sessions, FIRST, OVER)
    held, _ = cut(sessions, FIRST, page(), minute=5)
    assert (held.verdict, held.held_reason) == ("held", "40 of 60 known records disappeared at once")
    accepted = service.accept_held(sessions, actor(), held.run_id, lambda: later(10))
    assert accepted.counts.missing == 40
    assert missing(sessions) == [f"SER{number:05d}" for number in range(20, 60)]


@pytest.mark.parametrize("error", [Retryable("busy"), Refused("no licence"), Broken("half a page")])
def test_a_run_that_broke_off_by_itself_is_begun_anew(sessions: Sessions, error: DevregError) -> None:
    cut(sessions, FIRST, error)
    assert cut(sessions, FIRST, SECOND, minute=5)[1].asked == [None]


def test_a_run_that_nothing_came_of_leaves_the_place_where_it_was(sessions: Sessions) -> None:
    cut(sessions, FIRST, OVER)
    stuck, _ = cut(sessions, FIRST, OVER, minute=5)
    assert (stuck.verdict, stuck.counts.seen) == ("failed", 0)
    ended, source = cut(sessions, FIRST, SECOND, minute=10)
    assert (ended.verdict, source.asked) == ("complete", ["1"])


def test_a_place_that_nobody_went_on_from_for_a_day_is_forgotten(sessions: Sessions) -> None:
    day = int(PASS_LIFE / timedelta(minutes=1))
    cut(sessions, FIRST, OVER)
    assert cut(sessions, FIRST, OVER, minute=day - 1)[1].asked == ["1"]
    assert cut(sessions, FIRST, OVER, minute=2 * day)[1].asked == [None]


def test_a_page_without_a_place_leaves_that_of_the_page_before(sessions: Sessions) -> None:
    class Halting(Listed):
        def pages(self, checkpoint: str | None):  # type: ignore[no-untyped-def]
            for index, given in enumerate(super().pages(checkpoint)):
                yield given if index == 0 else page(*given.records)

    run_of(sessions, Halting(FIRST, SECOND, OVER))
    assert cut(sessions, FIRST, SECOND, THIRD, minute=5)[1].asked == ["1"]


class Jobs(Listed):
    def pages_of(self, job: Job | None, credentials: object, checkpoint: str | None = None):  # type: ignore[no-untyped-def]
        return self.pages(checkpoint)


def test_every_job_of_a_source_has_a_place_of_its_own(sessions: Sessions) -> None:
    def asked(job: Job, minute: int, *pages: Page | Exception) -> Sequence[str | None]:
        source = Jobs(*pages)
        run_of(sessions, source, "network", "snmp", later(minute), job=job)
        return source.asked

    asked(Job.INVENTORY, 0, FIRST, SECOND, OVER)
    assert asked(Job.LOAD, 1, page(), OVER) == [None]
    assert asked(Job.LOAD, 2, page(), page()) == ["1"]
    assert asked(Job.INVENTORY, 3, FIRST, SECOND, THIRD) == ["2"]


def test_a_killed_run_that_was_going_on_goes_on_in_the_same_pass(sessions: Sessions) -> None:
    known_before(sessions)
    cut(sessions, FIRST, OVER)
    with sessions.write.begin() as session:
        killed = runs.begin(session, "intune", "intune", later(5))
    assert (killed.checkpoint, killed.goes_on) == ("1", 2)
    ended, source = cut(sessions, FIRST, SECOND, THIRD, minute=6)
    assert (ended.run_id, ended.verdict, ended.counts.missing, source.asked) == (3, "complete", 1, ["1"])


def test_only_one_run_goes_on_from_a_place(sessions: Sessions) -> None:
    cut(sessions, FIRST, OVER)
    cut(sessions, FIRST, SECOND, OVER, minute=5)
    kept = [(line["pass_run"], line["checkpoint"]) for line in rows(sessions, schema.run)]
    assert kept == [(None, None), (1, "2")]


def test_what_its_time_stopped_is_due_at_once_and_what_came_to_nothing_rests(sessions: Sessions) -> None:
    plan, zone = {("intune", None): Schedule(every=timedelta(days=1))}, ZoneInfo("Europe/Helsinki")
    cut(sessions, FIRST, SECOND, OVER)
    assert what_is_due(sessions, plan, zone, later(5)) == {("intune", None): Due.STOPPED}
    cut(sessions, FIRST, SECOND, OVER, minute=5)
    assert what_is_due(sessions, plan, zone, later(10)) == {}
