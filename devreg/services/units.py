"""Units as people list them: what lists say of each, beside what is measured of it."""

from datetime import datetime
from typing import Final

import msgspec

from devreg.ports import Query, Row
from devreg.services.browse import Browser
from devreg.services.equality import UNIT_MEASURES, measure, measured
from devreg.settings import Equality
from devreg.store.engine import Sessions

SHOWN: Final = ("path", "language", "stage", "pupils", "need", "pupil_devices", "fit", "coverage")
"""What a table shows unless somebody chooses otherwise."""
_NOTHING: Final = dict.fromkeys((column.key for column in UNIT_MEASURES), None)


def rows(browser: Browser, sessions: Sessions, settings: Equality, asked: Query, now: datetime) -> list[Row]:
    """The list `units` with `UNIT_MEASURES`, in the order asked; the same figures as in the equality report."""
    by = asked.sort if asked.sort in _NOTHING else None
    plain = asked if by is None else msgspec.structs.replace(asked, sort=None, limit=None)
    values = {line.unit.id: measured(line) for line in measure(sessions, settings, now).units}
    listed = browser.rows("units", browser.keys("units", plain))
    found: list[Row] = [{**row, **values.get(str(row["unit"]), _NOTHING)} for row in listed]
    if by is None:
        return found
    said = [row for row in found if row[by] is not None]
    said.sort(key=lambda row: row[by], reverse=asked.descending)  # type: ignore[arg-type,return-value]
    return [*said, *(row for row in found if row[by] is None)][: asked.limit]
