"""What people do about alarms."""

from datetime import datetime

from devreg.domain.rights import Actor, Right
from devreg.errors import NotFound
from devreg.services.acting import act
from devreg.store import alarms
from devreg.store.engine import Sessions
from devreg.store.repeating import repeats


@repeats
def acknowledge(sessions: Sessions, actor: Actor, alarm_id: int, reason: str | None, now: datetime) -> None:
    """Say that somebody has taken it up; it is told again only when the device's state is said anew. Raises NotFound."""
    with act(sessions, actor, Right.EDIT, doing="acknowledge an alarm", now=now, reason=reason) as doing:
        found = alarms.open_one(doing.session, alarm_id)
        if found is None:
            raise NotFound(f"There is no open alarm {alarm_id}.", next_step="`devreg alarm list` shows them.")
        alarms.acknowledge(doing.session, alarm_id, doing.by, doing.reason, now)
        doing.tell("acknowledge", found.about, {"alarm": found.what})
