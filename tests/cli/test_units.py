"""Units as a tree with what is measured of them, and the devices that stand in none."""

from typing import Any

import pytest
from cli_rig import Cli
from register_rig import NOON, browser, page, row, run

from devreg.domain.observation import Subject
from devreg.services.browse import Query
from devreg.settings import UnitRule
from devreg.store.engine import Sessions, connect

NAMES = {
    "city": ("Kaupunki", "Staden", None), "schools": ("Koulut", "Skolor", "city"), "b": ("Bskolan", None, "schools"),
    "a": ("Åkoulu", "Askolan", "schools"), "ring1": ("Ympyrä", None, "ring2"), "ring2": ("Kehä", None, "ring1"),
    "lost": ("Eksynyt", None, "nowhere"), "own": ("Oma", None, "own"),
}  # fmt: skip


def unit(unit_id: str, **said: Any) -> Any:
    return row(unit_id, Subject.UNIT, id=unit_id, **{name: value for name, value in said.items() if value is not None})


def count(unit_id: str, stage: str, day: str, pupils: int | None) -> Any:
    said = {"pupils": pupils} if pupils is not None else {}
    return row(f"{unit_id} {stage} {day}", Subject.HEADCOUNT, unit=unit_id, stage=stage, date=day, **said)


def listed(sessions: Sessions, view: str, language: str = "fi", **asked: Any) -> list[dict[str, Any]]:
    reader = browser(sessions, language)
    return [dict(line) for line in reader.rows(view, reader.keys(view, Query(**asked)))]


def test_units_stand_under_what_they_belong_to_and_circles_and_strays_are_told(sessions: Sessions) -> None:
    run(sessions, page(*(unit(key, name_fi=fi, name_sv=sv, parent=up) for key, (fi, sv, up) in NAMES.items())))
    lines = listed(sessions, "units")
    assert [(line["path"], line["level"]) for line in lines[:5]] == [
        ("Eksynyt", 0),
        ("Kaupunki", 0),
        ("Kaupunki › Koulut", 1),
        ("Kaupunki › Koulut › Bskolan", 2),
        ("Kaupunki › Koulut › Åkoulu", 2),
    ]
    assert {line["unit"]: line["trouble"] for line in lines if line["trouble"]} == {
        "lost": "it belongs to a unit that no list names",
        "own": "it belongs to itself, in a circle",
        "ring1": "it belongs to itself, in a circle",
        "ring2": "it belongs to itself, in a circle",
    }
    swedish = [line["path"] for line in listed(sessions, "units", "sv")]
    assert "Staden › Skolor › Askolan" in swedish


def test_devices_of_a_unit_and_all_below_it_are_the_same_in_the_tree_and_in_the_filter(sessions: Sessions) -> None:
    run(sessions, page(*(unit(key, name_fi=fi, name_sv=sv, parent=up) for key, (fi, sv, up) in NAMES.items())))
    places = ("a", "a", "b", "schools", "city", "ring1", "ring2", "own", "elsewhere")
    run(sessions, page(*(row(f"d{n}", serial=f"SER{n}", unit=place) for n, place in enumerate(places))))
    counted = {str(line["unit"]): line["devices_within"] for line in listed(sessions, "units")}
    assert counted == {"a": 2, "b": 1, "schools": 4, "city": 5, "ring1": 2, "ring2": 2, "own": 1, "lost": 0}
    for unit_id, devices in counted.items():
        assert len(listed(sessions, "devices", where=(("within", unit_id),))) == devices
    assert len(listed(sessions, "devices", where=(("within", "a"), ("within", "own")))) == 3


def test_a_head_count_is_the_newest_of_each_stage_that_says_something(sessions: Sessions) -> None:
    run(
        sessions,
        page(
            unit("a", name_fi="A"),
            count("a", "1-2", "2026-09-20", 30),
            count("a", "3-6", "2025-09-20", 40),
            count("a", "1-2", "2025-09-20", 99),
            count("a", "3-6", "2026-09-20", None),
            count("a", "1-2", "2999-09-20", 7),
        ),
    )
    (line,) = listed(sessions, "units")
    assert (line["pupils"], str(line["counted_on"])) == (70, "2026-09-20")


FACTS = (
    ("d1", {"org_unit": "/Koulut/A", "category": "Oppilas"}),
    ("d2", {"category": "Oppilas"}),
    ("d3", {"department": "Sivistys", "subnet": "10.20.0.7"}),
    ("d4", {}),
)


