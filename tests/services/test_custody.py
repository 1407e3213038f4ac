"""Who has a device: handed over, taken back, released; found by address or name, and never the first of two."""

from datetime import date, timedelta
from typing import Any

import pytest
from register_rig import NOON, actor, browser, devices, later, observe, page, row, rows, run

from devreg.domain.device import State
from devreg.domain.lifecycle import Document, Paper
from devreg.domain.observation import Subject
from devreg.domain.policy import Weighing, policy_of
from devreg.domain.rights import Right, Role
from devreg.errors import Ambiguous, DevregError, NotFound, Refused
from devreg.ports import Query
from devreg.services.acting import act
from devreg.services.custody import assign, person_page, release
from devreg.services.ingest import Feed
from devreg.services.lifecycle import transition
from devreg.services.replay import replay
from devreg.store import custody, schema
from devreg.store.engine import Sessions

AINO = "aino.koski@city.example"
TODAY = date.today()  # noqa: DTZ011  as the database's own current_date


def person(native_id: str, **body: Any) -> Any:
    return row(native_id, Subject.PERSON, "users", **body)


def city(sessions: Sessions, *more: Any) -> None:
    """Two devices of Aino's, a unit, and whoever else."""
    aino = person("u1", name="Aino Koski", email=AINO, upn="koskiai@city.example", active=True)
    laptop = row("1", serial="SER1", kind="laptop", holder="Aino Koski", holder_email="koskiai@city.example")
    phone = row("2", serial="SER2", kind="phone", holder_email=AINO)
    run(sessions, page(laptop, phone, aino, row("s1", Subject.UNIT, id="kasavuori", name_fi="Kasavuoren koulu"), *more))


def hand(sessions: Sessions, device_id: int = 1, minutes: int = 1, **to: Any) -> None:
    assign(sessions, actor(), device_id, **{"reason": None, "now": later(minutes), **to})


def listed(sessions: Sessions, view: str, *columns: str) -> list[tuple[object, ...]]:
    view_ = browser(sessions, "en")
    return [tuple(found[key] for key in columns) for found in view_.rows(view, view_.keys(view, Query()))]


def holder(sessions: Sessions, device_id: int = 1) -> tuple[object, ...]:
    device = next(found for found in devices(sessions) if found["id"] == device_id)
    return device["holder"], device["holder_email"], device["unit"]


@pytest.mark.parametrize("name", ["EERO.laine@city.example", "lainee@city.example", "eero laine", " Eero Laine "])
def test_a_person_is_found_by_address_user_name_or_exact_name(sessions: Sessions, name: str) -> None:
    eero = {"name": "Eero Laine", "email": "eero.laine@city.example", "upn": "lainee@city.example"}
    city(sessions, person("u2", active=True, **eero))
    hand(sessions, person=name)
    assert holder(sessions) == ("Eero Laine", "eero.laine@city.example", None)


def test_a_name_that_two_persons_have_is_an_error_naming_both(sessions: Sessions) -> None:
    city(sessions, person("u2", name="Aino Koski", email="aino.koski2@city.example", active=True))
    with pytest.raises(Ambiguous, match=r"Aino Koski \(aino.koski2@city.example\), Aino Koski \(aino.koski@city"):
        hand(sessions, person="Aino Koski")
    assert holder(sessions)[1] == "koskiai@city.example"


def test_the_same_person_in_two_directories_is_one_and_counts_once(sessions: Sessions) -> None:
    city(sessions)
    run(sessions, page(person("g1", name="Aino Koski", email=AINO, active=True)), name="chrome", kind="google")
    assert listed(sessions, "persons", "email", "devices", "phones", "sources", "addresses") == [
        (AINO, 2, 1, "chrome intune", f"{AINO} koskiai@city.example")
    ]
    hand(sessions, 2, person="Aino Koski")
    assert holder(sessions, 2) == ("Aino Koski", AINO, None)


def test_accounts_part_when_they_share_no_address_any_more(sessions: Sessions) -> None:
    city(sessions)
    run(sessions, page(person("g1", name="A", email=AINO)), name="chrome", kind="google")
    run(sessions, page(person("g1", name="A", email="a@x.example")), name="chrome", kind="google", now=later(1))
    assert [email for (email,) in listed(sessions, "persons", "email")] == ["a@x.example", AINO]


