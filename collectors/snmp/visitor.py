"""The visit to one target: find its address, try its credentials in order, read it with the one that works."""

import asyncio
import socket
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from collectors.snmp.access import Access
from collectors.snmp.agent import Agent, Budget, Lost, Restarted
from collectors.snmp.community import CommunityWire
from collectors.snmp.datagrams import Datagrams
from collectors.snmp.options import SnmpOptions, Target
from collectors.snmp.scan import Outcome
from collectors.snmp.usm import Engines, says_hello
from collectors.snmp.vendors import Rules
from collectors.snmp.visit import IDENTITY, read
from collectors.snmp.wire import Address, CredentialRefused, Oid, Pace, Silent, Value, Wire
from devreg.domain.job import Job
from devreg.i18n import N_

BUDGET_S: Final = 180.0
"""The longest a visit may take, however diligently the agent goes on answering."""


class Visitor:
    """Sockets and engines shared by the visits. Belongs to the event loop it is made in."""

    def __init__(
        self,
        options: SnmpOptions,
        access: Mapping[str, Access],
        rules: Rules,
        *,
        job: Job | None,
        credentials: Mapping[str, str],
    ) -> None:
        pace = Pace(options.rate)
        self._options = options
        self._access = access
        self._rules = rules
        self._job = job
        self._credentials = credentials
        self._reading = asyncio.Semaphore(options.concurrency)
        self._datagrams = Datagrams(pace)
        self._engines = Engines(pace)

    def close(self) -> None:
        """Closes sockets and engines."""
        self._datagrams.close()
        self._engines.close()

    async def visit(self, target: Target) -> Outcome:
        """How it went; the target's own troubles are an outcome, never an error."""
        address = await _resolved(target)
        if address is None:
            return Outcome(target, problem=f"the name {target.host} is not known here; check its spelling and the DNS")
        refusals: list[str] = []
        for name in self._in_order(target):
            try:
                outcome = await self._with(self._access[name], target, address)
            except CredentialRefused as refused:
                refusals.append(
                    N_(f"credential set {name} was refused: {refused}; mend [snmp.{name}] or the user on the device")
                )
                continue
            if outcome is not None:
                return outcome
        if refusals:
            return Outcome(target, problem="; ".join(refusals))
        return Outcome(target, problem=self._silence(target), silent=True)

    def _in_order(self, target: Target) -> list[str]:
        """The sets of its range: the one that worked last first, so that the others are not sent needlessly."""
        return sorted(target.credentials, key=lambda name: name != self._credentials.get(target.label))

    async def _with(self, access: Access, target: Target, address: Address) -> Outcome | None:
        """None when the target does not answer to this set. Raises CredentialRefused when it knows SNMPv3 but not the user or key."""
        if access.logins and not await self._hello(address):
            return None
        refused: CredentialRefused | None = None
        for wire in self._wires(access, address):
            agent = Agent(wire, self._options.timeout_s, self._options.retries, Budget(seconds=BUDGET_S))
            try:
                system = await agent.get(IDENTITY)
                if system:
                    return await self._read(agent, target, address, system, access.name)
                refused = CredentialRefused(N_("it may read nothing"))
            except Silent:
                continue
            except CredentialRefused as error:
                refused = error
            finally:
                wire.close()
        if refused is not None:
            raise refused
        return None

    async def _read(
        self, agent: Agent, target: Target, address: Address, system: Mapping[Oid, Value], name: str
    ) -> Outcome:
        answered_at = datetime.now(UTC)
        if self._job is Job.PROBE:
            return Outcome(target, credential=name, answered_at=answered_at)
        async with self._reading:
            agent.budget.start_clock()  # to wait for its turn is not its fault
            try:
                reading = await read(agent, target.label, address.ip, system, self._rules, self._job)
            except Lost:
                return Outcome(
                    target, problem="it fell silent while it was read; the next run tries again", credential=name
                )
            except Restarted:
                return Outcome(
                    target, problem="it restarted while it was read; the next run tries again", credential=name
                )
        return Outcome(target, reading, answered_at, name)

    async def _hello(self, address: Address) -> bool:
        for _ in range(self._options.retries + 1):
            if await says_hello(self._datagrams, address, self._options.timeout_s):
                return True
        return False

    def _wires(self, access: Access, address: Address) -> Iterator[Wire]:
        if access.community is not None:
            yield CommunityWire(self._datagrams, address, access.community)
        for login in access.logins:
            yield self._engines.wire(address, login)

    def _silence(self, target: Target) -> str:
        sets = ", ".join(target.credentials)
        return N_(
            f"no answer to {sets} ({1 + self._options.retries} x {self._options.timeout_s:g} s); check that it is on, that SNMP and this "
            f"credential are set on it, and that its access list and the network let this machine through"
        )


async def _resolved(target: Target) -> Address | None:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        return None
    first = min(found, key=lambda info: info[0] != socket.AF_INET)  # IPv4 first: management networks are
    return Address(str(first[4][0]), target.port)
