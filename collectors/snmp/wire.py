"""What any SNMP transport gives: one question, one answer, plain Python values.

Two transports stand behind it (`community` for v2c, `usm` for v3); a faster reader may become a third.
Only reads exist: GET, GETNEXT, GETBULK.
"""

import asyncio
import time
from collections.abc import Sequence
from enum import Enum
from typing import Final, NamedTuple, Protocol

import msgspec

from devreg.i18n import N_

Oid = tuple[int, ...]


class Missing(Enum):
    """Values that say there is none. Source: RFC 3416, section 3."""

    NO_SUCH = "noSuchObject or noSuchInstance"
    END_OF_VIEW = "endOfMibView"


Value = int | bytes | Oid | Missing | None
"""Numbers as int, strings and addresses as bytes (decoded late), object identifiers as tuples; None for NULL."""


class VarBind(NamedTuple):
    """One name with its value, as sent."""

    oid: Oid
    value: Value


class Address(NamedTuple):
    """Where an agent listens."""

    ip: str
    port: int

    def __str__(self) -> str:
        return (
            self.ip
            if self.port == SNMP_PORT
            else f"[{self.ip}]:{self.port}"
            if ":" in self.ip
            else f"{self.ip}:{self.port}"
        )


SNMP_PORT: Final = 161


class Pdu(Enum):
    """The questions there are; nothing here can write to a device."""

    GET = "get"
    NEXT = "next"
    BULK = "bulk"


class Question(msgspec.Struct, frozen=True):
    """One request."""

    pdu: Pdu
    oids: tuple[Oid, ...]
    max_repetitions: int = 0


class Silent(Exception):
    """No answer in time. Never the same as an empty table."""


class AgentError(Exception):
    """The agent answered with an error status, such as tooBig(1) or genErr(5)."""

    def __init__(self, status: int) -> None:
        super().__init__(N_(f"error status {status}"))
        self.status = status


class CredentialRefused(Exception):
    """The agent knows SNMPv3 but not this user or key; asking again would only raise alarms there."""


class Wire(Protocol):
    """One agent through one credential."""

    async def ask(self, question: Question, timeout_s: float) -> Sequence[VarBind]:
        """The answer to one request sent once. Raises Silent, AgentError or CredentialRefused."""
        ...

    def of_vlan(self, vlan: int) -> "Wire":
        """The same agent's bridge as one VLAN sees it: Cisco's community@VLAN, or context vlan-N. Open as long as this one."""
        ...

    def close(self) -> None:
        """Gives back what is held for this agent."""
        ...


class Pace:
    """Spreads packets evenly so that a scan stays under a rate."""

    def __init__(self, per_second: float) -> None:
        self._gap_s = 1 / per_second
        self._next = 0.0

    async def wait(self) -> None:
        """Returns when the next packet may go."""
        now = time.monotonic()
        self._next = max(now, self._next) + self._gap_s
        await asyncio.sleep(self._next - self._gap_s - now)
