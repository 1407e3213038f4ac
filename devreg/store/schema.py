"""Every table. The device row is a projection of source records; everything else is what was seen, changed or decided.

Ids of devices and contracts come from `counter`, so that they are never reused and replay can keep them.
"""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Named,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    column,
    table,
    text,
)

from devreg.domain.fields import DEVICE_FIELDS
from devreg.store.audit_schema import audit as audit
from devreg.store.audit_schema import audit_detail as audit_detail
from devreg.store.beside_schema import registration as registration
from devreg.store.beside_schema import subscription as subscription
from devreg.store.circulation_schema import counted_day as counted_day
from devreg.store.circulation_schema import local_time as local_time
from devreg.store.circulation_schema import offer as offer
from devreg.store.circulation_schema import yardstick as yardstick
from devreg.store.contract_schema import contract as contract
from devreg.store.contract_schema import contract_change as contract_change
from devreg.store.contract_schema import contract_day as contract_day
from devreg.store.contract_schema import contract_device as contract_device
from devreg.store.contract_schema import contract_document as contract_document
from devreg.store.gear_schema import gauge as gauge
from devreg.store.intent_schema import action_hold as action_hold
from devreg.store.intent_schema import action_limit as action_limit
from devreg.store.intent_schema import intent as intent
from devreg.store.intent_schema import intent_event as intent_event
from devreg.store.intent_schema import verification as verification
from devreg.store.lifecycle_schema import suggestion as suggestion
from devreg.store.lifecycle_schema import transition as transition
from devreg.store.memo_schema import memo as memo
from devreg.store.metadata import BIG_ID as _BIG_ID
from devreg.store.metadata import metadata as metadata
from devreg.store.network_schema import sample as sample
from devreg.store.network_schema import target as target
from devreg.store.notice_schema import notice as notice
from devreg.store.notice_schema import route as route
from devreg.store.notice_schema import trouble as trouble
from devreg.store.plan_schema import planned_move as planned_move
from devreg.store.plan_schema import planned_step as planned_step
from devreg.store.schema_people import headcount as headcount
from devreg.store.schema_people import operator as operator
from devreg.store.schema_people import person as person
from devreg.store.schema_people import unit as unit
from devreg.store.snapshot_schema import snapshot as snapshot
from devreg.store.snapshot_schema import snapshot_line as snapshot_line
from devreg.store.stocktake_schema import stocktake as stocktake
from devreg.store.stocktake_schema import stocktake_line as stocktake_line
from devreg.store.stocktake_schema import stocktake_scan as stocktake_scan
from devreg.store.tag_schema import issued_tag as issued_tag
from devreg.store.tools_schema import tool_rule as tool_rule
from devreg.store.topology_schema import neighbour as neighbour
from devreg.store.topology_schema import station as station
from devreg.store.types import Json, UtcTime, Word


class CounterColumns(TypedColumns):
    """The next free number of each kind of id."""

    name: Named[str] = Column(Word, primary_key=True)
    next: Named[int] = Column(BigInteger)


class SourceColumns(TypedColumns):
    """A configured source, and what its collector noted for later runs."""

    name: Named[str] = Column(Word, primary_key=True)
    kind: Named[str] = Column(Word)
    completed_at: Named[datetime | None] = Column(UtcTime)
    notes: Named[str | None] = Column(Text)


