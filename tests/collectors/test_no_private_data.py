"""Nothing private is kept: personal identity codes are masked on every path, location, call and app data never asked for."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from collector_rig import google, intune, sheet
from register_rig import Listed, actor, dump, later, row, rows, run, run_of

from collectors import google_map, intune_map
from collectors.snmp.devices import records as snmp_records
from collectors.snmp.observe import observe as snmp_observe
from collectors.snmp.reading import Reading
from collectors.snmp.vendors import rules
from devreg.demo.google import Google
from devreg.demo.graph import Graph
from devreg.domain.observation import Subject
from devreg.domain.personal_codes import MASK
from devreg.errors import Broken, NotFound
from devreg.ports import FailedPart, Page, Rejected
from devreg.services import devices, editing
from devreg.store import schema
from devreg.store.engine import Sessions

CODE = "010190-901R"
NEWER = "240515F903H"
PROFILE: dict[str, Any] = {
    "match": ["serial", "asset_tag"],
    "columns": {"SN": "serial", "Tunnus": "asset_tag", "Huom": "notes", "Hinta": "price", "Haltija": "holder"},
}


def kept(sessions: Sessions, folder: Path) -> str:
    """Everything that is in the register: every table, and on SQLite the files byte for byte."""
    told = ("run", "audit", "audit_detail")
    text = repr(dump(sessions)) + "".join(repr(rows(sessions, schema.metadata.tables[name])) for name in told)
    if sessions.is_sqlite:
        text += "".join(path.read_bytes().decode("latin-1") for path in folder.glob("*.db*"))
    return text.upper()


def assert_masked(sessions: Sessions, folder: Path) -> None:
    text = kept(sessions, folder)
    assert CODE not in text
    assert NEWER not in text
    assert MASK in text


def masked_texts(sessions: Sessions) -> int:
    return sum(line["masked"] for line in rows(sessions, schema.run))


def test_intunes_names_and_rejected_rows_are_masked(sessions: Sessions, graph_service: Graph, tmp_path: Path) -> None:
    device, broken, *_ = graph_service.devices
    device["deviceName"] = f"PC {CODE}"
    device["userDisplayName"] = f"Matti {NEWER}"
    broken["deviceName"] = f"PC {CODE}"
    broken["totalStorageSpaceInBytes"] = "much"
    ended = run_of(sessions, intune(graph_service, tmp_path))
    assert ended.warnings[0] == "Texts that held a personal identity code: 2; the codes were masked."
    assert ended.counts.rejected == 1
    assert_masked(sessions, tmp_path)


def test_googles_free_texts_are_masked_and_a_masked_tag_names_no_device(
    sessions: Sessions, google_service: Google, tmp_path: Path
) -> None:
    first, second, *_ = google_service.customers["C01kaup1a"].devices
    for device in (first, second):
        device |= {"annotatedUser": CODE, "annotatedLocation": f"luokka {NEWER}", "annotatedAssetId": CODE}
    ended = run_of(sessions, google(google_service, tmp_path), "chrome-city", "google")
    assert ended.counts.masked == 6
    assert_masked(sessions, tmp_path)
    assert not [line for line in rows(sessions, schema.record_key) if MASK in line["key"]]


def test_what_network_gear_says_of_its_place_is_masked(sessions: Sessions, tmp_path: Path) -> None:
    found = snmp_records(Reading("10.20.0.7", "10.20.0.7", name="sw", location=f"IT, {CODE}"), later(0), rules())
    source = Listed(Page(tuple(found), warnings=(f"sw said {CODE}",), failed_parts=(FailedPart(f"x {CODE}", NEWER),)))
    source.observe = lambda record: snmp_observe(record, rules())  # type: ignore[method-assign]
    run_of(sessions, source, "network", "snmp")
    assert masked_texts(sessions) == 1
    assert_masked(sessions, tmp_path)


def test_a_sheets_cells_are_masked_and_its_serials_are_not(sessions: Sessions, tmp_path: Path) -> None:
    lookalike = "240515A902F"
    lines = [f"{lookalike};;{CODE};1;{NEWER}", f"PF3KX9AB;;;{CODE};", f";{CODE};;1;", "PF3KX9AC;;;2;Maija"]
    (tmp_path / "s.csv").write_text("SN;Tunnus;Huom;Hinta;Haltija\n" + "\n".join(lines), encoding="utf-8")
    ended = run_of(sessions, sheet(tmp_path, "s.csv", PROFILE), "papers", "sheet")
    assert (ended.counts.new, ended.counts.rejected, ended.counts.masked) == (2, 2, 3)
    (tmp_path / "s.csv").unlink()
    assert_masked(sessions, tmp_path)
    assert {line["serial"] for line in rows(sessions, schema.device)} == {lookalike, "PF3KX9AC"}
    reasons = {line["reason"] for line in rows(sessions, schema.rejected)}
    assert "its id is a personal identity code" in reasons


def test_what_people_type_and_why_is_masked(sessions: Sessions, tmp_path: Path) -> None:
    claims = devices.parse_fields({"serial": "PF3KX9AB", "notes": f"Maija {CODE}", "room": NEWER})
    device_id = devices.add(sessions, actor(), claims, f"for {CODE}", later(0))
    assert_masked(sessions, tmp_path)
    wanted = editing.parse({"holder": f"Maija {CODE}", "notes": NEWER})
    editing.edit(sessions, actor(), device_id, wanted, reason=f"because of {NEWER}", now=later(1))
    assert_masked(sessions, tmp_path)
    with pytest.raises(NotFound):
        editing.edit(sessions, actor(), 777, {"notes": CODE}, reason=f"because of {NEWER}", now=later(2))
    assert_masked(sessions, tmp_path)


def test_errors_warnings_and_rejections_of_any_source_are_masked(sessions: Sessions, tmp_path: Path) -> None:
    bad = Rejected(CODE, f"{CODE} is no name", f'{{"x": "{CODE}", "y": "{NEWER.lower()}"}}')
    run(
        sessions,
        Page((row("1", serial="SER1", bad=CODE), row("2", serial="SER2", thing=object(), notes=CODE)), (bad,)),
        Broken(f"no column “{CODE}”.", next_step=f"It has {NEWER}."),
    )
    assert_masked(sessions, tmp_path)


def test_people_units_and_files_are_masked_too(sessions: Sessions, tmp_path: Path) -> None:
    person = row("p1", Subject.PERSON, name=f"Maija {CODE}", department=NEWER)
    unit = row("u1", Subject.UNIT, id="u1", name_fi=f"Koti {CODE}")
    counted = row("u1 2026", Subject.HEADCOUNT, unit="u1", date="2026-09-20", pupils=1)
    counted = msgspec.structs.replace(counted, volatile={"file": f"{CODE}.xlsx"})
    run(sessions, Page((person, unit, counted)))
    assert masked_texts(sessions) == 4
    assert_masked(sessions, tmp_path)


def test_the_same_code_again_is_no_change(sessions: Sessions) -> None:
    run(sessions, Page((row("1", serial="SER1", notes=CODE),)))
    again = run(sessions, Page((row("1", serial="SER1", notes=CODE),)), now=later(60))
    assert (again.counts.same, again.counts.changed, again.counts.masked) == (1, 0, 1)


PRIVATE = ("latitude", "longitude", "deviceActionResults", "detectedApps", "callLog", "recentUsers", "activeTime,", "lastKnownNetwork",
           "deviceFiles", "screenshotFiles", "hardwareInformation", "notes")  # fmt: skip
SENT: dict[str, Any] = {name: {"value": f"canary-{name}", "list": [f"canary-{name}"]} for name in PRIVATE}


def test_location_call_and_app_data_are_not_asked_for(
    graph_service: Graph, google_service: Google, tmp_path: Path
) -> None:
    assert list(intune(graph_service, tmp_path).pages(None))
    assert list(google(google_service, tmp_path).pages(None))
    asked = " ".join(request.target for service in (graph_service, google_service) for request in service.ledger)
    assert "managedDevices" in asked
    assert "chromeos" in asked
    assert not [name for name in PRIVATE if name in asked]


@pytest.mark.parametrize("kind", ["intune", "google"])
def test_location_call_and_app_data_are_not_kept_when_a_service_sends_them(
    sessions: Sessions, graph_service: Graph, google_service: Google, tmp_path: Path, kind: str
) -> None:
    if kind == "intune":
        sent = [intune_map.device_record(device | SENT, {}) for device in graph_service.devices]
        observe = intune_map.observe
    else:
        listed = google_service.customers["C01kaup1a"].devices
        sent = [google_map.device_record(device | SENT) for device in listed]
        observe = google_map.observe
    source = Listed(Page(tuple(sent)))
    source.observe = observe  # type: ignore[method-assign]
    assert run_of(sessions, source, kind, kind).counts.new > 0
    assert "CANARY" not in kept(sessions, tmp_path)
