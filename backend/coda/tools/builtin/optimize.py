"""Linear and mixed-integer optimisation: friendly JSON in, a solution or an explanation out."""

from typing import Any

from coda.tools.builtin import highs
from coda.tools.builtin.optimum import check, problem_of, result_of
from coda.tools.types import Arguments, FunctionTool, ToolCallContext

DEFAULT_SECONDS = 10
MOST_SECONDS = 20


async def optimize(arguments: Arguments, call: ToolCallContext) -> dict[str, Any]:
    """Solve in a worker process: a solver that hangs, grows or crashes takes nothing with it."""
    result: dict[str, Any] = await call.workers.call(f"{__name__}:solve", arguments, caller=call.user_id)
    return result


def solve(arguments: Arguments) -> dict[str, Any]:
    """The answer in the caller's words; raises ToolFailed."""
    problem = {**problem_of(arguments), "seconds": arguments.get("time_limit_seconds", DEFAULT_SECONDS)}
    return result_of(arguments, highs.solve(problem))


_NUMBER_MAP = {
    "type": "object",
    "additionalProperties": {"type": "number"},
    "description": "Variable name to coefficient; what is left out counts 0.",
}
_FINAL = ("optimal", "infeasible", "unbounded")
"""What more time would not change."""

OPTIMIZE = FunctionTool(
    name="optimize",
    title="Optimised",
    keeps=lambda result: result["status"] in _FINAL,
    description=(
        "Find the values that maximise or minimise a linear objective under linear constraints (linear and "
        "mixed-integer programming, exact solver). Use it for planning, mixing, assignment, scheduling and knapsack "
        "questions. Define variables first, then the objective and constraints over them."
    ),
    parameters={
        "type": "object",
        "properties": {
            "sense": {"enum": ["maximize", "minimize"]},
            "variables": {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 2_000,
                "description": "Name to limits. lower is 0 when left out; null means no limit.",
                "additionalProperties": {
                    "type": "object",
                    "properties": {
                        "lower": {"type": ["number", "null"]},
                        "upper": {"type": ["number", "null"]},
                        "integer": {"type": "boolean", "description": "Whole numbers only."},
                    },
                    "additionalProperties": False,
                },
            },
            "objective": _NUMBER_MAP,
            "objective_constant": {"type": "number"},
            "constraints": {
                "type": "array",
                "maxItems": 2_000,
                "items": {
                    "type": "object",
                    "properties": {
                        "name": {"type": "string", "maxLength": 100},
                        "coefficients": _NUMBER_MAP,
                        "relation": {"enum": ["<=", ">=", "="]},
                        "value": {"type": "number"},
                    },
                    "required": ["coefficients", "relation", "value"],
                    "additionalProperties": False,
                },
            },
            "time_limit_seconds": {"type": "number", "exclusiveMinimum": 0, "maximum": MOST_SECONDS},
        },
        "required": ["sense", "variables", "objective"],
        "additionalProperties": False,
    },
    result_schema={
        "type": "object",
        "properties": {
            "status": {"enum": ["optimal", "feasible", "time_limit", "infeasible", "unbounded"]},
            "explanation": {"type": "string"},
            "objective": {"type": "number"},
            "values": {"type": "object", "additionalProperties": {"type": "number"}},
            "gap": {"type": ["number", "null"]},
        },
        "required": ["status", "explanation"],
    },
    run=optimize,
    check=check,
)
