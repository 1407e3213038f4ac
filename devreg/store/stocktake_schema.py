"""The tables of stock-takes. Part of `devreg.store.schema`, by which everybody else imports them."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Named, Table, TypedColumns, UniqueConstraint

from devreg.store.metadata import BIG_ID, metadata
from devreg.store.types import Json, UtcTime, Word


class StocktakeColumns(TypedColumns):
    """A place whose devices are counted."""

    id: Named[int] = Column(BIG_ID, primary_key=True)
    unit: Named[str] = Column(Word)
    units: Named[Any] = Column(Json)
    """The unit and all below it, as the tree was at the start."""
    rooms: Named[str | None] = Column(Word)
    """Room names with a comma between; None: all."""
    started: Named[datetime] = Column(UtcTime)
    started_by: Named[str] = Column(Word)
    closed: Named[datetime | None] = Column(UtcTime)
    closed_by: Named[str | None] = Column(Word)


class StocktakeScanColumns(TypedColumns):
    """A code as it came from the scanner or the keyboard; append-only."""

    id: Named[int] = Column(BIG_ID, primary_key=True)
    stocktake_id: Named[int] = Column(BigInteger, ForeignKey("stocktake.id"), index=True)
    code: Named[str] = Column(Word)
    device_id: Named[int | None] = Column(BigInteger, ForeignKey("device.id"))
    """The one device that answered to it then."""
    at: Named[datetime] = Column(UtcTime)
    by: Named[str] = Column(Word)


class StocktakeLineColumns(TypedColumns):
    """A device that was expected or scanned, or a code that no one device answers to: the receipt, kept as it stood."""

    id: Named[int] = Column(BIG_ID, primary_key=True)
    stocktake_id: Named[int] = Column(BigInteger, ForeignKey("stocktake.id"))
    device_id: Named[int | None] = Column(BigInteger, ForeignKey("device.id"), index=True)
    code: Named[str | None] = Column(Word)
    """What was scanned first."""
    expected: Named[bool] = Column(Boolean)
    outcome: Named[str] = Column(Word)
    unit: Named[str | None] = Column(Word)
    room: Named[str | None] = Column(Word)
    state: Named[str | None] = Column(Word)
    """Where it belonged when the stock-take began or, not expected, when it was scanned."""
    found_at: Named[datetime | None] = Column(UtcTime)
    found_by: Named[str | None] = Column(Word)
    seen_at: Named[datetime | None] = Column(UtcTime)
    seen_by: Named[str | None] = Column(Word)
    """The source that heard of a missing device last, when the stock-take was closed."""


stocktake: Final = Table("stocktake", metadata, StocktakeColumns, sqlite_autoincrement=True)
stocktake_scan: Final = Table("stocktake_scan", metadata, StocktakeScanColumns, sqlite_autoincrement=True)
stocktake_line: Final = Table(
    "stocktake_line",
    metadata,
    StocktakeLineColumns,
    UniqueConstraint("stocktake_id", "device_id"),
    sqlite_autoincrement=True,
)
