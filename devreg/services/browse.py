"""Reading for people: lists by key vector and page, one device with everything known about it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Final

import msgspec

from devreg.domain.device import contract_ref, device_ref, run_ref
from devreg.domain.fields import DEVICE_FIELDS
from devreg.domain.merge import merge
from devreg.domain.observation import Gauge, Port, Value
from devreg.domain.provenance import Claim, Word
from devreg.errors import Ambiguous, Misconfigured, NotFound
from devreg.ports import Column, Key, Query, Row
from devreg.services import action_page
from devreg.store import alarms, custody, intents, lookup, policies, query, records
from devreg.store.custody import Span
from devreg.store.engine import Session, Sessions, told_plainly
from devreg.store.query import View
from devreg.store.views import of_language

__all__ = ["Browser", "DevicePage", "Key", "Query", "ViewInfo"]

_MAX_HISTORY: Final = 500
_PAGE: Final = 1_000
"""Rows that `whole` reads at a time."""
EVERYTHING: Final = Query()


class ViewInfo(msgspec.Struct, frozen=True):
    """A list as a screen sees it."""

    name: str
    title: str
    """English msgid."""
    columns: tuple[Column, ...]
    shown: tuple[str, ...]
    """Keys of the columns shown unless somebody chooses others."""
    facets: tuple[str, ...]
    """Keys of the columns worth filtering by."""


class FieldLine(msgspec.Struct, frozen=True):
    """One field of a device, explained."""

    name: str
    label: str
    value: Value | None
    """None when the field is locked to a source that says nothing."""
    source: str
    rule: str
    """English msgid."""
    losers: tuple[Claim, ...]
    word: Word | None = None
    """Who gave the value, why and until when, when a person did."""
    against: Claim | None = None
    """The source's value that a person's word or a lock keeps out."""


class RecordLine(msgspec.Struct, frozen=True):
    """One source's record about the device."""

    source: str
    kind: str
    native_id: str
    rung: str
    first_seen: datetime
    last_seen: datetime
    gone_at: datetime | None
    body: dict[str, object]
    volatile: dict[str, object]


class ChangeLine(msgspec.Struct, frozen=True):
    """One change of a field."""

    at: datetime
    field: str
    old: str | None
    new: str | None
    by: str
    """Source name, or who did it."""
    run: str | None
    reason: str | None = None


class ContractLine(msgspec.Struct, frozen=True):
    """One contract the device is in."""

    ref: str
    number: str
    kind: str
    supplier: str | None
    start: date | None
    end: date | None
    monthly_fee_cents: int | None
    """Without VAT, as all costs."""
    state: str | None = None
    next_on: date | None = None
    """The next day that somebody must mind."""
    notice_by: date | None = None
    return_by: date | None = None
    decision: str | None = None
    cost_so_far_cents: int | None = None
    cost_to_end_cents: int | None = None


class DevicePage(msgspec.Struct, frozen=True):
    """One device with everything known about it."""

    device_id: int
    ref: str
    fields: tuple[FieldLine, ...]
    identifiers: tuple[tuple[str, str], ...]
    records: tuple[RecordLine, ...]
    history: tuple[ChangeLine, ...]
    """Newest first, at most 500."""
    contracts: tuple[ContractLine, ...]
    ports: tuple[Port, ...]
    reviews: tuple[str, ...]
    """Open questions about it."""
    alarms: tuple[str, ...] = ()
    """What the register tells of it and nobody has taken up; English msgids."""
    gauges: tuple[Gauge, ...] = ()
    custody: tuple[Span, ...] = ()
    """Who had it and where it was, newest first."""
    actions: tuple[intents.Intent, ...] = ()
    """Remote actions on it, open ones first."""


class Listed(msgspec.Struct, frozen=True):
    """A list whole, with its columns."""

    columns: tuple[Column, ...]
    rows: Sequence[Row]

    def led_by(self, first: Sequence[str]) -> "Listed":
        """The same with these columns first."""
        by_key = {column.key: column for column in self.columns}
        others = (column for column in self.columns if column.key not in first)
        return Listed((*(by_key[key] for key in first), *others), self.rows)


