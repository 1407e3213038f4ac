"""Asking for a remote action: what is known of the device is weighed, and an intent is bound to it. Nothing is sent here."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from devreg.domain.action import Hold, Limits
from devreg.domain.device import State, device_ref
from devreg.domain.guarding import (
    Caution,
    Facts,
    Objection,
    cautions,
    confirmation,
    is_destructive,
    objections,
)
from devreg.domain.identifiers import serial
from devreg.domain.merge import Merged
from devreg.domain.observation import IdKind, Observation
from devreg.domain.platforms import OFFERS, Mode, RemoteAct, mode_of
from devreg.domain.rights import Actor, Right
from devreg.domain.source_record import SourceRecord
from devreg.domain.traps import why_not
from devreg.errors import Ambiguous, Misconfigured, NotFound, Refused
from devreg.i18n import N_
from devreg.services import order_options
from devreg.services.acting import act
from devreg.services.editing import merged
from devreg.services.freezing import Brake
from devreg.store import custody, intents, lookup, persons, records
from devreg.store.custody import Span
from devreg.store.engine import Session, Sessions, told_plainly
from devreg.store.intents import Bound, Intent
from devreg.store.repeating import repeats

_CODES: Final = frozenset({"unlock_code", "pin", "passcode", "password"})
"""Options that would carry what opens a device (docs/decisions/0013)."""


class Wish(msgspec.Struct, frozen=True):
    """What a person asks for."""

    device_id: int
    act: RemoteAct
    reason: str
    via: str | None = None
    """The source to act through; None: the only one that can."""
    typed: str | None = None
    """The asset tag (or serial) as the person typed it."""
    despite: str | None = None
    """Why nevertheless, where something asks for a second look."""
    then_state: State | None = None
    options: Mapping[str, str] = {}


class Weighed(msgspec.Struct, frozen=True):
    """What stands for and against an act on a device, for the person to see before they ask for it."""

    facts: Facts
    source: str
    native_id: str
    used_by: str | None
    to_type: str
    """What has to be typed; asked for only where it can't be taken back."""
    objections: tuple[Objection, ...]
    """Without the confirmation."""
    cautions: tuple[Caution, ...]
    limits: Limits


def weigh(
    sessions: Sessions,
    device_id: int,
    act_: RemoteAct,
    now: datetime,
    protected: tuple[str, ...],
    via: str | None = None,
) -> Weighed:
    """Look at a device before an act. Raises NotFound, Misconfigured when no tool could do it, Ambiguous when several could."""
    with told_plainly("read the register"), sessions.read.begin() as session:
        return _weigh(session, device_id, act_, now, protected, via)


@repeats
def ask(
    sessions: Sessions, actor: Actor, wish: Wish, brake: Brake, *, now: datetime, protected: tuple[str, ...] = ()
) -> Intent:
    """A new intent, committed. Raises Refused with all that stands against it, Conflict when the device has an open one."""
    about = device_ref(wish.device_id)
    with act(sessions, actor, Right.ACT, doing="request an action", now=now, reason=wish.reason, about=about) as doing:
        session = doing.session
        brake.demand(session)
        if not doing.reason:
            raise Misconfigured("A reason is missing.", next_step="It is kept with the request: --reason TEXT.")
        weighed = _weigh(session, wish.device_id, wish.act, now, protected, wish.via)
        _demand(weighed, wish)
        if is_destructive(wish.act):
            _demand_room(sessions, session, actor, weighed.limits, now)
        found = intents.request(session, _bound(weighed, wish, doing.reason), doing.by, actor.entra, now)
        doing.tell("request", about, after=_told(found), intent_id=found.id)
        return found


def _weigh(
    session: Session, device_id: int, act_: RemoteAct, now: datetime, protected: tuple[str, ...], via: str | None
) -> Weighed:
    if lookup.current(session, device_id) != device_id:
        raise NotFound(f"There is no device {device_ref(device_id)} any more.")
    about = records.about(session, [device_id])[device_id]
    handle, mode = _handle(device_id, about, act_, via)
    shown = merged(session, device_id)
    facts = _facts(session, device_id, act_, shown, handle, mode)
    limits = intents.limits(session)
    limits = msgspec.structs.replace(limits, protected=(*limits.protected, *protected))
    to_type = confirmation(facts)
    return Weighed(
        facts=facts,
        source=handle.source,
        native_id=handle.native_id,
        used_by=_text(handle.seen, "holder_email"),
        to_type=to_type,
        objections=tuple(objections(facts, limits, to_type)),
        cautions=tuple(cautions(facts, now)),
        limits=limits,
    )


