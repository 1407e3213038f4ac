"""Remote actions on their way: approved or called off by people, and sent once by who asked. The only place that sends.

Order of sending (safety.md 1-3, 11, 16, contracts/intune.md 9.1): who asks signs in; the device is read once more and must be what the
intent is bound to; the row says `sending`, committed, told to the audit trail in both its places; the brake is looked at; one order
leaves; its answer is written down, first in the file beside the register. Whatever breaks after the row was committed leaves it at
`sending`, which `settle` turns to `unknown`: nothing here sends a second time what may have arrived.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from devreg.action_ports import (
    Accepted,
    ActionSender,
    AwaitsApproval,
    NotSent,
    Order,
    Rejected,
    Sent,
    SignedIn,
    Target,
    Unclear,
)
from devreg.domain.action import FRESH, Hold, Standing, next_reading, sendable_from, sendable_until
from devreg.domain.device import device_ref, intent_ref
from devreg.domain.rights import Actor, Right
from devreg.errors import Conflict, Misconfigured, Refused
from devreg.i18n import N_
from devreg.ports import Clock
from devreg.services import answers
from devreg.services.acting import Act, act, demand, told_unless_done
from devreg.services.freezing import Brake
from devreg.services.same_device import differences
from devreg.store import intents
from devreg.store.engine import Sessions, told_plainly
from devreg.store.intents import Intent
from devreg.store.repeating import repeats

_UNSENT: Final = (Standing.REQUESTED, Standing.APPROVED, Standing.NEEDS_APPROVAL)


@repeats
def approve(sessions: Sessions, actor: Actor, number: int, *, reason: str | None, now: datetime) -> Intent:
    """Say yes to what somebody else requested. Raises Refused for the requester, and on SQLite, where nobody could prove who it was."""
    with _about(sessions, actor, Right.APPROVE, "approve an action", number, reason, now) as (doing, found):
        if sessions.is_sqlite:
            raise Refused(
                "On an SQLite file nobody can prove to be a second person, so nothing is approved there.",
                next_step="It can be sent once its delay is over; until then everybody can cancel it.",
            )
        _demand_standing(found, (Standing.REQUESTED,))
        if not found.is_destructive:
            raise Refused(f"{intent_ref(number)} needs no second person.", next_step="Who requested it sends it.")
        if found.requested_by == actor.name:
            raise Refused(
                f"{actor.name} requested {intent_ref(number)}; a second person approves it.",
                next_step="Ask another approver to look at it: `devreg list actions`.",
            )
        return _moved(doing, found, Standing.APPROVED, "approve", approved_by=doing.by, approved_at=now)


@repeats
def reject(sessions: Sessions, actor: Actor, number: int, *, reason: str, now: datetime) -> Intent:
    """Say no to what somebody else requested; the reason is for who did."""
    with _about(sessions, actor, Right.APPROVE, "reject an action", number, reason, now) as (doing, found):
        _demand_standing(found, (Standing.REQUESTED,))
        if found.requested_by == actor.name:
            raise Refused(f"{actor.name} requested {intent_ref(number)}.", next_step="Cancel it instead.")
        _demand_reason(doing)
        return _moved(doing, found, Standing.REJECTED, "reject", said=doing.reason)


@repeats
def cancel(sessions: Sessions, actor: Actor, number: int, *, reason: str, now: datetime) -> Intent:
    """Call off what has not been sent; anybody who may request may. Raises Refused once it has."""
    with _about(sessions, actor, Right.ACT, "cancel an action", number, reason, now) as (doing, found):
        _demand_standing(found, (Standing.REQUESTED, Standing.APPROVED))
        _demand_reason(doing)
        return _moved(doing, found, Standing.CANCELLED, "cancel", said=doing.reason)


def send(sessions: Sessions, actor: Actor, number: int, sender: ActionSender, brake: Brake, *, clock: Clock) -> Intent:
    """Send what was requested, and approved where that is asked for: once, signed in anew. The intent as it stands then.

    Raises Refused when it may not be sent (now, or by this person), Conflict when it can't any more, Retryable or Misconfigured when
    signing in or reading the device failed: then nothing was sent and it can be tried again.
    """
    about = intent_ref(number)
    with told_unless_done(sessions, actor, Right.ACT, doing="send an action", now=clock(), about=about):
        found = _demand_sendable(sessions, actor, number, brake, clock())
        signed = sender.sign_in(FRESH if found.is_destructive else None)
        demand_same_person(actor, signed, found, clock())
        live = sender.look(_target(found))
        with told_plainly("read the register"), sessions.read.begin() as session:
            wrong = differences(session, found, live)
    if wrong:
        return _void(sessions, actor, found, wrong, clock())
    sending = _commit_sending(sessions, actor, found, signed, clock())
    if brake.is_pulled:
        return _answered(sessions, actor, sending, found, NotSent(N_("all remote actions are frozen")), clock)
    return _answered(sessions, actor, sending, found, sender.send(_order(found)), clock)


@contextmanager
def _about(
    sessions: Sessions, actor: Actor, right: Right, doing: str, number: int, reason: str | None, now: datetime
) -> Iterator[tuple[Act, Intent]]:
    """An act about one intent, as it is when nobody else moves anything."""
    with act(sessions, actor, right, doing=doing, now=now, reason=reason, about=intent_ref(number)) as opened:
        yield opened, intents.known(opened.session, number)


def _moved(doing: Act, found: Intent, after: Standing, told_as: str, said: str | None = None, **values: Any) -> Intent:
    moved = intents.move(doing.session, found, after, by=doing.by, now=doing.now, said=said, **values)
    doing.tell(
        told_as,
        device_ref(found.bound.device_id),
        {"standing": str(found.standing)},
        {"act": str(found.bound.act), "standing": str(after)},
        intent_id=found.id,
    )
    return moved


def _demand_standing(found: Intent, wanted: tuple[Standing, ...]) -> None:
    if found.standing not in wanted:
        raise Conflict(
            f"{intent_ref(found.id)} is “{found.standing}” by now; nothing was done.",
            next_step=f"`devreg action show {intent_ref(found.id)}` shows how it stands.",
        )


def _demand_reason(doing: Act) -> None:
    if not doing.reason:
        raise Misconfigured("A reason is missing.", next_step="Give one: --reason TEXT.")


def _demand_sendable(sessions: Sessions, actor: Actor, number: int, brake: Brake, now: datetime) -> Intent:
    """What the database will refuse, in words and before anybody signs in."""
    demand(actor, Right.ACT)
    brake.demand_file()
    with told_plainly("read the register"), sessions.read.begin() as session:
        found = intents.known(session, number)
        brake.demand(session)
        limits, held = intents.limits(session), intents.held(session)
    _demand_standing(found, _UNSENT)
    if found.requested_by != actor.name:
        raise Refused(
            f"{found.requested_by} requested {intent_ref(number)} and sends it, signed in as themselves.",
            next_step="They run `devreg action send` once more.",
        )
    if found.is_destructive and sessions.outside.file is None:
        raise Refused(
            "What can't be taken back is done only when a second place keeps the audit trail.",
            next_step="Name a file in [audit] file, best where who keeps the register can only append.",
        )
    if found.is_destructive and any(one.kind is Hold.RATE for one in held):
        raise Refused(
            "Wipes are on hold: there were too many in a short time. Locking goes on.",
            next_step="An approver looks at `devreg list actions` and runs `devreg action unhold --reason TEXT`.",
        )
    since = sendable_from(found, limits, by_delay=sessions.is_sqlite)
    if since is None:
        raise Refused(
            f"{intent_ref(number)} waits for a second person.",
            next_step=f"They run `devreg action approve {intent_ref(number)}`.",
        )
    if now < since:
        raise Refused(
            f"{intent_ref(number)} can't be sent before its delay is over; until then everybody can cancel it.",
            next_step=f"`devreg action show {intent_ref(number)}` tells when that is.",
        )
    if found.standing is not Standing.NEEDS_APPROVAL and now > sendable_until(
        found, limits, by_delay=sessions.is_sqlite
    ):
        raise Conflict(
            f"{intent_ref(number)} is too old to be sent.", next_step="Look at the device anew, and request it again."
        )
    return found


def demand_same_person(actor: Actor, signed: SignedIn, found: Intent, now: datetime) -> None:
    """Raises Refused unless who signed in is the actor, and lately where it can't be taken back."""
    if found.is_destructive and now - signed.at > FRESH:
        raise Refused("The sign-in is too old to send what can't be taken back.", next_step="Sign in anew.")
    if signed.name is None:
        return
    if actor.entra is None:
        raise Refused(
            f"The register does not know who {actor.name} is in Entra, so nobody can say that it was they who signed in.",
            next_step=f"An admin runs `devreg operator add {actor.name} --role ROLE --entra NAME`, or names it in [operators].",
        )
    if signed.name.casefold() != actor.entra.casefold():
        raise Refused(
            f"{signed.name} has signed in, but {actor.name} is {actor.entra}.",
            next_step="Sign in as yourself; close other sessions in the browser first.",
        )


