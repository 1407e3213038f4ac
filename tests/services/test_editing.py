"""A person's word about a field: wins, explains itself, ends on its day, goes where its device goes, and swallows nothing."""

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from register_rig import NOON, actor, browser, changes, devices, later, observe, page, row, rows, run
from sqlalchemy import select

from devreg.domain.observation import NOTHING
from devreg.domain.policy import Weighing, policy_of
from devreg.domain.rights import Role
from devreg.errors import Conflict, DevregError, Misconfigured, NotFound, Refused
from devreg.ports import Query
from devreg.services.browse import FieldLine
from devreg.services.devices import HAND, add, by_hand
from devreg.services.editing import EXPIRED, Edited, edit, parse
from devreg.services.ingest import Feed
from devreg.services.replay import replay
from devreg.services.review import Answer, decide, undo
from devreg.store import audit_schema, records, schema
from devreg.store.engine import Sessions, connect

FEEDS = {name: Feed(name, kind, observe, (), "1") for name, kind in (("intune", "intune"), ("papers", "sheet"))}
FEEDS[HAND] = by_hand("me")


def seen(sessions: Sessions, name: str = "intune", minutes: int = 0, native_id: str = "1", **body: Any) -> None:
    run(sessions, page(row(native_id, **body)), name=name, kind=FEEDS[name].kind, now=later(minutes))


def say(sessions: Sessions, device_id: int = 1, *, minutes: int = 1, who: str = "me", **more: Any) -> list[Edited]:
    options = {name: more.pop(name) for name in ("until", "expected") if name in more}
    return edit(sessions, actor(who), device_id, more, reason="seen it", now=later(minutes), **options)


def line(sessions: Sessions, field: str, device_id: int = 1) -> FieldLine:
    return next(line for line in browser(sessions).device(device_id).fields if line.name == field)


def overridden(sessions: Sessions) -> list[tuple[object, ...]]:
    view = browser(sessions)
    shown = view.rows("overridden", view.keys("overridden", Query()))
    return [tuple(found[key] for key in ("device_id", "field", "value", "other", "other_source")) for found in shown]


def warnings(sessions: Sessions) -> list[str]:
    """What the newest run told."""
    return list(rows(sessions, schema.run)[-1]["warnings"])


def words(sessions: Sessions) -> dict[str, int | None]:
    """Where each word is."""
    return {r["native_id"]: r["device_id"] for r in rows(sessions, schema.record) if r["subject"] == "value"}


def test_a_persons_value_wins_and_the_sources_stays_to_be_seen(sessions: Sessions) -> None:
    seen(sessions, serial="SER1", room="B2")
    assert say(sessions, room="A1") == [Edited("room", "B2", "A1")]
    room = line(sessions, "room")
    assert (room.value, room.source, room.rule) == ("A1", "by hand", "a person's word")
    assert [(loser.value, loser.source) for loser in room.losers] == [("B2", "intune")]
    assert room.word is not None
    assert (room.word.by, room.word.reason, room.word.until) == ("me", "seen it", None)
    written = rows(sessions, schema.change)[-1]
    assert tuple(written[name] for name in ("field", "old", "new", "by", "reason")) == (
        "room",
        "B2",
        "A1",
        "me",
        "seen it",
    )


def test_a_persons_value_outlives_runs_and_replays(sessions: Sessions) -> None:
    seen(sessions, serial="SER1", room="B2", price_cents=1)
    say(sessions, room="A1", critical=True, price_cents=500)
    seen(sessions, minutes=9, serial="SER1", room="C3")
    before, history = rows(sessions, schema.device), changes(sessions)
    assert (before[0]["room"], before[0]["critical"], before[0]["price_cents"]) == ("A1", True, 500)
    replay(sessions, FEEDS, actor=actor("me"), now=later(10))
    assert (rows(sessions, schema.device), changes(sessions)) == (before, history)


def test_a_persons_values_make_no_source_of_a_device_and_no_contact_with_it(sessions: Sessions) -> None:
    seen(sessions, serial="SER1")
    before = {name: devices(sessions)[0][name] for name in ("sources", "last_seen", "missing_since", "managed_by")}
    say(sessions, room="A1")
    assert before == {name: devices(sessions)[0][name] for name in before}


