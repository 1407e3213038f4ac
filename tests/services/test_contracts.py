"""What sources and people say of contracts, and how they stand: on both engines."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from register_rig import NOON, Listed, actor, browser, dump, later, page, row, rows, run

from devreg.domain.contract import ContractKind, Decision
from devreg.domain.rights import Right, Role
from devreg.errors import Ambiguous, Conflict, Misconfigured, NotFound, Refused
from devreg.ports import Query
from devreg.services import contracts, leases
from devreg.services.acting import act
from devreg.services.contract_page import look
from devreg.services.devices import add
from devreg.services.ingest import Feed
from devreg.services.leases import Wish
from devreg.services.reckoning import reckon
from devreg.services.replay import replay
from devreg.services.review import Answer, undo
from devreg.services.review import decide as answer
from devreg.store import schema
from devreg.store.engine import Sessions

TODAY = NOON.date()
LEASE = {
    "number": "L1", "kind": "lease", "supplier": "Lessor", "start": "2024-01-01", "months": 36, "notice_days": 90, "return_days": 14,
    "monthly_fee_cents": 2000, "extension_fee_cents": 1500, "missing_fee_cents": 20000, "damage_fee_cents": 5000, "residual_cents": 3500,
}  # fmt: skip
"""Ends on 31 December 2026, notice by 2 October, back by 14 January 2027."""


def at(day: date) -> datetime:
    return datetime.combine(day, NOON.timetz())


def list_leases(sessions: Sessions, *records: Any, when: datetime = NOON) -> None:
    run(sessions, page(*records), name="leasing", kind="sheet", now=when)


def leased(serial: str, **terms: Any) -> Any:
    return row(serial.lower(), serial=serial, contract={**LEASE, **terms})


def listed(sessions: Sessions, view: str, **where: str) -> list[Mapping[str, object]]:
    reader = browser(sessions, "en")
    return reader.rows(view, reader.keys(view, Query(where=tuple(where.items()))))


def lease_of(sessions: Sessions, number: str = "L1") -> Mapping[str, object]:
    (found,) = listed(sessions, "leases", number=number)
    return found


def history(sessions: Sessions) -> list[tuple[str, str | None, str | None, str]]:
    return [(line["field"], line["old"], line["new"], line["by"]) for line in rows(sessions, schema.contract_change)]


def support(sessions: Sessions, **given: Any) -> int:
    return contracts.add(sessions, actor(), ContractKind.SUPPORT, "S1", given, "bought", NOON)


# -- a lease from its beginning to its end ---------------------------------------------------------------------------------------


def test_a_lease_walks_through_every_state_to_overdue_and_returned(sessions: Sessions) -> None:
    list_leases(sessions, leased("PHONE1"), when=at(date(2023, 12, 1)))
    seen = []
    for day in (
        date(2023, 12, 1), date(2024, 1, 1), date(2026, 8, 3), date(2026, 12, 31), date(2027, 1, 15), date(2027, 2, 15)
    ):  # fmt: skip
        reckon(sessions, actor(), at(day))
        lease = lease_of(sessions)
        seen.append((str(lease["state"]), lease["next_on"], lease["cost_so_far"]))
    assert seen == [
        ("not_begun", date(2024, 1, 1), 0),
        ("running", date(2026, 10, 2), 2000),
        ("notice_due", date(2026, 10, 2), 32 * 2000),
        ("return_window", date(2027, 1, 14), 36 * 2000),
        ("overdue", date(2027, 1, 14), 36 * 2000 + 1500),
        ("overdue", date(2027, 1, 14), 36 * 2000 + 2 * 1500),
    ]
    leases.returned(sessions, actor(), 1, [1], date(2027, 2, 16), damaged=True, reason=None, now=at(date(2027, 2, 16)))
    reckon(sessions, actor(), at(date(2027, 8, 1)))
    back = lease_of(sessions)
    assert (back["state"], back["cost_so_far"], back["cost_to_end"]) == ("returned", 36 * 2000 + 2 * 1500 + 5000, 0)


def test_a_lease_is_decided_about_extended_and_bought_out(sessions: Sessions) -> None:
    list_leases(sessions, leased("PHONE1"), leased("PHONE2"), leased("PHONE3"))
    for device_id, wish in (
        (1, Wish(Decision.RETURN)), (2, Wish(Decision.EXTEND, months=12)), (3, Wish(Decision.BUY_OUT))
    ):  # fmt: skip
        leases.decide(sessions, actor("anna"), 1, [device_id], wish, reason="council", now=NOON)
    assert [(line["state"], line["decision"], line["decided_by"]) for line in listed(sessions, "leases")] == [
        ("decided", "return", "anna"), ("decided", "buy_out", "anna"), ("decided", "extend", "anna")
    ]  # fmt: skip
    assert {line["end"] for line in listed(sessions, "leases")} == {date(2026, 12, 31), date(2027, 12, 31)}
    reckon(sessions, actor(), at(date(2027, 1, 20)))
    assert {line["device_id"]: line["state"] for line in listed(sessions, "leases")} == {
        "D000001": "overdue", "D000002": "running", "D000003": "bought_out"
    }  # fmt: skip


def test_a_missing_device_costs_its_price_until_it_is_found(sessions: Sessions) -> None:
    list_leases(sessions, leased("PHONE1"))
    leases.missing(sessions, actor(), 1, [1], TODAY, reason="left on a bus", now=NOON)
    lost = lease_of(sessions)
    assert (lost["state"], lost["cost_so_far"], lost["cost_to_end"]) == ("missing", 35 * 2000 + 20000, 0)
    leases.missing(sessions, actor(), 1, [1], None, reason="found", now=later(1))
    assert lease_of(sessions)["state"] == "notice_due"


def test_nothing_is_decided_about_a_device_that_is_gone(sessions: Sessions) -> None:
    list_leases(sessions, leased("PHONE1"))
    leases.returned(sessions, actor(), 1, [1], TODAY, reason=None, now=NOON)
    with pytest.raises(Refused, match="Nothing is left to decide"):
        leases.decide(sessions, actor(), 1, [1], Wish(Decision.RETURN), reason=None, now=NOON)


def test_a_decision_without_names_is_about_every_device_that_is_still_here(sessions: Sessions) -> None:
    list_leases(sessions, leased("PHONE1"), leased("PHONE2"))
    leases.returned(sessions, actor(), 1, [1], TODAY, reason=None, now=NOON)
    assert leases.decide(sessions, actor(), 1, [], Wish(Decision.RETURN), reason=None, now=NOON) == 1
    assert [line["decision"] for line in listed(sessions, "leases")] == ["return", None]


def test_an_extension_must_end_after_the_lease(sessions: Sessions) -> None:
    list_leases(sessions, leased("PHONE1"))
    with pytest.raises(Misconfigured, match="ends after the lease"):
        leases.decide(sessions, actor(), 1, [], Wish(Decision.EXTEND, on=date(2026, 12, 31)), reason=None, now=NOON)


def test_a_lease_that_renewed_itself_past_its_notice_goes_back_a_period_later(sessions: Sessions) -> None:
    list_leases(sessions, leased("PHONE1", renewal_months=12))
    leases.decide(sessions, actor(), 1, [], Wish(Decision.RETURN), reason=None, now=NOON)
    assert lease_of(sessions)["end"] == date(2027, 12, 31)


# -- sources and people ----------------------------------------------------------------------------------------------------------


def test_the_next_read_of_the_sheet_undoes_nothing_that_a_person_said_and_loses_nothing_it_says(
    sessions: Sessions,
) -> None:
    list_leases(sessions, leased("PHONE1"))
    contracts.change(sessions, actor(), 1, {"notice_days": 30}, reason="agreed", now=NOON)
    contracts.change(sessions, actor(), 1, {"monthly_fee_cents": 1800}, device_id=1, reason="agreed", now=NOON)
    leases.decide(sessions, actor(), 1, [], Wish(Decision.RETURN), reason=None, now=NOON)
    list_leases(sessions, leased("PHONE1", notice_days=60, monthly_fee_cents=2100, residual_cents=4000), when=later(5))
    lease = lease_of(sessions)
    assert (lease["notice_by"], lease["monthly_fee"], lease["residual"], lease["decision"]) == (
        date(2026, 12, 1), 1800, 4000, "return"
    )  # fmt: skip
    assert ("notice_days", "90", "60", "leasing") in history(sessions)
    contracts.change(sessions, actor(), 1, {"notice_days": None}, reason="was wrong", now=later(6))
    contracts.change(sessions, actor(), 1, {"monthly_fee_cents": None}, device_id=1, reason="was wrong", now=later(6))
    lease = lease_of(sessions)
    assert (lease["notice_by"], lease["monthly_fee"]) == (date(2026, 11, 1), 2100)


def test_what_is_taken_back_must_have_been_given(sessions: Sessions) -> None:
    list_leases(sessions, leased("PHONE1"))
    with pytest.raises(NotFound, match="Nobody gave notice_days"):
        contracts.change(sessions, actor(), 1, {"notice_days": None}, reason="x", now=NOON)


def test_a_replay_keeps_contracts_with_all_that_people_did(sessions: Sessions) -> None:
    list_leases(sessions, leased("PHONE1"), leased("PHONE2"))
    number = support(sessions, end=date(2027, 5, 31))
    contracts.attach(sessions, actor(), number, [2], {"monthly_fee_cents": 900}, reason=None, now=NOON)
    contracts.change(sessions, actor(), 1, {"notice_days": 30}, reason="agreed", now=NOON)
    leases.decide(sessions, actor(), 1, [1], Wish(Decision.BUY_OUT), reason=None, now=NOON)
    contracts.document(sessions, actor(), number, "Contract", "https://archive.example/1", reason=None, now=NOON)
    before = {name: lines for name, lines in dump(sessions).items() if name.startswith("contract")}
    assert replay(sessions, {}, actor=actor(), now=later(9)).records > 0
    feed = Feed("leasing", "sheet", Listed().observe, (), "2")
    replay(sessions, {"leasing": feed}, actor=actor(), now=later(10))
    after = {name: lines for name, lines in dump(sessions).items() if name.startswith("contract")}
    assert before.pop("contract_day") != after.pop("contract_day")
    assert after == before


def test_a_row_about_another_contract_leaves_the_first_and_keeps_what_people_said_of_it(sessions: Sessions) -> None:
    list_leases(sessions, leased("PHONE1"), leased("PHONE2"))
    leases.returned(sessions, actor(), 1, [1], TODAY, reason=None, now=NOON)
    list_leases(sessions, leased("PHONE1", number="L2"), leased("PHONE2", number="L2"), when=later(1))
    assert sorted((line["device_id"], line["number"], str(line["state"])) for line in listed(sessions, "leases")) == [
        ("D000001", "L1", "returned"), ("D000001", "L2", "notice_due"), ("D000002", "L2", "notice_due")
    ]  # fmt: skip


def test_a_row_that_says_no_contract_any_more_takes_its_own_word_back(sessions: Sessions) -> None:
    list_leases(sessions, leased("PHONE1"))
    list_leases(sessions, row("phone1", serial="PHONE1"), when=later(1))
    assert listed(sessions, "leases") == []
    assert [line["devices"] for line in listed(sessions, "contracts")] == [0]


def test_a_contract_lasts_as_long_as_the_last_of_its_devices_in_whatever_order_they_are_read(
    sessions: Sessions,
) -> None:
    list_leases(sessions, leased("A1234", end="2028-05-31"), leased("B1234", end="2027-01-31"))
    list_leases(sessions, leased("B1234", end="2027-02-28"), when=later(1))
    assert [line["end"] for line in listed(sessions, "contracts")] == [date(2028, 5, 31)]
    assert sorted(str(line["end"]) for line in listed(sessions, "leases")) == ["2027-02-28", "2028-05-31"]


def test_terms_that_change_reach_the_devices_that_nothing_was_said_of(sessions: Sessions) -> None:
    list_leases(sessions, leased("A1234"), leased("B1234"))
    list_leases(sessions, leased("A1234", return_days=30), when=later(1))
    assert {line["return_by"] for line in listed(sessions, "leases")} == {date(2027, 1, 30)}


# -- by hand ---------------------------------------------------------------------------------------------------------------------


def test_a_contract_by_hand_holds_devices_of_any_source_and_a_device_is_in_several(sessions: Sessions) -> None:
    list_leases(sessions, leased("SERVER1"))
    number = support(sessions, start=date(2026, 1, 1), months=12, monthly_fee_cents=5000)
    contracts.attach(sessions, actor(), number, [1], {}, reason="new", now=NOON)
    held = browser(sessions).device(1).contracts
    assert [(line.ref, line.kind, line.state) for line in held] == [
        ("C000001", "lease", "notice_due"), ("C000002", "support", "running")
    ]  # fmt: skip
    (line,) = listed(sessions, "contracts", kind="support")
    assert (line["monthly_fee"], line["cost_so_far"], line["cost_to_end"]) == (5000, 11 * 5000, 5000)


def test_a_device_is_put_into_a_contract_once_and_again_after_it_was_taken_out(sessions: Sessions) -> None:
    add(sessions, actor(), {"serial": "SERVER1"}, None, NOON)
    number = support(sessions, end=date(2027, 5, 31))
    contracts.attach(sessions, actor(), number, [1], {}, reason=None, now=NOON)
    with pytest.raises(Conflict, match="D000001 is in C000001 already"):
        contracts.attach(sessions, actor(), number, [1], {}, reason=None, now=NOON)
    contracts.detach(sessions, actor(), number, [1], TODAY - timedelta(days=1), reason="sold", now=NOON)
    assert [line.state for line in browser(sessions).device(1).contracts] == ["ended"]
    contracts.attach(sessions, actor(), number, [1], {}, reason="back", now=NOON)
    assert [line.state for line in browser(sessions).device(1).contracts] == ["running"]


def test_a_contract_known_by_hand_is_not_entered_twice(sessions: Sessions) -> None:
    support(sessions)
    with pytest.raises(Conflict, match="There is a contract S1"):
        support(sessions)


def test_a_contract_of_no_number_is_called_by_its_own(sessions: Sessions) -> None:
    number = contracts.add(sessions, actor(), ContractKind.WARRANTY, None, {}, None, NOON)
    assert look(sessions, number).number == "C000001"


def test_ending_a_contract_that_renews_itself_stops_the_renewal(sessions: Sessions) -> None:
    number = support(sessions, start=date(2025, 1, 1), months=12, renewal_months=12)
    assert look(sessions, number).ends == date(2026, 12, 31)
    contracts.end(sessions, actor(), number, date(2026, 11, 30), reason="notice given", now=NOON)
    reckon(sessions, actor(), at(date(2026, 12, 1)))
    assert (look(sessions, number).ends, look(sessions, number).state) == (date(2026, 11, 30), "ended")


def test_a_contract_that_would_end_before_it_begins_is_refused_and_nothing_is_written(sessions: Sessions) -> None:
    number = support(sessions, start=date(2026, 1, 1))
    with pytest.raises(Misconfigured, match="end before it begins"):
        contracts.change(sessions, actor(), number, {"end": date(2025, 1, 1)}, reason="x", now=NOON)
    assert look(sessions, number).ends is None


def test_sums_with_vat_are_reckoned_without_it_and_shown_as_they_were_said(sessions: Sessions) -> None:
    list_leases(sessions, leased("PHONE1", monthly_fee_cents=2510, vat_rate=25.5))
    assert lease_of(sessions)["monthly_fee"] == 2000
    contracts.change(sessions, actor(), 1, {"vat_rate": 0.0}, reason="the list is without VAT", now=NOON)
    assert lease_of(sessions)["monthly_fee"] == 2510


def test_a_number_that_two_sources_use_names_both_contracts(sessions: Sessions) -> None:
    list_leases(sessions, leased("PHONE1"))
    contracts.add(sessions, actor(), ContractKind.LEASE, "L1", {}, None, NOON)
    with pytest.raises(Ambiguous, match="C000001, C000002"):
        contracts.find(sessions, "L1")
    assert contracts.find(sessions, "c000002") == 2


def test_documents_are_remembered_and_forgotten(sessions: Sessions) -> None:
    number = support(sessions)
    contracts.document(sessions, actor(), number, "Contract", r"\\archive\s1.pdf", reason=None, now=NOON)
    assert look(sessions, number).documents == (("Contract", r"\\archive\s1.pdf"),)
    contracts.drop_document(sessions, actor(), number, r"\\archive\s1.pdf", reason="moved", now=NOON)
    assert look(sessions, number).documents == ()
    assert [line[0] for line in history(sessions)].count("document") == 2


def test_a_viewer_changes_no_contract_and_the_trail_says_who_tried(sessions: Sessions) -> None:
    number = support(sessions)
    with pytest.raises(Refused):
        contracts.change(sessions, actor("eve", Role.VIEWER), number, {"months": 1}, reason="x", now=NOON)
    assert look(sessions, number).terms == ()
    assert [line["act"] for line in rows(sessions, schema.audit) if line["outcome"] == "refused"] == [
        "change a contract"
    ]


# -- devices that go, join and part ----------------------------------------------------------------------------------------------


def test_a_device_that_goes_out_of_use_has_its_last_day_in_every_contract_and_the_history_keeps_it(
    sessions: Sessions,
) -> None:
    list_leases(sessions, leased("SERVER1"))
    contracts.attach(sessions, actor(), support(sessions, end=date(2027, 5, 31)), [1], {}, reason=None, now=NOON)
    with act(sessions, actor(), Right.EDIT, doing="retire", now=NOON, reason="broken") as doing:
        contracts.release(doing, 1)
        contracts.release(doing, 1)
        contracts.release(doing, 77)
    reckon(sessions, actor(), NOON + timedelta(days=1))
    assert [(line.kind, line.state) for line in browser(sessions).device(1).contracts] == [
        ("lease", "ended"),
        ("support", "ended"),
    ]
    assert [line for line in history(sessions) if line[0] == "ended_on"] == [("ended_on", None, str(TODAY), "me")] * 2


def test_what_a_person_attached_follows_its_device_when_two_turn_out_to_be_one_and_back(sessions: Sessions) -> None:
    run(sessions, page(row("a", serial="SER1", imei="490154203237518"), row("b", serial="SER2")))
    number = support(sessions, end=date(2027, 5, 31))
    contracts.attach(sessions, actor(), number, [2], {}, reason=None, now=NOON)
    run(sessions, page(row("x", serial="SER2", imei="490154203237518")), name="papers", kind="sheet", now=later(1))
    (question,) = [line["id"] for line in rows(sessions, schema.review) if line["closed_at"] is None]
    decided = answer(sessions, question, Answer.MERGE, into=1, reason=None, actor=actor(), now=later(2))
    assert [line.ref for line in browser(sessions).device(1).contracts] == ["C000001"]
    undo(sessions, decided.decision_id, actor=actor(), now=later(3))
    assert [line.ref for line in browser(sessions).device(2).contracts] == ["C000001"]
    assert browser(sessions).device(1).contracts == ()


# -- one set of figures ----------------------------------------------------------------------------------------------------------


def test_reckoning_a_day_twice_changes_nothing_and_a_day_later_all_that_goes_with_the_days(sessions: Sessions) -> None:
    list_leases(sessions, leased("PHONE1"), leased("PHONE2", number="L2"))
    assert reckon(sessions, actor(), NOON)
    before = dump(sessions)
    assert not reckon(sessions, actor(), later(60))
    assert dump(sessions) == before
    assert reckon(sessions, actor(), at(date(2027, 1, 15)))
    assert {line["state"] for line in listed(sessions, "leases")} == {"overdue"}


def test_a_contract_costs_what_its_devices_cost_and_what_is_not_known_of_one_is_not_known_of_all(
    sessions: Sessions,
) -> None:
    list_leases(sessions, leased("PHONE1"), leased("PHONE2"))
    assert [(line["monthly_fee"], line["cost_so_far"]) for line in listed(sessions, "contracts")] == [
        (4000, 2 * 35 * 2000)
    ]
    free = {name: value for name, value in LEASE.items() if name != "monthly_fee_cents"}
    list_leases(sessions, row("phone2", serial="PHONE2", contract=free), when=later(1))
    assert [(line["monthly_fee"], line["cost_so_far"]) for line in listed(sessions, "contracts")] == [(None, None)]
