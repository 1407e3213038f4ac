"""One remote action with its timeline, and what has to be done about it now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from devreg.domain.action import OPEN, Standing, sendable_from, sendable_until
from devreg.domain.device import device_ref, intent_ref, parse_ref
from devreg.domain.platforms import RemoteAct
from devreg.domain.traps import traps
from devreg.errors import Misconfigured
from devreg.i18n import N_
from devreg.services.editing import merged
from devreg.store import intents
from devreg.store.engine import Session, Sessions, told_plainly
from devreg.store.intents import Held, Intent


class ActionEvent(msgspec.Struct, frozen=True):
    """One thing that happened to it."""

    at: datetime
    by: str
    before: str | None
    after: str
    said: str | None
    """English msgid."""


class ActionPage(msgspec.Struct, frozen=True):
    """An action as its page shows it."""

    ref: str
    device: str
    intent: Intent
    is_open: bool
    events: tuple[ActionEvent, ...]
    next_step: str | None
    """What a person should do now, an English msgid; None: nothing."""
    sendable_from: datetime | None
    """None: somebody must approve it first, or it was sent."""
    sendable_until: datetime | None
    held: tuple[Held, ...]
    traps: tuple[str, ...] = ()
    """What to know before it is sent, English msgids."""


def look(sessions: Sessions, number: int) -> ActionPage:
    """The action of that number. Raises NotFound."""
    with told_plainly("read the register"), sessions.read.begin() as session:
        found = intents.known(session, number)
        return _page(session, found, by_delay=sessions.is_sqlite)


def of_device(session: Session, device_id: int) -> tuple[Intent, ...]:
    """Its open actions, and the last closed ones; newest first."""
    return tuple(intents.of_device(session, device_id, _LAST))


def parse(text: str) -> int:
    """The number of an action as people write it: A000012, a12, 12. Raises Misconfigured."""
    number = parse_ref("A", text if text[:1] in {"A", "a"} else f"A{text}")
    if number is None:
        raise Misconfigured(f"{text!r} is no action; actions look like A000012.")
    return number


_LAST: Final = 20


def _page(session: Session, found: Intent, *, by_delay: bool) -> ActionPage:
    limits = intents.limits(session)
    unsent = found.standing in (Standing.REQUESTED, Standing.APPROVED)
    since = sendable_from(found, limits, by_delay=by_delay) if unsent else None
    rows: Sequence[ActionEvent] = [
        ActionEvent(row.at, row.by, row.before, row.after, row.said) for row in intents.events(session, found.id)
    ]
    return ActionPage(
        ref=intent_ref(found.id),
        device=device_ref(found.bound.device_id),
        intent=found,
        is_open=found.standing in OPEN,
        events=tuple(rows),
        next_step=_next_step(found, since),
        sendable_from=since,
        sendable_until=sendable_until(found, limits, by_delay=by_delay) if unsent else None,
        held=tuple(intents.held(session)),
        traps=traps(found.bound.act, found.bound.mode, _maker(session, found)) if unsent else (),
    )


def _maker(session: Session, found: Intent) -> str | None:
    maker = merged(session, found.bound.device_id).value("manufacturer")
    return None if maker is None else str(maker)


def _next_step(found: Intent, since: datetime | None) -> str | None:
    match found.standing:
        case Standing.REQUESTED if since is None:
            return N_("A second person looks at it and approves or rejects it; who requested it then sends it.")
        case Standing.REQUESTED if found.is_destructive:
            return N_("Until it can be sent everybody can cancel it; who requested it then sends it.")
        case Standing.REQUESTED | Standing.APPROVED:
            return N_("Who requested it sends it, signed in as themselves.")
        case Standing.NEEDS_APPROVAL:
            return N_("A second admin approves it in the management system; who requested it then sends it once more.")
        case Standing.SENDING:
            return N_("It is being sent; when the program has ended, settling finds out what became of it.")
        case Standing.ACCEPTED:
            return N_(
                "Nothing: the management system has it and waits for the device. Until it is confirmed nothing is certain."
            )
        case Standing.UNKNOWN:
            return N_(
                "Do not send it again. Look in the management system, and say what you found: `devreg action settle`."
            )
        case Standing.CONFIRMED if found.bound.act is RemoteAct.WIPE:
            return N_(f"Its sanitisation record: `devreg action certificate {intent_ref(found.id)} --out FILE`.")
        case Standing.EXPIRED | Standing.FAILED | Standing.VOID:
            return N_("Look at the device anew; what is still wanted is requested again.")
        case _:
            return None
