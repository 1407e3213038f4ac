"""One agent with its budget: retries, learnt answer size, and limits on time, requests and bytes."""

import time
from collections.abc import Iterator, Sequence
from typing import Final

from collectors.snmp.wire import AgentError, Missing, Oid, Pdu, Question, Silent, Value, VarBind, Wire
from devreg.i18n import N_

MAX_REPETITIONS: Final = 25
_NAMES_PER_GET: Final = 10
_SYS_UP_TIME: Final = (1, 3, 6, 1, 2, 1, 1, 3, 0)


class Spent(Exception):
    """The target used up its budget; what is missing is unknown, not empty."""


class Lost(Exception):
    """An agent that answered before answers nothing any more."""


class Restarted(Exception):
    """An agent began anew while it was read: what was read before may be of other indexes."""


class Budget:
    """What one target may cost."""

    def __init__(self, *, seconds: float = 180, requests: int = 4_000, size: int = 32 << 20) -> None:
        self._seconds = seconds
        self._requests = requests
        self._bytes = size
        self.start_clock()

    def start_clock(self) -> None:
        """The seconds count from now on."""
        self._until = time.monotonic() + self._seconds

    def spend(self) -> None:
        """Counts one request. Raises Spent."""
        self._requests -= 1
        if self._requests < 0 or self._bytes < 0 or time.monotonic() > self._until:
            over = (
                N_("over its limit of requests")
                if self._requests < 0
                else N_("over its limit of bytes")
                if self._bytes < 0
                else N_("over its limit of time")
            )
            raise Spent(over)

    def received(self, answer: Sequence[VarBind]) -> None:
        """Counts an answer's size, roughly."""
        self._bytes -= sum(4 + len(oid) + (len(value) if isinstance(value, bytes) else 8) for oid, value in answer)


class Agent:
    """One agent through the credential that works."""

    def __init__(self, wire: Wire, timeout_s: float, retries: int, budget: Budget) -> None:
        self._wire = wire
        self._timeout_s = timeout_s
        self._retries = retries
        self.budget = budget
        self.max_repetitions = MAX_REPETITIONS
        """Learnt: halved after a timeout or tooBig."""

    def of_vlan(self, vlan: int) -> "Agent":
        """Its bridge as one VLAN sees it, on the same budget."""
        return Agent(self._wire.of_vlan(vlan), self._timeout_s, self._retries, self.budget)

    async def ask(self, question: Question, *, retries: int | None = None) -> Sequence[VarBind]:
        """The answer, asked again after a timeout. Raises Silent, AgentError, CredentialRefused, Spent."""
        for left in range(self._retries if retries is None else retries, -1, -1):
            self.budget.spend()
            try:
                answer = await self._wire.ask(question, self._timeout_s)
            except Silent:
                if not left:
                    raise
                continue
            self.budget.received(answer)
            return answer
        raise AssertionError("unreachable")

    async def get(self, oids: Sequence[Oid]) -> dict[Oid, Value]:
        """Those of the scalars that are there. Raises what `ask` raises, but for AgentError."""
        found: dict[Oid, Value] = {}
        for part in _parts(oids):
            found |= await self._get(part)
        return found

    async def _get(self, oids: Sequence[Oid]) -> dict[Oid, Value]:
        try:
            answer = await self.ask(Question(Pdu.GET, tuple(oids)))
        except AgentError:
            if len(oids) == 1:
                return {}
            halves = (oids[: len(oids) // 2], oids[len(oids) // 2 :])
            return {**await self._get(halves[0]), **await self._get(halves[1])}
        asked = set(oids)
        return {
            oid: value for oid, value in answer if oid in asked and value is not None and not isinstance(value, Missing)
        }

    async def is_alive(self) -> bool:
        """Whether it still answers the simplest question there is."""
        try:
            await self.ask(Question(Pdu.GET, (_SYS_UP_TIME,)))
        except (Silent, AgentError) as error:
            return isinstance(error, AgentError)
        return True


def _parts(oids: Sequence[Oid]) -> Iterator[Sequence[Oid]]:
    for start in range(0, len(oids), _NAMES_PER_GET):
        yield oids[start : start + _NAMES_PER_GET]
