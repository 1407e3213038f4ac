"""Whoever may approve or settle a remote action is told of it, once, and when it is over; and no notice stands in a lock's way."""

from datetime import timedelta

import pytest
from intent_rig import Office
from register_rig import rows

from devreg.action_ports import AwaitsApproval, Unclear
from devreg.domain.action import Standing
from devreg.domain.platforms import RemoteAct
from devreg.errors import Refused
from devreg.services import act, freezing
from devreg.services.troubles import review
from devreg.store import schema


def told(office: Office) -> list[tuple[str, str, str]]:
    """What the timer finds and tells of remote actions."""
    review(office.owner, ["intune"], office.now())
    lines = rows(office.owner, schema.notice)
    return [(line["phase"], line["kind"], line["about"]) for line in lines if line["kind"].startswith("action")]


def send(office: Office) -> None:
    if office.engine == "postgresql":
        act.approve(*office.who("bertta"), 1, reason=None, now=office.now())
    else:
        office.pass_time(timedelta(minutes=15))
    act.send(*office.who("anna"), 1, office.hand, office.brake, clock=office.now)


def test_a_requested_wipe_is_told_once_and_that_it_is_over_and_names_nobody(office: Office) -> None:
    office.ask(RemoteAct.WIPE)
    assert told(office) == [("began", "action_requested", "A000001 D000001")]
    assert len(told(office)) == 1
    act.cancel(*office.who("carl"), 1, reason="found", now=office.now())
    assert [phase for phase, _, _ in told(office)] == ["began", "ended"]
    said = str(rows(office.owner, schema.notice))
    assert [name for name in ("anna", "Aalto", office.who("anna")[1].name, "left on a bus") if name in said] == []


def test_a_lock_waits_for_nobody_and_is_not_told(office: Office) -> None:
    office.ask(RemoteAct.LOCK)
    assert told(office) == []


def test_what_may_have_arrived_and_what_waits_elsewhere_is_told(office: Office) -> None:
    office.ask(RemoteAct.WIPE)
    office.hand.answers = [AwaitsApproval("code-1"), Unclear("no answer")]
    send(office)
    assert [kind for _, kind, _ in told(office)] == ["action_elsewhere"]
    found = act.send(*office.who("anna"), 1, office.hand, office.brake, clock=office.now)
    assert found.standing is Standing.UNKNOWN
    assert [kind for _, kind, _ in told(office)] == ["action_elsewhere", "action_unknown"]
    assert "code-1" not in str(rows(office.owner, schema.notice))


def test_a_freeze_is_told_and_that_it_is_over(office: Office) -> None:
    freezing.freeze(*office.who("anna"), "strange requests", now=office.now())
    assert [(phase, kind) for phase, kind, _ in told(office)] == [("began", "action_freeze")]
    freezing.unfreeze(*office.who("bertta"), office.brake, "it was a drill", now=office.now())
    assert [phase for phase, _, _ in told(office)] == ["began", "ended"]


def test_a_notice_that_can_not_be_kept_stops_no_lock(office: Office) -> None:
    office.raw("DROP TABLE notice")  # the fullest of all spools
    office.ask(RemoteAct.LOCK)
    assert act.send(*office.who("anna"), 1, office.hand, office.brake, clock=office.now).standing is Standing.ACCEPTED


@pytest.mark.parametrize("name", ["unlock_code", "pin", "passcode", "password"])
def test_a_code_that_opens_a_device_is_refused_before_any_row_is_written(office: Office, name: str) -> None:
    with pytest.raises(Refused, match="code of a device is not taken"):
        office.ask(RemoteAct.WIPE, options={name: "739104"})
    assert office.intents() == []
    assert "739104" not in str(office.trail()) + str(rows(office.owner, schema.audit_detail))
