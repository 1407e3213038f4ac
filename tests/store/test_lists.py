"""Every list on both engines: every column selects, sorts, filters; search, paging, and what is said of wrong questions."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from register_rig import NOON, actor, browser, laptops, later, page, row, rows, run

from devreg.circulating import Calendar, Circulation
from devreg.domain.action import Standing
from devreg.domain.device import Stage, State
from devreg.domain.load import Counters, Load
from devreg.domain.observation import Subject
from devreg.domain.planning import Job
from devreg.domain.platforms import Mode, RemoteAct
from devreg.domain.topology import Around, Neighbour, Protocol
from devreg.errors import Ambiguous, Misconfigured, NotFound
from devreg.ports import Answer as Asked
from devreg.ports import ColumnType, Rejected
from devreg.services import snapshots, stocktake
from devreg.services.browse import Browser, Query
from devreg.services.devices import add
from devreg.services.editing import edit
from devreg.services.lifecycle import transition
from devreg.services.offering import weigh
from devreg.services.review import Answer, decide, undo
from devreg.services.suggesting import look
from devreg.services.yardsticks import follow
from devreg.settings import Equality, Lifecycle
from devreg.store import intents, plans, schema
from devreg.store.engine import Sessions, connect
from devreg.store.views import of_language

VIEWS = tuple(of_language("fi"))
LANGUAGES = ("fi", "sv", "en")
ENGINES = ("sqlite", "postgresql")


def fill(sessions: Sessions) -> None:
    """A register with something in every list and most columns, and nothing in some rows."""
    follow(sessions, Calendar(), Circulation(), NOON, "Europe/Helsinki")
    _tell_of_devices_and_people(sessions)
    _tell_of_the_network(sessions)
    _tell_of_papers(sessions)
    _do_by_hand(sessions)
    weigh(sessions, Equality(), NOON)


def _tell_of_devices_and_people(sessions: Sessions) -> None:
    intune = (
        row("a", serial="SER1", name="Ääkkönen", kind="laptop", manufacturer="Dell", model="Latitude", ram_bytes=2**34, encrypted=True,
            support_end="2029-01-01", enrolled_at="2026-01-01T10:00:00+02:00", holder="Öhman Åke", holder_email="ake@city.example",
            use="pupil", unit="mantymaki", stage="3-6", manages=True, as_of=NOON),
        row("b", serial="SER2", name="zebra", kind="phone", imei="356938035643809", encrypted=False, unit="kasavuori", as_of=later(3)),
        row("c", serial="SER3", asset_tag="KA-1", name="Åland", kind="phone", price_cents=99900, vat_rate=25.5, manufacturer="HP",
            holder_email="leo@city.example"),
        row("d", serial="SER4", asset_tag="ka-1", name="öljy", kind="chromebook", holder_email="noa@city.example"),
        row("e", name="apple"), row("f", name="Zorro"), row("g", critical=True), row("gone", serial="SER9", name="100 % off_x"),
        row("p1", Subject.PERSON, name="Öhman Åke", email="ake@city.example", department="Mäntymäki", active=True,
            leave_date="2027-01-01"),
        row("p2", Subject.PERSON, name="Aalto Ilma"),
        row("p3", Subject.PERSON, name="Örn Leo", email="leo@city.example", active=False, leave_date="2026-01-31"),
        row("p4", Subject.PERSON, name="Zidan Noa", email="noa@city.example", active=False),
    )  # fmt: skip
    run(sessions, page(*intune), page())
    run(sessions, page(*(record for record in intune if record.native_id != "gone")), page(), now=later(60))


def _tell_of_the_network(sessions: Sessions) -> None:
    ports = [{"name": "Gi1/0/1", "if_index": 1, "alias": "Sähkökaappi", "speed_bps": 10**9, "admin": "up",
              "oper": "down", "mac": "a4c3f0001422"},
             {"name": "Gi1/0/2", "if_index": 2}]  # fmt: skip
    gauges = [{"index": "supply.1.1", "kind": "toner", "name": "Svart toner, Å", "value": 40.0, "maximum": 100.0, "unit": "percent"},
              {"index": "supply.1.2", "kind": "waste toner", "name": "waste toner", "state": "some left"}]  # fmt: skip
    there = page(
        row(
            "sw",
            part="10.0.0.1",
            serial="SW1",
            kind="switch",
            name="sw-åbo",
            address="10.0.0.1",
            ports=ports,
            gauges=gauges,
        )
    )
    counted = Load(
        "10.0.0.1", NOON, 5, (Counters("Gi1/0/1", 10, 2**40, is_wide=True), Counters("Gi1/0/2", in_octets=3))
    )
    asked = (Asked("10.0.0.1", NOON, "main"), Asked("10.0.0.2", NOON, problem="silent"))
    heard = (Neighbour("Gi1/0/1", Protocol.LLDP, "a", "Öljymäki"), Neighbour("Gi1/0/2", Protocol.CDP, "b"))
    more = msgspec.structs.replace(there, answers=asked, loads=(counted,), around=(Around("10.0.0.1", heard),))
    run(sessions, more, name="network", kind="snmp")


def _tell_of_papers(sessions: Sessions) -> None:
    lease = {
        "number": "L-1",
        "kind": "lease",
        "supplier": "Äyri Leasing",
        "start": "2026-01-01",
        "end": "2028-06-30",
        "monthly_fee_cents": 1250,
    }
    sheet = (
        row("1", serial="SER1", contract=lease), row("2", serial="SER3", manufacturer="Lenovo"),
        row("4", serial="SER4", holder_email="maj@city.example"),
        row("mantymaki", Subject.UNIT, id="mantymaki", name_fi="Mäntymäki", name_sv="Tallbacka", kind="school", language="fi",
            campus="länsi"),
        row("kasavuori", Subject.UNIT, id="kasavuori", name_fi="Kasavuori"),
        row("h", Subject.HEADCOUNT, unit="mantymaki", date="2026-09-20", stage="3-6", pupils=30, groups=2, staff=2.5, file="x.xlsx"),
    )  # fmt: skip
    run(sessions, page(*sheet), name="papers", kind="sheet", now=later(90))
    sim = {"number": "OP-1", "kind": "subscription"}
    beside = (
        row("s1", Subject.SUBSCRIPTION, phone_number="+358 40 1234567", contract=sim),
        row("s2", Subject.SUBSCRIPTION, iccid="8935801234567890123", contract=sim),
        row(
            "r1", Subject.REGISTRATION, directory_id="d-1", name="Ålands", kind="phone", owner_email="ake@city.example"
        ),
        row("r2", Subject.REGISTRATION, directory_id="d-2", managed=True),
        row(
            "r3", Subject.REGISTRATION, directory_id="d-3", kind="phone", model="Öland", owner_email="eva@city.example"
        ),
    )
    run(sessions, page(*beside), name="beside", kind="sheet", now=later(90))
    run(sessions, page(row("l", serial="SER5", state="lost")), name="papers2", kind="sheet", now=later(91))
    run(sessions, page(row("5", serial="SER5", as_of=later(94))), name="wlan", kind="snmp", now=later(94))
    odd = Rejected("odd", "It has no id.", '{"name": "Öijer"}')
    run(
        sessions,
        page(
            row("k", serial="SER6", kind="laptop", state="in_stock", unit="kasavuori"),
            rejected=[odd, Rejected(None, "It is no JSON.", "<html>")],
        ),
        name="papers3",
        kind="sheet",
        now=later(93),
    )
    run(sessions, ConnectionError("secret"), name="dead", kind="google", now=later(95))
    run(sessions, page(*laptops(0), failed=["x"], warnings=["odd"]), name="network2", kind="snmp", now=later(96))


def _do_by_hand(sessions: Sessions) -> None:
    add(sessions, actor(), {"name": "by hand", "asset_tag": "T-1", "state": "in_repair"}, "found", later(99))
    edit(sessions, actor(), 1, {"room": "A1", "model": "Other"}, reason="seen it", now=later(99))
    snapshots.keep(sessions, actor("åsa"), Equality(), later(99))
    snapshots.keep(sessions, actor("Äijä"), Equality(), later(99), replace=True, reason="rättat")
    counting = stocktake.start(sessions, actor(), "kasavuori", (), later(99)).number
    stocktake.scan(sessions, actor("åsa"), counting, ["SER1", "Öljy 7"], later(99))
    stocktake.close(sessions, actor("åsa"), counting, later(99))
    (asked,) = [line["id"] for line in rows(sessions, schema.review) if line["closed_at"] is None]
    kept = decide(sessions, asked, Answer.KEEP, into=None, actor=actor("Äijä"), reason="två olika", now=later(100))
    undo(sessions, kept.decision_id, actor=actor("Örn"), now=later(101))
    decide(sessions, asked, Answer.MERGE, into=3, actor=actor("zoe"), reason=None, now=later(102))
    undo(sessions, kept.decision_id + 1, actor=actor("zoe"), now=later(103))
    with sessions.write.begin() as session:
        asked_for = intents.Bound(
            1, RemoteAct.LOCK, "intune", "a", Mode.ANDROID_FULL, "SER1", None, "company", None, "känkkä", "u-1"
        )
        intents.request(session, asked_for, "åsa", None, later(103))
        wiped = msgspec.structs.replace(
            asked_for, device_id=2, act=RemoteAct.WIPE, serial="SER2", then_state="in_stock"
        )
        found = intents.request(session, wiped, "åsa", "asa@city.example", later(103))
        intents.move(session, found, Standing.CANCELLED, by="zoe", now=later(104), said="It was found.")
    with sessions.write.begin() as session:
        for source, target in ((None, "mantymaki"), ("kasavuori", "mantymaki"), ("mantymaki", "away")):
            way = {"source": source, "target": target, "stage": Stage.GRADES_3_6, "jobs": (Job.WIPE, Job.MOVE)}
            taken = plans.take(session, "A-1f3b5c", 3, **way, by="åsa", now=later(104))
        plans.tick(session, taken, 1, "åsa", later(105))
        plans.drop(session, taken - 1, "Örn", "får inte", later(105))
    transition(sessions, actor(), 2, State.LOST, reason="utan spår", now=later(104))
    look(sessions, actor(), Lifecycle(), ZoneInfo("Europe/Helsinki"), NOON + timedelta(days=99))


@pytest.fixture(scope="module")
def filled(
    make_register: Callable[[str, Path], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Sessions]]:
    """The same register once on each engine."""
    folder = tmp_path_factory.mktemp("lists")
    made = {engine: connect(make_register(engine, folder), folder) for engine in ENGINES}
    for sessions in made.values():
        fill(sessions)
    yield made
    for sessions in made.values():
        sessions.close()


@pytest.fixture(params=ENGINES)
def seen(request: pytest.FixtureRequest, filled: dict[str, Sessions]) -> Browser:
    return browser(filled[request.param])


def named(seen: Browser, view: str, asked: Query, column: str) -> list[Any]:
    return [line[column] for line in seen.rows(view, seen.keys(view, asked))]


@pytest.mark.parametrize("view", VIEWS)
def test_every_list_has_rows_to_prove_anything_with(seen: Browser, view: str) -> None:
    assert seen.keys(view, Query())


@pytest.mark.parametrize("view", VIEWS)
def test_every_column_sorts_both_ways_with_the_unsaid_last(seen: Browser, view: str) -> None:
    everything = sorted(map(str, seen.keys(view, Query())))
    for column in seen.view(view).columns:
        up = seen.keys(view, Query(sort=column.key))
        down = seen.keys(view, Query(sort=column.key, descending=True))
        assert sorted(map(str, up)) == sorted(map(str, down)) == everything, column
        for keys in (up, down):
            silent = [line[column.key] is None for line in seen.rows(view, keys)]
            assert silent == sorted(silent), column


@pytest.mark.parametrize("view", VIEWS)
def test_every_column_counts_its_values_and_filters_by_each_of_them(seen: Browser, view: str) -> None:
    total = len(seen.keys(view, Query()))
    for column in seen.view(view).columns:
        counted = seen.facets(view, Query(), column.key)
        assert sum(number for _, number in counted) == total, column
        for value, number in counted:
            assert len(seen.keys(view, Query(where=((column.key, value or ""),)))) == number, (column, value)


@pytest.mark.parametrize("view", VIEWS)
def test_both_engines_give_the_same_rows_in_the_same_order(filled: dict[str, Sessions], view: str) -> None:
    one, other = (browser(sessions) for sessions in filled.values())
    servers_own = {
        "actions": {"requested_by", "requested_at", "closed_at"},
        "audit": {"at", "clock_back", "actor", "hash"},
        "runs": {"seconds", "fetch_ms", "keep_ms", "judge_ms"},
    }
    keys = {column.key for column in one.view(view).columns} - servers_own.get(view, set())
    for key in [None, *keys]:
        asked = Query(sort=key)
        left, right = (seen.rows(view, seen.keys(view, asked)) for seen in (one, other))
        assert [[line[key] for key in keys] for line in left] == [[line[key] for key in keys] for line in right], key


@pytest.mark.parametrize("view", VIEWS)
def test_shown_and_facet_columns_exist_and_every_value_has_the_type_its_column_says(seen: Browser, view: str) -> None:
    info = seen.view(view)
    keys = {column.key for column in info.columns}
    assert set(info.shown) <= keys
    assert set(info.facets) <= keys
    assert len(keys) == len(info.columns)
    types = {
        ColumnType.INTEGER: int,
        ColumnType.MONEY_CENTS: int,
        ColumnType.BYTES: int,
        ColumnType.BOOLEAN: bool,
        ColumnType.NUMBER: float,
    }
    for line in seen.rows(view, seen.keys(view, Query())):
        for column in info.columns:
            value = line[column.key]
            expected = types.get(column.type)
            assert value is None or expected is None or type(value) is expected, (column, value)


def test_names_are_in_the_order_of_the_finnish_alphabet(seen: Browser) -> None:
    names = [name for name in named(seen, "devices", Query(sort="name"), "name") if name]
    assert names == ["100 % off_x", "apple", "by hand", "sw-åbo", "zebra", "Zorro", "Åland", "Ääkkönen", "öljy"]


@pytest.mark.parametrize(
    ("text", "found"),
    [("aakkonen", ["Ääkkönen"]), ("ÄÄKKÖNEN", ["Ääkkönen"]), ("ohman", ["Ääkkönen"]), ("zebra 3569", ["zebra"]), ("zebra nothing", []),
     ("100 %", ["100 % off_x"]), ("%", ["100 % off_x"]), ("_", ["100 % off_x"]), ("off_x", ["100 % off_x"]), ("of%x", []), ("\\", []),
     ("ser1", ["Ääkkönen"]), ("  ", None)],
)  # fmt: skip
def test_search_folds_accents_and_case_and_takes_every_character_as_it_is(
    seen: Browser, text: str, found: list[str] | None
) -> None:
    names = named(seen, "devices", Query(search=text, sort="name"), "name")
    assert names == found if found is not None else len(names) == len(seen.keys("devices", Query()))


@pytest.mark.parametrize(
    ("view", "text"),
    [("units", "mäntymäki"), ("units", "TALLBACKA"), ("ports", "sähkökaappi"), ("ports", "SAHKO"), ("persons", "åke"),
     ("contracts", "äyri"),
     ("runs", "dead"), ("records", "SW"), ("history", "åland"), ("review", "papers"), ("phones", "zebra"), ("network", "åbo"),
     ("missing", "100")],
)  # fmt: skip
def test_search_works_in_every_list(seen: Browser, view: str, text: str) -> None:
    assert seen.keys(view, Query(search=text))
    assert not seen.keys(view, Query(search=text + "nowhere"))


def test_several_values_of_a_column_are_alternatives_and_columns_must_all_hold(seen: Browser) -> None:
    asked = Query(where=(("kind", "phone"), ("kind", "chromebook")), sort="name")
    assert named(seen, "devices", asked, "name") == ["zebra", "Åland", "öljy"]
    assert named(seen, "devices", Query(where=(("kind", "phone"), ("unit", "kasavuori"))), "name") == ["zebra"]


def test_an_empty_value_asks_for_what_nobody_said(seen: Browser) -> None:
    silent = named(seen, "devices", Query(where=(("kind", ""),)), "kind")
    assert silent
    assert set(silent) == {None}


def test_a_limit_takes_the_first_rows_of_the_order_asked(seen: Browser) -> None:
    assert named(seen, "devices", Query(sort="name", limit=2), "name") == ["100 % off_x", "apple"]
    assert seen.keys("devices", Query(limit=0)) == []


def test_facets_keep_the_other_conditions_and_leave_out_their_own(seen: Browser) -> None:
    counted = dict(seen.facets("devices", Query(where=(("kind", "phone"), ("unit", "kasavuori"))), "kind"))
    assert counted == {"laptop": 1, "phone": 1}


@pytest.mark.parametrize(
    "asked", [Query(sort="nothing"), Query(where=(("nothing", "x"),)), Query(sort="name; DROP TABLE device")]
)
def test_a_column_that_does_not_exist_is_named_with_those_that_do(seen: Browser, asked: Query) -> None:
    with pytest.raises(Misconfigured, match="has no column") as caught:
        seen.keys("devices", asked)
    assert "asset_tag" in caught.value.next_step


@pytest.mark.parametrize(
    ("column", "value"),
    [("ports", "many"), ("ports", "9" * 30), ("support_end", "soon"), ("last_seen", "2026-01-01T00:00:00"), ("encrypted", "perhaps"),
     ("id", "D12x"), ("id", "9" * 30), ("vat_rate", "x")],
)  # fmt: skip
def test_a_value_a_column_cannot_hold_is_told_not_tried(seen: Browser, column: str, value: str) -> None:
    with pytest.raises(Misconfigured, match="is no value of the column"):
        seen.keys("devices", Query(where=((column, value),)))


def test_a_list_that_does_not_exist_is_told_with_those_that_do(seen: Browser) -> None:
    with pytest.raises(Misconfigured, match="no list 'laptops'") as caught:
        seen.keys("laptops", Query())
    assert "chromebooks" in caught.value.next_step


def test_rows_come_in_the_order_asked_and_what_is_gone_is_left_out(seen: Browser) -> None:
    keys = list(seen.keys("devices", Query()))
    refs = [line["id"] for line in seen.rows("devices", [keys[2], 4711, keys[0]])]
    assert refs == [f"D{keys[2]:06d}", f"D{keys[0]:06d}"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_units_are_named_in_the_language_of_the_reader(filled: dict[str, Sessions], language: str) -> None:
    seen = browser(filled["sqlite"], language)
    names = [
        line["unit_name"] for line in seen.rows("devices", seen.keys("devices", Query(where=(("unit", "mantymaki"),))))
    ]
    assert names == ["Tallbacka" if language == "sv" else "Mäntymäki"]


@pytest.mark.parametrize("text", ["SER1", "ser1", " s e r 1 ", "D000001", "d1", "D1"])
def test_a_device_is_found_by_its_exact_number_only(seen: Browser, text: str) -> None:
    assert seen.find(text) == 1


@pytest.mark.parametrize(
    "text", ["SER", "ER1", "Ääkkönen", "D", "D9999", "D00000000000000000000001", "", "%", "35693803564380"[:13]]
)
def test_a_part_of_a_number_or_a_name_finds_nothing(seen: Browser, text: str) -> None:
    with pytest.raises(NotFound) as caught:
        seen.find(text)
    assert "--search" in caught.value.next_step


@pytest.mark.parametrize("text", ["356938035643809", "35 693803 564380 9", "35693803564380", "T-1", "t-1"])
def test_a_device_is_found_by_imei_and_asset_tag(seen: Browser, text: str) -> None:
    assert seen.device(seen.find(text))


def test_what_names_two_devices_lists_both_and_chooses_neither(sessions: Sessions) -> None:
    run(
        sessions,
        page(
            row("a", serial="SER1", asset_tag="D2"),
            row("b", serial="SER2", asset_tag="X"),
            row("c", serial="SER3", asset_tag="X"),
        ),
    )
    for text, refs in (("X", ["D000002", "D000003"]), ("D2", ["D000001", "D000002"])):
        with pytest.raises(Ambiguous) as caught:
            browser(sessions).find(text)
        assert all(ref in caught.value.what for ref in refs)


def test_a_device_page_tells_everything_known(seen: Browser) -> None:
    page_ = seen.device(1)
    assert page_.ref == "D000001"
    assert ("serial", "SER1") in page_.identifiers
    assert [(record.source, record.kind) for record in page_.records] == [("intune", "intune"), ("papers", "sheet")]
    assert page_.records[0].body["holder"] == "Öhman Åke"
    assert [contract.supplier for contract in page_.contracts] == ["Äyri Leasing"]
    assert page_.history[-1].field == "registered"


def test_a_device_that_does_not_exist_is_told(seen: Browser) -> None:
    with pytest.raises(NotFound, match="D004711"):
        seen.device(4711)


def test_open_questions_stand_on_the_page_of_the_device_they_name(seen: Browser) -> None:
    assert seen.device(3).reviews == ("same serial number, another manufacturer (papers 2)",)
    assert seen.device(1).reviews == ()


def test_a_tag_that_two_devices_in_use_carry_is_listed_and_one_of_a_retired_device_is_free_again(
    sessions: Sessions,
) -> None:
    tagged = ("KA-1", "ka-1", "KA-2", "KA-3", "KA-3")
    run(sessions, page(*(row(f"n{i}", serial=f"SER{i}00", asset_tag=tag) for i, tag in enumerate(tagged))))
    view = browser(sessions)
    assert view.keys("duplicates", Query()) == [1, 2, 4, 5]
    for number, state in ((1, "retired"), (5, "lost")):
        transition(sessions, actor(), number, State(state), reason="gone", now=later(5))
    assert view.keys("duplicates", Query()) == [4, 5]
    assert [line["asset_tag"] for line in view.rows("duplicates", [4, 5])] == ["KA-3", "KA-3"]
