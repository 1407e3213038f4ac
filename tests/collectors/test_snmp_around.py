"""Neighbours and learnt addresses out of LLDP, CDP and bridge tables: on recordings of real devices, and on agents made up for it."""

import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pysnmp.proto import rfc1902
from snmp_rig import (
    COMMUNITY,
    IF_X_TABLE,
    SYSTEM,
    Gathered,
    Misbehaving,
    Simulator,
    collector,
    recordings_folder,
    secret,
    switch,
    text,
)

from devreg.domain.job import Job
from devreg.domain.soundness import MAX_KEY
from devreg.domain.topology import Around, Neighbour, Protocol, Station

LLDP, CDP = "1.0.8802.1.1.2.1", "1.3.6.1.4.1.9.9.23.1.2.1.1"
LLDP_V2 = "1.3.111.2.802.1.1.13.1.4.1.1"
BRIDGE = "1.3.6.1.2.1.17"
FOLDER = recordings_folder()
FEW = ("allied_websmart", "aos6", "vrp_5720", "ios_2960x", "fs-centec_s5850-48s2q4c", "arubaos-cx_10.10")


@cache
def expected() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text()) if FOLDER else {}
    return {name: said for name, said in found.items() if {"fdb", "lldp", "links_librenms"} & said.keys()}