def handles(about: list[SourceRecord]) -> list[tuple[SourceRecord, Mode]]:
    """The records of a device that something could be done through, with how their tools hold it."""
    return [
        (record, mode)
        for record in about
        if record.gone_at is None and (mode := mode_of(record.kind, record.seen)) is not None
    ]


def _handle(device_id: int, about: list[SourceRecord], act_: RemoteAct, via: str | None) -> tuple[SourceRecord, Mode]:
    """The record to act through: of those whose source offers the act the only one, or the one that the person named."""
    held = handles(about)
    if not held:
        raise Misconfigured(
            f"No management tool has {device_ref(device_id)}: nothing can be done to it from afar.",
            next_step="Close its SIM card and change its holder's passwords instead.",
        )
    named = [pair for pair in held if via is None or pair[0].source == via]
    if not named:
        tools = ", ".join(sorted({record.source for record, _ in held}))
        raise Misconfigured(f"{device_ref(device_id)} is not in {via}.", next_step=f"It is in {tools}.")
    able = [pair for pair in named if OFFERS[pair[1]].allows(act_)] or named
    if len(able) > 1:
        tools = ", ".join(f"{record.source} ({record.native_id})" for record, _ in able)
        raise Ambiguous(
            f"{device_ref(device_id)} is held by more than one tool: {tools}.",
            next_step="Name one with --via, or end its being managed twice first: `devreg list overlaps`.",
        )
    return able[0]


def _facts(session: Session, device_id: int, act_: RemoteAct, shown: Merged, handle: SourceRecord, mode: Mode) -> Facts:
    email, holder = _shown(shown, "holder_email"), _shown(shown, "holder")
    is_known, left = _holder(session, email or holder)
    spans = custody.spans(session, [device_id]) if is_destructive(act_) else []
    return Facts(
        device_id=device_id,
        act=act_,
        mode=mode,
        kind=_shown(shown, "kind"),
        state=_shown(shown, "state"),
        unit=_shown(shown, "unit"),
        asset_tag=_shown(shown, "asset_tag"),
        serial=known.value if (known := serial(shown.value("serial"))) else None,
        serial_of_tool=next((key.value for key in handle.seen.keys if key.kind is IdKind.SERIAL), None),
        ownership=_shown(shown, "ownership"),
        ownership_of_tool=_text(handle.seen, "ownership"),
        has_holder=bool(email or holder),
        holder_known=is_known,
        holder_left=left,
        holder_since=_since(spans),
        last_seen=shown.last_seen,
    )


def _since(spans: Sequence[Span]) -> datetime | None:
    """When it came into the hands it is in; None: it has been there since the register knows it, or nobody has it."""
    return spans[0].since if len(spans) > 1 and spans[0].until is None and spans[0].holder_email else None


def _holder(session: Session, who: str | None) -> tuple[bool, bool]:
    """Whether a directory knows them, and whether every account of theirs is closed."""
    found = persons.named(session, who) if who else {}
    accounts = [account for one in found.values() for account in one]
    return bool(accounts), bool(accounts) and all(account.active is False for account in accounts)


def _demand(weighed: Weighed, wish: Wish) -> None:
    facts = weighed.facts
    if codes := _CODES & wish.options.keys():
        raise Refused(
            f"A code of a device is not taken: {', '.join(sorted(codes))}. It would stay in the register.",
            next_step="Do it in the management system itself; docs/actions.md says how.",
        )
    if not weighed.objections:
        order_options.demand(facts.act, facts.mode, wish.options)
    against = list(objections(facts, weighed.limits, wish.typed))
    if against:
        texts = [_objection(item, facts.act, facts.mode) for item in against]
        about = f"{device_ref(facts.device_id)}: "
        raise Refused(
            about + " ".join(what for what, _ in texts),
            next_step=" ".join(dict.fromkeys(step for _, step in texts if step)),
        )
    if weighed.cautions and not (wish.despite or "").strip():
        said = " ".join(CAUTIONS[item] for item in weighed.cautions)
        raise Refused(
            f"{device_ref(facts.device_id)}: {said}",
            next_step="Look again whether it is the right device; then say why nevertheless: --despite TEXT.",
        )