def test_in_a_units_hands_a_device_has_no_holder(sessions: Sessions) -> None:
    city(sessions)
    hand(sessions, unit="Kasavuoren koulu")
    assert holder(sessions) == (None, None, "kasavuori")
    hand(sessions, person=AINO, unit="kasavuori", minutes=2)
    assert holder(sessions) == ("Aino Koski", AINO, "kasavuori")


def test_nobody_is_a_word_that_wins_over_what_a_source_still_says(sessions: Sessions) -> None:
    city(sessions)
    hand(sessions)
    assert holder(sessions) == (None, None, None)
    run(sessions, page(row("1", serial="SER1", name="renamed", holder="Aino Koski", holder_email=AINO)), now=later(5))
    assert holder(sessions) == (None, None, None)


def test_a_unit_or_person_that_nobody_knows_is_told_and_nothing_is_written(sessions: Sessions) -> None:
    city(sessions)
    for to in ({"person": "Outi"}, {"unit": "nowhere"}, {"person": AINO, "unit": "nowhere"}):
        with pytest.raises(NotFound):
            hand(sessions, **to)
    assert holder(sessions)[1] == "koskiai@city.example"


def test_nothing_is_handed_to_somebody_who_has_left(sessions: Sessions) -> None:
    city(sessions, person("u2", name="Outi Salo", email="outi@city.example", active=False))
    with pytest.raises(Refused, match="has left"):
        hand(sessions, person="outi@city.example")


@pytest.mark.parametrize("path", [["lost"], ["retired"], ["retired", "disposed"]])
def test_a_device_out_of_use_is_handed_to_nobody_but_can_be_taken_back(sessions: Sessions, path: list[str]) -> None:
    city(sessions)
    wiped = [Document(Paper.SANITISATION, "REC-1")]
    for state in path:
        transition(sessions, actor(), 1, State(state), reason="so it is", documents=wiped, now=later(1))
    with pytest.raises(Refused, match="lost or out of use"):
        hand(sessions, person=AINO)
    hand(sessions, minutes=2)
    assert holder(sessions)[0] is None


def test_a_viewer_hands_nothing_over_and_that_is_told(sessions: Sessions) -> None:
    city(sessions)
    with pytest.raises(DevregError):
        assign(sessions, actor("v", Role.VIEWER), 1, person=AINO, reason=None, now=later(1))
    assert rows(sessions, schema.audit)[-1]["outcome"] == "refused"


def test_an_assignment_stands_in_the_audit_trail_with_both_fields(sessions: Sessions) -> None:
    city(sessions)
    hand(sessions, person=AINO)
    told, detail = rows(sessions, schema.audit)[-1], rows(sessions, schema.audit_detail)[-1]
    assert (told["act"], told["about"]) == ("assign", "D000001")
    assert AINO in str(detail["after"])
    assert "koskiai" in str(detail["before"])


def released(sessions: Sessions, device_id: int = 1, minutes: int = 1) -> int:
    """How many lines the trail has of it."""
    with act(sessions, actor(), Right.EDIT, doing="change a device", now=later(minutes)) as doing:
        release(doing, device_id)
    return sum(line["act"] == "release" for line in rows(sessions, schema.audit))


def test_release_takes_the_holder_away_once_and_says_nothing_where_nobody_is(sessions: Sessions) -> None:
    city(sessions, row("3", serial="SER3"))
    assert released(sessions) == 1
    assert holder(sessions) == (None, None, None)
    assert released(sessions, minutes=2) == 1
    assert released(sessions, 3, minutes=3) == 1


def test_release_leaves_a_holder_that_is_locked_to_a_source(sessions: Sessions) -> None:
    locked = policy_of({name: Weighing(locked="intune") for name in ("holder", "holder_email")})
    run(sessions, page(row("1", serial="SER1", holder_email=AINO)), policy=locked)
    assert released(sessions) == 0
    assert holder(sessions)[1] == AINO


def leaving(sessions: Sessions, **said: Any) -> list[tuple[object, ...]]:
    city(sessions)
    said = {"active": True, **said}
    aino = person("u1", name="Aino Koski", email=AINO, upn="koskiai@city.example", **said)
    run(sessions, page(aino), now=later(1))
    return listed(sessions, "leavers", "email", "devices", "phones", "why")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"active": False}, "the account is closed or deleted"),
        ({"leave_date": str(TODAY - timedelta(days=2))}, "the last day has passed"),
        ({"leave_date": str(TODAY + timedelta(days=20))}, "leaves soon"),
    ],
)
def test_a_leaver_with_devices_is_listed_with_why(sessions: Sessions, said: dict[str, Any], why: str) -> None:
    assert leaving(sessions, **said) == [(AINO, 2, 1, why)]


