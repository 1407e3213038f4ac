"""What is wrong now, set against what people were told was wrong: failed and held runs, and alarms that nobody has taken up."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from devreg.domain.absence import Verdict
from devreg.domain.device import device_ref, run_ref
from devreg.domain.tools import UNMANAGED_DAYS
from devreg.domain.trouble import Notice, Problem, Trouble, found, over
from devreg.i18n import N_
from devreg.services import action_watch, circulation_watch, contract_watch, phone_watch
from devreg.store import alarms, leavers, notices, runs
from devreg.store.engine import Session, Sessions, told_plainly
from devreg.store.repeating import repeats
from devreg.store.runs import Ended
from devreg.store.views.persons import LEAVING

_DAY: Final = timedelta(days=1)
_SOURCE: Final = "source:"


def heed(session: Session, ended: Ended, now: datetime) -> None:
    """Keep what a run that ends is to be told for, in its own unit of work: what it tells can't get lost after it."""
    key, problem = _key(ended), problem_of(ended)
    known = notices.lasting(session).get(key)
    if problem is not None or known is not None:
        _settle(session, {key: known} if known else {}, [problem] if problem else [], now)


@repeats
def review(sessions: Sessions, sources: Collection[str], now: datetime, unmanaged_days: int = UNMANAGED_DAYS) -> None:
    """Look at everything again: alarms, reminders, runs that a person has accepted since, and sources that there are no more."""
    with told_plainly("look for what is to be told"), sessions.write.begin() as session:
        known = notices.lasting(session)
        problems = [*_open_problems(session), *_leavers(session)]
        problems += [*contract_watch.problems(session, now), *circulation_watch.problems(session, now)]
        problems += phone_watch.problems(session, known.get(phone_watch.KEY), unmanaged_days, now)
        problems += action_watch.problems(session)
        silently = set()
        for key, trouble in known.items():
            name, _, job = key.removeprefix(_SOURCE).partition(" ")
            latest = runs.latest_of(session, name, job or None) if key.startswith(_SOURCE) else None
            if latest is None:
                continue
            if name not in sources or (not job and latest.job is not None):
                silently.add(key)  # nobody reads it any more, or not in this way
            elif latest.verdict == Verdict.RUNNING:
                problems.append(trouble.problem)
            elif problem := problem_of(latest):
                problems.append(msgspec.structs.replace(problem, key=key))
        _settle(session, known, problems, now, silently)


def problem_of(ended: Ended) -> Problem | None:
    """Why a run needs a person; None when it does not."""
    if ended.verdict == Verdict.HELD:
        return Problem(
            _key(ended),
            _about(ended),
            "held",
            f"The run is held: {ended.held_reason}. Nothing was called missing.",
            f"Look at the source; `devreg collect --accept-held {run_ref(ended.run_id)}` believes it.",
        )
    if ended.error is None:
        return None
    what = ended.error.removeprefix(f"{ended.source}: ")  # it stands before every line already
    return Problem(_key(ended), _about(ended), "failed", what, ended.next_step or None)


def _key(ended: Ended) -> str:
    return _SOURCE + _about(ended)


def _about(ended: Ended) -> str:
    """The source, and which of its jobs where it does them one by one: no name of a source has a blank."""
    return ended.source if ended.job is None else f"{ended.source} {ended.job}"


def _open_problems(session: Session) -> Iterable[Problem]:
    for raised in alarms.open_all(session):
        number = raised.alarm_id
        yield Problem(
            f"alarm:{number}", raised.about, "alarm", raised.what, f"`devreg alarm ack {number}` takes it up."
        )


def _leavers(session: Session) -> Iterable[Problem]:
    """A device a problem, so that each is told once and is over when it is back; the list names the people, a notice does not."""
    for device_id, why in leavers.devices(session):
        if why == LEAVING:
            kind, what = "leaving", N_("Who has the device leaves soon.")
        else:
            kind, what = "leaver", N_("Who has the device has left.")
        yield Problem(
            f"leaver:{device_id}", device_ref(device_id), kind, what, "`devreg list leavers` says what to do."
        )


def _settle(
    session: Session,
    known: dict[str, Trouble],
    problems: Iterable[Problem],
    now: datetime,
    silently: Collection[str] = (),
) -> None:
    """The troubles `known` become what these problems are now; what changed is written, and what is to be told queued."""
    begun = notices.beginnings(session, now - _DAY)
    told: list[Notice] = []
    after: dict[str, Trouble] = {}
    for problem in problems:
        trouble, notice = found(known.get(problem.key), problem, begun.get(problem.key, 0), now)
        after[problem.key] = trouble
        told += [notice] if notice else []
    gone = [trouble for key, trouble in known.items() if key not in after]
    told += [notice for trouble in gone if trouble.problem.key not in silently and (notice := over(trouble))]
    changed = [trouble for key, trouble in after.items() if known.get(key) != trouble]
    if changed or gone:
        replaced = [known[trouble.problem.key] for trouble in changed if trouble.problem.key in known]
        notices.keep(session, [*replaced, *gone], changed, told, now)
