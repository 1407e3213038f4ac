"""Names of people who left, taken out of the register when their time is over: what was who becomes a number (safety.md 30)."""

from datetime import UTC, datetime, time

import msgspec

from devreg.domain import forgetting as rules
from devreg.domain.device import person_ref
from devreg.domain.months import months_before
from devreg.domain.rights import Actor, Right
from devreg.errors import Misconfigured
from devreg.i18n import N_
from devreg.services.acting import Act, act
from devreg.services.ingest import refresh
from devreg.store import counters
from devreg.store import forgetting as names
from devreg.store.engine import Session, Sessions
from devreg.store.repeating import repeats


class Forgotten(msgspec.Struct, frozen=True):
    """What a purge of names came to."""

    persons: int
    devices: int
    """Devices in whose history they stood."""
    accounts: int
    """Closed accounts that were removed."""
    still_named: int
    """Persons whose time is over too, but whom a source still names."""


@repeats
def purge_names(sessions: Sessions, actor: Actor, months: int, reason: str | None, now: datetime) -> Forgotten:
    """Put a number in place of everybody who has held nothing for so many months, and remove accounts gone for so long.

    Nobody is touched who has a device, an open account in any directory, or whom a source names now. The history of devices
    stays otherwise as it was written; no number leads back to a name.
    """
    day = months_before(now.date(), months)
    if day is None:
        raise Misconfigured("[privacy] holder_months reaches beyond the calendar.")
    limit = datetime.combine(day, time(), UTC)
    doing_ = N_("remove names from the history")
    with act(sessions, actor, Right.KEEP, doing=doing_, now=now, reason=reason, about="history") as doing:
        return _purged(doing, limit)


def _purged(doing: Act, limit: datetime) -> Forgotten:
    session = doing.session
    found, who = names.named(session), names.who(session)
    tenures, there = names.tenures(session), names.there(session)
    over = rules.past(tenures, who, there, limit)
    gone = rules.past(tenures, who, there | names.standing(found), limit)
    accounts = names.closed_accounts(session, _kept(tenures, who, there, gone), limit)
    still = len(over) - len(gone)
    if not gone and not accounts:
        return Forgotten(0, 0, 0, still)
    devices = {device_id for person in gone for device_id in person.said}
    figures = {"persons": len(gone), "devices": len(devices), "accounts": len(accounts), "ended before": limit.date()}
    doing.tell(names.ACT, "history", after=figures)
    doing.write_down()
    _rewrite(doing, gone, found)
    names.remove_accounts(session, accounts)
    return Forgotten(len(gone), len(devices), len(accounts), still)


def _kept(tenures: list[rules.Tenure], who: dict[str, str], there: rules.There, gone: list[rules.Past]) -> set[str]:
    """Whose accounts stay: of everybody who is there, or whose name the history keeps."""
    forgotten = {address for person in gone for address in person.addresses}
    held = {tenure.holder_email.lower() for tenure in tenures if tenure.holder_email} - forgotten
    return {who.get(address, address) for address in held | there.addresses}


def _rewrite(doing: Act, gone: list[rules.Past], found: list[names.Named]) -> None:
    session = doing.session
    of_device: dict[int, dict[str, str]] = {}
    of_address: dict[str, str] = {}
    for number, person in zip(counters.take(session, "person", len(gone)), gone, strict=True):
        ref = person_ref(number)
        of_address |= dict.fromkeys(person.addresses, ref)
        for device_id, texts in person.said.items():
            of_device.setdefault(device_id, {}).update(dict.fromkeys(texts, ref))
    names.rewrite_history(session, of_device)
    records = {item.record_id: _refs(item, of_device, of_address) for item in found if not item.stands}
    touched = {number: refs for number, refs in records.items() if refs}
    names.rewrite_records(session, touched)
    about = {item.device_id for item in found if item.record_id in touched and item.device_id is not None}
    _merge_anew(session, doing, about)


def _refs(item: names.Named, of_device: dict[int, dict[str, str]], of_address: dict[str, str]) -> dict[str, str]:
    """What in the record is to be replaced: whatever stands for somebody in its device's history, an address, a name beside that."""
    refs = {text: of_address[text.lower()] for text in item.addresses if text.lower() in of_address}
    if refs:
        refs |= dict.fromkeys(item.names, next(iter(refs.values())))
    here = of_device.get(item.device_id, {}) if item.device_id is not None else {}
    return {**here, **refs}


def _merge_anew(session: Session, doing: Act, device_ids: set[int]) -> None:
    """What the devices show comes from other records; what they keep of these is read anew."""
    refresh(session, device_ids, (), by=doing.by, run_id=None, now=doing.now, reason=doing.reason)
