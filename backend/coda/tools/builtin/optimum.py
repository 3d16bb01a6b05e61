"""Between the optimiser's friendly JSON and the solver's arrays; and the independent check of what came back."""

from collections.abc import Mapping, Sequence
from math import fsum, isclose
from typing import Any

from coda.tools.errors import ToolFailed
from coda.tools.types import Arguments, Check

LARGEST = 1e15
_TOLERANCE = 1e-6
_MOST_NAMED = 20


def problem_of(arguments: Arguments) -> dict[str, Any]:
    """The solver's form of a problem. Raises ToolFailed where names or limits contradict each other."""
    variables: Mapping[str, Any] = arguments["variables"]
    names = list(variables)
    place = {name: index for index, name in enumerate(names)}
    constraints = arguments.get("constraints", ())
    _demand_known(place, arguments["objective"], "The objective")
    for number, constraint in enumerate(constraints):
        _demand_known(place, constraint["coefficients"], f"Constraint {label(constraint, number)!r}")
    lower = [variables[name].get("lower", 0.0) for name in names]
    upper = [variables[name].get("upper") for name in names]
    for name, low, high in zip(names, lower, upper, strict=True):
        if low is not None and high is not None and low > high:
            raise ToolFailed(f"Variable {name!r} has a lower limit ({low:g}) above its upper limit ({high:g}).")
    problem = {
        "sense": arguments["sense"],
        "cost": [float(arguments["objective"].get(name, 0.0)) for name in names],
        "offset": float(arguments.get("objective_constant", 0.0)),
        "lower": lower,
        "upper": upper,
        "integer": [variables[name].get("integer", False) for name in names],
        "rows": [_row(constraint, place) for constraint in constraints],
    }
    _demand_moderate(problem)
    return problem


def label(constraint: Mapping[str, Any], number: int) -> str:
    """The name of a constraint, or its place."""
    return constraint.get("name") or f"#{number + 1}"


def _demand_known(place: Mapping[str, int], used: Mapping[str, float], what: str) -> None:
    unknown = [name for name in used if name not in place]
    if unknown:
        raise ToolFailed(f"{what} uses {', '.join(unknown[:5])}, not among the variables ({', '.join([*place][:20])}).")


def _row(constraint: Mapping[str, Any], place: Mapping[str, int]) -> list[Any]:
    used = {name: value for name, value in constraint["coefficients"].items() if value}
    value, relation = float(constraint["value"]), constraint["relation"]
    low, high = (None if relation == "<=" else value), (None if relation == ">=" else value)
    return [[place[name] for name in used], [float(factor) for factor in used.values()], low, high]


def _demand_moderate(problem: Mapping[str, Any]) -> None:
    numbers = [*problem["cost"], *problem["lower"], *problem["upper"], problem["offset"]]
    for row in problem["rows"]:
        numbers += [*row[1], row[2], row[3]]
    if any(number is not None and abs(number) > LARGEST for number in numbers):
        raise ToolFailed(f"A number is larger than {LARGEST:g}. Leave a limit out (null) instead, or use other units.")


def result_of(arguments: Arguments, answer: Mapping[str, Any]) -> dict[str, Any]:
    """The answer in the caller's names, with a sentence. Raises ToolFailed when the solver could not tell."""
    match answer["status"]:
        case "optimal" | "feasible":
            return _solved(arguments, answer)
        case "infeasible":
            return _infeasible(arguments, answer)
        case "unbounded":
            better = "large" if arguments["sense"] == "maximize" else "small"
            return {
                "status": "unbounded",
                "explanation": f"The objective can get as {better} as you like: a limit or a constraint is missing.",
            }
        case "time_limit":
            return {
                "status": "time_limit",
                "explanation": "No solution was found in the time given. Give more time or a smaller problem.",
            }
    raise ToolFailed("The solver could not handle this problem. Its numbers may differ too much in size.")


def _solved(arguments: Arguments, answer: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: _clean(value) for name, value in zip(arguments["variables"], answer["values"], strict=True)}
    is_best = answer["status"] == "optimal"
    result: dict[str, Any] = {
        "status": answer["status"],
        "explanation": "This is the best possible solution."
        if is_best
        else "Time ran out: this is the best solution found so far; better ones may exist.",
        "objective": _clean(answer["objective"]),
        "values": values,
        "gap": answer["gap"],
        "binding_constraints": _binding(arguments.get("constraints", ()), values, answer.get("prices")),
    }
    if not is_best:
        result["bound"] = answer["bound"]
    return result