def test_a_word_taken_back_lets_the_source_speak_again(sessions: Sessions) -> None:
    seen(sessions, serial="SER1", room="B2")
    say(sessions, room="A1", notes="cracked")
    assert say(sessions, minutes=2, room=None, notes=None) == [
        Edited("room", "A1", "B2"),
        Edited("notes", "cracked", None),
    ]
    assert (line(sessions, "room").losers, devices(sessions)[0]["notes"]) == ((), None)
    with pytest.raises(NotFound, match="Nobody gave room"):
        say(sessions, minutes=3, room=None)
    assert say(sessions, minutes=4, room="A2") == [Edited("room", "B2", "A2")]


def test_what_was_typed_with_a_new_device_can_be_changed_and_taken_back(sessions: Sessions) -> None:
    add(sessions, actor("me"), {"asset_tag": "T-1", "serial": "SER1", "room": "A1", "notes": "x"}, None, NOON)
    say(sessions, minutes=2, room="A2")
    say(sessions, minutes=3, notes=None)
    assert (devices(sessions)[0]["room"], devices(sessions)[0]["notes"]) == ("A2", None)
    say(sessions, minutes=4, room=None)
    replay(sessions, FEEDS, actor=actor("me"), now=later(10))
    assert (devices(sessions)[0]["room"], devices(sessions)[0]["serial"]) == (None, "SER1")
    assert {change["reason"] for change in rows(sessions, schema.change) if change["field"] == "room"} == {"seen it"}


@pytest.mark.parametrize("field", ["serial", "imei", "imei2", "meid", "mac"])
def test_what_decides_identity_is_not_given_by_hand(sessions: Sessions, field: str) -> None:
    seen(sessions, serial="SER1")
    with pytest.raises(Misconfigured, match="decides which records are one device"):
        parse({"room": "A1", field: "X"})
    with pytest.raises(Misconfigured, match="decides which records are one device") as refused:
        say(sessions, **{field: "X"})
    assert "review" in refused.value.next_step


def test_an_edit_needs_a_reason_a_device_a_right_and_a_date_to_come(sessions: Sessions) -> None:
    seen(sessions, serial="SER1")
    with pytest.raises(Misconfigured, match="reason"):
        edit(sessions, actor(), 1, {"room": "A1"}, reason=" ", now=NOON)
    with pytest.raises(Misconfigured, match="passed"):
        say(sessions, room="A1", until=NOON)
    with pytest.raises(NotFound):
        say(sessions, 7, room="A1")
    with pytest.raises(Refused):
        edit(sessions, actor("me", Role.VIEWER), 1, {"room": "A1"}, reason="x", now=NOON)
    assert (words(sessions), devices(sessions)[0]["room"]) == ({}, None)


def test_a_locked_field_refuses_a_person_and_lists_the_word_given_before(sessions: Sessions) -> None:
    seen(sessions, serial="SER1", room="B2", model="X")
    say(sessions, room="A1")
    lock = policy_of({"room": Weighing(locked="intune"), "model": Weighing(locked="papers")})
    replay(sessions, FEEDS, actor=actor("me"), now=later(2), policy=lock)
    assert (line(sessions, "room").value, line(sessions, "model").value) == ("B2", None)
    assert sorted(overridden(sessions)) == [
        ("D000001", "model", None, "X", "intune"),
        ("D000001", "room", "B2", "A1", HAND),
    ]
    with pytest.raises(Refused, match="locked to intune"):
        say(sessions, minutes=3, room="A3")
    say(sessions, minutes=4, room=None)
    assert [found[1] for found in overridden(sessions)] == ["model"]


def test_a_word_past_its_date_stops_counting_at_the_next_run_and_the_history_says_why(sessions: Sessions) -> None:
    seen(sessions, serial="SER1", room="B2")
    say(sessions, room="A1", until=later(60))
    seen(sessions, minutes=59, serial="SER1", room="B2")
    assert devices(sessions)[0]["room"] == "A1"
    seen(sessions, "papers", minutes=61, serial="ELSE1")
    assert line(sessions, "room").value == "B2"
    written = rows(sessions, schema.change)[-2]
    assert tuple(written[n] for n in ("field", "old", "new", "by", "reason")) == ("room", "A1", "B2", HAND, EXPIRED)
    assert overridden(sessions) == []


def test_a_word_past_its_date_stops_counting_at_a_replay(sessions: Sessions) -> None:
    seen(sessions, serial="SER1", room="B2")
    say(sessions, room="A1", until=later(60))
    replay(sessions, FEEDS, actor=actor("me"), now=later(59))
    assert devices(sessions)[0]["room"] == "A1"
    replay(sessions, FEEDS, actor=actor("me"), now=later(61))
    assert devices(sessions)[0]["room"] == "B2"