@pytest.fixture(scope="module")
def simulator(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    if FOLDER is None:
        pytest.skip(f"no recordings beside the project: {len(FEW)} devices (all of them in the soak) not checked")
    soak = any(item.get_closest_marker("soak") and item.path == request.path for item in request.session.items)
    names = sorted(expected()) if soak else FEW
    running = Simulator(
        tmp_path_factory.mktemp("served"), [FOLDER / "recordings" / f"{name}.snmprec" for name in names]
    )
    yield running
    running.stop()


def gathered(simulator: Simulator, name: str, folder: Path) -> Gathered:
    secret(folder, "community", name)
    snmp = {"legacy": {"version": "2c", "community": {"file": "community"}}}
    return Gathered(collector(folder, [f"127.0.0.1:{simulator.port}"], snmp=snmp, timeout_s=5))


def around(run: Gathered) -> list[Around]:
    return [item for page in run.pages for item in page.around]


def links(run: Gathered, name: str) -> tuple[int, int]:
    """How many of the expected neighbours are found on their port, and how many there are."""
    near = [item for found in around(run) for item in found.neighbours or ()]
    wanted = expected()[name].get("links_librenms", ())
    return sum(any(_is(item, link) for item in near) for link in wanted), len(wanted)


def _is(item: Neighbour, link: dict[str, Any]) -> bool:
    if item.port not in {link["ifName"], link["ifDescr"]}:
        return False
    told = str(link["remote_port"] or "")
    return item.remote_name == link["remote_hostname"] or bool(item.remote_mac and item.remote_mac in told)


def check_stations(run: Gathered, name: str) -> None:
    wanted = expected()[name].get("fdb")
    ports = {port.name: port.if_index for seen in run.observed for port in seen.ports}
    heard = {(item.mac, ports[item.port]) for found in around(run) for item in found.stations or ()}
    for sample in wanted["sample"] if wanted else ():
        assert "ifIndex" not in sample or (sample["mac"].replace(":", ""), sample["ifIndex"]) in heard


@pytest.mark.parametrize("name", FEW)
def test_a_real_switchs_surroundings_are_found(simulator: Simulator, tmp_path: Path, name: str) -> None:
    run = gathered(simulator, name, tmp_path)
    found, wanted = links(run, name)
    assert found == wanted
    check_stations(run, name)
    assert run.failed == {}


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_every_real_switchs_addresses_and_nearly_all_neighbours_are_found(simulator: Simulator, tmp_path: Path) -> None:
    counts = [0, 0]
    for name in sorted(expected()):
        run = gathered(simulator, name, tmp_path)
        check_stations(run, name)
        for place, count in enumerate(links(run, name)):
            counts[place] += count
    assert counts[1] > 100
    assert counts[0] >= 0.95 * counts[1]


# Agents made up for it


def octets(digits: str) -> Any:
    return rfc1902.OctetString(hexValue=digits)


def lldp(local: int, number: int, name: str, chassis: str, port: str) -> dict[str, Any]:
    at = f"{local}.{number}"
    return {
        f"{LLDP}.4.1.1.4.0.{at}": rfc1902.Integer32(4), f"{LLDP}.4.1.1.5.0.{at}": octets(chassis),
        f"{LLDP}.4.1.1.6.0.{at}": rfc1902.Integer32(5), f"{LLDP}.4.1.1.7.0.{at}": text(port),
        f"{LLDP}.4.1.1.9.0.{at}": text(name),
    }  # fmt: skip


def learnt(table: str, port: int, *index: int, status: int = 3) -> dict[str, Any]:
    at = ".".join(map(str, index))
    return {f"{table}.2.{at}": rfc1902.Integer32(port), f"{table}.3.{at}": rfc1902.Integer32(status)}


def bridge_port(port: int, if_index: int) -> dict[str, Any]:
    return {f"{BRIDGE}.1.4.1.2.{port}": rfc1902.Integer32(if_index)}


def visit(folder: Path, rows: dict[str, Any], twist: Any = None) -> tuple[Around, Gathered]:
    """What a four-port switch with these rows sees."""
    agent = Misbehaving(switch("FOC11111111") | rows, twist)
    try:
        run = Gathered(collector(folder, [agent.target], timeout_s=1, retries=0))
    finally:
        agent.stop()
    (seen,) = around(run)
    assert seen.part == run.records[0].part
    return seen, run


def test_a_neighbour_is_on_the_port_its_local_port_number_names(tmp_path: Path) -> None:
    address = {f"{LLDP}.4.2.1.3.0.2.1.1.4.10.20.0.9": rfc1902.Integer32(2)}
    seen, _ = visit(tmp_path, lldp(2, 1, "sw-2", "0011223344c0", "Gi1/0/24") | address)
    assert seen.neighbours == (
        Neighbour(
            "Gi1/0/2", Protocol.LLDP, "0011223344c0|Gi1/0/24", "sw-2", "Gi1/0/24", "0011223344c0", "10.20.0.9", None
        ),
    )


def test_the_words_of_a_local_port_win_over_its_number(tmp_path: Path) -> None:
    own = {f"{LLDP}.3.7.1.2.2": rfc1902.Integer32(5), f"{LLDP}.3.7.1.3.2": text("Gi1/0/4")}
    seen, _ = visit(tmp_path, lldp(2, 1, "sw-2", "0011223344c0", "24") | own | bridge_port(2, 3))
    assert [item.port for item in seen.neighbours or ()] == ["Gi1/0/4"]


def test_a_local_port_that_is_no_ifindex_is_a_bridge_port(tmp_path: Path) -> None:
    seen, _ = visit(tmp_path, lldp(49, 1, "sw-2", "0011223344c0", "24") | bridge_port(49, 3))
    assert [item.port for item in seen.neighbours or ()] == ["Gi1/0/3"]


def test_a_description_that_two_ports_share_names_neither(tmp_path: Path) -> None:
    own = {f"{LLDP}.3.7.1.3.2": text("office")}
    alias = {f"{IF_X_TABLE}.18.{index}": text("office") for index in (3, 4)}
    seen, _ = visit(tmp_path, lldp(2, 1, "sw-2", "0011223344c0", "24") | own | alias)
    assert [item.port for item in seen.neighbours or ()] == ["Gi1/0/2"]


def test_a_neighbour_without_a_name_takes_none_from_the_row_before(tmp_path: Path) -> None:
    nameless = {oid: value for oid, value in lldp(3, 1, "", "0011223344c1", "1").items() if ".4.1.1.9." not in oid}
    seen, _ = visit(tmp_path, lldp(2, 1, "sw-2", "0011223344c0", "24") | nameless)
    assert [(item.port, item.remote_name) for item in seen.neighbours or ()] == [("Gi1/0/2", "sw-2"), ("Gi1/0/3", None)]


def test_a_neighbour_of_many_words_is_told_apart_by_few(tmp_path: Path) -> None:
    wordy = ["".join(random.Random(seed).choices("abcdefghijklmnopqrstuvwxyzåäö", k=900)) for seed in (1, 2)]
    rows = lldp(2, 1, "sw-2", "0011223344c0", wordy[0]) | lldp(2, 2, "sw-2", "0011223344c0", wordy[1])
    seen, _ = visit(tmp_path, rows)
    assert sorted(item.remote_port or "" for item in seen.neighbours or ()) == sorted(wordy)
    assert len({item.remote for item in seen.neighbours or ()}) == 2
    assert all(len(item.remote) <= MAX_KEY for item in seen.neighbours or ())


def test_the_newer_lldp_is_read_where_the_older_is_not_there(tmp_path: Path) -> None:
    at = "0.3.1.1"
    rows = {
        f"{LLDP_V2}.5.{at}": rfc1902.Integer32(4), f"{LLDP_V2}.6.{at}": octets("0011223344c0"),
        f"{LLDP_V2}.7.{at}": rfc1902.Integer32(5), f"{LLDP_V2}.8.{at}": text("24"), f"{LLDP_V2}.10.{at}": text("sw-2"),
    }  # fmt: skip
    seen, _ = visit(tmp_path, rows)
    assert [(item.port, item.remote_name, item.remote_mac) for item in seen.neighbours or ()] == [
        ("Gi1/0/3", "sw-2", "0011223344c0")
    ]


def test_a_telephone_names_itself_by_its_mac_in_cdp(tmp_path: Path) -> None:
    phone = {
        f"{CDP}.4.2.1": octets("0a140009"), f"{CDP}.6.2.1": text("SEP001122334401"), f"{CDP}.7.2.1": text("Port 1"),
        f"{CDP}.8.2.1": text("Cisco IP Phone 8841"),
    }  # fmt: skip
    nexus = {f"{CDP}.6.3.1": text("core(FDO21120001)"), f"{CDP}.7.3.1": text("Ethernet1/1")}
    seen, _ = visit(tmp_path, phone | nexus)
    said = [(item.port, item.remote_name, item.remote_mac, item.remote_address) for item in seen.neighbours or ()]
    assert said == [
        ("Gi1/0/2", "SEP001122334401", "001122334401", "10.20.0.9"),
        ("Gi1/0/3", "core", None, None),
    ]


def test_addresses_come_with_vlan_and_without_the_switchs_own(tmp_path: Path) -> None:
    table, pc, own = f"{BRIDGE}.7.1.2.2.1", (0, 17, 34, 51, 68, 1), (0, 17, 34, 51, 68, 2)
    rows = (
        learnt(table, 7, 5, *pc) | learnt(table, 7, 5, *own, status=4) | learnt(table, 0, 5, 0, 17, 34, 51, 68, 3)
        | bridge_port(7, 3) | {f"{BRIDGE}.7.1.4.2.1.3.0.110": rfc1902.Gauge32(5)}
    )  # fmt: skip
    seen, _ = visit(tmp_path, rows)
    assert seen.stations == (Station("Gi1/0/3", "001122334401", 110),)


def test_a_switch_without_vlans_tells_its_plain_table(tmp_path: Path) -> None:
    seen, _ = visit(tmp_path, learnt(f"{BRIDGE}.4.3.1", 7, 0, 17, 34, 51, 68, 1) | bridge_port(7, 3))
    assert seen.stations == (Station("Gi1/0/3", "001122334401", None),)


def vlan_tables(*used: int) -> dict[str, Any]:
    """VLANs 1, 10, 20 and one of Cisco's reserved; the ports are in these."""
    there = {f"1.3.6.1.4.1.9.9.46.1.3.1.1.2.1.{vlan}": rfc1902.Integer32(1) for vlan in (1, 10, 20, 1002)}
    return there | {f"1.3.6.1.4.1.9.9.68.1.2.2.1.2.{n}": rfc1902.Integer32(vlan) for n, vlan in enumerate(used, 1)}


def per_vlan(folder: Path, tables: dict[int, dict[str, Any]], *used: int) -> tuple[Around, Misbehaving, Gathered]:
    """What a switch tells that has a community for each VLAN."""
    agent = Misbehaving(switch("FOC11111111") | vlan_tables(*used))
    apart = [(vlan, Misbehaving(rows | {f"{SYSTEM}.3.0": rfc1902.TimeTicks(5)})) for vlan, rows in tables.items()]
    agent.by_community |= {f"{COMMUNITY}@{vlan}": of_vlan for vlan, of_vlan in apart}
    try:
        run = Gathered(collector(folder, [agent.target], timeout_s=1, retries=0))
    finally:
        for each in (agent, *(of_vlan for _, of_vlan in apart)):
            each.stop()
    (seen,) = around(run)
    return seen, agent, run


def test_a_switch_that_tells_vlan_by_vlan_is_asked_vlan_by_vlan(tmp_path: Path) -> None:
    table = f"{BRIDGE}.4.3.1"
    tables = {
        10: learnt(table, 5, 0, 17, 34, 51, 68, 1) | bridge_port(5, 2),
        20: learnt(table, 5, 0, 17, 34, 51, 68, 2) | bridge_port(5, 4),
    }
    seen, _, run = per_vlan(tmp_path, tables, 10, 20)
    assert seen.stations == (Station("Gi1/0/2", "001122334401", 10), Station("Gi1/0/4", "001122334402", 20))
    assert run.failed == {}


def test_only_vlans_in_use_are_asked(tmp_path: Path) -> None:
    table = f"{BRIDGE}.4.3.1"
    tables = {vlan: learnt(table, 5, 0, 17, 34, 51, 68, vlan) | bridge_port(5, 2) for vlan in (10, 20)}
    seen, _, _ = per_vlan(tmp_path, tables, 20)
    assert [item.vlan for item in seen.stations or ()] == [20]


def test_a_switch_without_a_community_for_each_vlan_is_asked_once_and_is_not_lost(tmp_path: Path) -> None:
    seen, _, run = per_vlan(tmp_path, {}, 10, 20)
    assert (seen.stations, run.failed) == ((), {})


def test_a_length_before_the_address_is_no_part_of_it(tmp_path: Path) -> None:
    seen, _ = visit(tmp_path, learnt(f"{BRIDGE}.7.1.2.2.1", 7, 9, 6, 0, 17, 34, 51, 68, 1) | bridge_port(7, 3))
    assert seen.stations == (Station("Gi1/0/3", "001122334401", 9),)


def test_a_forwarding_table_that_runs_in_circles_is_not_known_and_the_device_is(tmp_path: Path) -> None:
    table = f"{BRIDGE}.4.3.1"

    def loop(agent: Misbehaving, request: Any, answer: Any) -> Any:
        status, rows = answer
        start = tuple(map(int, f"{table}.2".split(".")))
        return status, [(start if oid[: len(start)] == start else oid, value) for oid, value in rows]

    seen, run = visit(tmp_path, learnt(table, 7, 0, 17, 34, 51, 68, 1) | bridge_port(7, 3), loop)
    assert seen.stations is None
    assert seen.neighbours == ()
    assert run.failed == {}
    assert any("not read whole" in warning for warning in run.warnings)


def test_the_location_job_reads_what_stands_around_and_no_devices(tmp_path: Path) -> None:
    agent = Misbehaving(switch("FOC11111111") | lldp(2, 1, "sw-2", "0011223344c0", "24"))
    try:
        made = collector(tmp_path, [agent.target], timeout_s=1, retries=0)
        pages = list(made.pages_of(Job.LOCATION, {}))
        inventory = list(made.pages_of(Job.INVENTORY, {}))
    finally:
        agent.stop()
    assert [page.records for page in pages] == [(), *[()] * (len(pages) - 1)]
    (seen,) = [item for page in pages for item in page.around]
    assert [(item.port, item.remote_name) for item in seen.neighbours or ()] == [("Gi1/0/2", "sw-2")]
    assert seen.part == agent.target
    assert [record.part for page in inventory for record in page.records] == [agent.target]
    assert [item for page in inventory for item in page.around] == []
