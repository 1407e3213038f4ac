"""The city's school equipment measured from the register: the numbers behind report, screen and command line."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import msgspec

from devreg.domain.device import Use
from devreg.domain.equality import Assessment, UnitLine, assess
from devreg.i18n import N_
from devreg.ports import Column, ColumnType, Query, Row
from devreg.settings import Equality
from devreg.store import fitness, local_time, query, stock
from devreg.store.engine import Session, Sessions, told_plainly
from devreg.store.views import of_language

_MAX_LISTED: Final = 5_000

DEVICE_COLUMNS: Final = ("id", "asset_tag", "serial", "kind", "manufacturer", "model", "unit_name", "stage", "state", "support_end",
                         "managed_by", "last_seen")  # fmt: skip
"""Columns of the report's device sheet: no holder, no person."""

SOURCE_COLUMNS: Final = (
    Column("source", N_("Source"), ColumnType.TEXT, 20),
    Column("kind", N_("Type"), ColumnType.WORD, 14),
    Column("fetched", N_("Last read whole"), ColumnType.DATETIME, 18),
    Column("verdict", N_("Newest run"), ColumnType.WORD, 14),
    Column("records", N_("Records"), ColumnType.INTEGER, 10),
    Column("rejected", N_("Rejected"), ColumnType.INTEGER, 10),
    Column("unmatched", N_("Not matched"), ColumnType.INTEGER, 12),
    Column("oldest", N_("Oldest record"), ColumnType.DATETIME, 18),
)


UNIT_MEASURES: Final = (
    Column("stage", N_("Stages"), ColumnType.TEXT, 10),
    Column("need", N_("Need"), ColumnType.INTEGER, 6),
    Column("fit", N_("Fit devices"), ColumnType.INTEGER, 6),
    Column("coverage", N_("Coverage"), ColumnType.PERCENT, 8),
    Column("adjusted", N_("Fit by quality"), ColumnType.NUMBER, 8),
    Column("quality", N_("Quality"), ColumnType.PERCENT, 8),
    Column("complete", N_("Quality known"), ColumnType.PERCENT, 8),
    Column("one_to_one", N_("Own device"), ColumnType.PERCENT, 8),
    Column("managed", N_("Managed share"), ColumnType.PERCENT, 8),
    Column("ending", N_("Support under a year"), ColumnType.PERCENT, 8),
    Column("age_months", N_("Median age (months)"), ColumnType.INTEGER, 8),
)
"""What is measured of a unit, wherever units are listed."""


def measured(line: UnitLine) -> dict[str, object]:
    """A unit's values of `UNIT_MEASURES`."""
    stages = " ".join(str(stage.stage) for stage in line.stages if stage.stage is not None)
    devices = line.devices
    return {
        "stage": stages or None,
        "need": line.need,
        "fit": line.fit,
        "coverage": line.coverage,
        "adjusted": None if devices.adjusted is None else round(devices.adjusted, 1),
        "quality": devices.quality,
        "complete": devices.complete,
        "one_to_one": line.one_to_one,
        "managed": devices.managed,
        "ending": devices.ending,
        "age_months": devices.tally.age_median,
    }


class Picture(msgspec.Struct, frozen=True):
    """What the report shows, from one moment."""

    assessment: Assessment
    device_columns: tuple[Column, ...]
    devices: Sequence[Row]
    """Pupil devices, at most 5,000."""
    sources: Sequence[Row]


def measure(sessions: Sessions, settings: Equality, now: datetime) -> Assessment:
    """The measures only."""
    with told_plainly("measure equality"), sessions.read.begin() as session:
        return assessed(session, settings, local_time.day(session, now))


def assessed(session: Session, settings: Equality, day: date) -> Assessment:
    """The measures of a day, with the devices as they are now."""
    rules = settings.rules
    counts = fitness.counts(session, rules, day)
    return assess(stock.units(session), stock.headcounts(session), counts, day, rules)


def picture(sessions: Sessions, settings: Equality, language: str, now: datetime) -> Picture:
    """Measures, the devices they count, and how fresh the sources are."""
    view = of_language(language)["devices"]
    asked = Query(where=(("use", Use.PUPIL),), sort="unit_name", limit=_MAX_LISTED)
    assessment = measure(sessions, settings, now)
    with told_plainly("list the devices"), sessions.read.begin() as session:
        rows = query.rows(session, view, query.keys(session, view, asked))
        sources = stock.freshness(session)
    return Picture(assessment, tuple(view.column(key).column for key in DEVICE_COLUMNS), rows, sources)
