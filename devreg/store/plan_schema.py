"""The tables of planned moves. Part of `devreg.store.schema`, by which everybody else imports them."""

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Named, Table, TypedColumns

from devreg.store.metadata import BIG_ID, metadata
from devreg.store.types import UtcTime, Word


class PlannedMoveColumns(TypedColumns):
    """A device of a plan that people accepted, on its way to a stage of a unit."""

    id: Named[int] = Column(BIG_ID, primary_key=True)
    plan: Named[str] = Column(Word)
    """Which plan it comes from, such as `A-1f3b5c`."""
    device_id: Named[int] = Column(BigInteger, ForeignKey("device.id"), index=True)
    from_unit: Named[str | None] = Column(Word)
    """The unit that gives it; NULL: no unit is said."""
    target: Named[str] = Column(Word)
    stage: Named[str] = Column(Word)
    accepted_at: Named[datetime] = Column(UtcTime)
    accepted_by: Named[str] = Column(Word)
    moved_at: Named[datetime | None] = Column(UtcTime)
    """When the register was told that it is there."""
    dropped_at: Named[datetime | None] = Column(UtcTime)
    dropped_by: Named[str | None] = Column(Word)
    dropped_reason: Named[str | None] = Column(Word)


class PlannedStepColumns(TypedColumns):
    """What is to be done with the device, to be ticked off."""

    move_id: Named[int] = Column(BigInteger, ForeignKey("planned_move.id"), primary_key=True, autoincrement=False)
    position: Named[int] = Column(Integer, primary_key=True, autoincrement=False)
    job: Named[str] = Column(Word)
    done_at: Named[datetime | None] = Column(UtcTime)
    done_by: Named[str | None] = Column(Word)


planned_move: Final = Table("planned_move", metadata, PlannedMoveColumns, sqlite_autoincrement=True)
planned_step: Final = Table("planned_step", metadata, PlannedStepColumns)
