"""Following orders that were sent: what the management system shows moves them on, and nothing here can send.

Run by `collect --due` with the collector's credential, and by people. Also the clock's part: what nobody sent in time expires, and what
is found in `sending` without its process is `unknown`, with the number of the order where the file beside the register has kept it.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

import msgspec

from devreg.action_ports import ActionReader, Sought, Target
from devreg.domain.action import FOLLOWED, SENDING_AT_MOST, Mover, Standing, may_move, next_reading, sendable_until
from devreg.domain.device import State, device_ref, intent_ref
from devreg.domain.followed import Followed, Reading
from devreg.domain.lifecycle import STEPS
from devreg.domain.rights import Actor, Right
from devreg.domain.settling import judge
from devreg.errors import Broken, Conflict, Misconfigured, Refused, Retryable
from devreg.i18n import N_
from devreg.services import answers
from devreg.services.acting import Act, act, demand
from devreg.services.lifecycle import move as take_step
from devreg.store import intents, transitions
from devreg.store.engine import Sessions, told_plainly
from devreg.store.intents import Intent
from devreg.store.repeating import repeats
from devreg.store.types import json_text

Readers = Callable[[str], ActionReader | None]
"""Source -> how its orders are followed; None: it can't be (its settings are gone)."""

BY_HAND: Final = (Standing.CONFIRMED, Standing.FAILED, Standing.ACCEPTED)
"""What a named person may say of an order that is open at the management system."""


class Settled(msgspec.Struct, frozen=True):
    """What a look at one intent came to."""

    before: Intent
    after: Intent
    problem: str | None = None
    """Why nothing could be read; then nothing is known and nothing changed."""

    @property
    def has_moved(self) -> bool:
        """Whether it stands elsewhere than before."""
        return self.after.standing is not self.before.standing


def settle(
    sessions: Sessions,
    actor: Actor,
    readers: Readers,
    *,
    now: datetime,
    only: Collection[int] | None = None,
) -> list[Settled]:
    """Look at every order that is due to be looked at, or at these whether due or not. One that can't be read does not stop the others."""
    demand(actor, Right.COLLECT)
    with told_plainly("read the register"), sessions.read.begin() as session:
        if only is None:
            due, unsent = intents.to_read(session, now), intents.waiting(session)
        else:
            found = [one for number in only if (one := intents.find(session, number)) is not None]
            due = [one for one in found if one.standing in FOLLOWED]
            unsent = [one for one in found if one.standing in (Standing.REQUESTED, Standing.APPROVED)]
        limits = intents.limits(session)
    done = [
        _expire(sessions, actor, one, now)
        for one in unsent
        if now > sendable_until(one, limits, by_delay=sessions.is_sqlite)
    ]
    return [*done, *(found for one in due for found in _look(sessions, actor, readers, one, now))]


@repeats
def say(sessions: Sessions, actor: Actor, number: int, outcome: Standing, *, reason: str, now: datetime) -> Intent:
    """What became of an order, by a named person's word, where the management system shows nothing that settles it."""
    if outcome not in BY_HAND:
        raise Misconfigured(f"“{outcome}” can't be said by hand.", next_step=f"One of: {', '.join(BY_HAND)}.")
    with act(
        sessions, actor, Right.ACT, doing="settle an action", now=now, reason=reason, about=intent_ref(number)
    ) as doing:
        if not doing.reason:
            raise Misconfigured("A reason is missing.", next_step="Say how you know: --reason TEXT.")
        found = intents.known(doing.session, number)
        if not may_move(found.standing, outcome, Mover.READER):
            raise Refused(
                f"{intent_ref(number)} is “{found.standing}”; from there it can't be said to be “{outcome}”.",
                next_step=f"`devreg action show {intent_ref(number)}` shows how it stands.",
            )
        return _settled(doing, found, outcome, doing.reason)


def _expire(sessions: Sessions, actor: Actor, found: Intent, now: datetime) -> Settled:
    return Settled(found, _move(sessions, actor, found, Standing.EXPIRED, _TOO_LATE, now, None))


def _look(sessions: Sessions, actor: Actor, readers: Readers, found: Intent, now: datetime) -> Iterator[Settled]:
    if found.standing is Standing.SENDING:
        begun = found.sending_at or found.requested_at
        if now - begun < SENDING_AT_MOST:
            return
        lost = _move(sessions, actor, found, Standing.UNKNOWN, _LOST, now, None)
        yield Settled(found, lost)
        found = lost
    if found.standing is Standing.UNKNOWN and found.command_id is None:
        found = _with_kept_number(sessions, actor, found, now)
    sent_at = found.sending_at or found.requested_at
    try:
        reader = readers(found.bound.source)
        if reader is None:
            raise Misconfigured(f"Nobody can read {found.bound.source}: it is not in the settings any more.")
        reading = reader.read(_sought(found, sent_at))
    except (Retryable, Refused, Broken, Misconfigured) as error:
        _note(sessions, found, now, sent_at)
        yield Settled(found, found, error.what)
        return
    yield Settled(found, _judged(sessions, actor, found, reading, sent_at, now))


