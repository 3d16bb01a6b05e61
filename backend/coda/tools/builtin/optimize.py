"""Linear and mixed-integer optimisation: friendly JSON in, a solution or an explanation out."""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from coda.tools.builtin.optimum import check, problem_of, result_of
from coda.tools.errors import ToolFailed
from coda.tools.types import Arguments, FunctionTool, ToolCallContext

CHILD = Path(__file__).with_name("highs.py")
DEFAULT_SECONDS = 10
MOST_SECONDS = 20
START_AND_STOP_SECONDS = 5


async def optimize(arguments: Arguments, _context: ToolCallContext) -> dict[str, Any]:
    """Solve in a child process that is killed when the call is cancelled or takes too long."""
    seconds = arguments.get("time_limit_seconds", DEFAULT_SECONDS)
    problem = {**problem_of(arguments), "seconds": seconds}
    answer = await solve_in_child(problem, patience=seconds + START_AND_STOP_SECONDS)
    return result_of(arguments, answer)


async def solve_in_child(problem: Mapping[str, Any], *, patience: float) -> dict[str, Any]:
    """One problem, one process; it gets no environment and is gone when this returns."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(CHILD),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(patience):
            output, _ = await child.communicate(orjson.dumps(problem))
    except TimeoutError:
        raise ToolFailed("The solver did not come to an end in time. Give it a smaller problem.") from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode != 0:
        raise ToolFailed("The solver gave up on this problem: it may need too much memory. Give it a smaller one.")
    answer: dict[str, Any] = orjson.loads(output)
    return answer


_NUMBER_MAP = {
    "type": "object",
    "additionalProperties": {"type": "number"},
    "description": "Variable name to coefficient; what is left out counts 0.",
}
OPTIMIZE = FunctionTool(
    name="optimize",
    title="Optimised",
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
