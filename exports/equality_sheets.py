"""The equality report's sheets behind the summary: units, devices, sources, definitions."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, zip_longest
from typing import Final

from devreg.domain.equality import Assessment, Reason, StageLine, UnitLine
from devreg.domain.equality_rules import band_at_least
from devreg.i18n import N_, Catalogue
from devreg.ports import Column, ColumnType
from exports.columns import width_of
from exports.equality_words import FLAGS, REASONS, STAGES, USES, enough, known, language_name, target_text
from exports.looks import Look, Styled
from exports.workbook import Area, Book, Page, Rows

MAX_DEVICES: Final = 5_000
"""The whole list is the inventory workbook's."""
PERSONAL: Final = frozenset(
    {"holder", "holder_email", "person", "user", "owner", "phone_number", "iccid", "notes", "name"}
)
"""Columns that can name a person; a device's own name often is its user's."""

_NOTE: Final = Look(size=9, colour="404040")
_I, _P = ColumnType.INTEGER, ColumnType.PERCENT
_UNITS: Final = (
    Column("unit", N_("Unit"), width=30),
    Column("language", N_("Language"), width=10),
    Column("stage", N_("Stage"), width=24),
    Column("pupils", N_("Pupils"), _I, 8),
    Column("target", N_("Devices per pupil"), width=8),
    Column("need", N_("Need"), _I, 9),
    Column("total", N_("All devices"), _I, 9),
    Column("fit", N_("Fit devices"), _I, 9),
    Column("coverage", N_("Coverage"), _P, 9),
    Column("band", N_("Assessment"), width=22),
    Column("shortfall", N_("Shortfall"), _I, 8),
    Column("not_working", REASONS[Reason.NOT_WORKING], _I, 8),
    Column("not_managed", REASONS[Reason.NOT_MANAGED], _I, 8),
    Column("unsupported", REASONS[Reason.UNSUPPORTED], _I, 8),
    Column("not_seen", REASONS[Reason.NOT_SEEN], _I, 8),
    Column("complete", N_("Data complete"), _P, 8),
    Column("remarks", N_("Remarks"), width=36),
    Column("unit_id", N_("Unit id"), width=12),
)
_COUNTS: Final = (
    Column("file", N_("Pupil count file"), width=34),
    Column("date", N_("Counted on"), ColumnType.DATE, 14),
    Column("pupils", N_("Pupils"), _I, 10),
    Column("units", N_("Units"), _I, 10),
    Column("hash", N_("Fingerprint of the file"), width=24),
)


def write_units(book: Book, name: str, result: Assessment) -> Area:
    """One row for each unit and stage, worst unit first; where they stand."""
    t = book.t
    sheet = book.sheet(name, [width_of(column, t) for column in _UNITS], Page(frozen_rows=3, row_height=15))
    sheet.title(t("Units by stage"))
    sheet.add(
        t(
            "Worst unit first. A stage's surplus counts for another stage of the same unit on the first page, but not here."
        ),
        look=_NOTE,
    )
    rows = (_stage_row(unit, line, result, t) for unit in result.units for line in unit.stages)
    return sheet.table("units", Rows(_UNITS, rows), filters=True, ruled=True)


def write_devices(book: Book, name: str, devices: Rows) -> None:
    """At most 5,000 devices, without columns that can name a person."""
    t = book.t
    columns = tuple(column for column in devices.columns if column.key not in PERSONAL)
    keys = [column.key for column in devices.columns]
    rows = [_keyed(row, keys) for row in islice(devices.rows, MAX_DEVICES + 1)]
    sheet = book.sheet(name, [width_of(column, t) for column in columns], Page(frozen_rows=3))
    sheet.title(t("Devices"))
    cut = t("The first {n} devices; the inventory report has all of them.", n=t.number(MAX_DEVICES))
    sheet.add(
        cut if len(rows) > MAX_DEVICES else t("No person is named here. An empty cell means: not known."), look=_NOTE
    )
    sheet.table("devices", Rows(columns, rows[:MAX_DEVICES]), filters=True)


def write_sources(book: Book, name: str, sources: Rows, result: Assessment) -> None:
    """How fresh each source is, and which files the pupils come from."""
    t = book.t
    pairs = zip_longest(sources.columns, _COUNTS)
    widths = [max(width_of(column, t) for column in pair if column) for pair in pairs]
    sheet = book.sheet(name, widths, Page(row_height=15))
    sheet.title(t("Sources and freshness"))
    sheet.add(t("Times are local ({zone}). An empty cell means: not known.", zone=str(t.zone)), look=_NOTE)
    sheet.heading(t("Where the devices come from"))
    sheet.table("sources", sources, ruled=True)
    sheet.heading(t("Where the pupil counts come from"))
    sheet.table("pupil_counts", Rows(_COUNTS, list(_count_files(result))), ruled=True)
    sheet.heading(t("Devices not in this comparison"))
    apart = [[t(USES[use]), n] for use, n in sorted(result.other_uses.items(), key=lambda item: -item[1])]
    apart.append([t("Pupil devices of no unit"), result.unplaced])
    sheet.table("apart", Rows((Column("what", N_("What")), Column("n", N_("Number"), _I)), apart), ruled=True)


def _stage_row(unit: UnitLine, line: StageLine, result: Assessment, t: Catalogue) -> list[object]:
    count = line.devices
    return [
        unit.unit.name(t.language),
        language_name(unit.unit.language, t),
        t(STAGES[line.stage]) if line.stage else t("not known"),
        known(line.pupils),
        target_text(line.target, t) if line.target else known(None),
        known(line.need),
        count.total,
        count.fit,
        known(line.coverage),
        enough(band_at_least(line.coverage, result.rules.bands.coverage), line.need, t),
        known(line.shortfall),
        *(count.not_fit.get(reason, 0) for reason in Reason),
        known((count.total - count.uncertain) / count.total if count.total else None),
        Styled("; ".join(t(FLAGS[flag]) for flag in line.flags), Look(wrap=True, align="left", indent=1, ruled=True)),
        unit.unit.id,
    ]


def _count_files(result: Assessment) -> Iterator[list[object]]:
    """One row for each file and day, newest first."""
    counts = [(unit.unit.id, line.headcount) for unit in result.units for line in unit.stages if line.headcount]
    files = {(head.date, head.file, head.file_hash) for _, head in counts}
    for day, file, digest in sorted(files, reverse=True):
        of_file = [
            (unit, head) for unit, head in counts if (head.date, head.file, head.file_hash) == (day, file, digest)
        ]
        yield [
            file or None,
            day,
            sum(h.pupils or 0 for _, h in of_file),
            len({u for u, _ in of_file}),
            digest[:16] or None,
        ]


def _keyed(row: Mapping[str, object] | Sequence[object], keys: Sequence[str]) -> Mapping[str, object]:
    return row if isinstance(row, Mapping) else dict(zip(keys, row, strict=True))
