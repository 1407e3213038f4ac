"""A spreadsheet that somebody hands over, as a source: the difference row by row, then all of it written or nothing.

A dry run does what an import does and takes it back. A row that is not in a newer file is not gone, and an empty cell clears nothing unless
that is asked for.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from devreg.domain.absence import Verdict
from devreg.domain.device import device_ref
from devreg.domain.observation import Identifier, IdKind, Subject
from devreg.domain.rights import Actor, Right
from devreg.errors import Broken
from devreg.i18n import N_
from devreg.ports import MATCHED, Page, Record, Rejected, Sheet, SheetRow
from devreg.services import import_lines
from devreg.services.acting import act, demand
from devreg.services.import_lines import Line, Result, Taken
from devreg.services.ingest import Feed, observe, take_page
from devreg.services.masking import clear_of_codes
from devreg.services.unit_names import unit_names
from devreg.store import beside, counters, identity, imports, locks, policies, records, runs
from devreg.store.engine import Session, Sessions, told_plainly
from devreg.store.repeating import repeats
from devreg.text import evidence

_LABELS: Final = ("phone_number", "iccid")
"""What names a device as an asset tag does: people give it, so it ties a row to a device only where a profile says so."""


_RAW_MAX: Final = 4_096


class Wish(msgspec.Struct, frozen=True):
    """How to import."""

    apply: bool = False
    """Write it; else take everything back at the end."""
    clear_empty: bool = False
    """An empty cell takes back what an earlier import of the row said."""
    ask: bool = False
    """Keep rows that fit several devices, as questions for `devreg review`."""
    reason: str | None = None


class Imported(msgspec.Struct, frozen=True):
    """What an import came to."""

    lines: tuple[Line, ...]
    rows: dict[Result, int]
    """How many rows came to which end."""
    masked: int
    """Cells that held a personal identity code."""
    warnings: tuple[str, ...]

    @property
    def needs_person(self) -> bool:
        """Whether some rows could not be taken."""
        return bool(self.rows[Result.REJECTED] or self.rows[Result.AMBIGUOUS])


@repeats
def import_sheet(sessions: Sessions, actor: Actor, feed: Feed, sheet: Sheet, wish: Wish, now: datetime) -> Imported:
    """Take the rows in one unit of work. Raises AlreadyRunning while somebody else imports by the same profile."""
    with locks.hold(sessions, feed.name):
        if not wish.apply:
            demand(actor, Right.EDIT)
            with told_plainly("try an import"), sessions.write() as session:
                try:
                    return _Import(session, feed, sheet, wish, now).take()
                finally:
                    session.rollback()
        with act(sessions, actor, Right.EDIT, doing="import a sheet", now=now, reason=wish.reason) as doing:
            done = _Import(doing.session, feed, sheet, wish, now).take()
            counts = {str(result): number for result, number in done.rows.items()}
            doing.tell("import", feed.name, after={"file": evidence(sheet.file), "sha256": sheet.sha256, **counts})
            return done


class _Import:
    """Rows on their way in."""

    def __init__(self, session: Session, feed: Feed, sheet: Sheet, wish: Wish, now: datetime) -> None:
        self._session = session
        self._feed = feed
        self._sheet = sheet
        self._wish = wish
        self._now = now
        self._refused: dict[int, Line] = {}
        self._masked = 0
        self._names = unit_names(session)

    def take(self) -> Imported:
        """All of it, within the caller's unit of work."""
        policies.begin_with(self._session, self._feed.policy)
        begun = runs.begin(self._session, self._feed.name, self._feed.kind, self._now)
        rows = self._matched(self._readable())
        subject = rows[0].record.subject if rows else Subject.DEVICE
        before = imports.facts(self._session, subject)
        first_new = counters.peek(self._session, "device")
        rows, counts = self._kept(rows, begun.run_id)
        written = import_lines.compare(self._session, rows, begun.run_id, first_new, before)
        lines = sorted([*written, *self._refused.values()], key=lambda line: line.row)
        counts.masked = self._masked
        warnings = (*self._sheet.warnings, *self._names.told())
        imported_from = N_(f"Imported from {self._sheet.file} (SHA-256 {self._sheet.sha256}).")
        ended = runs.Ended(begun.run_id, self._feed.name, self._now, self._now, Verdict.COMPLETE, counts, None, None, None,
                           (imported_from, *warnings), {})  # fmt: skip
        runs.end(self._session, ended)
        ends = {line.row: line.result for line in lines}
        totals = {result: sum(end is result for end in ends.values()) for result in Result}
        return Imported(tuple(lines), totals, self._masked, warnings)

    def _readable(self) -> list[Taken]:
        """Rows that can be used by themselves; the others are refused with a reason."""
        ids = {row.record.native_id for row in self._sheet.rows if row.record is not None}
        known = imports.earlier(self._session, self._feed.name, ids)
        rows = []
        for row in self._sheet.rows:
            try:
                record = self._clear(row)
                old = known.get(record.native_id)
                rows.append(Taken(row.number, self._completed(record, old), observe(self._feed, record), old))
            except Broken as error:
                self._refuse(row.number, Result.REJECTED, error.what)
        return rows

    def _clear(self, row: SheetRow) -> Record:
        """The row's record without personal identity codes. Raises Broken when there is none."""
        if row.record is None:
            raise Broken(evidence(row.reason))
        if row.is_nameless:
            names = ", ".join(self._sheet.match)
            raise Broken(f"row {row.number} has none of {names}: nothing would know it again")
        page, found = clear_of_codes(self._names.clear(Page((row.record,))))
        self._masked += found
        if page.rejected:
            raise Broken(page.rejected[0].reason)
        return page.records[0]

    def _completed(self, record: Record, old: imports.Earlier | None) -> Record:
        """The record with what an earlier import said where the cell is empty now."""
        if old is None or self._wish.clear_empty:
            return record
        body = {name: value for name, value in old.body.items() if name != MATCHED} | record.body
        return msgspec.structs.replace(record, body=body)

    def _matched(self, rows: list[Taken]) -> list[Taken]:
        """Rows with the devices they name; one that names several is refused, unless it shall be asked."""
        others = [row for row in rows if row.record.subject is not Subject.DEVICE]
        rows = [row for row in rows if row.record.subject is Subject.DEVICE]
        by_key = identity.by_key(self._session, {key.key for row in rows for key in row.seen.keys})
        labelled = self._labelled(rows, by_key)
        best = imports.strongest(self._session, {number for ids in labelled.values() for number in ids})
        tied = [self._tied(row, by_key, labelled[row.number], best) for row in rows]
        return [*others, *(row for row in tied if row is not None)]

    def _labelled(self, rows: Sequence[Taken], by_key: Mapping[str, set[int]]) -> dict[int, set[int]]:
        """Row -> devices that its labels name, of those labels that the profile matches by."""
        found: dict[int, set[int]] = {row.number: set() for row in rows}
        if IdKind.ASSET_TAG in self._sheet.match:
            for row in rows:
                tags = (key.key for key in row.seen.keys if key.kind is IdKind.ASSET_TAG)
                found[row.number].update(*(by_key.get(tag, set()) for tag in tags))
        for name in (name for name in _LABELS if name in self._sheet.match):
            said = {row.number: str(row.seen.claims[name]) for row in rows if name in row.seen.claims}
            by_label = imports.labelled(self._session, name, said.values())
            for number, value in said.items():
                found[number] |= by_label.get(value, set())
        return found

    def _tied(
        self, row: Taken, by_key: Mapping[str, set[int]], labelled: set[int], best: Mapping[int, Identifier]
    ) -> Taken | None:
        """The row with its devices; where only a label names the device, with that device's best identifier."""
        strong: set[int] = set()
        strong.update(*(by_key.get(key.key, ()) for key in row.seen.keys if key.kind is not IdKind.ASSET_TAG))
        labelled = labelled - row.made - strong
        hits = strong | labelled
        if len(hits) > 1 and not self._wish.ask:
            self._refuse(row.number, Result.AMBIGUOUS, import_lines.SEVERAL, hits)
            return None
        if len(hits) > 1 or not labelled:
            return msgspec.structs.replace(row, hits=frozenset(strong))
        key = best.get(min(hits))
        if key is None or any(own.kind is key.kind for own in row.seen.keys):
            reason = import_lines.LABEL_ONLY if key is None else import_lines.OTHER_KEY
            self._refuse(row.number, Result.AMBIGUOUS, reason, hits)
            return None
        record = msgspec.structs.replace(row.record, body={**row.record.body, MATCHED: key.key})
        return msgspec.structs.replace(row, record=record, hits=frozenset(hits))

    def _kept(self, rows: list[Taken], run_id: int) -> tuple[list[Taken], runs.Counts]:
        """Write the rows; those that turn out to fit no single device are taken out, and the rest written anew."""
        while True:
            with self._session.begin_nested() as attempt:
                page = Page(tuple(row.record for row in rows), tuple(map(self._rejected, self._refused.values())))
                counts = take_page(self._session, self._feed, page, run_id, self._now)
                beside.settle(self._session)
                placed = self._placed(rows, run_id)
                doubtful = [] if self._wish.ask else [row for row in placed if row.is_doubtful]
                if not doubtful:
                    return placed, counts
                attempt.rollback()
            for row in doubtful:
                self._refuse(row.number, Result.AMBIGUOUS, import_lines.DOUBTFUL, row.hits | row.asked)
            rows = [row for row in rows if row.number not in self._refused]

    def _placed(self, rows: Sequence[Taken], run_id: int) -> list[Taken]:
        """The rows with what they were stored as; one that could not be stored is refused."""
        there = records.known(self._session, self._feed.name, {row.record.native_id for row in rows})
        why = imports.rejections(self._session, run_id)
        asked = imports.asked(self._session, run_id)
        placed = []
        for row in rows:
            stored = there.get((str(row.record.subject), row.record.native_id))
            if row.record.native_id in why or stored is None:
                reason = why.get(row.record.native_id, "")
                self._refused[row.number] = Line(row.number, Result.REJECTED, reason=reason)
                continue
            about = frozenset(asked.get(stored.record_id, ()))
            changed = row.old is None or row.old.hash != stored.hash
            placed.append(msgspec.structs.replace(row, device_id=stored.device_id, asked=about, is_changed=changed))
        return placed

    def _rejected(self, line: Line) -> Rejected:
        row = next(row for row in self._sheet.rows if row.number == line.row)
        raw = row.raw if row.record is None else msgspec.json.encode(row.record.body).decode()
        return Rejected(f"row {line.row}", line.reason or "", raw[:_RAW_MAX])

    def _refuse(self, number: int, result: Result, reason: str, device_ids: Iterable[int] = ()) -> None:
        refs = " ".join(device_ref(device_id) for device_id in sorted(device_ids))
        self._refused[number] = Line(number, result, refs or None, reason=reason)
