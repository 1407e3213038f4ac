"""Runs of sources: begun, counted, ended; and where one that was killed, or whose time was over, goes on."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, Final

import msgspec
from sqlalchemy import and_, func, insert, or_, select, true, update
from sqlalchemy.orm import Session

from devreg.domain.absence import Look, Verdict
from devreg.domain.job import Job
from devreg.domain.schedule import LastRun
from devreg.i18n import N_
from devreg.ports import Rejected
from devreg.store.schema import rejected, run, source
from devreg.text import evidence

CHECKPOINT_LIFE: Final = timedelta(minutes=30)
"""Of a killed run: page tokens of the real services do not live much longer than an hour; an older one is not worth trying."""
PASS_LIFE: Final = timedelta(days=1)
"""A pass that nobody went on with for longer begins anew: too much has changed in what it read. Collectors drop older tokens themselves."""
_LISTS_DEVICES: Final = or_(run.c.job.is_(None), run.c.job.in_([job for job in Job if job.lists_devices]))
_REMEMBERED: Final = 12
"""Failures in a row beyond these change nothing."""
_STOPPED: Final = N_("The process was stopped before it ended.")


class Counts(msgspec.Struct):
    """What a run did; added up page by page."""

    seen: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    review: int = 0
    rejected: int = 0
    missing: int = 0
    masked: int = 0
    """Texts that held a personal identity code."""
    ahead: int = 0
    """Records with a time in the future, which was not believed."""

    def add(self, other: "Counts") -> None:
        """Count the other's too."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Took(msgspec.Struct):
    """Where a run's time went, in milliseconds."""

    fetch_ms: int = 0
    """Waiting for the source."""
    keep_ms: int = 0
    """Taking its pages into the register and merging them, waiting for other sources' turns included."""
    judge_ms: int = 0
    """Looking what is missing."""


class Begun(msgspec.Struct, frozen=True):
    """A run that may start fetching."""

    run_id: int
    checkpoint: str | None
    counts: Counts
    """What the interrupted run that goes on here had already counted, and what it had met."""
    warnings: tuple[str, ...] = ()
    failed_parts: dict[str, str] = {}
    took: Took = msgspec.field(default_factory=Took)
    buried: tuple["Ended", ...] = ()
    """Runs whose process had died, and which end here as failed."""
    goes_on: int | None = None
    """The run whose time was over, and which this one goes on after."""


class Ended(msgspec.Struct, frozen=True):
    """A finished run, as people are told of it."""

    run_id: int
    source: str
    started: datetime
    finished: datetime | None
    verdict: str
    counts: Counts
    held_reason: str | None
    error: str | None
    next_step: str | None
    warnings: tuple[str, ...]
    failed_parts: dict[str, str]
    job: Job | None = None
    """The job of the source that it did; None: all that the source has."""

    took: Took = msgspec.field(default_factory=Took)
    pass_run: int | None = None
    """The run that began the pass which this one went on with; None: it read from the start."""

    @property
    def first_run(self) -> int:
        """The run that began its pass: what was seen since then was seen in this pass."""
        return self.pass_run or self.run_id

    @property
    def seconds(self) -> int | None:
        """From start to end, what an interruption took included; None while it lasts."""
        return None if self.finished is None else round((self.finished - self.started).total_seconds())

    @property
    def lists_devices(self) -> bool:
        """Whether what it did not see can be missing."""
        return self.job is None or self.job.lists_devices


