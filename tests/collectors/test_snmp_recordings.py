"""The SNMP collector on recordings of real devices, kept beside the project and never in it; skipped where they are not."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from snmp_rig import Gathered, Simulator, collector, recordings_folder, secret
from snmp_score import OTHER_WITNESS, identities, recordings

from devreg.domain import identifiers

FOLDER = recordings_folder()
FEW = (
    "ios_2960x",
    "aos6",
    "iosxe_c9400-svl",
    "ricoh_mpc3002",
    "sharp",
    "eaton-mgeups_5px",
    "aruba-instant",
    "fortigate_cluster-60f",
)


@cache
def expected() -> dict[str, Any]:
    if FOLDER is None:
        return {}
    found: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text())
    return found


EVERY = sorted(expected())
REASON = f"no recordings beside the project: {len(FEW)} devices (all of them in the soak) not checked"


@pytest.fixture(scope="module")
def simulator(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    if FOLDER is None:
        pytest.skip(REASON)
    soak = any(item.get_closest_marker("soak") and item.path == request.path for item in request.session.items)
    names = EVERY if soak else FEW
    running = Simulator(
        tmp_path_factory.mktemp("served"), [FOLDER / "recordings" / f"{name}.snmprec" for name in names]
    )
    yield running
    running.stop()


def visit(simulator: Simulator, name: str, folder: Path) -> Gathered:
    secret(folder, "community", name)
    snmp = {"legacy": {"version": "2c", "community": {"file": "community"}}}
    return Gathered(collector(folder, [f"127.0.0.1:{simulator.port}"], snmp=snmp, timeout_s=5))


def check(run: Gathered, name: str) -> None:
    wanted = expected()[name]
    assert run.failed == {}
    assert run.rejected == []
    serials = {seen.claims.get("serial") for seen in run.observed}
    components = {part["serial"] for record in run.records for part in record.body.get("components", ())}
    for serial in wanted.get("entity", {}).get("distinct_chassis_serials", ()):
        assert serial in serials or identifiers.serial(serial) is None
    serial = wanted["fields"].get("serial", {})
    if serial.get("standard") and identifiers.serial(serial["value"]) is not None:
        assert serial["value"].strip() in (components if name in OTHER_WITNESS else serials)
    printer = wanted.get("printer", {}).get("prtGeneralSerialNumber")
    assert printer is None or printer in serials
    check_ports(run, wanted["ports"])


def check_ports(run: Gathered, wanted: dict[str, Any]) -> None:
    ports = {port.if_index: port for seen in run.observed for port in seen.ports}
    assert len(ports) == sum(len(seen.ports) for seen in run.observed) == wanted["recording_rows"]
    for sample in wanted.get("sample", ()):
        port = ports[sample["ifIndex"]]
        assert port.speed_bps == (sample.get("speed_bps") or None)
        name = " ".join(str(sample.get("ifName") or sample.get("ifDescr") or "").split())
        assert port.name.startswith(name)
        alias = " ".join(str(sample.get("ifAlias") or "").split())
        assert (port.alias or "") == alias


@pytest.mark.parametrize("name", FEW)
def test_a_real_devices_standard_facts_are_found(simulator: Simulator, tmp_path: Path, name: str) -> None:
    check(visit(simulator, name, tmp_path), name)


@pytest.mark.soak
@pytest.mark.parametrize("name", EVERY)
def test_every_real_devices_standard_facts_are_found(simulator: Simulator, tmp_path: Path, name: str) -> None:
    check(visit(simulator, name, tmp_path), name)


ALL_FOUND = (
    "UPS facts", "access points", "page count", "port count", "ports sampled", "printer serial", "serial, standard",
    "stack members' serials", "supplies", "sysDescr", "sysLocation", "sysName", "sysObjectID", "virtual chassis",
)  # fmt: skip
"""What standard MIBs say, and access points: nothing of it may be missed."""


def test_what_real_devices_say_is_found_field_by_field() -> None:
    if FOLDER is None:
        pytest.skip("no recordings beside the project: 101 devices not scored")
    score = recordings(FOLDER)
    missed = [line for line in score.misses if line.split("  ")[0] in ALL_FOUND]
    assert [field for field in ALL_FOUND if score.share(field) < 1] == [], missed
    assert score.share("serial, vendor", held_out=True) >= 0.6
    assert score.share("hardware, all", held_out=True) >= 0.75
    assert score.share("type") >= 0.9


def test_most_kinds_are_told_from_the_system_group_alone_and_few_told_wrong() -> None:
    if FOLDER is None:
        pytest.skip("no recordings beside the project: 882 system groups not scored")
    score = identities(FOLDER)
    assert score.share("type from system group") >= 0.9
    assert score.share("type from system group", held_out=True) >= 0.75
    assert score.share("type not wrong") >= 0.9