class RunColumns(TypedColumns):
    """One collection run."""

    id: Named[int] = Column(_BIG_ID, primary_key=True)
    source: Named[str] = Column(Word)
    job: Named[str | None] = Column(Word)
    """The job of the source that it did; None: all that the source has."""
    pass_run: Named[int | None] = Column(BigInteger)
    """The run that began the pass through the source which this one goes on with; None: it began one itself."""
    checkpoint: Named[str | None] = Column(Text)
    """Where it stopped, for the run that goes on there; None where there is no going on."""
    started: Named[datetime] = Column(UtcTime)
    finished: Named[datetime | None] = Column(UtcTime)
    verdict: Named[str] = Column(Word)
    seen: Named[int] = Column(Integer, default=0)
    new: Named[int] = Column(Integer, default=0)
    changed: Named[int] = Column(Integer, default=0)
    same: Named[int] = Column(Integer, default=0)
    review: Named[int] = Column(Integer, default=0)
    rejected: Named[int] = Column(Integer, default=0)
    missing: Named[int] = Column(Integer, default=0)
    masked: Named[int] = Column(Integer, default=0)
    ahead: Named[int] = Column(Integer, default=0)
    seconds: Named[int | None] = Column(Integer)
    """From start to end."""
    fetch_ms: Named[int] = Column(BigInteger, default=0)
    keep_ms: Named[int] = Column(BigInteger, default=0)
    judge_ms: Named[int] = Column(BigInteger, default=0)
    held_reason: Named[str | None] = Column(Word)
    accepted_at: Named[datetime | None] = Column(UtcTime)
    error: Named[str | None] = Column(Word)
    next_step: Named[str | None] = Column(Word)
    warnings: Named[Any] = Column(Json)
    failed_parts: Named[Any] = Column(Json)


class RecordColumns(TypedColumns):
    """One record of one source, as last read; never deleted by a collector."""

    id: Named[int] = Column(_BIG_ID, primary_key=True)
    source: Named[str] = Column(Word)
    subject: Named[str] = Column(Word)
    native_id: Named[str] = Column(Word)
    part: Named[str] = Column(Word)
    body: Named[Any] = Column(Json)
    volatile: Named[Any] = Column(Json)
    observation: Named[str] = Column(Text)
    hash: Named[bytes] = Column(LargeBinary)
    row_hash: Named[bytes | None] = Column(LargeBinary)
    """Of the row it was read from and the mapping it was read by; a row with the same is not read again."""
    device_id: Named[int | None] = Column(BigInteger, ForeignKey("device.id"), index=True)
    verdict: Named[str] = Column(Word)
    rung: Named[str | None] = Column(Word)
    first_seen: Named[datetime] = Column(UtcTime)
    said_at: Named[datetime] = Column(UtcTime)
    """When a run first read what it says now: between two papers the one written last is the newer word."""
    as_of: Named[datetime | None] = Column(UtcTime)
    gone_at: Named[datetime | None] = Column(UtcTime)


class SightingColumns(TypedColumns):
    """The run that saw a record last, and when."""

    record_id: Named[int] = Column(_BIG_ID, ForeignKey("source_record.id"), primary_key=True, autoincrement=False)
    seen_run: Named[int] = Column(BigInteger)
    last_seen: Named[datetime] = Column(UtcTime)


class RejectedColumns(TypedColumns):
    """A record that could not be used, with its raw form cut and stripped of secrets."""

    id: Named[int] = Column(_BIG_ID, primary_key=True)
    run_id: Named[int] = Column(BigInteger, index=True)
    source: Named[str] = Column(Word)
    native_id: Named[str | None] = Column(Word)
    reason: Named[str] = Column(Word)
    raw: Named[str] = Column(Text)
    at: Named[datetime] = Column(UtcTime)


class RecordKeyColumns(TypedColumns):
    """`serial:PF3KX9AB` -> the records that have it, or had it (serials only: a record outlives a changed mainboard)."""

    key: Named[str] = Column(Word, primary_key=True)
    record_id: Named[int] = Column(
        BigInteger, ForeignKey("source_record.id"), primary_key=True, autoincrement=False, index=True
    )
    current: Named[bool] = Column(Boolean)


class DecisionColumns(TypedColumns):
    """What a person decided about identity; kept for ever, undone by a mark."""

    id: Named[int] = Column(_BIG_ID, primary_key=True)
    kind: Named[str] = Column(Word)
    review_id: Named[int | None] = Column(BigInteger)
    by: Named[str] = Column(Word)
    at: Named[datetime] = Column(UtcTime)
    reason: Named[str | None] = Column(Word)
    before: Named[Any] = Column(Json)
    """Record id -> [device id, pinned device id] as they were, for undoing."""
    undone_at: Named[datetime | None] = Column(UtcTime)
    undone_by: Named[str | None] = Column(Word)


