"""What people say of single fields of a device: given with a reason, perhaps until a date, and taken back."""

from collections.abc import Iterable, Mapping, Set
from datetime import datetime
from typing import Final

import msgspec

from devreg.domain.device import device_ref
from devreg.domain.fields import TYPED_AS
from devreg.domain.merge import Merged, merge
from devreg.domain.observation import NOTHING, Nothing, Subject, Value
from devreg.domain.policy import HAND, PERSON, Policy
from devreg.domain.rights import Actor, Right
from devreg.errors import Conflict, Misconfigured, NotFound, Refused
from devreg.i18n import N_
from devreg.ports import Page, Record
from devreg.services.acting import Act, act
from devreg.services.devices import by_hand, demand_fields, parse_fields, take
from devreg.services.ingest import fingerprint, observe, refresh
from devreg.services.masking import clear_of_codes
from devreg.store import beside, counters, devices, identity, lookup, policies, records, runs, words
from devreg.store.engine import Session, Sessions
from devreg.store.repeating import repeats

IDENTITY: Final = frozenset({"serial", "imei", "imei2", "meid", "mac"})
"""Fields that decide which records are one device; no person's word can change what a record is about."""

EXPIRED: Final = N_("the date of a person's word has passed")
_NO_RUN: Final = 0


class Edited(msgspec.Struct, frozen=True):
    """One field before and after."""

    field: str
    old: Value | None
    new: Value | None
    until: datetime | None = None
    """The last moment the value counts, when it was given with one or the policy sets one."""


def parse(pairs: Mapping[str, str]) -> dict[str, Value | None]:
    """What a person typed as values; None where nothing stands: taken back. Raises Misconfigured naming what is allowed."""
    demand_fields(pairs)
    _demand_givable(pairs)
    values = parse_fields({field: text for field, text in pairs.items() if text.strip()})
    return {field: values.get(field) for field in pairs}


@repeats
def edit(
    sessions: Sessions,
    actor: Actor,
    device_id: int,
    wanted: Mapping[str, Value | Nothing | None],
    *,
    reason: str,
    until: datetime | None = None,
    expected: Mapping[str, Value | None] | None = None,
    now: datetime,
) -> list[Edited]:
    """As `give`, in a unit of work of its own; `until` is the last moment the values count.

    `expected` is what the person saw. Raises Conflict when a field shows something else by now, Refused when it is locked to a
    source, NotFound when there is no such device or nothing to take back, Misconfigured when it makes no sense.
    """
    _demand_sense(wanted, reason, until, now)
    about = device_ref(device_id)
    with act(sessions, actor, Right.EDIT, doing="change a device", now=now, reason=reason, about=about) as doing:
        return give(doing, device_id, wanted, until=until, expected=expected)


def give(
    doing: Act,
    device_id: int,
    wanted: Mapping[str, Value | Nothing | None],
    *,
    until: datetime | None = None,
    expected: Mapping[str, Value | None] | None = None,
    told_as: str = "set",
    also: Mapping[str, object] | None = None,
) -> list[Edited]:
    """Within an act, give fields a person's value, or with None take back what people gave them; NOTHING: there is none.

    The device is merged anew, and the audit trail told of it as `told_as`, with what else was said. Raises what `edit` does.
    """
    session, about = doing.session, device_ref(device_id)
    if lookup.current(session, device_id) != device_id:
        raise NotFound(
            f"There is no device {about} any more.", next_step=f"`devreg show {about}` finds what it is now."
        )
    policy = policies.in_force(session)
    before = merged(session, device_id)
    _demand_unchanged(before, expected or {})
    given = {field: value for field, value in wanted.items() if value is not None}
    ends = {field: until or _end(policy, field, doing.now) for field in given}
    for field, value in given.items():
        _demand_open(policy, field)
        _give(doing, device_id, field, value, ends[field])
    _take_back(doing, device_id, wanted.keys() - given.keys())
    refresh(session, [device_id], (), by=doing.by, run_id=None, now=doing.now, reason=doing.reason)
    beside.settle(session)
    after = merged(session, device_id)
    edited = [Edited(field, before.value(field), after.value(field), ends.get(field)) for field in wanted]
    told: dict[str, object] = {item.field: item.new for item in edited}
    told |= {f"{field} until": end for field, end in ends.items() if end is not None}
    doing.tell(told_as, about, {item.field: item.old for item in edited}, told | dict(also or {}))
    return edited


def expire(session: Session, now: datetime) -> None:
    """End the words whose date has passed, and merge their devices without them."""
    over = words.overdue(session, now)
    if over:
        counters.one_at_a_time(session)
        words.end(session, over.keys(), now)
        about = {device_id for device_id in over.values() if device_id is not None}
        refresh(session, about, (), by=HAND, run_id=None, now=now, reason=EXPIRED)


