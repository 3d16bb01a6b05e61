"""act: make the pending tool calls side by side; a stored result is reused, never made again."""

import asyncio
from typing import Any
from uuid import UUID

from langgraph.runtime import Runtime

from coda.core.clock import now
from coda.core.kill_points import KillPoint, reached
from coda.observability.metrics import TOOL_CALLS, TOOL_SECONDS, tool_label
from coda.runs.execution.context import RunContext, StoredCall, tracer
from coda.runs.execution.steps import Step
from coda.runs.graph.nodes.boundary import step_boundary
from coda.runs.graph.state import RunState
from coda.runs.repository.runs import StepRepository
from coda.tools.types import ToolOutcome


async def act(state: RunState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Call the tools; their results join the answer and the prompt."""
    ctx = runtime.context
    await step_boundary(ctx)
    calls = [ctx.calls[UUID(call_id)] for call_id in state["pending"]]
    todo = [call for call in calls if call.outcome is None]
    async with ctx.node("act") as node:
        if todo:
            await _make(ctx, node, todo)
        for call in calls:
            ctx.add_result(call)
        node.finish()
    return {}


async def _make(ctx: RunContext, node: Step, todo: list[StoredCall]) -> None:
    steps = [ctx.steps.open("tool", call.name, parent=node, data={"tool_call_id": str(call.id)}) for call in todo]
    async with ctx.journal.transaction() as db:
        calls = StepRepository(db, ctx.journal.scope)
        await ctx.steps.flush(db, ctx.journal.scope)
        await calls.update_calls([call.id for call in todo], status="running", started_at=now())
    await asyncio.gather(*(_one(ctx, call, step) for call, step in zip(todo, steps, strict=True)))


async def _one(ctx: RunContext, call: StoredCall, step: Step) -> None:
    ctx.caps.count_call(call.name, call.arguments)
    attributes = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": call.name,
        "gen_ai.tool.call.id": str(call.id),
    }
    with tracer.start_as_current_span(f"execute_tool {call.name}", attributes=attributes) as span:
        reached(KillPoint.BEFORE_SIDE_EFFECT)
        outcome = await ctx.doors.invoke(ctx, call)
        reached(KillPoint.AFTER_SIDE_EFFECT)
        span.set_attribute("coda.tool.ok", outcome.ok)
    step.finish(status="done" if outcome.ok else "failed", duration_ms=outcome.duration_ms)
    TOOL_CALLS.labels(tool_label(call.name), "ok" if outcome.ok else "failed").inc()
    TOOL_SECONDS.labels(tool_label(call.name)).observe(outcome.duration_ms / 1000)
    await _store(ctx, call, outcome)
    call.outcome = outcome
    ctx.answer.tool_result(call.id, content=outcome.content, error=outcome.error, duration_ms=outcome.duration_ms)


async def _store(ctx: RunContext, call: StoredCall, outcome: ToolOutcome) -> None:
    async with ctx.journal.transaction() as db:
        await ctx.steps.flush(db, ctx.journal.scope)
        await StepRepository(db, ctx.journal.scope).update_calls(
            [call.id],
            status="done" if outcome.ok else "failed",
            result=outcome.content if outcome.ok else None,
            error=dict(outcome.error) if outcome.error else None,
            evaluation=dict(outcome.evaluation) or None,
            duration_ms=outcome.duration_ms,
        )
