"""Jobs of one source: each run does one, and judges only what that one sees."""

from collections.abc import Iterator, Mapping

from register_rig import NOON, Listed, devices, later, page, row, rows, run_of

from devreg.domain.absence import Grace, Verdict
from devreg.domain.job import Job
from devreg.ports import Answer, FailedPart, Page
from devreg.store import schema
from devreg.store.engine import Sessions


class Jobs(Listed):
    """A source with jobs; keeps what it was asked."""

    def __init__(self, *pages: Page) -> None:
        super().__init__(*pages)
        self.jobs: list[tuple[Job | None, dict[str, str]]] = []

    def pages_of(
        self, job: Job | None, credentials: Mapping[str, str], checkpoint: str | None = None
    ) -> Iterator[Page]:
        self.jobs.append((job, dict(credentials)))
        return self.pages(checkpoint)


def answered(address: str, credential: str, minute: int = 0) -> Answer:
    return Answer(address, later(minute), credential)


def test_no_job_but_the_inventory_calls_a_device_missing(sessions: Sessions) -> None:
    three = page(*(row(f"n{i}", part=f"10.0.0.{i}", serial=f"SER0000{i}") for i in range(3)))
    run_of(sessions, Jobs(three), "network", "snmp")
    for minute, job in enumerate((Job.PROBE, Job.LOCATION, Job.LOAD), 1):
        ended = run_of(sessions, Jobs(page()), "network", "snmp", later(minute), grace=Grace(), job=job)
        assert (ended.verdict, ended.counts.missing, ended.job) == (Verdict.COMPLETE, 0, job)
    assert [line["missing_since"] for line in devices(sessions)] == [None] * 3
    two = page(*(row(f"n{i}", part=f"10.0.0.{i}", serial=f"SER0000{i}") for i in range(2)))
    ended = run_of(sessions, Jobs(two), "network", "snmp", later(9), job=Job.INVENTORY)
    assert ended.counts.missing == 1


def test_runs_of_other_jobs_are_no_looks_at_a_missing_device(sessions: Sessions) -> None:
    both = page(row("a", part="10.0.0.1", serial="SER00001"), row("b", part="10.0.0.2", serial="SER00002"))
    one = page(row("a", part="10.0.0.1", serial="SER00001"))
    patient = Grace(runs=2)
    run_of(sessions, Jobs(both), "network", "snmp", grace=patient)
    first = run_of(sessions, Jobs(one), "network", "snmp", later(1), grace=patient, job=Job.INVENTORY)
    run_of(sessions, Jobs(page()), "network", "snmp", later(2), grace=patient, job=Job.LOAD)
    second = run_of(sessions, Jobs(one), "network", "snmp", later(3), grace=patient, job=Job.INVENTORY)
    assert (first.counts.missing, second.counts.missing) == (0, 1)


def test_a_run_of_one_job_is_no_complete_reading_of_the_source(sessions: Sessions) -> None:
    run_of(sessions, Jobs(page()), "network", "snmp", job=Job.LOAD)
    assert [line["completed_at"] for line in rows(sessions, schema.source)] == [None]
    run_of(sessions, Jobs(page()), "network", "snmp", later(1), job=Job.INVENTORY)
    assert [line["completed_at"] for line in rows(sessions, schema.source)] == [later(1)]


def test_the_credential_that_worked_is_handed_to_the_next_run_whatever_its_job(sessions: Sessions) -> None:
    source = Jobs(Page((), answers=(answered("10.0.0.1", "main"), answered("10.0.0.2", "legacy"))))
    run_of(sessions, source, "network", "snmp")
    run_of(sessions, source, "network", "snmp", later(1), job=Job.LOAD)
    run_of(sessions, source, "other", "snmp", later(2))
    remembered = {"10.0.0.1": "main", "10.0.0.2": "legacy"}
    assert source.jobs == [(None, {}), (Job.LOAD, remembered), (None, {})]


def test_a_silent_address_keeps_its_credential_and_when_it_answered_last(sessions: Sessions) -> None:
    run_of(sessions, Jobs(Page((), answers=(answered("10.0.0.1", "main"),))), "network", "snmp")
    quiet = Page(
        (), failed_parts=(FailedPart("10.0.0.1", "silent"),), answers=(Answer("10.0.0.1", later(5), problem="silent"),)
    )
    ended = run_of(sessions, Jobs(quiet), "network", "snmp", later(5), job=Job.PROBE)
    assert ended.verdict == Verdict.PARTIAL
    (kept,) = rows(sessions, schema.target)
    assert (kept["credential"], kept["answered_at"], kept["asked_at"], kept["problem"]) == (
        "main",
        NOON,
        later(5),
        "silent",
    )


def test_an_address_of_a_network_that_never_answered_is_not_kept(sessions: Sessions) -> None:
    nobody = Answer("10.0.0.7", NOON, problem="silent", optional=True)
    named = Answer("core-1", NOON, problem="no answer")
    run_of(sessions, Jobs(Page((), answers=(nobody, named))), "network", "snmp")
    assert [line["address"] for line in rows(sessions, schema.target)] == ["core-1"]
