"""The difference that an import makes, row by row and field by field."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import msgspec

from devreg.domain.device import device_ref
from devreg.domain.fields import DEVICE_FIELDS, SUBSCRIPTION_FIELDS
from devreg.domain.observation import Observation, Subject
from devreg.i18n import N_
from devreg.ports import MATCHED, Record
from devreg.store import imports
from devreg.store.devices import Change, as_text
from devreg.store.engine import Session

SEVERAL: Final = N_(
    "its identifiers belong to several devices; correct the row, or import with --ask and answer in `devreg review`"
)
LABEL_ONLY: Final = N_("its label belongs to a device that has no serial number, IMEI or MAC to tie the row to")
OTHER_KEY: Final = N_("its label belongs to a device with another serial number")
DOUBTFUL: Final = N_(
    "what it says contradicts what is known of the device; correct the row, or import with --ask and answer in `devreg review`"
)
ASKED: Final = N_("kept as a question: `devreg review`")


class Result(StrEnum):
    """What became of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"
    AMBIGUOUS = "ambiguous"


class Line(msgspec.Struct, frozen=True):
    """One row, or one field of a row that has several."""

    row: int
    result: Result
    device: str | None = None
    """D000123; several, blank-separated, when it fits several."""
    field: str | None = None
    """Of a device, else `contract.`, `unit.` or `headcount.` and its name."""
    old: str | None = None
    new: str | None = None
    """As the history keeps values."""
    reason: str | None = None


class Taken(msgspec.Struct, frozen=True):
    """A row that can be used."""

    number: int
    record: Record
    seen: Observation
    old: imports.Earlier | None
    """The row as it was imported before."""
    hits: frozenset[int] = frozenset()
    """Devices known before that its identifiers name."""
    device_id: int | None = None
    asked: frozenset[int] = frozenset()
    """Devices that a question about it names."""
    is_changed: bool = False

    @property
    def made(self) -> frozenset[int]:
        """The device that an earlier import of the row made, or found by an identifier; a label names that one too."""
        if self.old is None or self.old.device_id is None or MATCHED in self.old.body:
            return frozenset()
        return frozenset({self.old.device_id})

    @property
    def is_doubtful(self) -> bool:
        """Whether identity found it to be about another device than its identifiers name, or could not tell."""
        if self.record.subject is not Subject.DEVICE:
            return False
        return self.device_id is None or bool(self.asked) or bool(self.hits and self.device_id not in self.hits)


_Facts = Mapping[tuple[str, ...], Mapping[str, Any]]


def compare(session: Session, rows: Sequence[Taken], run_id: int, first_new: int, before: _Facts) -> Iterator[Line]:
    """Lines of the rows that were written. `first_new` is the import's first device number, `before` units or head-counts before it."""
    about = {row.device_id for row in rows if row.device_id is not None}
    stand = imports.values(session, about)
    changes = _by_row(rows, imports.changes(session, run_id))
    after = (
        imports.facts(session, rows[0].record.subject) if rows and rows[0].record.subject is not Subject.DEVICE else {}
    )
    for row in rows:
        if row.record.subject is Subject.SUBSCRIPTION:
            yield from _told(row, None, row.old is None, list(_number(row)))
        elif row.record.subject is not Subject.DEVICE:
            yield from _told(row, None, not _was(row, before), list(_facts(row, before, after)))
        elif row.is_doubtful:
            refs = " ".join(device_ref(number) for number in sorted(row.asked | row.hits))
            yield Line(row.number, Result.AMBIGUOUS, refs or None, reason=ASKED)
        else:
            assert row.device_id is not None  # noqa: S101  a row without a device is doubtful
            is_new = row.device_id >= first_new
            fields = list(_device_fields(row, stand[row.device_id], changes.get(row.number, []), is_new))
            yield from _told(row, device_ref(row.device_id), is_new, fields)


def _told(row: Taken, device: str | None, is_new: bool, fields: Sequence[Line]) -> Iterator[Line]:
    """The field lines with the row's result; a line for the row itself when no field has one."""
    changed = any(line.reason is None for line in fields)
    result = Result.NEW if is_new else Result.CHANGED if changed else Result.UNCHANGED
    for line in fields:
        yield msgspec.structs.replace(line, result=result, device=line.device or device)
    if not fields:
        yield Line(row.number, result, device)


def _by_row(rows: Iterable[Taken], changes: Iterable[Change]) -> dict[int, list[Change]]:
    """Changes by the number of the row that says the new value, else the first row about the device."""
    about: dict[int, list[Taken]] = {}
    for row in rows:
        for device_id in {row.device_id, row.old.device_id if row.old is not None else None} - {None}:
            about.setdefault(device_id, []).append(row)  # type: ignore[arg-type]
    found: dict[int, list[Change]] = {}
    for change in changes:
        candidates = about.get(change.device_id)
        if candidates:
            says = [row for row in candidates if as_text(row.seen.claims.get(change.field)) == change.new]
            found.setdefault((says or candidates)[0].number, []).append(change)
    return found


def _device_fields(row: Taken, stands: Mapping[str, Any], changes: Iterable[Change], is_new: bool) -> Iterator[Line]:
    shown = set()
    for change in changes:
        shown.add(change.field)
        elsewhere = device_ref(change.device_id) if change.device_id != row.device_id else None
        yield Line(row.number, Result.CHANGED, elsewhere, change.field, change.old, change.new)
    if row.is_changed:
        for name in (name for name in DEVICE_FIELDS if name in row.seen.claims and name not in shown):
            said, stand = as_text(row.seen.claims[name]), as_text(stands[name])
            if said != stand:
                reason = N_(f"the row says {said}, which is kept, but another source's word counts more")
                yield Line(row.number, Result.UNCHANGED, None, name, stand, stand, reason)
            elif is_new:
                yield Line(row.number, Result.NEW, None, name, None, said)
    yield from _contract(row)


def _contract(row: Taken) -> Iterator[Line]:
    old = row.old.body if row.old is not None else {}
    for name in sorted({*old, *row.record.body}):
        was, now = old.get(name), row.record.body.get(name)
        if name.startswith("contract.") and was != now:
            yield Line(row.number, Result.CHANGED, None, name, as_text(was), as_text(now))


def _facts(row: Taken, before: _Facts, after: _Facts) -> Iterator[Line]:
    key, prefix = _key(row), str(row.record.subject)
    was, now = before.get(key, {}), after.get(key, {})
    for name in row.seen.claims:
        if name in now and name not in {"file", "file_hash"} and was.get(name) != now[name]:
            yield Line(row.number, Result.CHANGED, None, f"{prefix}.{name}", as_text(was.get(name)), as_text(now[name]))


def _number(row: Taken) -> Iterator[Line]:
    """What a telephone number's row says otherwise than before."""
    old = {} if row.old is None else row.old.body
    for name in sorted(SUBSCRIPTION_FIELDS):
        was, now = old.get(name), row.record.body.get(name)
        if was != now:
            yield Line(row.number, Result.CHANGED, None, name, as_text(was), as_text(now))
    yield from _contract(row)


def _was(row: Taken, before: _Facts) -> bool:
    return _key(row) in before


def _key(row: Taken) -> tuple[str, ...]:
    claims = row.seen.claims
    if row.record.subject is Subject.UNIT:
        return (str(claims["id"]),)
    return (str(claims["unit"]), str(claims.get("stage") or ""), str(claims["date"]))
