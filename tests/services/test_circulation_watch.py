"""People are told of idle leased devices that cost too much, and of leases that end together; seldom."""

from datetime import datetime, timedelta

from register_rig import noon_today, page, row, rows, run

from devreg.circulating import Calendar, Circulation
from devreg.domain.trouble import Phase
from devreg.i18n import Catalogue
from devreg.services.troubles import review
from devreg.services.yardsticks import follow
from devreg.store import schema
from devreg.store.engine import Sessions


def silent() -> datetime:
    return noon_today() - timedelta(days=73)


def fleet(sessions: Sessions, fee: int) -> None:
    """Four devices of a unit; two lie idle, and all their leases end in one quarter."""
    follow(sessions, Calendar(public_holidays=False, breaks={}), Circulation(), noon_today())
    lease = {"number": "L1", "kind": "lease", "start": "2024-01-01", "end": "2098-05-31", "monthly_fee_cents": fee}
    run(
        sessions,
        page(
            *(
                row(
                    str(n),
                    serial=f"SER{n}",
                    kind="phone",
                    unit="a",
                    as_of=silent() if n < 2 else noon_today(),
                    contract=lease,
                )
                for n in range(4)
            )
        ),
        now=noon_today(),
    )


def told(sessions: Sessions, kind: str) -> list[tuple[str, str]]:
    return [(line["phase"], line["what"]) for line in rows(sessions, schema.notice) if line["kind"] == kind]


def test_idle_leased_devices_are_told_of_from_the_limit_on(sessions: Sessions) -> None:
    fleet(sessions, 5_000)
    review(sessions, (), noon_today())
    assert told(sessions, "idle_leases") == []
    fleet(sessions, 5_001)
    review(sessions, (), noon_today())
    assert told(sessions, "idle_leases") == [(Phase.BEGAN, "2 leased devices lie idle and cost 100 € a month.")]


def test_a_lease_cliff_is_told_once_and_then_once_a_month(sessions: Sessions) -> None:
    fleet(sessions, 1)
    for days in (0, 1, 29, 30):
        review(sessions, (), noon_today() + timedelta(days=days))
    what = "In 2098 Q2 the leases of 4 of 4 devices end."
    assert told(sessions, "lease_cliff") == [(Phase.BEGAN, what), (Phase.LASTS, what)]


def test_a_register_that_knows_no_limits_tells_nothing(sessions: Sessions) -> None:
    lease = {"number": "L1", "kind": "lease", "start": "2024-01-01", "end": "2098-05-31", "monthly_fee_cents": 99_999}
    run(sessions, page(row("1", serial="SER1", kind="phone", as_of=silent(), contract=lease)), now=noon_today())
    review(sessions, (), noon_today())
    assert told(sessions, "idle_leases") == told(sessions, "lease_cliff") == []


def test_what_is_told_is_said_in_the_readers_language() -> None:
    said = Catalogue("fi").said("2 leased devices lie idle and cost 100 € a month.")
    assert said == "2 leasinglaitetta on käyttämättä ja maksaa 100 € kuukaudessa."
    said = Catalogue("sv").said("In 2098 Q2 the leases of 4 of 4 devices end.")
    assert said == "Under kvartalet 2098 Q2 slutar leasingen för 4 av 4 enheter."
