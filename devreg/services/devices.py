"""What people do to devices by hand."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from devreg.domain import identifiers
from devreg.domain.device import device_ref
from devreg.domain.fields import DEVICE_FIELDS, TYPED_AS, parse_value
from devreg.domain.observation import Observation, Subject, Value
from devreg.domain.policy import HAND, PERSON
from devreg.domain.rights import Actor, Right
from devreg.domain.soundness import flaw
from devreg.errors import Ambiguous, Misconfigured
from devreg.ports import Page, Record
from devreg.services.acting import Act, act
from devreg.services.ingest import Feed, take_page
from devreg.store import counters, devices, identity, records, runs
from devreg.store.engine import Sessions
from devreg.store.repeating import repeats
from devreg.text import clean

__all__ = ["HAND", "add", "by_hand", "demand_fields", "parse_fields", "take"]

_CLEANERS: Final = {
    "serial": identifiers.serial, "imei": identifiers.imei, "imei2": identifiers.imei, "meid": identifiers.meid, "mac": identifiers.mac,
    "asset_tag": identifiers.asset_tag,
}  # fmt: skip


def demand_fields(names: Iterable[str]) -> None:
    """Raises Misconfigured when one is no field of a device."""
    for name in names:
        if name not in DEVICE_FIELDS:
            there = ", ".join(TYPED_AS.get(field, field) for field in DEVICE_FIELDS)
            raise Misconfigured(f"There is no field {name!r}.", next_step=f"There are: {there}.")


def parse_fields(pairs: Mapping[str, str]) -> dict[str, Value]:
    """What a person typed as claims. Raises Misconfigured naming the field and what is allowed."""
    demand_fields(pairs)
    claims: dict[str, Value] = {}
    for name, text in pairs.items():
        cleaned = clean(text)
        if cleaned is None:
            raise Misconfigured(f"{name} has no value.", next_step="Leave it out when it is not known.")
        try:
            claims[name] = parse_value(name, cleaned)
        except ValueError as error:
            raise Misconfigured(str(error)) from None
        if name in _CLEANERS and _CLEANERS[name](cleaned) is None:
            raise Misconfigured(f"{cleaned!r} is no usable {name}.", next_step="Leave it out when it is not known.")
    problem = flaw(Observation(Subject.DEVICE, claims=claims))
    if problem is not None:
        raise Misconfigured(f"{problem}.")
    return claims


def by_hand(who: str, reason: str | None = None) -> Feed:
    """What people type as a source like any other, so that it is kept, explained and rebuilt the same way."""
    return Feed(HAND, PERSON, _observe, (), "1", by=who, reason=reason)


_ABOUT: Final[tuple[str, ...]] = ("by", "reason", "until")
"""What stands in the record of a single value beside the field."""


def _observe(record: Record) -> Observation:
    said = {name: str(text) for name, text in record.body.items() if text is not None}
    facts = {name: said.pop(name) for name in _ABOUT if record.subject is Subject.VALUE and name in said}
    nothing = [name for name, text in record.body.items() if text is None and name not in _ABOUT]
    if record.subject is Subject.VALUE and nothing:
        facts["none"] = nothing[0]
    claims = parse_fields(said)
    keys = tuple(
        dict.fromkeys(
            key for name, clean_ in _CLEANERS.items() if name in claims and (key := clean_(claims[name])) is not None
        )
    )
    return Observation(record.subject, keys, claims, facts=facts)


@repeats
def add(sessions: Sessions, actor: Actor, claims: dict[str, Value], reason: str | None, now: datetime) -> int:
    """A new device with these fields; its number. Raises Ambiguous when one of its identifiers belongs to a known device."""
    with act(sessions, actor, Right.EDIT, doing="add a device", now=now, reason=reason) as doing:
        session = doing.session
        record = Record(
            Subject.DEVICE,
            f"added-{counters.take(session, 'by hand', 1)[0]}",
            {n: devices.as_text(v) for n, v in claims.items()},
        )
        known = identity.by_key(session, {key.key for key in _observe(record).keys})
        if known:
            there = ", ".join(
                f"{key} ({', '.join(device_ref(number) for number in sorted(ids))})" for key, ids in known.items()
            )
            raise Ambiguous(
                f"The register knows this already: {there}.", next_step="`devreg show` it instead of adding it again."
            )
        run_id = take(doing, record)
        saved = records.known(session, HAND, [record.native_id])[Subject.DEVICE, record.native_id]
        if saved.device_id is None:
            raise Ambiguous(
                "The device could not be told from others.", next_step="Give it a serial number or an asset tag."
            )
        if doing.reason:
            note = devices.Change(saved.device_id, "added", None, doing.by)
            devices.record_changes(session, [note], by=doing.by, run_id=run_id, now=now, reason=doing.reason)
        doing.tell("add", device_ref(saved.device_id), after=record.body)
    return saved.device_id


def take(doing: Act, record: Record) -> int:
    """What a person typed as a run of its own; the run's number."""
    session, now = doing.session, doing.now
    begun = runs.begin(session, HAND, PERSON, now)
    counts = take_page(session, by_hand(doing.by, doing.reason), Page((record,)), begun.run_id, now)
    runs.end(session, runs.Ended(begun.run_id, HAND, now, now, "complete", counts, None, None, None, (), {}))
    return begun.run_id
