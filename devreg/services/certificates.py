"""Sanitisation records: what was ordered, what the management system said of it, and who looked at the device, if anybody did."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from devreg.domain.action import Standing
from devreg.domain.device import device_ref, intent_ref, parse_ref
from devreg.domain.platforms import Mode
from devreg.domain.rights import Actor, Right
from devreg.domain.sanitisation import Verification, is_record, sanitises
from devreg.errors import Conflict, Misconfigured, Refused
from devreg.i18n import N_
from devreg.services import audit
from devreg.services.acting import act, ask
from devreg.services.editing import merged
from devreg.store import intents, lookup, verifications
from devreg.store.engine import Session, Sessions, told_plainly
from devreg.store.intents import Intent
from devreg.store.repeating import repeats
from devreg.text import typed

_OF_GOOGLE: Final = frozenset({Mode.CHROMEOS, Mode.GOOGLE_COMPANY, Mode.GOOGLE_PRIVATE})
_SENT: Final = (Standing.ACCEPTED, Standing.UNKNOWN, Standing.CONFIRMED)


class Beside(msgspec.Struct, frozen=True):
    """What only people know; what is not given is left to be written by hand."""

    title: str | None = None
    """Of who ordered it."""
    place: str | None = None
    contact: str | None = None
    media_type: str | None = None
    before: str | None = None
    """Confidentiality of what was on it."""
    after: str | None = None
    destination: str | None = None
    """Where the device goes."""


class Certificate(msgspec.Struct, frozen=True):
    """All fields of SP 800-88's certificate, for one wipe of one device."""

    ref: str
    at: datetime
    found: Intent
    is_certificate: bool
    """Else it is the record of an order, and says so."""
    kind: str
    """Of the tool that it went through: intune, google."""
    manufacturer: str | None
    model: str | None
    serial: str
    device: str
    asset_tag: str | None
    operator: str
    beside: Beside
    verification: Verification | None
    """None: nobody looked at the device."""


@repeats
def verify(sessions: Sessions, actor: Actor, number: int, said: Verification, *, now: datetime) -> Verification:
    """Write down that somebody looked at the device. Raises Conflict while no wipe of it was sent, Misconfigured without a method."""
    with act(sessions, actor, Right.VERIFY, doing="verify a wipe", now=now, about=intent_ref(number)) as doing:
        found = intents.known(doing.session, number)
        if found.standing not in _SENT or not sanitises(found.bound.act, found.bound.options):
            raise Conflict(
                f"{intent_ref(number)} is no wipe that was carried out: there is nothing to verify.",
                next_step=f"`devreg action show {intent_ref(number)}` shows how it stands.",
            )
        kept = _cleaned(said)
        _demand_day(kept, found, now)
        verifications.add(doing.session, number, kept, doing.by, now)
        after = {
            "person": kept.person,
            "looked_on": kept.looked_on.isoformat(),
            "method": kept.method,
            "category": kept.category,
        }
        doing.tell("verify", device_ref(found.bound.device_id), after=after, intent_id=number)
    return kept


def drawn_up(
    sessions: Sessions, number: int, beside: Beside, now: datetime, *, order_only: bool = False
) -> Certificate:
    """The certificate, or with `order_only` the record of an order, whatever became of it.

    Raises Refused when it would claim what is not known: no confirmation, no serial number, no operator, no date.
    """
    with told_plainly("read the register"), sessions.read.begin() as session:
        found = intents.known(session, number)
        shown = merged(session, lookup.current(session, found.bound.device_id) or found.bound.device_id)
        said = verifications.newest(session, number)
    bound = found.bound
    is_certificate = is_record(bound.act, bound.options, found.standing)
    if not order_only and not is_certificate:
        raise Refused(
            f"{intent_ref(number)} is no confirmed wipe of a whole device: there is no sanitisation record of it.",
            next_step="`--order` makes the record of an order instead, which claims nothing more.",
        )
    operator = found.sent_as or found.requested_entra or found.requested_by
    if bound.serial is None or not operator or (not order_only and found.sending_at is None):
        raise Refused(
            f"{intent_ref(number)} lacks its serial number, its operator or its date: a record without them proves nothing.",
            next_step="Have the device emptied and looked at by hand, and name that record.",
        )
    return Certificate(
        ref=intent_ref(number),
        at=now,
        found=found,
        is_certificate=is_certificate and not order_only,
        kind="google" if bound.mode in _OF_GOOGLE else "intune",
        manufacturer=_text(shown.value("manufacturer")),
        model=_text(shown.value("model")),
        serial=bound.serial,
        device=device_ref(bound.device_id),
        asset_tag=bound.asset_tag,
        operator=operator,
        beside=beside,
        verification=said,
    )


def make(
    sessions: Sessions,
    actor: Actor,
    number: int,
    beside: Beside,
    file: str,
    write: Callable[[Certificate, str], None],
    *,
    now: datetime,
    order_only: bool = False,
) -> None:
    """Draw it up and have it written, with the head of the audit trail on it. Raises as `drawn_up`."""
    ask(sessions, actor, Right.VERIFY, doing=N_("make a sanitisation record"), now=now)
    told = drawn_up(sessions, number, beside, now, order_only=order_only)
    trail = str(audit.head(sessions))
    issue(sessions, actor, told, file, lambda: write(told, trail))


def issue(sessions: Sessions, actor: Actor, paper: Certificate, file: str, write: Callable[[], None]) -> None:
    """Have it written; that it was stands in the audit trail."""
    doing_ = N_("make a sanitisation record")
    with act(sessions, actor, Right.VERIFY, doing=doing_, now=paper.at, about=intent_ref(paper.found.id)) as doing:
        write()
        after = {"file": file, "standing": str(paper.found.standing), "verified": paper.verification is not None}
        doing.tell(
            "certificate" if paper.is_certificate else "record of an order",
            paper.device,
            after=after,
            intent_id=paper.found.id,
        )


def demand_record(session: Session, device_id: int, said: str) -> None:
    """Raises Refused when what is named as a sanitisation record looks like an action's number and is none of this device."""
    number = parse_ref("A", said)
    if number is None:
        return
    found = intents.find(session, number)
    is_its = found is not None and lookup.current(session, found.bound.device_id) == device_id
    if found is None or not is_its or not is_record(found.bound.act, found.bound.options, found.standing):
        raise Refused(
            f"{said} is no confirmed wipe of {device_ref(device_id)}.",
            next_step="`devreg list actions` shows its actions; a record from elsewhere is named by its own number.",
        )


def _cleaned(said: Verification) -> Verification:
    person, method = typed(said.person), typed(said.method)
    if not method:
        raise Misconfigured("How it was verified is missing.", next_step="Say what was looked at: --method TEXT.")
    if not person:
        raise Misconfigured("Who verified it is missing.", next_step="Name them: --person TEXT.")
    beside = {name: typed(getattr(said, name)) for name in ("title", "place", "contact")}
    return msgspec.structs.replace(said, person=person, method=method, **beside)


def _demand_day(said: Verification, found: Intent, now: datetime) -> None:
    if found.sending_at is None or not found.sending_at.date() <= said.looked_on <= now.date():
        raise Misconfigured(
            f"{said.looked_on} is not between the day it was sent and today.",
            next_step="Give the day it was looked at: --on.",
        )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
