"""Plans made from the register, and their moves: accepted, ticked off, given up, refused when they do not fit any more."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from register_rig import NOON, actor, browser, changes, devices, later, page, row, rows, run

from devreg.domain.device import Kind, State
from devreg.domain.observation import Subject
from devreg.domain.planning import Job, Scenario, plan_end
from devreg.domain.rights import Role
from devreg.errors import Conflict, Misconfigured, Refused
from devreg.ports import Query
from devreg.services import lifecycle, plan_moves, planning
from devreg.services.custody import assign
from devreg.services.planning import Planned, plan
from devreg.settings import Equality
from devreg.store import plans, schema
from devreg.store.engine import Sessions

PUPIL = {"kind": "chromebook", "use": "pupil", "stage": "7-9", "state": "in_use", "manages": True, "model": "C14"}
PRICED = Equality(prices={Kind.CHROMEBOOK: 330.0})


def device(name: str, **said: Any) -> Any:
    return row(name, serial=f"SER{name.upper()}", name=name, as_of=NOON, **{**PUPIL, **said})


def stocked(name: str, **said: Any) -> Any:
    return row(name, serial=f"SER{name.upper()}", name=name, kind="chromebook", model="C14", state="in_stock", **said)


def city(sessions: Sessions, *more: Any, pupils: Sequence[tuple[str, int]] = (("east", 4), ("west", 1))) -> None:
    """Two schools: east needs four and has one, west needs one and has three; one more device lies in stock."""
    run(
        sessions,
        page(
            row("east", Subject.UNIT, id="east", name_fi="Itäkoulu", name_sv="Östra skolan", kind="school"),
            row("west", Subject.UNIT, id="west", name_fi="Länsikoulu", name_sv="Västra skolan", kind="school"),
            row("new", Subject.UNIT, id="new", name_fi="Uusi koulu", kind="school"),
            *(row(f"h{u}", Subject.HEADCOUNT, unit=u, date="2026-09-20", stage="7-9", pupils=n) for u, n in pupils),
            device("e1", unit="east"),
            device("w1", unit="west", support_end="2030-06-30"),
            device("w2", unit="west", support_end="2030-06-30", holder="Åke"),
            device("w3", unit="west", support_end="2030-06-30"),
            stocked("s1"),
            *more,
        ),
    )


def made(sessions: Sessions, scenario: Scenario | None = None, budget: int | None = None) -> Planned:
    return plan(sessions, PRICED, budget, None, NOON, scenario)


def picked(planned: Planned) -> list[tuple[str | None, str | None, str]]:
    return [(item.device.serial, item.device.unit, item.move.target) for item in planned.devices]


def accepted(sessions: Sessions, planned: Planned, *only: int) -> list[int]:
    return plan_moves.accept(sessions, actor(), planned, planned.id, only=only, reason="autumn", now=later(1))


def test_a_plan_names_devices_those_in_nobodys_hands_first(sessions: Sessions) -> None:
    city(sessions)
    planned = made(sessions)
    assert sorted(picked(planned)) == [("SERS1", None, "east"), ("SERW1", "west", "east"), ("SERW3", "west", "east")]
    assert [(one.scenario, one.moved, one.bought, one.short) for one in planned.plans] == [
        (Scenario.SURPLUS, 3, 0, 0),
        (Scenario.SHARE, 3, 0, 0),
        (Scenario.FULL, 3, 0, 0),
    ]
    assert planned.end == plan_end(date(2026, 11, 24))
    assert {item.device.serial: item.jobs for item in planned.devices} == {
        "SERS1": (Job.MOVE, Job.ENROL, Job.LABEL),
        "SERW1": (Job.WIPE, Job.MOVE, Job.ENROL, Job.LABEL),
        "SERW3": (Job.WIPE, Job.MOVE, Job.ENROL, Job.LABEL),
    }
    assert planned.missing_counts == ("new",)


def test_only_what_is_fit_supported_leased_long_enough_and_the_citys_own_is_counted(sessions: Sessions) -> None:
    lease = {"kind": "lease", "start": "2024-01-01"}
    city(
        sessions,
        device("old", unit="west", support_end="2027-03-01"),
        device("gone", unit="west", state="lost"),
        device("own", unit="west", ownership="personal"),
        device("theirs", unit="west", use="staff"),
        device("wild", unit="west", manages=False),
        device("ends", unit="west", contract={**lease, "number": "L1", "end": "2027-05-31"}),
        device("soon", unit="west", contract={**lease, "number": "L2", "end": "2027-08-15"}),
        device("far", unit="west", contract={**lease, "number": "L3", "end": "2029-05-31", "supplier": "Äyri"}),
        device("hoard", unit="new"),
        stocked("school stock", unit="new"),
        stocked("dead", support_end="2026-01-01"),
        row("phone", serial="SERPHONE", kind="phone", state="in_stock"),
        pupils=(("east", 40), ("west", 0)),
    )
    planned = made(sessions, Scenario.SHARE)
    assert {serial for serial, _, _ in picked(planned)} == {"SERW1", "SERW2", "SERW3", "SERFAR", "SERS1"}
    (leased,) = (item for item in planned.devices if item.device.serial == "SERFAR")
    assert (leased.device.lessor, leased.device.contract, leased.jobs[-1]) == ("Äyri", "L3", Job.LESSOR)
    assert planned.left_out == {"support_ends": 1, "lease_ends": 1}


def test_a_budget_buys_what_is_missing_and_is_not_overspent(sessions: Sessions) -> None:
    city(sessions, pupils=(("east", 10), ("west", 1)))
    planned = made(sessions, None, 70_000)
    assert planned.chosen.scenario is Scenario.BUDGET
    assert (planned.chosen.bought, planned.chosen.cost_cents) == (2, 66_000)
    (full,) = (one for one in planned.plans if one.scenario is Scenario.FULL)
    assert (full.worst, full.cost_cents) == (Fraction(1), 33_000 * 6)
    with pytest.raises(Misconfigured, match="spends a budget"):
        made(sessions, Scenario.BUDGET)


def test_looking_at_a_plan_changes_nothing_and_it_is_called_the_same_while_nothing_changes(sessions: Sessions) -> None:
    city(sessions)
    before = [rows(sessions, schema.planned_move), changes(sessions)]
    assert made(sessions).id == made(sessions).id
    assert made(sessions).id != made(sessions, Scenario.SHARE).id
    assert [rows(sessions, schema.planned_move), changes(sessions)] == before


def test_a_plan_that_comes_out_otherwise_by_now_is_not_accepted(sessions: Sessions) -> None:
    city(sessions)
    seen = made(sessions)
    assign(sessions, actor(), 2, unit="east", reason="lent", now=later(1))
    with pytest.raises(Conflict, match="otherwise by now"):
        plan_moves.accept(sessions, actor(), made(sessions), seen.id, now=later(2))
    assert rows(sessions, schema.planned_move) == []


def test_what_is_accepted_counts_as_there_so_the_next_plan_is_empty(sessions: Sessions) -> None:
    city(sessions)
    planned = made(sessions)
    assert len(accepted(sessions, planned)) == 3
    again = made(sessions)
    assert (again.devices, again.chosen.worst) == ((), planned.chosen.worst)
    with pytest.raises(Conflict, match="on its way already: M000001"):
        accepted(sessions, planned)


def test_one_row_of_a_plan_can_be_accepted_alone(sessions: Sessions) -> None:
    city(sessions)
    planned = made(sessions)
    accepted(sessions, planned, 2)
    (move,) = rows(sessions, schema.planned_move)
    assert move["device_id"] == planned.devices[1].device.device_id
    with pytest.raises(Misconfigured, match="has no row 9"):
        accepted(sessions, planned, 9)


def test_all_steps_ticked_off_make_the_coverage_that_the_plan_promised(sessions: Sessions) -> None:
    city(sessions)
    planned = made(sessions)
    for number in accepted(sessions, planned):
        done = plan_moves.tick(sessions, actor("åsa"), number, now=later(2))
        while done.next:
            done = plan_moves.tick(sessions, actor("åsa"), number, now=later(3))
        with pytest.raises(Refused, match="is done"):
            plan_moves.tick(sessions, actor(), number, now=later(4))
    run(sessions, page(row("s1", serial="SERS1", manages=True, as_of=NOON)), name="mdm", now=later(5))
    there = [line for line in devices(sessions) if line["unit"] == "east"]
    assert {(line["serial"], line["use"], line["stage"], line["state"], line["holder"]) for line in there} == {
        (f"SER{name}", "pupil", "7-9", "in_use", None) for name in ("E1", "S1", "W1", "W3")
    }
    again = made(sessions)
    assert (again.devices, again.chosen.purchases) == ((), ())
    assert [line.before for line in again.chosen.results] == [line.after for line in planned.chosen.results]
    states = {
        line["state_of_move"] for line in browser(sessions).rows("moves", browser(sessions).keys("moves", Query()))
    }
    assert states == {"done"}


def test_a_move_releases_who_had_the_device_and_tells_the_trail(sessions: Sessions) -> None:
    city(sessions, pupils=(("east", 9), ("west", 0)))
    planned = made(sessions)
    row_of = next(n for n, item in enumerate(planned.devices, 1) if item.device.holder)
    (number,) = accepted(sessions, planned, row_of)
    assert plan_moves.tick(sessions, actor(), number, now=later(2)).job is Job.WIPE
    assert plan_moves.tick(sessions, actor(), number, now=later(2)).next is Job.ENROL
    (moved,) = (line for line in devices(sessions) if line["serial"] == "SERW2")
    assert (moved["unit"], moved["holder"]) == ("east", None)
    told = [line["act"] for line in rows(sessions, schema.audit)]
    assert told.count("tick off a move") == 2
    assert "accept a plan" in told


@pytest.mark.parametrize(
    ("happened", "why"), [("lost", "D000002 is lost"), ("moved", "is in new by now"), ("merged", "no device D000002")]
)
def test_a_move_that_does_not_fit_any_more_says_why_and_is_not_done(
    sessions: Sessions, happened: str, why: str
) -> None:
    city(sessions)
    planned = made(sessions)
    row_of = next(n for n, item in enumerate(planned.devices, 1) if item.device.device_id == 2)
    (number,) = accepted(sessions, planned, row_of)
    if happened == "lost":
        lifecycle.transition(sessions, actor(), 2, State.LOST, reason="gone", now=later(2))
    elif happened == "moved":
        assign(sessions, actor(), 2, unit="new", reason="lent", now=later(2))
    else:
        with sessions.write.begin() as session:
            session.execute(schema.device.update().where(schema.device.c.id == 2).values(merged_into=1))
    with pytest.raises(Conflict, match=why):
        plan_moves.tick(sessions, actor(), number, now=later(3))
    assert [step["done_at"] for step in rows(sessions, schema.planned_step)] == [None] * 4


def test_a_move_given_up_frees_its_device_and_one_that_was_made_can_not_be(sessions: Sessions) -> None:
    city(sessions)
    planned = made(sessions)
    first, *others = accepted(sessions, planned)
    plan_moves.drop(sessions, actor(), first, reason="no", now=later(2))
    assert len(made(sessions).devices) == 1
    with pytest.raises(Refused, match="was given up by me"):
        plan_moves.tick(sessions, actor(), first, now=later(3))
    number = others[0]
    while plan_moves.tick(sessions, actor(), number, now=later(3)).job is not Job.MOVE:
        pass
    with pytest.raises(Refused, match="was made"):
        plan_moves.drop(sessions, actor(), number, reason="no", now=later(4))


def test_who_may_not_edit_may_plan_but_neither_accept_nor_tick_nor_give_up(sessions: Sessions) -> None:
    city(sessions)
    planned = made(sessions)
    (number, *_) = accepted(sessions, planned)
    viewer = actor("eve", Role.VIEWER)
    with pytest.raises(Refused, match="needs the right"):
        plan_moves.accept(sessions, viewer, made(sessions), made(sessions).id, now=later(2))
    with pytest.raises(Refused, match="needs the right"):
        plan_moves.tick(sessions, viewer, number, now=later(2))
    with pytest.raises(Refused, match="needs the right"):
        plan_moves.drop(sessions, viewer, number, reason="no", now=later(2))


def test_devices_known_only_by_a_campus_count_for_its_schools_by_need_and_are_not_moved(sessions: Sessions) -> None:
    run(
        sessions,
        page(
            row("a", Subject.UNIT, id="a", name_fi="A", kind="school", campus="hill"),
            row("b", Subject.UNIT, id="b", name_fi="B", kind="school", campus="hill"),
            row("c", Subject.UNIT, id="c", name_fi="C", kind="school"),
            *(
                row(f"h{u}", Subject.HEADCOUNT, unit=u, date="2026-09-20", stage="7-9", pupils=n)
                for u, n in (("a", 2), ("b", 1), ("c", 3))
            ),
            *(device(f"x{n}", unit="hill") for n in range(6)),
        ),
    )
    planned = made(sessions, Scenario.SHARE)
    assert planned.devices == ()
    assert {line.need.unit: line.before for line in planned.chosen.results} == {"a": 2, "b": 1, "c": 0}


def test_a_plan_reads_as_many_rows_however_many_devices_there_are(sessions: Sessions) -> None:
    city(sessions, *(device(f"m{n}", unit="west") for n in range(120)))
    with sessions.read.begin() as session:
        assessment = planning._needs(session, PRICED, NOON.date())
        asked = planning._asked(session, assessment, PRICED, NOON.date())
        counted = plans.stock(session, asked)
    assert len(counted) == 4
    assert sum(n for _, _, n in counted) == 125
