"""What becomes of an answer that the register could not take, of an order that never left, and of a user with two addresses."""

import os
from datetime import timedelta
from pathlib import Path

import msgspec
import orjson
import pytest
from intent_rig import LIVE, MINUTE, PHONE, Eye, Office, clear, look, send
from register_rig import page, row, rows, run

from devreg.action_ports import Accepted, AwaitsApproval, NotSent, Rejected
from devreg.domain.action import Standing
from devreg.domain.followed import Reading
from devreg.domain.observation import Subject
from devreg.domain.platforms import RemoteAct
from devreg.errors import DevregError
from devreg.ports import Outside
from devreg.services import answers, audit
from devreg.store import schema


def reading(office: Office, **more: object) -> Reading:
    return Reading(**{"at": office.now(), "is_there": True, "serial": PHONE["serial"], "state": "managed", **more})  # type: ignore[arg-type]


def break_register(office: Office) -> None:
    """From now on no intent can be moved: what a full disk, or a server that has gone away, comes to."""
    if office.engine == "sqlite":
        office.raw("CREATE TRIGGER broken BEFORE UPDATE ON intent BEGIN SELECT RAISE(ABORT, 'disk full'); END")
        return
    office.raw(
        "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'disk full'; END $$"
    )
    office.raw("CREATE TRIGGER broken BEFORE UPDATE ON intent FOR EACH ROW EXECUTE FUNCTION broken()")


def mend_register(office: Office) -> None:
    office.raw("DROP TRIGGER broken" + (" ON intent" if office.engine == "postgresql" else ""))
    if office.engine == "postgresql":
        office.raw("DROP FUNCTION broken")


def test_an_answer_that_the_register_could_not_take_is_found_in_the_file_and_nothing_is_sent_again(
    office: Office,
) -> None:
    office.ask(RemoteAct.WIPE)
    clear(office)
    office.hand.answers = [Accepted("c-77")]
    office.hand.before_sending = lambda: break_register(office)
    with pytest.raises(Exception, match="disk full|follow|send an action"):
        send(office)
    mend_register(office)
    assert office.standing() == "sending"
    office.pass_time(6 * MINUTE)
    eye = Eye(reading(office))
    lost, read = look(office, eye)
    assert lost.after.standing is Standing.UNKNOWN
    assert eye.sought[0].command_id == "c-77"
    assert (read.after.standing, read.after.command_id) == (Standing.UNKNOWN, "c-77")
    with pytest.raises(DevregError):
        send(office)
    assert len(office.hand.sent) == 1
    sessions, _ = office.who("anna")
    found = audit.verify(sessions)
    assert found.is_sound
    assert found.unreadable == {}


def test_what_was_answered_stands_in_the_file_before_the_register_is_written_and_names_nobody(office: Office) -> None:
    office.ask(RemoteAct.LOCK)
    office.hand.answers = [Rejected("Anna's phone does not do that")]
    send(office)
    assert office.outside.file is not None
    lines = [orjson.loads(line) for line in office.outside.file.read_bytes().splitlines()]
    (place,) = [number for number, line in enumerate(lines) if "answer" in line]
    assert lines[place]["answer"] == "Rejected"
    assert lines[place]["request_id"] == office.hand.sent[0].request_id
    assert lines[place - 2]["act"] == "sending"
    assert "Anna" not in str(lines[place])
    assert any(line.get("act") == "failed" for line in lines[place:])


def test_an_answer_that_can_not_be_kept_outside_is_still_in_the_register(office: Office, tmp_path: Path) -> None:
    office.ask(RemoteAct.LOCK)
    office.hand.answers = [Accepted("c-78")]
    full = Outside(Path(os.devnull) / "nowhere")
    found = office.intents()[0]
    with pytest.raises(DevregError):
        answers.command_ids(Outside(tmp_path))
    sessions, _ = office.who("anna")
    from devreg.store import intents

    with sessions.read.begin() as session:
        answers.keep(full, intents.get(session, found["id"]), Accepted("c-78"), office.now())
    assert send(office).command_id == "c-78"


def test_what_never_left_does_not_put_off_the_end_of_the_systems_own_approval(office: Office) -> None:
    office.ask(RemoteAct.WIPE)
    clear(office)
    office.hand.answers = [AwaitsApproval("code-1"), NotSent("no route")]
    first = send(office).sending_at
    assert first is not None
    office.pass_time(timedelta(hours=20))
    again = send(office)
    assert again.standing is Standing.NEEDS_APPROVAL
    assert again.sending_at == (first if office.engine == "sqlite" else first - timedelta(hours=20))
    office.pass_time(timedelta(hours=53))
    (found,) = look(office, Eye(reading(office, approval="needsApproval")))
    assert found.after.standing is Standing.EXPIRED
    assert len(office.hand.sent) == 2


def test_what_never_left_was_never_sent(office: Office) -> None:
    office.ask(RemoteAct.LOCK)
    office.hand.answers = [NotSent("no route")]
    assert send(office).sending_at is None


@pytest.mark.parametrize(
    ("now_there", "goes"),
    [
        ("ANNA.AALTO@city.example", True),
        ("a.aalto@city.example", True),
        ("anna@old-name.example", True),
        ("bo@city.example", False),
        (None, False),
    ],
)
def test_a_user_is_known_by_every_address_of_theirs(office: Office, now_there: str | None, goes: bool) -> None:
    account = {"name": "Anna Aalto", "active": True, "email": "anna.aalto@city.example"}
    people = (
        row("u1", Subject.PERSON, **account, upn="a.aalto@city.example"),
        row("u2", Subject.PERSON, name="Anna A", email="anna@old-name.example", upn="a.aalto@city.example"),
        row("u3", Subject.PERSON, name="Bo Berg", email="bo@city.example", active=True),
    )
    run(office.owner, page(*people, row("m1", **PHONE)), now=office.now())
    assert len(rows(office.owner, schema.person)) == 3
    office.ask(RemoteAct.WIPE)
    clear(office)
    office.hand.live = msgspec.structs.replace(LIVE, user=now_there)
    assert send(office).standing is (Standing.ACCEPTED if goes else Standing.VOID)
    assert len(office.hand.sent) == goes


@pytest.mark.parametrize(("now_there", "goes"), [("aa1234@edu.example", True), ("aa1235@edu.example", False)])
def test_a_user_is_known_by_the_alias_that_stood_at_the_device(office: Office, now_there: str, goes: bool) -> None:
    run(office.owner, page(row("m1", **PHONE, facts={"holder_alias": "aa1234@edu.example"})), now=office.now())
    office.ask(RemoteAct.WIPE)
    clear(office)
    office.hand.live = msgspec.structs.replace(LIVE, user=now_there)
    assert send(office).standing is (Standing.ACCEPTED if goes else Standing.VOID)