def begin(session: Session, name: str, kind: str | None, now: datetime, job: Job | None = None) -> Begun:
    """A run of the source: the killed one going on when its checkpoint is fresh; else a new one, which goes on where the time of
    the one before was over.

    The caller holds the source's lock, so a run still marked running belongs to a process that died. No kind: it is no source
    (a report), and starts anew.
    """
    if kind is not None:
        know(session, name, kind)
    stopped = _stopped(session, name, job, now)
    dead = session.execute(
        select(run).where(run.c.source == name, run.c.verdict == Verdict.RUNNING).order_by(run.c.id.desc())
    ).all()
    buried: list[Ended] = []
    for index, row in enumerate(dead):
        if index == 0 and row.job == job and row.checkpoint and timedelta(0) <= now - row.started < CHECKPOINT_LIFE:
            before = _ended(row)
            return Begun(row.id, row.checkpoint, before.counts, before.warnings, before.failed_parts, before.took)
        buried_as = {"verdict": Verdict.FAILED, "finished": now, "error": _STOPPED, "checkpoint": None}
        session.execute(update(run).where(run.c.id == row.id).values(**buried_as))
        ended = _ended(row)
        buried.append(msgspec.structs.replace(ended, verdict=Verdict.FAILED, finished=now, error=_STOPPED))
    values: dict[str, Any] = {
        "source": name,
        "job": job,
        "started": now,
        "verdict": Verdict.RUNNING,
        "warnings": [],
        "failed_parts": {},
    }
    if stopped is not None:
        values |= {
            "pass_run": stopped.pass_run or stopped.id,
            "checkpoint": stopped.checkpoint,
            "failed_parts": stopped.failed_parts,
        }
        session.execute(update(run).where(run.c.id == stopped.id).values(checkpoint=None))
    run_id = session.execute(insert(run).values(**values).returning(run.c.id)).scalar_one()
    if stopped is None:
        return Begun(run_id, None, Counts(), buried=tuple(buried))
    failed = dict(stopped.failed_parts or {})
    return Begun(run_id, stopped.checkpoint, Counts(), (), failed, buried=tuple(buried), goes_on=stopped.id)


def _stopped(session: Session, name: str, job: Job | None, now: datetime) -> Any:
    """The newest run that did just this job, where its time was over and it left word where; None otherwise."""
    newest = session.execute(
        select(run).where(run.c.source == name, run.c.job.is_not_distinct_from(job)).order_by(run.c.id.desc()).limit(1)
    ).one_or_none()
    if newest is None or newest.verdict == Verdict.RUNNING or newest.checkpoint is None:
        return None
    return newest if timedelta(0) <= now - newest.finished < PASS_LIFE else None


def know(session: Session, name: str, kind: str) -> None:
    """Make sure that the register knows the source."""
    known = session.execute(select(source.c.kind).where(source.c.name == name)).one_or_none()
    if known is None:
        session.execute(insert(source).values(name=name, kind=kind))
    elif known.kind != kind:
        session.execute(update(source).where(source.c.name == name).values(kind=kind))


def keep(
    session: Session,
    run_id: int,
    name: str,
    counts: Counts,
    checkpoint: str | None,
    warnings: Sequence[str],
    failed_parts: Mapping[str, str],
    took: Took,
    notes: str | None = None,
) -> None:
    """The counts and times so far, what was met, where to go on and what to note, in the same unit of work as the page itself.

    Without a checkpoint the one before stands: to read a page again does no harm.
    """
    values = _met(warnings, failed_parts) | msgspec.structs.asdict(counts) | msgspec.structs.asdict(took)
    if checkpoint is not None:
        values["checkpoint"] = checkpoint
    session.execute(update(run).where(run.c.id == run_id).values(**values))
    if notes is not None:
        session.execute(update(source).where(source.c.name == name).values(notes=notes))


def _met(warnings: Sequence[str], failed_parts: Mapping[str, str]) -> dict[str, Any]:
    return {
        "warnings": [evidence(warning) for warning in warnings],
        "failed_parts": {evidence(part): evidence(reason) for part, reason in failed_parts.items()},
    }


def checkpoint_of(session: Session, run_id: int) -> str | None:
    """Where a run stands; None when it can't be gone on with."""
    return session.execute(select(run.c.checkpoint).where(run.c.id == run_id)).scalar_one()


def end(session: Session, ended: Ended, *, is_stopped: bool = False) -> None:
    """The run's verdict; a later run starts from the beginning, or goes on with this one's pass where its time was over."""
    session.execute(
        update(run)
        .where(run.c.id == ended.run_id)
        .values(
            finished=ended.finished,
            verdict=ended.verdict,
            held_reason=ended.held_reason,
            error=ended.error and evidence(ended.error),
            next_step=ended.next_step and evidence(ended.next_step),
            **_met(ended.warnings, ended.failed_parts),
            seconds=ended.seconds,
            **({} if is_stopped else {"checkpoint": None}),
            **msgspec.structs.asdict(ended.counts),
            **msgspec.structs.asdict(ended.took),
        )
    )
    if ended.verdict == Verdict.COMPLETE and ended.lists_devices:
        session.execute(update(source).where(source.c.name == ended.source).values(completed_at=ended.finished))


