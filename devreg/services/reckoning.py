"""The contracts brought to today: states and costs go with the days, though nobody says anything."""

from datetime import datetime

from devreg.domain.rights import Actor, Right
from devreg.store import contracts, counters, local_time
from devreg.store.engine import Sessions, told_plainly
from devreg.store.repeating import repeats


@repeats
def reckon(sessions: Sessions, actor: Actor, now: datetime) -> bool:
    """Bring states and costs to today, if they are of another day; whether there was anything to do.

    Who may write nothing sees them as of the last day that somebody could.
    """
    if not actor.may(Right.COLLECT):
        return False
    with told_plainly("read the register"), sessions.read.begin() as reading:
        if contracts.reckoned_for(reading) == local_time.day(reading, now):
            return False
    with told_plainly("reckon the contracts"), sessions.write.begin() as session:
        counters.one_at_a_time(session)
        contracts.reckon(session, local_time.day(session, now))
    return True