def known(sessions: Sessions, *rules: UnitRule, mapping: str = "1") -> None:
    records = (row(name, serial=f"SER{name}X", name=name, facts=facts) for name, facts in FACTS)
    run(sessions, page(*records, row("p", Subject.UNIT, id="a", name_fi="A")), rules=rules, mapping=mapping)


def test_what_no_rule_caught_is_listed_with_what_a_rule_could_go_by(sessions: Sessions) -> None:
    known(sessions)
    lines = {line["name"]: line for line in listed(sessions, "unplaced")}
    assert lines.keys() == {"d1", "d2", "d3", "d4"}
    assert (lines["d1"]["category"], lines["d3"]["department"], lines["d3"]["subnet"]) == (
        "Oppilas",
        "Sivistys",
        "10.20.0.7",
    )
    assert lines["d4"]["category"] is None
    assert {line["sources"] for line in lines.values()} == {"intune"}
    assert set(browser(sessions).facets("unplaced", Query(), "category")) == {("Oppilas", 2), (None, 2)}
    known(sessions, UnitRule(category="Oppilas", unit="a"), mapping="2")
    assert {line["name"] for line in listed(sessions, "unplaced")} == {"d3", "d4"}


def test_a_unit_that_no_list_names_places_nothing(sessions: Sessions) -> None:
    known(sessions, UnitRule(category="Oppilas", unit="typo"))
    assert {(line["name"], line["unit"]) for line in listed(sessions, "unplaced")} >= {("d1", "typo"), ("d2", "typo")}
    run(sessions, page(unit("b", name_fi="B", campus="typo")), name="units", kind="sheet")
    assert {line["name"] for line in listed(sessions, "unplaced")} == {"d3", "d4"}


@pytest.fixture
def schools(register: Cli) -> Cli:
    """Two schools with pupils and pupils' devices, an office, and a school whose parent nobody knows."""
    register.settings()
    sessions = connect(register.database, register.folder)
    devices = (
        row(
            f"d{n}",
            serial=f"SER{n:05d}",
            unit="a" if n < 3 else "b",
            use="pupil",
            state="in_use",
            stage="1-2",
            manages=True,
            as_of=NOON,
        )
        for n in range(8)
    )
    heads = (
        count("a", "1-2", "2026-09-20", 20),
        count("b", "1-2", "2026-09-20", 10),
        count("b", "3-6", "2026-09-20", 4),
    )
    places = (unit("a", name_fi="A", kind="school"), unit("b", name_fi="B", kind="school"), unit("o", name_fi="O", kind="office"),
              unit("x", name_fi="X", kind="school", parent="?"))  # fmt: skip
    run(sessions, page(*devices, *heads, *places))
    sessions.close()
    return register


def test_units_show_the_same_figures_as_the_equality_report(schools: Cli) -> None:
    report = {line["unit"]: line for line in schools("equality", "--format", "json").json()}
    lines = {line["unit"]: line for line in schools("list", "units", "--format", "json").json()}
    assert lines.keys() == {"a", "b", "o", "x"}
    assert len(report) >= 2
    for name in report:
        for key in ("pupils", "need", "fit", "coverage"):
            assert lines[name][key] == report[name][key], (name, key)
    assert (lines["a"]["coverage"], lines["a"]["need"]) == (0.3, 10)
    assert lines["b"]["stage"] == "1-2 3-6"
    assert (lines["o"]["need"], lines["o"]["coverage"]) == (None, None)


def test_units_sort_by_what_is_measured_with_the_unmeasured_last(schools: Cli) -> None:
    report = [line["unit"] for line in schools("equality", "--format", "json").json() if line["coverage"] is not None]
    names = [line["unit"] for line in schools("list", "units", "--sort", "coverage", "--format", "json").json()]
    assert names[:2] == report
    down = schools("list", "units", "--sort", "-coverage", "--limit", "1", "--format", "json").json()
    assert [line["unit"] for line in down] == [report[-1]]
    done = schools("list", "units")
    assert done.lines[0].split("\t")[2:] == ["Stages", "Pupils", "Need", "Pupil devices", "Fit devices", "Coverage"]
    assert done.err == "x: it belongs to a unit that no list names\n"


def test_the_values_of_a_column_are_counted(schools: Cli) -> None:
    counted = schools("list", "devices", "--count", "unit", "--format", "json")
    assert counted.json() == [{"unit": "b", "rows": 5}, {"unit": "a", "rows": 3}]
    assert schools("list", "devices", "--count", "shoe").code == 2
