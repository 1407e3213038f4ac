"""Lists of what sources said and did: runs, records, history."""

from devreg.domain.device import device_ref, run_ref
from devreg.i18n import N_
from devreg.ports import ColumnType
from devreg.store.columns import folded, ref, text, typed, word
from devreg.store.query import View
from devreg.store.schema import change, device, record, run, sighting
from devreg.store.schema import rejected as rejected_record


def runs() -> View:
    """Collection runs."""
    counts = ("seen", "new", "changed", "same", "review", "rejected", "missing")
    labels = (N_("Seen"), N_("New"), N_("Changed"), N_("Same"), N_("To review"), N_("Rejected"), N_("Missing"))
    return View(
        name="runs",
        title=N_("Collection runs"),
        key=run.c.id,
        source=run,
        columns=(
            ref("id", N_("Id"), run.c.id, run_ref, "R"),
            text("source", N_("Source"), run.c.source, 16),
            text("job", N_("Job"), run.c.job, 9),
            typed("started", N_("Started"), run.c.started, ColumnType.DATETIME, 16),
            typed("finished", N_("Finished"), run.c.finished, ColumnType.DATETIME, 16),
            word("verdict", N_("Verdict"), run.c.verdict),
            typed("seconds", N_("Seconds"), run.c.seconds, ColumnType.INTEGER, 8),
            *(typed(key, label, run.c[key], ColumnType.INTEGER, 9) for key, label in zip(counts, labels, strict=True)),
            typed("masked", N_("Masked"), run.c.masked, ColumnType.INTEGER, 9),
            typed("fetch_ms", N_("Fetching, ms"), run.c.fetch_ms, ColumnType.INTEGER, 9),
            typed("keep_ms", N_("Keeping, ms"), run.c.keep_ms, ColumnType.INTEGER, 9),
            typed("judge_ms", N_("Judging, ms"), run.c.judge_ms, ColumnType.INTEGER, 9),
            typed("held_reason", N_("Held because"), run.c.held_reason, ColumnType.SENTENCE, 40),
            typed("error", N_("Error"), run.c.error, ColumnType.SENTENCE, 60),
            typed("next_step", N_("Next step"), run.c.next_step, ColumnType.SENTENCE, 60),
        ),
        shown=("id", "source", "job", "started", "verdict", "error", "seen", "new", "missing", "seconds"),
        order=(run.c.id.desc(),),
        facets=("source", "verdict"),
        search=(folded(run.c.source), folded(run.c.error)),
    )


def records() -> View:
    """What each source says, and of which device."""
    return View(
        name="records",
        title=N_("Source records"),
        key=record.c.id,
        source=record.join(sighting, sighting.c.record_id == record.c.id).outerjoin(
            device, device.c.id == record.c.device_id
        ),
        columns=(
            text("source", N_("Source"), record.c.source, 16),
            text("native_id", N_("Source's id"), record.c.native_id, 36),
            ref("device_id", N_("Device id"), record.c.device_id, device_ref, "D"),
            text("device", N_("Device"), device.c.name, 24, device.c.name_key),
            word("subject", N_("About"), record.c.subject),
            word("verdict", N_("Verdict"), record.c.verdict),
            word("rung", N_("Matched by"), record.c.rung, 14),
            typed("first_seen", N_("First seen"), record.c.first_seen, ColumnType.DATETIME, 16),
            typed("last_seen", N_("Last seen"), sighting.c.last_seen, ColumnType.DATETIME, 16),
            typed("gone_at", N_("Gone since"), record.c.gone_at, ColumnType.DATETIME, 16),
        ),
        shown=("source", "native_id", "device_id", "device", "verdict", "rung", "last_seen", "gone_at"),
        order=(record.c.source, record.c.native_id),
        facets=("source", "subject", "verdict", "rung"),
        search=(folded(record.c.native_id), folded(record.c.source), device.c.folded),
    )


def rejected() -> View:
    """What could not be used, and why; a run's rejections stay when the next run does better."""
    return View(
        name="rejected",
        title=N_("Rejected records"),
        key=rejected_record.c.id,
        source=rejected_record,
        columns=(
            ref("run", N_("Run"), rejected_record.c.run_id, run_ref, "R"),
            text("source", N_("Source"), rejected_record.c.source, 16),
            text("native_id", N_("Source's id"), rejected_record.c.native_id, 24),
            typed("reason", N_("Reason"), rejected_record.c.reason, ColumnType.SENTENCE, 50),
            text("raw", N_("As it came"), rejected_record.c.raw, 60),
            typed("at", N_("When"), rejected_record.c.at, ColumnType.DATETIME, 16),
        ),
        shown=("run", "source", "native_id", "reason", "at"),
        order=(rejected_record.c.id.desc(),),
        facets=("source", "run"),
        search=(
            folded(rejected_record.c.native_id),
            folded(rejected_record.c.source),
            folded(rejected_record.c.reason),
        ),
    )


def history() -> View:
    """Every change of every field."""
    return View(
        name="history",
        title=N_("History"),
        key=change.c.id,
        source=change.join(device, device.c.id == change.c.device_id),
        columns=(
            typed("at", N_("When"), change.c.at, ColumnType.DATETIME, 16),
            ref("device_id", N_("Device id"), change.c.device_id, device_ref, "D"),
            text("device", N_("Device"), device.c.name, 24, device.c.name_key),
            word("field", N_("Field"), change.c.field, 16),
            typed("old", N_("From"), change.c.old, ColumnType.OF_FIELD, 24),
            typed("new", N_("To"), change.c.new, ColumnType.OF_FIELD, 24),
            text("by", N_("By"), change.c.by, 16),
            ref("run", N_("Run"), change.c.run_id, run_ref, "R"),
            text("reason", N_("Reason"), change.c.reason, 30),
        ),
        shown=("at", "device", "field", "old", "new", "by"),
        order=(change.c.id.desc(),),
        facets=("field", "by"),
        search=(device.c.folded, change.c.field),
    )
