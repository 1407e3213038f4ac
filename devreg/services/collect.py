"""A run of one source, from lock to verdict."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Final, cast

import msgspec

from devreg.domain.absence import Grace, Look, Verdict, already_missed, judge, overdue, too_many_rejected
from devreg.domain.device import run_ref
from devreg.domain.job import Job
from devreg.domain.rights import Actor, Right
from devreg.errors import (
    Broken,
    DatabaseUnavailable,
    DevregError,
    Misconfigured,
    NotFound,
    OutOfTime,
    Refused,
    Retryable,
)
from devreg.i18n import N_
from devreg.ports import Clock, Collector, JobCollector, Outside, Page, Remembering
from devreg.services import audit, troubles
from devreg.services.acting import act, ask
from devreg.services.budget import in_time
from devreg.services.editing import expire
from devreg.services.ingest import Feed, regroup, take_page
from devreg.services.memory import SourceMemory
from devreg.services.rereading import Before, leave, look_back
from devreg.services.run_warnings import (
    told_of_codes,
    told_of_deeds,
    told_of_heard,
    told_of_kept_out,
    told_of_times,
)
from devreg.store import (
    beside,
    counters,
    locks,
    policies,
    records,
    runs,
    samples,
    sightings,
    targets,
    tools,
)
from devreg.store.engine import Session, Sessions, told_plainly
from devreg.store.repeating import repeats
from devreg.store.runs import Begun, Counts, Ended, Took

Progress = Callable[[Counts], None]
"""Called after every page with the counts so far."""

_MAX_WARNINGS: Final = 200
_log: Final = logging.getLogger(__name__)


def collect(
    sessions: Sessions,
    actor: Actor,
    collector: Collector,
    feed: Feed,
    clock: Clock,
    *,
    turn: AbstractContextManager[object] | None = None,
    progress: Progress | None = None,
    dry_run: bool = False,
    budget: timedelta | None = None,
) -> Ended:
    """Read the source and keep what it says; every page is its own unit of work.

    What the source does wrong ends the run with a verdict and an error in it, not with an exception. Raises Refused
    when the actor may not collect, AlreadyRunning, and DatabaseUnavailable when the register can't be written. A dry run does
    all of it and keeps nothing. Sources read side by side in one process share a `turn`, so that they queue for the database
    instead of racing for its lock. A run that takes longer than its budget ends as partial; what came is kept, and the next one goes
    on where it stopped, if the source can do that: absence is judged when the last of them has come to the end.
    """
    ask(sessions, actor, Right.COLLECT, doing="read a source", now=clock(), about=feed.name)
    with locks.hold(sessions, feed.name), contextlib.ExitStack() as stack:
        unit = stack.enter_context(_thrown_away(sessions)) if dry_run else _in_turn(sessions, turn or threading.Lock())
        outside = Outside() if dry_run else sessions.outside
        ended = _Run(unit, collector, feed, clock, progress, actor, outside, budget).go()
    return ended if dry_run else _anchored(sessions, ended, clock())


@repeats
def accept_held(sessions: Sessions, actor: Actor, run_id: int, clock: Clock) -> Ended:
    """Believe a held run: what it did not see is missing. Raises NotFound when it is not the newest run of its source, or not held."""
    with act(sessions, actor, Right.ACCEPT, doing="accept a run", now=clock(), about=run_ref(run_id)) as doing:
        session = doing.session
        ended = runs.get(session, run_id)
        latest = runs.latest(session, ended.source) if ended else None
        if ended is None or ended.verdict != Verdict.HELD:
            raise NotFound(
                f"Run {run_id} is not a held run.", next_step="`devreg list runs --where verdict=held` shows them."
            )
        if latest is None or latest.run_id != run_id:
            raise NotFound(f"Run {run_id} of {ended.source} is not its newest: a later run has looked again.")
        absent = _absent(session, ended, ended.failed_parts)
        missing = _mark_missing(session, absent, Grace(), clock, by=doing.by)
        runs.accept(session, run_id, missing, clock())
        doing.tell("accept", run_ref(run_id), {"verdict": ended.verdict}, {"missing": missing})
        accepted = runs.get(session, run_id)
    if accepted is None:
        raise NotFound(f"Run {run_id} is gone.")
    return accepted


class _Run:
    """The state of a run in progress."""

    def __init__(
        self,
        unit: Callable[[], AbstractContextManager[Session]],
        collector: Collector,
        feed: Feed,
        clock: Clock,
        progress: Progress | None,
        actor: Actor,
        outside: Outside,
        budget: timedelta | None,
    ) -> None:
        self._budget = budget
        self._took = Took()
        self._actor = actor
        self._outside = outside
        self._unit = unit
        self._collector = collector
        self._feed = feed
        self._clock = clock
        self._progress = progress
        self._before = Before()
        self._warnings: list[str] = []
        self._failed_parts: dict[str, str] = {}

    def go(self) -> Ended:
        """From the first page to the verdict."""
        begun, started = self._begin()
        if isinstance(self._collector, Remembering):
            self._collector.remember(SourceMemory(self._unit, self._feed))
        self._warnings.extend(begun.warnings)
        if begun.goes_on is not None:
            self._warnings.append(N_(f"It went on where {run_ref(begun.goes_on)} had stopped."))
        self._failed_parts.update(begun.failed_parts)
        counts, self._took = begun.counts, msgspec.structs.replace(begun.took)
        error: DevregError | None = None
        try:
            pages = self._before.pages(lambda: self._pages(begun))
            while (page := self._fetch(pages)) is not None:
                self._warnings.extend(page.warnings[: _MAX_WARNINGS - len(self._warnings)])
                began = time.perf_counter()
                counts, self._failed_parts, told = self._take(page, begun.run_id, counts)
                self._took.keep_ms += _ms_since(began)
                self._warnings.extend(told)
                if self._progress is not None:
                    self._progress(counts)
        except (Retryable, Refused, Broken, Misconfigured) as caught:
            error = caught
        except (DatabaseUnavailable, AssertionError):
            raise
        except Exception as bug:  # noqa: BLE001  one source's fault in our own code must not stop the others
            _log.exception("run %s of %s stopped by a fault in the program", begun.run_id, self._feed.name)
            error = Broken(
                f"A fault in devreg stopped the run: {type(bug).__name__}.", next_step="Report it with the log."
            )
        return self._end(started, counts, error)

    def _fetch(self, pages: Iterator[Page]) -> Page | None:
        began = time.perf_counter()
        try:
            return next(pages, None)
        finally:
            self._took.fetch_ms += _ms_since(began)

    def _pages(self, begun: Begun) -> Iterator[Page]:
        pages = self._all_pages(begun)
        return pages if self._budget is None else in_time(pages, self._feed.name, self._budget)

    def _all_pages(self, begun: Begun) -> Iterator[Page]:
        if self._feed.job is None and not hasattr(self._collector, "pages_of"):
            return self._collector.pages(begun.checkpoint)
        return cast(JobCollector, self._collector).pages_of(self._feed.job, self._credentials(), begun.checkpoint)

    @repeats
    def _credentials(self) -> Mapping[str, str]:
        with told_plainly("read which credentials worked"), self._unit() as session:
            return targets.credentials(session, self._feed.name)

    @repeats
    def _begin(self) -> tuple[Begun, Ended]:
        with told_plainly("begin a run"), self._unit() as session:
            policies.begin_with(session, self._feed.policy)
            tools.put_in_force(session, self._feed.tools)
            expire(session, self._clock())
            latest = runs.latest(session, self._feed.name)
            begun = runs.begin(session, self._feed.name, self._feed.kind, self._clock(), self._feed.job)
            before = latest.run_id if latest else None
            self._before, begun = look_back(session, self._collector, self._feed, begun, before, self._clock())
            started = runs.get(session, begun.run_id)
            for dead in begun.buried:
                audit.digest(session, self._outside, self._actor, dead, self._clock())
                troubles.heed(session, dead, self._clock())
        assert started is not None  # noqa: S101  written by the line above in the same unit of work
        return begun, started

    @repeats
    def _take(self, page: Page, run_id: int, before: Counts) -> tuple[Counts, dict[str, str], list[str]]:
        """What was counted, what failed, and what people were told, with this page kept."""
        counts = msgspec.structs.replace(before)
        with told_plainly("keep a page"), self._unit() as session:
            failed_parts = self._failed_parts | _missed(session, self._feed.name, page)
            counts.add(take_page(session, self._feed, page, run_id, self._clock()))
            told = told_of_deeds(session, self._feed.name, page, run_id, self._clock())
            warnings = [*self._warnings, *told]
            runs.keep(
                session,
                run_id,
                self._feed.name,
                counts,
                page.checkpoint,
                warnings,
                failed_parts,
                self._took,
                page.notes,
            )
        return counts, failed_parts, told

    @repeats
    def _end(self, started: Ended, counts: Counts, error: DevregError | None) -> Ended:
        with told_plainly("end a run"), self._unit() as session:
            began = time.perf_counter()
            heard = told_of_heard(session, started.run_id, self._clock())
            verdict, held = self._judge(session, started, counts, error)
            is_stopped = isinstance(error, OutOfTime) and runs.checkpoint_of(session, started.run_id) is not None
            if verdict in {Verdict.COMPLETE, Verdict.PARTIAL} and error is None and started.lists_devices:
                absent = _absent(session, started, self._failed_parts)
                counts.missing = _mark_missing(session, absent, self._feed.grace, self._clock, by=absent.source)
            beside.settle(session)
            ended = Ended(
                run_id=started.run_id,
                source=self._feed.name,
                started=started.started,
                finished=self._clock(),
                verdict=verdict,
                counts=counts,
                held_reason=held,
                error=error.what if error else None,
                next_step=error.next_step if error else None,
                warnings=(
                    *told_of_codes(counts),
                    *told_of_times(counts),
                    *told_of_kept_out(session, started),
                    *self._warnings,
                    *self._before.told(),
                    *heard,
                    *((N_("The next run goes on where this one stopped."),) if is_stopped else ()),
                ),
                failed_parts=self._failed_parts,
                job=self._feed.job,
                took=msgspec.structs.replace(self._took, judge_ms=_ms_since(began)),
                pass_run=started.pass_run,
            )
            if self._feed.keep_samples is not None and self._feed.job in {None, Job.LOAD}:
                samples.forget(session, self._feed.name, self._clock() - self._feed.keep_samples)
            runs.end(session, ended, is_stopped=is_stopped)
            leave(session, self._collector, self._before, ended)
            troubles.heed(session, ended, self._clock())
            audit.digest(session, self._outside, self._actor, ended, self._clock())
        return ended

    def _judge(
        self, session: Session, started: Ended, counts: Counts, error: DevregError | None
    ) -> tuple[Verdict, str | None]:
        if error is not None:
            return (Verdict.PARTIAL if counts.seen else Verdict.FAILED), None
        if too_many_rejected(counts.rejected, counts.seen):
            return Verdict.HELD, N_(f"{counts.rejected} of {counts.seen} records could not be used")
        verdict = Verdict.PARTIAL if self._failed_parts else Verdict.COMPLETE
        if self._feed.job is not None and not self._feed.job.lists_devices:
            return verdict, None
        absent = _absent(session, started, self._failed_parts)
        for unseen in absent.subjects:
            waiting = len(already_missed(unseen.missed, absent.looks[:-1]))
            judgement = judge(unseen.known - waiting, len(unseen.missed) - waiting)
            if not judgement.may_mark:
                return Verdict.HELD, judgement.held_reason
        return verdict, None


def _ms_since(began: float) -> int:
    return round((time.perf_counter() - began) * 1_000)


def _anchored(sessions: Sessions, ended: Ended, now: datetime) -> Ended:
    """The run, with a warning when the audit trail's end can't be told outside: the run stands all the same."""
    try:
        audit.anchor(sessions, now)
    except Refused as error:
        return msgspec.structs.replace(ended, warnings=(*ended.warnings, error.what))
    return ended


def _missed(session: Session, name: str, page: Page) -> dict[str, str]:
    """Parts that should have answered: named ones, and those that ever had a record."""
    known = records.parts(session, name, [part.part for part in page.failed_parts if part.optional])
    return {part.part: part.reason for part in page.failed_parts if not part.optional or part.part in known}


class _Absent(msgspec.Struct, frozen=True):
    """What a pass through a source did not see, and the runs since it was seen."""

    source: str
    run_id: int
    subjects: list[sightings.Unseen]
    looks: list[Look]
    """The pass itself is the last."""


def _absent(session: Session, ended: Ended, silent: dict[str, str]) -> _Absent:
    first = ended.first_run
    subjects = sightings.unseen(session, ended.source, first, silent.keys(), whole=not silent)
    oldest = min((item.seen_run for subject in subjects for item in subject.missed), default=first)
    looks = [*runs.looks(session, ended.source, oldest, first), Look(first, frozenset(silent))]
    return _Absent(ended.source, ended.run_id, subjects, looks)


def _mark_missing(session: Session, absent: _Absent, grace: Grace, clock: Clock, *, by: str) -> int:
    now = clock()
    counters.one_at_a_time(session)
    missed = [item for subject in absent.subjects for item in subject.missed]
    gone = overdue(missed, absent.looks, grace, now)
    records.mark_gone(session, gone, now)
    regroup(session, gone, by=by, run_id=absent.run_id, now=now)
    return len(gone)


def _in_turn(sessions: Sessions, turn: AbstractContextManager[object]) -> Callable[[], AbstractContextManager[Session]]:
    @contextlib.contextmanager
    def unit() -> Iterator[Session]:
        with turn, sessions.write.begin() as session:
            yield session

    return unit


@contextlib.contextmanager
def _thrown_away(sessions: Sessions) -> Iterator[Callable[[], AbstractContextManager[Session]]]:
    """Units of work that all share one transaction, rolled back at the end; one at a time, for the reader asks too."""
    turn = threading.Lock()
    with sessions.write() as session:

        @contextlib.contextmanager
        def unit() -> Iterator[Session]:
            with turn:
                yield session

        try:
            yield unit
        finally:
            session.rollback()
