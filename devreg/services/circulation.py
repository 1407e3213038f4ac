"""What goes round in the city, as figures and lists from one moment: behind the workbook, the reminders and the demo."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from devreg.circulating import Circulation
from devreg.domain.carbon import Saved, saved
from devreg.domain.circulation import NextStep, Offer, offers
from devreg.domain.equality import UnitLine
from devreg.ports import Query, Row
from devreg.services.browse import Browser, Listed
from devreg.services.circulation_watch import quarter_of
from devreg.services.equality import measure
from devreg.settings import Equality
from devreg.store import local_time, query, stock
from devreg.store.engine import Sessions, told_plainly
from devreg.store.query import Sum
from devreg.store.views import of_language

MAX_LISTED: Final = 20_000
DEVICE_COLUMNS: Final = (
    "next_step", "id", "name", "kind", "model", "unit_name", "state", "idle_days", "last_seen", "lease_end", "monthly_fee", "idle_cost",
    "serial", "asset_tag", "state_days", "leased", "reused",
)  # fmt: skip
"""No holder, no person."""
_IDLE_LEASED: Final = Query(where=(("leased", "true"), ("idle", "true")))


class Figures(msgspec.Struct, frozen=True):
    """The city's figures; each is of the rows of a list."""

    devices: int
    idle: int
    """Leased or not."""
    idle_unknown: int
    """No source could have seen them."""
    idle_leased: int
    monthly_cents: int
    """What the idle leased ones go on costing a month, as far as their fees are known."""
    cost_cents: int
    """What they have cost while idle, likewise."""
    fee_unknown: int
    """Idle leased devices without a known fee: in neither sum."""
    to_find: int
    """Lease ends soon or is over, and not seen."""
    in_term: int
    """Leases that end in term, from now on."""
    cliffs: int
    """Quarters from now on in which too large a share of a unit's leases ends."""
    reused: int
    saved: Saved


class StateLine(msgspec.Struct, frozen=True):
    """How long devices have been in a state."""

    state: str | None
    devices: int
    mean_days: float | None


class Picture(msgspec.Struct, frozen=True):
    """What the workbook shows."""

    made_at: datetime
    settings: Circulation
    figures: Figures
    states: Sequence[StateLine]
    offers: Sequence[Offer]
    names: Mapping[str, str]
    """Of units, by id."""
    devices: Listed
    """Those with a next step."""
    spares: Listed
    cliffs: Listed


def picture(sessions: Sessions, settings: Circulation, equality: Equality, language: str, now: datetime) -> Picture:
    """Everything from the lists themselves, so that nobody reads another figure there."""
    browser = Browser(sessions, language)
    cliffs = browser.whole("cliffs")
    lines = measure(sessions, equality, now).units
    with told_plainly("read what is in stock"), sessions.read.begin() as session:
        classes = stock.classes(session, local_time.day(session, now))
    return Picture(
        made_at=now,
        settings=settings,
        figures=figures(sessions, settings, cliffs.rows, language, now),
        states=_states(sessions, language),
        offers=offers([_need(line, classes) for line in lines if line.shortfall], _free(lines, classes)),
        names={line.unit.id: line.unit.name(language) for line in lines} | _names(browser),
        devices=_to_do(browser),
        spares=browser.whole("spares"),
        cliffs=cliffs,
    )


def figures(sessions: Sessions, settings: Circulation, cliffs: Sequence[Row], language: str, now: datetime) -> Figures:
    """The city's figures."""
    view = of_language(language)["circulation"]
    with told_plainly("sum up what goes round"), sessions.read.begin() as session:
        idle = query.sums(session, view, Query(), "idle", ())
        leased = query.sums(session, view, _IDLE_LEASED, None, ("monthly_fee", "idle_cost"))
        steps = query.sums(session, view, Query(), "next_step", ())
        kinds = query.sums(session, view, Query(), "kind", ("reused",))
        quarter = quarter_of(local_time.day(session, now))
    one = leased[0]
    times = {str(line.value) if line.value else None: line.totals["reused"] for line in kinds}
    ahead = [row for row in cliffs if str(row["quarter"]) >= quarter]
    return Figures(
        devices=sum(line.rows for line in idle),
        idle=_rows(idle, True),
        idle_unknown=_rows(idle, None),
        idle_leased=one.rows,
        monthly_cents=one.totals["monthly_fee"],
        cost_cents=one.totals["idle_cost"],
        fee_unknown=one.rows - one.known["monthly_fee"],
        to_find=_rows(steps, str(NextStep.FIND)),
        in_term=sum(_count(row["in_term"]) for row in ahead),
        cliffs=sum(bool(row["is_cliff"]) for row in ahead),
        reused=sum(times.values()),
        saved=saved(times, settings.carbon),
    )


def _states(sessions: Sessions, language: str) -> list[StateLine]:
    view = of_language(language)["circulation"]
    with told_plainly("sum up what goes round"), sessions.read.begin() as session:
        lines = query.sums(session, view, Query(), "state", ("state_days",))
    return [
        StateLine(
            None if line.value is None else str(line.value),
            line.rows,
            line.totals["state_days"] / line.known["state_days"] if line.known["state_days"] else None,
        )
        for line in lines
    ]


def _need(line: UnitLine, classes: Sequence[stock.Class]) -> tuple[str, int, tuple[str, ...]]:
    """The unit, its shortfall, and the kinds its pupils have, most frequent first."""
    held = [item for item in classes if item.unit == line.unit.id and item.pupils and item.kind]
    held.sort(key=lambda item: -item.pupils)
    return line.unit.id, line.shortfall or 0, tuple(str(item.kind) for item in held)


def _free(lines: Sequence[UnitLine], classes: Sequence[stock.Class]) -> dict[tuple[str | None, str], int]:
    """What is in stock, but for units that lack devices themselves."""
    short = {line.unit.id for line in lines if line.shortfall}
    return {
        (item.unit, item.kind): item.in_stock
        for item in classes
        if item.kind and item.in_stock and item.unit not in short
    }


def _to_do(browser: Browser) -> Listed:
    """Devices with a next step, the dearest first."""
    found: list[Listed] = []
    for step in NextStep:
        asked = Query(where=(("next_step", str(step)),), sort="monthly_fee", descending=True, limit=MAX_LISTED)
        found.append(browser.whole("circulation", asked, DEVICE_COLUMNS))
    return Listed(found[0].columns, [row for listed in found for row in listed.rows][:MAX_LISTED])


def _names(browser: Browser) -> dict[str, str]:
    rows = browser.rows("units", browser.keys("units", Query()))
    return {str(row["unit"]): str(row["unit_name"]) for row in rows if row.get("unit_name")}


def _rows(lines: Sequence[Sum], value: object) -> int:
    """Rows with the value; SQLite says 1 and 0 for yes and no."""
    return sum(line.rows for line in lines if (line.value is None) == (value is None) and line.value == value)


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
