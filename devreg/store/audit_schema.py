"""The tables of the audit trail: what stays for ever, and what goes when its time is over."""

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, LargeBinary, Named, Table, Text, TypedColumns

from devreg.store.metadata import metadata
from devreg.store.types import UtcTime, Word


class AuditColumns(TypedColumns):
    """One act of a person, or the digest of a run; append-only, chained by hashes (domain.chain), names no person.

    On PostgreSQL sequence, time and hashes come from a trigger; rows are added by `audit_append` (migrations.append_only).
    """

    seq: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    at: Named[datetime] = Column(UtcTime)
    clock_back: Named[bool] = Column(Boolean)
    role: Named[str] = Column(Word)
    right: Named[str] = Column(Word)
    act: Named[str] = Column(Word)
    about: Named[str] = Column(Word, index=True)
    outcome: Named[str] = Column(Word)
    run_id: Named[int | None] = Column(BigInteger)
    intent_id: Named[int | None] = Column(BigInteger)
    purged_to: Named[int | None] = Column(BigInteger)
    """Details of rows up to this one went with this act."""
    commitment: Named[bytes] = Column(LargeBinary)
    previous: Named[bytes] = Column(LargeBinary)
    hash: Named[bytes] = Column(LargeBinary)


class AuditDetailColumns(TypedColumns):
    """What of an audit row can name a person; goes when its time is over, and the chain still verifies."""

    seq: Named[int] = Column(BigInteger, ForeignKey("audit.seq"), primary_key=True, autoincrement=False)
    salt: Named[bytes] = Column(LargeBinary)
    actor: Named[str] = Column(Word)
    entra: Named[str | None] = Column(Word)
    host: Named[str | None] = Column(Word)
    reason: Named[str | None] = Column(Word)
    error: Named[str | None] = Column(Word)
    before: Named[str | None] = Column(Text)
    after: Named[str | None] = Column(Text)


audit: Final = Table("audit", metadata, AuditColumns)
audit_detail: Final = Table("audit_detail", metadata, AuditDetailColumns)
