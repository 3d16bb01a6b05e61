"""Grades a tool's result: does it have the promised form, and do the tool's own checks hold."""

from collections.abc import Sequence
from typing import Any

from coda.tools.json_schema import JsonSchema
from coda.tools.types import Arguments, Check, Tool, Verdict

Evaluation = dict[str, Any]


def evaluate(tool: Tool, arguments: Arguments, result: Any, *, size: int) -> Evaluation:  # noqa: ANN401 - any JSON value
    """The grade of a result that arrived; `size` is about its bytes."""
    problem = next(iter(JsonSchema.of(tool.result_schema).problems(result, size=size)), None)
    form = Check("form", problem is None, problem or f"The result has the form that {tool.name} promises.")
    checks = [form, *(tool.check(arguments, result) if form.ok else ())]
    verdict: Verdict = "ok"
    if any(not check.ok for check in checks):
        verdict = "failed" if any(not check.ok and check.must for check in checks) else "doubtful"
    return _grade(verdict, checks, reason=_reason(checks))


def failed(reason: str) -> Evaluation:
    """The grade of a call that gave no result."""
    return _grade("failed", (), reason=reason)


def _reason(checks: Sequence[Check]) -> str:
    wrong = [check.detail for check in checks if not check.ok]
    return " ".join(wrong) if wrong else checks[-1].detail


def _grade(verdict: Verdict, checks: Sequence[Check], *, reason: str) -> Evaluation:
    return {
        "verdict": verdict,
        "reason": reason,
        "valid": verdict != "failed",
        "checks": [{"name": check.name, "ok": check.ok, "detail": check.detail} for check in checks],
    }