class Browser:
    """Short reads of the register; each call is its own unit of work, safe from any thread."""

    def __init__(self, sessions: Sessions, language: str) -> None:
        self._sessions = sessions
        self._views = of_language(language)
        self.quick_ok = sessions.is_sqlite
        """Whether a read is short enough for the thread that draws the screen (a local file), or crosses a network."""

    def views(self) -> tuple[ViewInfo, ...]:
        """Every list there is, in the order screens offer them."""
        return tuple(
            ViewInfo(view.name, view.title, tuple(item.column for item in view.columns), view.shown, view.facets)
            for view in self._views.values()
        )

    def view(self, name: str) -> ViewInfo:
        """One list. Raises Misconfigured naming those there are."""
        self._get(name)
        return next(view for view in self.views() if view.name == name)

    def keys(self, view: str, asked: Query) -> Sequence[Key]:
        """Keys of all rows that answer, in order. 100,000 rows take some 20-50 ms on SQLite."""
        with self._reading() as session:
            return query.keys(session, self._get(view), asked)

    def rows(self, view: str, wanted: Sequence[Key]) -> list[Row]:
        """The rows of these keys, in the order asked; a row gone meanwhile is left out."""
        with self._reading() as session:
            return query.rows(session, self._get(view), wanted)

    def whole(self, view: str, asked: Query = EVERYTHING, columns: Sequence[str] = ()) -> Listed:
        """All rows that answer, some at a time; these columns, or every one."""
        keys = self.keys(view, asked)
        rows = [row for start in range(0, len(keys), _PAGE) for row in self.rows(view, keys[start : start + _PAGE])]
        by_key = {column.key: column for column in self.view(view).columns}
        return Listed(tuple(by_key[key] for key in columns or by_key), rows)

    def facets(self, view: str, asked: Query, column: str) -> list[tuple[str | None, int]]:
        """Values of a column among the rows that answer, with counts, most frequent first."""
        with self._reading() as session:
            return query.facets(session, self._get(view), asked, column)

    def device(self, device_id: int) -> DevicePage:
        """One device. Raises NotFound."""
        with self._reading() as session:
            return page_of(session, device_id)

    def find(self, text: str) -> int:
        """The device that an asset tag, serial, IMEI or D-reference names exactly. Raises NotFound or Ambiguous (listing all)."""
        with self._reading() as session:
            found = lookup.exactly(session, text)
        if not found:
            raise NotFound(
                f"No device answers to {text!r}.",
                next_step="`devreg list devices --search TEXT` looks inside names and numbers.",
            )
        if len(found) > 1:
            names = ", ".join(device_ref(device_id) for device_id in found)
            raise Ambiguous(f"{text!r} names {len(found)} devices: {names}.", next_step="Name one of them.")
        return found[0]

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with told_plainly("read the register"), self._sessions.read.begin() as session:
            yield session

    def _get(self, name: str) -> View:
        if name not in self._views:
            raise Misconfigured(f"There is no list {name!r}.", next_step=f"There are: {', '.join(self._views)}.")
        return self._views[name]


def page_of(session: Session, device_id: int) -> DevicePage:
    """Everything known about one device. Raises NotFound."""
    about = records.about(session, [device_id])[device_id]
    if not about:
        raise NotFound(f"There is no device {device_ref(device_id)}.")
    merged = merge(about, policies.in_force(session))
    return DevicePage(
        device_id=device_id,
        ref=device_ref(device_id),
        fields=tuple(
            FieldLine(
                name,
                DEVICE_FIELDS[name].label,
                chosen.value,
                chosen.source,
                chosen.rule,
                chosen.losers,
                chosen.word,
                chosen.against,
            )
            for name, chosen in merged.fields.items()
        ),
        identifiers=tuple((str(key.kind), key.value) for key in sorted(merged.keys)),
        records=tuple(RecordLine(**line) for line in lookup.record_lines(session, device_id)),
        history=tuple(
            ChangeLine(
                row.at, row.field, row.old, row.new, row.by, run_ref(row.run_id) if row.run_id else None, row.reason
            )
            for row in lookup.history(session, device_id, _MAX_HISTORY)
        ),
        contracts=tuple(
            ContractLine(
                contract_ref(row.id),
                end=row.ends,
                **{name: getattr(row, name) for name in ContractLine.__struct_fields__ if name not in {"ref", "end"}},
            )
            for row in lookup.contracts(session, device_id)
        ),
        ports=tuple(lookup.ports(session, device_id)),
        gauges=tuple(lookup.gauges(session, device_id)),
        reviews=tuple(lookup.open_reviews(session, device_id)),
        alarms=tuple(alarms.of_device(session, device_id)),
        actions=action_page.of_device(session, device_id),
        custody=tuple(custody.spans(session, [device_id])),
    )
