"""The table of what a source's reader wants to be reminded of at its next run."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Named, Table, TypedColumns

from devreg.store.metadata import metadata
from devreg.store.types import Word


class MemoColumns(TypedColumns):
    """Left by the last whole run of a source."""

    source: Named[str] = Column(Word, primary_key=True)
    run_id: Named[int] = Column(BigInteger)
    memo: Named[str] = Column(Word)
    reading: Named[str] = Column(Word)
    """How it was read: the mapping, and the units that names may stand for."""
    quiet: Named[bool] = Column(Boolean)
    """Whether the run had nothing to say: no warning, no rejected record."""


memo: Final = Table("memo", metadata, MemoColumns)
