"""A unit that is renamed keeps its devices, wherever the rule still names it as it was called."""

from pathlib import Path
from typing import Any

import pytest
from collector_rig import google
from register_rig import later, rows, run_of

from collectors.google import GoogleCollector
from collectors.google_units import read_units
from devreg.demo.google import Google
from devreg.domain.observation import Observation, Subject
from devreg.domain.placing import place
from devreg.settings import UnitRule
from devreg.store import schema
from devreg.store.engine import Sessions

SCHOOL = "/Koulut/Kasavuori"


def listed(**paths: str) -> list[dict[str, Any]]:
    return [{"orgUnitId": f"id:{unit_id}", "orgUnitPath": path} for unit_id, path in paths.items()]


def rename(service: Google, old: str, new: str, customer: str = "C01kaup1a") -> None:
    """What a rename in the console does: the unit's path, the paths below, and those that its devices show."""
    for row in [*service.customers[customer].units, *service.customers[customer].devices]:
        path = row["orgUnitPath"]
        if path == old or path.startswith(old + "/"):
            row["orgUnitPath"] = new + path[len(old) :]


def collector(service: Google, folder: Path, *paths: str) -> GoogleCollector:
    return google(service, folder, units=[{"org_unit": path, "unit": "kasavuori", "use": "pupil"} for path in paths])


def collect(sessions: Sessions, source: GoogleCollector, minutes: int = 0) -> Any:
    rules = source._options.units
    mapping = repr(rules)
    return run_of(sessions, source, "chrome-city", "google", later(minutes), mapping, rules)


def placed(sessions: Sessions) -> set[int]:
    return {row["id"] for row in rows(sessions, schema.device) if row["unit"] == "kasavuori"}


def test_a_renamed_unit_keeps_its_devices_and_somebody_is_told(
    sessions: Sessions, google_service: Google, tmp_path: Path
) -> None:
    first = collect(sessions, collector(google_service, tmp_path, SCHOOL))
    before = placed(sessions)
    assert before
    assert not first.warnings
    for minutes, name in ((60, "/Skolor/Kasaberget"), (120, "/Koulut/Uusi")):  # renamed again, it is still known
        rename(google_service, SCHOOL if minutes == 60 else "/Skolor/Kasaberget", name)
        again = collect(sessions, collector(google_service, tmp_path, SCHOOL), minutes)
        assert placed(sessions) == before
        assert [name in warning and SCHOOL in warning for warning in again.warnings] == [True]
        assert {row["org_unit"] for row in rows(sessions, schema.device) if row["id"] in before} == {f"{name}/7-9"}


def test_a_rule_corrected_after_a_rename_is_quiet_again(
    sessions: Sessions, google_service: Google, tmp_path: Path
) -> None:
    collect(sessions, collector(google_service, tmp_path, SCHOOL))
    before = placed(sessions)
    rename(google_service, SCHOOL, "/Koulut/Uusi")
    collect(sessions, collector(google_service, tmp_path, SCHOOL), 60)
    corrected = collect(sessions, collector(google_service, tmp_path, "/Koulut/Uusi"), 120)
    assert (placed(sessions), corrected.warnings) == (before, ())
    assert not [r for r in rows(sessions, schema.record) if "orgUnitWas" in r["body"]]


def test_a_rule_for_a_unit_that_never_was_is_told(google_service: Google, tmp_path: Path) -> None:
    first = next(collector(google_service, tmp_path, "/Koulut/Mikä tämä on").pages(None))
    assert ["/Koulut/Mikä tämä on" in warning for warning in first.warnings] == [True]
    findings = [f.what for f in collector(google_service, tmp_path, "/Koulut/Mikä tämä on").check()]
    assert [what for what in findings if "/Koulut/Mikä tämä on" in what]


def test_nothing_is_forgotten_by_a_run_that_failed_half_way(
    sessions: Sessions, google_service: Google, tmp_path: Path
) -> None:
    collect(sessions, collector(google_service, tmp_path, SCHOOL))
    google_service.login.suspended.add("registry@kaupunki.example")
    assert collect(sessions, collector(google_service, tmp_path, SCHOOL), 30).error
    google_service.login.suspended.clear()
    rename(google_service, SCHOOL, "/Koulut/Uusi")
    assert collect(sessions, collector(google_service, tmp_path, SCHOOL), 60).warnings
    assert placed(sessions)


def test_paths_are_compared_without_case_and_ids_without_prefix() -> None:
    units = read_units(listed(a="/Koulut/Åsa"), ["/koulut/åsa/"], None)
    assert units.paths == {"a": "/Koulut/Åsa"}
    assert not units.warnings
    assert not units.before


def test_what_lies_below_a_renamed_unit_is_known_by_its_path_before() -> None:
    notes = read_units(listed(a="/K", b="/K/B", c="/K/B/c", d="/KL"), ["/K", "/K/B"], None).notes
    units = read_units(listed(a="/S", b="/S/B", c="/S/B/c", d="/SL"), ["/K", "/K/B"], notes)
    assert units.before == {"a": "/K", "b": "/K/B", "c": "/K/B/c"}
    assert len(units.warnings) == 2


def test_a_name_that_another_unit_has_taken_means_the_other_and_is_told() -> None:
    notes = read_units(listed(a="/K"), ["/K"], None).notes
    units = read_units(listed(a="/Vanha K", b="/K"), ["/K"], notes)
    assert units.before == {}
    assert "/Vanha K" in units.warnings[0]


@pytest.mark.parametrize("notes", ["", "no json", "[]", '{"/k": 7}'])
def test_notes_that_can_not_be_read_are_none(notes: str) -> None:
    assert read_units(listed(a="/K"), ["/K"], notes).notes == '{"/k":"a"}'


def test_odd_units_are_passed_over() -> None:
    odd = [None, 7, {}, {"orgUnitId": 7, "orgUnitPath": "/x"}, {"orgUnitId": "id:y"}, *listed(a="/K")]
    assert read_units(odd, ["/"], None).paths == {"a": "/K"}


@pytest.mark.parametrize(
    ("facts", "fits"), [({"org_unit_was": "/K/5"}, True), ({"org_unit": "/X", "org_unit_was": "/L"}, False)]
)
def test_a_rule_fits_by_the_path_before(facts: dict[str, str], fits: bool) -> None:
    said = place(Observation(Subject.DEVICE, facts=facts), [UnitRule(org_unit="/K", unit="k")])
    assert said == ({"unit": "k"} if fits else {})