def quarantine(session: Session, run_id: int, name: str, items: Sequence[Rejected], now: datetime) -> None:
    """Keep records that can't be used, with the reason and their raw form."""
    if items:
        session.execute(
            insert(rejected),
            [
                {
                    "run_id": run_id,
                    "source": name,
                    "native_id": None if item.native_id is None else evidence(item.native_id),
                    "reason": evidence(item.reason),
                    "raw": evidence(item.raw),
                    "at": now,
                }
                for item in items
            ],
        )


def latest(session: Session, name: str) -> Ended | None:
    """The newest run of a source that lists devices."""
    newest = select(run).where(run.c.source == name, _LISTS_DEVICES).order_by(run.c.id.desc()).limit(1)
    row = session.execute(newest).one_or_none()
    return None if row is None else _ended(row)


def latest_of(session: Session, name: str, job: str | None) -> Ended | None:
    """The newest run of a source that did a job, by itself or with all the others; None: whatever it did."""
    did = true() if job is None else or_(run.c.job == job, run.c.job.is_(None))
    newest = select(run).where(run.c.source == name, did).order_by(run.c.id.desc()).limit(1)
    row = session.execute(newest).one_or_none()
    return None if row is None else _ended(row)


def get(session: Session, run_id: int) -> Ended | None:
    """One run."""
    row = session.execute(select(run).where(run.c.id == run_id)).one_or_none()
    return None if row is None else _ended(row)


def accept(session: Session, run_id: int, missing: int, now: datetime) -> None:
    """A held run that a person has accepted is complete as far as it read, for that run only."""
    row = session.execute(select(run.c.source, run.c.finished, run.c.failed_parts).where(run.c.id == run_id)).one()
    verdict = Verdict.PARTIAL if row.failed_parts else Verdict.COMPLETE
    session.execute(update(run).where(run.c.id == run_id).values(verdict=verdict, accepted_at=now, missing=missing))
    if verdict is Verdict.COMPLETE:
        session.execute(update(source).where(source.c.name == row.source).values(completed_at=row.finished))


def looks(session: Session, name: str, after: int, before: int) -> list[Look]:
    """Runs of the source between the two that list devices and were read to their end, in order."""
    ended = or_(run.c.verdict == Verdict.COMPLETE, and_(run.c.verdict == Verdict.PARTIAL, run.c.error.is_(None)))
    rows = session.execute(
        select(func.coalesce(run.c.pass_run, run.c.id).label("first_run"), run.c.failed_parts)
        .where(run.c.source == name, run.c.id > after, run.c.id < before, ended, _LISTS_DEVICES)
        .order_by(run.c.id)
    )
    return [Look(row.first_run, frozenset(row.failed_parts or ())) for row in rows]


def notes(session: Session, name: str) -> str | None:
    """What the source's collector noted for its later runs."""
    return session.execute(select(source.c.notes).where(source.c.name == name)).scalar_one_or_none()


def last_complete(session: Session) -> dict[str, datetime | None]:
    """Source -> when it was last read whole; None when never."""
    return {row.name: row.completed_at for row in session.execute(select(source.c.name, source.c.completed_at))}


def last_run(session: Session, name: str, job: Job | None) -> LastRun | None:
    """The newest run that did the job, and how many in a row have failed or broken off."""
    newest = session.execute(
        select(run.c.started, run.c.verdict, run.c.error, run.c.checkpoint)
        .where(run.c.source == name, or_(run.c.job.is_(None), run.c.job == job))
        .order_by(run.c.id.desc())
        .limit(_REMEMBERED)
    ).all()
    if not newest:
        return None
    ended = [row for row in newest if row.verdict != Verdict.RUNNING]
    failed = takewhile(lambda row: row.verdict == Verdict.FAILED or row.error is not None, ended)
    first = newest[0]
    is_stopped = first.verdict == Verdict.PARTIAL and first.checkpoint is not None
    return LastRun(first.started, first.verdict == Verdict.RUNNING, sum(1 for _ in failed), is_stopped)


def _ended(row: Any) -> Ended:
    return Ended(
        run_id=row.id,
        source=row.source,
        started=row.started,
        finished=row.finished,
        verdict=row.verdict,
        counts=Counts(**{field: getattr(row, field) for field in Counts.__struct_fields__}),
        held_reason=row.held_reason,
        error=row.error,
        next_step=row.next_step,
        warnings=tuple(row.warnings or ()),
        failed_parts=dict(row.failed_parts or {}),
        job=None if row.job is None else Job(row.job),
        took=Took(row.fetch_ms, row.keep_ms, row.judge_ms),
        pass_run=row.pass_run,
    )
