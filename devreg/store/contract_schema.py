"""The tables of contracts: what sources and people say of them, and how they stand on the day they were last reckoned for.

What is said stands in `said` (by the source) and `given` (by people, who win); the columns beside it are reckoned from the two, so
that every list, sheet and database view reads the same figures. Money is cents without VAT there, as said in `said` and `given`.
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
    Integer,
    Named,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
)

from devreg.store.metadata import BIG_ID, metadata
from devreg.store.types import Json, UtcTime, Word


class ContractColumns(TypedColumns):
    """A lease, support contract, warranty or subscription, of a source or of people."""

    id: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    source: Named[str] = Column(Word)
    kind: Named[str] = Column(Word)
    number: Named[str] = Column(Word)
    said: Named[Any] = Column(Json)
    given: Named[Any] = Column(Json)
    supplier: Named[str | None] = Column(Word)
    start: Named[date | None] = Column(Date)
    end: Named[date | None] = Column(Date)
    """The first end: of people, else the latest that a source says of one of its devices."""
    months: Named[int | None] = Column(Integer)
    notice_days: Named[int | None] = Column(Integer)
    notice_months: Named[int | None] = Column(Integer)
    return_days: Named[int | None] = Column(Integer)
    renewal_months: Named[int | None] = Column(Integer)
    vat_rate: Named[float | None] = Column(Float)
    """VAT (in %) that the sums as said include; None: none."""
    monthly_fee_cents: Named[int | None] = Column(BigInteger)
    """Of the contract as a whole; what its devices cost each stands with them."""
    state: Named[str | None] = Column(Word)
    next_on: Named[date | None] = Column(Date)
    ends: Named[date | None] = Column(Date, index=True)
    """The last day of the period that runs now."""
    notice_by: Named[date | None] = Column(Date)
    cost_so_far_cents: Named[int | None] = Column(BigInteger)
    cost_to_end_cents: Named[int | None] = Column(BigInteger)
    stale: Named[bool] = Column(Boolean)
    """Something was said since it was reckoned."""


class ContractDeviceColumns(TypedColumns):
    """One device in one contract: as a source's record says, or hanging on the device's own record where a person put it in."""

    id: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    record_id: Named[int] = Column(BigInteger, ForeignKey("source_record.id"))
    contract_id: Named[int] = Column(BigInteger, ForeignKey("contract.id"), index=True)
    device_id: Named[int | None] = Column(BigInteger, ForeignKey("device.id"), index=True)
    """None: the row names no device that is known, such as a telephone number without its phone."""
    listed: Named[bool] = Column(Boolean)
    """The record says so now; else only people do, or did."""
    attached: Named[bool] = Column(Boolean)
    """A person put it in."""
    said: Named[Any] = Column(Json)
    given: Named[Any] = Column(Json)
    end: Named[date | None] = Column(Date)
    """Its own end; None: the contract's."""
    monthly_fee_cents: Named[int | None] = Column(BigInteger)
    residual_cents: Named[int | None] = Column(BigInteger)
    extension_fee_cents: Named[int | None] = Column(BigInteger)
    damage_fee_cents: Named[int | None] = Column(BigInteger)
    missing_fee_cents: Named[int | None] = Column(BigInteger)
    insured: Named[bool | None] = Column(Boolean)
    decision: Named[str | None] = Column(Word)
    decided_for: Named[date | None] = Column(Date)
    decided_at: Named[datetime | None] = Column(UtcTime)
    decided_by: Named[str | None] = Column(Word)
    extended_to: Named[date | None] = Column(Date)
    returned_on: Named[date | None] = Column(Date)
    damaged: Named[bool | None] = Column(Boolean)
    missing_on: Named[date | None] = Column(Date)
    ended_on: Named[date | None] = Column(Date)
    state: Named[str | None] = Column(Word)
    next_on: Named[date | None] = Column(Date)
    ends: Named[date | None] = Column(Date)
    notice_by: Named[date | None] = Column(Date)
    return_from: Named[date | None] = Column(Date)
    return_by: Named[date | None] = Column(Date)
    cost_so_far_cents: Named[int | None] = Column(BigInteger)
    cost_to_end_cents: Named[int | None] = Column(BigInteger)
    stale: Named[bool] = Column(Boolean)


class ContractDocumentColumns(TypedColumns):
    """Where a contract's document is kept; the register holds no copy of it."""

    id: Named[int] = Column(BIG_ID, primary_key=True)
    contract_id: Named[int] = Column(BigInteger, ForeignKey("contract.id"), index=True)
    title: Named[str] = Column(Word)
    place: Named[str] = Column(Word)
    """A path or an address."""
    by: Named[str] = Column(Word)
    at: Named[datetime] = Column(UtcTime)
    removed_at: Named[datetime | None] = Column(UtcTime)


class ContractChangeColumns(TypedColumns):
    """One change of a contract, or of one device in it; append-only."""

    id: Named[int] = Column(BIG_ID, primary_key=True)
    contract_id: Named[int] = Column(BigInteger, ForeignKey("contract.id"), index=True)
    device_id: Named[int | None] = Column(BigInteger)
    at: Named[datetime] = Column(UtcTime)
    by: Named[str] = Column(Word)
    field: Named[str] = Column(Word)
    old: Named[str | None] = Column(Text)
    new: Named[str | None] = Column(Text)
    reason: Named[str | None] = Column(Word)


class ContractDayColumns(TypedColumns):
    """The day that all contracts were last reckoned for; at most one row."""

    id: Named[int] = Column(Integer, primary_key=True, autoincrement=False)
    day: Named[date] = Column(Date)


contract: Final = Table("contract", metadata, ContractColumns, UniqueConstraint("source", "kind", "number"))
contract_device: Final = Table(
    "contract_device", metadata, ContractDeviceColumns, UniqueConstraint("record_id", "contract_id")
)
contract_document: Final = Table("contract_document", metadata, ContractDocumentColumns, sqlite_autoincrement=True)
contract_change: Final = Table("contract_change", metadata, ContractChangeColumns, sqlite_autoincrement=True)
contract_day: Final = Table("contract_day", metadata, ContractDayColumns)
