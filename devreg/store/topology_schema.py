"""The tables of what network devices see around themselves: neighbours by name, and addresses on ports."""

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Named, Table, TypedColumns

from devreg.store.metadata import metadata
from devreg.store.types import UtcTime, Word


class NeighbourColumns(TypedColumns):
    """What a port's neighbour said of itself; a sighting, never a device. What is not there any more stays, with when it was."""

    record_id: Named[int] = Column(BigInteger, ForeignKey("source_record.id"), primary_key=True, autoincrement=False)
    port: Named[str] = Column(Word, primary_key=True)
    protocol: Named[str] = Column(Word, primary_key=True)
    remote: Named[str] = Column(Word, primary_key=True)
    """What tells it from others on the port."""
    remote_name: Named[str | None] = Column(Word)
    remote_key: Named[str | None] = Column(Word)
    """The name as devices' names are sorted."""
    remote_port: Named[str | None] = Column(Word)
    remote_mac: Named[str | None] = Column(Word)
    remote_address: Named[str | None] = Column(Word)
    platform: Named[str | None] = Column(Word)
    first_seen: Named[datetime] = Column(UtcTime)
    last_seen: Named[datetime] = Column(UtcTime)
    current: Named[bool] = Column(Boolean)
    """In the newest whole list."""


class StationColumns(TypedColumns):
    """An address that a switch learnt on a port, and when; where it was before stays for a year."""

    record_id: Named[int] = Column(BigInteger, ForeignKey("source_record.id"), primary_key=True, autoincrement=False)
    port: Named[str] = Column(Word, primary_key=True)
    mac: Named[str] = Column(Word, primary_key=True)
    vlan: Named[int | None] = Column(Integer)
    first_seen: Named[datetime] = Column(UtcTime)
    last_seen: Named[datetime] = Column(UtcTime)
    current: Named[bool] = Column(Boolean)


neighbour: Final = Table("neighbour", metadata, NeighbourColumns)
station: Final = Table("station", metadata, StationColumns, Index("ix_station_mac", "mac"))