@pytest.mark.parametrize("said", [{}, {"leave_date": str(TODAY + timedelta(days=40))}])
def test_somebody_who_stays_is_no_leaver(sessions: Sessions, said: dict[str, Any]) -> None:
    assert leaving(sessions, **said) == []


def test_who_has_an_open_account_in_another_directory_has_not_left(sessions: Sessions) -> None:
    assert leaving(sessions, active=False)
    run(sessions, page(person("g1", name="Aino K", email=AINO, active=True)), name="chrome", kind="google")
    assert listed(sessions, "leavers", "email") == []


def test_who_is_deleted_from_the_directory_has_left(sessions: Sessions) -> None:
    rest = [person(f"p{n}", name=f"P {n}", email=f"p{n}@city.example", active=True) for n in range(40)]
    city(sessions, *rest)
    there = [row("1", serial="SER1", holder_email=AINO), row("2", serial="SER2", holder_email=AINO)]
    unit = row("s1", Subject.UNIT, id="kasavuori", name_fi="Kasavuoren koulu")
    for day in (1, 2, 3):
        run(sessions, page(*there, unit, *rest), now=NOON + timedelta(days=day))
    assert listed(sessions, "leavers", "email", "devices", "why") == [(AINO, 2, "the account is closed or deleted")]


def told(sessions: Sessions, device_id: int = 1) -> list[tuple[object, ...]]:
    with sessions.read.begin() as session:
        found = custody.spans(session, [device_id])
    return [(span.holder, span.holder_email, span.unit, span.since, span.until, span.by, span.reason) for span in found]


def test_the_history_of_custody_tells_who_where_from_when_to_when_and_by_whom(sessions: Sessions) -> None:
    city(sessions)
    run(sessions, page(row("1", serial="SER1", holder="Eero", holder_email="eero@x", unit="a")), now=later(10))
    hand(sessions, unit="kasavuori", minutes=20, reason="shared from now on")
    run(sessions, page(row("1", serial="SER1", name="new name", holder="Outi", holder_email="outi@x")), now=later(30))
    assert told(sessions) == [
        (None, None, "kasavuori", later(20), None, "me", "shared from now on"),
        ("Eero", "eero@x", "a", later(10), later(20), "intune", None),
        ("Aino Koski", "koskiai@city.example", None, NOON, later(10), "intune", None),
    ]


def test_a_device_that_never_changed_hands_has_one_span(sessions: Sessions) -> None:
    city(sessions)
    assert told(sessions, 2) == [(None, AINO, None, NOON, None, "intune", None)]


def test_a_device_found_later_in_somebodys_hands_begins_with_nobody(sessions: Sessions) -> None:
    run(sessions, page(row("1", serial="SER1")))
    run(sessions, page(row("1", serial="SER1", holder_email=AINO)), now=later(10))
    assert told(sessions) == [(None, AINO, None, later(10), None, "intune", None)]


def test_a_replay_leaves_the_history_of_custody_as_it_was(sessions: Sessions) -> None:
    city(sessions)
    hand(sessions, unit="kasavuori", minutes=20)
    before = told(sessions)
    replay(sessions, {"intune": Feed("intune", "intune", observe, (), "1")}, actor=actor(), now=later(60))
    assert told(sessions) == before


def test_the_page_of_a_person_knows_what_they_had_by_any_of_their_addresses(sessions: Sessions) -> None:
    city(sessions)
    hand(sessions, unit="kasavuori", minutes=20)
    found = person_page(sessions, "Aino Koski")
    assert found.addresses == (AINO, "koskiai@city.example")
    assert [(span.device_id, span.since, span.until) for span in found.had] == [(1, NOON, later(20))]
    assert [(account.source, account.active) for account in found.accounts] == [("intune", True)]


def test_somebody_whom_only_devices_know_has_a_page_too(sessions: Sessions) -> None:
    run(sessions, page(row("1", serial="SER1", holder_email="gone@city.example")))
    assert person_page(sessions, "Gone@city.example").accounts == ()
    with pytest.raises(NotFound):
        person_page(sessions, "never@city.example")
