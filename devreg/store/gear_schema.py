"""What network gear measures of itself. Part of `devreg.store.schema`, by which everybody else imports it."""

from typing import Final

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Named, Table, TypedColumns

from devreg.store.metadata import metadata
from devreg.store.types import Word


class GaugeColumns(TypedColumns):
    """One measure of a device as it stood at its last reading: a supply, a battery, storage, a temperature."""

    record_id: Named[int] = Column(BigInteger, ForeignKey("source_record.id"), primary_key=True, autoincrement=False)
    index: Named[str] = Column(Word, primary_key=True)
    device_id: Named[int] = Column(BigInteger, ForeignKey("device.id"), index=True)
    kind: Named[str] = Column(Word)
    name: Named[str] = Column(Word)
    value: Named[float | None] = Column(Float)
    maximum: Named[float | None] = Column(Float)
    unit: Named[str | None] = Column(Word)
    state: Named[str | None] = Column(Word)


gauge: Final = Table("gauge", metadata, GaugeColumns)
