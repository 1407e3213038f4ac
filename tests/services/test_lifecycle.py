"""A device's life: steps that ask for what belongs to them, do what they should besides, and stand whatever sources say later."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from operator_rig import opened, staffed
from register_rig import NOON, actor, browser, changes, devices, later, observe, page, row, rows, run

from devreg.domain.device import State
from devreg.domain.lifecycle import STEPS, Document, Paper, onward
from devreg.domain.observation import Subject
from devreg.domain.policy import Weighing, policy_of
from devreg.domain.rights import Right, Role
from devreg.domain.suggesting import SUGGESTED, Rule
from devreg.errors import Conflict, Misconfigured, NotFound, Refused
from devreg.ports import Query
from devreg.services.acting import act
from devreg.services.devices import HAND, by_hand
from devreg.services.editing import edit
from devreg.services.ingest import Feed
from devreg.services.lifecycle import Moved, move, steps_of, transition
from devreg.services.replay import replay
from devreg.services.suggesting import dismiss, look
from devreg.settings import Lifecycle
from devreg.store import contract_words, schema
from devreg.store.engine import Sessions, connect

FEEDS = {name: Feed(name, kind, observe, (), "1") for name, kind in (("intune", "intune"), ("papers", "sheet"))}
FEEDS[HAND] = by_hand("me")
HELSINKI = ZoneInfo("Europe/Helsinki")
WIPED = Document(Paper.SANITISATION, "REC-1")


def seen(sessions: Sessions, minutes: int = 0, name: str = "intune", **body: Any) -> None:
    kind = FEEDS[name].kind
    run(sessions, page(row("1", as_of=later(minutes), **body)), name=name, kind=kind, now=later(minutes))


def go(sessions: Sessions, state: str, minutes: int = 1, role: Role = Role.ADMIN, **more: Any) -> Moved:
    documents = more.pop("documents", ())
    return transition(
        sessions, actor("me", role), 1, State(state), reason="why", given=more, documents=documents, now=later(minutes)
    )


def lifecycle(**options: Any) -> Lifecycle:
    return Lifecycle.model_validate(options)


def suggested(sessions: Sessions, minutes: int, **options: Any) -> list[tuple[int, str]]:
    """What a look finds anew."""
    found = look(sessions, actor(), lifecycle(**options), HELSINKI, later(minutes)).found
    return [(item.device_id, str(item.rule)) for item in found]


def test_every_state_can_be_reached_and_left_and_no_step_leads_nowhere() -> None:
    assert {target for _, target in STEPS} == set(State) - {State.PLANNED}
    assert {source for source, _ in STEPS} == set(State)
    assert all(source is not target for source, target in STEPS)


def test_a_phone_goes_from_the_order_to_its_disposal(sessions: Sessions) -> None:
    seen(sessions, name="papers", state="planned", kind="phone", model="Pixel")
    with pytest.raises(Misconfigured, match="asks for more: a supplier or an order number"):
        go(sessions, "ordered")
    go(sessions, "ordered", 1, order_number="PO-7")
    with pytest.raises(Misconfigured, match="a serial number, an IMEI or an asset tag"):
        go(sessions, "in_stock", 2)
    go(sessions, "in_stock", 3, asset_tag="KAU-1")
    with pytest.raises(Misconfigured, match="a holder or a unit"):
        go(sessions, "in_use", 4)
    go(sessions, "in_use", 5, holder="Aino", holder_email="aino@city.example")
    taken = go(sessions, "in_stock", 6)
    assert {(item.field, item.new) for item in taken.edited} == {("holder", None), ("holder_email", None)}
    go(sessions, "retired", 7)
    with pytest.raises(Misconfigured, match="the sanitisation record"):
        go(sessions, "disposed", 8)
    go(sessions, "disposed", 9, documents=[WIPED])
    assert (devices(sessions)[0]["state"], devices(sessions)[0]["state_since"]) == ("disposed", later(9))
    steps = rows(sessions, schema.transition)
    assert [(step["before"], step["after"]) for step in steps] == [
        ("planned", "ordered"),
        ("ordered", "in_stock"),
        ("in_stock", "in_use"),
        ("in_use", "in_stock"),
        ("in_stock", "retired"),
        ("retired", "disposed"),
    ]
    assert steps[-1]["documents"] == "sanitisation=REC-1"
    before = (rows(sessions, schema.device), changes(sessions), steps)
    replay(sessions, FEEDS, actor=actor(), now=later(20))
    assert before == (rows(sessions, schema.device), changes(sessions), rows(sessions, schema.transition))


def test_a_refused_step_leaves_nothing_of_itself(sessions: Sessions) -> None:
    seen(sessions, name="papers", serial="SER1", state="retired", kind="laptop", holder="Aino")
    before = (rows(sessions, schema.device), rows(sessions, schema.record))
    with pytest.raises(Misconfigured):
        go(sessions, "disposed", room="A1")
    with pytest.raises(Refused):
        go(sessions, "disposed", role=Role.TECHNICIAN, documents=[WIPED])
    assert before == (rows(sessions, schema.device), rows(sessions, schema.record))
    assert rows(sessions, schema.transition) == []
    assert [line["outcome"] for line in rows(sessions, schema.audit)][-2:] == ["failed", "refused"]


def test_only_an_approver_disposes_and_a_device_without_storage_needs_no_record(sessions: Sessions) -> None:
    seen(sessions, name="papers", serial="SER1", state="retired", kind="ups")
    go(sessions, "disposed", role=Role.APPROVER)
    assert devices(sessions)[0]["state"] == "disposed"


def test_no_step_leads_from_stock_to_disposal_and_the_error_names_those_there_are(sessions: Sessions) -> None:
    seen(sessions, name="papers", serial="SER1", state="in_stock")
    with pytest.raises(Misconfigured, match="no step leads from there to disposed") as caught:
        go(sessions, "disposed", documents=[WIPED])
    assert all(str(target) in (caught.value.next_step or "") for target, _ in onward(State.IN_STOCK))


def test_a_step_by_somebody_who_saw_another_state_is_a_conflict(sessions: Sessions) -> None:
    seen(sessions, serial="SER1", unit="kasa")
    with (
        pytest.raises(Conflict, match="is in_use by now, not in_stock"),
        act(sessions, actor(), Right.EDIT, doing="x", now=later(1), reason="r") as doing,
    ):
        move(doing, 1, State.IN_STOCK, State.RETIRED)
    assert rows(sessions, schema.transition) == []


def test_of_two_people_who_move_a_device_at_once_one_does_and_the_other_is_told(database: str, tmp_path: Path) -> None:
    first, second = connect(database, tmp_path), connect(database, tmp_path)
    seen(first, serial="SER1", unit="kasa")
    ends: list[object] = []
    start = threading.Barrier(2)

    def step(sessions: Sessions, state: State) -> None:
        start.wait()
        try:
            ends.append(transition(sessions, actor(), 1, state, reason="why", now=later(1)).after)
        except (Conflict, Misconfigured) as error:
            ends.append(error)

    both = [threading.Thread(target=step, args=pair) for pair in ((first, State.IN_REPAIR), (second, State.RETIRED))]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    (done,) = [end for end in ends if isinstance(end, State)]
    assert len(ends) == 2
    assert [step["after"] for step in rows(first, schema.transition)] == [done]
    assert devices(first)[0]["state"] == done
    first.close()
    second.close()


def test_a_retired_device_seen_again_stays_retired_and_nobody_holds_it(sessions: Sessions) -> None:
    seen(sessions, serial="SER1", holder="Aino", holder_email="aino@city.example")
    go(sessions, "retired")
    seen(sessions, 9, serial="SER1", holder="Bo", holder_email="bo@city.example")
    found = devices(sessions)[0]
    assert (found["state"], found["holder"], found["holder_email"]) == ("retired", None, None)
    assert found["state_since"] == later(1)


def test_into_use_again_lets_the_tool_say_who_has_it(sessions: Sessions) -> None:
    seen(sessions, serial="SER1", holder="Aino")
    go(sessions, "in_stock")
    seen(sessions, 2, serial="SER1", holder="Bo")
    assert devices(sessions)[0]["holder"] is None
    go(sessions, "in_use", 3)
    assert devices(sessions)[0]["holder"] == "Bo"


def test_a_device_taken_out_of_use_leaves_its_contracts_that_day_and_the_history_keeps_them(sessions: Sessions) -> None:
    lease = {"number": "L-1", "kind": "lease", "start": "2026-01-01", "end": "2028-12-31", "monthly_fee_cents": 1250}
    seen(sessions, name="papers", serial="SER1", state="in_use", contract=lease)
    go(sessions, "in_stock")
    with sessions.read.begin() as session:
        assert [row.ended_on for row in contract_words.members_of(session, 1)] == [None]
    go(sessions, "retired", 2)
    with sessions.read.begin() as session:
        assert [row.ended_on for row in contract_words.members_of(session, 1)] == [NOON.date()]


def test_a_lost_device_is_to_be_locked_where_something_manages_it(sessions: Sessions) -> None:
    seen(sessions, serial="SER1", manages=True, os="iOS")
    assert "Lock it at once in intune" in (go(sessions, "lost").next_step or "")
    with pytest.raises(Misconfigured, match="the decision to write it off"):
        go(sessions, "retired", 2, documents=[WIPED])
    go(sessions, "retired", 3, documents=[Document(Paper.DECISION, "§ 12/2026")])


def test_a_lost_phone_that_nothing_manages_has_its_sim_card_closed(sessions: Sessions) -> None:
    seen(sessions, name="papers", serial="SER1", phone_number="+358401234567")
    assert "close its SIM card" in (go(sessions, "lost").next_step or "")


def test_a_lost_computer_is_not_said_to_be_lockable_by_a_tool_that_can_lock_no_such_one(sessions: Sessions) -> None:
    seen(sessions, serial="SER1", manages=True, os="Windows", kind="laptop")
    told = (go(sessions, "lost").next_step or "").split("\n")
    assert told[0] == "Nothing can lock it from afar."
    assert not any("SIM card" in line or "intune" in line for line in told)


def test_the_state_is_no_value_to_be_set(sessions: Sessions) -> None:
    seen(sessions, serial="SER1")
    with pytest.raises(Misconfigured, match="can't be given like a value"):
        edit(sessions, actor(), 1, {"state": "retired"}, reason="x", now=later(1))


def test_a_state_locked_to_a_source_is_changed_there(sessions: Sessions) -> None:
    locked = policy_of({"state": Weighing(locked="papers")})
    run(sessions, page(row("1", serial="SER1", state="in_stock")), name="papers", kind="sheet", policy=locked)
    with pytest.raises(Refused, match="locked to papers"):
        go(sessions, "retired")


def test_a_reason_is_asked_for_and_a_device_that_is_no_more_named(sessions: Sessions) -> None:
    seen(sessions, serial="SER1")
    with pytest.raises(Misconfigured, match="A reason is missing"):
        transition(sessions, actor(), 1, State.LOST, reason=" ", now=later(1))
    with pytest.raises(NotFound):
        transition(sessions, actor(), 7, State.LOST, reason="x", now=later(1))


def test_the_steps_there_are_say_what_each_still_asks_for(sessions: Sessions) -> None:
    seen(sessions, name="papers", serial="SER1", state="in_stock")
    state, steps = steps_of(sessions, 1)
    assert state is State.IN_STOCK
    assert {item.target: tuple(map(str, item.lacking)) for item in steps}[State.IN_USE] == ("place",)


def test_since_when_a_state_lasts_is_kept_over_other_changes(sessions: Sessions) -> None:
    seen(sessions, serial="SER1", name="papers", state="in_stock")
    seen(sessions, 5, serial="SER1", name="papers", state="in_stock", room="A1")
    assert devices(sessions)[0]["state_since"] == NOON
    seen(sessions, 6, serial="SER1", name="papers", state="retired", room="A1")
    assert devices(sessions)[0]["state_since"] == later(6)


DAY = 24 * 60
ENROLLED = {"serial": "SER1", "manages": True, "unit": "kasa"}


@pytest.mark.parametrize(
    ("rule", "body", "minutes"),
    [
        (Rule.WIPED, {"management_state": "wipeIssued", "live": False}, 1),
        (Rule.DEPROVISIONED, {"management_state": "DEPROVISIONED", "live": False}, 1),
        (Rule.SILENT, {}, 91 * DAY),
    ],
)
def test_what_a_source_says_suggests_a_state_once(
    sessions: Sessions, rule: Rule, body: dict[str, Any], minutes: int
) -> None:
    seen(sessions, serial="SER1", **body)
    assert suggested(sessions, minutes) == [(1, rule)]
    assert suggested(sessions, minutes + 1) == []
    found = rows(sessions, schema.suggestion)
    assert [(line["rule"], line["target"]) for line in found] == [(rule, SUGGESTED[rule])]
    assert [shown["rule"] for shown in listed(sessions)] == [rule]


def listed(sessions: Sessions) -> list[Any]:
    view = browser(sessions)
    return list(view.rows("suggestions", view.keys("suggestions", Query())))


def test_a_device_heard_of_the_day_before_the_limit_is_not_silent(sessions: Sessions) -> None:
    seen(sessions, serial="SER1")
    assert suggested(sessions, 90 * DAY) == []
    assert suggested(sessions, 90 * DAY + 1) == [(1, Rule.SILENT)]


def test_a_device_that_no_source_lists_any_more_is_suggested_to_be_out_of_use(sessions: Sessions) -> None:
    run(sessions, page(row("1", serial="SER1"), row("2", serial="SER2"), row("3", serial="SER3")))
    run(sessions, page(row("2", serial="SER2"), row("3", serial="SER3")), now=later(1))
    assert suggested(sessions, 30 * DAY) == []
    assert suggested(sessions, 30 * DAY + 2) == [(1, Rule.MISSING)]


def test_a_device_in_stock_that_a_tool_has_is_suggested_to_be_in_use_until_a_person_took_it_back(
    sessions: Sessions,
) -> None:
    seen(sessions, name="papers", serial="SER1", state="in_stock", unit="kasa")
    seen(sessions, 1, **ENROLLED)
    assert suggested(sessions, 2) == [(1, Rule.ENROLLED)]
    go(sessions, "in_use", 3)
    go(sessions, "in_stock", 4)
    assert suggested(sessions, 5) == []
    seen(sessions, 6, enrolled_at=later(6).isoformat(), **ENROLLED)
    assert suggested(sessions, 7) == [(1, Rule.ENROLLED)]


def test_a_lost_device_heard_of_again_is_suggested_to_be_found(sessions: Sessions) -> None:
    seen(sessions, serial="SER1")
    go(sessions, "lost")
    assert suggested(sessions, 2) == []
    seen(sessions, 3, serial="SER1")
    assert suggested(sessions, 4) == [(1, Rule.SEEN_AGAIN)]


def test_a_leavers_device_is_suggested_to_be_taken_back_unless_another_directory_has_them(sessions: Sessions) -> None:
    def people(minutes: int, active: bool, name: str, **more: Any) -> None:
        body = {"email": "aino@city.example", "active": active, **more}
        run(sessions, page(row("p", Subject.PERSON, **body)), name=name, now=later(minutes))

    seen(sessions, serial="SER1", holder_email="aino@city.example")
    people(1, True, "entra")
    assert suggested(sessions, 2) == []
    people(3, True, "entra", leave_date=later(DAY).date().isoformat())
    assert suggested(sessions, 4) == []
    assert suggested(sessions, 2 * DAY) == [(1, Rule.HOLDER_LEFT)]
    people(2 * DAY + 1, True, "google")
    assert suggested(sessions, 2 * DAY + 2) == []
    assert rows(sessions, schema.suggestion) == []


def test_a_dismissed_suggestion_comes_back_only_with_something_newer(sessions: Sessions) -> None:
    seen(sessions, serial="SER1")
    go(sessions, "lost")
    seen(sessions, 3, serial="SER1")
    suggested(sessions, 4)
    assert dismiss(sessions, actor(), 1, reason="a clock", now=later(5)) is Rule.SEEN_AGAIN
    assert (suggested(sessions, 6), listed(sessions)) == ([], [])
    with pytest.raises(NotFound):
        dismiss(sessions, actor(), 1, reason="again", now=later(7))
    seen(sessions, 8, serial="SER1")
    assert suggested(sessions, 9) == [(1, Rule.SEEN_AGAIN)]


def test_a_step_ends_what_was_suggested(sessions: Sessions) -> None:
    seen(sessions, serial="SER1")
    suggested(sessions, 91 * DAY)
    go(sessions, "lost", 91 * DAY + 1)
    assert rows(sessions, schema.suggestion) == []


def test_a_rule_that_may_decides_by_itself_and_says_so(sessions: Sessions) -> None:
    seen(sessions, name="papers", serial="SER1", state="in_stock")
    seen(sessions, 1, **ENROLLED)
    timer = actor("timer", Role.COLLECTOR)
    looked = look(sessions, timer, lifecycle(accept=["enrolment_seen"]), HELSINKI, later(2))
    assert (looked.moved, looked.stuck, devices(sessions)[0]["state"]) == ((1,), (), "in_use")
    step = rows(sessions, schema.transition)[0]
    assert (step["rule"], step["by"], step["reason"]) == ("enrolment_seen", "timer", "a management tool has it")
    assert rows(sessions, schema.suggestion) == []


def test_a_rule_does_not_undo_what_a_person_did_since(sessions: Sessions) -> None:
    wiped = {"serial": "SER1", "unit": "kasa", "management_state": "wipeIssued", "live": False}
    seen(sessions, **wiped)
    by_rule = lifecycle(accept=["wiped"])
    assert look(sessions, actor(), by_rule, HELSINKI, later(1)).moved == (1,)
    go(sessions, "in_use", 2)
    assert look(sessions, actor(), by_rule, HELSINKI, later(3)).found == ()
    seen(sessions, 4, **wiped)
    assert look(sessions, actor(), by_rule, HELSINKI, later(5)).moved == (1,), "wiped once more"


def test_a_timers_own_user_may_carry_out_what_a_rule_decides(
    fresh_register: Callable[[str], str], tmp_path: Path
) -> None:
    address = fresh_register("postgresql")
    timer = staffed(address, tmp_path)[Role.COLLECTOR]
    with opened(timer, tmp_path) as sessions:
        seen(sessions, name="papers", serial="SER1", state="in_stock", holder="Aino")
        seen(sessions, 1, **ENROLLED)
        looked = look(
            sessions, actor("timer", Role.COLLECTOR), lifecycle(accept=["enrolment_seen"]), HELSINKI, later(2)
        )
        assert (looked.moved, looked.stuck) == ((1,), ())
        seen(sessions, 3, management_state="wipeIssued", live=False, **{**ENROLLED, "manages": False})
        taken = look(sessions, actor("timer", Role.COLLECTOR), lifecycle(accept=["wiped"]), HELSINKI, later(4))
        assert (taken.moved, taken.stuck, devices(sessions)[0]["holder"]) == ((1,), (), None)


def test_a_persons_code_is_masked_in_what_is_kept_of_a_step(sessions: Sessions) -> None:
    seen(sessions, serial="SER1")
    suggested(sessions, 91 * DAY)
    dismiss(sessions, actor(), 1, reason="131052-308T said so", now=later(91 * DAY + 1))
    assert "131052-308T" not in str(rows(sessions, schema.suggestion))
    with pytest.raises(Misconfigured, match="reason is missing"):
        dismiss(sessions, actor(), 1, reason=" ", now=later(91 * DAY + 2))


def test_a_rule_that_lacks_something_leaves_the_suggestion_to_a_person(sessions: Sessions) -> None:
    seen(sessions, name="papers", serial="SER1", state="in_stock")
    seen(sessions, 1, serial="SER1", manages=True)
    looked = look(sessions, actor(), lifecycle(accept=["enrolment_seen"]), HELSINKI, later(2))
    assert (looked.moved, [number for number, _ in looked.stuck]) == ((), [1])
    assert len(rows(sessions, schema.suggestion)) == 1


def test_a_rule_that_says_nothing_of_where_a_device_is_may_not_decide() -> None:
    with pytest.raises(ValueError, match="accept"):
        lifecycle(accept=["silent_long"])


def test_no_suggestion_is_a_step_that_there_is_not() -> None:
    sources = {Rule.ENROLLED: (State.PLANNED, State.ORDERED, State.IN_STOCK), Rule.SEEN_AGAIN: (State.LOST,)}
    for rule, target in SUGGESTED.items():
        for state in sources.get(rule, (State.IN_USE,)):
            assert (state, target) in STEPS, (rule, state)


def test_a_look_over_all_devices_takes_one_read_of_them(sessions: Sessions) -> None:
    run(sessions, page(*(row(f"n{i}", serial=f"SER{i:04d}", as_of=NOON) for i in range(300))))
    assert len(suggested(sessions, 91 * DAY)) == 300
    assert len(rows(sessions, schema.suggestion)) == 300
    assert look(sessions, actor(), lifecycle(), HELSINKI, NOON + timedelta(days=91)).found == ()
