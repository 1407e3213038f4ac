"""The table of the asset tags that the register gave. Part of `devreg.store.schema`, by which everybody else imports it."""

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Named, Table, TypedColumns, UniqueConstraint

from devreg.store.metadata import metadata
from devreg.store.types import UtcTime, Word


class IssuedTagColumns(TypedColumns):
    """A tag once given is never given again, whatever becomes of the device or the label."""

    tag: Named[str] = Column(Word, primary_key=True)
    prefix: Named[str] = Column(Word)
    number: Named[int] = Column(BigInteger)
    """Its place in the series of the prefix."""
    device_id: Named[int | None] = Column(BigInteger, ForeignKey("device.id"), index=True)
    """The device it was given to; None: given for a label that waits for its device."""
    at: Named[datetime] = Column(UtcTime)
    by: Named[str] = Column(Word)


issued_tag: Final = Table("issued_tag", metadata, IssuedTagColumns, UniqueConstraint("prefix", "number"))
