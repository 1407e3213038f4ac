"""Tables of who and where: units, head-counts, persons, operators. Part of `devreg.store.schema`, by which everybody else imports them."""

from datetime import date, datetime
from typing import Final

from sqlalchemy import Boolean, Column, Date, Float, Integer, Named, Table, Text, TypedColumns, UniqueConstraint

from devreg.store.metadata import BIG_ID, metadata
from devreg.store.types import UtcTime, Word


class UnitColumns(TypedColumns):
    """A school, day-care centre, office or campus."""

    id: Named[str] = Column(Word, primary_key=True)
    name_fi: Named[str | None] = Column(Word)
    name_sv: Named[str | None] = Column(Word)
    sort_fi: Named[str] = Column(Word)
    sort_sv: Named[str] = Column(Word)
    kind: Named[str | None] = Column(Word)
    language: Named[str | None] = Column(Word)
    campus: Named[str | None] = Column(Word)
    parent: Named[str | None] = Column(Word)
    source: Named[str] = Column(Word)


class HeadcountColumns(TypedColumns):
    """How many pupils, groups or staff a unit's stage had on a day, and which file says so."""

    unit: Named[str] = Column(Word, primary_key=True)
    stage: Named[str] = Column(Word, primary_key=True)
    """"" when the list names no stage."""
    date: Named[date] = Column(Date, primary_key=True)
    pupils: Named[int | None] = Column(Integer)
    groups: Named[float | None] = Column(Float)
    staff: Named[float | None] = Column(Float)
    file: Named[str | None] = Column(Word)
    file_hash: Named[str | None] = Column(Word)
    source: Named[str] = Column(Word)


class OperatorColumns(TypedColumns):
    """Database users and what they are here (PostgreSQL); kept after they have gone, because the history names them.

    The grants are what holds; this says whose name in Entra it is, and since when.
    """

    name: Named[str] = Column(Word, primary_key=True)
    role: Named[str] = Column(Word)
    entra: Named[str | None] = Column(Word)
    added_at: Named[datetime] = Column(UtcTime)
    added_by: Named[str] = Column(Word)
    removed_at: Named[datetime | None] = Column(UtcTime)
    removed_by: Named[str | None] = Column(Word)
    made_here: Named[bool] = Column(Boolean)
    """Whether `operator add` made the database user; one that was there before is left as it was."""


class PersonColumns(TypedColumns):
    """A person's account, as a directory knows it."""

    id: Named[int] = Column(BIG_ID, primary_key=True)
    source: Named[str] = Column(Word)
    native_id: Named[str] = Column(Word)
    email: Named[str | None] = Column(Word, index=True)
    upn: Named[str | None] = Column(Word, index=True)
    name: Named[str | None] = Column(Word)
    name_key: Named[str | None] = Column(Word)
    department: Named[str | None] = Column(Word)
    active: Named[bool | None] = Column(Boolean)
    leave_date: Named[date | None] = Column(Date)
    who: Named[str] = Column(Word, index=True)
    """The address that stands for the person: accounts of one person share it, whatever directory they are in."""
    folded: Named[str] = Column(Text)


unit: Final = Table("unit", metadata, UnitColumns)
headcount: Final = Table("headcount", metadata, HeadcountColumns)
operator: Final = Table("operator", metadata, OperatorColumns)
person: Final = Table("person", metadata, PersonColumns, UniqueConstraint("source", "native_id"))
