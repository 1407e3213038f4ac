"""Protocols and records that cross a boundary between packages."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

import msgspec

from devreg.domain.job import Job
from devreg.domain.load import Load
from devreg.domain.observation import Observation, Subject
from devreg.domain.topology import Around


class Record(msgspec.Struct, frozen=True):
    """One record as a source gave it: the allow-listed fields, masked where they hold secrets."""

    subject: Subject
    native_id: str
    """Unique within (source, subject); stable between runs as far as the source's own id is."""
    body: dict[str, Any]
    """JSON-able. What is compared between runs: anything that changes at every sync belongs in `volatile`."""
    volatile: dict[str, Any] = {}
    """JSON-able, kept but outside the comparison: last sync, free storage, etag."""
    part: str = ""
    """The part of the source it was read from, where parts fail one by one (an SNMP target); completeness is judged by part."""
    row_hash: bytes = b""
    """Hash of the row it was read from; empty: it has to be read each time."""


class Rejected(msgspec.Struct, frozen=True):
    """A record that can't be used; the rest of the page goes on."""

    native_id: str | None
    reason: str
    raw: str
    """JSON text, at most 4 kB, secrets stripped."""


class ListedRow(msgspec.Struct, frozen=True):
    """A row as a source listed it: most of a run is rows that say what they said before, and those are never read."""

    subject: Subject
    native_id: str
    """As the row has it, not cleaned."""
    row_hash: bytes
    """16 bytes that differ whenever `read` would give something else."""
    read: Callable[[], Record | Rejected]
    """The row as a record, without its hash."""


class FailedPart(msgspec.Struct, frozen=True):
    """A part of the source that could not be read in this run: its records are silent, not gone."""

    part: str
    reason: str
    optional: bool = False
    """Nothing need be there (an address of a range): it fails the run only where something was known before."""


class Answer(msgspec.Struct, frozen=True):
    """How asking one address went."""

    address: str
    at: datetime
    credential: str | None = None
    """The set it answered to."""
    problem: str | None = None
    """Why it said nothing; None: it answered."""
    optional: bool = False
    """Nobody need live there; only where somebody once answered, silence is worth keeping."""


class Deed(msgspec.Struct, frozen=True):
    """Something that was done to a device at its source, past this register: people are told of it."""

    native_id: str
    """The device's record."""
    what: str
    """A sentence for people, with who did it."""
    at: datetime
    request_id: str | None = None
    """The number that came with the order, where the source kept it: what was ordered from here is known by it."""


class Page(msgspec.Struct, frozen=True):
    """Records that are committed together."""

    records: tuple[Record, ...]
    rejected: tuple[Rejected, ...] = ()
    checkpoint: str | None = None
    """Opaque; given back to `pages` it continues after this page. None: can't resume here, so the page before counts."""
    warnings: tuple[str, ...] = ()
    """Sentences for the run's log: what was skipped or looks odd."""
    failed_parts: tuple[FailedPart, ...] = ()
    """Parts that could not be read: the run is partial, and nothing of these parts is called missing."""
    deeds: tuple[Deed, ...] = ()
    loads: tuple[Load, ...] = ()
    """Counters of ports."""
    around: tuple[Around, ...] = ()
    """What network devices of this page see around themselves."""
    listed: tuple[ListedRow, ...] = ()
    """Records still to be read, where what the register has of them is not what is listed here."""
    answers: tuple[Answer, ...] = ()
    """Addresses that were asked."""
    notes: str | None = None
    """Opaque; kept with the source, and given back by `Memory.notes` in every later run. None: what was noted stays."""

    def read(self) -> "Page":
        """The page with every listed row read."""
        return self.with_read(self.listed)

    def with_read(self, rows: Iterable[ListedRow]) -> "Page":
        """The page with these of its listed rows read, and the others left out."""
        records, rejected = list(self.records), list(self.rejected)
        for row in rows:
            match row.read():
                case Record() as record:
                    records.append(msgspec.structs.replace(record, row_hash=row.row_hash))
                case bad:
                    rejected.append(bad)
        return msgspec.structs.replace(self, records=tuple(records), rejected=tuple(rejected), listed=())


class SheetRow(msgspec.Struct, frozen=True):
    """One filled row of a spreadsheet, read by a profile."""

    number: int
    """As Excel counts it."""
    record: Record | None
    reason: str = ""
    """Why it can't be used, when there is no record."""
    raw: str = ""
    """Its cells as JSON text, when there is no record."""
    is_nameless: bool = False
    """No field that the profile matches by has a value: it is known by its number only."""


class Sheet(msgspec.Struct, frozen=True):
    """A spreadsheet read whole."""

    file: str
    sha256: str
    match: tuple[str, ...]
    """Fields that name a row, first one with a value."""
    rows: tuple[SheetRow, ...]
    warnings: tuple[str, ...] = ()


