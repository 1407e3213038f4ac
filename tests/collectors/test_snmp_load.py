"""The load job: counters of every port by its name, 64 bits where there are; and nothing that could be another port's."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pysnmp.proto import rfc1902
from snmp_rig import IF_TABLE, IF_X_TABLE, SYSTEM, TOO_BIG, Misbehaving, collector, switch

from devreg.domain.job import Job
from devreg.domain.load import Counters
from devreg.ports import Page


@pytest.fixture
def agents() -> Iterator[list[Misbehaving]]:
    running: list[Misbehaving] = []
    yield running
    for agent in running:
        agent.stop()


def counting(ports: int = 4) -> dict[str, Any]:
    rows = switch("FOC1111X0AA", ports)
    for index in range(1, ports + 1):
        for column in (10, 13, 14, 16, 19, 20):
            rows[f"{IF_TABLE}.{column}.{index}"] = rfc1902.Counter32(column * 100 + index)
    for column in (6, 10):
        rows[f"{IF_X_TABLE}.{column}.1"] = rfc1902.Counter64(column * 10**12)
    rows[f"{IF_X_TABLE}.6.2"] = rfc1902.Counter64(5)
    return rows


def pages(folder: Path, agent: Misbehaving, **options: Any) -> list[Page]:
    return list(collector(folder, [agent.target], **options).pages_of(Job.LOAD, {}))


def test_wide_counters_count_only_where_both_directions_have_them(tmp_path: Path, agents: list[Misbehaving]) -> None:
    agents.append(Misbehaving(counting(), None))
    (load,) = (load for page in pages(tmp_path, agents[0]) for load in page.loads)
    assert load.up_time == 123_456
    found = {item.port: item for item in load.counters}
    assert list(found) == ["Gi1/0/1", "Gi1/0/2", "Gi1/0/3", "Gi1/0/4"]
    assert found["Gi1/0/1"] == Counters("Gi1/0/1", 6 * 10**12, 10**13, 1401, 2001, 1301, 1901, is_wide=True, oper="up")
    assert (found["Gi1/0/2"].in_octets, found["Gi1/0/2"].is_wide) == (1002, False)


def test_a_load_run_brings_no_device_and_reads_no_table_but_the_ports(
    tmp_path: Path, agents: list[Misbehaving]
) -> None:
    agents.append(Misbehaving(counting(), None))
    found = pages(tmp_path, agents[0])
    assert [record for page in found for record in page.records] == []
    assert agents[0].asked <= 6


def test_a_device_that_restarted_while_it_was_read_gives_no_counters(tmp_path: Path, agents: list[Misbehaving]) -> None:
    def restarts(agent: Misbehaving, request: Any, answer: Any) -> Any:
        status, found = answer
        up_time = tuple(map(int, f"{SYSTEM}.3.0".split(".")))
        fresh = rfc1902.TimeTicks(5)
        return status, [(name, fresh if name == up_time and agent.asked > 1 else value) for name, value in found]

    agents.append(Misbehaving(counting(), restarts))
    found = pages(tmp_path, agents[0])
    assert [load for page in found for load in page.loads] == []
    assert ["restarted" in part.reason for page in found for part in page.failed_parts] == [True]


def renumbers(at_most: int) -> Callable[..., Any]:
    """Ports 1 and 2 change places when counters are asked for the first time; no answer has more values than `at_most`."""
    names = [
        tuple(map(int, f"{table}.{place}".split(".")))
        for table in (f"{IF_TABLE}.2", f"{IF_X_TABLE}.1")
        for place in (1, 2)
    ]
    counter = tuple(map(int, f"{IF_TABLE}.16".split(".")))
    state = {"swapped": False}

    def twist(agent: Misbehaving, request: Any, answer: Any) -> Any:
        if len(answer[1]) > at_most:
            return TOO_BIG, []
        if not state["swapped"] and any(name[: len(counter)] == counter for name, _ in answer[1]):
            state["swapped"] = True
            said = dict(agent.rows)
            for one, other in (names[:2], names[2:]):
                said[one], said[other] = said[other], said[one]
            agent.rows = sorted(said.items())
            return answer if at_most < 10 else (0, agent._correct(request))
        return answer

    return twist


@pytest.mark.parametrize("at_most", [1_000, 3])
def test_counters_are_not_given_to_the_port_that_has_the_ifindex_since(
    tmp_path: Path, agents: list[Misbehaving], at_most: int
) -> None:
    """Whether names and counters come in one answer, or, from an agent with a small buffer, column by column."""
    agents.append(Misbehaving(counting(), renumbers(at_most)))
    found = pages(tmp_path, agents[0])
    assert [[item.port for item in load.counters] for page in found for load in page.loads] == [["Gi1/0/3", "Gi1/0/4"]]
    assert [
        "2 ports were called something else before" in part.reason for page in found for part in page.failed_parts
    ] == [True]


def test_a_silent_target_gives_no_counters_and_not_zeros(tmp_path: Path, agents: list[Misbehaving]) -> None:
    agents.append(Misbehaving(counting(), lambda agent, request, answer: None))
    found = pages(tmp_path, agents[0], timeout_s=0.2, retries=0)
    assert [load for page in found for load in page.loads] == []
    assert [part.part for page in found for part in page.failed_parts] == [agents[0].target]
