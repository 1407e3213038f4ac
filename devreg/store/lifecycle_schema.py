"""The tables of devices' lives: the steps that were taken, and the states that something speaks for."""

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Named, Table, TypedColumns

from devreg.store.metadata import BIG_ID, metadata
from devreg.store.types import UtcTime, Word


class TransitionColumns(TypedColumns):
    """One step of one device from a state to the next; append-only."""

    id: Named[int] = Column(BIG_ID, primary_key=True)
    device_id: Named[int] = Column(BigInteger, ForeignKey("device.id"), index=True)
    at: Named[datetime] = Column(UtcTime)
    by: Named[str] = Column(Word)
    rule: Named[str | None] = Column(Word)
    """The rule of the settings that decided; None: a person did."""
    before: Named[str] = Column(Word)
    after: Named[str] = Column(Word)
    step: Named[str] = Column(Word)
    """English msgid."""
    reason: Named[str] = Column(Word)
    documents: Named[str | None] = Column(Word)
    """`sanitisation=REC-14; other=HEL 12/2026`."""


class SuggestionColumns(TypedColumns):
    """A state that something speaks for, one a device; its row goes when nothing does any more."""

    device_id: Named[int] = Column(BigInteger, ForeignKey("device.id"), primary_key=True, autoincrement=False)
    rule: Named[str] = Column(Word)
    target: Named[str] = Column(Word)
    found_at: Named[datetime] = Column(UtcTime)
    since: Named[datetime | None] = Column(UtcTime)
    """When what speaks for it was seen; None: no source says."""
    dismissed_at: Named[datetime | None] = Column(UtcTime)
    """A person has said no; stands until something newer speaks for it."""
    dismissed_by: Named[str | None] = Column(Word)
    dismissed_reason: Named[str | None] = Column(Word)


transition: Final = Table("transition", metadata, TransitionColumns, sqlite_autoincrement=True)
suggestion: Final = Table("suggestion", metadata, SuggestionColumns)
