"""Recordings of real devices answered in memory, and which of them were kept aside while the vendors' rules were written."""

import asyncio
import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from collectors.snmp.agent import Agent, Budget
from collectors.snmp.devices import records
from collectors.snmp.observe import observe
from collectors.snmp.vendors import rules
from collectors.snmp.visit import IDENTITY, read
from collectors.snmp.wire import Missing, Oid, Pdu, Question, Value, VarBind
from devreg.domain.observation import Observation
from devreg.ports import Record

_NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
RULES = rules()
_NUMBERS = {"2", "65", "66", "67", "70"}


def is_held_out(name: str) -> bool:
    """Whether a device belongs to the third that nobody looks at while writing rules; fixed by its name alone."""
    return hashlib.sha256(name.encode()).digest()[0] % 3 == 0


class RecordedWire:
    """An agent that says what its recording says."""

    def __init__(self, path: Path) -> None:
        rows = (line.split("|", 2) for line in path.read_bytes().decode("latin-1").split("\n") if line)
        self._values = {_oid(name): _value(tag, text) for name, tag, text in rows}
        self._names = sorted(self._values)

    async def ask(self, question: Question, timeout_s: float) -> Sequence[VarBind]:
        """The answer at once."""
        del timeout_s
        if question.pdu is Pdu.GET:
            return [VarBind(name, self._values.get(name, Missing.NO_SUCH)) for name in question.oids]
        found: list[VarBind] = []
        names = list(question.oids)
        for _ in range(max(1, question.max_repetitions)):
            row = [self._after(name) for name in names]
            found += row
            names = [bind.oid for bind in row]
        return found

    def of_vlan(self, vlan: int) -> "RecordedWire":
        """Nothing more than without."""
        del vlan
        return self

    def close(self) -> None:
        """Nothing is held."""

    def _after(self, name: Oid) -> VarBind:
        place = bisect_right(self._names, name)
        if place == len(self._names):
            return VarBind(name, Missing.END_OF_VIEW)
        return VarBind(self._names[place], self._values[self._names[place]])


def visited(path: Path) -> list[Record]:
    """The records of one visit to the recording."""

    async def visit() -> list[Record]:
        agent = Agent(RecordedWire(path), 1, 0, Budget())
        reading = await read(agent, "10.20.0.7", "10.20.0.7", await agent.get(IDENTITY), RULES)
        return records(reading, _NOW, RULES)

    return asyncio.run(visit())


def observed(found: Sequence[Record]) -> list[Observation]:
    """The records as identifiers and claims."""
    return [observe(record, RULES) for record in found]


def _oid(name: str) -> Oid:
    return tuple(int(arc) for arc in name.split("."))


def _value(tag: str, text: str) -> Value:
    kind = tag.rstrip("xe")
    if kind == "6":
        return _oid(text) if text else ()
    if tag.endswith("x"):
        return bytes.fromhex(text)
    if tag.endswith("e"):
        return text.encode("latin-1").decode("unicode_escape").encode("latin-1")
    if kind in _NUMBERS:
        return int(text)
    if kind == "64" and text.count(".") == 3:
        return bytes(int(part) for part in text.split("."))
    return None if kind == "5" else text.encode("latin-1")