def _target(found: Intent) -> Target:
    return Target(found.bound.native_id, found.bound.mode)


@repeats
def _void(sessions: Sessions, actor: Actor, found: Intent, wrong: list[str], now: datetime) -> Intent:
    with _about(sessions, actor, Right.ACT, "send an action", found.id, None, now) as (doing, _):
        return _moved(doing, found, Standing.VOID, "void", said=" ".join(wrong))


@repeats
def _commit_sending(sessions: Sessions, actor: Actor, found: Intent, signed: SignedIn, now: datetime) -> Intent:
    """The row that is there before the first byte leaves."""
    with _about(sessions, actor, Right.ACT, "send an action", found.id, None, now) as (doing, there):
        if there.standing is not found.standing:
            _demand_standing(there, (found.standing,))
        return _moved(doing, found, Standing.SENDING, "sending", sending_at=now, sent_as=signed.name, next_at=None)


def _order(found: Intent) -> Order:
    bound = found.bound
    return Order(bound.act, _target(found), bound.request_id, bound.reason, bound.options, found.approval_code)


def _answered(sessions: Sessions, actor: Actor, sending: Intent, before: Intent, sent: Sent, clock: Clock) -> Intent:
    """Write down what came of it; until then the row says that it may have arrived."""
    answers.keep(sessions.outside, sending, sent, clock())
    return _write_answer(sessions, actor, sending, before, sent, clock())


