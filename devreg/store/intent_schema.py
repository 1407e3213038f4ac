"""The tables of remote actions: intents, their timeline, what holds them back, and the limits in force."""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Named,
    Table,
    Text,
    TypedColumns,
    text,
)

from devreg.domain.action import OPEN
from devreg.store.metadata import BIG_ID, metadata
from devreg.store.types import Json, UtcTime, Word


class IntentColumns(TypedColumns):
    """One remote action that a person wants, bound to the device as it was then; committed before anything is sent.

    Up to `requested_at` a row never changes. On PostgreSQL who and when come from triggers (migrations.intents_guarded).
    """

    id: Named[int] = Column(BIG_ID, primary_key=True)
    device_id: Named[int] = Column(BigInteger, ForeignKey("device.id"))
    act: Named[str] = Column(Word)
    lane: Named[str] = Column(Word)
    source: Named[str] = Column(Word)
    native_id: Named[str] = Column(Word)
    mode: Named[str] = Column(Word)
    serial: Named[str | None] = Column(Word)
    asset_tag: Named[str | None] = Column(Word)
    ownership: Named[str | None] = Column(Word)
    used_by: Named[str | None] = Column(Word)
    """Its user as the management system had it."""
    options: Named[Any] = Column(Json)
    then_state: Named[str | None] = Column(Word)
    """The state that the device gets once it is confirmed; None: it keeps its own."""
    cautions: Named[str | None] = Column(Word)
    """What spoke for looking twice, blank-separated."""
    despite: Named[str | None] = Column(Word)
    """Why nevertheless."""
    reason: Named[str] = Column(Word)
    request_id: Named[str] = Column(Word)
    requested_by: Named[str] = Column(Word)
    requested_entra: Named[str | None] = Column(Word)
    requested_at: Named[datetime] = Column(UtcTime)
    standing: Named[str] = Column(Word)
    approved_by: Named[str | None] = Column(Word)
    approved_at: Named[datetime | None] = Column(UtcTime)
    sending_at: Named[datetime | None] = Column(UtcTime)
    sent_as: Named[str | None] = Column(Word)
    """Who the management system saw; None: nobody yet, or a managing account that is nobody's own."""
    accepted_at: Named[datetime | None] = Column(UtcTime)
    command_id: Named[str | None] = Column(Word)
    approval_code: Named[str | None] = Column(Word)
    seen_pending: Named[bool] = Column(Boolean)
    """The management system has shown it as under way: only then does a vanished record mean that it was carried out."""
    said: Named[str | None] = Column(Word)
    """What is to be said of it now, an English msgid."""
    read_at: Named[datetime | None] = Column(UtcTime)
    heard_at: Named[datetime | None] = Column(UtcTime)
    """The device's last contact that the management system told of since."""
    next_at: Named[datetime | None] = Column(UtcTime)
    """When the management system is to be looked at next."""
    expires_at: Named[datetime | None] = Column(UtcTime)
    """When the management system gives it up."""
    closed_at: Named[datetime | None] = Column(UtcTime)


class IntentEventColumns(TypedColumns):
    """One thing that happened to an intent; append-only."""

    id: Named[int] = Column(BIG_ID, primary_key=True)
    intent_id: Named[int] = Column(BigInteger, ForeignKey("intent.id"), index=True)
    at: Named[datetime] = Column(UtcTime)
    by: Named[str] = Column(Word)
    before: Named[str | None] = Column(Word)
    after: Named[str] = Column(Word)
    said: Named[str | None] = Column(Word)
    shown: Named[str | None] = Column(Text)
    """What the management system showed, as JSON, without secrets and places."""


class VerificationColumns(TypedColumns):
    """A person's word that they looked at a device after its wipe; append-only, the newest counts."""

    id: Named[int] = Column(BIG_ID, primary_key=True)
    intent_id: Named[int] = Column(BigInteger, ForeignKey("intent.id"), index=True)
    at: Named[datetime] = Column(UtcTime)
    """When it was written down, and `by` whom; on PostgreSQL the database's own word."""
    by: Named[str] = Column(Word)
    person: Named[str] = Column(Word)
    """Who looked."""
    title: Named[str | None] = Column(Word)
    looked_on: Named[date] = Column(Date)
    place: Named[str | None] = Column(Word)
    contact: Named[str | None] = Column(Word)
    method: Named[str] = Column(Word)
    category: Named[str | None] = Column(Word)
    """By a member of `sanitisation.Category`; None: they do not say."""


class ActionHoldColumns(TypedColumns):
    """A time in which destructive orders (rate) or all orders (freeze) are held back."""

    id: Named[int] = Column(BIG_ID, primary_key=True)
    kind: Named[str] = Column(Word)
    at: Named[datetime] = Column(UtcTime)
    by: Named[str] = Column(Word)
    """Whose request set it off, or who froze."""
    reason: Named[str | None] = Column(Word)
    lifted_at: Named[datetime | None] = Column(UtcTime)
    lifted_by: Named[str | None] = Column(Word)
    lifted_reason: Named[str | None] = Column(Word)


class ActionLimitColumns(TypedColumns):
    """One limit in force, as an admin last set it; a name not here has its default."""

    name: Named[str] = Column(Word, primary_key=True)
    value: Named[Any] = Column(Json)


_IS_OPEN: Final = text(f"standing IN ({', '.join(repr(str(member)) for member in OPEN)})")
_IS_HELD: Final = text("lifted_at IS NULL")

intent: Final = Table(
    "intent",
    metadata,
    IntentColumns,
    CheckConstraint("approved_by <> requested_by", name="two_people"),
    Index("ix_intent_open", "device_id", "lane", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
    Index("ix_intent_requested_at", "requested_at"),
    sqlite_autoincrement=True,
)
intent_event: Final = Table("intent_event", metadata, IntentEventColumns, sqlite_autoincrement=True)
verification: Final = Table("verification", metadata, VerificationColumns, sqlite_autoincrement=True)
action_hold: Final = Table(
    "action_hold",
    metadata,
    ActionHoldColumns,
    CheckConstraint("kind <> 'rate' OR lifted_by <> by", name="two_people"),
    Index("ix_action_hold_open", "kind", unique=True, sqlite_where=_IS_HELD, postgresql_where=_IS_HELD),
    sqlite_autoincrement=True,
)
action_limit: Final = Table("action_limit", metadata, ActionLimitColumns)
