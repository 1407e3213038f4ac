"""The plan as a whole-number program: what stays, goes out into one hub and comes in, is bought or stays short.

Devices go through a hub instead of from each place to each: in a city distance does not matter, the best value is the same, and
the program stays small. The objectives are met one after the other, each kept by the next (lexicographic). Source: equality.md 3.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from typing import Final, Protocol

import msgspec

from devreg.domain.device import Stage
from devreg.domain.planning import STORE, DeviceClass, Move, Need, Plan, Purchase, Result, Scenario, Task

_RANK: Final = {stage: rank for rank, stage in enumerate(Stage)}


class Row(msgspec.Struct, frozen=True):
    """Bounds of a sum of variables; None: unbounded."""

    sums: Mapping[int, int]
    """Variable -> how often it counts."""
    low: int | None = None
    high: int | None = None


class Program(msgspec.Struct, frozen=True):
    """Whole numbers from zero to a bound each, that keep to the rows."""

    bounds: tuple[int, ...]
    """The highest value of each variable."""
    rows: tuple[Row, ...]


class Solved(msgspec.Struct, frozen=True):
    """What came of a program."""

    values: tuple[int, ...] | None
    """Of the variables; None: none keep to the rows, or none were found in time."""
    proven: bool
    """Nothing is better, or nothing keeps to the rows; else the time was up."""


class Solver(Protocol):
    """Something that finds the least of a weighted sum. The same program must give the same values each time."""

    @property
    def name(self) -> str:
        """What the reader of a plan is told."""

    def least(self, program: Program, weights: Mapping[int, int]) -> Solved:
        """Values that make the weighted sum least."""


def plans(task: Task, scenarios: Iterable[Scenario], solver: Solver, budget_cents: int = 0) -> list[Plan]:
    """Each scenario's plan. Units and classes are sorted first: their order changes nothing."""
    needs = tuple(sorted((need for need in task.needs if need.devices > 0), key=lambda n: (n.unit, _RANK[n.stage])))
    task = msgspec.structs.replace(task, needs=needs)
    today = _Search(_Model(task, budget=0, before=None), solver)
    today.begin()
    return [_plan(task, scenario, solver, budget_cents, today) for scenario in scenarios]


def _plan(task: Task, scenario: Scenario, solver: Solver, budget_cents: int, today: "_Search") -> Plan:
    budget = None if scenario is Scenario.FULL else budget_cents if scenario is Scenario.BUDGET else 0
    model = _Model(task, budget=budget, before=today.covered, spares_donors=scenario.spares_donors)
    search = _Search(model, solver, today)
    search.begin()
    aims = (model.cost(), model.moves(), model.from_units(), model.losses(), model.youngest_first())
    for weights in aims:
        search.keep(weights)
    return model.plan(scenario, search.values, today.covered, solver.name, search.proven)


class _Search:
    """Objectives met one after the other."""

    def __init__(self, model: "_Model", solver: Solver, before: "_Search | None" = None) -> None:
        self._model = model
        self._solver = solver
        self.values: tuple[int, ...] = (
            model.untouched() if before is None else model.as_in(before._model, before.values)
        )
        self.proven = True

    @property
    def covered(self) -> dict[Need, int]:
        """Need -> devices it has."""
        return {need: need.devices - self.values[variable] for need, variable in self._model.short.items()}

    @property
    def worst(self) -> Fraction:
        """Coverage of the stage that has least."""
        return min((Fraction(devices, need.devices) for need, devices in self.covered.items()), default=Fraction(1))

    def begin(self) -> None:
        """Make the least covered stage as well covered as can be; of such plans, lack as few devices as can be.

        Only so many coverages can be told apart, so the best is found by halving. Asked for as a variable of its own, it takes the
        solver fifty times as long: with it the program is no flow any more.
        """
        short = dict.fromkeys(self._model.short.values(), 1)
        self.then(short)
        better = sorted({Fraction(n, need.devices) for need in self._model.short for n in range(need.devices + 1)})
        better = [coverage for coverage in better if coverage > self.worst]
        middle = len(better) - 1  # at first all that can be asked for: often it can be had
        while better:
            if self._reaches(better[middle], short):
                better = [coverage for coverage in better[middle + 1 :] if coverage > self.worst]
            else:
                better = better[:middle]
            middle = len(better) // 2
        self._model.demand_coverage(self.worst)
        self._model.rows.append(Row(short, high=_sum(short, self.values)))

    def then(self, weights: Mapping[int, int]) -> None:
        """Make the sum least."""
        if weights:
            solved = self._solver.least(self._model.program, weights)
            self.proven &= solved.proven
            self.values = solved.values or self.values

    def keep(self, weights: Mapping[int, int]) -> None:
        """Make the sum least, and keep it so."""
        self.then(weights)
        self._model.rows.append(Row(weights, high=_sum(weights, self.values)))

    def _reaches(self, coverage: Fraction, short: Mapping[int, int]) -> bool:
        bounds = list(self._model.bounds)
        self._model.demand_coverage(coverage)
        solved = self._solver.least(self._model.program, short)
        self._model.bounds[:] = bounds
        self.proven &= solved.proven
        self.values = solved.values or self.values
        return solved.values is not None


