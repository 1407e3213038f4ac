import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pysnmp.hlapi.v3arch.asyncio import (
    CommunityData,
    ContextData,
    ObjectIdentity,
    ObjectType,
    SnmpEngine,
    UdpTransportTarget,
    UsmUserData,
    bulk_cmd,
    get_cmd,
    usmAesCfb128Protocol,
    usmHMAC192SHA256AuthProtocol,
)
from pysnmp.proto.rfc1905 import EndOfMibView

from devreg.demo.agents import AUTH_KEY, COMMUNITY, PRIV_KEY, USER, Agents
from devreg.demo.city import City
from devreg.demo.network import Equipment
from devreg.demo.snmprec import recording

SYS_NAME, SYS_UPTIME = "1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.3.0"
ENTITY = "1.3.6.1.2.1.47.1.1.1.1"


@pytest.fixture(scope="module")
def agents(city: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agents]:
    folder = tmp_path_factory.mktemp("agents")
    running = Agents(city.network, folder, folder / "cache")
    running.wait_ready()
    yield running
    running.stop()


def v3(auth_key: str = AUTH_KEY, user: str = USER) -> UsmUserData:
    return UsmUserData(
        user, auth_key, PRIV_KEY, authProtocol=usmHMAC192SHA256AuthProtocol, privProtocol=usmAesCfb128Protocol
    )


def ask(agents: Agents, name: str, credential: Any, *oids: str) -> tuple[str, list[Any]]:
    """Error text ("" for none) and values."""

    async def run() -> tuple[str, list[Any]]:
        engine = SnmpEngine()
        target = await UdpTransportTarget.create(("127.0.0.1", agents.ports[name]), timeout=1, retries=0)
        objects = [ObjectType(ObjectIdentity(oid)) for oid in oids]
        error, _, _, values = await get_cmd(engine, credential, target, ContextData(), *objects, lookupMib=False)
        engine.close_dispatcher()
        return str(error or ""), [value for _, value in values]

    return asyncio.run(run())


def column(agents: Agents, name: str, credential: Any, oid: str) -> dict[str, str]:
    """Index -> value of one table column (up to 200 rows)."""

    async def run() -> dict[str, str]:
        engine = SnmpEngine()
        target = await UdpTransportTarget.create(("127.0.0.1", agents.ports[name]), timeout=2, retries=0)
        found: dict[str, str] = {}
        start = oid
        while start:
            _, _, _, rows = await bulk_cmd(
                engine, credential, target, ContextData(), 0, 25, ObjectType(ObjectIdentity(start)), lookupMib=False
            )
            # At the end of its tree an agent repeats the last name with endOfMibView as value.
            inside = {str(n): v for n, v in rows if str(n).startswith(f"{oid}.") and not isinstance(v, EndOfMibView)}
            found |= {name.removeprefix(f"{oid}."): value.prettyPrint() for name, value in inside.items()}
            start = list(inside)[-1] if len(inside) == len(rows) > 0 else ""
        engine.close_dispatcher()
        return found

    return asyncio.run(run())


def test_one_v3_user_without_context_opens_every_switch_and_each_answers_for_itself(agents: Agents, city: City) -> None:
    for item in city.network:
        if item.version == "3":
            assert [str(value) for value in ask(agents, item.name, v3(), SYS_NAME)[1]] == [item.name]


def test_one_community_opens_every_legacy_device_and_each_answers_for_itself(agents: Agents, city: City) -> None:
    legacy = [item for item in city.network if item.version == "2c" and item.recording is None]
    assert legacy
    for item in legacy:
        assert [str(value) for value in ask(agents, item.name, CommunityData(COMMUNITY), SYS_NAME)[1]] == [item.name]


def test_a_wrong_key_a_wrong_user_and_a_wrong_community_get_what_real_devices_give(agents: Agents) -> None:
    assert "Wrong" in ask(agents, "sw-lukio-1", v3(auth_key="another-long-key"), SYS_NAME)[0]
    assert "Unknown" in ask(agents, "sw-lukio-1", v3(user="stranger"), SYS_NAME)[0]
    assert "timeout" in ask(agents, "prn-granhult-1", CommunityData("public"), SYS_NAME)[0]
    assert "timeout" in ask(agents, "sw-lukio-1", CommunityData(COMMUNITY), SYS_NAME)[0]
    assert "Unknown" in ask(agents, "prn-granhult-1", v3(), SYS_NAME)[0]


