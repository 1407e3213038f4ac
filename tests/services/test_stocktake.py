"""Stock-takes: what was expected is frozen, what is scanned is kept, and no order, repetition or crowd changes the outcome."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from register_rig import NOON, actor, browser, devices, later, page, row, rows, run

from devreg.domain.observation import Subject
from devreg.domain.rights import Actor, Role
from devreg.domain.stocktake import Outcome, Place, Scope, is_expected, judge
from devreg.errors import Ambiguous, NotFound, Refused
from devreg.ports import Query
from devreg.services import editing
from devreg.services import stocktake as service
from devreg.services.review import Answer as Said
from devreg.services.review import decide
from devreg.store import schema
from devreg.store.engine import Sessions

ANNA, ESA = actor("anna", Role.TECHNICIAN), actor("esa", Role.TECHNICIAN)
CODES = ("SER00001", " ser00002", "T-3", "AT-ELSEWHERE", "NOWHERE1", "LOST0001", "garbage", "Garbage ", "SHARED")


def fill(sessions: Sessions) -> None:
    """Five devices expected in the school and its annexe, and others that are not."""
    run(
        sessions,
        page(
            row("school", Subject.UNIT, id="school", name_fi="Koulu", name_sv="Skolan"),
            row("annexe", Subject.UNIT, id="annexe", name_fi="Lisäsiipi", parent="school"),
            row("office", Subject.UNIT, id="office", name_fi="Toimisto"),
        ),
        name="units",
        kind="sheet",
    )
    at = {"as_of": NOON - timedelta(days=1)}
    run(
        sessions,
        page(
            row("1", serial="SER00001", unit="school", room="A 101", **at),
            row("2", serial="SER00002", unit="school", room="A102", **at),
            row("3", serial="SER00003", unit="annexe", asset_tag="T-3", mac="001122334455", **at),
            row("4", serial="SER00004", unit="school", asset_tag="SHARED", **at),
            row("5", serial="SER00005", unit="annexe", asset_tag="SHARED"),
            row("6", serial="AT-ELSEWHERE", unit="office", room="B1"),
            row("7", serial="NOWHERE1"),
            row("8", serial="LOST0001", unit="school", state="lost"),
        ),
    )


@pytest.fixture
def filled(sessions: Sessions) -> Sessions:
    fill(sessions)
    return sessions


def begin(sessions: Sessions, *rooms: str) -> int:
    return service.start(sessions, ANNA, "Koulu", rooms, NOON).number


def outcomes(sessions: Sessions, number: int) -> dict[str, str]:
    """Serial or code -> outcome."""
    there = browser(sessions)
    found = there.rows("counted", there.keys("counted", Query(where=(("stocktake", str(number)),))))
    return {str(line["serial"] or str(line["code"]).strip().upper()): str(line["outcome"]) for line in found}


AFTER = {
    "SER00001": "found",
    "SER00002": "found",
    "SER00003": "found",
    "SER00004": "not_found",
    "SER00005": "not_found",
    "AT-ELSEWHERE": "misplaced",
    "NOWHERE1": "unexpected",
    "LOST0001": "unexpected",
    "GARBAGE": "unknown_code",
    "SHARED": "ambiguous",
}


def test_each_code_gets_its_outcome_and_what_was_not_found_is_missing_at_the_end(filled: Sessions) -> None:
    number = begin(filled)
    answers = service.scan(filled, ANNA, number, CODES, later(1))
    assert [answer.outcome for answer in answers] == [
        *(
            "found",
            "found",
            "found",
            "misplaced",
            "unexpected",
            "unexpected",
            "unknown_code",
            "unknown_code",
            "ambiguous",
        )
    ]
    assert outcomes(filled, number)["SER00004"] == "not_found_yet"
    closed = service.close(filled, ESA, number, later(2))
    assert outcomes(filled, number) == AFTER
    assert (closed.counts["expected"], closed.count(Outcome.FOUND), closed.count(Outcome.MISSING)) == (5, 3, 2)
    assert [line["code"] for line in rows(filled, schema.stocktake_scan)] == list(CODES)


@pytest.mark.parametrize("codes", [(), ("garbage", "SHARED")])
def test_where_no_device_was_scanned_none_is_missing(filled: Sessions, codes: tuple[str, ...]) -> None:
    number = begin(filled)
    service.scan(filled, ANNA, number, codes, later(1))
    closed = service.close(filled, ESA, number, later(2))
    assert (closed.counts["expected"], closed.count(Outcome.NOT_COUNTED), closed.count(Outcome.MISSING)) == (5, 5, 0)
    there = browser(filled)
    (line,) = there.rows("stocktakes", there.keys("stocktakes", Query()))
    assert [line[name] for name in ("expected", "found", "missing", "unknown")] == [5, 0, None, len(codes)]
    assert begin(filled) == number + 1, "and the place can be counted anew"


@pytest.mark.parametrize("code", ["SER00001", "AT-ELSEWHERE", "NOWHERE1"])
def test_where_one_device_was_scanned_the_others_are_missing(filled: Sessions, code: str) -> None:
    number = begin(filled)
    service.scan(filled, ANNA, number, [code], later(1))
    closed = service.close(filled, ESA, number, later(2))
    assert closed.count(Outcome.MISSING) == (4 if code == "SER00001" else 5)


def test_the_list_of_stocktakes_has_the_figures_of_the_receipt(filled: Sessions) -> None:
    number = begin(filled)
    service.scan(filled, ANNA, number, CODES, later(1))
    service.close(filled, ESA, number, later(2))
    there = browser(filled)
    (line,) = there.rows("stocktakes", there.keys("stocktakes", Query()))
    names = ("id", "unit_name", "expected", "found", "missing", "misplaced", "unexpected", "unknown")
    assert [line[name] for name in names] == ["S000001", "Koulu", 5, 3, 2, 1, 2, 2]


def test_the_expected_set_is_frozen_at_the_start(filled: Sessions) -> None:
    number = begin(filled)
    one = next(line["id"] for line in devices(filled) if line["serial"] == "SER00001")
    editing.edit(filled, ANNA, one, {"unit": "office"}, reason="moved", now=later(1))
    run(filled, page(row("9", serial="SER00009", unit="school")), name="new", now=later(2))
    first, late = service.scan(filled, ANNA, number, ["SER00001", "SER00009"], later(3))
    assert (first.outcome, late.outcome) == ("found", "unexpected")


def test_rooms_narrow_what_is_expected_and_another_room_of_the_unit_is_elsewhere(filled: Sessions) -> None:
    number = begin(filled, "a101")
    assert service.standing(filled, number).counts["expected"] == 1
    here, other = service.scan(filled, ANNA, number, ["SER00001", "SER00002"], later(1))
    assert (here.outcome, other.outcome) == ("found", "misplaced")


def test_a_mac_address_and_a_register_number_find_the_device_too(filled: Sessions) -> None:
    number = begin(filled)
    three = next(line["id"] for line in devices(filled) if line["serial"] == "SER00003")
    answers = service.scan(filled, ANNA, number, ["00:11:22:33:44:55", f"D{three:06d}", "0011"], later(1))
    assert [answer.device_ids for answer in answers] == [(three,), (three,), ()]


def test_a_code_scanned_twice_is_one_find_by_who_came_first(filled: Sessions) -> None:
    number = begin(filled)
    service.scan(filled, ANNA, number, ["SER00001", "junk"], later(1))
    again, junk = service.scan(filled, ESA, number, ["SER00001", "JUNK"], later(2))
    assert (again.before, again.before_by, junk.before_by) == (later(1), "anna", "anna")
    assert service.standing(filled, number).count(Outcome.FOUND) == 1
    assert service.standing(filled, number).count(Outcome.UNKNOWN) == 1


def test_a_source_that_heard_of_a_missing_device_is_told_and_is_no_find(filled: Sessions) -> None:
    number = begin(filled)
    service.scan(filled, ANNA, number, ["SER00002"], NOON)
    service.close(filled, ANNA, number, later(1))
    there = browser(filled)
    lines = there.rows("counted", there.keys("counted", Query(where=(("outcome", "not_found"),))))
    assert {(line["serial"], line["heard_by"]) for line in lines} >= {("SER00001", "intune"), ("SER00005", None)}
    assert next(line["heard_at"] for line in lines if line["serial"] == "SER00001") == NOON - timedelta(days=1)


def test_a_device_tells_when_a_person_last_saw_it(filled: Sessions) -> None:
    number = begin(filled)
    service.scan(filled, ANNA, number, ["SER00001", "AT-ELSEWHERE"], later(1))
    there = browser(filled)
    listed = there.rows("devices", there.keys("devices", Query()))
    found = {line["serial"]: line["last_found"] for line in listed if line["last_found"] is not None}
    assert found == {"SER00001": later(1), "AT-ELSEWHERE": later(1)}


def test_a_closed_receipt_does_not_change_any_more(filled: Sessions) -> None:
    number = begin(filled)
    service.close(filled, ANNA, number, later(1))
    before = rows(filled, schema.stocktake_line)
    for go_on in (
        lambda: service.scan(filled, ANNA, number, ["SER00001"], later(2)),
        lambda: service.close(filled, ANNA, number, later(2)),
    ):
        with pytest.raises(Refused, match="closed by anna"):
            go_on()
    run(filled, page(row("1", serial="SER00001", unit="office", as_of=later(3))), now=later(3))
    assert rows(filled, schema.stocktake_line) == before
    assert begin(filled) != number


def test_one_place_is_counted_once_at_a_time(filled: Sessions) -> None:
    begin(filled)
    with pytest.raises(Refused, match="S000001 counts school already"):
        begin(filled)
    assert begin(filled, "A101") == 2
    with pytest.raises(NotFound):
        service.start(filled, ANNA, "nowhere", (), NOON)
    with pytest.raises(NotFound):
        begin(filled, "Z9")


def test_a_viewer_counts_nothing_and_every_act_is_told(filled: Sessions) -> None:
    number = begin(filled)
    with pytest.raises(Refused):
        service.scan(filled, actor("eve", Role.VIEWER), number, ["SER00001"], later(1))
    service.scan(filled, ANNA, number, ["SER00001"], later(2))
    service.close(filled, ANNA, number, later(3))
    told = [(line["act"], line["about"], line["outcome"]) for line in rows(filled, schema.audit) if not line["run_id"]]
    assert told == [
        ("start a stock-take", "S000001", "done"),
        ("scan in a stock-take", "S000001", "refused"),
        ("scan in a stock-take", "S000001", "done"),
        ("close a stock-take", "S000001", "done"),
    ]
    assert [line["code"] for line in rows(filled, schema.stocktake_scan)] == ["SER00001"]


def test_a_code_that_the_register_learns_meanwhile_is_found_at_the_end(filled: Sessions) -> None:
    number = begin(filled)
    service.scan(filled, ANNA, number, ["LATE0001"], later(1))
    run(filled, page(row("9", serial="LATE0001", unit="office")), name="new", now=later(2))
    service.close(filled, ESA, number, later(3))
    assert outcomes(filled, number)["LATE0001"] == "misplaced"
    assert [line["found_by"] for line in rows(filled, schema.stocktake_line) if line["code"] == "LATE0001"] == ["anna"]


def test_two_devices_that_turn_out_to_be_one_are_one_line(filled: Sessions) -> None:
    for name, maker in (("tool", "Dell"), ("papers", "HP")):
        run(filled, page(row("t", serial="TWICE001", manufacturer=maker, unit="school")), name=name, kind="sheet")
    one, other = (line["id"] for line in devices(filled) if line["serial"] == "TWICE001")
    number = begin(filled)
    assert service.standing(filled, number).counts["expected"] == 7
    service.scan(filled, ANNA, number, [f"D{other:06d}"], later(1))
    (asked,) = [line["id"] for line in rows(filled, schema.review) if line["closed_at"] is None]
    decide(filled, asked, Said.MERGE, into=one, actor=actor(), reason="one", now=later(2))
    (again,) = service.scan(filled, ESA, number, ["TWICE001"], later(3))
    assert (again.device_ids, again.before_by) == ((one,), "anna")
    assert service.standing(filled, number).counts == {"expected": 6, "found": 1, "not_found_yet": 5}


def test_a_code_scanned_again_when_the_register_knows_it_is_unknown_no_more(filled: Sessions) -> None:
    number = begin(filled)
    service.scan(filled, ANNA, number, ["late0001"], later(1))
    run(filled, page(row("9", serial="LATE0001", unit="office")), name="new", now=later(2))
    service.scan(filled, ANNA, number, ["LATE0001"], later(3))
    standing = service.standing(filled, number)
    assert (standing.count(Outcome.UNKNOWN), standing.count(Outcome.MISPLACED)) == (0, 1)


def test_what_is_not_exactly_a_code_of_one_device_is_never_guessed(filled: Sessions) -> None:
    number = begin(filled)
    answers = service.scan(filled, ANNA, number, ["SER0000", "ER00001", "SER00001X", "  ", "%", "SHARED"], later(1))
    assert [answer.outcome for answer in answers] == ["unknown_code"] * 4 + ["ambiguous"]
    assert len(answers[-1].device_ids) == 2


def test_what_a_scanner_reads_of_a_person_is_masked(filled: Sessions) -> None:
    number = begin(filled)
    service.scan(filled, ANNA, number, ["131052-308T"], later(1))
    assert "308T" not in str(rows(filled, schema.stocktake_scan) + rows(filled, schema.stocktake_line))


def test_several_people_at_once_lose_no_scan_and_make_no_line_twice(filled: Sessions) -> None:
    number = begin(filled)
    people = [actor(name, Role.TECHNICIAN) for name in ("anna", "esa", "kai", "liv")]

    def count(person: int) -> None:
        for code in CODES[person:] + CODES[:person]:
            service.scan(filled, people[person], number, [code], later(1))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(4)))
    service.close(filled, ANNA, number, later(2))
    assert outcomes(filled, number) == AFTER
    assert len(rows(filled, schema.stocktake_scan)) == 4 * len(CODES)
    assert len(rows(filled, schema.stocktake_line)) == len(AFTER)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.permutations(CODES),
    st.lists(st.sampled_from(CODES), max_size=6),
    st.lists(st.tuples(st.integers(1, 6), st.sampled_from((ANNA, ESA))), min_size=15, max_size=15),
)
def test_no_order_and_no_repetition_changes_the_outcome(
    filled: Sessions, order: list[str], more: list[str], cuts: list[tuple[int, Actor]]
) -> None:
    number = begin(filled)
    left = [*order, *more]
    for size, person in cuts:
        service.scan(filled, person, number, left[:size], later(1))
        left = left[size:]
    service.close(filled, ANNA, number, later(2))
    assert outcomes(filled, number) == AFTER


PLACES = st.builds(
    Place,
    st.sampled_from((None, "school", "office")),
    st.sampled_from((None, "A1", "a 1", "B2")),
    st.sampled_from((None, "in_use", "in_stock", "in_repair", "lost", "retired", "disposed", "planned", "ordered")),
)


@given(PLACES, st.sampled_from((frozenset[str](), frozenset({"a1"}))))
def test_what_is_expected_belongs_here_and_what_is_misplaced_belongs_elsewhere(
    place: Place, rooms: frozenset[str]
) -> None:
    scope = Scope(frozenset({"school"}), rooms)
    here = place.unit == "school" and (not rooms or place.room in {"A1", "a 1"})
    assert is_expected(scope, place) == (here and place.state in {None, "in_use", "in_stock"})
    elsewhere = place.unit is not None and not here and place.state in {None, "in_use", "in_stock"}
    assert (judge(scope, place) is Outcome.MISPLACED) == elsewhere


def test_a_name_of_several_units_is_asked_back(filled: Sessions) -> None:
    run(filled, page(row("u", Subject.UNIT, id="other", name_fi="Koulu")), name="other units", kind="sheet")
    with pytest.raises(Ambiguous):
        begin(filled)
