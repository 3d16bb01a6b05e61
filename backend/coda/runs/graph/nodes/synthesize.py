"""synthesize: the answer is whole; its last words."""

from typing import Any

from coda.runs.execution.execution import Execution
from coda.runs.graph.nodes.boundary import step_boundary
from coda.runs.graph.state import RunState
from coda.runs.types import LENGTH_LIMIT


async def synthesize(state: RunState, execution: Execution) -> dict[str, Any]:  # noqa: ARG001 - a node's form
    """An answer without a word says so, and so does one that is cut."""
    await step_boundary(execution, is_last=True)
    answer = execution.answer
    async with execution.node("synthesize") as node:
        has_text = any(part["type"] == "text" for part in answer.parts)
        if not has_text and not answer.has_notice("runs.empty_answer"):
            answer.notice(
                code="runs.empty_answer",
                message="The model ended without an answer. Ask again, or choose another model.",
                details={},
            )
        if execution.transcript.finish == "length" and (
            not answer.parts or answer.parts[-1].get("code") != LENGTH_LIMIT
        ):
            answer.notice(code=LENGTH_LIMIT, message="The model reached the limit of one answer's length.", details={})
        node.finish()
    return {}
