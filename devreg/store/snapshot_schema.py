"""The tables of the figures kept of a term. Part of `devreg.store.schema`, by which everybody else imports them."""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Date, Float, ForeignKey, Integer, Named, Table, TypedColumns

from devreg.store.metadata import BIG_ID, metadata
from devreg.store.types import Json, UtcTime, Word


class SnapshotColumns(TypedColumns):
    """What equality was on a day, as it was measured then; never reckoned again."""

    id: Named[int] = Column(BIG_ID, primary_key=True)
    day: Named[date] = Column(Date, index=True)
    """The day whose pupils, targets and ends of support count."""
    devices_on: Named[date] = Column(Date)
    """The day whose devices were counted: the day it was made on."""
    made_at: Named[datetime] = Column(UtcTime)
    made_by: Named[str] = Column(Word)
    replaced_at: Named[datetime | None] = Column(UtcTime)
    """Another of the same day counts instead; this one stays."""
    reason: Named[str | None] = Column(Word)
    """Why it was made in the place of another."""
    rules: Named[Any] = Column(Json)
    """Every number that it depends on."""
    pupil_files: Named[Any] = Column(Json)
    """Day, name and hash of each file that pupils were counted in."""
    pupils_on: Named[date | None] = Column(Date)
    """The newest of those days."""
    pupils: Named[int | None] = Column(Integer)
    need: Named[int] = Column(Integer)
    devices: Named[int] = Column(Integer)
    fit: Named[int] = Column(Integer)
    coverage: Named[float | None] = Column(Float)
    worst: Named[float | None] = Column(Float)
    spread: Named[float | None] = Column(Float)
    hoover: Named[float | None] = Column(Float)
    to_move: Named[int | None] = Column(Integer)
    shortfall: Named[int | None] = Column(Integer)
    language_gap: Named[float | None] = Column(Float)
    """First language minus second."""


class SnapshotLineColumns(TypedColumns):
    """One stage of one unit in it."""

    id: Named[int] = Column(BIG_ID, primary_key=True)
    snapshot_id: Named[int] = Column(BigInteger, ForeignKey("snapshot.id"), index=True)
    unit: Named[str] = Column(Word)
    name_fi: Named[str | None] = Column(Word)
    name_sv: Named[str | None] = Column(Word)
    kind: Named[str | None] = Column(Word)
    language: Named[str | None] = Column(Word)
    stage: Named[str | None] = Column(Word)
    """NULL: pupils or devices whose stage nobody says."""
    target: Named[str | None] = Column(Word)
    """`1/2 pupil`: devices for each pupil or group."""
    pupils: Named[int | None] = Column(Integer)
    need: Named[int | None] = Column(Integer)
    devices: Named[int] = Column(Integer)
    fit: Named[int] = Column(Integer)
    adjusted: Named[float | None] = Column(Float)


snapshot: Final = Table("snapshot", metadata, SnapshotColumns, sqlite_autoincrement=True)
snapshot_line: Final = Table("snapshot_line", metadata, SnapshotLineColumns, sqlite_autoincrement=True)
