"""synthesize: the answer is whole; its last words."""

from typing import Any

from langgraph.runtime import Runtime

from coda.runs.execution.context import RunContext
from coda.runs.graph.nodes.boundary import step_boundary
from coda.runs.graph.state import RunState
from coda.runs.types import LENGTH_LIMIT


async def synthesize(state: RunState, runtime: Runtime[RunContext]) -> dict[str, Any]:  # noqa: ARG001 - a node's form
    """An answer without a word says so, and so does one that is cut."""
    ctx = runtime.context
    await step_boundary(ctx, is_last=True)
    async with ctx.node("synthesize") as node:
        has_text = any(part["type"] == "text" for part in ctx.answer.parts)
        if not has_text and not ctx.answer.has_notice("runs.empty_answer"):
            ctx.answer.notice(
                code="runs.empty_answer",
                message="The model ended without an answer. Ask again, or choose another model.",
                details={},
            )
        if ctx.finish == "length" and (not ctx.answer.parts or ctx.answer.parts[-1].get("code") != LENGTH_LIMIT):
            ctx.answer.notice(
                code=LENGTH_LIMIT, message="The model reached the limit of one answer's length.", details={}
            )
        node.finish()
    return {}