MATCHED: Final = "matched"
"""In a row's body: the identifier of the device that its label (asset tag, telephone number) named when it was imported."""


class Severity(StrEnum):
    """How a finding of `check` is to be read."""

    OK = "ok"
    ADVICE = "advice"
    FAULT = "fault"


class Finding(msgspec.Struct, frozen=True):
    """One line of `devreg check`."""

    severity: Severity
    what: str
    next_step: str = ""


class Collector(Protocol):
    """One configured source. Made by `wiring` from its settings; constructing it touches no network.

    Its class also has `Options` (the settings class of its kind), `mapping_version` (raised when a row is kept, or a
    record observed, differently) and a static `faults(options, loaded)` that yields (dotted key, problem) for what only it can judge.
    One that observes by rules of a file has `rules_mark`, a text that changes with them.
    """

    def check(self) -> Iterator[Finding]:
        """Whether it can be read: reachability, credential, rights, a sample. Raises nothing it can phrase as a finding."""
        ...

    def pages(self, checkpoint: str | None) -> Iterator[Page]:
        """Every record of the source, page by page, from the start or after `checkpoint`.

        Ends normally only when everything was read. Raises Retryable, Refused or Broken when it could not go on;
        pages already yielded stay valid, but then nothing may be called missing.
        """
        ...

    def observe(self, record: Record) -> Observation:
        """The record as identifiers and claims; pure. Raises Broken (quarantined by the caller) when it makes no sense."""
        ...


class JobCollector(Collector, Protocol):
    """A source whose work is several jobs. `pages` does all of them in one go."""

    def pages_of(
        self, job: Job | None, credentials: Mapping[str, str], checkpoint: str | None = None
    ) -> Iterator[Page]:
        """As `pages`, for one job, or for all; a checkpoint is of the same job.

        `credentials` says for each address which set it answered to last.
        """
        ...


class Memory(Protocol):
    """What the register still knows of a source's earlier runs: it may be asked; what is to be noted goes with a page."""

    def read_whole(self) -> datetime | None:
        """When the source was last read to its end; None when never."""
        ...

    def notes(self) -> str | None:
        """The newest `Page.notes`; None when there were none."""
        ...

    def unread(self, page: Page) -> set[str]:
        """Ids of the page's listed rows that say something else than the last time: those that will be read."""
        ...

    def bodies(self, native_ids: Collection[str]) -> Mapping[str, dict[str, Any]]:
        """What its device records of these ids last said, as it is kept: masked; ids that nobody knows are left out."""
        ...

    def bodies_of(self, part: str, subject: Subject = Subject.DEVICE) -> Mapping[str, dict[str, Any]]:
        """The same of the records that were last read from a part and are not gone, by id."""
        ...


@runtime_checkable
class Remembering(Protocol):
    """A collector that goes by what it read before: to ask only for what is new, or to know what has another name now."""

    def remember(self, memory: Memory) -> None:
        """Called before `pages`."""
        ...


class ColumnType(StrEnum):
    """How a column's values are shown, sorted and written."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    MONEY_CENTS = "money_cents"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    PERCENT = "percent"
    BYTES = "bytes"
    WORD = "word"
    """A member of a closed set: stored in English, shown through the catalogue."""
    SENTENCE = "sentence"
    """Written in English where it arose, shown as `Catalogue.said`."""
    OF_FIELD = "of_field"
    """A value kept as text, of the field that the row's column `field` names."""


class Column(msgspec.Struct, frozen=True):
    """One column of a list, the same on screen, in a worksheet, on the command line and in BI views."""

    key: str
    label: str
    """English msgid; shown through the catalogue."""
    type: ColumnType = ColumnType.TEXT
    width: int = 12
    """Cells on a terminal; a worksheet takes about the same in characters."""


class Outside(msgspec.Struct, frozen=True):
    """Files in which the audit trail leaves its marks outside the database."""

    file: Path | None = None
    """Gets every row, before it counts."""
    anchors: tuple[Path, ...] = ()
    """Get the trail's end now and then."""


class Clock(Protocol):
    """The time, so that tests can hold it."""

    def __call__(self) -> datetime:
        """Now, aware, UTC."""
        ...


Row = Mapping[str, object]
"""One row of a list: column key -> value (None = not said)."""

Key = int | str
"""What identifies a row of a list: an integer for devices, runs and contracts, text elsewhere."""


class Query(msgspec.Struct, frozen=True):
    """What is asked of a view."""

    search: str = ""
    """Free text; every blank-separated word must be found in the row's searchable text, case and accents ignored."""
    where: tuple[tuple[str, str], ...] = ()
    """Column key and exact value ("" = not said); several values of one column are alternatives, columns must all hold."""
    sort: str | None = None
    """Column key; None: the view's own order."""
    descending: bool = False
    limit: int | None = None
