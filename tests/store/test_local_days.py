"""Days are the city's own: on both engines, around midnight and when the clock changes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from register_rig import actor, browser, page, row, run
from sqlalchemy import literal, select, text

from devreg.circulating import Calendar, Circulation
from devreg.domain.calendar import offsets
from devreg.ports import Query
from devreg.services import reckoning
from devreg.services.yardsticks import follow
from devreg.store import local_time
from devreg.store.days import day_of, today
from devreg.store.engine import Sessions
from devreg.store.types import UtcTime

HELSINKI = "Europe/Helsinki"
FIRST = datetime(2000, 1, 1, tzinfo=UTC)
MIDNIGHTS = (
    ("2026-01-14T21:59:59+00:00", date(2026, 1, 14)), ("2026-01-14T22:00:00+00:00", date(2026, 1, 15)),
    ("2026-03-28T21:59:59+00:00", date(2026, 3, 28)), ("2026-03-28T22:00:00+00:00", date(2026, 3, 29)),
    ("2026-03-29T20:59:59+00:00", date(2026, 3, 29)), ("2026-03-29T21:00:00+00:00", date(2026, 3, 30)),
    ("2026-10-24T20:59:59+00:00", date(2026, 10, 24)), ("2026-10-24T21:00:00+00:00", date(2026, 10, 25)),
    ("2026-10-25T21:59:59+00:00", date(2026, 10, 25)), ("2026-10-25T22:00:00+00:00", date(2026, 10, 26)),
)  # fmt: skip
"""The night the clock goes forward and the one it goes back, each side of both midnights."""


def in_zone(sessions: Sessions, zone: str, now: datetime) -> None:
    follow(sessions, Calendar(public_holidays=False, breaks={}), Circulation(), now, zone)


@given(
    st.sampled_from([HELSINKI, "Europe/Lisbon", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe", "UTC"]),
    st.datetimes(datetime(2000, 1, 1), datetime(2028, 12, 30), timezones=st.just(UTC)),
)
def test_the_offsets_kept_are_those_of_the_zone(zone: str, moment: datetime) -> None:
    known = [seconds for since, seconds in offsets(ZoneInfo(zone), FIRST, 2028) if since <= moment][-1]
    assert moment.astimezone(ZoneInfo(zone)).utcoffset() == timedelta(seconds=known)


def test_a_moment_falls_on_the_citys_day_in_lists_and_in_services(sessions: Sessions) -> None:
    in_zone(sessions, HELSINKI, datetime(2026, 6, 1, tzinfo=UTC))
    with sessions.read.begin() as session:
        for said, day in MIDNIGHTS:
            moment = datetime.fromisoformat(said)
            in_sql = session.execute(select(day_of(literal(moment, UtcTime())))).scalar_one()
            assert (said, in_sql) == (said, day)
            assert (said, local_time.day(session, moment)) == (said, day)


def test_days_are_those_of_utc_until_the_register_knows_a_zone(sessions: Sessions) -> None:
    moment = datetime(2026, 1, 14, 22, tzinfo=UTC)
    with sessions.read.begin() as session:
        assert session.execute(select(day_of(literal(moment, UtcTime())))).scalar_one() == date(2026, 1, 14)
        assert local_time.day(session, moment) == date(2026, 1, 14)


def far_zone() -> str:
    """One where it is another day than in UTC at this moment."""
    return "Etc/GMT-14" if datetime.now(UTC).hour >= 11 else "Etc/GMT+12"


def test_today_is_the_citys_day(sessions: Sessions) -> None:
    now = datetime.now(UTC)
    in_zone(sessions, far_zone(), now)
    with sessions.read.begin() as session:
        found = session.execute(select(today())).scalar_one()
    assert found == now.astimezone(ZoneInfo(far_zone())).date() != now.date()


def test_a_list_and_its_view_count_days_from_the_citys_midnights(sessions: Sessions) -> None:
    now = datetime.now(UTC)
    zone = ZoneInfo(far_zone())
    in_zone(sessions, far_zone(), now)
    midnight = datetime.combine(now.astimezone(zone).date(), datetime.min.time(), zone) - timedelta(days=40)
    before, after = midnight - timedelta(minutes=1), midnight + timedelta(minutes=1)
    run(
        sessions,
        page(*(row(name, name=name, kind="laptop", as_of=at) for name, at in (("before", before), ("after", after)))),
        now=now,
    )
    seen = browser(sessions)
    days = {line["name"]: line["idle_days"] for line in seen.rows("circulation", seen.keys("circulation", Query()))}
    assert days == {"before": 41, "after": 40}
    with sessions.read.begin() as session:
        told = session.execute(text("SELECT name, idle_days FROM bi_circulation")).all()
    assert dict(told) == days  # type: ignore[arg-type]


@pytest.mark.parametrize(("hour", "state"), [(21, "return_window"), (22, "overdue")])
def test_a_lease_is_overdue_from_the_citys_midnight_on(sessions: Sessions, hour: int, state: str) -> None:
    now = datetime(2026, 1, 14, hour, 30, tzinfo=UTC)
    in_zone(sessions, HELSINKI, now)
    lease = {"number": "L1", "kind": "lease", "start": "2024-01-01", "end": "2026-01-01", "return_days": 13}
    run(sessions, page(row("a", serial="SER1", kind="phone", contract=lease)), now=now - timedelta(days=60))
    reckoning.reckon(sessions, actor(), now)
    seen = browser(sessions)
    (line,) = seen.rows("leases", seen.keys("leases", Query()))
    assert (line["return_by"], line["state"]) == (date(2026, 1, 14), state)