@repeats
def _write_answer(
    sessions: Sessions, actor: Actor, sending: Intent, before: Intent, sent: Sent, now: datetime
) -> Intent:
    soon = now + next_reading(timedelta(0))
    with _about(sessions, actor, Right.ACT, "send an action", sending.id, None, now) as (doing, there):
        if there.standing is not Standing.SENDING:  # a reader was faster and found it lost
            raise Conflict(f"{intent_ref(sending.id)} was moved on by somebody else meanwhile; look at how it stands.")
        match sent:
            case Accepted(command_id, said):
                _drop_others(doing, sending)
                at = {"accepted_at": now, "next_at": soon, "command_id": command_id}
                return _moved(doing, sending, Standing.ACCEPTED, "accepted", said=said, **at)
            case NotSent(cause):
                earlier = before.sending_at  # its approval there runs out three days after it was first sent
                return _moved(doing, sending, before.standing, "not sent", said=cause, sending_at=earlier)
            case Rejected(cause):
                return _moved(doing, sending, Standing.FAILED, "failed", said=cause)
            case Unclear(cause):
                return _moved(doing, sending, Standing.UNKNOWN, "unknown", said=cause, next_at=soon)
            case AwaitsApproval(code) if sending.approval_code is None:
                return _moved(
                    doing, sending, Standing.NEEDS_APPROVAL, "needs approval", said=_SECOND_ADMIN, approval_code=code, next_at=soon
                )  # fmt: skip
            case AwaitsApproval():
                return _moved(doing, sending, Standing.FAILED, "failed", said=_ASKED_AGAIN)


_SECOND_ADMIN: Final = N_(
    "The management system asks for a second admin there; once approved it has to be sent once more."
)
_ASKED_AGAIN: Final = N_("The management system did not take its own approval. Nothing was done.")
_OUTRANKED: Final = N_("A wipe or the like was sent, and drops what else waits for the device.")


def _drop_others(doing: Act, sending: Intent) -> None:
    """What cannot be taken back outranks everything that waits for the device (contracts/intune.md 7)."""
    if not sending.is_destructive:
        return
    for other in intents.open_of(doing.session, sending.bound.device_id):
        if other.id != sending.id and other.standing in (Standing.ACCEPTED, Standing.UNKNOWN):
            _moved(doing, other, Standing.CANCELLED, "cancel", said=_OUTRANKED)
