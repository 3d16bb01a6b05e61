"""One model call of a run: stream it into the answer, then write step, tool calls and ledger together."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from coda.core.kill_points import KillPoint, reached
from coda.core.object_text import object_text
from coda.core.tasks import sharing
from coda.llm.dialects.refusals import IMAGES, TELLING
from coda.llm.errors import ContextWindowExceeded, ImagesRefused
from coda.llm.types import ChatDelta
from coda.runs.errors import TooManyToolCalls
from coda.runs.execution.calls import StoredCall
from coda.runs.execution.execution import Execution
from coda.runs.execution.facts import RunFacts
from coda.runs.execution.output.answer import Answer, OpenToolCall, joined_text
from coda.runs.execution.output.bounded import BoundedAnswer
from coda.runs.execution.progress.model_calls import CallInFlight
from coda.runs.execution.returned import ReturnedPayload
from coda.runs.execution.steps import Step
from coda.runs.repository import SteerRepository, StepPayloadRepository, ToolCallRepository
from coda.runs.types import LEFT_OUT, PROMPT_SHORTENED
from coda.tools.errors import shown
from coda.tools.invocation import refused


@dataclass(frozen=True, slots=True)
class TurnEnd:
    """What a turn has come to, about to be stored."""

    turn: int
    calls: Sequence[StoredCall]
    returned: ReturnedPayload | None


async def call_model(execution: Execution, node: Step, *, turn: int, with_tools: bool) -> tuple[list[UUID], bool]:
    """Stream one turn; gives the ids of the tool calls that it asks for, and whether a steer waits for the next turn.

    A turn without calls is the last one, unless a steer came in before it was stored.
    """
    step = execution.progress.model_step(node, execution.facts.model_id)
    if step.stored is None:  # without a stored step the call could not be booked if this process died
        async with execution.transaction() as db:
            await execution.flush_steps(db)
    execution.answer.begin_turn(turn)
    flight = await _ask(execution, step, with_tools=with_tools)
    calls, returned = _close_turn(execution, flight, turn=turn)
    await _refuse_excess(execution, calls)
    await execution.log.drained()  # a stored turn is one that watchers have seen whole
    parts = execution.answer.turn_parts()
    reasoning = returned.reasoning(joined_text(parts, "reasoning")) if returned is not None else None
    execution.transcript.add_words(joined_text(parts, "text"), calls, reasoning=reasoning)
    reached(KillPoint.BEFORE_SETTLE)
    is_last = await _store_turn(execution, flight, node, TurnEnd(turn, calls, returned))
    reached(KillPoint.AFTER_SETTLE)
    _tell_what_changed(execution.answer, flight)
    return [call.id for call in calls], not calls and not is_last


async def _ask(execution: Execution, step: Step, *, with_tools: bool) -> CallInFlight:
    """Ask the model; once more with a shorter prompt, or without earlier pictures, where it cannot take all of it."""
    first = await _begin(execution, step, with_tools=with_tools)
    try:
        await _stream(execution, first, with_tools=with_tools)
    except ContextWindowExceeded as error:
        if first.has_begun or not execution.transcript.shorten(error.window):
            raise
        second = await _begin(execution, step, with_tools=with_tools)
        second.is_shortened = True
    except ImagesRefused:
        if first.has_begun or not execution.transcript.hide_pictures():
            raise
        second = await _begin(execution, step, with_tools=with_tools)
        second.left_out = (IMAGES,)
    else:
        return first
    await _stream(execution, second, with_tools=with_tools)
    return second


async def _begin(execution: Execution, step: Step, *, with_tools: bool) -> CallInFlight:
    request = execution.next_request(with_tools=with_tools)
    await asyncio.sleep(0)  # thousands of results take a while to be put together, and as long to be encoded
    flight = CallInFlight(step, execution.model.stream(request))
    execution.progress.begin_call(flight)
    return flight


def _tell_what_changed(answer: Answer, flight: CallInFlight) -> None:
    """What was not sent as it was meant: the person who meant it should know."""
    if flight.left_out:
        unsupported = ", ".join(TELLING[name] for name in flight.left_out)
        message = (
            f"This model does not take {unsupported}. The answer was written without, and so will the next ones be."
        )
        answer.notice(code=LEFT_OUT, message=message, details={"left_out": list(flight.left_out)})
    if flight.is_shortened:
        message = "The conversation was longer than this model reads at once: its beginning was left out."
        answer.notice(code=PROMPT_SHORTENED, message=message, details={})


def _close_turn(
    execution: Execution, flight: CallInFlight, *, turn: int
) -> tuple[list[StoredCall], ReturnedPayload | None]:
    open_calls = execution.answer.close_turn()
    returned = None
    if flight.payload is not None:
        returned = ReturnedPayload.of_turn(flight.payload, open_calls, execution.model.info)
    return [_stored(call, returned, turn=turn) for call in open_calls], returned


def _stored(call: OpenToolCall, returned: ReturnedPayload | None, *, turn: int) -> StoredCall:
    opaque = returned.of_call(call.id) if returned is not None else None
    arguments = object_text("".join(call.arguments) or "{}")
    return StoredCall(call.id, call.provider_id, call.name, arguments, turn, opaque)


async def _refuse_excess(execution: Execution, calls: Sequence[StoredCall]) -> None:
    """Calls beyond what the answer may make are answered before any is made; not one that a client has required."""
    limits = execution.progress.limits
    if execution.owes_client_call and execution.tools.of_client(calls):
        return
    async for call in sharing(calls[limits.calls_left :]):
        outcome = refused(TooManyToolCalls(shown(call.name), limits.settings.max_tool_calls))
        call.outcome = outcome
        execution.answer.tool_result(call.id, content=outcome.content, error=outcome.error, duration_ms=0)


async def _stream(execution: Execution, flight: CallInFlight, *, with_tools: bool) -> None:
    log, timing = execution.log, execution.progress.timing
    answer = BoundedAnswer(execution.answer, execution.progress.limits.settings)
    async with aclosing(flight.call) as deltas:
        async for delta in deltas:
            if _take(answer, delta, with_tools=with_tools):
                flight.has_begun = True
                if timing.ttft_ms is None:
                    execution.first_token()
            if delta.finish or delta.payload or delta.left_out:
                flight.learn(delta)
            if not log.has_room:
                await log.ready()
            reached(KillPoint.MID_STREAM)


def _take(answer: BoundedAnswer, delta: ChatDelta, *, with_tools: bool) -> bool:
    """A model that was offered no tools may ask for some all the same: at a cap that would never end."""
    if delta.retracts_text:
        answer.retract_text()
    if delta.reasoning:
        answer.reasoning(delta.reasoning)
    if delta.text:
        answer.text(delta.text)
    piece = delta.tool_call if with_tools else None
    if piece is not None:
        answer.tool_call(piece.index, provider_id=piece.id, name=piece.name, arguments=piece.arguments)
    return bool(delta.text or delta.reasoning or piece)


async def _store_turn(execution: Execution, flight: CallInFlight, node: Step, end: TurnEnd) -> bool:
    """Write the turn; True when it is the answer's last, which takes no steers any more."""
    turn, calls = end.turn, end.calls
    facts, progress, metered = execution.facts, execution.progress, flight.call.metered()
    if metered is not None:
        flight.step.usage = metered.figures.as_dict()
    flight.step.data.update(turn=turn, parts=execution.answer.turn_parts(), finish=flight.finish)
    flight.step.finish()
    node.finish()
    async with execution.transaction(locks_run=not calls) as db:
        await execution.flush_steps(db)
        await ToolCallRepository(db, execution.scope).insert([_row(facts, call) for call in calls])
        if end.returned is not None:
            payloads = StepPayloadRepository(db, execution.scope)
            await payloads.insert(flight.step.id, facts.root_run_id, end.returned.as_values())
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
        "status": "pending" if call.outcome is None else "failed",
        "result": None if call.outcome is None else call.outcome.content,
        "error": None if call.outcome is None else call.outcome.error,
    }
