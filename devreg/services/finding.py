"""Where a device is, for the person who had it located: shown once, and kept nowhere (safety.md 29 and 33).

That it was shown stands in the action's timeline and in the audit trail, before it is; where it was stands in neither.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from devreg.action_ports import ActionSender, Location, Target
from devreg.domain.action import Standing
from devreg.domain.device import device_ref, intent_ref
from devreg.domain.platforms import RemoteAct
from devreg.domain.rights import Actor, Right
from devreg.errors import Conflict, Refused
from devreg.i18n import N_
from devreg.ports import Clock
from devreg.services.act import demand_same_person
from devreg.services.acting import act, demand, told_unless_done
from devreg.store import intents
from devreg.store.engine import Session, Sessions, told_plainly
from devreg.store.intents import Intent
from devreg.store.repeating import repeats

SHOWN: Final = N_("Where it is was shown to who asked; nothing of it is kept here.")
_DOING: Final = N_("see where a device is")
_TOLD: Final = (Standing.ACCEPTED, Standing.UNKNOWN, Standing.CONFIRMED)


def find(sessions: Sessions, actor: Actor, number: int, sender: ActionSender, *, clock: Clock) -> Location | None:
    """Where the device is; None: its tool does not say, yet or any more.

    Raises Refused for anybody but who asked for it, and when it was shown already; Conflict where it was not located.
    """
    about = intent_ref(number)
    with told_unless_done(sessions, actor, Right.ACT, doing=_DOING, now=clock(), about=about):
        demand(actor, Right.ACT)
        with told_plainly("read the register"), sessions.read.begin() as session:
            found = _demand(session, actor, number)
        demand_same_person(actor, sender.sign_in(None), found, clock())
        since = found.sending_at or found.requested_at
        location = sender.location(Target(found.bound.native_id, found.bound.mode), since)
    if location is not None:
        _tell(sessions, actor, number, clock)
    return location


def may_see(found: Intent, actor: Actor, said: Iterable[str | None]) -> bool:
    """Whether it may be shown to this person, going by what its timeline says."""
    is_theirs = actor.may(Right.ACT) and found.requested_by == actor.name
    return is_theirs and found.bound.act is RemoteAct.LOCATE and found.standing in _TOLD and SHOWN not in said


@repeats
def _tell(sessions: Sessions, actor: Actor, number: int, clock: Clock) -> None:
    """Committed before it is shown, so that nobody sees it twice or unseen by the trail."""
    now = clock()
    with act(sessions, actor, Right.ACT, doing=_DOING, now=now, about=intent_ref(number)) as doing:
        found = _demand(doing.session, actor, number)
        intents.tell(doing.session, number, found.standing, found.standing, by=doing.by, now=now, said=SHOWN)
        doing.tell("show location", device_ref(found.bound.device_id), intent_id=number)


def _demand(session: Session, actor: Actor, number: int) -> Intent:
    found = intents.known(session, number)
    said: Sequence[str | None] = [event.said for event in intents.events(session, number)]
    if may_see(found, actor, said):
        return found
    if found.requested_by != actor.name:
        raise Refused(
            f"{found.requested_by} asked where it is, and only they are shown it.",
            next_step="Ask for it yourself: `devreg action request locate`.",
        )
    if SHOWN in said:
        raise Refused(
            f"Where it is was shown for {intent_ref(number)} already, and is kept nowhere.",
            next_step="Ask for it anew: `devreg action request locate`.",
        )
    raise Conflict(
        f"{intent_ref(number)} tells no place: it is no device that was located.",
        next_step=f"`devreg action show {intent_ref(number)}` shows how it stands.",
    )
