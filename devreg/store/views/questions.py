"""Lists of what people are asked and told: about identity, what they decided, alarms."""

from sqlalchemy import func

from devreg.domain.device import device_ref
from devreg.i18n import N_
from devreg.ports import Column, ColumnType
from devreg.store.columns import folded, number, ref, text, typed, word
from devreg.store.query import View, ViewColumn
from devreg.store.schema import alarm, decision, device, record, review


def reviews() -> View:
    """Open questions about identity."""
    return View(
        name="review",
        title=N_("To review"),
        key=review.c.id,
        source=review.join(record, record.c.id == review.c.record_id),
        columns=(
            typed("id", N_("Id"), review.c.id, ColumnType.INTEGER, 6),
            typed("reason", N_("Question"), review.c.reason, ColumnType.SENTENCE, 40),
            text("source", N_("Source"), record.c.source, 16),
            text("native_id", N_("Source's id"), record.c.native_id, 36),
            ViewColumn(
                Column("devices", N_("Devices"), ColumnType.TEXT, 24), review.c.device_ids, show=_refs, read=_ids
            ),
            typed("opened", N_("Asked"), review.c.opened_at, ColumnType.DATETIME, 16),
        ),
        shown=("id", "reason", "source", "native_id", "devices", "opened"),
        order=(review.c.opened_at.desc(),),
        facets=("reason", "source"),
        where=review.c.closed_at.is_(None),
        search=(folded(record.c.native_id), folded(record.c.source), folded(review.c.reason)),
    )


def alarms() -> View:
    """What the register has told."""
    return View(
        name="alarms",
        title=N_("Alarms"),
        key=alarm.c.id,
        source=alarm.outerjoin(device, device.c.id == alarm.c.device_id),
        columns=(
            typed("id", N_("Id"), alarm.c.id, ColumnType.INTEGER, 6),
            typed("what", N_("What"), alarm.c.what, ColumnType.SENTENCE, 30),
            ref("device_id", N_("Device id"), alarm.c.device_id, device_ref, "D"),
            text("device", N_("Device"), func.coalesce(device.c.name, alarm.c.called), 24, device.c.name_key),
            text("holder", N_("Holder"), device.c.holder, 20, device.c.holder_key),
            typed("seen", N_("Seen"), alarm.c.seen_at, ColumnType.DATETIME, 16),
            typed("opened", N_("Told"), alarm.c.opened_at, ColumnType.DATETIME, 16),
            typed("acked", N_("Taken up"), alarm.c.acked_at, ColumnType.DATETIME, 16),
            text("acked_by", N_("By"), alarm.c.acked_by, 16),
            text("acked_reason", N_("Reason"), alarm.c.acked_reason, 30),
        ),
        shown=("id", "what", "device_id", "device", "holder", "seen", "acked", "acked_by"),
        order=(alarm.c.acked_at.is_not(None), alarm.c.id.desc()),
        facets=("what", "acked_by"),
        search=(device.c.folded, folded(alarm.c.what), alarm.c.called),
    )


def decisions() -> View:
    """What people decided about identity."""
    return View(
        name="decisions",
        title=N_("Decisions"),
        key=decision.c.id,
        source=decision,
        columns=(
            typed("id", N_("Id"), decision.c.id, ColumnType.INTEGER, 6),
            word("kind", N_("Decision"), decision.c.kind),
            typed("review", N_("Question"), decision.c.review_id, ColumnType.INTEGER, 8),
            text("by", N_("By"), decision.c.by, 16),
            typed("at", N_("When"), decision.c.at, ColumnType.DATETIME, 16),
            text("reason", N_("Reason"), decision.c.reason, 40),
            typed("undone_at", N_("Undone"), decision.c.undone_at, ColumnType.DATETIME, 16),
            text("undone_by", N_("Undone by"), decision.c.undone_by, 16),
        ),
        shown=("id", "kind", "review", "by", "at", "reason", "undone_at"),
        order=(decision.c.id.desc(),),
        facets=("kind", "by"),
        search=(func.lower(decision.c.reason), func.lower(decision.c.by)),
    )


def _refs(ids: list[int]) -> str:
    return " ".join(device_ref(device_id) for device_id in ids)


def _ids(text: str) -> list[int]:
    return [number("D", word) for word in text.split()]
