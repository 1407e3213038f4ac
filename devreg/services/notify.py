"""What waits to be told, carried: as one message a time and way, until it is taken.

A try is marked before it is made and its outcome after it. Killed between the two, the message goes again, but not before the next
try is due: at least once, never a storm.
"""

import logging
from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from typing import Any, Final

from devreg.domain.tools import UNMANAGED_DAYS
from devreg.domain.trouble import Notice, Phase
from devreg.errors import AlreadyRunning, DatabaseUnavailable, DevregError
from devreg.i18n import N_, Catalogue
from devreg.ports import Clock
from devreg.services import troubles
from devreg.services.carriers import Carrier, Message
from devreg.store import locks, notices
from devreg.store.engine import Sessions, told_plainly
from devreg.store.notices import Numbered
from devreg.store.repeating import repeats

_LOCK: Final = "+notify"
"""No source can be called so."""
_FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=1)
_LINES: Final = 30
_FIELDS_MAX: Final = 500
_HEADS: Final = ((Phase.BEGAN, N_("Began")), (Phase.LASTS, N_("Still going on")), (Phase.ENDED, N_("Over")))
_WORKS: Final = N_("works again")
_GIVEN_BACK: Final = N_("it is in other hands, or they stay")
_DONE: Final = N_("is seen to")
_DECIDED: Final = N_("it is settled")
_LIFTED: Final = N_("orders go again")
_OVER: Final = {
    "alarm": N_("somebody has taken it up"), "leaver": _GIVEN_BACK, "leaving": _GIVEN_BACK, "notice_due": _DONE, "return_window": _DONE,
    "overdue": _DONE, "lost_lease": _DONE, "support_gap": _DONE, "support_ending": _DONE,
    "action_requested": _DECIDED, "action_elsewhere": _DECIDED, "action_unknown": _DECIDED,
    "action_rate": _LIFTED, "action_freeze": _LIFTED,
    "idle_leases": _DONE, "lease_cliff": _DONE, "unmanaged": _DONE,
}  # fmt: skip
"""What to say when it is over, by the kind of problem."""
_log: Final = logging.getLogger(__name__)


def notify(
    sessions: Sessions,
    ways: Sequence[Carrier],
    t: Catalogue,
    sources: Collection[str],
    clock: Clock,
    unmanaged_days: int = UNMANAGED_DAYS,
) -> tuple[DevregError, ...]:
    """Tell what is to be told by every way; why some of them did not take it. To be called whenever runs have ended.

    Raises DatabaseUnavailable only: what can't be carried now waits in the register. While another process carries, nothing is done.
    """
    try:
        with locks.hold(sessions, _LOCK):
            troubles.review(sessions, sources, clock(), unmanaged_days)
            failed = [error for way in ways if (error := _by(sessions, way, t, clock)) is not None]
            _forget(sessions, [way.name for way in ways], clock)
    except AlreadyRunning:
        return ()
    return tuple(failed)


def trial(ways: Sequence[Carrier], t: Catalogue, clock: Clock) -> Iterator[tuple[str, DevregError | None]]:
    """Send a message that says it is a trial by every way: its name, and why it was not taken."""
    now = clock()
    subject = t("devreg: a trial message")
    text = t("This is only a trial: `devreg check --notify` was run on {when}.", when=t.datetime(now))
    message = Message(f"devreg.trial.{now:%Y%m%d%H%M%S%f}", now, subject, text, {"trial": True, "notices": []})
    for way in ways:
        try:
            complaint = way.carry(message)
            yield way.name, None if complaint is None else DevregError(complaint)
        except DevregError as error:
            yield way.name, error


def _by(sessions: Sessions, way: Carrier, t: Catalogue, clock: Clock) -> DevregError | None:
    """Carry what waits for this way, if something does and its time has come."""
    waiting = _begin(sessions, way.name, clock)
    if not waiting:
        return None
    try:
        complaint = way.carry(composed(waiting, t))
    except DatabaseUnavailable:
        raise
    except DevregError as error:
        _log.warning("%d notices wait: %s", len(waiting), error.what)
        _failed(sessions, way.name, error.what)
        return error
    _done(sessions, way.name, waiting[-1].number, complaint, clock)
    return None


