"""Lists of the figures kept of each term: the city's, and a line a unit and stage."""

from devreg.i18n import N_
from devreg.ports import ColumnType
from devreg.store.columns import folded, text, typed, word
from devreg.store.query import View
from devreg.store.schema import snapshot, snapshot_line


def snapshots() -> View:
    """One row a kept picture; those that were replaced stay, and say when."""
    kept = snapshot.c
    return View(
        name="snapshots",
        title=N_("Kept figures of equality"),
        key=kept.id,
        source=snapshot,
        columns=(
            typed("day", N_("Day"), kept.day, ColumnType.DATE, 11),
            typed("devices_on", N_("Devices of"), kept.devices_on, ColumnType.DATE, 11),
            typed("pupils_on", N_("Pupils of"), kept.pupils_on, ColumnType.DATE, 11),
            typed("pupils", N_("Pupils"), kept.pupils, ColumnType.INTEGER, 8),
            typed("need", N_("Need"), kept.need, ColumnType.INTEGER, 8),
            typed("devices", N_("Devices"), kept.devices, ColumnType.INTEGER, 8),
            typed("fit", N_("Fit devices"), kept.fit, ColumnType.INTEGER, 8),
            typed("coverage", N_("Coverage"), kept.coverage, ColumnType.PERCENT, 8),
            typed("worst", N_("Worst unit: coverage"), kept.worst, ColumnType.PERCENT, 8),
            typed("spread", N_("Spread"), kept.spread, ColumnType.PERCENT, 8),
            typed("hoover", N_("Hoover index"), kept.hoover, ColumnType.NUMBER, 8),
            typed("to_move", N_("Devices to move"), kept.to_move, ColumnType.INTEGER, 8),
            typed("shortfall", N_("Shortfall"), kept.shortfall, ColumnType.INTEGER, 8),
            typed("language_gap", N_("Language gap"), kept.language_gap, ColumnType.NUMBER, 24),
            typed("made_at", N_("Made"), kept.made_at, ColumnType.DATETIME, 16),
            text("made_by", N_("Made by"), kept.made_by, 12),
            typed("replaced_at", N_("Replaced"), kept.replaced_at, ColumnType.DATETIME, 16),
            text("reason", N_("Reason"), kept.reason, 20),
        ),
        shown=("day", "pupils", "need", "fit", "coverage", "worst", "shortfall", "pupils_on", "replaced_at"),
        order=(kept.day.desc(), kept.id.desc()),
        facets=("made_by",),
        search=(folded(kept.made_by), folded(kept.reason)),
    )


def lines() -> View:
    """One row a stage of a unit in a picture that counts; names as they were then."""
    line = snapshot_line.c
    return View(
        name="snapshot_lines",
        title=N_("Kept figures by unit"),
        key=line.id,
        source=snapshot_line.join(snapshot, snapshot.c.id == line.snapshot_id),
        columns=(
            typed("day", N_("Day"), snapshot.c.day, ColumnType.DATE, 11),
            text("unit", N_("Unit id"), line.unit, 14),
            text("name_fi", N_("Name in Finnish"), line.name_fi, 24),
            text("name_sv", N_("Name in Swedish"), line.name_sv, 24),
            word("kind", N_("Type"), line.kind),
            word("language", N_("Language"), line.language),
            word("stage", N_("Stage"), line.stage),
            text("target", N_("Target"), line.target, 10),
            typed("pupils", N_("Pupils"), line.pupils, ColumnType.INTEGER, 8),
            typed("need", N_("Need"), line.need, ColumnType.INTEGER, 8),
            typed("devices", N_("Devices"), line.devices, ColumnType.INTEGER, 8),
            typed("fit", N_("Fit devices"), line.fit, ColumnType.INTEGER, 8),
            typed("adjusted", N_("Fit by quality"), line.adjusted, ColumnType.NUMBER, 8),
        ),
        shown=("day", "unit", "stage", "pupils", "need", "devices", "fit", "adjusted"),
        order=(snapshot.c.day.desc(), line.id),
        facets=("day", "unit", "kind", "language", "stage"),
        where=snapshot.c.replaced_at.is_(None),
        search=(folded(line.name_fi), folded(line.name_sv), folded(line.unit)),
    )
