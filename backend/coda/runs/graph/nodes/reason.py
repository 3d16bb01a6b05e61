"""reason: one model call; its text, reasoning and tool calls stream into the answer."""

from typing import Any
from uuid import UUID

from coda.runs.errors import CostLimitReached
from coda.runs.execution.execution import Execution
from coda.runs.graph.model_call import call_model
from coda.runs.graph.nodes.boundary import step_boundary
from coda.runs.graph.state import RunState
from coda.runs.repository import SteerRepository
from coda.runs.types import COST_LIMIT


async def reason(state: RunState, execution: Execution) -> dict[str, Any]:
    """Ask the model once, unless a lost attempt did; gives the ids of the tool calls that it wants."""
    turn = state["turn"] + 1
    with_tools = execution.facts.asked.may_call and (not state["capped"] or may_still_call(execution))
    formless = execution.is_formless(with_tools=with_tools)
    if turn in execution.transcript.turns:
        pending = execution.transcript.turns[turn]
        return _found(turn, pending, steered=not pending and not await _closes(execution), formless=formless)
    await step_boundary(execution)
    if not execution.can_pay():
        return _found(turn, _out_of_money(execution), steered=False)
    async with execution.node("reason") as node:
        pending, steered = await call_model(execution, node, turn=turn, with_tools=with_tools)
    return _found(turn, pending, steered=steered, formless=formless)


def may_still_call(execution: Execution) -> bool:
    """At a cap the call that a client has required is still made: once, whatever the model does with that."""
    limits = execution.progress.limits
    return execution.owes_client_call and limits.steps <= limits.settings.max_steps


def _out_of_money(execution: Execution) -> list[UUID]:
    """The cap of an answer's cost acts before the call that would pass it: what there is, is the answer."""
    limit = execution.progress.limits.settings.max_cost_usd
    if not execution.transcript.turns:
        raise CostLimitReached(limit)
    answer = execution.answer
    if not answer.has_notice(COST_LIMIT):
        message = "The next step would pass the limit of what one answer may cost."
        answer.notice(code=COST_LIMIT, message=message, details={"limit": limit})
    return []


def _found(turn: int, pending: list[UUID], *, steered: bool, formless: bool = False) -> dict[str, Any]:
    return {
        "turn": turn,
        "pending": [str(call_id) for call_id in pending],
        "steered": steered,
        "formless": formless and not pending,
    }


async def _closes(execution: Execution) -> bool:
    facts = execution.facts
    async with execution.transaction(locks_run=True) as db:
        return await SteerRepository(db, execution.scope).close(facts.run_id, facts.root_run_id)
