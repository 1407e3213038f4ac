"""A phone's category in lists, on both engines: what time and the last reading of the tool add to its records; the share managed."""

from datetime import UTC, datetime, timedelta
from typing import Any

from register_rig import actor, browser, devices, dump, page, row, rows, run

from devreg.domain.observation import Subject
from devreg.ports import Record
from devreg.services.browse import Query
from devreg.services.replay import replay
from devreg.store import schema
from devreg.store.engine import Sessions

NOW = datetime.now(UTC)


def phone(number: int, *, days: int | None = None, **body: Any) -> Record:
    as_of = NOW - timedelta(days=days) if days is not None else None
    return row(f"p{number}", serial=f"SER{number:04d}", kind="phone", as_of=as_of, **body)


def enrolled(number: int, *, days: int = 1, **body: Any) -> Record:
    more = {"os": "iOS", "supervised": True, "ownership": "company", **body}
    return phone(number, days=days, manages=True, **more)


def papers(sessions: Sessions, *numbers: int, **body: Any) -> None:
    run(sessions, page(*(phone(number, **body) for number in numbers)), name="papers", kind="sheet", now=NOW)


def lines(sessions: Sessions) -> dict[str, dict[str, Any]]:
    seen = browser(sessions, "en")
    return {str(line["serial"]): dict(line) for line in seen.rows("phones", seen.keys("phones", Query()))}


def categories(sessions: Sessions) -> list[Any]:
    return [line["category"] for _, line in sorted(lines(sessions).items())]


def test_an_enrolled_phone_falls_silent_after_thirty_days_without_anything_being_written(sessions: Sessions) -> None:
    papers(sessions, 1, 2, 3)
    run(sessions, page(enrolled(1, days=29), enrolled(2, days=31), enrolled(3, days=300)), now=NOW)
    assert categories(sessions) == ["enrolled", "enrolled_silent", "enrolled_silent"]
    silent = lines(sessions)["SER0002"]
    assert (silent["lockable"], silent["hindrance"] is None, silent["next_step"] is None) == (True, False, False)


def test_a_silent_phone_that_syncs_again_is_enrolled_again_at_once(sessions: Sessions) -> None:
    papers(sessions, 1)
    run(sessions, page(enrolled(1, days=90)), now=NOW)
    ended = run(sessions, page(enrolled(1, days=0)), now=NOW + timedelta(minutes=5))
    assert (ended.counts.changed, categories(sessions)) == (0, ["enrolled"])


def test_a_switch_that_sees_a_phone_does_not_make_it_managed(sessions: Sessions) -> None:
    papers(sessions, 1)
    run(sessions, page(enrolled(1, days=90)), now=NOW)
    run(sessions, page(phone(1, days=0)), name="wlan", kind="snmp", now=NOW)
    assert categories(sessions) == ["enrolled_silent"]


def test_after_a_partial_run_nobody_knows_whether_a_phone_is_enrolled(sessions: Sessions) -> None:
    papers(sessions, 1, 2)
    assert categories(sessions) == ["not_known", "not_known"]
    run(sessions, page(enrolled(1)), now=NOW)
    assert categories(sessions) == ["enrolled", "papers_only"]
    run(sessions, page(enrolled(1), failed=["x"]), now=NOW + timedelta(minutes=1))
    assert categories(sessions) == ["enrolled", "not_known"]
    unknown = lines(sessions)["SER0002"]
    assert (unknown["lockable"], unknown["wipeable"]) == (None, None)
    run(sessions, page(enrolled(1)), now=NOW + timedelta(minutes=2))
    assert categories(sessions) == ["enrolled", "papers_only"]
    assert (lines(sessions)["SER0002"]["lockable"], lines(sessions)["SER0002"]["wipeable"]) == (False, False)


def test_another_source_that_fails_says_nothing_about_enrolment(sessions: Sessions) -> None:
    papers(sessions, 1)
    run(sessions, page(enrolled(2)), now=NOW)
    run(sessions, ConnectionError("x"), name="wlan", kind="snmp", now=NOW)
    assert categories(sessions) == ["papers_only", "enrolled_unlisted"]


def test_a_phone_that_left_intune_is_told_from_one_that_never_was_there(sessions: Sessions) -> None:
    papers(sessions, 1, 2)
    others = [enrolled(number) for number in range(10, 20)]
    run(sessions, page(enrolled(1), *others), now=NOW)
    run(sessions, page(*others), now=NOW + timedelta(minutes=1))
    assert categories(sessions)[:2] == ["left_management", "papers_only"]


def test_a_private_phone_counts_nowhere_and_its_owner_is_asked_for_nothing(sessions: Sessions) -> None:
    run(sessions, page(enrolled(1, ownership="personal", enrolment="userEnrollment", os="Android", unit="a")), now=NOW)
    line = lines(sessions)["SER0001"]
    assert (line["category"], line["next_step"], line["wipeable"]) == ("private", None, False)
    seen = browser(sessions)
    assert seen.keys("phone_coverage", Query()) == []