def _sum(weights: Mapping[int, int], values: Sequence[int]) -> int:
    return sum(weight * values[variable] for variable, weight in weights.items())


class _Model:
    """The variables by what they mean, and the rows that hold them together."""

    def __init__(
        self, task: Task, *, budget: int | None, before: Mapping[Need, int] | None, spares_donors: bool = False
    ) -> None:
        """`before` is what stages have today, where something may move."""
        self.task = task
        self.bounds: list[int] = []
        self.rows: list[Row] = []
        self.short = {need: self._variable(need.devices) for need in task.needs}
        self.stay: dict[tuple[str, DeviceClass, Need], int] = {}
        self.out: dict[tuple[str, DeviceClass], int] = {}
        self.into: dict[tuple[DeviceClass, Need], int] = {}
        self.buy = self._purchases(budget)
        self.lost: dict[Need, int] = {}
        self._supply(moving=before is not None)
        self._hub()
        self._demand()
        for need, devices in (before or {}).items():
            self.lost[need] = self._variable(devices)
            self.rows.append(Row({self.short[need]: 1, self.lost[need]: -1}, high=need.devices - devices))
        if before is not None and spares_donors:
            self._spare(before)

    @property
    def program(self) -> Program:
        """What a solver reads."""
        return Program(tuple(self.bounds), tuple(self.rows))

    def untouched(self) -> tuple[int, ...]:
        """Values of a city that has nothing."""
        values = [0] * len(self.bounds)
        for need, variable in self.short.items():
            values[variable] = need.devices
        return tuple(values)

    def as_in(self, other: "_Model", values: Sequence[int]) -> tuple[int, ...]:
        """Another model's values, where nothing moves and nothing is bought."""
        mine = [0] * len(self.bounds)
        for need, variable in self.short.items():
            mine[variable] = values[other.short[need]]
        for key, variable in self.stay.items():
            mine[variable] = values[other.stay[key]]
        return tuple(mine)

    def demand_coverage(self, least: Fraction) -> None:
        """Every stage gets at least this share of its need."""
        for need, variable in self.short.items():
            self.bounds[variable] = min(self.bounds[variable], int((1 - least) * need.devices))

    def cost(self) -> dict[int, int]:
        """What buying costs. What has no price counts as the dearest: it is bought only where nothing else will do."""
        unknown = max(self.task.prices.values(), default=1)
        return {
            variable: self.task.prices.get(kind, unknown)
            for need, variable in self.buy.items()
            if (kind := self.task.kind_bought(need)) is not None
        }

    def moves(self) -> dict[int, int]:
        """Devices that change place."""
        return dict.fromkeys(self.out.values(), 1)

    def from_units(self) -> dict[int, int]:
        """Devices that a unit gives away: the store gives first."""
        return {variable: 1 for (place, _), variable in self.out.items() if place != STORE}

    def losses(self) -> dict[int, int]:
        """Devices that stages lack beyond what they lack today: a unit is not told to take from one stage for another in vain."""
        return dict.fromkeys(self.lost.values(), 1)

    def youngest_first(self) -> dict[int, int]:
        """The longer supported, the higher the stage."""
        weights: dict[int, int] = {}
        placed = [(key[1], key[2], variable) for key, variable in self.stay.items()]
        placed += [(*key, variable) for key, variable in self.into.items()]
        for of, need, variable in placed:
            weight = _RANK[need.stage] * (0 if of.support_years is None else of.support_years + 1)
            if weight:
                weights[variable] = -weight
        return weights

    def plan(
        self, scenario: Scenario, values: Sequence[int], before: Mapping[Need, int], solver: str, proven: bool
    ) -> Plan:
        """What the values mean."""
        bought = {need: values[variable] for need, variable in self.buy.items()}
        results = [
            Result(need, before[need], need.devices - values[variable] - bought.get(need, 0), bought.get(need, 0))
            for need, variable in self.short.items()
        ]
        purchases = [
            Purchase(need.unit, need.stage, kind, devices, self.task.prices.get(kind))
            for need, devices in bought.items()
            if devices and (kind := self.task.kind_bought(need)) is not None
        ]
        return Plan(scenario, tuple(self._moves(values)), tuple(purchases), tuple(results), solver, proven)

    def _variable(self, bound: int) -> int:
        self.bounds.append(bound)
        return len(self.bounds) - 1

    def _purchases(self, budget: int | None) -> dict[Need, int]:
        """Variables of what can be bought: nothing at no cost, and within a budget only what has a price."""
        kinds = {need: kind for need in self.task.needs if (kind := self.task.kind_bought(need)) is not None}
        if budget is not None:
            kinds = {need: kind for need, kind in kinds.items() if 0 < self.task.prices.get(kind, 0) <= budget}
        buy = {need: self._variable(need.devices) for need in kinds}
        if budget is not None and buy:
            prices = {variable: self.task.prices[kinds[need]] for need, variable in buy.items()}
            self.rows.append(Row(prices, high=budget))
        return buy

    def _supply(self, *, moving: bool) -> None:
        """No place gives and keeps more than it has."""
        at = {unit: list(needs) for unit, needs in groupby(self.task.needs, key=lambda need: need.unit)}
        for (place, of), devices in sorted(self.task.stock.items(), key=lambda item: (item[0][0], item[0][1].order)):
            stays = [need for need in at.get(place, ()) if self._serves(of, need)]
            for need in stays:
                self.stay[place, of, need] = self._variable(min(devices, need.devices))
            used = {self.stay[place, of, need]: 1 for need in stays}
            if moving and of.bound_by is None and any(self._serves(of, need) for need in self.task.needs):
                self.out[place, of] = self._variable(devices)
                used[self.out[place, of]] = 1
            if used:
                self.rows.append(Row(used, high=devices))

    def _hub(self) -> None:
        """Of each class comes in what goes out."""
        for of in sorted({of for _, of in self.out}, key=lambda of: of.order):
            through = {variable: 1 for (_, other), variable in self.out.items() if other == of}
            for need in self.task.needs:
                if self._serves(of, need):
                    self.into[of, need] = self._variable(need.devices)
                    through[self.into[of, need]] = -1
            self.rows.append(Row(through, 0, 0))

    def _demand(self) -> None:
        """What a stage has, gets, has bought and lacks is what it needs."""
        has: defaultdict[Need, dict[int, int]] = defaultdict(dict)
        for (_, _, need), variable in self.stay.items():
            has[need][variable] = 1
        for (_, need), variable in self.into.items():
            has[need][variable] = 1
        for need, short in self.short.items():
            bought = {self.buy[need]: 1} if need in self.buy else {}
            self.rows.append(Row({**has[need], **bought, short: 1}, need.devices, need.devices))

    def _spare(self, before: Mapping[Need, int]) -> None:
        """No unit lacks more than it lacks today."""
        for _, group in groupby(self.task.needs, key=lambda need: need.unit):
            needs = list(group)
            missing = sum(need.devices - before[need] for need in needs)
            self.rows.append(Row({self.short[need]: 1 for need in needs}, high=missing))

    def _serves(self, of: DeviceClass, need: Need) -> bool:
        return of.unfit_for(self.task.kinds.get(need.stage, ())) is None

    def _moves(self, values: Sequence[int]) -> Iterable[Move]:
        """Who gives to whom: through the hub only sums are known, so they are laid side by side in a stable order."""
        for of in sorted({of for _, of in self.out}, key=lambda of: of.order):
            giving = {place: values[v] for (place, other), v in self.out.items() if other == of and values[v]}
            for need in self.task.needs:
                wanted = values[self.into[of, need]] if (of, need) in self.into else 0
                while wanted:
                    source = next(place for place, left in giving.items() if left)
                    devices = min(wanted, giving[source])
                    giving[source] -= devices
                    wanted -= devices
                    if source != need.unit:  # the same only where the time was up before moves were as few as can be
                        yield Move(source, need.unit, need.stage, of, devices)