class PinColumns(TypedColumns):
    """A record that a person has put into a device; no rule moves it."""

    record_id: Named[int] = Column(BigInteger, ForeignKey("source_record.id"), primary_key=True, autoincrement=False)
    device_id: Named[int] = Column(BigInteger, ForeignKey("device.id"), index=True)
    decision_id: Named[int] = Column(BigInteger, ForeignKey("decision.id"))


class ChangeColumns(TypedColumns):
    """One change of one field of a device; append-only."""

    id: Named[int] = Column(_BIG_ID, primary_key=True)
    device_id: Named[int] = Column(BigInteger, index=True)
    at: Named[datetime] = Column(UtcTime)
    run_id: Named[int | None] = Column(BigInteger)
    by: Named[str] = Column(Word)
    field: Named[str] = Column(Word)
    old: Named[str | None] = Column(Word)
    new: Named[str | None] = Column(Word)
    reason: Named[str | None] = Column(Word)


class ReviewColumns(TypedColumns):
    """A question about identity that a person must answer."""

    id: Named[int] = Column(_BIG_ID, primary_key=True)
    record_id: Named[int] = Column(BigInteger, ForeignKey("source_record.id"), index=True)
    run_id: Named[int | None] = Column(BigInteger)
    reason: Named[str] = Column(Word)
    device_ids: Named[Any] = Column(Json)
    opened_at: Named[datetime] = Column(UtcTime)
    closed_at: Named[datetime | None] = Column(UtcTime)
    decision_id: Named[int | None] = Column(BigInteger, ForeignKey("decision.id"))
    """The decision that closed it; None: it went away by itself."""


class AlarmColumns(TypedColumns):
    """Something the register told people by itself."""

    id: Named[int] = Column(_BIG_ID, primary_key=True)
    device_id: Named[int | None] = Column(BigInteger, ForeignKey("device.id"), index=True)
    """None: a device that the register never had; `called` says which."""
    called: Named[str | None] = Column(Word)
    """What its source calls a device that the register never had."""
    what: Named[str] = Column(Word)
    """English msgid."""
    run_id: Named[int | None] = Column(BigInteger)
    opened_at: Named[datetime] = Column(UtcTime)
    seen_at: Named[datetime] = Column(UtcTime)
    """When the device was heard of."""
    acked_at: Named[datetime | None] = Column(UtcTime)
    acked_by: Named[str | None] = Column(Word)
    acked_reason: Named[str | None] = Column(Word)


class PortColumns(TypedColumns):
    """One interface of a network device, keyed by name: ifIndex is a handle that changes."""

    record_id: Named[int] = Column(BigInteger, ForeignKey("source_record.id"), primary_key=True, autoincrement=False)
    name: Named[str] = Column(Word, primary_key=True)
    device_id: Named[int] = Column(BigInteger, ForeignKey("device.id"), index=True)
    if_index: Named[int] = Column(BigInteger)
    alias: Named[str | None] = Column(Word)
    if_type: Named[int | None] = Column(Integer)
    speed_bps: Named[int | None] = Column(BigInteger)
    admin: Named[str | None] = Column(Word)
    oper: Named[str | None] = Column(Word)
    mac: Named[str | None] = Column(Word)


class WordColumns(TypedColumns):
    """A record that holds a person's word about one field, and the device's own record it goes along with."""

    record_id: Named[int] = Column(BigInteger, ForeignKey("source_record.id"), primary_key=True, autoincrement=False)
    anchor_id: Named[int] = Column(BigInteger, ForeignKey("source_record.id"), index=True)
    """The device's oldest record when the word was given: where that goes, the device's number goes and the word with it."""
    until: Named[datetime | None] = Column(UtcTime)
    """The last moment it counts."""


class OverriddenColumns(TypedColumns):
    """A field whose value stands against what a source says now."""

    device_id: Named[int] = Column(BigInteger, ForeignKey("device.id"), primary_key=True, autoincrement=False)
    field: Named[str] = Column(Word, primary_key=True)
    value: Named[str | None] = Column(Word)
    source: Named[str | None] = Column(Word)
    rule: Named[str] = Column(Word)
    other: Named[str | None] = Column(Word)
    other_source: Named[str] = Column(Word)
    kept_out: Named[bool] = Column(Boolean)
    """By a person's word or a lock."""
    contested: Named[bool] = Column(Boolean)
    """About who has the device or where it is."""
    at: Named[datetime] = Column(UtcTime)
    """Since when these two stand against each other."""


