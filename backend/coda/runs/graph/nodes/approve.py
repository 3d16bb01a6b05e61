"""approve: a person decides on tool calls that need it; until then the run is interrupted."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from langgraph.runtime import Runtime
from langgraph.types import interrupt

from coda.runs.errors import ToolCallRejected
from coda.runs.execution.context import RunContext, StoredCall
from coda.runs.graph.state import RunState
from coda.runs.repository.runs import StepRepository
from coda.tools.types import ToolOutcome


async def approve(state: RunState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Interrupt while a decision is missing; then reject, change or let pass."""
    ctx = runtime.context
    calls = [call for call in map(ctx.calls.__getitem__, map(UUID, state["pending"])) if ctx.needs_approval(call)]
    async with ctx.node("approve") as node:
        undecided = [call for call in calls if call.id not in ctx.decisions]
        if undecided:
            interrupt([_question(call) for call in undecided])
        for call in calls:
            await _apply(ctx, call, ctx.decisions[call.id])
        await ctx.log.drained()  # what the tools will get is what watchers have seen
        node.finish()
    return {}


def _question(call: StoredCall) -> dict[str, Any]:
    message = f"Allow {call.name} to run?"
    return {"id": str(call.id), "reason": "approval", "message": message, "tool_call_id": str(call.id)}


async def _apply(ctx: RunContext, call: StoredCall, decision: Mapping[str, Any]) -> None:
    if decision["decision"] == "reject":
        await _reject(ctx, call, decision.get("reason"))
    elif decision.get("arguments") is not None:
        await _edit(ctx, call, orjson.dumps(decision["arguments"]).decode())


async def _reject(ctx: RunContext, call: StoredCall, reason: str | None) -> None:
    error = ToolCallRejected(call.name, reason).as_dict()
    async with ctx.journal.transaction() as db:
        await StepRepository(db, ctx.journal.scope).update_calls([call.id], status="failed", error=error, duration_ms=0)
    call.outcome = ToolOutcome(False, orjson.dumps({"error": error}).decode(), 0, error=error)
    ctx.caps.count_call(call.name, call.arguments)
    ctx.answer.tool_result(call.id, content=call.outcome.content, error=error, duration_ms=0)


async def _edit(ctx: RunContext, call: StoredCall, arguments: str) -> None:
    async with ctx.journal.transaction() as db:
        await StepRepository(db, ctx.journal.scope).update_calls([call.id], arguments=arguments)
    call.arguments = arguments
    ctx.rewrite_call(call)
    ctx.answer.edit_call(call.id, turn=call.turn, arguments=arguments)