def test_the_stack_shows_three_chassis_and_a_container_that_repeats_the_first_serial(
    agents: Agents, city: City
) -> None:
    stack = next(item for item in city.network if len(item.members) == 3)
    kinds = column(agents, stack.name, v3(), f"{ENTITY}.5")
    serials = column(agents, stack.name, v3(), f"{ENTITY}.11")
    chassis = [serials[index] for index, kind in kinds.items() if kind == "3"]
    assert chassis == [member.serial for member in stack.members]
    (container,) = (serials[index] for index, kind in kinds.items() if kind == "11")
    assert container == chassis[0]


def test_a_switch_tells_its_ports_and_names_the_core_as_neighbour(agents: Agents, city: City) -> None:
    switch = next(item for item in city.network if item.name == "sw-kasavuori-1")
    assert len(column(agents, switch.name, v3(), "1.3.6.1.2.1.31.1.1.1.1")) == switch.ports + 4
    assert "sw-core-1" in column(agents, switch.name, v3(), "1.0.8802.1.1.2.1.4.1.1.9").values()


def test_counters_move_and_uptime_runs(agents: Agents) -> None:
    index = next(
        index for index, state in column(agents, "sw-lukio-1", v3(), "1.3.6.1.2.1.2.2.1.8").items() if state == "1"
    )
    oids = (f"1.3.6.1.2.1.31.1.1.1.6.{index}", f"1.3.6.1.2.1.2.2.1.10.{index}", SYS_UPTIME)
    first = [int(value) for value in ask(agents, "sw-lukio-1", v3(), *oids)[1]]
    time.sleep(0.3)
    second = [int(value) for value in ask(agents, "sw-lukio-1", v3(), *oids)[1]]
    assert all(later > earlier for earlier, later in zip(first, second, strict=True))


def test_printers_tell_their_serial_and_levels_nobody_can_read(agents: Agents, city: City) -> None:
    serials = {item.name: item.members[0].serial for item in city.network if item.role == "printer"}
    for name, serial in serials.items():
        told = column(agents, name, CommunityData(COMMUNITY), "1.3.6.1.2.1.43.5.1.1.17")
        assert told == ({"1": serial} if serial else {})
    levels = column(agents, "prn-kaupungintalo-1", CommunityData(COMMUNITY), "1.3.6.1.2.1.43.11.1.1.9")
    assert set(levels.values()) == {"-3"}


def test_the_ups_answers_the_ups_mib(agents: Agents) -> None:
    assert [
        str(value)
        for value in ask(agents, "ups-kaupungintalo-1", CommunityData(COMMUNITY), "1.3.6.1.2.1.33.1.1.1.0")[1]
    ] == ["EATON"]


def test_real_recordings_are_served_beside_the_generated_ones(agents: Agents) -> None:
    error, values = ask(agents, "rec-c3560", CommunityData(COMMUNITY), "1.3.6.1.2.1.1.2.0")
    assert (error, str(values[0])) == ("", "1.3.6.1.4.1.9.1.617")


def test_recordings_are_in_order_and_without_doubles(city: City) -> None:
    for item in city.network:
        if item.recording is None:
            oids = [tuple(map(int, line.split("|")[0].split("."))) for line in recording(item).splitlines()]
            assert oids == sorted(set(oids))


def some(city: City) -> tuple[Equipment, ...]:
    return tuple(item for item in city.network if item.name in ("sw-lukio-1", "prn-granhult-1"))


def test_a_second_start_takes_recordings_and_index_from_the_first(city: City, tmp_path: Path) -> None:
    stamps = []
    for _ in range(2):
        running = Agents(some(city), tmp_path, tmp_path / "cache")
        running.wait_ready()
        stamps.append(
            {
                path: path.stat().st_mtime_ns
                for path in (tmp_path / "cache").rglob("*.*")
                if path.is_file() and (".dbm" in path.name or path.suffix == ".snmprec")
            }
        )
        running.stop()
    assert sum(".dbm" in path.name for path in stamps[0]) >= 2
    assert stamps[0] == stamps[1]
    recordings = [stamp for path, stamp in stamps[0].items() if path.suffix == ".snmprec"]
    assert max(recordings) + 10**9 < min(stamp for path, stamp in stamps[0].items() if path.suffix != ".snmprec")


def test_the_agents_end_with_the_process_that_started_them(tmp_path: Path) -> None:
    script = (
        "import sys, time; from datetime import UTC, datetime; from pathlib import Path\n"
        "from devreg.demo.agents import Agents; from devreg.demo.city import build\n"
        "network = build(200, now=datetime.now(UTC)).network[-1:]\n"
        f"agents = Agents(network, Path({str(tmp_path)!r}), Path({str(tmp_path)!r})); agents.wait_ready()\n"
        "print(agents._process.pid, flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        os.kill(parent.pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and is_running(child):
        time.sleep(0.05)
    assert not is_running(child)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False