class PolicyColumns(TypedColumns):
    """Whose word counts, as the devices are merged now; at most one row, none while it is the program's own order."""

    id: Named[int] = Column(Integer, primary_key=True, autoincrement=False)
    fields: Named[str] = Column(Text)


class KeepingColumns(TypedColumns):
    """When the register was last backed up or restored; a backup itself holds the one before."""

    what: Named[str] = Column(Word, primary_key=True)
    at: Named[datetime] = Column(UtcTime)
    file: Named[str] = Column(Word)


_LIVE: Final = text("gone_at IS NULL")
counter: Final = Table("counter", metadata, CounterColumns)
source: Final = Table("source", metadata, SourceColumns)
run: Final = Table("run", metadata, RunColumns, Index("ix_run_source", "source", "id"), sqlite_autoincrement=True)
record: Final = Table(
    "source_record",
    metadata,
    RecordColumns,
    UniqueConstraint("source", "native_id", "subject"),
    # All that completeness is judged by.
    Index("ix_source_record_live", "source", "subject", "part", "gone_at", sqlite_where=_LIVE, postgresql_where=_LIVE),
)
sighting: Final = Table("sighting", metadata, SightingColumns)
rejected: Final = Table("rejected_record", metadata, RejectedColumns)
record_key: Final = Table("record_key", metadata, RecordKeyColumns)
decision: Final = Table("decision", metadata, DecisionColumns, sqlite_autoincrement=True)
pin: Final = Table("pin", metadata, PinColumns)
change: Final = Table("change", metadata, ChangeColumns, sqlite_autoincrement=True)
review: Final = Table("review", metadata, ReviewColumns, sqlite_autoincrement=True)
alarm: Final = Table("alarm", metadata, AlarmColumns, sqlite_autoincrement=True)
port: Final = Table("port", metadata, PortColumns)
word: Final = Table("word", metadata, WordColumns)
overridden: Final = Table("overridden", metadata, OverriddenColumns)
policy: Final = Table("policy", metadata, PolicyColumns)
keeping: Final = Table("keeping", metadata, KeepingColumns)

_MERGED: Final = text("merged_into IS NOT NULL")
_SQL_TYPES: Final[dict[type, Any]] = {
    str: Word,
    int: BigInteger,
    float: Float,
    bool: Boolean,
    date: Date,
    datetime: UtcTime,
}

device: Final = Table(
    "device",
    metadata,
    Column("id", _BIG_ID, primary_key=True, autoincrement=False),
    *(Column(name, _SQL_TYPES[field.value_type]) for name, field in DEVICE_FIELDS.items()),
    Column("managed_by", Word),
    Column("wiped_by", Word),
    Column("mode", Word),
    Column("contact_at", UtcTime),
    Column("standing", Word),
    Column("sources", Word),
    Column("last_seen", UtcTime, index=True),
    Column("missing_since", UtcTime),
    Column("merged_into", BigInteger, ForeignKey("device.id")),
    Column("created_at", UtcTime, nullable=False),
    Column("state_since", UtcTime),
    Column("name_key", Word),
    Column("model_key", Word),
    Column("holder_key", Word),
    Column("folded", Text, nullable=False),
    Index("ix_device_unit_use", "unit", "use"),
    Index("ix_device_holder_email", "holder_email"),
    Index("ix_device_directory_id", "directory_id"),
    # Of every device, it would tempt SQLite to fetch nearly all rows of a list through it.
    Index("ix_device_merged_into", "merged_into", sqlite_where=_MERGED, postgresql_where=_MERGED),
)
"""The merged device: one column a field of `fields.DEVICE_FIELDS`, and what lists need to sort and search fast."""

device_search: Final = table("device_search", column("rowid", Integer))
"""On SQLite only: every three letters in a row of `device.folded`, kept by the triggers of `migrations.fast_lists`."""
