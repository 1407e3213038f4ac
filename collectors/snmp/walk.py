"""Reading columns of a table, with every way a walk must end. Source: contracts/snmp.md "Walking".

Agents repeat OIDs for ever, go backwards, answer nothing, or answer less than asked; a walk ends on each of these and says so.
"""

from collections.abc import Sequence
from typing import Final

from collectors.snmp.agent import Agent, Lost, Spent
from collectors.snmp.wire import AgentError, Missing, Oid, Pdu, Question, Silent, Value, VarBind
from devreg.i18n import N_

MAX_ROWS: Final = 20_000
_VALUES_PER_ANSWER: Final = 120
"""Twelve columns in ten rows: an answer of few kilobytes, so of few fragments."""
NO_ANSWER: Final = N_("no answer")


class Table:
    """What a walk brought: index -> column -> value, and why it is not whole if it isn't."""

    def __init__(self) -> None:
        self.rows: dict[Oid, dict[Oid, Value]] = {}
        self.gap: str | None = None

    def add(self, column: Oid, oid: Oid, value: Value) -> None:
        """Keeps one value under its row."""
        self.rows.setdefault(oid[len(column) :], {})[column] = value


async def walk(agent: Agent, columns: Sequence[Oid]) -> Table:
    """The columns, several in each request.

    A column the agent does not have is simply absent. `gap` is set when the agent misbehaved or went over a limit, and what came is
    kept; Lost is raised when it fell silent altogether.
    """
    table = Table()
    reader = _Reader(agent, table, columns)
    try:
        while reader.at:
            await reader.step()
    except Spent as spent:
        table.gap = str(spent)
    return table


class _Reader:
    def __init__(self, agent: Agent, table: Table, columns: Sequence[Oid]) -> None:
        self._agent = agent
        self._table = table
        self._width = len(columns)
        self.at = {column: column for column in columns}
        """Columns not ended, each with the last name seen."""

    async def step(self) -> None:
        """One request; every one either moves a column on, ends one, or asks for less next time."""
        columns = list(self.at)[: self._width]
        repetitions = max(1, min(self._agent.max_repetitions, _VALUES_PER_ANSWER // len(columns)))
        try:
            answer = await self._ask(columns, repetitions)
        except Silent:
            await self._asked_too_much(columns, repetitions, NO_ANSWER)
        except AgentError as error:
            await self._asked_too_much(columns, repetitions, str(error))
        else:
            self._take(columns, answer[: len(columns) * repetitions])

    async def _ask(self, columns: Sequence[Oid], repetitions: int) -> Sequence[VarBind]:
        names = tuple(self.at[column] for column in columns)
        if repetitions == 1:
            return await self._agent.ask(Question(Pdu.NEXT, names))
        return await self._agent.ask(Question(Pdu.BULK, names, repetitions), retries=0)

    async def _asked_too_much(self, columns: Sequence[Oid], repetitions: int, why: str) -> None:
        """Fewer rows, then fewer columns, then none of this column."""
        if repetitions > 1:
            self._agent.max_repetitions = repetitions // 2
            return
        if why == NO_ANSWER and not await self._agent.is_alive():
            raise Lost
        if len(columns) > 1:
            self._width = len(columns) // 2
        else:
            self._end(columns, why)

    def _take(self, columns: Sequence[Oid], answer: Sequence[VarBind]) -> None:
        if not answer:
            self._end(columns, N_("an answer without values"))
        for place, (oid, value) in enumerate(answer):
            column = columns[place % len(columns)]
            if column not in self.at:
                continue
            if isinstance(value, Missing):
                del self.at[column]
            elif oid <= self.at[column]:
                self._end([column], N_("names that do not increase"))
            elif oid[: len(column)] != column:
                del self.at[column]
            else:
                self.at[column] = oid
                self._table.add(column, oid, value)
        if len(self._table.rows) > MAX_ROWS:
            self._end(list(self.at), N_(f"more than {MAX_ROWS} rows"))

    def _end(self, columns: Sequence[Oid], why: str) -> None:
        self._table.gap = self._table.gap or why
        for column in columns:
            del self.at[column]
