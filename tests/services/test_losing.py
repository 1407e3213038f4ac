"""Reporting a device as lost, also one that nothing can lock."""

import pytest
from intent_rig import Office
from register_rig import page, row, run

from devreg.domain.platforms import RemoteAct
from devreg.errors import DevregError, Misconfigured, Refused
from devreg.services import act, losing, remote_menu
from devreg.services.losing import Lost

SIM = "Have the operator close its SIM card today, and ask how its IMEI is barred."


def report(office: Office, device_id: int, who: str = "anna", reason: str = "left on a bus") -> Lost:
    sessions, actor = office.who(who)
    return losing.report(sessions, actor, device_id, office.brake, reason=reason, now=office.now())


def state(office: Office, device_id: int) -> str:
    return str(office.raw("SELECT state FROM device WHERE id = :id", id=device_id))


def listed(office: Office, **body: str) -> None:
    """Device 2: known from a list of purchases alone."""
    papers = page(row("r1", serial="SN00000002", **body))
    assert run(office.owner, papers, name="papers", kind="sheet", now=office.now()).verdict is not None


def test_a_phone_that_nothing_can_lock_becomes_lost_and_what_to_do_instead_is_said(office: Office) -> None:
    listed(office, kind="phone")
    sessions, _ = office.who("anna")
    menu = remote_menu.menu(sessions, 2)
    assert (menu.lock, menu.can_be_lost) == (None, True)
    found = report(office, 2)
    assert found == Lost(None, None, None, menu.instead)
    assert found.instead[:2] == ("Nothing can lock it from afar.", SIM)
    assert "police" in found.instead[-1]
    assert state(office, 2) == "lost"
    assert office.intents() == []
    assert office.raw("SELECT reason FROM transition WHERE device_id = 2") == "left on a bus"
    assert [line["act"] for line in office.trail()][-1] == "transition"


def test_what_has_no_sim_card_has_none_to_be_closed(office: Office) -> None:
    listed(office, kind="laptop")
    assert SIM not in report(office, 2).instead


def test_what_can_be_locked_gets_its_lock_requested_and_nothing_else_is_advised(office: Office) -> None:
    found = report(office, 1)
    assert found.intent is not None
    assert (found.intent.bound.act, found.instead) == (RemoteAct.LOCK, ())
    assert state(office, 1) == "lost"


def test_a_lock_that_is_refused_does_not_keep_the_device_from_being_lost(office: Office) -> None:
    office.brake.file.write_text("odd wipes", encoding="utf-8")
    found = report(office, 1)
    assert (found.intent, found.unmoved) == (None, None)
    assert isinstance(found.unlocked, DevregError)
    assert state(office, 1) == "lost"
    assert office.intents() == []


def test_a_state_that_stays_does_not_hold_up_the_lock(office: Office) -> None:
    report(office, 1)
    sessions, carl = office.who("carl")
    act.cancel(sessions, carl, 1, reason="found", now=office.now())
    again = report(office, 1)
    assert again.intent is not None
    assert isinstance(again.unmoved, Misconfigured)


def test_who_may_do_neither_is_refused(office: Office) -> None:
    with pytest.raises(Refused):
        report(office, 1, who="viewer")
    assert (office.intents(), state(office, 1)) == ([], "in_use")
