"""Reading network devices over SNMPv2c: processor time against other clients asking the same agents, and memory by targets."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from pysnmp.hlapi.v3arch import asyncio as hlapi

from benchmarks.figure import Figure, interleaved
from benchmarks.scanning import COMMUNITY
from collectors.snmp.agent import Agent, Budget
from collectors.snmp.community import CommunityWire
from collectors.snmp.datagrams import Datagrams
from collectors.snmp.walk import walk
from collectors.snmp.wire import Address, Oid, Pace
from devreg.demo.tls import write_private

_PORTS: Final = 52
_MOST_WALKED: Final = 10
_ROUNDS: Final = 3
_TIMEOUT_S: Final = 20
"""Far above what a real network needs: a busy machine must not be measured as packet loss."""
_FEWER: Final = 10
_SCALARS: Final[tuple[Oid, ...]] = tuple((1, 3, 6, 1, 2, 1, 1, arc, 0) for arc in range(1, 9))
_COLUMNS: Final[tuple[Oid, ...]] = (
    *((1, 3, 6, 1, 2, 1, 2, 2, 1, arc) for arc in (2, 3, 5, 7, 8, 10, 16)),
    *((1, 3, 6, 1, 2, 1, 31, 1, 1, 1, arc) for arc in (1, 6, 10, 15, 18)),
)
_STOCK: Final = (
    "pyasn1 decodes what stock pysnmp reads, and takes four fifths of the time; a reader of our own behind the same"
    " transport is the network issue's (collectors/snmp/wire.py)"
)
Client = Callable[[Sequence[int]], Coroutine[Any, Any, int]]
"""Asks the agents on these UDP ports; how many values came."""


def figures(folder: Path, devices: int) -> Iterator[Figure]:
    """S1-S3: up to ten agents at once, twelve columns of 52 ports; S4: so many targets against a tenth of them."""
    folder = folder / "gear"
    folder.mkdir()
    write_private(folder / "community", COMMUNITY.encode())
    yield from _against_others(max(2, min(_MOST_WALKED, devices // 1_000)))
    targets = max(devices // 130, 10)
    with _Agents(targets, 4) as ports:
        many, few = (_peak_mb(folder, ports[:count]) for count in (targets, targets // _FEWER))
    yield Figure(
        "S4", f"peak memory of an inventory: {targets:,} / {targets // _FEWER:,} targets", many, few, 1.3, "MB"
    )


def _against_others(agents: int) -> Iterator[Figure]:
    gufo = _gufo()
    with _Agents(agents, _PORTS) as ports:
        ours, stock = _measured(ports, _get, _stock_get, values=6)
        yield Figure("S1", "GET of 8 scalars over SNMPv2c / pysnmp's own get_cmd", ours, stock, 0.05, cause=_STOCK)
        ours, stock = _measured(ports, _walk, _stock_walk, values=_PORTS * len(_COLUMNS))
        yield Figure(
            "S2", "walk of 12 columns / pysnmp's own bulk_walk_cmd, column by column", ours, stock, 0.025, cause=_STOCK
        )
        if gufo is not None:
            ours, theirs = _measured(ports, _walk, gufo, values=_PORTS * len(_COLUMNS))
            yield Figure("S3", "the same walk / gufo-snmp, column by column", ours, theirs, 1.0, cause=_STOCK)
        if program := shutil.which("snmpbulkwalk"):
            yield Figure(
                "S3",
                "the same walk / net-snmp's snmpbulkwalk, a process a column",
                *_net_snmp(program, ports),
                1.0,
                cause=_STOCK,
            )


def _measured(ports: Sequence[int], *clients: Client, values: int) -> list[float]:
    """Processor seconds of each, with what it read counted: a client that missed something was not measured."""

    def work(client: Client) -> Callable[[], None]:
        def run() -> None:
            found = asyncio.run(client(ports))
            if found != values * len(ports):
                raise AssertionError(f"{client.__name__} read {found} values, not {values * len(ports)}")

        return run

    return interleaved(_ROUNDS, *map(work, clients))


async def _ask(ports: Sequence[int], question: Callable[[Agent], Coroutine[Any, Any, int]]) -> int:
    datagrams = Datagrams(Pace(1_000_000))
    wires = [CommunityWire(datagrams, Address("127.0.0.1", port), COMMUNITY) for port in ports]
    try:
        return sum(await asyncio.gather(*(question(Agent(wire, _TIMEOUT_S, 0, Budget())) for wire in wires)))
    finally:
        datagrams.close()


async def _get(ports: Sequence[int]) -> int:
    async def one(agent: Agent) -> int:
        return len(await agent.get(_SCALARS))

    return await _ask(ports, one)


async def _walk(ports: Sequence[int]) -> int:
    async def one(agent: Agent) -> int:
        return sum(len(row) for row in (await walk(agent, _COLUMNS)).rows.values())

    return await _ask(ports, one)


async def _stock(ports: Sequence[int], question: Callable[..., Coroutine[Any, Any, int]]) -> int:
    engine = hlapi.SnmpEngine()
    community = hlapi.CommunityData(COMMUNITY)

    async def one(port: int) -> int:
        target = await hlapi.UdpTransportTarget.create(("127.0.0.1", port), timeout=_TIMEOUT_S, retries=0)
        return await question(engine, community, target, hlapi.ContextData())

    try:
        return sum(await asyncio.gather(*map(one, ports)))
    finally:
        engine.close_dispatcher()


def _named(oid: Oid) -> Any:
    return hlapi.ObjectType(hlapi.ObjectIdentity(oid))


async def _stock_get(ports: Sequence[int]) -> int:
    async def one(*head: Any) -> int:
        answer = await hlapi.get_cmd(*head, *map(_named, _SCALARS), lookupMib=False)
        return sum(not type(value).__name__.startswith("NoSuch") for _, value in answer[3])

    return await _stock(ports, one)


async def _stock_walk(ports: Sequence[int]) -> int:
    async def one(*head: Any) -> int:
        found = 0
        for column in _COLUMNS:
            walked = hlapi.bulk_walk_cmd(*head, 0, 25, _named(column), lookupMib=False, lexicographicMode=False)
            async for answer in walked:
                found += len(answer[3])
        return found

    return await _stock(ports, one)


def _gufo() -> Client | None:
    """Its client; None where the extra `bench` is not installed."""
    try:
        from gufo.snmp.aio import SnmpSession  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return None

    async def one(port: int) -> int:
        found = 0
        async with SnmpSession(addr="127.0.0.1", port=port, community=COMMUNITY, timeout=_TIMEOUT_S) as session:
            for column in _COLUMNS:
                async for _ in session.getbulk(".".join(map(str, column)), max_repetitions=25):
                    found += 1
        return found

    async def gufo(ports: Sequence[int]) -> int:
        return sum(await asyncio.gather(*map(one, ports)))

    return gufo


def _net_snmp(program: str, ports: Sequence[int]) -> tuple[float, float]:
    """Ours and its own processor seconds; those of its processes count."""
    import resource

    ours = _measured(ports, _walk, values=_PORTS * len(_COLUMNS))[0]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for port in ports:
        for column in _COLUMNS:
            name = ".".join(map(str, column))
            command = [program, "-v2c", "-c", COMMUNITY, "-On", "-Cr25", f"127.0.0.1:{port}", name]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  ours
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ours, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _peak_mb(folder: Path, ports: Sequence[int]) -> float:
    command = [sys.executable, "-m", "benchmarks.scanning", str(folder), *map(str, ports)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603  ourselves
    return int(said.split()[-1]) / 1_024


class _Agents:
    """So many agents in a process of their own; their UDP ports."""

    def __init__(self, count: int, ports: int) -> None:
        self._command = [sys.executable, "-m", "benchmarks.agent_process", str(count), str(ports)]

    def __enter__(self) -> list[int]:
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603  ours
        assert self._process.stdout is not None  # noqa: S101  it is a pipe
        return [int(port) for port in self._process.stdout.readline().split()]

    def __exit__(self, *_: object) -> None:
        self._process.communicate()
