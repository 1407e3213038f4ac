"""The limits of remote actions, kept in the register: an admin puts those of the settings into force."""

from datetime import datetime

import msgspec

from devreg.domain.action import Limits
from devreg.domain.rights import Actor, Right
from devreg.services.acting import act
from devreg.store import intents
from devreg.store.engine import Sessions, told_plainly
from devreg.store.repeating import repeats


def in_force(sessions: Sessions) -> Limits:
    """What holds for everybody now."""
    with told_plainly("read the register"), sessions.read.begin() as session:
        return intents.limits(session)


@repeats
def apply(sessions: Sessions, actor: Actor, wanted: Limits, *, now: datetime) -> bool:
    """Put these limits into force; False when they are already. Raises Refused for who is no admin."""
    with act(sessions, actor, Right.OPERATE, doing="set the limits of remote actions", now=now) as doing:
        before = intents.limits(doing.session)
        if before == wanted:
            return False
        intents.set_limits(doing.session, wanted)
        doing.tell("limits", "register", msgspec.to_builtins(before), msgspec.to_builtins(wanted))
        return True
