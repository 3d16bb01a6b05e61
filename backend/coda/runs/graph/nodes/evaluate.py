"""evaluate: tell how good each tool result is, read what people threw in, and see whether a cap is reached."""

from typing import Any
from uuid import UUID

from langgraph.runtime import Runtime

from coda.runs.execution.context import RunContext
from coda.runs.graph.state import RunState
from coda.runs.repository.steers import SteerRepository


async def evaluate(state: RunState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Grade the results; at a cap the model answers once more, without tools."""
    ctx = runtime.context
    async with ctx.node("evaluate") as node:
        for call_id in map(UUID, state["pending"]):
            outcome = ctx.calls[call_id].outcome
            if outcome is not None and outcome.evaluation:
                ctx.answer.tool_evaluation(call_id, outcome.evaluation)
        reached = ctx.caps.reached()
        if reached and not ctx.answer.has_notice(reached.code):
            ctx.answer.notice(code=reached.code, message=reached.message, details={"limit": reached.limit})
        node.finish()
        ctx.plan_turn()
        async with ctx.journal.transaction() as db:
            await ctx.steps.flush(db, ctx.journal.scope)
            steers = SteerRepository(db, ctx.journal.scope)
            steered = await steers.take(ctx.facts.root_run_id, by=ctx.facts.run_id, turn=state["turn"] + 1)
        ctx.take_steers(steered)
    return {"pending": [], "capped": state["capped"] or reached is not None}
