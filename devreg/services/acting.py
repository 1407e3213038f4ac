"""The one door for what people do: the right asked, one unit of work, and told afterwards who did it and why.

No audit row, no change: the rows of an act are written in its own unit of work. What was refused or failed is told too, in
a unit of work of its own.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from datetime import date, datetime
from typing import Final

from devreg.domain.chain import Deed, Detail, Link, Outcome
from devreg.domain.personal_codes import without_codes
from devreg.domain.rights import Actor, Right
from devreg.domain.words import RIGHTS, ROLES
from devreg.errors import DatabaseUnavailable, DevregError, Refused
from devreg.ports import Outside
from devreg.services import witness
from devreg.store import audit, counters, local_time
from devreg.store.engine import Session, Sessions, told_plainly
from devreg.store.repeating import is_done_again
from devreg.store.types import json_text
from devreg.text import clean, masked, typed

LOOK: Final = "look"
"""What stands in the trail where a right does, for what needs none but is told (safety.md 32)."""
REGISTER: Final = "register"
"""What an act is about when it is about no single thing."""
_log: Final = logging.getLogger(__name__)


class Act:
    """What a person is doing: the session to do it in, and who, when and why."""

    def __init__(self, session: Session, actor: Actor, right: Right, now: datetime, reason: str | None) -> None:
        self.session = session
        self.actor = actor
        self.right = right
        self.now = now
        self.reason = typed(reason)
        self.written: list[Link] = []
        """Rows of the trail that will count when the unit of work does."""
        self._told: list[tuple[Deed, Detail]] = []

    @property
    def today(self) -> date:
        """The day it is done on, in the city."""
        return local_time.day(self.session, self.now)

    @property
    def by(self) -> str:
        """Who the history names."""
        return self.actor.name

    def tell(
        self,
        what: str,
        about: str,
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None,
        *,
        intent_id: int | None = None,
        purged_to: int | None = None,
    ) -> None:
        """`what` was done `about` something (D000123, R000012, a source's name): field -> value as it was and as it is."""
        detail = _detail(self.actor, self.reason, before=_values(before), after=_values(after))
        role, right = str(self.actor.role), str(self.right)
        self._told.append((Deed(role, right, what, about, intent_id=intent_id, purged_to=purged_to), detail))

    def write_down(self) -> None:
        """Append what was told so far; `act` does it at the end, so that nobody waits for the trail's lock longer than needed."""
        self.written += [audit.append(self.session, deed, detail, self.now) for deed, detail in self._told]
        self._told.clear()


def demand(actor: Actor, right: Right) -> None:
    """Raises Refused when the actor may not."""
    if not actor.may(right):
        raise Refused(
            f"{actor.name} is {ROLES[actor.role]} here; this needs the right to {RIGHTS[right]}.",
            next_step="Ask an admin of the register; `devreg operator list` names them.",
        )


def ask(sessions: Sessions, actor: Actor, right: Right, *, doing: str, now: datetime, about: str = REGISTER) -> None:
    """As `demand`, for what is no single unit of work: that it was refused stands in the audit trail."""
    with told_unless_done(sessions, actor, right, doing=doing, now=now, about=about):
        demand(actor, right)


@contextmanager
def told_unless_done(
    sessions: Sessions,
    actor: Actor,
    right: Right,
    *,
    doing: str,
    now: datetime,
    reason: str | None = None,
    about: str = REGISTER,
) -> Iterator[None]:
    """What the body raises stands in the audit trail: refused where the actor lacks the right, else failed."""
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:
        if is_done_again(error):
            raise
        outcome = Outcome.FAILED if actor.may(right) else Outcome.REFUSED
        detail = _detail(actor, typed(reason), error=_cause(error))
        is_told = _tell_apart(sessions, Deed(str(actor.role), str(right), doing, about, outcome), detail, now)
        if not is_told and not isinstance(error, DatabaseUnavailable):  # else the person hears of the database anyway
            _log.warning("%s, %s: not in the audit trail", doing, outcome)
        raise


@contextmanager
def act(
    sessions: Sessions,
    actor: Actor,
    right: Right,
    *,
    doing: str,
    now: datetime,
    reason: str | None = None,
    about: str = REGISTER,
) -> Iterator[Act]:
    """A unit of work in a person's name; all of it is kept, or nothing. `doing` is an English msgid: `add a device`.

    `about` names in the audit trail what a refused or failed attempt was about. Raises Refused when the actor lacks the right.
    """
    with told_unless_done(sessions, actor, right, doing=doing, now=now, reason=reason, about=about):
        demand(actor, right)
        with told_plainly(doing), sessions.write.begin() as session:
            counters.one_at_a_time(session)
            begun = Act(session, actor, right, now, reason)
            yield begun
            _write(begun, sessions.outside, doing, about)
    witness.confirm(sessions.outside, begun.written[-1], now)


def looked(
    sessions: Sessions, actor: Actor, what: str, about: str, said: Mapping[str, object], *, now: datetime
) -> None:
    """That somebody looks at what is one person's, or takes a report out, told before they see it; anybody may.

    Raises DatabaseUnavailable or Refused when it can't be told: then nothing is shown.
    """
    _alone(
        sessions, Deed(str(actor.role), LOOK, what, about), _detail(actor, None, after=_values(said)), now, on_both=True
    )


def _write(done: Act, outside: Outside, doing: str, about: str) -> None:
    """Append what was told, here and outside; an act that told nothing leaves a row too."""
    done.write_down()
    if not done.written:
        done.tell(doing, about)
        done.write_down()
    witness.write_rows(outside, done.written)


def _tell_apart(sessions: Sessions, deed: Deed, detail: Detail, now: datetime) -> bool:
    """Whether it could be told: nothing was changed, and the caller raises what the person must know."""
    try:
        _alone(sessions, deed, detail, now, on_both=False)
    except DevregError:
        return False
    return True


def _alone(sessions: Sessions, deed: Deed, detail: Detail, now: datetime, *, on_both: bool) -> None:
    """One row that nothing is changed with, in a unit of work of its own. Not `on_both`: one place is enough, as `confirm` logs."""
    with told_plainly("write the audit trail"), sessions.write.begin() as session:
        link = audit.append(session, deed, detail, now)
        with nullcontext() if on_both else suppress(Refused):
            witness.write_rows(sessions.outside, [link])
    witness.confirm(sessions.outside, link, now)


def _cause(error: BaseException) -> str:
    """Our own words; of any other error its kind only: its text may quote a value."""
    return masked(clean(error.what) or "") if isinstance(error, DevregError) else type(error).__name__


def _detail(
    actor: Actor, reason: str | None, *, error: str | None = None, before: str | None = None, after: str | None = None
) -> Detail:
    return Detail(actor.name, actor.entra, actor.host or None, reason, error or None, before, after)


def _values(fields: Mapping[str, object] | None) -> str | None:
    return json_text(without_codes(dict(fields))[0]) if fields else None