@repeats
def _begin(sessions: Sessions, name: str, clock: Clock) -> list[Numbered]:
    now = clock()
    with told_plainly("begin to tell"), sessions.write.begin() as session:
        route = notices.route_named(session, name, now)
        # A clock that was set back must not silence the way for longer than a wait lasts.
        is_due = route.next_try <= now or route.next_try > now + LONGEST_WAIT
        waiting = notices.waiting(session, route.sent_to) if is_due else []
        if waiting:
            notices.begin_try(session, name, now + min(_FIRST_WAIT * 2 ** min(route.tries, 10), LONGEST_WAIT))
    return waiting


@repeats
def _done(sessions: Sessions, name: str, number: int, complaint: str | None, clock: Clock) -> None:
    with told_plainly("keep what was told"), sessions.write.begin() as session:
        notices.carried(session, name, number, complaint, clock())


@repeats
def _failed(sessions: Sessions, name: str, error: str) -> None:
    with told_plainly("keep what was not told"), sessions.write.begin() as session:
        notices.not_carried(session, name, error)


@repeats
def _forget(sessions: Sessions, ways: Sequence[str], clock: Clock) -> None:
    with told_plainly("forget old notices"), sessions.write.begin() as session:
        notices.forget(session, ways, clock())


def composed(waiting: Sequence[Numbered], t: Catalogue) -> Message:
    """All that waits as one message: a dead server comes back to one mail, not to a hundred."""
    told = [item.notice for item in waiting]
    over = sum(notice.phase is Phase.ENDED for notice in told)
    counts = [t.many("{n} problem", "{n} problems", len(told) - over)] if over < len(told) else []
    counts += [t.many("{n} over", "{n} over", over)] if over else []
    first, last = waiting[0], waiting[-1]
    fields = {
        "language": t.language,
        "notices": [_fields(item, t) for item in waiting[:_FIELDS_MAX]],
        "left_out": max(0, len(waiting) - _FIELDS_MAX),
    }
    ident = f"devreg.{first.number}-{last.number}.{last.at:%Y%m%d%H%M%S%f}"
    return Message(ident, last.at, f"devreg: {', '.join(counts)}", "\n".join(_text(told, t)), fields)


def _text(told: Sequence[Notice], t: Catalogue) -> Iterator[str]:
    for phase, head in _HEADS:
        about = [notice for notice in told if notice.phase is phase]
        if about:
            yield t(head)
        for notice in about[:_LINES]:
            yield from _lines(notice, t)
        if len(about) > _LINES:
            yield "- " + t("… and {n} more", n=t.number(len(about) - _LINES))
        if about:
            yield ""


def _lines(notice: Notice, t: Catalogue) -> Iterator[str]:
    problem, since = notice.trouble.problem, t.datetime(notice.trouble.since)
    if notice.phase is Phase.ENDED:
        done = t(_OVER.get(problem.kind, _WORKS))
        yield f"- {problem.about}: {done}"
        yield "  " + t("It was, since {when}: {what}", when=since, what=t.said(problem.what))
        return
    yield f"- {problem.about}: {t.said(problem.what)}"
    if problem.next_step:
        yield f"  {t.said(problem.next_step)}"
    if notice.phase is Phase.LASTS:
        yield "  " + t("Since {when}", when=since)


def _fields(item: Numbered, t: Catalogue) -> dict[str, Any]:
    trouble = item.notice.trouble
    problem = trouble.problem
    next_step = None if problem.next_step is None else t.said(problem.next_step)
    return {
        "number": item.number, "at": item.at, "phase": str(item.notice.phase), "about": problem.about, "kind": problem.kind,
        "what": t.said(problem.what), "next_step": next_step, "since": trouble.since,
    }  # fmt: skip
