"""Remote actions from the wish to the answer: who may, what is refused, and that at most one order leaves."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from intent_rig import ANNA, HOLDER, LIVE, MINUTE, PHONE, QUARTER, Eye, Office, cancel, clear, look, send
from register_rig import actor as somebody
from register_rig import browser, page, row, rows, run

from devreg.action_ports import Accepted, AwaitsApproval, Live, NotSent, Rejected, Sent, SignedIn, Unclear
from devreg.domain.action import Limits, Standing
from devreg.domain.device import Ownership, State
from devreg.domain.followed import Reading
from devreg.domain.platforms import Mode, RemoteAct
from devreg.errors import Conflict, DevregError, Misconfigured, Refused, Retryable
from devreg.ports import Deed, Outside
from devreg.services import act, asking, freezing, limiting, settle
from devreg.services.lifecycle import transition
from devreg.services.renaming import rename_source
from devreg.store import schema
from devreg.store.intents import Intent


def events(office: Office, number: int = 1) -> list[str]:
    sessions, _ = office.who("anna")
    from devreg.store import intents

    with sessions.read.begin() as session:
        return [line.after for line in intents.events(session, number)]


def reading(office: Office, **more: Any) -> Reading:
    return Reading(**{"at": office.now(), "is_there": True, "serial": PHONE["serial"], "state": "managed", **more})


def test_a_lock_needs_one_person_and_its_row_is_committed_before_anything_leaves(office: Office) -> None:
    office.ask(RemoteAct.LOCK, typed=None)
    office.hand.before_sending = lambda: None
    found = send(office)
    assert found.standing is Standing.ACCEPTED
    (seen,) = office.hand.rows_seen
    assert seen["standing"] == "sending"
    assert seen["request_id"] == office.hand.sent[0].request_id
    assert seen["sending_at"] is not None
    assert [line["act"] for line in office.trail()][-3:] == ["request", "sending", "accepted"]
    assert {line["intent_id"] for line in office.trail()[-3:]} == {1}


def test_a_wipe_leaves_only_after_a_second_person_or_the_delay_and_by_who_asked(office: Office) -> None:
    office.ask(RemoteAct.WIPE)
    with pytest.raises(
        Refused, match="waits for a second person" if office.engine == "postgresql" else "delay is over"
    ):
        send(office)
    clear(office)
    with pytest.raises(Refused, match="requested A000001 and sends it"):
        send(office, who="bertta")
    assert office.hand.sent == []
    assert send(office).standing is Standing.ACCEPTED
    (order,) = office.hand.sent
    assert (order.act, order.target.native_id, order.justification) == (RemoteAct.WIPE, "m1", "left on a bus")


def test_nobody_approves_their_own(office: Office) -> None:
    office.ask(RemoteAct.WIPE, who="bertta")
    sessions, actor = office.who("bertta")
    with pytest.raises(Refused, match="SQLite" if office.engine == "sqlite" else "a second person approves it"):
        act.approve(sessions, actor, 1, reason=None, now=office.now())
    sessions, actor = office.who("anna")
    with pytest.raises(Refused, match="a technician here"):
        act.approve(sessions, actor, 1, reason=None, now=office.now())
    assert office.standing() == "requested"


def test_on_sqlite_anybody_can_cancel_until_the_last_second_of_the_delay(office: Office) -> None:
    office.ask(RemoteAct.WIPE)
    if office.engine == "sqlite":
        office.pass_time(QUARTER - timedelta(seconds=1))
        with pytest.raises(Refused, match="until then everybody can cancel it"):
            send(office)
    cancel(office)
    office.pass_time(MINUTE)
    with pytest.raises(Conflict, match="“cancelled” by now"):
        send(office)
    assert office.hand.sent == []


@pytest.mark.parametrize("cause", ["the answer never came", "the connection was cut"])
def test_an_order_that_may_have_arrived_is_never_sent_again(office: Office, cause: str) -> None:
    office.ask(RemoteAct.WIPE)
    clear(office)
    office.hand.answers = [Unclear(cause)]
    assert send(office).standing is Standing.UNKNOWN
    for _ in range(3):
        office.pass_time(QUARTER)
        look(office, Eye(reading(office)))
        with pytest.raises(Conflict):
            send(office)
    assert len(office.hand.sent) == 1
    assert office.standing() == "unknown"
    with pytest.raises(Conflict, match="an open action"):
        office.ask(RemoteAct.RETIRE if office.engine == "x" else RemoteAct.WIPE)


def test_a_program_that_ends_while_sending_leaves_an_order_that_may_have_arrived(office: Office) -> None:
    office.ask(RemoteAct.WIPE)
    clear(office)
    office.hand.answers = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        send(office)
    assert office.standing() == "sending"
    assert look(office, Eye()) == []  # perhaps it is still at it
    office.pass_time(6 * MINUTE)
    lost, read = look(office, Eye(reading(office)))
    assert lost.after.standing is Standing.UNKNOWN
    assert read.after.standing is Standing.UNKNOWN
    with pytest.raises(Conflict):
        send(office)
    assert len(office.hand.sent) == 1


def test_what_never_left_this_machine_may_be_sent_again(office: Office) -> None:
    office.ask(RemoteAct.WIPE)
    clear(office)
    before = office.standing()
    office.hand.answers = [NotSent("no route"), Accepted("c-1")]
    assert send(office).standing == before
    found = send(office)
    assert (found.standing, found.command_id) == (Standing.ACCEPTED, "c-1")


def test_a_refused_order_has_failed(office: Office) -> None:
    office.ask(RemoteAct.LOCK)
    office.hand.answers = [Rejected("not supported")]
    found = send(office)
    assert (found.standing, found.said) == (Standing.FAILED, "not supported")
    with pytest.raises(Conflict):
        send(office)


def test_the_second_admin_of_the_management_system_is_waited_for_and_the_identical_order_sent_once_more(
    office: Office,
) -> None:
    office.ask(RemoteAct.WIPE)
    clear(office)
    office.hand.answers = [AwaitsApproval("code-1"), Accepted()]
    assert send(office).standing is Standing.NEEDS_APPROVAL
    office.pass_time(MINUTE)
    look(office, Eye(reading(office, approval="needsApproval")))
    office.pass_time(MINUTE)
    look(office, Eye(reading(office, approval="approved")))
    assert len(office.hand.sent) == 1  # nothing is sent by whoever only looks
    assert send(office).standing is Standing.ACCEPTED
    first, second = office.hand.sent
    assert (first.approval_code, second.approval_code) == (None, "code-1")
    assert msgspec.structs.replace(second, approval_code=None) == first


def test_an_approval_that_the_system_does_not_take_ends_it(office: Office) -> None:
    office.ask(RemoteAct.WIPE)
    clear(office)
    office.hand.answers = [AwaitsApproval("code-1"), AwaitsApproval("code-2")]
    send(office)
    assert send(office).standing is Standing.FAILED
    assert len(office.hand.sent) == 2


@pytest.mark.parametrize(
    ("word", "standing"),
    [("rejected", Standing.REJECTED), ("cancelled", Standing.CANCELLED), ("expired", Standing.EXPIRED)],
)
def test_what_the_second_admin_says_no_to_is_over(office: Office, word: str, standing: Standing) -> None:
    office.ask(RemoteAct.WIPE)
    clear(office)
    office.hand.answers = [AwaitsApproval("code-1")]
    send(office)
    office.pass_time(MINUTE)
    (found,) = look(office, Eye(reading(office, approval=word)))
    assert found.after.standing is standing
    with pytest.raises(Conflict):
        send(office)


@pytest.mark.parametrize(
    "live",
    [
        None,
        msgspec.structs.replace(LIVE, native_id="m2"),
        msgspec.structs.replace(LIVE, serial="R58N12ABCDF"),
        msgspec.structs.replace(LIVE, serial=None),
        msgspec.structs.replace(LIVE, ownership=Ownership.PERSONAL),
        msgspec.structs.replace(LIVE, ownership=None),
        msgspec.structs.replace(LIVE, mode=Mode.ANDROID_WORK_PROFILE),
        msgspec.structs.replace(LIVE, mode=None),
        msgspec.structs.replace(LIVE, user="somebody.else@city.example"),
        msgspec.structs.replace(LIVE, user=None),
        msgspec.structs.replace(LIVE, pending="wipePending"),
    ],
)
def test_a_device_that_is_not_what_was_approved_makes_the_intent_void(office: Office, live: Live | None) -> None:
    office.ask(RemoteAct.WIPE)
    clear(office)
    office.hand.live = live
    found = send(office)
    assert found.standing is Standing.VOID
    assert found.said
    assert office.hand.sent == []
    with pytest.raises(Conflict):
        send(office)


def test_a_device_that_cannot_be_read_sends_nothing_and_can_be_tried_again(office: Office) -> None:
    office.ask(RemoteAct.WIPE)
    clear(office)
    before = office.standing()

    def broken(_: object) -> Live | None:
        raise Retryable("no answer")

    office.hand.look = broken  # type: ignore[method-assign]
    with pytest.raises(Retryable):
        send(office)
    assert (office.standing(), office.hand.sent) == (before, [])


@pytest.mark.parametrize(
    ("mine", "theirs", "goes"),
    [
        ("company", "company", True),
        ("personal", "company", False),
        ("company", "personal", False),
        (None, "company", False),
        ("company", None, False),
        (None, None, False),
    ],
)
def test_only_devices_that_both_say_are_the_citys_can_be_wiped(
    office: Office, mine: str | None, theirs: str | None, goes: bool
) -> None:
    said = {**PHONE, "serial": "R58N12XXXXX", "asset_tag": "KAU-0013", "ownership": theirs}
    run(office.owner, page(HOLDER, row("m1", **PHONE), row("m9", **{k: v for k, v in said.items() if v is not None})))
    if mine is not None and mine != theirs:
        from devreg.services.editing import edit

        sessions, actor = office.who("anna")
        edit(sessions, actor, 2, {"ownership": mine}, reason="papers", now=office.now())
    expected_unknown = mine is None or theirs is None
    if goes or (mine is None and theirs == "company"):  # the register believes the tool where nobody says otherwise
        office.ask(RemoteAct.WIPE, device_id=2, typed="KAU-0013")
        return
    with pytest.raises(
        Refused, match="do not both say" if expected_unknown and "personal" not in (mine, theirs) else "somebody's own"
    ):
        office.ask(RemoteAct.WIPE, device_id=2, typed="KAU-0013")
    assert office.intents() == []


@pytest.mark.parametrize("typed", [None, "", "KAU-0013", "KAU", "R58N12ABCDE", "y", "KAU-00122"])
def test_the_wrong_tag_sends_nothing(office: Office, typed: str | None) -> None:
    with pytest.raises(Refused, match="asset tag|serial"):
        office.ask(RemoteAct.WIPE, typed=typed)
    assert office.intents() == []


def test_too_many_wipes_hold_all_further_ones_until_a_second_person_lets_them_go_while_locks_go_on(
    office: Office,
) -> None:
    _phones(office, 8)
    asked = [office.ask(RemoteAct.WIPE, who=who, device_id=device_id, typed=f"TAG{device_id}")
             for device_id, who in zip(range(2, 8), ("anna", "anna", "anna", "bertta", "bertta", "bertta"), strict=True)]  # fmt: skip
    assert len(asked) == 6
    with pytest.raises(Refused, match="on hold"):
        office.ask(RemoteAct.WIPE, who="carl", device_id=8, typed="TAG8")
    if office.engine == "postgresql":
        clear(office, 1)
    else:
        office.pass_time(QUARTER)
    with pytest.raises(Refused, match="on hold"):
        send(office, 1)
    office.ask(RemoteAct.LOCK, device_id=9)
    office.hand.live = msgspec.structs.replace(LIVE, native_id="p9", serial="PHONE9")
    assert send(office, 7).standing is Standing.ACCEPTED
    sessions, actor = office.who("bertta")
    with pytest.raises(Refused, match="second person"):
        freezing.unhold(sessions, actor, "all lost together", now=office.now())
    sessions, actor = office.who("carl")
    freezing.unhold(sessions, actor, "all lost together", now=office.now())
    office.hand.live = msgspec.structs.replace(LIVE, native_id="p2", serial="PHONE2")
    assert send(office, 1).standing is Standing.ACCEPTED


def test_a_clock_that_goes_back_lifts_no_hold(office: Office) -> None:
    _phones(office, 8)
    people = ("anna", "anna", "anna", "bertta", "bertta")
    for device_id, who in zip(range(2, 7), people, strict=True):
        office.ask(RemoteAct.WIPE, who=who, device_id=device_id, typed=f"TAG{device_id}")
    office.pass_time(-timedelta(days=3))
    office.ask(RemoteAct.WIPE, who="bertta", device_id=7, typed="TAG7")
    with pytest.raises(Refused, match="on hold"):
        office.ask(RemoteAct.WIPE, who="carl", device_id=8, typed="TAG8")


def test_a_person_may_ask_for_so_many_wipes_a_day_and_cancelling_gives_none_back(office: Office) -> None:
    _phones(office, 5)
    for device_id in (2, 3, 4):
        office.ask(RemoteAct.WIPE, device_id=device_id, typed=f"TAG{device_id}")
    cancel(office, 1)
    with pytest.raises(Refused, match="has requested 3 in 24 hours"):
        office.ask(RemoteAct.WIPE, device_id=5, typed="TAG5")
    office.ask(RemoteAct.LOCK, device_id=5)
    office.pass_time(timedelta(hours=25))
    office.ask(RemoteAct.WIPE, device_id=5, typed="TAG5")


def test_limits_are_those_that_an_admin_put_into_force(office: Office) -> None:
    sessions, actor = office.who("bertta")
    with pytest.raises(Refused, match="an approver here"):
        limiting.apply(sessions, actor, Limits(daily_per_operator=50), now=office.now())
    owner = office.owner

    assert limiting.apply(owner, somebody(), Limits(daily_per_operator=1), now=office.now())
    assert not limiting.apply(owner, somebody(), Limits(daily_per_operator=1), now=office.now())
    _phones(office, 3)
    office.ask(RemoteAct.WIPE, device_id=2, typed="TAG2")
    with pytest.raises(Refused, match="has requested 1 in"):
        office.ask(RemoteAct.WIPE, device_id=3, typed="TAG3")


@pytest.mark.parametrize("entry", ["kau-0012", "R58N12ABCDE", "phone"])
def test_what_is_protected_is_not_wiped(office: Office, entry: str) -> None:
    sessions, actor = office.who("anna")
    wish = asking.Wish(1, RemoteAct.WIPE, "lost", typed="KAU-0012")
    with pytest.raises(Refused, match="protected"):
        asking.ask(sessions, actor, wish, office.brake, now=office.now(), protected=(entry,))


def test_a_freeze_between_approval_and_sending_stops_everything(office: Office) -> None:
    office.ask(RemoteAct.WIPE)
    clear(office)
    assert freezing.pull(office.brake, "odd wipes", office.now()) is None
    for number, kind in ((1, None), (0, RemoteAct.LOCK)):
        with pytest.raises(Refused, match="frozen"):
            send(office, number) if kind is None else office.ask(kind)
    assert office.hand.sent == []


def test_a_freeze_at_the_last_moment_stops_the_order_and_it_may_be_sent_later(office: Office) -> None:
    office.ask(RemoteAct.WIPE)
    clear(office)
    before = office.standing()
    looked = office.hand.look

    def pulled(target: Any) -> Live | None:
        freezing.pull(office.brake, "odd wipes", office.now())
        return looked(target)

    office.hand.look = pulled  # type: ignore[method-assign]
    assert send(office).standing == before
    assert office.hand.sent == []
    office.hand.look = looked  # type: ignore[method-assign]
    sessions, actor = office.who("anna")
    with pytest.raises(Refused):
        freezing.unfreeze(sessions, actor, office.brake, "over", now=office.now())
    sessions, actor = office.who("carl")
    freezing.unfreeze(sessions, actor, office.brake, "over", now=office.now())
    assert send(office).standing is Standing.ACCEPTED


def test_a_freeze_in_the_register_stops_other_machines(office: Office) -> None:
    office.ask(RemoteAct.LOCK)
    sessions, actor = office.who("carl")
    freezing.freeze(sessions, actor, "odd wipes", now=office.now())
    with pytest.raises(Refused, match="for everybody"):
        send(office)
    assert office.hand.sent == []


def test_an_approval_that_is_too_old_sends_nothing_and_ends(office: Office) -> None:
    office.ask(RemoteAct.WIPE)
    clear(office)
    office.pass_time(timedelta(hours=24, minutes=16))
    with pytest.raises(Conflict, match="too old"):
        send(office)
    (ended,) = look(office, Eye())
    assert ended.after.standing is Standing.EXPIRED
    assert office.hand.sent == []


@pytest.mark.parametrize("outside", ["none", "unwritable"])
def test_without_both_places_of_the_audit_trail_nothing_is_sent(office: Office, outside: str, tmp_path: Path) -> None:
    office.ask(RemoteAct.WIPE)
    clear(office)
    before = office.standing()
    sessions, actor = office.who("anna")
    file = None if outside == "none" else tmp_path / "no folder" / "trail"
    sessions = msgspec.structs.replace(sessions, outside=Outside(file))
    with pytest.raises(Refused, match="second place" if file is None else "can't be told"):
        act.send(sessions, actor, 1, office.hand, office.brake, clock=office.now)
    assert (office.standing(), office.hand.sent) == (before, [])


def test_only_the_same_person_signed_in_lately_sends(office: Office) -> None:
    office.ask(RemoteAct.WIPE)
    clear(office)
    office.hand.signed = SignedIn("carl@city.example", office.now())
    with pytest.raises(Refused, match="has signed in, but"):
        send(office)
    office.hand.signed = SignedIn(ANNA.upper(), office.now() - 16 * MINUTE)
    with pytest.raises(Refused, match="too old"):
        send(office)
    sessions, actor = office.who("anna")
    nobody = msgspec.structs.replace(actor, entra=None)
    office.hand.signed = SignedIn(ANNA, office.now())
    with pytest.raises(Refused, match="does not know who"):
        act.send(sessions, nobody, 1, office.hand, office.brake, clock=office.now)
    assert office.hand.sent == []
    office.hand.signed = SignedIn(ANNA.upper(), office.now())
    assert send(office).standing is Standing.ACCEPTED


def test_what_asks_for_a_second_look_needs_a_reason_of_its_own(office: Office) -> None:
    run(office.owner, page(HOLDER, row("m1", as_of=office.now() - MINUTE, **PHONE)), now=office.now())
    with pytest.raises(Refused, match="within the last hour"):
        office.ask(RemoteAct.WIPE)
    found = office.ask(RemoteAct.WIPE, despite="taken from a desk, seen by the office's own network")
    assert "seen_lately" in (found.bound.cautions or "")
    assert found.bound.despite


def test_a_lost_device_is_neither_opened_nor_let_go(office: Office) -> None:
    sessions, actor = office.who("anna")
    transition(sessions, actor, 1, State.LOST, reason="left on a bus", now=office.now())
    with pytest.raises(Refused, match="help who found it"):
        office.ask(RemoteAct.RESET_PASSCODE)
    office.ask(RemoteAct.LOCK)


def test_twenty_at_once_leave_one_intent(office: Office) -> None:
    found: list[Intent] = []
    refused: list[Exception] = []

    def ask() -> None:
        try:
            found.append(office.ask(RemoteAct.WIPE))
        except DevregError as error:
            refused.append(error)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), len(refused), len(office.intents())) == (1, 19, 1)


def test_a_confirmed_wipe_takes_the_device_where_it_was_asked_to_go(office: Office) -> None:
    office.ask(RemoteAct.WIPE, then_state=State.IN_STOCK)
    clear(office)
    send(office)
    office.pass_time(MINUTE)
    look(office, Eye(reading(office, state="wipePending")))
    assert office.standing() == "accepted"
    office.pass_time(MINUTE)
    (found,) = look(office, Eye(reading(office, is_there=False, serial=None, state=None)))
    assert found.after.standing is Standing.CONFIRMED
    (device,) = [line for line in _devices(office) if line["id"] == 1]
    assert device["state"] == "in_stock"
    assert "transition" in [line["act"] for line in office.trail()]


def test_a_record_that_is_gone_without_having_been_seen_pending_confirms_nothing(office: Office) -> None:
    office.ask(RemoteAct.WIPE)
    clear(office)
    send(office)
    office.pass_time(MINUTE)
    (found,) = look(office, Eye(reading(office, is_there=False, serial=None, state=None)))
    assert found.after.standing is Standing.ACCEPTED
    sessions, actor = office.who("anna")
    with pytest.raises(Misconfigured, match="reason"):
        settle.say(sessions, actor, 1, Standing.CONFIRMED, reason=" ", now=office.now())
    assert settle.say(
        sessions, actor, 1, Standing.CONFIRMED, reason="the phone lies here, empty", now=office.now()
    ).standing is Standing.CONFIRMED  # fmt: skip


def test_what_can_not_be_read_changes_nothing_and_is_looked_at_again_later(office: Office) -> None:
    office.ask(RemoteAct.LOCK)
    send(office)
    office.pass_time(MINUTE)
    (found,) = look(office, Eye(Retryable("no answer")))
    assert (found.problem, found.after.standing) == ("no answer", Standing.ACCEPTED)
    assert look(office, Eye()) == []  # not at once again


def test_a_wipe_drops_what_else_waits_for_the_device(office: Office) -> None:
    office.ask(RemoteAct.LOCK)
    send(office)
    office.ask(RemoteAct.WIPE)
    clear(office, 2)
    send(office, 2)
    assert (office.standing(1), office.standing(2)) == ("cancelled", "accepted")


def test_a_wipe_ordered_from_here_raises_no_alarm_when_the_tools_log_tells_of_it(office: Office) -> None:
    office.ask(RemoteAct.WIPE)
    clear(office)
    sent = send(office)
    what = "wipe ordered outside devreg by anna"
    ours = Deed("m1", what, office.now() + timedelta(hours=2), sent.bound.request_id)
    near = Deed("m1", what, sent.sending_at or office.now())
    theirs = Deed("m1", "wipe ordered outside devreg by mallory", office.now() + timedelta(hours=2), "another")
    told = page(HOLDER, row("m1", **PHONE))
    run(office.owner, msgspec.structs.replace(told, deeds=(ours, near, theirs)), now=office.now())
    assert [line["what"] for line in rows(office.owner, schema.alarm)] == [theirs.what]


def test_a_device_that_enrols_again_keeps_its_open_wipe_and_is_not_handed_out_before_it_is_settled(
    office: Office,
) -> None:
    office.ask(RemoteAct.WIPE)
    clear(office)
    send(office)
    sessions, actor = office.who("anna")
    transition(sessions, actor, 1, State.IN_STOCK, reason="came back", now=office.now())
    run(office.owner, page(HOLDER, row("m2", **PHONE)), now=office.now())
    (device,) = [line for line in _devices(office) if line["serial"] == PHONE["serial"]]
    shown = browser(office.owner).device(device["id"])
    assert [found.standing for found in shown.actions] == [Standing.ACCEPTED]
    with pytest.raises(Refused, match="may still empty it: A000001"):
        transition(
            sessions, actor, device["id"], State.IN_USE, reason="next one", given={"unit": "x"}, now=office.now()
        )
    settle.say(sessions, actor, 1, Standing.FAILED, reason="it was never emptied", now=office.now())
    transition(sessions, actor, device["id"], State.IN_USE, reason="next one", given={"unit": "x"}, now=office.now())


def test_every_answer_of_a_sender_has_a_standing(office: Office) -> None:
    answers: tuple[Sent, ...] = (Accepted(), NotSent("x"), Rejected("x"), Unclear("x"), AwaitsApproval("x"))
    expected = ("accepted", "requested", "failed", "unknown", "needs_mdm_approval")
    acts = (RemoteAct.LOCK, RemoteAct.SYNC, RemoteAct.REBOOT, RemoteAct.PLAY_SOUND, RemoteAct.LOCATE)
    for number, (answer, kind) in enumerate(zip(answers, acts, strict=True), 1):
        office.ask(kind)
        office.hand.answers = [answer]
        send(office, number)
    assert [line["standing"] for line in office.intents()] == list(expected)


def _phones(office: Office, last: int) -> None:
    """Devices 2 to `last` + 1: phones p2, p3, … with tags TAG2, …"""
    more = [
        row(f"p{n}", **{**PHONE, "serial": f"PHONE{n}", "asset_tag": f"TAG{n}", "name": f"phone {n}"})
        for n in range(2, last + 2)
    ]
    run(office.owner, page(HOLDER, row("m1", **PHONE), *more), now=office.now())


def _devices(office: Office) -> list[dict[str, Any]]:
    from register_rig import devices

    return devices(office.owner)


def test_a_source_whose_actions_are_open_keeps_its_name(office: Office) -> None:
    office.ask(RemoteAct.LOCK)
    with pytest.raises(Refused, match="still open: A000001"):
        rename_source(office.owner, "intune", "intune2", actor=somebody(), now=office.now())
    cancel(office)
    rename_source(office.owner, "intune", "intune2", actor=somebody(), now=office.now())
    assert office.intents()[0]["source"] == "intune"
