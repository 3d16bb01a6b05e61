"""act: make the pending tool calls side by side; a stored result is reused, never made again."""

import asyncio
from typing import Any
from uuid import UUID

from opentelemetry import trace

from coda.core.clock import now
from coda.core.kill_points import KillPoint, reached
from coda.core.tasks import sharing
from coda.observability.metrics import TOOL_CALLS, TOOL_SECONDS, tool_label
from coda.runs.execution.calls import StoredCall
from coda.runs.execution.execution import Execution
from coda.runs.execution.steps import Step
from coda.runs.graph.nodes.approve import without_consent
from coda.runs.graph.nodes.boundary import step_boundary
from coda.runs.graph.state import RunState
from coda.runs.repository import ToolCallRepository
from coda.tools.types import ToolOutcome

_tracer = trace.get_tracer("coda.runs")


async def act(state: RunState, execution: Execution) -> dict[str, Any]:
    """Call the tools, once people have allowed it; their results join the answer and the prompt.

    Those of the client are left to it, and go on from there.
    """
    await step_boundary(execution)
    calls = [execution.transcript.calls[UUID(call_id)] for call_id in state["pending"]]
    todo = [call for call in calls if call.outcome is None]
    if await without_consent(execution, todo):
        return {"asks": True}
    of_client = set(map(id, execution.tools.of_client(todo)))
    own = [call for call in todo if id(call) not in of_client]
    async with execution.node("act") as node:
        if own:
            await _make(execution, node, own)
        if not of_client:
            async for call in sharing(calls):
                execution.transcript.add_result(call)
        node.finish()
    return {"asks": bool(of_client)}


async def _make(execution: Execution, node: Step, todo: list[StoredCall]) -> None:
    steps = [
        execution.progress.steps.open("tool", call.name, parent=node, data={"tool_call_id": str(call.id)})
        for call in todo
    ]
    async with execution.transaction() as db:
        calls = ToolCallRepository(db, execution.scope)
        await execution.flush_steps(db)
        await calls.update([call.id for call in todo], status="running", started_at=now())
    places = asyncio.Semaphore(execution.progress.limits.settings.parallel_tool_calls)

    async def make(call: StoredCall, step: Step) -> None:
        async with places:
            await _one(execution, call, step)

    await asyncio.gather(*(make(call, step) for call, step in zip(todo, steps, strict=True)))


async def _one(execution: Execution, call: StoredCall, step: Step) -> None:
    execution.progress.limits.count_call(call.name, call.arguments)
    attributes = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": call.name,
        "gen_ai.tool.call.id": str(call.id),
    }
    with _tracer.start_as_current_span(f"execute_tool {call.name}", attributes=attributes) as span:
        reached(KillPoint.BEFORE_SIDE_EFFECT)
        outcome = await execution.invoke(call)
        reached(KillPoint.AFTER_SIDE_EFFECT)
        span.set_attribute("coda.tool.ok", outcome.ok)
    step.finish(status="done" if outcome.ok else "failed", duration_ms=outcome.duration_ms)
    TOOL_CALLS.labels(tool_label(call.name), "ok" if outcome.ok else "failed").inc()
    TOOL_SECONDS.labels(tool_label(call.name)).observe(outcome.duration_ms / 1000)
    await _store(execution, call, outcome)
    call.outcome = outcome
    execution.answer.tool_result(call.id, content=outcome.content, error=outcome.error, duration_ms=outcome.duration_ms)


async def _store(execution: Execution, call: StoredCall, outcome: ToolOutcome) -> None:
    async with execution.transaction() as db:
        await execution.flush_steps(db)
        await ToolCallRepository(db, execution.scope).update(
            [call.id],
            status="done" if outcome.ok else "failed",
            result=outcome.content,
            error=dict(outcome.error) if outcome.error else None,
            evaluation=dict(outcome.evaluation) or None,
            duration_ms=outcome.duration_ms,
        )
