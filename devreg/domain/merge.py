"""The merged device: every record about it weighed into one row. Pure, and the same whatever the order of records."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from devreg.domain.device import State
from devreg.domain.fields import DEVICE_FIELDS
from devreg.domain.management import Management, management_of
from devreg.domain.observation import Identifier, Subject, Value
from devreg.domain.policy import AS_SHIPPED, Policy
from devreg.domain.provenance import Chosen, Claim, Word, choose
from devreg.domain.sorting import fold
from devreg.domain.source_record import LISTS as LISTS
from devreg.domain.source_record import SourceRecord as SourceRecord

_SEARCHED: Final = (
    "name", "asset_tag", "serial", "imei", "imei2", "mac", "phone_number", "manufacturer", "model", "holder", "holder_email",
    "unit", "room", "address",
)  # fmt: skip


class Merged(msgspec.Struct, frozen=True):
    """One device after weighing all its records."""

    fields: dict[str, Chosen]
    keys: frozenset[Identifier]
    management: Management
    sources: tuple[str, ...]
    last_seen: datetime | None
    """When any source last heard from the device itself; None when none ever did."""
    missing_since: datetime | None
    """Since when no source that used to see it lists it any more; None while one does, or none ever saw it."""

    @property
    def managed_by(self) -> tuple[str, ...]:
        """Sources that manage it now, by name."""
        return self.management.managed_by

    @property
    def folded(self) -> str:
        """The text that search looks in."""
        return fold(" ".join(str(value) for name in _SEARCHED if (value := self.value(name)) is not None))

    def value(self, field: str) -> Value | None:
        """What a field shows; None when nobody says anything that may be taken."""
        return self.fields[field].value if field in self.fields else None


def merge(about: Sequence[SourceRecord], policy: Policy = AS_SHIPPED) -> Merged:
    """The device that these records describe, a person's single values among them."""
    claims = _claims(about)
    chosen = {name: found for name in DEVICE_FIELDS if name in claims and (found := choose(name, claims[name], policy))}
    records = [record for record in about if record.seen.subject is not Subject.VALUE]
    said = {name: chosen[name].value for name in ("kind", "state") if name in chosen}
    if "state" not in chosen or chosen["state"].value is None:
        chosen["state"] = _first_state(records, chosen.get("state"))
    present = [record for record in records if record.gone_at is None]
    return Merged(
        fields=chosen,
        keys=frozenset(key for record in about if not _is_withdrawn(record) for key in record.seen.keys),
        management=management_of(records, said.get("kind"), said.get("state")),
        sources=tuple(sorted({record.source for record in present})),
        last_seen=max((record.as_of for record in records if record.as_of is not None), default=None),
        missing_since=_missing_since(records),
    )


def _claims(records: Iterable[SourceRecord]) -> dict[str, list[Claim]]:
    """All that is said, by field."""
    said: dict[str, list[Claim]] = {}
    for record in records:
        if _is_withdrawn(record):
            continue
        seen_at, since = record.as_of or record.said_at, _moment(record.seen.claims.get("enrolled_at"))
        live = record.seen.live and not record.seen.listed and record.gone_at is None
        word = _word(record.seen.facts) if record.seen.subject is Subject.VALUE else None
        for name, value in record.seen.claims.items():
            claim = Claim(value, record.source, record.kind, record.native_id, seen_at, live, since, word)
            said.setdefault(name, []).append(claim)
        if word is not None and (none := record.seen.facts.get("none")) is not None:
            said.setdefault(none, []).append(
                Claim(None, record.source, record.kind, record.native_id, seen_at, word=word)
            )
    return said


def _is_withdrawn(record: SourceRecord) -> bool:
    """Whether it is a person's value that was taken back or whose date has passed: no history of the device, a word no more."""
    return record.gone_at is not None and record.seen.subject is Subject.VALUE


def _word(facts: Mapping[str, str]) -> Word:
    until = facts.get("until")
    return Word(facts.get("by", ""), facts.get("reason", ""), datetime.fromisoformat(until) if until else None)


def _moment(value: Value | None) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _first_state(records: Sequence[SourceRecord], shut: Chosen | None) -> Chosen:
    """The state of a device of which nobody who may has said it: in use once something sees it, in stock while only lists name it.

    `shut` is what others say of it while it is locked to a source.
    """
    losers, against = (shut.losers, shut.against) if shut is not None else ((), None)
    seers = sorted(record.source for record in records if not record.is_list)
    if seers:
        return Chosen(str(State.IN_USE), seers[0], "seen by a source", losers, against=against)
    listing = min((record.source for record in records), default="")
    return Chosen(str(State.IN_STOCK), listing, "only lists know it", losers, against=against)


def _missing_since(records: Sequence[SourceRecord]) -> datetime | None:
    seen = [record.gone_at for record in records if not record.is_list]
    gone = [moment for moment in seen if moment is not None]
    return max(gone) if gone and len(gone) == len(seen) else None
