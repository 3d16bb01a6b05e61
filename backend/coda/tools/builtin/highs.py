"""Solves one problem with HiGHS. To be called in a worker process only: it may hang, grow or crash."""

import math
from typing import Any

Problem = dict[str, Any]
Answer = dict[str, Any]

_IRREDUCIBLE = 4
_NEAR = 1e-6


def solve(problem: Problem) -> Answer:
    """Solve `{sense, cost, offset, lower, upper, integer, rows: [[indices, values, lower, upper]], seconds}`.

    None among the bounds means unlimited. Answers `{status, ...}` with status optimal, feasible (time ran out with a
    solution), time_limit, infeasible (with the indices of conflicting rows and columns), unbounded or error.
    """
    import highspy

    highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy has no types
    highs.silent()
    highs.setOptionValue("time_limit", float(problem["seconds"]))
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("mip_rel_gap", 1e-6)
    highs.passModel(_model(problem))
    highs.run()
    status = _status(highs)
    if status == "unbounded_or_infeasible":
        status = _settle(highs, problem)
    if status in {"optimal", "feasible"}:
        return {"status": status, **_solution(highs, problem)}
    if status == "infeasible":
        return {"status": status, **_conflict(highs, problem)}
    return {"status": status}


def _model(problem: Problem) -> Any:  # noqa: ANN401 - highspy has no types
    import highspy

    infinity = highspy.kHighsInf
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(problem["cost"]), len(problem["rows"])
    model.sense_ = highspy.ObjSense.kMaximize if problem["sense"] == "maximize" else highspy.ObjSense.kMinimize
    model.offset_ = float(problem["offset"])
    model.col_cost_ = problem["cost"]
    model.col_lower_ = [-infinity if bound is None else bound for bound in problem["lower"]]
    model.col_upper_ = [infinity if bound is None else bound for bound in problem["upper"]]
    model.row_lower_ = [-infinity if row[2] is None else row[2] for row in problem["rows"]]
    model.row_upper_ = [infinity if row[3] is None else row[3] for row in problem["rows"]]
    starts = [0]
    for row in problem["rows"]:
        starts.append(starts[-1] + len(row[0]))
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = starts
    model.a_matrix_.index_ = [index for row in problem["rows"] for index in row[0]]
    model.a_matrix_.value_ = [value for row in problem["rows"] for value in row[1]]
    if any(problem["integer"]):
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        model.integrality_ = [kinds[bool(integer)] for integer in problem["integer"]]
    return model


def _status(highs: Any) -> str:  # noqa: ANN401 - highspy has no types
    import highspy

    kinds = highspy.HighsModelStatus
    status = highs.getModelStatus()
    if status in (kinds.kTimeLimit, kinds.kIterationLimit, kinds.kSolutionLimit):
        has_solution = highs.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        return "feasible" if has_solution else "time_limit"
    known = {
        kinds.kOptimal: "optimal",
        kinds.kModelEmpty: "optimal",
        kinds.kInfeasible: "infeasible",
        kinds.kUnbounded: "unbounded",
        kinds.kUnboundedOrInfeasible: "unbounded_or_infeasible",
    }
    return known.get(status, "error")


def _settle(highs: Any, problem: Problem) -> str:  # noqa: ANN401 - highspy has no types
    """Tell unbounded from infeasible: without an objective, an unbounded problem has a solution."""
    highs.passModel(_model({**problem, "cost": [0.0] * len(problem["cost"])}))
    highs.run()
    status = _status(highs)
    return {"optimal": "unbounded", "unbounded_or_infeasible": "error"}.get(status, status)


def _solution(highs: Any, problem: Problem) -> Answer:  # noqa: ANN401 - highspy has no types
    solution, info = highs.getSolution(), highs.getInfo()
    is_mixed = any(problem["integer"])
    values = list(solution.col_value)
    return {
        "values": [
            float(round(value)) if integer and abs(value - round(value)) < _NEAR else value
            for value, integer in zip(values, problem["integer"], strict=True)
        ],
        "objective": info.objective_function_value,
        "gap": _finite(info.mip_gap) if is_mixed else 0.0,
        "bound": _finite(info.mip_dual_bound) if is_mixed else info.objective_function_value,
        "prices": None if is_mixed else list(solution.row_dual),
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _conflict(highs: Any, problem: Problem) -> Answer:  # noqa: ANN401 - highspy has no types
    """The smallest set of constraints that cannot hold together, whole numbers left aside."""
    highs.passModel(_model({**problem, "integer": [False] * len(problem["cost"])}))
    highs.setOptionValue("iis_strategy", _IRREDUCIBLE)
    highs.run()
    if _status(highs) != "infeasible":
        return {"conflict_rows": [], "conflict_columns": [], "only_integer": True}
    _, found = highs.getIis()
    return {
        "conflict_rows": list(found.row_index_) if found.valid_ else [],
        "conflict_columns": list(found.col_index_) if found.valid_ else [],
        "only_integer": False,
    }