def test_a_word_without_a_date_counts_as_long_as_the_policy_lets_it(sessions: Sessions) -> None:
    limited = policy_of({"room": Weighing(person_for=timedelta(minutes=30))})
    run(sessions, page(row("1", serial="SER1", room="B2")), policy=limited)
    said = say(sessions, room="A1", notes="x")
    assert [(item.field, item.until) for item in said] == [("room", later(31)), ("notes", None)]
    say(sessions, minutes=2, notes="y", until=later(40))
    say(sessions, minutes=3, model="Z", until=later(33))
    seen(sessions, minutes=32, serial="SER1", room="B2")
    assert [devices(sessions)[0][name] for name in ("room", "notes", "model")] == ["B2", "y", "Z"]


def test_a_source_that_a_word_keeps_out_is_listed_since_it_says_so(sessions: Sessions) -> None:
    seen(sessions, serial="SER1", room="A1")
    say(sessions, room="A1")
    assert overridden(sessions) == []
    seen(sessions, minutes=10, serial="SER1", room="B2")
    assert warnings(sessions) == [
        "Values kept out by a person's word or a lock: 1; `devreg list overridden` shows them."
    ]
    seen(sessions, minutes=20, serial="SER1", room="B2", model="X")
    assert overridden(sessions) == [("D000001", "room", "A1", "B2", "intune")]
    assert rows(sessions, schema.overridden)[0]["at"] == later(10)
    assert warnings(sessions) == []
    against = line(sessions, "room").against
    assert against is not None
    assert against.value == "B2"
    seen(sessions, minutes=30, serial="SER1", room="C3")
    assert rows(sessions, schema.overridden)[0]["at"] == later(30)
    seen(sessions, minutes=40, serial="SER1", room="A1")
    assert overridden(sessions) == []


def test_a_tag_given_by_hand_finds_the_device_until_it_is_taken_back(sessions: Sessions) -> None:
    seen(sessions, serial="SER1")
    say(sessions, asset_tag="T-0017")
    assert browser(sessions).find("t-0017") == 1
    say(sessions, minutes=2, asset_tag=None)
    with pytest.raises(NotFound):
        browser(sessions).find("T-0017")


def test_a_persons_code_is_masked_in_what_people_type(sessions: Sessions) -> None:
    seen(sessions, serial="SER1")
    edit(sessions, actor(), 1, {"notes": "of 131052-308T"}, reason="told by 131052-308T", now=NOON)
    kept = str(
        [rows(sessions, table) for table in (schema.record, schema.device, schema.change, audit_schema.audit_detail)]
    )
    assert "131052-308T" not in kept
    assert "******-****" in kept


def _joined(sessions: Sessions) -> int:
    """Two devices with a word each, about which a question is open."""
    seen(sessions, serial="12345A", manufacturer="Dell", room="B2")
    seen(sessions, "papers", serial="12345A", manufacturer="HP", price_cents=500)
    say(sessions, 1, room="A1")
    say(sessions, 2, minutes=2, notes="of the HP")
    return int(next(found["id"] for found in rows(sessions, schema.review) if found["closed_at"] is None))


def test_words_go_where_their_devices_go_when_people_merge_and_come_back_when_they_undo(sessions: Sessions) -> None:
    question = _joined(sessions)
    decided = decide(sessions, question, Answer.MERGE, into=2, actor=actor(), reason=None, now=later(5))
    assert words(sessions) == {"D000001:room": 2, "D000002:notes": 2}
    assert len(rows(sessions, schema.pin)) == 2
    assert (devices(sessions)[0]["room"], devices(sessions)[0]["notes"]) == ("A1", "of the HP")
    assert overridden(sessions) == [("D000002", "room", "A1", "B2", "intune")]
    replay(sessions, FEEDS, actor=actor(), now=later(6))
    assert (len(devices(sessions)), devices(sessions)[0]["room"]) == (1, "A1")
    undo(sessions, decided.decision_id, actor=actor(), now=later(7))
    assert words(sessions) == {"D000001:room": 1, "D000002:notes": 2}
    assert [(found["room"], found["notes"]) for found in devices(sessions)] == [("A1", None), (None, "of the HP")]
    assert overridden(sessions) == [("D000001", "room", "A1", "B2", "intune")]