def _binding(
    constraints: Sequence[Mapping[str, Any]], values: Mapping[str, float], prices: Sequence[float] | None
) -> list[dict[str, Any]]:
    """The constraints that are used up, with the worth of one more unit where the problem is linear."""
    found = []
    for number, constraint in enumerate(constraints):
        if isclose(_activity(constraint, values), constraint["value"], rel_tol=_TOLERANCE, abs_tol=_TOLERANCE):
            entry: dict[str, Any] = {"name": label(constraint, number)}
            if prices is not None:
                entry["shadow_price"] = _clean(prices[number])
            found.append(entry)
    return found


def _infeasible(arguments: Arguments, answer: Mapping[str, Any]) -> dict[str, Any]:
    constraints = arguments.get("constraints", ())
    rows = [label(constraints[index], index) for index in answer["conflict_rows"]]
    names = list(arguments["variables"])
    columns = [names[index] for index in answer["conflict_columns"]]
    if answer["only_integer"]:
        why = "It has solutions, but none in whole numbers."
    elif rows:
        limits = f", given the limits of {_listed(columns)}" if columns else ""
        why = f"These constraints cannot hold together: {_listed(rows)}{limits}."
    else:
        why = "The constraints and limits contradict each other."
    return {"status": "infeasible", "explanation": f"No solution exists. {why}", "conflict": rows}


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def _clean(value: float) -> float:
    """Solver noise off: 3.9999999999 is 4."""
    rounded = float(f"{value:.10g}")
    return 0.0 if abs(rounded) < 1e-11 else rounded


def _activity(constraint: Mapping[str, Any], values: Mapping[str, float]) -> float:
    return fsum(factor * values[name] for name, factor in constraint["coefficients"].items())


def check(arguments: Arguments, result: Any) -> list[Check]:  # noqa: ANN401 - a result is any JSON value
    """Puts the solution back into the problem; the solver's word is not taken for it."""
    if "values" not in result:
        solved = result["status"] in {"infeasible", "unbounded"}
        return [Check("decided", solved, result["explanation"], must=False)]
    values = result["values"]
    broken = [
        label(constraint, number)
        for number, constraint in enumerate(arguments.get("constraints", ()))
        if not _holds(constraint, values)
    ]
    outside = [name for name, limits in arguments["variables"].items() if not _within(limits, values[name])]
    worth = fsum(factor * values[name] for name, factor in arguments["objective"].items())
    worth += arguments.get("objective_constant", 0.0)
    same = isclose(worth, result["objective"], rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
    return [
        Check("constraints", not broken, f"Broken: {_listed(broken)}." if broken else "All constraints hold."),
        Check(
            "limits", not outside, f"Outside: {_listed(outside)}." if outside else "All variables are within limits."
        ),
        Check("best", result["status"] == "optimal", result["explanation"], must=False),
        Check(
            "objective",
            same,
            "The solution was put back into the problem: it holds, and gives the objective."
            if same
            else f"The values give {worth:g}, not {result['objective']:g}.",
        ),
    ]


def _holds(constraint: Mapping[str, Any], values: Mapping[str, float]) -> bool:
    activity, value = _activity(constraint, values), constraint["value"]
    scale = max(1.0, abs(value), *(abs(factor * values[name]) for name, factor in constraint["coefficients"].items()))
    excess = activity - value
    slack = _TOLERANCE * scale
    match constraint["relation"]:
        case "<=":
            return bool(excess <= slack)
        case ">=":
            return bool(excess >= -slack)
    return bool(abs(excess) <= slack)


def _within(limits: Mapping[str, Any], value: float) -> bool:
    lower, upper = limits.get("lower", 0.0), limits.get("upper")
    slack = _TOLERANCE * max(1.0, abs(value))
    inside = (lower is None or value >= lower - slack) and (upper is None or value <= upper + slack)
    return inside and (not limits.get("integer") or abs(value - round(value)) <= _TOLERANCE)
