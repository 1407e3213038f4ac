"""The SNMP collector against snmpsim (v2c and SNMPv3) and, where it is installed, Debian's snmpd."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pysnmp.proto import rfc1902
from snmp_rig import COMMUNITY as ITS_COMMUNITY
from snmp_rig import Gathered, Misbehaving, Simulator, collector, free_port, login, secret, switch

from devreg.demo.agents import AUTH_KEY, COMMUNITY, PRIV_KEY, USER, Agents
from devreg.demo.city import City
from devreg.demo.network import Equipment
from devreg.domain.device import Kind
from devreg.ports import Severity

SNMPD = shutil.which("snmpd") or ("/usr/sbin/snmpd" if Path("/usr/sbin/snmpd").exists() else None)


@pytest.fixture(scope="module")
def agents(small_city: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agents]:
    folder = tmp_path_factory.mktemp("agents")
    running = Agents(small_city.network, folder, folder / "cache")
    running.wait_ready()
    yield running
    running.stop()


def made(city: City, role: str, version: str) -> Equipment:
    return next(item for item in city.network if item.role == role and item.version == version and not item.recording)


def test_a_stack_read_over_snmpv3_is_one_record_for_each_member(
    agents: Agents, small_city: City, tmp_path: Path
) -> None:
    stack = max((item for item in small_city.network if item.role == "switch"), key=lambda item: len(item.members))
    snmp = {"main": login(tmp_path, USER, AUTH_KEY, PRIV_KEY)}
    run = Gathered(collector(tmp_path, [agents.address(stack.name)], snmp=snmp))
    assert run.failed == {}
    assert [seen.claims["serial"] for seen in run.observed] == [member.serial for member in stack.members]
    assert [seen.claims["position"] for seen in run.observed] == [1, 2, 3]
    assert {seen.claims["kind"] for seen in run.observed} == {Kind.SWITCH}
    for position, seen in enumerate(run.observed, 1):
        numbered = [port for port in seen.ports if port.name.startswith("Gi")]
        assert numbered
        assert {port.name[2] for port in numbered} == {str(position)}


def test_every_device_of_the_small_city_is_found_as_what_it_is(
    agents: Agents, small_city: City, tmp_path: Path
) -> None:
    secret(tmp_path, "community", COMMUNITY)
    snmp = {
        "main": login(tmp_path, USER, AUTH_KEY, PRIV_KEY),
        "legacy": {"version": "2c", "community": {"file": "community"}},
    }
    ranges = [
        {"targets": list(agents.targets("3")), "credentials": ["main"]},
        {"targets": list(agents.targets("2c")), "credentials": ["legacy"]},
    ]
    run = Gathered(collector(tmp_path, [], snmp=snmp, ranges=ranges))
    assert run.failed == {}
    serials = {seen.claims.get("serial") for seen in run.observed}
    wanted = {m.serial for item in small_city.network for m in item.members if m.serial and item.role != "ups"}
    assert wanted <= serials
    kinds = {str(seen.claims["address"]): seen.claims["kind"] for seen in run.observed}
    made_up = [item for item in small_city.network if not item.recording]
    assert {item.name: kinds[agents.address(item.name)] for item in made_up} == {i.name: i.role for i in made_up}


def test_a_second_run_over_unchanged_devices_gives_the_same_records(
    agents: Agents, small_city: City, tmp_path: Path
) -> None:
    snmp = {"main": login(tmp_path, USER, AUTH_KEY, PRIV_KEY)}
    reader = collector(tmp_path, [agents.address(made(small_city, "switch", "3").name)], snmp=snmp)
    first, second = Gathered(reader), Gathered(reader)
    assert [(r.native_id, r.body) for r in first.records] == [(r.native_id, r.body) for r in second.records]
    assert first.records[0].volatile["answered_at"] < second.records[0].volatile["answered_at"]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"user": "nobody"}, "unknown user"),
        ({"auth_key": "not-the-auth-key"}, "wrong authentication key"),
        ({"priv_key": "not-the-priv-key"}, "wrong privacy key"),
    ],
)
def test_a_wrong_snmpv3_login_names_the_set_and_what_is_wrong_and_is_tried_once(
    agents: Agents, small_city: City, tmp_path: Path, changed: dict[str, str], reason: str
) -> None:
    right = {"user": USER, "auth_key": AUTH_KEY, "priv_key": PRIV_KEY}
    target = agents.address(made(small_city, "switch", "3").name)
    reader = collector(tmp_path, [target], snmp={"main": login(tmp_path, **right | changed)})
    run = Gathered(reader)
    assert run.records == []
    assert f"credential set main was refused: {reason}" in run.failed[target]
    found = [finding for finding in reader.check() if finding.severity is Severity.FAULT]
    assert target in found[0].what
    assert reason in found[0].what


def test_the_credential_sets_of_a_range_are_tried_in_order(agents: Agents, small_city: City, tmp_path: Path) -> None:
    secret(tmp_path, "community", COMMUNITY)
    snmp = {
        "main": login(tmp_path, USER, AUTH_KEY, PRIV_KEY),
        "legacy": {"version": "2c", "community": {"file": "community"}},
    }
    target = agents.address(made(small_city, "printer", "2c").name)
    run = Gathered(collector(tmp_path, [target], snmp=snmp, timeout_s=0.5))
    assert [seen.claims["kind"] for seen in run.observed] == [Kind.PRINTER]


def test_a_community_is_sent_only_where_a_range_names_it(tmp_path: Path) -> None:
    agent = Misbehaving(switch("NOTASKED001"))
    secret(tmp_path, "community", ITS_COMMUNITY)
    snmp = {
        "main": login(tmp_path, USER, AUTH_KEY, PRIV_KEY),
        "legacy": {"version": "2c", "community": {"file": "community"}},
    }
    elsewhere = f"127.0.0.1:{free_port()}"
    ranges = [
        {"targets": [agent.target], "credentials": ["main"]},
        {"targets": [elsewhere], "credentials": ["legacy"]},
    ]
    run = Gathered(collector(tmp_path, [], snmp=snmp, ranges=ranges, timeout_s=0.3))
    agent.stop()
    assert run.records == []
    assert agent.asked == 0


def test_check_warns_of_a_community_everybody_tries_and_of_version_2c(tmp_path: Path) -> None:
    secret(tmp_path, "community", "public")
    snmp = {"legacy": {"version": "2c", "community": {"file": "community"}}}
    reader = collector(tmp_path, [f"127.0.0.1:{free_port()}"], snmp=snmp, timeout_s=0.2, retries=0)
    advice = [finding.what for finding in reader.check() if finding.severity is Severity.ADVICE]
    assert "everybody tries first" in advice[0]
    assert "everybody tries first" in Gathered(reader).warnings[0]


def test_a_device_with_two_addresses_is_one_record_and_a_warning(tmp_path: Path) -> None:
    agents = [Misbehaving(switch("TWOADDRESSES")), Misbehaving(switch("TWOADDRESSES"))]
    run = Gathered(collector(tmp_path, [agent.target for agent in agents]))
    for agent in agents:
        agent.stop()
    assert [record.part for record in run.records] == [agents[0].target]
    assert "same device as" in run.warnings[-1]


@pytest.mark.skipif(SNMPD is None, reason="snmpd is not installed")
@pytest.mark.parametrize(("auth", "priv"), [("SHA-256", "AES-128"), ("SHA", "AES-128"), ("SHA-512", "AES-128")])
def test_net_snmps_agent_is_read_over_snmpv3_authpriv(tmp_path: Path, auth: str, priv: str) -> None:
    port = free_port()
    (tmp_path / "var").mkdir()
    (tmp_path / "snmpd.conf").write_text(
        f"agentAddress udp:127.0.0.1:{port}\n"
        f"createUser reader {auth} auth-key-for-tests {priv.partition('-')[0]} priv-key-for-tests\n"
        "rouser reader priv\nsysName host-test\nsysLocation Rack 4\nsysServices 72\n"
    )
    process = subprocess.Popen(
        [
            str(SNMPD),
            "-f",
            "-Lf",
            str(tmp_path / "log"),
            "-C",
            "-c",
            str(tmp_path / "snmpd.conf"),
            "-p",
            str(tmp_path / "pid"),
        ],
        env={"SNMP_PERSISTENT_DIR": str(tmp_path / "var"), "PATH": "/usr/sbin:/usr/bin"},
    )
    try:
        snmp = {"main": login(tmp_path, "reader", "auth-key-for-tests", "priv-key-for-tests", auth=auth, priv=priv)}
        run = Gathered(collector(tmp_path, [f"127.0.0.1:{port}"], snmp=snmp, timeout_s=1, retries=8))
    finally:
        process.kill()
        process.wait()
    assert run.failed == {}
    assert [(seen.claims["name"], seen.claims["location"], seen.claims["kind"]) for seen in run.observed] == [
        ("host-test", "Rack 4", Kind.SERVER)
    ]
    assert "lo" in {port.name for port in run.observed[0].ports}


def test_a_recording_served_by_its_name_is_read(tmp_path: Path) -> None:
    (tmp_path / "made.snmprec").write_text(
        "1.3.6.1.2.1.1.1.0|4|ExampleOS 2.1\n1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.1\n1.3.6.1.2.1.1.5.0|4|made\n"
    )
    (tmp_path / "served").mkdir()
    simulator = Simulator(tmp_path / "served", [tmp_path / "made.snmprec"])
    secret(tmp_path, "community", "made")
    snmp = {"legacy": {"version": "2c", "community": {"file": "community"}}}
    target = f"127.0.0.1:{simulator.port}"
    run = Gathered(collector(tmp_path, [target], snmp=snmp))
    simulator.stop()
    assert [record.native_id for record in run.records] == [f"target:{target}"]
    assert run.observed[0].claims == {"name": "made", "kind": "other", "address": target}


def test_one_serial_on_two_different_devices_is_a_question_for_a_person(tmp_path: Path) -> None:
    other = {"1.3.6.1.2.1.1.2.0": rfc1902.ObjectIdentifier("1.3.6.1.4.1.9.1.9999")}
    agents = [Misbehaving(switch("SAMESERIAL01")), Misbehaving(switch("SAMESERIAL01") | other)]
    run = Gathered(collector(tmp_path, [agent.target for agent in agents]))
    for agent in agents:
        agent.stop()
    assert [record.part for record in run.records] == [agents[0].target]
    assert run.rejected[0].native_id == "serial:SAMESERIAL01"
    assert "look at both devices" in run.rejected[0].reason
