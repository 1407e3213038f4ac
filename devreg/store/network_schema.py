"""The tables of what network devices tell beside what they are: which address answers, whom they see, how busy they are."""

from datetime import datetime
from typing import Final

from sqlalchemy import Column, Named, Table, TypedColumns

from devreg.store.metadata import metadata
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


target: Final = Table("target", metadata, TargetColumns)
