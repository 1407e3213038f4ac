"""The tables of what network devices tell beside what they are: which address answers, whom they see, how busy they are."""

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Named, Table, TypedColumns

from devreg.store.metadata import BIG_ID, metadata
from devreg.store.types import UtcTime, Word


class TargetColumns(TypedColumns):
    """An address of a source that ever answered, or that the settings name."""

    source: Named[str] = Column(Word, primary_key=True)
    address: Named[str] = Column(Word, primary_key=True)
    credential: Named[str | None] = Column(Word)
    """The set that worked last; tried first the next time."""
    answered_at: Named[datetime | None] = Column(UtcTime)
    asked_at: Named[datetime] = Column(UtcTime)
    problem: Named[str | None] = Column(Word)
    """Why it said nothing when it was asked last; English sentence."""


class SampleColumns(TypedColumns):
    """The counters of a port at one moment."""

    id: Named[int] = Column(BIG_ID, primary_key=True)
    record_id: Named[int] = Column(BigInteger, ForeignKey("source_record.id"))
    port: Named[str] = Column(Word)
    at: Named[datetime] = Column(UtcTime, index=True)
    up_time: Named[int | None] = Column(BigInteger)
    in_octets: Named[int | None] = Column(BigInteger)
    out_octets: Named[int | None] = Column(BigInteger)
    in_errors: Named[int | None] = Column(BigInteger)
    out_errors: Named[int | None] = Column(BigInteger)
    in_discards: Named[int | None] = Column(BigInteger)
    out_discards: Named[int | None] = Column(BigInteger)
    is_wide: Named[bool] = Column(Boolean)
    discontinuity: Named[int | None] = Column(BigInteger)
    oper: Named[str | None] = Column(Word)
    mark: Named[str] = Column(Word)
    """How it stands to the sample before it on the port."""


sample: Final = Table("sample", metadata, SampleColumns, Index("ix_sample_port", "record_id", "port", "at"))
target: Final = Table("target", metadata, TargetColumns)
