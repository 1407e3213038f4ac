"""Stories of single devices over months: what must still hold at the end, whatever was decided, renamed, swapped or lost on the way."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from register_rig import NOON, actor, browser, devices, later, observe, open_questions, page, row, rows, run

from devreg.errors import Misconfigured
from devreg.ports import Record
from devreg.services.devices import HAND, add, by_hand
from devreg.services.ingest import Feed
from devreg.services.renaming import rename_source
from devreg.services.replay import replay
from devreg.services.review import Answer, decide, undo
from devreg.store import schema
from devreg.store.engine import Sessions, connect

_KINDS = {"intune": "intune", "google": "google", "papers": "sheet", "other": "intune"}
_FILLER = row("filler", serial="FILLER1")
"""Keeps a source from being empty, which would hold its run."""


def _intune(sessions: Sessions, *records: Record, minutes: int = 0) -> None:
    assert run(sessions, page(*records, _FILLER), now=later(minutes)).verdict == "complete"


def _other(sessions: Sessions, name: str, *records: Record, minutes: int = 0) -> None:
    assert run(sessions, page(*records), name=name, kind=_KINDS[name], now=later(minutes)).verdict == "complete"


def _replay(sessions: Sessions) -> None:
    replay(sessions, _feeds(_KINDS), actor=actor(), now=later(999))


def _feeds(kinds: dict[str, str]) -> dict[str, Feed]:
    return {name: Feed(name, kind, observe, (), "1") for name, kind in kinds.items()} | {HAND: by_hand("me")}


def _homes(sessions: Sessions) -> dict[str, int | None]:
    found = {line["native_id"]: line["device_id"] for line in rows(sessions, schema.record)}
    return {native_id: home for native_id, home in found.items() if native_id != "filler"}


def _device(sessions: Sessions, number: int) -> dict[str, Any]:
    return next(line for line in devices(sessions) if line["id"] == number)


def _question(sessions: Sessions, native_id: str) -> int:
    (record_id,) = (line["id"] for line in rows(sessions, schema.record) if line["native_id"] == native_id)
    lines = rows(sessions, schema.review)
    (found,) = (line["id"] for line in lines if line["record_id"] == record_id and line["closed_at"] is None)
    return int(found)


def _answer(sessions: Sessions, native_id: str, answer: Answer, into: int | None = None, minutes: int = 0) -> int:
    said = {"into": into, "actor": actor(), "reason": "looked at it", "now": later(minutes)}
    return decide(sessions, _question(sessions, native_id), answer, **said).decision_id


def _two_makers(sessions: Sessions) -> None:
    """One serial on records of two makers: a device each, and asked about."""
    _intune(sessions, row("dell", serial="12345A", manufacturer="Dell"))
    _other(sessions, "papers", row("hp", serial="12345A", manufacturer="HP"))


# -- states ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["retired", "lost", "disposed"])
def test_a_device_out_of_use_keeps_its_state_when_seen_gone_and_seen_again(sessions: Sessions, state: str) -> None:
    phone = row("p1", serial="PHONE1")
    _intune(sessions, phone)
    _other(sessions, "papers", row("1", serial="PHONE1", state=state), minutes=1)
    for minutes, listed in ((2, [phone]), (3, []), (4, [row("p2", serial="PHONE1")]), (5, [phone])):
        _intune(sessions, *listed, minutes=minutes)
        assert _device(sessions, 1)["state"] == state
    _replay(sessions)
    assert (_device(sessions, 1)["state"], _homes(sessions)) == (state, {"p1": 1, "1": 1, "p2": 1})


def test_a_device_that_no_source_lists_stays_with_its_number_and_is_itself_again_when_it_returns(
    sessions: Sessions,
) -> None:
    phone = row("p1", serial="PHONE1", imei="35674108112233", model="X")
    _intune(sessions, phone)
    _other(sessions, "google", row("g1", imei="35674108112233"), _FILLER)
    _intune(sessions, minutes=1)
    assert _device(sessions, 1)["missing_since"] is None, "the other source lists it still"
    _other(sessions, "google", _FILLER, minutes=2)
    gone = _device(sessions, 1)
    assert (gone["missing_since"], gone["model"], gone["sources"]) == (later(2), "X", None)
    _replay(sessions)
    assert _device(sessions, 1) == gone
    _intune(sessions, row("p2", serial="PHONE1", model="X"), minutes=3)
    back = _device(sessions, 1)
    assert (back["missing_since"], _homes(sessions)) == (None, {"p1": 1, "g1": 1, "p2": 1})


# -- decisions -------------------------------------------------------------------------------------------------------------------


def test_a_merge_stands_against_later_evidence_of_two_devices_and_needs_no_evidence_of_one(sessions: Sessions) -> None:
    _two_makers(sessions)
    _answer(sessions, "hp", Answer.MERGE, into=1)
    _intune(sessions, row("dell", serial="12345A", manufacturer="Dell", imei="35674108112233", mac="9c2a83d410f1"), minutes=1)  # fmt: skip
    _other(sessions, "papers", row("hp", serial="98765B", manufacturer="HP", imei="35291411445566"), minutes=2)
    _other(sessions, "google", row("g", serial="98765B", manufacturer="HP"), minutes=3)
    for _ in range(2):
        homes = _homes(sessions)
        assert homes["dell"] == homes["hp"] == 1
        _replay(sessions)
    _intune(sessions, minutes=4)
    assert _homes(sessions)["dell"] == 1, "also when it is gone"


def test_a_keep_apart_stands_against_later_evidence_of_one_device(sessions: Sessions) -> None:
    _two_makers(sessions)
    _answer(sessions, "hp", Answer.KEEP)
    both = {"serial": "12345A", "imei": "35674108112233", "mac": "9c2a83d410f1", "manufacturer": "Dell"}
    _intune(sessions, row("dell", **both), minutes=1)
    _other(sessions, "papers", row("hp", **both), minutes=2)
    for _ in range(2):
        assert (_homes(sessions), open_questions(sessions)) == ({"dell": 1, "hp": 3}, [])
        _replay(sessions)


def test_a_third_record_that_fits_two_kept_apart_joins_neither_and_is_asked_about(sessions: Sessions) -> None:
    _two_makers(sessions)
    _answer(sessions, "hp", Answer.KEEP)
    _other(sessions, "other", row("third", serial="12345A"), minutes=1)
    for _ in range(2):
        homes = _homes(sessions)
        assert (homes["dell"], homes["hp"]) == (1, 3)
        assert homes["third"] is None
        assert _question(sessions, "third")
        _replay(sessions)
    _answer(sessions, "third", Answer.MERGE, into=3)
    assert (_homes(sessions), open_questions(sessions)) == ({"dell": 1, "hp": 3, "third": 3}, [])


def test_a_split_stands_when_a_new_source_knows_both_serials(sessions: Sessions) -> None:
    _other(sessions, "papers", row("paper", serial="OLD1"))
    _intune(sessions, row("laptop", serial="OLD1"))
    _intune(sessions, row("laptop", serial="NEW1"), minutes=1)
    _answer(sessions, "laptop", Answer.SPLIT)
    apart = _homes(sessions)
    assert apart["paper"] != apart["laptop"]
    _other(sessions, "other", row("o", serial="OLD1"), minutes=2)
    assert _homes(sessions)["o"] != apart["laptop"]
    _other(sessions, "other", row("o", serial="NEW1"), minutes=3)
    for _ in range(2):
        homes = _homes(sessions)
        assert (homes["paper"], homes["laptop"]) == (apart["paper"], apart["laptop"])
        assert _question(sessions, "o")
        _replay(sessions)


def test_three_devices_merged_one_by_one_come_apart_again_in_the_other_order(sessions: Sessions) -> None:
    def picture() -> tuple[dict[str, int | None], list[Any], list[Any]]:
        _replay(sessions)
        shown = [(line["id"], line["manufacturer"], line["sources"]) for line in devices(sessions)]
        return _homes(sessions), sorted(open_questions(sessions)), shown

    _two_makers(sessions)
    first = _answer(sessions, "hp", Answer.MERGE, into=1)
    _other(sessions, "google", row("acer", serial="12345A", manufacturer="Acer"))
    two = picture()
    (question,) = (line for line in rows(sessions, schema.review) if line["closed_at"] is None)
    said = {"into": 1, "actor": actor(), "reason": "the third too", "now": later(2)}
    second = decide(sessions, question["id"], Answer.MERGE, **said).decision_id
    assert (_homes(sessions), open_questions(sessions)) == ({"dell": 1, "hp": 1, "acer": 1}, [])
    with pytest.raises(Misconfigured, match="came later"):
        undo(sessions, first, actor=actor(), now=later(3))
    undo(sessions, second, actor=actor(), now=later(4))
    assert picture() == two
    undo(sessions, first, actor=actor(), now=later(5))
    assert len(set(_homes(sessions).values())) == 3


# -- identifiers that come and go ------------------------------------------------------------------------------------------------


def test_a_device_enrolled_five_times_is_one_device_shown_as_its_newest_enrolment_says(sessions: Sessions) -> None:
    def enrolment(turn: int) -> Record:
        enrolled = (NOON - timedelta(days=300 - turn * 50)).isoformat()
        return row(f"e{turn}", serial="LOAN1", name=f"loan-{turn}", enrolled_at=enrolled, manages=True)

    _other(sessions, "papers", row("paper", serial="LOAN1"))
    for turn in range(1, 6):
        _intune(sessions, *(enrolment(earlier) for earlier in range(1, turn + 1)), minutes=turn)
        assert _device(sessions, 1)["name"] == f"loan-{turn}"
    for first in range(2, 6):
        _intune(sessions, *(enrolment(turn) for turn in range(first, 6)), minutes=10 + first)
    _replay(sessions)
    assert _homes(sessions) == dict.fromkeys(("paper", "e1", "e2", "e3", "e4", "e5"), 1)
    assert (_device(sessions, 1)["name"], open_questions(sessions)) == ("loan-5", [])


def test_a_record_that_loses_its_serial_stays_with_its_papers(sessions: Sessions) -> None:
    _other(sessions, "papers", row("paper", serial="SER1", room="A1"))
    _intune(sessions, row("a", serial="SER1", model="X"))
    for said in ({}, {"serial": "To be filled by O.E.M."}, {"serial": "0"}):
        _intune(sessions, row("a", model="X", **said), minutes=1)
        assert (_homes(sessions), open_questions(sessions)) == ({"paper": 1, "a": 1}, [])
    _replay(sessions)
    _intune(sessions, row("a", serial="SER1", model="Y"), minutes=2)
    assert (_homes(sessions), _device(sessions, 1)["model"]) == ({"paper": 1, "a": 1}, "Y")


def test_papers_by_serial_and_papers_by_imei_become_one_device_at_the_first_boot(sessions: Sessions) -> None:
    _other(sessions, "papers", row("bought", serial="PHONE1", manufacturer="Samsung", price_cents=30000))
    _other(sessions, "other", row("allowed", imei="35674108112233"))
    assert _homes(sessions) == {"bought": 1, "allowed": 2}
    _intune(sessions, row("enrolled", serial="phone1", imei="356741081122334", manufacturer="samsung"), minutes=1)
    assert (_homes(sessions), _device(sessions, 1)["price_cents"]) == (dict.fromkeys(_homes(sessions), 1), 30000)
    assert browser(sessions).find("D000002") == 1


def test_a_source_renamed_keeps_devices_decisions_and_questions_and_goes_on_under_its_new_name(
    sessions: Sessions,
) -> None:
    _two_makers(sessions)
    _other(sessions, "google", row("acer", serial="12345A", manufacturer="Acer"))
    _answer(sessions, "hp", Answer.KEEP)
    before = _homes(sessions), open_questions(sessions)
    rename_source(sessions, "papers", "lists", actor=actor(), now=later(1))
    kinds = {**_KINDS, "lists": "sheet"}
    for minutes in (2, 3):
        replay(sessions, _feeds(kinds), actor=actor(), now=later(minutes))
        assert (_homes(sessions), open_questions(sessions)) == before
        listed = row("hp", serial="12345A", manufacturer="HP", room="A1")
        ended = run(sessions, page(listed), name="lists", kind="sheet", now=later(minutes))
        assert (ended.verdict, ended.counts.new, ended.counts.missing) == ("complete", 0, 0)
    assert (_homes(sessions), open_questions(sessions)) == before
    assert {line["source"] for line in rows(sessions, schema.record)} == {"intune", "lists", "google"}


# -- what belongs to people ------------------------------------------------------------------------------------------------------

_PERSONS = {
    "state": st.sampled_from(["in_repair", "lost", "retired", "in_stock"]), "holder": st.sampled_from(["Aino", "Matti"]),
    "room": st.sampled_from(["A1", "B2"]), "unit": st.just("school-1"), "asset_tag": st.just("KHA-1"), "name": st.just("mine"),
}  # fmt: skip
_SAID = st.fixed_dictionaries(
    {},
    optional={
        "state": st.sampled_from(["in_use", "disposed"]), "holder": st.just("Somebody Else"), "room": st.just("C3"), "unit": st.just("x"),
        "asset_tag": st.just("OTHER"), "name": st.just("theirs"), "model": st.sampled_from("MN"),
        "live": st.booleans(), "manages": st.booleans(),
    },
)  # fmt: skip
_RUNS = st.lists(st.tuples(st.sampled_from(sorted(_KINDS)), st.none() | _SAID, st.booleans()), min_size=1, max_size=6)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(typed=st.fixed_dictionaries({}, optional=_PERSONS), story=_RUNS)
def test_no_run_of_any_source_changes_what_a_person_said(
    fresh_register: Callable[[str], str], tmp_path: Path, typed: dict[str, Any], story: list[Any]
) -> None:
    """Whether the source lists the device, contradicts it, calls it history, or lists it no more (safety.md 47)."""
    sessions = connect(fresh_register("sqlite"), tmp_path)
    number = add(sessions, actor(), {"serial": "MINE1", **typed}, None, NOON)
    lease = {"number": "L1", "kind": "lease", "monthly_fee_cents": 1250}
    run(sessions, page(row("lease", serial="MINE1", contract=lease)), name="leasing", kind="sheet")
    contracts = rows(sessions, schema.contract), rows(sessions, schema.contract_device)
    for minutes, (name, said, again) in enumerate(story, 1):
        listed = [] if said is None else [row("again" if again else "first", serial="MINE1", **said)]
        run(sessions, page(*listed, row("filler", serial="FILLER1")), name=name, kind=_KINDS[name], now=later(minutes))
        device = _device(sessions, number)
        assert {field: device[field] for field in typed} == typed
    assert contracts == (rows(sessions, schema.contract), rows(sessions, schema.contract_device))
    sessions.close()
