"""The one door for what people do: the right asked, one unit of work, and told afterwards who did it and why."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from devreg.domain.rights import Actor, Right
from devreg.errors import Refused
from devreg.store import counters
from devreg.store.engine import Session, Sessions, told_plainly
from devreg.text import clean, masked


class Act:
    """What a person is doing: the session to do it in, and who, when and why."""

    def __init__(self, session: Session, actor: Actor, right: Right, now: datetime, reason: str | None) -> None:
        self.session = session
        self.actor = actor
        self.right = right
        self.now = now
        self.reason = masked(clean(reason) or "") or None

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
    ) -> None:
        """`what` was done `about` something (D000123, R000012, a source's name): field -> value as it was and as it is."""


def demand(actor: Actor, right: Right) -> None:
    """Raises Refused when the actor may not."""
    if not actor.may(right):
        raise Refused(
            f"{actor.name} is {actor.role} here and may not do this.", next_step="Ask an admin of the register."
        )


@contextmanager
def act(
    sessions: Sessions, actor: Actor, right: Right, *, doing: str, now: datetime, reason: str | None = None
) -> Iterator[Act]:
    """A unit of work in a person's name; all of it is kept, or nothing. `doing` is an English msgid: `add a device`.

    Raises Refused when the actor lacks the right.
    """
    demand(actor, right)
    with told_plainly(doing), sessions.write.begin() as session:
        counters.one_at_a_time(session)
        yield Act(session, actor, right, now, reason)