def _with_kept_number(sessions: Sessions, actor: Actor, found: Intent, now: datetime) -> Intent:
    """The number by which it can be followed, where the answer did arrive and only the register did not hear of it."""
    with suppress(Refused):  # a file that can't be read says nothing, and `check` tells of it
        number = answers.command_ids(sessions.outside).get(found.bound.request_id)
        if number is not None:
            with told_plainly("follow an action"), sessions.write.begin() as session:
                intents.note(session, found.id, command_id=number)
                intents.tell(
                    session, found.id, found.standing, found.standing, by=actor.name, now=now, said=_KEPT
                )  # fmt: skip
                return intents.get(session, found.id)
    return found


def _sought(found: Intent, sent_at: datetime) -> Sought:
    bound = found.bound
    target = Target(bound.native_id, bound.mode)
    return Sought(
        bound.act, target, bound.serial, sent_at, bound.request_id, found.command_id, found.approval_code
    )  # fmt: skip


def _judged(
    sessions: Sessions, actor: Actor, found: Intent, reading: Reading, sent_at: datetime, now: datetime
) -> Intent:
    verdict = judge(_followed(found, sent_at), reading)
    heard = reading.last_seen or found.heard_at
    shown = json_text(msgspec.to_builtins(reading))
    if verdict.standing is not None and verdict.standing is not found.standing:
        seen = {
            "seen_pending": verdict.seen_pending,
            "read_at": now,
            "heard_at": heard,
            "expires_at": reading.expires,
        }
        return _move(sessions, actor, found, verdict.standing, verdict.said, now, shown, **seen)
    with told_plainly("follow an action"), sessions.write.begin() as session:
        intents.note(
            session,
            found.id,
            said=verdict.said,
            seen_pending=verdict.seen_pending,
            read_at=now,
            heard_at=heard,
            expires_at=reading.expires,
            next_at=now + next_reading(now - sent_at),
        )
        if (verdict.said, verdict.seen_pending) != (found.said, found.seen_pending):
            intents.tell(
                session, found.id, found.standing, found.standing, by=actor.name, now=now, said=verdict.said, shown=shown
            )  # fmt: skip
        return intents.get(session, found.id)


def _followed(found: Intent, sent_at: datetime) -> Followed:
    bound = found.bound
    return Followed(
        act=bound.act,
        mode=bound.mode,
        standing=found.standing,
        sent_at=sent_at,
        serial=bound.serial,
        seen_pending=found.seen_pending,
        last_seen=found.heard_at,
        options=bound.options,
    )


def _note(sessions: Sessions, found: Intent, now: datetime, sent_at: datetime) -> None:
    """It could not be read: try again later, as after any other look."""
    with told_plainly("follow an action"), sessions.write.begin() as session:
        intents.note(session, found.id, next_at=now + next_reading(now - sent_at))


@repeats
def _move(
    sessions: Sessions,
    actor: Actor,
    found: Intent,
    after: Standing,
    said: str | None,
    now: datetime,
    shown: str | None,
    **values: Any,
) -> Intent:
    with act(sessions, actor, Right.COLLECT, doing="follow an action", now=now, about=intent_ref(found.id)) as doing:
        there = intents.get(doing.session, found.id)
        if there.standing is not found.standing:  # somebody else saw the same
            return there
        return _settled(doing, found, after, said, shown, **values)


def _settled(
    doing: Act, found: Intent, after: Standing, said: str | None, shown: str | None = None, **values: Any
) -> Intent:
    accepted = {"accepted_at": doing.now} if after is Standing.ACCEPTED and found.accepted_at is None else {}
    wait = doing.now + next_reading(doing.now - (found.sending_at or doing.now))
    moved = intents.move(
        doing.session,
        found,
        after,
        by=doing.by,
        now=doing.now,
        said=said,
        shown=shown,
        next_at=wait if after in FOLLOWED else None,
        **accepted,
        **values,
    )
    doing.tell(
        "settle",
        device_ref(found.bound.device_id),
        {"standing": str(found.standing)},
        {"act": str(found.bound.act), "standing": str(after), "said": said},
        intent_id=found.id,
    )
    if after is Standing.CONFIRMED and found.bound.then_state is not None:
        _carry_on(doing, found, State(found.bound.then_state))
    return moved


def _carry_on(doing: Act, found: Intent, target: State) -> None:
    """The state that who requested it named for afterwards; where the step asks for more, it stays a person's to take."""
    device_id = found.bound.device_id
    state = transitions.state_of(doing.session, device_id)
    if state is None or state == target:
        return
    reason = N_(f"{intent_ref(found.id)} was confirmed; {found.requested_by} asked for this afterwards")
    carrying = Act(doing.session, doing.actor, doing.right, doing.now, reason)
    try:
        if (State(state), target) in STEPS:
            with doing.session.begin_nested():
                take_step(carrying, device_id, State(state), target)
            carrying.write_down()
            doing.written += carrying.written
    except (Misconfigured, Refused, Conflict) as error:
        intents.tell(
            doing.session, found.id, Standing.CONFIRMED, Standing.CONFIRMED, by=doing.by, now=doing.now, said=error.what
        )  # fmt: skip


_TOO_LATE: Final = N_("Nobody sent it in time.")
_KEPT: Final = N_(
    "The management system's answer was found in the file of the audit trail; the register could not be written then."
)
_LOST: Final = N_("The program that was sending it ended without an answer: it may have arrived.")