def _demand_givable(fields: Iterable[str]) -> None:
    if "state" in fields:
        raise Misconfigured(
            "The state can't be given like a value: a step from one to the next asks for what belongs to it.",
            next_step="`devreg transition DEVICE` shows the steps there are.",
        )
    for field in IDENTITY.intersection(fields):
        raise Misconfigured(
            f"{field} can't be given by hand: it decides which records are one device.",
            next_step="Mend it in the source, or answer the question about it in `devreg review`.",
        )


def _demand_sense(
    wanted: Mapping[str, Value | Nothing | None], reason: str, until: datetime | None, now: datetime
) -> None:
    _demand_givable(wanted)
    if not reason.strip():
        raise Misconfigured("A reason is missing.", next_step="It is kept with the value: --reason TEXT.")
    if until is not None and until < now:
        raise Misconfigured("The date until which it counts has passed.")
    if until is not None and None in wanted.values():
        raise Misconfigured(
            "What is taken back has no date.", next_step="Leave --until out, or give the field a value."
        )


def _demand_unchanged(before: Merged, expected: Mapping[str, Value | None]) -> None:
    others = []
    for field, seen in expected.items():
        shown, saw = _quoted(before.value(field)), _quoted(seen)
        if shown != saw:
            others.append(N_(f"{field} is {shown} by now, not {saw}."))
    if others:
        raise Conflict(
            "Somebody else changed the device meanwhile; nothing was written.\n" + "\n".join(others),
            next_step="Look at it again, and decide anew.",
        )


def _end(policy: Policy, field: str, now: datetime) -> datetime | None:
    span = policy.of(field).person_for
    return None if span is None else now + span


def _quoted(value: Value | None) -> str:
    return N_("not said") if value is None else f"“{devices.as_text(value)}”"


def _demand_open(policy: Policy, field: str) -> None:
    weighing, field = policy.of(field), TYPED_AS.get(field, field)
    if weighing.is_shut_out(HAND, PERSON):
        raise Refused(
            f"{field} is locked to {weighing.locked}: nobody else's value is taken.",
            next_step="Mend it there, or change [provenance] and run `devreg db replay`.",
        )


def merged(session: Session, device_id: int) -> Merged:
    """The device as its records and the policy in force make it now."""
    return merge(records.about(session, [device_id])[device_id], policies.in_force(session))


def _give(doing: Act, device_id: int, field: str, value: Value | Nothing, until: datetime | None) -> None:
    """The word as a record that goes along with the device's own oldest one."""
    session, now = doing.session, doing.now
    anchor = words.anchor(session, device_id)
    if anchor is None:
        raise NotFound(f"No record is about {device_ref(device_id)}.")
    runs.know(session, HAND, PERSON)
    name = f"{device_ref(device_id)}:{field}"
    old = _word(session, name)
    text = None if value is NOTHING else devices.as_text(value)
    body = {field: text, "by": doing.by, "reason": doing.reason}
    if until is not None:
        body["until"] = until.isoformat()
    record = clear_of_codes(Page((Record(Subject.VALUE, name, body),)))[0].records[0]
    feed = by_hand(doing.by)
    seen = observe(feed, record)
    number = counters.take(session, "record", 1)[0] if old is None else old.record_id
    mark, encoded = fingerprint(record, feed.mapping), records.encode(seen)
    fresh = records.Fresh(number, record, mark, seen, encoded, is_new=old is None)
    records.save(session, HAND, [fresh], {number: records.Placed(device_id, "kept", None)}, _NO_RUN, now)
    identity.save_keys(session, {number: dict.fromkeys(seen.keys, True)}, identity.keys_of(session, [number]))
    words.keep(session, number, anchor, until)


def _word(session: Session, name: str) -> records.Known | None:
    return records.known(session, HAND, [name]).get((str(Subject.VALUE), name))


def _take_back(doing: Act, device_id: int, fields: Set[str]) -> None:
    """End the words about these fields, and leave them out of what was typed when the device was added."""
    said = [
        (number, record)
        for number, record in records.typed(doing.session, HAND, device_id)
        if fields & record.body.keys()
    ]
    for name in sorted(fields):
        if not any(name in record.body for _, record in said):
            field = TYPED_AS.get(name, name)
            raise NotFound(f"Nobody gave {field} of {device_ref(device_id)} a value by hand.")
    words.end(doing.session, [number for number, record in said if record.subject is Subject.VALUE], doing.now)
    for _, record in said:
        if record.subject is Subject.DEVICE:
            less = {name: text for name, text in record.body.items() if name not in fields}
            take(doing, msgspec.structs.replace(record, body=less))