def test_the_share_under_management_is_a_range_while_some_are_not_known(sessions: Sessions) -> None:
    unit = row("a", Subject.UNIT, id="a", name_fi="Aula")
    known = [phone(number, unit="a") for number in (1, 2, 3, 4)]
    run(sessions, page(unit, *known, phone(5)), name="papers", kind="sheet", now=NOW)
    tool = [enrolled(1), enrolled(2, os="Android"), enrolled(3, days=60)]
    run(sessions, page(*tool), now=NOW)
    seen = browser(sessions, "fi")

    def told() -> list[tuple[Any, ...]]:
        columns = ("unit_name", "phones", "managed", "lockable", "silent", "not_known", "coverage", "at_most")
        found = seen.rows("phone_coverage", seen.keys("phone_coverage", Query()))
        return [tuple(line[column] for column in columns) for line in found]

    assert told() == [("Aula", 4, 2, 1, 1, 0, 0.5, 0.5), (None, 1, 0, 0, 0, 0, 0.0, 0.0)]
    run(sessions, page(*tool, failed=["x"]), now=NOW + timedelta(minutes=1))
    assert told() == [("Aula", 4, 2, 1, 1, 1, 0.5, 0.75), (None, 1, 0, 0, 0, 1, 0.0, 1.0)]


def test_replaying_all_records_gives_every_phone_the_same_standing(sessions: Sessions) -> None:
    papers(sessions, 1, 2)
    run(sessions, page(enrolled(1), enrolled(3, ownership="personal")), now=NOW)
    run(sessions, page(enrolled(1, days=0), enrolled(3, ownership="personal")), now=NOW + timedelta(hours=1))
    before = dump(sessions)["device"]
    replay(sessions, {}, actor=actor(), now=NOW + timedelta(hours=2))
    assert dump(sessions)["device"] == before
    assert [line["standing"] for line in devices(sessions)] == ["enrolled", "papers_only", "private"]


def test_a_device_that_was_merged_into_another_has_no_standing_left(sessions: Sessions) -> None:
    run(sessions, page(row("a", serial="SER0001", kind="phone", manages=True, os="iOS")), now=NOW)
    run(sessions, page(row("b", imei="356938035643809", kind="phone")), name="papers", kind="sheet", now=NOW)
    both = row("c", serial="SER0001", imei="356938035643809", kind="phone")
    run(sessions, page(both), name="leases", kind="sheet", now=NOW)
    gone = [line for line in rows(sessions, schema.device) if line["merged_into"] is not None]
    assert len(gone) == 1
    assert all(line[name] is None for line in gone for name in ("standing", "mode", "wiped_by", "managed_by"))


def sign_in(number: int, owner: str = "aino@city.example", **body: Any) -> Record:
    said = {"kind": "phone", "owner_email": owner, "directory_id": f"e{number}", "model": "SM-A546B"}
    return row(f"s{number}", Subject.REGISTRATION, **{**said, **body})


def told(sessions: Sessions) -> list[tuple[Any, ...]]:
    seen = browser(sessions, "en")
    found = seen.rows("unmanaged_phones", seen.keys("unmanaged_phones", Query()))
    return [
        (line["directory_id"], line["device_id"], str(line["why"])[:12], str(line["next_step"])[:12]) for line in found
    ]


def test_a_phone_that_only_sign_ins_know_is_told_of_with_the_phone_it_likely_is(sessions: Sessions) -> None:
    run(sessions, page(phone(1, holder_email="aino.koski@city.example")), name="papers", kind="sheet", now=NOW)
    aino = row("u1", Subject.PERSON, email="aino.koski@city.example", upn="aino@city.example", name="Aino Koski")
    loose = [
        sign_in(1),
        sign_in(2, "eero@city.example"),
        sign_in(3, "x@city.example", ownership="company", managed=False),
    ]
    run(sessions, page(aino, *loose), now=NOW)
    assert sorted(told(sessions)) == [
        ("e1", "D000001", "whoever sign", "It is likely"),
        ("e2", None, "no phone wit", "Ask its user"),
        ("e3", None, "the director", "Find out whe"),
    ]
    line = lines(sessions)["SER0001"]
    assert line["category"] == "papers_only"
    assert str(line["next_step"]).startswith("Its holder signs in with a phone that nothing manages")


def test_what_is_managed_closed_no_phone_or_no_more_listed_is_not_told_of(sessions: Sessions) -> None:
    managed, closed = sign_in(1, managed=True), sign_in(2, enabled=False)
    run(sessions, page(managed, closed, sign_in(3, kind="laptop"), *(sign_in(n) for n in range(4, 20))), now=NOW)
    assert [said[0] for said in sorted(told(sessions))] == sorted(f"e{n}" for n in range(4, 20))
    run(sessions, page(managed, closed, *(sign_in(n) for n in range(5, 20))), now=NOW + timedelta(minutes=1))
    assert "e4" not in [said[0] for said in told(sessions)]


def test_a_phone_tied_to_its_sign_in_is_known_to_be_signed_in_with_only(sessions: Sessions) -> None:
    run(sessions, page(phone(1, directory_id="e1"), phone(2)), name="papers", kind="sheet", now=NOW)
    run(sessions, page(enrolled(9)), now=NOW)
    assert categories(sessions)[:2] == ["papers_only", "papers_only"]
    run(sessions, page(enrolled(9), sign_in(1)), now=NOW + timedelta(minutes=1))
    browser_ = browser(sessions, "en")
    replay(sessions, {}, actor=actor(), now=NOW + timedelta(minutes=2))
    assert categories(sessions)[:2] == ["signed_in_only", "papers_only"]
    assert told(sessions) == []
    run(sessions, page(enrolled(9), sign_in(1), failed=["devices"]), now=NOW + timedelta(minutes=3))
    assert dict(browser_.facets("phones", Query(), "category"))["not_known"] == 2


def test_a_holder_with_a_managed_phone_is_no_hint(sessions: Sessions) -> None:
    papers(sessions, 1, holder_email="aino@city.example")
    run(sessions, page(enrolled(1), sign_in(2)), now=NOW)
    assert told(sessions) == [("e2", None, "no phone wit", "Ask its user")]
    assert lines(sessions)["SER0001"]["next_step"] is None
