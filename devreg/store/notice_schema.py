"""The tables of what people are told by mail or command: what lasts, what was said, how far each way has carried it."""

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Column, Integer, Named, Table, TypedColumns

from devreg.store.metadata import BIG_ID, metadata
from devreg.store.types import UtcTime, Word


class TroubleColumns(TypedColumns):
    """A problem that lasts; its row goes when it is over."""

    key: Named[str] = Column(Word, primary_key=True)
    about: Named[str] = Column(Word)
    kind: Named[str] = Column(Word)
    what: Named[str] = Column(Word)
    """English sentence, as are the other texts here."""
    next_step: Named[str | None] = Column(Word)
    since: Named[datetime] = Column(UtcTime)
    told_at: Named[datetime | None] = Column(UtcTime)


class NoticeColumns(TypedColumns):
    """One thing to tell; carried in the order of its number, which is the order of commits (store.notices)."""

    id: Named[int] = Column(BIG_ID, primary_key=True)
    at: Named[datetime] = Column(UtcTime)
    phase: Named[str] = Column(Word)
    key: Named[str] = Column(Word)
    about: Named[str] = Column(Word)
    kind: Named[str] = Column(Word)
    what: Named[str] = Column(Word)
    next_step: Named[str | None] = Column(Word)
    since: Named[datetime] = Column(UtcTime)


class RouteColumns(TypedColumns):
    """A way by which notices go out, and how far it has come."""

    name: Named[str] = Column(Word, primary_key=True)
    sent_to: Named[int] = Column(BigInteger)
    """Number of the last notice that was carried."""
    tries: Named[int] = Column(Integer)
    """In vain, one after another."""
    next_try: Named[datetime] = Column(UtcTime)
    carried_at: Named[datetime | None] = Column(UtcTime)
    error: Named[str | None] = Column(Word)


trouble: Final = Table("trouble", metadata, TroubleColumns)
notice: Final = Table("notice", metadata, NoticeColumns, sqlite_autoincrement=True)
route: Final = Table("route", metadata, RouteColumns)
