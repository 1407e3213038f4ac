"""What goes round in the city, as figures and lists from one moment: behind the workbook, the reminders and the demo."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from devreg.circulating import Circulation
from devreg.domain.carbon import Saved, saved
from devreg.domain.circulation import NextStep
from devreg.ports import Query, Row
from devreg.services.browse import Browser, Listed
from devreg.services.circulation_watch import quarter_of
from devreg.store import local_time, query
from devreg.store.engine import Sessions, told_plainly
from devreg.store.query import Sum
from devreg.store.views import of_language

MAX_LISTED: Final = 20_000
DEVICE_COLUMNS: Final = (
    "next_step", "id", "name", "kind", "model", "unit_name", "state", "idle_days", "last_seen", "lease_end", "monthly_fee", "idle_cost",
    "serial", "asset_tag", "state_days", "leased", "reused",
)  # fmt: skip
"""No holder, no person."""
OFFER_COLUMNS: Final = ("taker_name", "kind", "devices", "giver_name")
_ALIKE: Final = ("idle", "leased", "next_step", "state", "kind")
_SUMMED: Final = ("monthly_fee", "idle_cost", "reused", "state_days")


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
    offers: Listed
    """The neediest first."""
    devices: Listed
    """Those with a next step."""
    spares: Listed
    cliffs: Listed


def picture(sessions: Sessions, settings: Circulation, language: str, now: datetime) -> Picture:
    """Everything from the lists themselves, so that nobody reads another figure there."""
    browser = Browser(sessions, language)
    cliffs, groups = browser.whole("cliffs"), _groups(sessions, language)
    return Picture(
        made_at=now,
        settings=settings,
        figures=_figures(groups, settings, cliffs.rows, _quarter(sessions, now)),
        states=_states(groups),
        offers=browser.whole("offers", columns=OFFER_COLUMNS),
        devices=_to_do(browser),
        spares=browser.whole("spares"),
        cliffs=cliffs,
    )


def _groups(sessions: Sessions, language: str) -> list[Sum]:
    """Devices alike in all that is counted here: one reading of the list, which looks at much for each device."""
    view = of_language(language)["circulation"]
    with told_plainly("sum up what goes round"), sessions.read.begin() as session:
        return query.sums(session, view, Query(), _ALIKE, _SUMMED)


def _quarter(sessions: Sessions, now: datetime) -> str:
    with told_plainly("sum up what goes round"), sessions.read.begin() as session:
        return quarter_of(local_time.day(session, now))


def _figures(groups: Sequence[Sum], settings: Circulation, cliffs: Sequence[Row], quarter: str) -> Figures:
    idle = [group for group in groups if group.values["idle"]]
    leased = [group for group in idle if group.values["leased"]]
    devices = sum(group.rows for group in leased)
    times: dict[str | None, int] = {}
    for group in groups:
        kind = str(group.values["kind"]) if group.values["kind"] else None
        times[kind] = times.get(kind, 0) + group.totals["reused"]
    ahead = [row for row in cliffs if str(row["quarter"]) >= quarter]
    return Figures(
        devices=sum(group.rows for group in groups),
        idle=sum(group.rows for group in idle),
        idle_unknown=sum(group.rows for group in groups if group.values["idle"] is None),
        idle_leased=devices,
        monthly_cents=sum(group.totals["monthly_fee"] for group in leased),
        cost_cents=sum(group.totals["idle_cost"] for group in leased),
        fee_unknown=devices - sum(group.known["monthly_fee"] for group in leased),
        to_find=sum(group.rows for group in groups if group.values["next_step"] == NextStep.FIND),
        in_term=sum(_count(row["in_term"]) for row in ahead),
        cliffs=sum(bool(row["is_cliff"]) for row in ahead),
        reused=sum(times.values()),
        saved=saved(times, settings.carbon),
    )


def _states(groups: Sequence[Sum]) -> list[StateLine]:
    """Most devices first."""
    by_state: dict[str | None, list[Sum]] = {}
    for group in groups:
        by_state.setdefault(group.values["state"], []).append(group)
    lines = [_state(state, members) for state, members in by_state.items()]
    return sorted(lines, key=lambda line: (-line.devices, line.state or ""))


def _state(state: str | None, members: Sequence[Sum]) -> StateLine:
    known = sum(group.known["state_days"] for group in members)
    days = sum(group.totals["state_days"] for group in members)
    return StateLine(
        None if state is None else str(state), sum(group.rows for group in members), days / known if known else None
    )


def _to_do(browser: Browser) -> Listed:
    """Devices with a next step, the dearest first."""
    asked = Query(
        where=tuple(("next_step", str(step)) for step in NextStep),
        sort="monthly_fee",
        descending=True,
        limit=MAX_LISTED,
    )
    found = browser.whole("circulation", asked, DEVICE_COLUMNS)
    steps = [str(step) for step in NextStep]
    rows = sorted(found.rows, key=lambda row: steps.index(str(row["next_step"])))
    return Listed(found.columns, rows)


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
