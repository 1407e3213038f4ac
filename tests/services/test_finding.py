"""Where a device is: shown to who asked, once, and kept nowhere."""

import logging
from collections.abc import Sequence

import pytest
from intent_rig import Office
from register_rig import dump, rows

from devreg.action_ports import Location, SignedIn
from devreg.domain.platforms import RemoteAct
from devreg.errors import Conflict, Refused
from devreg.services import act, action_page, finding
from devreg.store import schema

HERE = Location(60.987654321, 24.123456789, 35.5, None)
CANARIES = ("60.98765", "24.12345", "35.5")


def located(office: Office, deed: RemoteAct = RemoteAct.LOCATE) -> None:
    sessions, anna = office.who("anna")
    number = office.ask(deed).id
    act.send(sessions, anna, number, office.hand, office.brake, clock=office.now)


def find(office: Office, who: str = "anna", number: int = 1) -> Location | None:
    sessions, actor = office.who(who)
    return finding.find(sessions, actor, number, office.hand, clock=office.now)


def kept(office: Office) -> str:
    """Everything that the register and the files beside it hold."""
    files = [path.read_bytes() for path in office.folder.rglob("*") if path.is_file()]
    trail = rows(office.owner, schema.audit), rows(office.owner, schema.audit_detail)
    return b"".join(files).decode("utf-8", "replace") + repr((dump(office.owner), trail))


def said(office: Office) -> Sequence[str | None]:
    return [event.said for event in action_page.look(office.owner, 1).events]


def test_who_asked_sees_it_once_and_nothing_of_it_is_kept(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    located(office)
    office.hand.found = HERE
    assert find(office) == HERE
    with pytest.raises(Refused, match="shown for A000001 already"):
        find(office)
    assert said(office)[-1] == finding.SHOWN
    assert office.trail()[-2]["act"] == "show location"
    everything = kept(office) + caplog.text
    assert "show location" in everything
    assert [canary for canary in CANARIES if canary in everything] == []


def test_what_its_tool_does_not_say_yet_can_be_asked_for_again(office: Office) -> None:
    located(office)
    assert find(office) is None
    assert finding.SHOWN not in said(office)
    office.hand.found = HERE
    assert find(office) == HERE


def test_nobody_else_sees_it_whatever_their_role(office: Office) -> None:
    located(office)
    office.hand.found = HERE
    for who in ("bertta", "carl", "viewer", "timer"):
        office.hand.signed = SignedIn(f"{who}@city.example", office.now())
        with pytest.raises(Refused):
            find(office, who)
    office.hand.signed = SignedIn("bertta@city.example", office.now())
    with pytest.raises(Refused, match="has signed in"):
        find(office)
    assert finding.SHOWN not in said(office)


def test_an_action_that_locates_nothing_shows_nothing(office: Office) -> None:
    located(office, RemoteAct.LOCK)
    office.hand.found = HERE
    with pytest.raises(Conflict):
        find(office)
    office.ask(RemoteAct.LOCATE)
    with pytest.raises(Conflict):
        find(office, number=2)


def test_nothing_is_shown_that_the_trail_could_not_be_told_of(office: Office) -> None:
    located(office)
    office.hand.found = HERE
    assert office.outside.file is not None
    office.outside.file.unlink()
    office.outside.file.mkdir()
    with pytest.raises(Exception, match=r"audit|trail"):
        find(office)
    assert finding.SHOWN not in said(office)


def test_a_place_prints_nothing_of_itself() -> None:
    assert [canary for canary in CANARIES if canary in f"{HERE!r} {HERE}"] == []
