"""What is due, from the runs in the register; on both engines."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from register_rig import NOON, later

from devreg.domain.absence import Verdict
from devreg.domain.job import Job
from devreg.domain.schedule import Due, Schedule
from devreg.services.schedule import Run, what_is_due
from devreg.store import runs
from devreg.store.engine import Sessions
from devreg.store.runs import Counts, Ended

ZONE = ZoneInfo("Europe/Helsinki")
HOURLY = Schedule(timedelta(hours=1))
OFTEN = Schedule(timedelta(minutes=5))


def ran(sessions: Sessions, name: str, now: datetime, job: Job | None = None, error: str | None = None) -> None:
    with sessions.write.begin() as session:
        begun = runs.begin(session, name, "snmp", now, job)
        verdict = Verdict.FAILED if error else Verdict.COMPLETE
        runs.end(session, Ended(begun.run_id, name, now, now, verdict, Counts(), None, error, None, (), {}, job))


def due(sessions: Sessions, plans: dict[Run, Schedule], now: datetime) -> list[Run]:
    return list(what_is_due(sessions, plans, ZONE, now))


def test_each_job_of_a_source_has_its_own_time_in_the_order_given(sessions: Sessions) -> None:
    plans: dict[Run, Schedule] = {("net", Job.INVENTORY): HOURLY, ("net", Job.LOAD): OFTEN, ("intune", None): HOURLY}
    assert due(sessions, plans, NOON) == list(plans)
    ran(sessions, "net", NOON, Job.INVENTORY)
    ran(sessions, "net", NOON, Job.LOAD)
    assert due(sessions, plans, later(4)) == [("intune", None)]
    ran(sessions, "intune", later(4))
    assert due(sessions, plans, later(5)) == [("net", Job.LOAD)]
    ran(sessions, "net", later(59), Job.LOAD)
    assert due(sessions, plans, later(60)) == [("net", Job.INVENTORY)]


def test_a_run_of_everything_did_each_job_but_one_job_is_not_everything(sessions: Sessions) -> None:
    jobs: dict[Run, Schedule] = {("net", Job.INVENTORY): HOURLY, ("net", Job.LOAD): OFTEN}
    ran(sessions, "net", NOON)
    assert due(sessions, jobs, later(4)) == []
    ran(sessions, "net", later(30), Job.LOAD)
    assert due(sessions, {("net", None): HOURLY}, later(60)) == [("net", None)]


def test_a_job_that_fails_rests_while_the_others_go_on(sessions: Sessions) -> None:
    jobs: dict[Run, Schedule] = {("net", Job.LOCATION): OFTEN, ("net", Job.LOAD): OFTEN}
    ran(sessions, "net", NOON, Job.LOCATION, error="no answer")
    ran(sessions, "net", NOON, Job.LOAD)
    assert due(sessions, jobs, later(5)) == [("net", Job.LOAD)]
    assert due(sessions, jobs, later(10)) == list(jobs)


def test_an_unended_run_is_told_apart_from_one_whose_time_has_come(sessions: Sessions) -> None:
    with sessions.write.begin() as session:
        runs.begin(session, "net", "snmp", NOON, Job.LOAD)
    reasons = what_is_due(sessions, {("net", Job.LOAD): HOURLY}, ZONE, later(5))
    assert reasons == {("net", Job.LOAD): Due.UNENDED}
    assert what_is_due(sessions, {("net", Job.LOAD): HOURLY}, ZONE, later(60)) == {("net", Job.LOAD): Due.TIME}
