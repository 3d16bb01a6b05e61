"""One model call of a run: stream it into the answer, then write step, tool calls and ledger together."""

from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from coda.core.kill_points import KillPoint, reached
from coda.llm.types import ChatDelta, ChatMessage, MeteredUsage, ToolCallRequest
from coda.llm.wrappers.metering import ModelCall
from coda.runs.execution.answer import Answer, OpenToolCall
from coda.runs.execution.context import RunContext, StoredCall, usage_of
from coda.runs.execution.steps import Step
from coda.runs.repository.runs import StepRepository
from coda.runs.repository.steers import SteerRepository
from coda.runs.stream import events


@dataclass(slots=True)
class CallInFlight:
    """A model call under way; when it is cut, what came until then is still booked."""

    step: Step
    call: ModelCall
    metered: MeteredUsage | None = None


async def call_model(ctx: RunContext, node: Step, *, turn: int, with_tools: bool) -> tuple[list[UUID], bool]:
    """Stream one turn; gives the ids of the tool calls that it asks for, and whether a steer waits for the next turn.

    A turn without calls is the last one, unless somebody threw something in before it was settled.
    """
    step, ctx.finish = ctx.model_step(node), None
    if step.stored is None:  # a call that nobody knows of could not be booked if this process died
        async with ctx.journal.transaction() as db:
            await ctx.steps.flush(db, ctx.journal.scope)
    ctx.answer.begin_turn(turn)
    ctx.in_flight = flight = CallInFlight(step, ctx.model.stream(ctx.request(with_tools=with_tools)))
    await _stream(ctx, flight, with_tools=with_tools)
    calls = ctx.answer.close_turn()
    await ctx.log.drained()  # a settled turn is one that watchers have seen whole
    stored = [StoredCall(call.id, call.provider_id, call.name, _written(call), turn) for call in calls]
    _extend_prompt(ctx, stored)
    reached(KillPoint.BEFORE_SETTLE)
    is_last = await _settle(ctx, flight, node, turn=turn, calls=stored)
    return [call.id for call in stored], not stored and not is_last


def _written(call: OpenToolCall) -> str:
    return "".join(call.arguments) or "{}"


async def _stream(ctx: RunContext, flight: CallInFlight, *, with_tools: bool) -> None:
    log, answer = ctx.log, ctx.answer
    async with aclosing(flight.call) as deltas:
        async for delta in deltas:
            has_content = _take(answer, delta, with_tools=with_tools)
            ctx.finish = delta.finish or ctx.finish
            if has_content and ctx.ttft_ms is None:
                ctx.first_delta()
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


def _extend_prompt(ctx: RunContext, calls: list[StoredCall]) -> None:
    text = "".join(part["text"] for part in ctx.answer.turn_parts() if part["type"] == "text")
    requests = tuple(ToolCallRequest(call.provider_id, call.name, call.arguments) for call in calls)
    ctx.prompt.append(ChatMessage(role="assistant", content=text, tool_calls=requests))


async def _settle(ctx: RunContext, flight: CallInFlight, node: Step, *, turn: int, calls: list[StoredCall]) -> bool:
    """Write the turn; True when it is the answer's last, which takes no steers any more."""
    metered = flight.call.metered()
    if metered is not None:
        flight.step.usage = usage_of(metered)
    flight.step.data.update(turn=turn, parts=ctx.answer.turn_parts(), finish=ctx.finish)
    flight.step.finish()
    node.finish()
    async with ctx.journal.transaction(locks_run=not calls) as db:
        await ctx.steps.flush(db, ctx.journal.scope)
        await StepRepository(db, ctx.journal.scope).insert_calls([_row(ctx, call, turn=turn) for call in calls])
        if metered is not None:
            await ctx.doors.book(ctx, db, metered, flight.step.id)
        steers = SteerRepository(db, ctx.journal.scope)
        is_last = not calls and await steers.close(ctx.facts.run_id, ctx.facts.root_run_id)
    ctx.in_flight = None  # until here the run's end would count and book the call
    if metered is not None:
        ctx.usage.add(metered)
    ctx.caps.count_turn(metered.cost_usd if metered else None)
    for call in calls:
        ctx.calls[call.id] = call
    ctx.log.append(events.custom("coda.usage", ctx.usage.as_dict()))
    return is_last


def _row(ctx: RunContext, call: StoredCall, *, turn: int) -> dict[str, Any]:
    facts = ctx.facts
    return {
        "id": call.id,
        "run_id": facts.run_id,
        "root_run_id": facts.root_run_id,
        "message_id": facts.message_id,
        "turn": turn,
        "call_id": call.provider_id,
        "name": call.name,
        "arguments": call.arguments,
        "status": "pending",
    }
