"""What people do to devices by hand."""

import getpass
import os
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from devreg.domain import identifiers
from devreg.domain.fields import DEVICE_FIELDS, parse_value
from devreg.domain.observation import Observation, Subject, Value
from devreg.domain.provenance import PERSON
from devreg.domain.soundness import flaw
from devreg.errors import Ambiguous, Misconfigured
from devreg.ports import Record
from devreg.services.ingest import fingerprint, refresh
from devreg.store import counters, devices, records, runs
from devreg.store.engine import Sessions, told_plainly
from devreg.text import clean

HAND: Final = "by hand"
"""The source of what people typed; no source in the settings can have a blank in its name."""

_CLEANERS: Final = {
    "serial": identifiers.serial, "imei": identifiers.imei, "imei2": identifiers.imei, "meid": identifiers.meid, "mac": identifiers.mac,
    "asset_tag": identifiers.asset_tag,
}  # fmt: skip


def actor() -> str:
    """Who is at the keyboard, as the operating system says; a hint, not proof (safety.md section 3)."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return f"uid {os.getuid()}"


def parse_fields(pairs: Mapping[str, str]) -> dict[str, Value]:
    """What a person typed as claims. Raises Misconfigured naming the field and what is allowed."""
    claims: dict[str, Value] = {}
    for name, text in pairs.items():
        if name not in DEVICE_FIELDS:
            raise Misconfigured(f"There is no field {name!r}.", next_step=f"There are: {', '.join(DEVICE_FIELDS)}.")
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


def add(sessions: Sessions, claims: dict[str, Value], reason: str | None, now: datetime) -> int:
    """A new device with these fields; its number. Raises Ambiguous when one of its identifiers belongs to a known device."""
    keys = tuple(
        dict.fromkeys(
            key for name, clean_ in _CLEANERS.items() if name in claims and (key := clean_(claims[name])) is not None
        )
    )
    who = actor()
    with told_plainly("add a device"), sessions.write.begin() as session:
        counters.one_at_a_time(session)
        known, _ = devices.candidates(session, [key.key for key in keys], ())
        if known:
            there = ", ".join(
                f"{key} ({', '.join(f'D{number:06d}' for number in sorted(ids))})" for key, ids in known.items()
            )
            raise Ambiguous(
                f"The register knows this already: {there}.", next_step="`devreg show` it instead of adding it again."
            )
        begun = runs.begin(session, HAND, PERSON, now)
        (device_id,), (record_id,) = counters.take(session, "device", 1), counters.take(session, "record", 1)
        record = Record(
            Subject.DEVICE, f"added-{record_id}", {name: devices.as_text(value) for name, value in claims.items()}
        )
        seen = Observation(Subject.DEVICE, keys, claims)
        devices.create(session, [device_id], now)
        saved = records.Saved(record_id, record, fingerprint(record, HAND), seen, device_id, "new", None)
        records.save(session, HAND, [saved], {record_id}, begun.run_id, now)
        refresh(session, [device_id], [device_id], by=who, run_id=begun.run_id, now=now)
        if reason:
            note = devices.Change(device_id, "added", None, who)
            devices.record_changes(session, [note], by=who, run_id=begun.run_id, now=now, reason=clean(reason))
        counts = runs.Counts(seen=1, new=1)
        runs.end(session, runs.Ended(begun.run_id, HAND, now, now, "complete", counts, None, None, None, (), {}))
    return device_id
