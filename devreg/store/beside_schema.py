"""Tables of what stands beside the devices: telephone numbers that are paid for, and sign-ins that a directory knows.

Neither is a device. Each hangs on one once it is known which (`store.beside`), and else stands by itself: a number billed without a
phone, a phone that somebody signs in with and nothing manages.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Named, Table, TypedColumns

from devreg.store.metadata import metadata
from devreg.store.types import UtcTime, Word


class SubscriptionColumns(TypedColumns):
    """A telephone number as one row of an operator's list says it; what it costs stands in the row's contract."""

    record_id: Named[int] = Column(BigInteger, ForeignKey("source_record.id"), primary_key=True, autoincrement=False)
    device_id: Named[int | None] = Column(BigInteger, ForeignKey("device.id"), index=True)
    found_by: Named[str | None] = Column(Word)
    """What tied it to the device: `domain.sims.FoundBy`."""
    phone_number: Named[str | None] = Column(Word)
    number_key: Named[str | None] = Column(Word)
    iccid: Named[str | None] = Column(Word)
    iccid_key: Named[str | None] = Column(Word)
    holder: Named[str | None] = Column(Word)
    holder_email: Named[str | None] = Column(Word)
    unit: Named[str | None] = Column(Word)
    notes: Named[str | None] = Column(Word)


class RegistrationColumns(TypedColumns):
    """A device as a directory knows it from people's signing in: registered or joined, managed or not."""

    record_id: Named[int] = Column(BigInteger, ForeignKey("source_record.id"), primary_key=True, autoincrement=False)
    device_id: Named[int | None] = Column(BigInteger, ForeignKey("device.id"), index=True)
    directory_id: Named[str | None] = Column(Word, index=True)
    name: Named[str | None] = Column(Word)
    manufacturer: Named[str | None] = Column(Word)
    model: Named[str | None] = Column(Word)
    os: Named[str | None] = Column(Word)
    os_version: Named[str | None] = Column(Word)
    kind: Named[str | None] = Column(Word)
    trust: Named[str | None] = Column(Word)
    ownership: Named[str | None] = Column(Word)
    managed: Named[bool | None] = Column(Boolean)
    """None: the directory does not say, which is how it tells of a device that was only signed in with."""
    compliant: Named[bool | None] = Column(Boolean)
    enabled: Named[bool | None] = Column(Boolean)
    owner_email: Named[str | None] = Column(Word, index=True)
    registered_at: Named[datetime | None] = Column(UtcTime)
    signed_in_at: Named[datetime | None] = Column(UtcTime)


subscription: Final = Table("subscription", metadata, SubscriptionColumns)
registration: Final = Table("registration", metadata, RegistrationColumns)
