"""evaluate: tell how good each tool result is, read steers, and see whether a cap is reached."""

from typing import Any
from uuid import UUID

from coda.core.tasks import sharing
from coda.runs.execution.execution import Execution
from coda.runs.graph.state import RunState
from coda.runs.repository import SteerRepository


async def evaluate(state: RunState, execution: Execution) -> dict[str, Any]:
    """Grade the results; at a cap the model answers once more, without tools."""
    answer, facts = execution.answer, execution.facts
    async with execution.node("evaluate") as node:
        async for call_id in sharing(map(UUID, state["pending"])):
            outcome = execution.transcript.calls[call_id].outcome
            if outcome is not None and outcome.evaluation:
                answer.tool_evaluation(call_id, outcome.evaluation)
        reached = execution.progress.limits.reached()
        if reached and not answer.has_notice(reached.code):
            answer.notice(code=reached.code, message=reached.message, details={"limit": reached.limit})
        node.finish()
        execution.plan_turn()
        async with execution.transaction() as db:
            await execution.flush_steps(db)
            steers = SteerRepository(db, execution.scope)
            taken = await steers.take(facts.root_run_id, by=facts.run_id, turn=state["turn"] + 1)
        execution.read_steers(taken)
    return {"pending": [], "capped": state["capped"] or reached is not None}
