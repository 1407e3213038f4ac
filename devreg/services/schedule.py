"""What runs by itself now, and the runs of reports: kept, locked and told as those of sources are."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from devreg.domain.absence import Verdict
from devreg.domain.job import Job
from devreg.domain.rights import Actor, Right
from devreg.domain.schedule import Due, Schedule, due
from devreg.errors import AlreadyRunning, DatabaseUnavailable, DevregError
from devreg.ports import Clock
from devreg.services import audit, troubles
from devreg.services.acting import ask
from devreg.store import locks, runs
from devreg.store.engine import Sessions, told_plainly
from devreg.store.runs import Counts, Ended

Run = tuple[str, Job | None]
"""What runs by itself: a source or a report, and which job of a source that has several; None for all of it."""


def report_key(name: str) -> str:
    """What a report of the settings is called in the run table; no source of the settings has a colon."""
    return f"report:{name}"


def what_is_due(sessions: Sessions, schedules: Mapping[Run, Schedule], zone: ZoneInfo, now: datetime) -> dict[Run, Due]:
    """Why each runs now, of those that do, in their order."""
    with told_plainly("read the runs"), sessions.read.begin() as session:
        reasons = {key: due(plan, runs.last_run(session, *key), now, zone) for key, plan in schedules.items()}
    return {key: reason for key, reason in reasons.items() if reason is not None}


def run_report(sessions: Sessions, actor: Actor, name: str, write: Callable[[], Sequence[str]], clock: Clock) -> Ended:
    """Have a report written, as a run in the run table; what goes wrong is in the run. Raises as `collect`.

    `write` returns what was not quite right with it: the run's warnings.
    """
    ask(sessions, actor, Right.COLLECT, doing="write a scheduled report", now=clock(), about=name)
    with locks.hold(sessions, name):
        with told_plainly("begin a run"), sessions.write.begin() as session:
            begun = runs.begin(session, name, None, clock())
            started = clock()
        error: DevregError | None = None
        warnings: Sequence[str] = ()
        try:
            warnings = write()
        except (DatabaseUnavailable, AlreadyRunning):
            raise
        except DevregError as caught:
            error = caught
        ended = Ended(
            run_id=begun.run_id,
            source=name,
            started=started,
            finished=clock(),
            verdict=Verdict.COMPLETE if error is None else Verdict.FAILED,
            counts=Counts(),
            held_reason=None,
            error=None if error is None else error.what,
            next_step=None if error is None else error.next_step,
            warnings=tuple(warnings),
            failed_parts={},
        )
        with told_plainly("end a run"), sessions.write.begin() as session:
            runs.end(session, ended)
            troubles.heed(session, ended, clock())
            audit.digest(session, sessions.outside, actor, ended, clock())
    return ended