def test_records_put_back_where_they_were_take_their_words_along(sessions: Sessions) -> None:
    _joined(sessions)
    (one,) = [found["id"] for found in rows(sessions, schema.record) if found["source"] == "intune"]
    with sessions.write.begin() as session:
        records.put_back(session, {one: 2})
    assert words(sessions) == {"D000001:room": 2, "D000002:notes": 2}


def test_of_two_words_that_meet_in_one_device_the_later_counts_and_both_can_be_taken_back(sessions: Sessions) -> None:
    question = _joined(sessions)
    say(sessions, 2, minutes=3, room="A9")
    decide(sessions, question, Answer.MERGE, into=1, actor=actor(), reason=None, now=later(5))
    assert [(loser.value, loser.source) for loser in line(sessions, "room").losers] == [("A1", HAND), ("B2", "intune")]
    assert say(sessions, 1, minutes=6, room=None) == [Edited("room", "A9", "B2")]


@pytest.mark.parametrize("order", [("papers", "intune"), ("intune", "papers")])
def test_a_word_stays_with_the_device_when_a_record_is_split_off(sessions: Sessions, order: tuple[str, str]) -> None:
    for name in order:
        seen(sessions, name, serial="OLD1", **({"price_cents": 5} if name == "papers" else {"model": "X"}))
    say(sessions, room="A1")
    seen(sessions, minutes=5, serial="NEW1", model="X")
    question = int(next(found["id"] for found in rows(sessions, schema.review) if found["closed_at"] is None))
    decided = decide(sessions, question, Answer.SPLIT, into=None, actor=actor(), reason=None, now=later(6))
    assert [(found["id"], found["price_cents"], found["room"]) for found in devices(sessions)] == [
        (1, 5, "A1"),
        (2, None, None),
    ]
    undo(sessions, decided.decision_id, actor=actor(), now=later(7))
    assert [(found["id"], found["price_cents"], found["room"]) for found in devices(sessions)] == [(1, 5, "A1")]


def test_words_follow_their_records_when_rules_join_and_part_devices(sessions: Sessions) -> None:
    seen(sessions, imei="35674108112233")
    seen(sessions, "papers", mac="9c2a83d410f1", price_cents=5)
    say(sessions, 2, notes="of the papers")
    seen(sessions, minutes=5, imei="35674108112233", mac="9c2a83d410f1")
    assert (words(sessions), devices(sessions)[0]["notes"]) == ({"D000002:notes": 1}, "of the papers")
    seen(sessions, minutes=6, imei="35674108112233")
    (word_at,) = words(sessions).values()
    assert [(found["price_cents"], found["notes"]) for found in devices(sessions)] == [
        (None, None),
        (5, "of the papers"),
    ]
    say(sessions, 1, minutes=7, notes="of the phone")
    assert [found["notes"] for found in devices(sessions)] == ["of the phone", "of the papers"]
    assert word_at == devices(sessions)[1]["id"]


def test_a_person_says_that_nobody_holds_it_and_the_source_stays_to_be_seen(sessions: Sessions) -> None:
    seen(sessions, serial="SER1", holder="Aino", room="B2")
    assert say(sessions, holder=NOTHING) == [Edited("holder", "Aino", None)]
    seen(sessions, minutes=9, serial="SER1", holder="Bo", room="B2")
    shown = line(sessions, "holder")
    assert (shown.value, shown.source, shown.rule) == (None, HAND, "a person's word")
    assert [claim.value for claim in shown.losers] == ["Bo"]
    assert overridden(sessions) == [("D000001", "holder", None, "Bo", "intune")]
    before = (rows(sessions, schema.device), changes(sessions))
    replay(sessions, FEEDS, actor=actor("me"), now=later(10))
    assert (rows(sessions, schema.device), changes(sessions)) == before
    say(sessions, minutes=11, holder=None)
    assert line(sessions, "holder").value == "Bo"


def test_that_nobody_holds_it_is_said_no_more_once_somebody_is_named(sessions: Sessions) -> None:
    seen(sessions, serial="SER1", holder="Aino")
    say(sessions, holder=NOTHING)
    say(sessions, minutes=2, holder="Cia")
    assert (line(sessions, "holder").value, len(words(sessions))) == ("Cia", 1)


def test_a_lock_keeps_out_that_there_is_none_too(sessions: Sessions) -> None:
    seen(sessions, serial="SER1", holder="Aino")
    say(sessions, holder=NOTHING)
    locked = policy_of({"holder": Weighing(locked="intune")})
    replay(sessions, FEEDS, policy=locked, actor=actor("me"), now=later(10))
    assert overridden(sessions) == [("D000001", "holder", "Aino", None, HAND)]


