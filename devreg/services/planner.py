"""HiGHS, which solves the whole-number programs of `domain.planning_model`. Only who plans loads it, and it may be missing."""

from collections.abc import Mapping
from typing import Any, Final

from devreg.domain.planning_model import Program, Solved
from devreg.errors import Misconfigured

SECONDS: Final = 20.0
"""For one objective; 40 places take a tenth of a second."""


class Highs:
    """HiGHS on one thread with a fixed seed: the same program gives the same values."""

    def __init__(self, seconds: float = SECONDS) -> None:
        """Raises Misconfigured where HiGHS is not installed."""
        try:
            from highspy import _core as highs  # an extra: most never plan
        except ImportError:
            raise Misconfigured(
                "Planning needs the solver HiGHS, which is not installed.",
                next_step="Install it with `pip install 'devreg[plan]'`.",
            ) from None
        self._highs: Any = highs
        self._seconds = seconds

    @property
    def name(self) -> str:
        """Name and version."""
        # The wrapper around it announces itself on standard output before it can be told not to.
        return f"HiGHS {self._highs._Highs().version()}"

    def least(self, program: Program, weights: Mapping[int, int]) -> Solved:
        """Values that make the weighted sum least, or none.

        No values to start from are given: HiGHS 1.16 then calls those the best, where its presolve empties the program.
        """
        solver = self._highs._Highs()
        for option, value in _OPTIONS.items():
            solver.setOptionValue(option, value)
        solver.setOptionValue("time_limit", self._seconds)
        solver.passModel(self._model(program, weights))
        solver.run()
        status, statuses = solver.getModelStatus(), self._highs.HighsModelStatus
        is_found = solver.getInfo().primal_solution_status == int(self._highs.SolutionStatus.kSolutionStatusFeasible)
        values = tuple(map(round, solver.getSolution().col_value)) if is_found else None
        return Solved(values, status in (statuses.kOptimal, statuses.kInfeasible))

    def _model(self, program: Program, weights: Mapping[int, int]) -> Any:
        infinity = self._highs.kHighsInf
        lp = self._highs.HighsLp()
        lp.num_col_, lp.num_row_ = len(program.bounds), len(program.rows)
        lp.col_cost_ = [float(weights.get(variable, 0)) for variable in range(len(program.bounds))]
        lp.col_lower_, lp.col_upper_ = [0.0] * len(program.bounds), [float(bound) for bound in program.bounds]
        lp.row_lower_ = [-infinity if row.low is None else float(row.low) for row in program.rows]
        lp.row_upper_ = [infinity if row.high is None else float(row.high) for row in program.rows]
        lp.integrality_ = [self._highs.HighsVarType.kInteger] * len(program.bounds)
        starts: list[int] = [0]
        index: list[int] = []
        value: list[float] = []
        for row in program.rows:
            index += row.sums.keys()
            value += map(float, row.sums.values())
            starts.append(len(index))
        lp.a_matrix_.format_ = self._highs.MatrixFormat.kRowwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = starts, index, value
        return lp


_OPTIONS: Final = {"output_flag": False, "threads": 1, "random_seed": 0, "mip_rel_gap": 0.0, "mip_abs_gap": 1e-7}
