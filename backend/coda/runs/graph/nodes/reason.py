"""reason: one model call; its text, reasoning and tool calls stream into the answer."""

from typing import Any
from uuid import UUID

from langgraph.runtime import Runtime

from coda.runs.execution.context import RunContext
from coda.runs.graph.model_call import call_model
from coda.runs.graph.nodes.boundary import step_boundary
from coda.runs.graph.state import RunState
from coda.runs.repository.steers import SteerRepository


async def reason(state: RunState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Ask the model once, unless a lost attempt did; gives the ids of the tool calls that it wants."""
    ctx = runtime.context
    turn = state["turn"] + 1
    if turn in ctx.settled:
        pending = ctx.settled[turn]
        return _found(ctx, turn, pending, steered=not pending and not await _closes(ctx))
    await step_boundary(ctx)
    async with ctx.node("reason") as node:
        pending, steered = await call_model(ctx, node, turn=turn, with_tools=not state["capped"])
    return _found(ctx, turn, pending, steered=steered)


def _found(ctx: RunContext, turn: int, pending: list[UUID], *, steered: bool) -> dict[str, Any]:
    return {
        "turn": turn,
        "pending": [str(call_id) for call_id in pending],
        "asks": any(ctx.needs_approval(ctx.calls[call_id]) for call_id in pending),
        "steered": steered,
    }


async def _closes(ctx: RunContext) -> bool:
    async with ctx.journal.transaction(locks_run=True) as db:
        return await SteerRepository(db, ctx.journal.scope).close(ctx.facts.run_id, ctx.facts.root_run_id)
