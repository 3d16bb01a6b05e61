"""One model call of a run: stream it into the answer, then write step, tool calls and ledger together."""

from contextlib import aclosing
from typing import Any
from uuid import UUID

from coda.core.kill_points import KillPoint, reached
from coda.llm.types import ChatDelta
from coda.runs.execution.calls import StoredCall
from coda.runs.execution.execution import Execution
from coda.runs.execution.facts import RunFacts
from coda.runs.execution.output.answer import Answer, OpenToolCall
from coda.runs.execution.progress.model_calls import CallInFlight
from coda.runs.execution.steps import Step
from coda.runs.repository import SteerRepository, ToolCallRepository


async def call_model(execution: Execution, node: Step, *, turn: int, with_tools: bool) -> tuple[list[UUID], bool]:
    """Stream one turn; gives the ids of the tool calls that it asks for, and whether a steer waits for the next turn.

    A turn without calls is the last one, unless a steer came in before it was stored.
    """
    step = execution.progress.model_step(node, execution.facts.model_id)
    if step.stored is None:  # without a stored step the call could not be booked if this process died
        async with execution.transaction() as db:
            await execution.flush_steps(db)
    answer = execution.answer
    answer.begin_turn(turn)
    flight = CallInFlight(step, execution.model.stream(execution.next_request(with_tools=with_tools)))
    execution.progress.begin_call(flight)
    await _stream(execution, flight, with_tools=with_tools)
    calls = [_stored(call, turn=turn) for call in answer.close_turn()]
    await execution.log.drained()  # a stored turn is one that watchers have seen whole
    text = "".join(part["text"] for part in answer.turn_parts() if part["type"] == "text")
    execution.transcript.add_words(text, calls)
    reached(KillPoint.BEFORE_SETTLE)
    is_last = await _store_turn(execution, flight, node, turn=turn, calls=calls)
    return [call.id for call in calls], not calls and not is_last


def _stored(call: OpenToolCall, *, turn: int) -> StoredCall:
    return StoredCall(call.id, call.provider_id, call.name, "".join(call.arguments) or "{}", turn)


async def _stream(execution: Execution, flight: CallInFlight, *, with_tools: bool) -> None:
    log, answer, timing = execution.log, execution.answer, execution.progress.timing
    async with aclosing(flight.call) as deltas:
        async for delta in deltas:
            has_content = _take(answer, delta, with_tools=with_tools)
            flight.finish = delta.finish or flight.finish
            if has_content and timing.ttft_ms is None:
                execution.first_token()
            await log.ready()
            reached(KillPoint.MID_STREAM)


def _take(answer: Answer, delta: ChatDelta, *, with_tools: bool) -> bool:
    """A model that was offered no tools may ask for some all the same: at a cap that would never end."""
    if delta.reasoning:
        answer.reasoning(delta.reasoning)
    if delta.text:
        answer.text(delta.text)
    piece = delta.tool_call if with_tools else None
    if piece is not None:
        answer.tool_call(piece.index, provider_id=piece.id, name=piece.name, arguments=piece.arguments)
    return bool(delta.text or delta.reasoning or piece)


async def _store_turn(
    execution: Execution, flight: CallInFlight, node: Step, *, turn: int, calls: list[StoredCall]
) -> bool:
    """Write the turn; True when it is the answer's last, which takes no steers any more."""
    facts, progress, metered = execution.facts, execution.progress, flight.call.metered()
    if metered is not None:
        flight.step.usage = metered.figures.as_dict()
    flight.step.data.update(turn=turn, parts=execution.answer.turn_parts(), finish=flight.finish)
    flight.step.finish()
    node.finish()
    async with execution.transaction(locks_run=not calls) as db:
        await execution.flush_steps(db)
        await ToolCallRepository(db, execution.scope).insert([_row(facts, call) for call in calls])
        if metered is not None:
            await execution.book(db, metered, step_id=flight.step.id)
        steers = SteerRepository(db, execution.scope)
        is_last = not calls and await steers.close(facts.run_id, facts.root_run_id)
    progress.count_turn(metered)
    execution.transcript.record_turn(turn, calls, flight.finish)
    execution.output.tell_usage(progress.usage)
    return is_last


def _row(facts: RunFacts, call: StoredCall) -> dict[str, Any]:
    return {
        "id": call.id,
        "run_id": facts.run_id,
        "root_run_id": facts.root_run_id,
        "message_id": facts.message_id,
        "turn": call.turn,
        "call_id": call.provider_id,
        "name": call.name,
        "arguments": call.arguments,
        "status": "pending",
    }
