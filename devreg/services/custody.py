"""Who has a device: handed to a person or a unit, taken back, and released when its life ends."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from devreg.domain.device import State, device_ref, parse_ref, person_ref
from devreg.domain.observation import NOTHING, Nothing, Value
from devreg.domain.policy import HAND, PERSON
from devreg.domain.rights import Actor, Right
from devreg.errors import Ambiguous, Misconfigured, NotFound, Refused
from devreg.i18n import N_
from devreg.services.acting import Act, act
from devreg.services.editing import Edited, give
from devreg.services.unit_names import named_unit
from devreg.store import custody, persons, policies
from devreg.store.custody import Span
from devreg.store.engine import Session, Sessions, told_plainly
from devreg.store.persons import Account
from devreg.store.repeating import repeats

Wanted = Mapping[str, Value | Nothing | None]

_NOBODY: Final[Wanted] = {"holder": NOTHING, "holder_email": NOTHING}
_OUT: Final = frozenset({State.LOST, State.RETIRED, State.DISPOSED})
"""States in which nobody can be handed the device."""


@repeats
def assign(
    sessions: Sessions,
    actor: Actor,
    device_id: int,
    *,
    person: str | None = None,
    unit: str | None = None,
    reason: str | None,
    now: datetime,
) -> list[Edited]:
    """Hand a device to a person, named by address or exact name, or to a unit, named by id or name; to neither: nobody has it.

    In a unit's hands it has no holder, unless both are named: then the person has it there. Raises NotFound and Ambiguous about
    either, Refused when it is lost or out of use or its holder is locked to a source.
    """
    about = device_ref(device_id)
    with act(sessions, actor, Right.EDIT, doing="assign a device", now=now, reason=reason, about=about) as doing:
        if person is not None or unit is not None:
            _demand_in_use(doing.session, device_id)
        wanted = _NOBODY if person is None else _as_holder(doing.session, person)
        if unit is not None:
            wanted = {**wanted, "unit": named_unit(doing.session, unit)}
        return give(doing, device_id, wanted, told_as="assign")


class PersonPage(msgspec.Struct, frozen=True):
    """One person with what they have and had."""

    who: str
    addresses: tuple[str, ...]
    accounts: tuple[Account, ...]
    """None: no directory knows them, only devices do."""
    had: tuple[Span, ...]
    """Devices that were theirs and are so no more, newest first."""


def person_page(sessions: Sessions, text: str) -> PersonPage:
    """Somebody by address or exact name. Raises NotFound, and Ambiguous listing all."""
    with told_plainly("read the register"), sessions.read.begin() as session:
        found = persons.named(session, text)
        who, accounts = _only(found, text) if found else (text.strip().lower(), [])
        known = {address for account in accounts for address in (account.email, account.upn) if address} or {who}
        if not found and (number := parse_ref("P", text)) is not None:
            who, known = person_ref(number), {person_ref(number)}  # somebody whose name the history has let go
        ever = custody.ever_held(session, known)
        if not found and not ever:
            raise _unknown(text)
        spans = custody.spans(session, ever)
    had = tuple(span for span in spans if span.until is not None and span.holder_email in known)
    return PersonPage(who, tuple(sorted(known)), tuple(accounts), had)


def release(doing: Act, device_id: int) -> None:
    """Nobody has the device from here on; the history keeps who did. Nothing where nobody has it, or no person's word counts."""
    held = custody.of(doing.session, device_id)
    if held is None or (held.holder is None and held.holder_email is None):
        return
    policy = policies.in_force(doing.session)
    open_to_people = {field: word for field, word in _NOBODY.items() if not policy.of(field).is_shut_out(HAND, PERSON)}
    if open_to_people:
        give(doing, device_id, open_to_people, told_as="release")


def _demand_in_use(session: Session, device_id: int) -> None:
    held = custody.of(session, device_id)
    if held is not None and held.state in _OUT:
        about = device_ref(device_id)
        raise Refused(
            f"{about} can't be handed to anybody: it is lost or out of use.",
            next_step=f"When it is there after all: `devreg transition {about} in_stock --reason TEXT`.",
        )


def _as_holder(session: Session, text: str) -> Wanted:
    """The one person who answers, as the two fields of a holder."""
    found = persons.named(session, text)
    if not found:
        raise _unknown(text)
    _, accounts = _only(found, text)
    open_ones = [account for account in accounts if account.active is not False]
    if not open_ones:
        raise Refused(
            f"{text} has left: every account is closed.", next_step="Give the device to somebody who is there."
        )
    name = next((account.name for account in open_ones if account.name), None)
    email = next((address for account in open_ones for address in (account.email, account.upn) if address), None)
    return {"holder": name or NOTHING, "holder_email": email or NOTHING}


def _unknown(text: str) -> NotFound:
    return NotFound(
        f"No directory knows {text!r}.",
        next_step="Give the e-mail, the user name or the exact name; `devreg list persons --search TEXT` looks for it. "
        "For somebody whom no directory knows: `devreg set DEVICE holder=NAME --reason TEXT`.",
    )


def _only(found: Mapping[str, list[Account]], text: str) -> tuple[str, list[Account]]:
    if len(found) > 1:
        known = ", ".join(f"{accounts[0].name or N_('no name')} ({who})" for who, accounts in found.items())
        raise Ambiguous(f"{text!r} names {len(found)} persons: {known}.", next_step="Give the e-mail.")
    return next(iter(found.items()))


def demand_one(*, person: str | None, unit: str | None, nobody: bool) -> None:
    """Raises Misconfigured unless it is said who gets the device, or that nobody does."""
    if nobody == (person is not None or unit is not None):
        raise Misconfigured("Say who gets it: --person P, --unit U (or both), or --none.")
