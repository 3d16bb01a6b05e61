"""approve: a person decides on tool calls that need it, a client makes its own; until then the run is interrupted."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from langgraph.types import interrupt

from coda.core.clock import now_ms
from coda.runs.errors import ToolCallRejected
from coda.runs.execution.calls import StoredCall, client_outcome
from coda.runs.execution.execution import Execution
from coda.runs.execution.output.answer import iso_ms
from coda.runs.graph.state import RunState
from coda.runs.repository import ToolCallRepository
from coda.runs.types import APPROVAL, CLIENT_TOOL
from coda.tools.types import ToolOutcome


async def approve(state: RunState, execution: Execution) -> dict[str, Any]:
    """Interrupt while a decision or a result is missing; then reject, change or let pass."""
    decisions = execution.transcript.decisions
    pending = [execution.transcript.calls[UUID(call_id)] for call_id in state["pending"]]
    undecided = await without_consent(execution, pending)
    left = _left_to_client(execution, pending)
    async with execution.node("approve") as node:
        if undecided:
            expires_ms = now_ms() + round(execution.progress.limits.settings.approval_kept.total_seconds() * 1000)
            interrupt([_question(call, expires_at=iso_ms(expires_ms)) for call in undecided])
        if left:
            interrupt([_request(call) for call in left])
        for call in pending:
            if call.id in decisions and call.outcome is None:
                await _apply(execution, call, decisions[call.id])
        await execution.log.drained()  # what the tools will get is what watchers have seen
        node.finish()
    return {}


async def without_consent(execution: Execution, calls: Sequence[StoredCall]) -> list[StoredCall]:
    """The calls that a person has to decide on and has not, as it holds at this moment."""
    needing = await execution.tools.needing_consent(calls)
    return [call for call in needing if call.id not in execution.transcript.decisions]


def _left_to_client(execution: Execution, pending: Sequence[StoredCall]) -> list[StoredCall]:
    """The calls that only the client can make; its turn comes when all others are made."""
    open_calls = [call for call in pending if call.outcome is None and call.id not in execution.transcript.decisions]
    of_client = execution.tools.of_client(open_calls)
    return of_client if len(of_client) == sum(call.outcome is None for call in pending) else []


def _request(call: StoredCall) -> dict[str, Any]:
    message = f"{call.name} is run by the program that asked."
    return {"id": str(call.id), "reason": CLIENT_TOOL, "message": message, "tool_call_id": str(call.id)}


def _question(call: StoredCall, *, expires_at: str) -> dict[str, Any]:
    message = f"Allow {call.name} to run?"
    asked = {"id": str(call.id), "reason": APPROVAL, "message": message, "tool_call_id": str(call.id)}
    return asked | {"expires_at": expires_at}


async def _apply(execution: Execution, call: StoredCall, decision: Mapping[str, Any]) -> None:
    if decision["decision"] == "reject":
        await _reject(execution, call, decision.get("reason"))
    elif decision["decision"] == "result":
        await _take_result(execution, call, decision["content"])
    elif decision.get("arguments") is not None:
        await _edit(execution, call, orjson.dumps(decision["arguments"]).decode())


async def _reject(execution: Execution, call: StoredCall, reason: str | None) -> None:
    error = ToolCallRejected(call.name, reason).as_dict()
    content = orjson.dumps({"error": error}).decode()
    async with execution.transaction() as db:
        calls = ToolCallRepository(db, execution.scope)
        await calls.update([call.id], status="failed", result=content, error=error, duration_ms=0)
    call.outcome = ToolOutcome(False, content, 0, error=error)
    execution.progress.limits.count_call(call.name, call.arguments)
    execution.answer.tool_result(call.id, content=call.outcome.content, error=error, duration_ms=0)


async def _take_result(execution: Execution, call: StoredCall, content: str) -> None:
    call.outcome = client_outcome(content)
    async with execution.transaction() as db:
        calls = ToolCallRepository(db, execution.scope)
        await calls.update([call.id], status="done", result=call.outcome.content)
    execution.progress.limits.count_call(call.name, call.arguments)
    execution.answer.tool_result(call.id, content=call.outcome.content, error=None, duration_ms=None)


async def _edit(execution: Execution, call: StoredCall, arguments: str) -> None:
    async with execution.transaction() as db:
        await ToolCallRepository(db, execution.scope).update([call.id], arguments=arguments)
    execution.transcript.rewrite_call(call, arguments)
    execution.answer.edit_call(call.id, turn=call.turn, arguments=arguments)
