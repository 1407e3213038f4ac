"""What a page does to the register, on both engines."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from register_rig import (
    NOON,
    Listed,
    actor,
    browser,
    changes,
    devices,
    dump,
    laptops,
    later,
    observe,
    open_questions,
    page,
    row,
    rows,
    run,
    run_of,
)
from sqlalchemy import event

from devreg.contract_options import CriticalRule
from devreg.domain.observation import Observation, Subject
from devreg.ports import Record
from devreg.services.collect import collect
from devreg.services.editing import edit
from devreg.services.ingest import Feed
from devreg.settings import UnitRule
from devreg.store import schema
from devreg.store.engine import Sessions


def test_a_first_run_makes_a_device_of_each_record(sessions: Sessions) -> None:
    ended = run(sessions, page(*laptops(3)))
    assert (ended.verdict, ended.counts.seen, ended.counts.new) == ("complete", 3, 3)
    assert [(line["id"], line["name"], line["serial"]) for line in devices(sessions)] == [
        (1, "pc-0", "SER00000"), (2, "pc-1", "SER00001"), (3, "pc-2", "SER00002"),
    ]  # fmt: skip


def test_an_unchanged_run_writes_no_device_and_no_change_row(sessions: Sessions) -> None:
    source = page(*laptops(40), row("old", serial="OLD1", as_of=NOON))
    run(sessions, source)
    before, trail = dump(sessions), len(rows(sessions, schema.audit))
    said: list[str] = []
    stop = _statements(sessions, said)
    ended = run(sessions, source, now=later(60))
    stop()
    assert (ended.counts.same, ended.counts.changed, ended.counts.new) == (41, 0, 0)
    writes = [
        statement.replace('"', "").split() for statement in said if statement.startswith(("INSERT", "UPDATE", "DELETE"))
    ]
    tables = {words[1] if words[0] == "UPDATE" else words[2] for words in writes}
    assert tables - {"audit", "audit_detail"} == {"run", "source", "sighting"}
    after = dump(sessions)
    assert (before["device"], before["change"]) == (after["device"], after["change"])
    assert len(rows(sessions, schema.audit)) == trail + 1  # the digest of the run


def test_an_unchanged_page_takes_the_same_few_statements_however_long_it_is(sessions: Sessions) -> None:
    short, long = page(*laptops(3)), page(*laptops(300))
    run(sessions, short)
    run(sessions, long, name="google", kind="google")
    counts = []
    for source, name in ((short, "intune"), (long, "google")):
        said: list[str] = []
        stop = _statements(sessions, said)
        run(sessions, source, name=name, kind=name, now=later(5))
        stop()
        counts.append(len(said))
    assert counts[0] == counts[1]


def test_what_drifts_at_every_sync_moves_the_last_contact_and_nothing_else(sessions: Sessions) -> None:
    run(sessions, page(row("a", serial="SER1", name="x", as_of=NOON)))
    before = dump(sessions, without=["last_seen", "contact_at", "as_of", "volatile", "observation", "completed_at"])
    ended = run(sessions, page(row("a", serial="SER1", name="x", as_of=later(30))), now=later(60))
    assert (ended.counts.same, ended.counts.changed) == (1, 0)
    assert (devices(sessions)[0]["last_seen"], devices(sessions)[0]["contact_at"]) == (later(30), later(30))
    assert (
        dump(sessions, without=["last_seen", "contact_at", "as_of", "volatile", "observation", "completed_at"])
        == before
    )


def test_the_last_contact_is_the_newest_of_all_sources_whichever_drifts(sessions: Sessions) -> None:
    run(sessions, page(row("a", serial="SER1", as_of=later(50))))
    run(sessions, page(row("b", serial="SER1", as_of=later(10))), name="google", kind="google")
    run(sessions, page(row("b", serial="SER1", as_of=later(20))), name="google", kind="google")
    assert devices(sessions)[0]["last_seen"] == later(50)


def test_a_counter_that_moves_at_each_reading_is_kept_current_without_history(sessions: Sessions) -> None:
    printer = row("p", serial="PRN1")
    for total in (100, 160):
        run(sessions, page(msgspec.structs.replace(printer, volatile={"page_count": total})), kind="snmp")
    assert devices(sessions)[0]["page_count"] == 160
    assert changes(sessions) == []


def test_a_changed_field_gives_exactly_one_line_of_history(sessions: Sessions) -> None:
    run(sessions, page(row("a", serial="SER1", name="x", ram_bytes=8)))
    ended = run(sessions, page(row("a", serial="SER1", name="x", ram_bytes=16)), now=later(60))
    assert ended.counts.changed == 1
    assert changes(sessions) == [(1, "ram_bytes", "8", "16")]
    line = rows(sessions, schema.change)[-1]
    assert (line["by"], line["run_id"], line["at"]) == ("intune", ended.run_id, later(60))


def test_values_not_chosen_are_kept_and_shown(sessions: Sessions) -> None:
    run(sessions, page(row("a", serial="SER1", model="Latitude 5440")))
    run(sessions, page(row("7", serial="SER1", model="Dell laptop", price_cents=99900)), name="papers", kind="sheet")
    model = next(line for line in browser(sessions).device(1).fields if line.name == "model")
    assert (model.value, model.source, model.rule) == ("Latitude 5440", "intune", "the managing tool knows best")
    assert [(loser.value, loser.source) for loser in model.losers] == [("Dell laptop", "papers")]
    assert devices(sessions)[0]["price_cents"] == 99900


def test_the_same_serial_from_two_sources_is_one_device(sessions: Sessions) -> None:
    run(sessions, page(row("a", serial=" ser-1 ", manufacturer="LENOVO")))
    ended = run(sessions, page(row("7", serial="SER-1", manufacturer="Lenovo Group")), name="papers", kind="sheet")
    assert len(devices(sessions)) == 1
    assert ended.counts.new == 1
    assert [r.rung for r in browser(sessions).device(1).records] == ["serial number", "serial number"]


def test_the_same_serial_of_another_maker_is_a_device_of_its_own_and_asked(sessions: Sessions) -> None:
    run(sessions, page(row("a", serial="12345A", manufacturer="Dell Inc.")))
    ended = run(sessions, page(row("7", serial="12345A", manufacturer="HP")), name="papers", kind="sheet")
    assert (ended.counts.review, len(devices(sessions))) == (1, 2)
    assert open_questions(sessions) == [("same serial number, another manufacturer", [1, 2])]
    kept = [line for line in rows(sessions, schema.record) if line["source"] == "papers"]
    assert [(line["device_id"], line["verdict"], line["body"]["serial"]) for line in kept] == [(2, "new", "12345A")]


def test_an_undecided_record_is_asked_once_however_often_it_is_read(sessions: Sessions) -> None:
    run(sessions, page(row("a", serial="12345A", manufacturer="Dell")))
    papers = page(row("7", serial="12345A", manufacturer="HP"))
    run(sessions, papers, name="papers", kind="sheet")
    again = run(sessions, papers, name="papers", kind="sheet", now=later(60))
    assert (again.counts.review, again.counts.same, again.counts.changed) == (0, 1, 0)
    assert len(rows(sessions, schema.review)) == 1


def test_an_undecided_record_is_attached_as_soon_as_nothing_speaks_against_it(sessions: Sessions) -> None:
    run(sessions, page(row("a", serial="12345A", manufacturer="Dell")))
    papers = page(row("7", serial="12345A", manufacturer="HP", price_cents=500))
    run(sessions, papers, name="papers", kind="sheet")
    run(sessions, page(row("a", serial="12345A", manufacturer="HP Inc.")), now=later(30))
    ended = run(sessions, papers, name="papers", kind="sheet", now=later(60))
    assert devices(sessions)[0]["price_cents"] == 500
    assert open_questions(sessions) == []
    assert ended.counts.changed == 0


def test_a_placeholder_serial_never_makes_two_records_one_device(sessions: Sessions) -> None:
    run(sessions, page(*(row(f"n{i}", serial="To be filled by O.E.M.") for i in range(5))))
    assert len(devices(sessions)) == 5
    assert rows(sessions, schema.record_key) == []


def test_a_new_enrolment_of_the_same_serial_is_the_same_device(sessions: Sessions) -> None:
    run(sessions, page(row("first", serial="SER1"), *laptops(20)))
    ended = run(sessions, page(row("second", serial="SER1"), *laptops(20)), now=later(60))
    assert (len(devices(sessions)), ended.counts.missing) == (21, 1)
    page_ = browser(sessions).device(1)
    assert [(r.native_id, r.gone_at is not None) for r in page_.records] == [("first", True), ("second", False)]
    assert devices(sessions)[0]["missing_since"] is None


def test_a_record_whose_serial_changes_stays_and_asks(sessions: Sessions) -> None:
    run(sessions, page(row("a", serial="SER1")))
    ended = run(sessions, page(row("a", serial="SER2")), now=later(60))
    assert ended.counts.review == 1
    assert open_questions(sessions) == [("same record, new serial number: hardware changed?", [1])]
    assert devices(sessions)[0]["serial"] == "SER2"


def test_a_question_about_hardware_waits_for_a_person(sessions: Sessions) -> None:
    run(sessions, page(row("a", serial="SER1")))
    run(sessions, page(row("a", serial="SER2")), now=later(60))
    run(sessions, page(row("a", serial="SER2", name="renamed")), now=later(120))
    assert len(open_questions(sessions)) == 1


def test_a_paper_that_came_before_the_device_is_filled_when_the_device_says_its_serial(sessions: Sessions) -> None:
    run(sessions, page(row("7", serial="SER1")), name="papers", kind="sheet")
    run(sessions, page(row("a", name="fresh from the box")))
    run(sessions, page(row("a", name="fresh from the box", serial="SER1")), now=later(60))
    assert open_questions(sessions) == []
    assert [(line["id"], line["sources"]) for line in devices(sessions)] == [(1, "intune papers")]
    assert browser(sessions).find("D000002") == 1


def test_two_devices_that_answer_to_one_number_are_a_question(sessions: Sessions) -> None:
    run(
        sessions, page(row("a", serial="SER1", imei="356938035643809"), row("b", serial="SER2", imei="356938035643809"))
    )
    assert len(devices(sessions)) == 2
    run(sessions, page(row("7", imei="356938035643809")), name="papers", kind="sheet")
    assert ("several devices share its identifiers", [1, 2]) in open_questions(sessions)
    assert [line["device_id"] for line in rows(sessions, schema.record) if line["source"] == "papers"] == [None]


def test_records_of_one_page_find_each_other(sessions: Sessions) -> None:
    run(
        sessions,
        page(row("a", serial="SER1", imei="356938035643809"), row("b", imei="35693803564380"), row("c", serial="SER1")),
    )
    assert len(devices(sessions)) == 1


def test_what_is_said_anew_of_a_unit_a_head_count_and_a_person_replaces_what_was_said(sessions: Sessions) -> None:
    def said(number: int) -> tuple[Record, ...]:
        counts = [
            row(f"c{line}", Subject.HEADCOUNT, unit="koulu", stage="1-2", date="2026-09-20", pupils=number + line)
            for line in (1, 2)
        ]
        others = (row("x", Subject.UNIT, id="koulu", name_fi=f"Koulu {number}"), row("y", Subject.UNIT, id="talo"))
        people = [row(f"p{line}", Subject.PERSON, name=f"Åke {number + line}") for line in (1, 2)]
        return *counts, *others, *people

    for number in (10, 20):
        run(sessions, page(*said(number)), name="papers", kind="sheet", now=later(number))
    # Two lines of one list that count the same pupils: the later one counts.
    assert [line["pupils"] for line in rows(sessions, schema.headcount, "unit")] == [22]
    assert [(line["id"], line["name_fi"]) for line in rows(sessions, schema.unit)] == [
        ("koulu", "Koulu 20"),
        ("talo", None),
    ]
    assert [line["name"] for line in rows(sessions, schema.person, "native_id")] == ["Åke 21", "Åke 22"]


def test_equal_ids_of_a_person_and_a_device_are_two_records(sessions: Sessions) -> None:
    run(sessions, page(row("1", serial="SER1"), row("1", Subject.PERSON, name="Åke Öhman", email="ake@city.example")))
    assert [(line["subject"], line["device_id"]) for line in rows(sessions, schema.record, "subject")] == [
        ("device", 1), ("person", None),
    ]  # fmt: skip
    assert [line["name"] for line in rows(sessions, schema.person)] == ["Åke Öhman"]


def test_a_record_that_says_it_is_about_something_else_is_quarantined(sessions: Sessions) -> None:
    class Confused(Listed):
        def observe(self, record: Record) -> Observation:
            return Observation(Subject.PERSON, claims={"name": "x"})

    ended = run_of(sessions, Confused(page(row("1", serial="SER1"))))
    assert (ended.counts.rejected, rows(sessions, schema.record), rows(sessions, schema.person)) == (1, [], [])


def test_a_rule_puts_records_into_a_unit_unless_the_record_says_one(sessions: Sessions) -> None:
    rules = (
        UnitRule.model_validate({"org_unit": "/Koulut/Mäntymäki", "unit": "mantymaki", "use": "pupil", "stage": "3-6"}),
    )
    facts = {"org_unit": "/koulut/mäntymäki/4B"}
    run(
        sessions,
        page(row("a", serial="SER1", facts=facts), row("b", serial="SER2", facts=facts, unit="kasavuori")),
        rules=rules,
    )
    assert [(line["unit"], line["use"], line["stage"]) for line in devices(sessions)] == [
        ("mantymaki", "pupil", "3-6"), ("kasavuori", "pupil", "3-6"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "critical"),
    [
        ({"name": "SRV-?"}, ["srv-1"]),
        ({"kind": "router"}, ["core"]),
        ({"unit": "hall"}, ["core", "srv-1"]),
        ({"kind": "server", "unit": "hall"}, ["srv-1"]),
    ],
)
def test_a_rule_calls_devices_critical_unless_the_record_or_a_person_says_otherwise(
    sessions: Sessions, rule: dict[str, str], critical: list[str]
) -> None:
    there = page(
        row("1", serial="SER1", name="srv-1", kind="server", unit="hall"),
        row("2", serial="SER2", name="core", kind="router", unit="hall"),
        row("3", serial="SER3", name="srv-22", kind="server", unit="office"),
        row("4", serial="SER4", name="srv-4", kind="router", unit="hall", critical=False),
        row("5"),
    )
    feed = Feed("papers", "sheet", observe, (), "1", critical=(CriticalRule.model_validate(rule),))
    collect(sessions, actor(), Listed(there), feed, lambda: NOON)
    assert sorted(str(line["name"]) for line in devices(sessions) if line["critical"]) == critical
    named = next(line["id"] for line in devices(sessions) if line["name"] == critical[0])
    edit(sessions, actor(), named, {"critical": False}, reason="a spare", now=later(1))
    assert [line["critical"] for line in devices(sessions) if line["id"] == named] == [False]


def test_a_new_mapping_reaches_records_that_have_not_changed(sessions: Sessions) -> None:
    run(sessions, page(*laptops(5)))
    ended = run(sessions, page(*laptops(5)), mapping="2", now=later(60))
    assert ended.counts.changed == 5
    assert changes(sessions) == []


def test_a_contract_follows_its_row_and_leaves_with_it(sessions: Sessions) -> None:
    lease = {"number": "L-1", "kind": "lease", "supplier": "Leasing Oy", "end": "2028-06-30", "monthly_fee_cents": 1250}
    run(sessions, page(row("7", serial="SER1", contract=lease), row("8", serial="SER2", contract=lease)), kind="sheet")
    assert [(c.ref, c.number, c.monthly_fee_cents) for c in browser(sessions).device(2).contracts] == [
        ("C000001", "L-1", 1250)
    ]
    run(sessions, page(row("7", serial="SER1", contract=lease), row("8", serial="SER2")), kind="sheet", now=later(60))
    assert len(browser(sessions).device(1).contracts) == 1
    assert browser(sessions).device(2).contracts == ()


def test_ports_follow_the_last_reading_and_survive_one_that_says_nothing(sessions: Sessions) -> None:
    two = [{"name": "1", "if_index": 1, "alias": "Sähkökaappi"}, {"name": "2", "if_index": 2}]
    run(sessions, page(row("s", serial="SW1", ports=two)), kind="snmp")
    run(sessions, page(row("s", serial="SW1", ports=two[:1])), kind="snmp")
    assert [port.name for port in browser(sessions).device(1).ports] == ["1"]
    run(sessions, page(row("s", serial="SW1")), kind="snmp")
    assert [port.name for port in browser(sessions).device(1).ports] == ["1"]


def test_between_two_papers_reading_alone_changes_nothing(sessions: Sessions) -> None:
    first, second = page(row("1", serial="SER1", room="A1")), page(row("1", serial="SER1", room="B2"))
    run(sessions, second, name="b-papers", kind="sheet", now=NOON)
    run(sessions, first, name="a-papers", kind="sheet", now=later(1))
    assert devices(sessions)[0]["room"] == "A1"
    run(sessions, second, name="b-papers", kind="sheet", now=later(2))
    assert devices(sessions)[0]["room"] == "A1"


def test_a_record_keeps_the_day_it_was_first_seen(sessions: Sessions) -> None:
    run(sessions, page(row("1", serial="SER1", room="A1")))
    run(sessions, page(row("1", serial="SER1", room="B2")), now=later(60))
    (line,) = rows(sessions, schema.record)
    assert (line["first_seen"], line["said_at"]) == (NOON, later(60))
    assert [line["last_seen"] for line in rows(sessions, schema.sighting)] == [later(60)]


def test_between_two_consoles_the_newest_enrolment_wins_whichever_was_read_or_heard_last(sessions: Sessions) -> None:
    def console(name: str, enrolled: int, heard: int) -> None:
        seen = row("1", serial="SER1", model=name, as_of=later(heard), enrolled_at=later(enrolled).isoformat())
        run(sessions, page(seen), name=name, kind="google")

    console("west", 10, 0)
    console("east", 0, 20)
    assert devices(sessions)[0]["model"] == "west"
    console("east", 0, 30)
    assert devices(sessions)[0]["model"] == "west"


def test_the_list_and_the_page_of_a_device_always_agree(sessions: Sessions) -> None:
    for minute, (name, kind) in enumerate(
        (("a", "sheet"), ("b", "google"), ("c", "google"), ("a", "sheet"), ("b", "google"))
    ):
        moment = NOON + timedelta(minutes=minute)
        run(
            sessions,
            page(row("1", serial="SER1", model=f"{name}", room=name, as_of=moment)),
            name=name,
            kind=kind,
            now=moment,
        )
    line = devices(sessions)[0]
    shown = {field.name: field.value for field in browser(sessions).device(1).fields}
    assert {name: line[name] for name in shown} == shown


@pytest.mark.parametrize("count", [10_000])
def test_a_page_of_ten_thousand_records_is_one_unit_of_work_like_any_other(sessions: Sessions, count: int) -> None:
    many = tuple(
        row(f"n{i}", serial=f"SER{i:05d}", mac=f"a4c3f0{i:06x}", imei=f"{35693803564380 + i:014d}", asset_tag=f"T{i}")
        for i in range(count)
    )
    assert run(sessions, page(*many)).counts.new == count
    assert run(sessions, page(*many), now=later(60)).counts.same == count


def _statements(sessions: Sessions, said: list[str]) -> Callable[[], None]:
    """Collects every statement until the function it returns is called."""

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(sessions.engine, "before_cursor_execute", hear)
    return lambda: event.remove(sessions.engine, "before_cursor_execute", hear)