def _objection(item: Objection, act_: RemoteAct, mode: Mode) -> tuple[str, str]:
    """What stands against it and what to do; for what is not offered, why it is not."""
    what, step = OBJECTIONS[item]
    is_lacking = item in (Objection.NOT_OFFERED, Objection.UNSURE)
    return (why_not(act_, mode) or what if is_lacking else what), step


def _demand_room(sessions: Sessions, session: Session, actor: Actor, limits: Limits, now: datetime) -> None:
    """The database refuses these too; here it is said in words."""
    if sessions.outside.file is None:
        raise Refused(
            "What can't be taken back is done only when a second place keeps the audit trail.",
            next_step="Name a file in [audit] file, best where who keeps the register can only append.",
        )
    if any(found.kind is Hold.RATE for found in intents.held(session)):
        raise Refused(
            "Wipes are on hold: there were too many in a short time. Locking goes on.",
            next_step="An approver looks at `devreg list actions` and runs `devreg action unhold --reason TEXT`.",
        )
    if intents.usage(session, actor.name, limits, now).of_operator >= limits.daily_per_operator:
        raise Refused(
            f"{actor.name} has requested {limits.daily_per_operator} in 24 hours; more are not taken.",
            next_step="Somebody else requests it, or an admin changes [action_limits] and runs `devreg action limits --apply`.",
        )


def _bound(weighed: Weighed, wish: Wish, reason: str) -> Bound:
    facts = weighed.facts
    return Bound(
        device_id=facts.device_id,
        act=facts.act,
        source=weighed.source,
        native_id=weighed.native_id,
        mode=facts.mode,
        serial=facts.serial_of_tool,
        asset_tag=facts.asset_tag,
        ownership=facts.ownership_of_tool,
        used_by=weighed.used_by,
        reason=reason,
        request_id=str(uuid.uuid4()),
        options=dict(wish.options),
        then_state=str(wish.then_state) if wish.then_state else None,
        cautions=" ".join(weighed.cautions) or None,
        despite=(wish.despite or "").strip() or None,
    )


def _told(found: Intent) -> dict[str, object]:
    bound = found.bound
    said = {"act": str(bound.act), "source": bound.source, "serial": bound.serial, "asset_tag": bound.asset_tag}
    return {**said, "cautions": bound.cautions, "despite": bound.despite}


def _shown(shown: Merged, field: str) -> str | None:
    value = shown.value(field)
    return None if value is None else str(value)


def _text(seen: Observation, claim: str) -> str | None:
    value = seen.claims.get(claim)
    return None if value is None else str(value)


OBJECTIONS: Final[Mapping[Objection, tuple[str, str]]] = {
    Objection.NOT_OFFERED: (N_("This is not possible for a device that is enrolled so."), ""),
    Objection.UNSURE: (
        N_("The tool does not say how it is enrolled, so nobody can know what this would do."),
        N_("Act in the tool itself, where the device can be seen."),
    ),
    Objection.NO_SERIAL: (
        N_("It has no serial number by which it could be known again just before sending."),
        N_("Act in the tool itself, with the device at hand."),
    ),
    Objection.OTHER_SERIAL: (
        N_("The register and the tool know it by different serial numbers."),
        N_("Answer the question about it first: `devreg review`."),
    ),
    Objection.NOT_COMPANY: (N_("It is somebody's own device; only the city's are emptied."), ""),
    Objection.OWNERSHIP_UNKNOWN: (
        N_("The tool and the register do not both say that it is the city's."),
        N_("Mend its ownership in the tool and in the register first."),
    ),
    Objection.PROTECTED: (N_("It is protected: servers, network gear and what [action_limits] names."), ""),
    Objection.LOST: (N_("It is lost, and this would help who found it."), N_("Lock it instead.")),
    Objection.NOT_CONFIRMED: (
        N_("What was typed is not its asset tag (or its serial number, where it has none)."),
        N_("Read it off the device's page and type it: --confirm TAG."),
    ),
}
CAUTIONS: Final[Mapping[Caution, str]] = {
    Caution.HOLDER_LEFT: N_("Its holder has left or is on leave."),
    Caution.HOLDER_UNKNOWN: N_("No directory knows its holder."),
    Caution.HOLDER_CHANGED: N_("It changed hands in the last 24 hours."),
    Caution.SEEN_LATELY: N_("It was in contact within the last hour: somebody uses it."),
}
"""In words; each follows the device's number and a colon."""
