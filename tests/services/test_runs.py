"""Verdicts of runs: what is missing, held, partial, resumed, refused; on both engines."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from register_rig import NOON, Listed, actor, changes, devices, dump, laptops, later, page, row, rows, run, run_of

from devreg.domain.absence import Grace
from devreg.domain.merge import merge
from devreg.domain.observation import Subject
from devreg.errors import AlreadyRunning, Broken, NotFound, Refused, Retryable
from devreg.ports import FailedPart, Page, Rejected
from devreg.services.collect import accept_held
from devreg.store import locks, records, runs, schema
from devreg.store.engine import Sessions, connect


def gone(sessions: Sessions) -> list[str]:
    return [line["native_id"] for line in rows(sessions, schema.record, "native_id") if line["gone_at"] is not None]


def test_what_a_complete_run_did_not_see_is_missing_and_never_deleted(sessions: Sessions) -> None:
    run(sessions, page(*laptops(20)))
    ended = run(sessions, page(*laptops(19)), now=later(60))
    assert (ended.verdict, ended.counts.missing, gone(sessions)) == ("complete", 1, ["n19"])
    assert len(devices(sessions)) == 20
    assert devices(sessions)[19]["missing_since"] == later(60)
    assert changes(sessions) == [(20, "missing_since", None, later(60).isoformat())]


_TWICE_A_DAY = Grace(2, timedelta(days=1))


def test_within_its_grace_nothing_is_missing_and_after_it_everything_is(sessions: Sessions) -> None:
    run(sessions, page(*laptops(20)), grace=_TWICE_A_DAY)
    first = run(sessions, page(*laptops(19)), now=later(60), grace=_TWICE_A_DAY)
    second = run(sessions, page(*laptops(19)), now=later(120), grace=_TWICE_A_DAY)
    assert [(ended.verdict, ended.counts.missing) for ended in (first, second)] == [("complete", 0)] * 2
    assert gone(sessions) == []
    third = run(sessions, page(*laptops(19)), now=later(24 * 60), grace=_TWICE_A_DAY)
    assert (third.counts.missing, gone(sessions)) == (1, ["n19"])


def test_what_is_seen_again_within_its_grace_starts_it_anew(sessions: Sessions) -> None:
    twice = Grace(2)
    for minute, count in ((0, 20), (60, 19), (120, 20), (180, 19)):
        run(sessions, page(*laptops(count)), now=later(minute), grace=twice)
    assert gone(sessions) == []
    run(sessions, page(*laptops(19)), now=later(240), grace=twice)
    assert gone(sessions) == ["n19"]


def test_runs_that_failed_or_were_held_are_no_part_of_a_grace(sessions: Sessions) -> None:
    thrice = Grace(3)
    run(sessions, page(*laptops(40)), grace=thrice)
    run(sessions, page(*laptops(39)), now=later(60), grace=thrice)
    assert run(sessions, page(*laptops(39)), Broken("cut"), now=later(120), grace=thrice).verdict == "partial"
    assert run(sessions, page(*laptops(9)), now=later(180), grace=thrice).verdict == "held"
    run(sessions, page(*laptops(39)), now=later(240), grace=thrice)
    assert gone(sessions) == []
    run(sessions, page(*laptops(39)), now=later(300), grace=thrice)
    assert gone(sessions) == ["n39"]


def test_what_waits_out_its_grace_does_not_hold_the_next_run(sessions: Sessions) -> None:
    """Eight of a hundred go in each of three runs: none is over ten at once, and what is waited for is no news."""
    slow = Grace(9)
    run(sessions, page(*laptops(100)), grace=slow)
    for minute, count in ((60, 92), (120, 84), (180, 76)):
        assert run(sessions, page(*laptops(count)), now=later(minute), grace=slow).verdict == "complete"
    assert run(sessions, page(*laptops(60)), now=later(240), grace=slow).verdict == "held"
    assert gone(sessions) == []


def test_accepting_a_held_run_asks_for_no_grace(sessions: Sessions) -> None:
    run(sessions, page(*laptops(30)), grace=_TWICE_A_DAY)
    held = run(sessions, page(), now=later(60), grace=_TWICE_A_DAY)
    assert accept_held(sessions, actor("ann"), held.run_id, lambda: later(61)).counts.missing == 30
    assert {line["by"] for line in rows(sessions, schema.change) if line["field"] == "missing_since"} == {"ann"}


def test_what_comes_back_is_not_missing_any_more(sessions: Sessions) -> None:
    run(sessions, page(*laptops(20)))
    run(sessions, page(*laptops(19)), now=later(60))
    ended = run(sessions, page(*laptops(20)), now=later(120))
    assert (ended.counts.changed, ended.counts.same, gone(sessions)) == (1, 19, [])
    assert devices(sessions)[19]["missing_since"] is None
    assert [(line[1], line[3]) for line in changes(sessions)][-1] == ("missing_since", None)


def test_a_device_that_another_source_still_sees_is_not_missing(sessions: Sessions) -> None:
    run(sessions, page(*laptops(20)))
    run(sessions, page(row("x", serial="SER00019")), name="google", kind="google")
    run(sessions, page(*laptops(19)), now=later(60))
    assert devices(sessions)[19]["missing_since"] is None


def test_a_row_that_leaves_a_sheet_makes_no_device_missing(sessions: Sessions) -> None:
    run(sessions, page(*laptops(20)), kind="sheet")
    assert run(sessions, page(*laptops(19)), kind="sheet", now=later(60)).counts.missing == 1
    assert devices(sessions)[19]["missing_since"] is None


@pytest.mark.parametrize(
    ("still", "verdict"),
    [(0, "held"), (2, "held"), (188, "held"), (190, "complete"), (192, "complete"), (200, "complete")],
)
def test_a_run_that_would_call_too_much_missing_is_held(sessions: Sessions, still: int, verdict: str) -> None:
    run(sessions, page(*laptops(200)))
    ended = run(sessions, page(*laptops(still)), now=later(60))
    assert ended.verdict == verdict
    assert len(gone(sessions)) == (0 if verdict == "held" else 200 - still)
    assert (ended.held_reason is None) == (verdict == "complete")


def test_many_persons_do_not_hide_that_every_device_is_gone(sessions: Sessions) -> None:
    persons = tuple(row(f"p{i}", Subject.PERSON, name=f"P {i}") for i in range(400))
    run(sessions, page(*laptops(15), *persons))
    ended = run(sessions, page(*persons), now=later(60))
    assert (ended.verdict, gone(sessions)) == ("held", [])


def test_accepting_a_held_run_believes_that_run_only(sessions: Sessions) -> None:
    run(sessions, page(*laptops(200)))
    held = run(sessions, page(*laptops(100)), now=later(60))
    accepted = accept_held(sessions, actor(), held.run_id, lambda: later(90))
    assert (accepted.verdict, accepted.counts.missing, len(gone(sessions))) == ("complete", 100, 100)
    again = run(sessions, page(*laptops(20)), now=later(120))
    assert (again.verdict, len(gone(sessions))) == ("held", 100)


def test_a_held_run_can_be_accepted_after_a_restart(database: str, sessions: Sessions, tmp_path) -> None:  # type: ignore[no-untyped-def]
    run(sessions, page(*laptops(30)))
    held = run(sessions, page(), now=later(60))
    sessions.close()
    reopened = connect(database, tmp_path)
    assert accept_held(reopened, actor(), held.run_id, lambda: later(90)).counts.missing == 30
    assert all(line["missing_since"] == later(90) for line in devices(reopened))
    reopened.close()


def test_a_held_run_that_is_not_the_newest_cannot_be_accepted(sessions: Sessions) -> None:
    run(sessions, page(*laptops(30)))
    held = run(sessions, page(), now=later(60))
    run(sessions, page(*laptops(30)), now=later(90))
    with pytest.raises(NotFound, match="not its newest"):
        accept_held(sessions, actor(), held.run_id, lambda: later(120))
    assert gone(sessions) == []


def test_a_run_is_accepted_once(sessions: Sessions) -> None:
    run(sessions, page(*laptops(30)))
    held = run(sessions, page(), now=later(60))
    accept_held(sessions, actor(), held.run_id, lambda: later(90))
    with pytest.raises(NotFound, match="not a held run"):
        accept_held(sessions, actor(), held.run_id, lambda: later(91))
    with pytest.raises(NotFound, match="not a held run"):
        accept_held(sessions, actor(), 4711, lambda: later(91))


def test_accepting_a_run_with_failed_parts_keeps_it_partial_and_those_parts_silent(sessions: Sessions) -> None:
    run(sessions, page(*laptops(30, part="a")), *[page(*laptops(30, 30, part="b"))])
    held = run(sessions, page(failed=["b"]), now=later(60))
    assert held.verdict == "held"
    accepted = accept_held(sessions, actor(), held.run_id, lambda: later(90))
    assert (accepted.verdict, accepted.counts.missing, len(gone(sessions))) == ("partial", 30, 30)
    assert [line["completed_at"] for line in rows(sessions, schema.source)] == [NOON]


@pytest.mark.parametrize("error", [Retryable("timeout"), Refused("no right"), Broken("half a page"), ValueError("x")])
def test_a_run_that_stops_after_a_page_keeps_the_page_and_calls_nothing_missing(
    sessions: Sessions, error: Exception
) -> None:
    run(sessions, page(*laptops(20)))
    ended = run(sessions, page(row("new", serial="NEW1")), error, now=later(60))
    assert (ended.verdict, ended.counts.missing, gone(sessions), len(devices(sessions))) == ("partial", 0, [], 21)
    assert ended.error is not None


def test_a_run_that_reads_nothing_fails_and_nothing_known_is_lost(sessions: Sessions) -> None:
    run(sessions, page(*laptops(20)))
    before = dump(sessions)
    ended = run(sessions, Refused("wrong secret", next_step="Renew it."), now=later(60))
    assert (ended.verdict, ended.error, ended.next_step) == ("failed", "wrong secret", "Renew it.")
    assert dump(sessions) == before


@pytest.mark.parametrize("failing", range(4))
def test_an_error_at_any_page_calls_nothing_missing(sessions: Sessions, failing: int) -> None:
    pages = [page(*laptops(5, start)) for start in range(0, 15, 5)]
    run(sessions, *pages)
    fewer = [page(*laptops(4, start)) for start in range(0, 15, 5)]
    ended = run(sessions, *fewer[:failing], Retryable("timeout"), now=later(60))
    assert (ended.verdict, gone(sessions)) == ("partial" if failing else "failed", [])


def test_records_of_a_part_that_did_not_answer_are_silent_not_gone(sessions: Sessions) -> None:
    run(sessions, page(*laptops(2, part="sw-1")), page(*laptops(2, 2, part="sw-2")), kind="snmp")
    ended = run(sessions, page(*laptops(1, part="sw-1"), failed=["sw-2"]), kind="snmp", now=later(60))
    assert (ended.verdict, gone(sessions), ended.failed_parts) == ("partial", ["n1"], {"sw-2": "no answer"})


def test_a_record_follows_the_part_it_was_last_read_from(sessions: Sessions) -> None:
    run(sessions, page(*laptops(2, part="sw-1"), *laptops(2, 2, part="sw-2")), kind="snmp")
    run(sessions, page(*laptops(1, part="sw-2"), *laptops(1, 1, part="sw-1"), *laptops(2, 2, part="sw-2")), kind="snmp")
    run(sessions, page(*laptops(1, 1, part="sw-1"), failed=["sw-2"]), kind="snmp", now=later(60))
    assert gone(sessions) == []  # n0 moved to the switch that is silent now


def test_records_of_no_part_are_silent_when_any_part_failed(sessions: Sessions) -> None:
    run(sessions, page(*laptops(3), *laptops(2, 3, part="a")), kind="snmp")
    run(sessions, page(*laptops(1), *laptops(2, 3, part="a"), failed=["b"]), kind="snmp", now=later(60))
    assert gone(sessions) == []


def test_one_bad_record_is_quarantined_and_the_rest_is_stored(sessions: Sessions) -> None:
    ended = run(sessions, page(*laptops(9), row("x", bad=True), rejected=[Rejected("y", "no serial", "{}")]))
    assert (ended.verdict, ended.counts.rejected, ended.counts.seen, len(devices(sessions))) == ("complete", 2, 11, 9)
    assert [(line["native_id"], line["reason"]) for line in rows(sessions, schema.rejected)] == [
        ("x", "The record x makes no sense."), ("y", "no serial"),
    ]  # fmt: skip


def test_a_run_with_a_fifth_of_its_records_bad_is_held(sessions: Sessions) -> None:
    run(sessions, page(*laptops(12)))
    bad = [row(f"x{i}", bad=True) for i in range(4)]
    ended = run(sessions, page(*laptops(11), *bad), now=later(60))
    assert (ended.verdict, ended.held_reason, gone(sessions)) == ("held", "4 of 15 records could not be used", [])


def test_a_known_record_that_is_bad_today_is_there_all_the_same(sessions: Sessions) -> None:
    run(sessions, page(*laptops(20)))
    run(
        sessions,
        page(*laptops(18), row("n18", bad=True), rejected=[Rejected("n19", "half a record", "{}")]),
        now=later(60),
    )
    assert gone(sessions) == []
    assert devices(sessions)[18]["name"] == "pc-18"


def test_a_missing_record_that_comes_back_bad_is_not_missing_on_any_page(sessions: Sessions) -> None:
    run(sessions, page(*laptops(20)))
    run(sessions, page(*laptops(19)), now=later(60))
    run(sessions, page(*laptops(19), row("n19", bad=True)), now=later(120))
    assert gone(sessions) == []
    assert devices(sessions)[19]["missing_since"] is None


def test_a_dry_run_counts_and_keeps_nothing(sessions: Sessions) -> None:
    run(sessions, page(*laptops(20)))
    before = {**dump(sessions), "run": rows(sessions, schema.run)}
    ended = run(sessions, page(*laptops(18), row("new", serial="NEW1")), now=later(60), dry_run=True)
    assert (ended.counts.new, ended.counts.missing, ended.counts.same) == (1, 2, 18)
    assert {**dump(sessions), "run": rows(sessions, schema.run)} == before


def test_numbers_of_devices_are_never_given_twice(sessions: Sessions) -> None:
    run(sessions, page(*laptops(3)))
    run(sessions, page(*laptops(3, 3)), dry_run=True)
    with pytest.raises(AssertionError):
        run(sessions, page(*laptops(3, 6)), progress=_stop)
    run(sessions, page(*laptops(3, 9)), now=later(60))
    assert len({line["id"] for line in devices(sessions)}) == len(devices(sessions)) == 9


def test_an_interrupted_run_goes_on_where_it_stopped(sessions: Sessions) -> None:
    source = Listed(*(page(*laptops(5, start)) for start in range(0, 20, 5)))
    _interrupt(sessions, source, after=2)
    ended = run_of(sessions, source, now=later(5))
    assert source.asked == [None, "2"]
    assert (ended.verdict, ended.counts.seen, ended.counts.new, len(devices(sessions))) == ("complete", 20, 20, 20)
    assert len(rows(sessions, schema.run)) == 1


def test_an_interruption_long_ago_starts_from_the_beginning(sessions: Sessions) -> None:
    source = Listed(*(page(*laptops(5, start)) for start in range(0, 20, 5)))
    _interrupt(sessions, source, after=2)
    ended = run_of(sessions, source, now=later(31))
    assert source.asked == [None, None]
    assert (ended.verdict, ended.counts.seen, ended.counts.new, ended.counts.same) == ("complete", 20, 10, 10)
    assert [line["verdict"] for line in rows(sessions, schema.run)] == ["failed", "complete"]


def test_a_part_that_failed_before_the_interruption_stays_silent_after_it(sessions: Sessions) -> None:
    run(sessions, page(*laptops(5, part="a")), page(*laptops(5, 5, part="b")), kind="snmp")
    source = Listed(page(failed=["a"], warnings=["odd"]), page(*laptops(5, 5, part="b")))
    _interrupt(sessions, source, after=1, kind="snmp")
    ended = run_of(sessions, source, kind="snmp", now=later(6))
    assert (ended.verdict, gone(sessions), ended.warnings) == ("partial", [], ("odd",))
    assert ended.failed_parts == {"a": "no answer"}


def test_a_second_run_of_the_same_source_is_told_who_holds_it(sessions: Sessions) -> None:
    with locks.hold(sessions, "intune"), pytest.raises(AlreadyRunning, match="intune is being collected by") as caught:
        run(sessions, page(*laptops(1)))
    assert ("process" in caught.value.what) == sessions.is_sqlite
    assert ("postgres" in caught.value.what) != sessions.is_sqlite
    assert run(sessions, page(*laptops(1))).verdict == "complete"


def test_another_source_runs_while_one_is_held(sessions: Sessions) -> None:
    with locks.hold(sessions, "intune"):
        assert run(sessions, page(*laptops(1)), name="google", kind="google").verdict == "complete"


def test_a_run_of_another_register_on_the_same_machine_does_not_block(
    database, sessions, fresh_register, tmp_path
) -> None:  # type: ignore[no-untyped-def]
    other = connect(fresh_register("sqlite" if sessions.is_sqlite else "postgresql"), tmp_path)
    with locks.hold(other, "intune"):
        assert run(sessions, page(*laptops(1))).verdict == "complete"
    other.close()


def test_two_sources_that_meet_the_same_new_serials_at_once_end_as_one_device_each(sessions: Sessions) -> None:
    def source(name: str) -> None:
        pages = [page(*(row(f"{name}{i}", serial=f"SER{i:05d}") for i in range(n, n + 10))) for n in range(0, 100, 10)]
        ends.append(run(sessions, *pages, name=name, kind="google"))

    ends: list[runs.Ended] = []
    _side_by_side(*(lambda name=name: source(name) for name in ("east", "west")))
    assert [ended.verdict for ended in ends] == ["complete", "complete"]
    assert len(devices(sessions)) == 100
    assert all(line["sources"] == "east west" for line in devices(sessions))


def test_five_sources_side_by_side_lose_nothing(sessions: Sessions) -> None:
    ends: list[runs.Ended] = []
    turn = threading.Lock()

    def source(number: int) -> None:
        pages = [page(*laptops(20, 20 * number + 10 * n)) for n in range(3)]
        ends.append(run(sessions, *pages, name=f"s{number}", kind="intune", turn=turn))

    _side_by_side(*(lambda n=n: source(n) for n in range(5)))
    assert [ended.verdict for ended in ends] == ["complete"] * 5
    assert {line["serial"] for line in devices(sessions)} == {f"SER{i:05d}" for i in range(120)}
    assert len(devices(sessions)) == 120


def test_what_several_sources_do_to_a_device_at_once_ends_as_their_records_say(sessions: Sessions) -> None:
    run(sessions, page(*laptops(40)))
    failed: list[Exception] = []

    def say(name: str, kind: str, field: str, n: int) -> None:
        said = page(*(row(f"{name}{i}", serial=f"SER{i:05d}", **{field: f"{n}"}) for i in range(25, 40)))
        _noting(failed, lambda: run(sessions, said, name=name, kind=kind))

    for n in range(12):
        _side_by_side(
            lambda n=n: _noting(failed, lambda: run(sessions, page(*laptops(40 - n % 2 * 9)), now=later(n))),
            lambda n=n: say("east", "google", "model", n),
            lambda n=n: say("papers", "sheet", "room", n),
        )
        assert failed == []
        with sessions.read.begin() as session:
            about = records.about(session, range(26, 41))
        for line in devices(sessions)[25:]:
            merged = merge(about[line["id"]])
            shown = {name: chosen.value for name, chosen in merged.fields.items()}
            assert {name: line[name] for name in shown} == shown, (n, line["id"])
            assert (line["sources"], line["missing_since"]) == (" ".join(merged.sources), merged.missing_since)


def _noting(failed: list[Exception], job: Callable[[], object]) -> None:
    try:
        job()
    except Exception as error:  # noqa: BLE001  a thread's failure must reach the test
        failed.append(error)


def _side_by_side(*jobs) -> None:  # type: ignore[no-untyped-def]
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


def _stop(_: object) -> None:
    raise AssertionError


def _interrupt(sessions: Sessions, source: Listed, after: int, kind: str = "intune") -> None:
    """The run dies right after so many pages, as a killed process does: nothing more is written."""
    left = [after]

    def die(_: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_of(sessions, source, kind=kind, now=NOON, progress=die)


def test_an_address_of_a_range_where_nothing_ever_was_fails_no_run(sessions: Sessions) -> None:
    quiet = [FailedPart("10.0.0.1", "silent", optional=True), FailedPart("10.0.0.9", "silent", optional=True)]
    first = Page((row("a", part="10.0.0.1", serial="SER1"),), failed_parts=(quiet[1],))
    assert run(sessions, first, kind="snmp").verdict == "complete"
    ended = run(sessions, Page((), failed_parts=tuple(quiet)), kind="snmp", now=later(60))
    assert (ended.verdict, ended.failed_parts, gone(sessions)) == ("partial", {"10.0.0.1": "silent"}, [])