def test_an_edit_of_what_somebody_changed_meanwhile_is_a_conflict_that_writes_nothing(sessions: Sessions) -> None:
    seen(sessions, serial="SER1", room="B2")
    say(sessions, who="ann", room="A1")
    with pytest.raises(Conflict, match="room is “A1” by now, not “B2”"):
        say(sessions, minutes=2, who="bo", room="A2", expected={"room": "B2"})
    assert (devices(sessions)[0]["room"], len(words(sessions))) == ("A1", 1)
    say(sessions, minutes=3, who="bo", room="A2", notes="x", expected={"room": "A1", "notes": None})
    assert devices(sessions)[0]["room"] == "A2"


def test_two_people_at_once_get_one_change_and_one_conflict(database: str, tmp_path: Path) -> None:
    """Both have seen B2; the second waits for the first one's transaction, and must then see what that wrote."""
    first, second = connect(database, tmp_path), connect(database, tmp_path)
    seen(first, serial="SER1", room="B2")
    start, ends = threading.Barrier(2), []

    def of(who: str, sessions: Sessions, room: str) -> None:
        start.wait()
        try:
            say(sessions, who=who, room=room, expected={"room": "B2"})
            ends.append((who, room))
        except Conflict as conflict:
            ends.append((who, conflict))

    people = [threading.Thread(target=of, args=given) for given in (("ann", first, "A1"), ("bo", second, "A2"))]
    for person in people:
        person.start()
    for person in people:
        person.join()
    won = [end for end in ends if isinstance(end[1], str)]
    assert (len(won), len(ends)) == (1, 2)
    assert devices(first)[0]["room"] == won[0][1]
    assert len([change for change in changes(first) if change[1] == "room"]) == 1
    first.close()
    second.close()


def test_a_failed_edit_leaves_nothing_of_its_other_fields(sessions: Sessions) -> None:
    seen(sessions, serial="SER1", room="B2")
    with pytest.raises(DevregError):
        say(sessions, room="A1", notes=None)
    assert (words(sessions), devices(sessions)[0]["room"]) == ({}, "B2")


_RECORD = st.fixed_dictionaries(
    {},
    optional={
        "serial": st.sampled_from(["PF3KX9A1", "PF3KX9A2"]),
        "imei": st.sampled_from(["35674108112233", "35291411445566"]),
        "mac": st.sampled_from(["9c2a83d410f1"]),
        "room": st.sampled_from("xy"),
    },
)
_WORLD = st.lists(st.tuples(st.sampled_from(["intune", "papers"]), _RECORD), min_size=1, max_size=4)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(first=_WORLD, then=_WORLD, dice=st.randoms(use_true_random=False))
def test_words_among_runs_come_out_of_a_replay_as_they_went_in(
    fresh_register: Callable[[str], str], tmp_path: Path, first: list[Any], then: list[Any], dice: Random
) -> None:
    sessions = connect(fresh_register("sqlite"), tmp_path)
    for minutes, world in ((0, first), (10, then)):
        for source in ("intune", "papers"):
            said = [row(f"r{n}", **body) for n, (name, body) in enumerate(world) if name == source]
            run(sessions, page(*said), name=source, kind=FEEDS[source].kind, now=later(minutes))
        for number in sorted(found["id"] for found in devices(sessions)):
            say(sessions, number, minutes=minutes + 8, room=dice.choice("xyz"), until=later(dice.choice([19, 99])))
    seen(sessions, minutes=20, native_id="last")
    before = _picture(sessions)
    for anchor, word_at in _homes(sessions):
        assert word_at == anchor
    replay(sessions, FEEDS, actor=actor("me"), now=NOON + timedelta(minutes=30))
    assert _picture(sessions) == before
    sessions.close()


def _picture(sessions: Sessions) -> list[Mapping[str, Any]]:
    tables = (schema.device, schema.overridden, schema.word, schema.record_key)
    return [found for table in tables for found in rows(sessions, table)] + [words(sessions)]


def _homes(sessions: Sessions) -> list[tuple[int | None, int | None]]:
    own = schema.record.alias()
    with sessions.read.begin() as session:
        found = session.execute(
            select(own.c.device_id, schema.record.c.device_id)
            .select_from(schema.word.join(own, own.c.id == schema.word.c.anchor_id))
            .join(schema.record, schema.record.c.id == schema.word.c.record_id)
        )
        return [tuple(pair) for pair in found]
