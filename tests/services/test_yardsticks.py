"""Settings that lists go by, kept in the register."""

from datetime import date, timedelta

from register_rig import NOON, rows

from devreg.circulating import Break, Calendar, Circulation
from devreg.domain.calendar import Follows, days_off, idle_days
from devreg.services.yardsticks import follow
from devreg.store import schema
from devreg.store.engine import Sessions

ONLY_SUMMER = Calendar(public_holidays=False, breaks={"summer": Break(first="06-01", last="08-10")})


def counted(sessions: Sessions) -> dict[date, dict[str, int]]:
    return {line["day"]: line for line in rows(sessions, schema.counted_day)}


def test_the_register_counts_days_as_the_rules_do(sessions: Sessions) -> None:
    follow(sessions, ONLY_SUMMER, Circulation(), NOON)
    days, off = counted(sessions), days_off(ONLY_SUMMER.rules, (), range(2014, 2028))
    for since, today in ((date(2026, 5, 20), date(2026, 8, 20)), (date(2019, 1, 1), date(2027, 12, 31))):
        for follows in Follows:
            assert days[today][follows] - days[since][follows] == idle_days(since, today, off[follows])


def test_finlands_public_holidays_count_nowhere(sessions: Sessions) -> None:
    follow(sessions, Calendar(), Circulation(), NOON)
    days = counted(sessions)
    midsummer = date(2026, 6, 20)
    assert days[midsummer]["public"] == days[midsummer - timedelta(days=1)]["public"]


def test_only_what_is_new_is_written(sessions: Sessions) -> None:
    assert follow(sessions, ONLY_SUMMER, Circulation(), NOON)
    assert not follow(sessions, ONLY_SUMMER, Circulation(), NOON)
    assert follow(sessions, ONLY_SUMMER, Circulation(idle_days=45), NOON)
    assert {line["name"]: line["value"] for line in rows(sessions, schema.yardstick)}["idle_days"] == 45
    assert follow(sessions, Calendar(breaks={}), Circulation(idle_days=45), NOON)


def test_a_new_year_makes_further_days_known(sessions: Sessions) -> None:
    follow(sessions, ONLY_SUMMER, Circulation(), NOON)
    assert follow(sessions, ONLY_SUMMER, Circulation(), NOON + timedelta(days=60))
    assert max(counted(sessions)) == date(2028, 12, 31)
