"""Tables that lists of idle devices go by: which days count, and the numbers of the settings. Kept in step by `services.yardsticks`."""

from datetime import date, datetime
from typing import Final

from sqlalchemy import BigInteger, Column, Date, Integer, Named, Table, TypedColumns

from devreg.store.metadata import metadata
from devreg.store.types import UtcTime, Word


class CountedDayColumns(TypedColumns):
    """How many days count up to this one, for places with each kind of days off (`domain.calendar.Follows`)."""

    day: Named[date] = Column(Date, primary_key=True)
    public: Named[int] = Column(Integer)
    school: Named[int] = Column(Integer)
    school_fi: Named[int] = Column(Integer)
    school_sv: Named[int] = Column(Integer)


class YardstickColumns(TypedColumns):
    """A number of the settings that lists go by."""

    name: Named[str] = Column(Word, primary_key=True)
    value: Named[int] = Column(BigInteger)


class LocalTimeColumns(TypedColumns):
    """How far the city's clock goes before UTC, from a moment on."""

    since: Named[datetime] = Column(UtcTime, primary_key=True)
    seconds: Named[int] = Column(Integer)
    zone: Named[str] = Column(Word)
    """The same in every row: PostgreSQL knows the zones itself."""


class OfferColumns(TypedColumns):
    """Devices in stock that another unit needs, as they were last weighed."""

    position: Named[int] = Column(Integer, primary_key=True, autoincrement=False)
    """The neediest first."""
    taker: Named[str] = Column(Word)
    kind: Named[str] = Column(Word)
    devices: Named[int] = Column(Integer)
    giver: Named[str | None] = Column(Word)
    """NULL: no unit is said."""


counted_day: Final = Table("counted_day", metadata, CountedDayColumns)
yardstick: Final = Table("yardstick", metadata, YardstickColumns)
offer: Final = Table("offer", metadata, OfferColumns)
local_time: Final = Table("local_time", metadata, LocalTimeColumns)
