"""What lists say of devices that lie idle, of reserves and of leases that end together; on both engines, against the pure rules."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from register_rig import browser, noon_today, page, row, run

from devreg.circulating import Break, Calendar, Circulation
from devreg.domain.observation import Subject
from devreg.ports import Query
from devreg.services.yardsticks import follow
from devreg.store.engine import Sessions


def today() -> date:
    return noon_today().date()


def swedish_break() -> Calendar:
    """Schools that teach in Swedish had a break from 40 days ago to 11 days ago."""
    first, last = (str(today() - timedelta(days=days)) for days in (40, 11))
    return Calendar(public_holidays=False, breaks={"now": Break(first=first, last=last, languages=("sv",))})


def ago(days: int) -> datetime:
    return noon_today() - timedelta(days=days)


def lease(fee: int | None, days_left: int = 400, number: str = "L1", begun: int = 200) -> dict[str, Any]:
    said: dict[str, Any] = {"number": number, "kind": "lease", "start": str(today() - timedelta(days=begun)),
                            "end": str(today() + timedelta(days=days_left))}  # fmt: skip
    return said if fee is None else {**said, "monthly_fee_cents": fee}


def units(sessions: Sessions) -> None:
    run(
        sessions,
        page(
            row("fi", Subject.UNIT, id="fi", name_fi="Koulu", kind="school", language="fi"),
            row("sv", Subject.UNIT, id="sv", name_sv="Skola", kind="school", language="sv"),
            row("it", Subject.UNIT, id="it", name_fi="IT", kind="office", language="sv"),
        ),
        name="units",
        kind="sheet",
        now=ago(300),
    )


def listed(sessions: Sessions, view: str = "circulation", **where: str) -> dict[str, Any]:
    seen = browser(sessions)
    found = seen.rows(view, seen.keys(view, Query(where=tuple(where.items()))))
    return {str(line.get("name") or line.get("quarter")): line for line in found}


def test_a_swedish_schools_break_is_not_idleness_but_an_office_and_a_finnish_school_have_none(
    sessions: Sessions,
) -> None:
    follow(sessions, swedish_break(), Circulation(), noon_today())
    units(sessions)
    seen = [row(unit, serial=f"SER{unit}", name=unit, kind="laptop", unit=unit, state="in_use", as_of=ago(41))
            for unit in ("fi", "sv", "it")]  # fmt: skip
    run(sessions, page(*seen), now=ago(1))
    found = listed(sessions)
    assert [found[name]["idle_days"] for name in ("fi", "sv", "it")] == [41, 11, 41]
    assert [found[name]["next_step"] for name in ("fi", "sv", "it")] == ["ask", None, "ask"]


def test_what_only_papers_know_is_idle_since_it_came_where_a_source_sees_its_kind_and_else_not_known(
    sessions: Sessions,
) -> None:
    follow(sessions, swedish_break(), Circulation(), noon_today())
    run(sessions, page(row("a", serial="SERA", name="seen", kind="phone", as_of=ago(1))), now=ago(1))
    papers = (
        row("b", serial="SERB", name="bought", kind="phone", purchase_date=str(ago(100).date())),
        row("c", serial="SERC", name="leased", kind="phone", contract=lease(1000, begun=70)),
        row("d", serial="SERD", name="registered", kind="phone"),
        row("e", serial="SERE", name="unwatched", kind="other"),
        row("f", serial="SERF", name="unwatched leased", kind="other", contract=lease(1000, number="L2")),
    )
    run(sessions, page(*papers), name="papers", kind="sheet", now=ago(50))
    found = listed(sessions)
    assert {name: found[name]["idle_days"] for name in found} == {
        "seen": 1, "bought": 100, "leased": 70, "registered": 50, "unwatched": None, "unwatched leased": None,
    }  # fmt: skip
    assert found["unwatched leased"]["next_step"] == "return_or_move"
    assert found["unwatched"]["next_step"] is None
    assert found["unwatched leased"]["idle_cost"] is None


def test_idling_costs_the_fee_for_the_days_that_count_and_an_unknown_fee_makes_it_unknown(sessions: Sessions) -> None:
    follow(sessions, swedish_break(), Circulation(), noon_today())
    run(
        sessions,
        page(
            row("a", serial="SERA", name="idle", kind="phone", as_of=ago(73), contract=lease(1000)),
            row("b", serial="SERB", name="no fee", kind="phone", as_of=ago(73), contract=lease(None, number="L2")),
            row("c", serial="SERC", name="used", kind="phone", as_of=ago(29), contract=lease(1000)),
            row("d", serial="SERD", name="own", kind="phone", as_of=ago(73)),
        ),
        now=ago(1),
    )
    found = listed(sessions)
    assert {name: found[name]["idle_cost"] for name in found} == {
        "idle": 2400,
        "no fee": None,
        "used": None,
        "own": None,
    }
    assert [found[name]["leased"] for name in ("idle", "no fee", "own")] == [True, True, False]


@pytest.mark.parametrize(("days", "step"), [(59, "return_or_move"), (60, "find")])
def test_a_device_not_seen_for_long_before_its_lease_ends_is_to_be_found(
    sessions: Sessions, days: int, step: str
) -> None:
    follow(sessions, swedish_break(), Circulation(), noon_today())
    run(
        sessions,
        page(row("a", serial="SERA", name="x", kind="phone", as_of=ago(days), contract=lease(1, 60))),
        now=ago(1),
    )
    assert listed(sessions)["x"]["next_step"] == step


def test_the_first_holder_is_no_re_use_and_holder_and_unit_at_once_are_one(sessions: Sessions) -> None:
    follow(sessions, swedish_break(), Circulation(), noon_today())
    for days, said in (
        (90, {}),
        (90, {"unit": "x"}),
        (90, {"unit": "y"}),
        (80, {"holder": "Ann", "unit": "fi"}),
        (70, {"holder": "Bo", "unit": "sv"}),
        (60, {"unit": "sv"}),
        (50, {"holder": "Ann", "unit": "sv"}),
    ):
        run(sessions, page(row("a", serial="SERA", name="x", kind="phone", **said)), now=ago(days))
    assert listed(sessions)["x"]["reused"] == 3


def test_what_is_out_of_use_or_hangs_in_a_rack_does_not_go_round(sessions: Sessions) -> None:
    follow(sessions, swedish_break(), Circulation(), noon_today())
    records = [
        row(state, serial=f"SER{n}", name=state, kind="phone", state=state)
        for n, state in enumerate(
            ("planned", "ordered", "in_stock", "in_use", "in_repair", "lost", "retired", "disposed")
        )
    ]
    run(sessions, page(*records, row("sw", serial="SW1", name="switch", kind="switch")), now=ago(1))
    assert set(listed(sessions)) == {"in_stock", "in_use", "in_repair", "lost"}


def test_days_in_a_state_count_from_when_it_came_into_it(sessions: Sessions) -> None:
    follow(sessions, swedish_break(), Circulation(), noon_today())
    for days, state in ((90, "in_use"), (40, "in_stock"), (10, "in_stock")):
        run(sessions, page(row("a", serial="SERA", name="x", kind="phone", state=state)), now=ago(days))
    assert listed(sessions)["x"]["state_days"] == 40


def test_a_register_that_has_not_been_told_which_days_count_knows_no_idleness(sessions: Sessions) -> None:
    run(sessions, page(row("a", serial="SERA", name="x", kind="phone", as_of=ago(90))), now=ago(1))
    assert listed(sessions)["x"]["idle_days"] is None


@pytest.mark.parametrize(("in_stock", "reserve"), [(2, "too_small"), (3, "right"), (5, "right"), (6, "too_large")])
def test_a_reserve_is_held_against_three_to_five_in_a_hundred(sessions: Sessions, in_stock: int, reserve: str) -> None:
    follow(sessions, swedish_break(), Circulation(), noon_today())
    states = ["in_use"] * 100 + ["in_stock"] * in_stock
    records = [row(f"n{n}", serial=f"SER{n:03}", kind="phone", unit="fi", state=s) for n, s in enumerate(states)]
    run(sessions, page(*records), now=ago(1))
    seen = browser(sessions)
    lines = seen.rows("spares", seen.keys("spares", Query()))
    assert [(line["scope"], line["in_use"], line["in_stock"], line["reserve"]) for line in lines] == [
        ("city", 100, in_stock, reserve),
        ("unit", 100, in_stock, reserve),
    ]


@pytest.mark.parametrize(("ending", "is_cliff"), [(25, False), (26, True)])
def test_more_than_a_quarter_of_a_unit_ending_in_a_quarter_is_a_cliff(
    sessions: Sessions, ending: int, is_cliff: bool
) -> None:
    follow(sessions, swedish_break(), Circulation(), noon_today())
    contract = {"number": "L1", "kind": "lease", "end": "2031-05-31", "monthly_fee_cents": 100}
    later = {"number": "L2", "kind": "lease", "end": "2031-07-01"}
    records = [
        row(f"n{n}", serial=f"SER{n:03}", kind="phone", unit="fi", contract=contract if n < ending else later)
        for n in range(100)
    ]
    run(sessions, page(*records), now=ago(1))
    found = listed(sessions, "cliffs")
    assert set(found) == {"2031 Q2", "2031 Q3"}
    second = found["2031 Q2"]
    assert (second["ending"], second["devices"], second["is_cliff"]) == (ending, 100, is_cliff)
    assert (second["in_term"], second["monthly_fee"], second["fee_unknown"]) == (ending, ending * 100, 0)
    assert (found["2031 Q3"]["in_term"], found["2031 Q3"]["monthly_fee"]) == (0, None)
    assert found["2031 Q3"]["fee_unknown"] == 100 - ending
