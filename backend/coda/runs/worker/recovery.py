"""Going on from the store: with a run whose worker was lost, or with an answer whose last run was interrupted.

Of a lost attempt, what it left open is closed for its watchers and what it had begun is discarded.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from coda.conversations.wiring import messages as message_repository
from coda.llm.continuation import GO_ON
from coda.llm.errors import ModelNotFound
from coda.llm.types import ChatMessage, ChatUsage, MeteredUsage, ToolCallRequest
from coda.runs.execution.context import RunContext, StoredCall
from coda.runs.models import RunSteer, RunStep, ToolCall
from coda.runs.repository.runs import RunRepository, StepRepository
from coda.runs.repository.steers import SteerRepository
from coda.runs.stream import events
from coda.runs.worker.lost_calls import LostCall, book_lost_call, find_lost_call
from coda.runs.worker.seen import Seen, turn_id_of
from coda.tools.types import ToolOutcome


@dataclass(frozen=True, slots=True)
class Past:
    """What the database holds of an answer: all its runs together, and what this run's watchers have seen."""

    seen: Seen
    lost_call: LostCall | None
    turns: Sequence[RunStep]
    cut_turns: Sequence[RunStep]
    calls: Sequence[ToolCall]
    steers: Sequence[RunSteer]


async def take_over(ctx: RunContext, db: AsyncSession, *, to_close: bool = False) -> None:
    """Bring `ctx` to where the answer's last stored step ended, and tell the watchers.

    `to_close`: the run only has to end, so neither model nor prompt are needed.
    """
    scope, run_id = ctx.journal.scope, ctx.claim.run_id
    runs, steps = RunRepository(db, scope), StepRepository(db, scope)
    frames = await runs.list_frames(run_id)
    seen = Seen()
    for frame in frames:
        seen.read(frame)
    facts = await ctx.doors.load(ctx, db, first_seq=seen.last_seq + 1)
    past = Past(
        seen,
        find_lost_call(await steps.find_open_call(run_id), seen),
        await steps.list_turns(facts.root_run_id),
        await steps.list_cut_turns(facts.root_run_id),
        await steps.list_calls(facts.root_run_id),
        await SteerRepository(db, scope).list_taken(facts.root_run_id),
    )
    ctx.lost_ms = await runs.worked_ms(run_id)
    ctx.visits = await steps.visits(facts.root_run_id) | seen.visits
    ctx.decisions = await runs.decisions(facts.root_run_id)
    await _read_answer(ctx, db, seen)
    await steps.close_open(run_id, status="discarded")
    if not frames:
        ctx.doors.open_stream(ctx, facts)
        if not facts.continues:
            await _open_wait_step(ctx, runs)
    _close_lost(ctx, past)
    _restore_parts(ctx, past)
    await _restore_prompt(ctx, db, past, to_close=to_close)
    _restore(ctx, past)
    if past.lost_call is not None:
        await book_lost_call(ctx, db, past.lost_call)


async def _restore_prompt(ctx: RunContext, db: AsyncSession, past: Past, *, to_close: bool) -> None:
    """Whoever goes on needs it, and so does the account of a lost call. `ctx.model_` stays None where it is gone."""
    if to_close and past.lost_call is None:
        return
    with suppress(ModelNotFound):
        await ctx.doors.resolve(ctx)
    if ctx.model_ is None:
        return
    ctx.first_steers = [steer.content for steer in past.steers if steer.taken_turn == 1]
    if past.turns or past.lost_call is not None:
        await ctx.doors.assemble(ctx, db)


async def _read_answer(ctx: RunContext, db: AsyncSession, seen: Seen) -> None:
    """What earlier runs of the answer have left in its message."""
    message = await message_repository(db, ctx.journal.scope).find_any(ctx.facts.message_id)
    ctx.ttft_ms = seen.ttft_ms
    if message is not None:
        ctx.answer.parts.extend(message.content)
        ctx.earlier_ms = message.total_ms or 0
        ctx.ttft_ms = message.ttft_ms if seen.ttft_ms is None else seen.ttft_ms


async def _open_wait_step(ctx: RunContext, runs: RunRepository) -> None:
    """The time that the answer waited for a person."""
    parent = await runs.find_any(ctx.facts.parent_run_id) if ctx.facts.parent_run_id else None
    run = await runs.find_any(ctx.facts.run_id)
    if parent is None or run is None or parent.finished_at is None:
        return
    step = ctx.steps.open("wait", (parent.interrupts or [{"reason": "pause"}])[0]["reason"])
    step.started_at = parent.finished_at
    step.finish(duration_ms=round((run.created_at - parent.finished_at).total_seconds() * 1000))


def _close_lost(ctx: RunContext, past: Past) -> None:
    seen = past.seen
    for message_id in seen.open_texts:
        ctx.log.append(events.text_end(message_id))
    for message_id in seen.open_reasonings:
        for event in events.reasoning_end(message_id, at_ms=0):
            ctx.log.append({key: value for key, value in event.items() if key != "timestamp"})
    for call_id in seen.open_calls:
        ctx.log.append(events.tool_call_end(UUID(call_id)))
    settled = {f"{ctx.facts.message_id}.{step.data['turn']}" for step in past.turns}
    lost = [name for name in dict.fromkeys(seen.message_ids) if turn_id_of(name) not in settled]
    if lost:
        ctx.log.append(events.discard(lost))
    for step_name in reversed(seen.open_steps):
        ctx.log.append(events.step_finished(step_name))


def _restore_parts(ctx: RunContext, past: Past) -> None:
    """Behind what earlier runs left: what this run's turns made, and what was put between them."""
    asides = list(past.seen.asides)
    for step in past.turns:
        if step.run_id != ctx.claim.run_id:
            continue
        while asides and asides[0][0] < step.data["turn"]:
            ctx.answer.parts.append(asides.pop(0)[1])
        ctx.answer.parts.extend(step.data["parts"])
    ctx.answer.parts.extend(part for _, part in asides)
    own = [steer for steer in past.steers if steer.taken_by == ctx.claim.run_id]
    for steer in own[past.seen.steers :]:
        ctx.answer.steer(steer.content, steer.id)


def _restore(ctx: RunContext, past: Past) -> None:
    for step in past.cut_turns:
        ctx.caps.count_cost(_cost(step))
        _restore_usage(ctx, step)
    by_turn: dict[int, list[ToolCall]] = {}
    for call in past.calls:
        by_turn.setdefault(call.turn, []).append(call)
    last = 1
    for step in past.turns:
        turn = int(step.data["turn"])
        _restore_steers(ctx, past, range(last + 1, turn + 1))
        last = turn
        made = [_stored(call) for call in by_turn.get(turn, ())]
        ctx.settled[turn] = [call.id for call in made]
        ctx.finish = step.data.get("finish")
        if ctx.facts.continues and step.run_id != ctx.claim.run_id:
            ctx.turns_before = turn
        _restore_words(ctx, _turn_message(step, made))
        ctx.caps.count_turn(_cost(step))
        _restore_usage(ctx, step)
        for stored in made:
            _restore_call(ctx, stored, past.seen)
    _restore_steers(ctx, past, range(last + 1, last + 2))
    if ctx.facts.continues and ctx.turns_before == max(ctx.settled, default=0):
        _restore_steers(ctx, past, range(1))
        _ask_to_go_on(ctx)


def _restore_words(ctx: RunContext, said: ChatMessage) -> None:
    """What a turn said. Where it follows words that were cut, the model was asked to go on."""
    if said.content or said.tool_calls:
        _ask_to_go_on(ctx)
        ctx.prompt.append(said)


def _ask_to_go_on(ctx: RunContext) -> None:
    last = ctx.prompt[-1] if ctx.prompt else None
    if last is not None and last.role == "assistant" and not last.tool_calls:
        ctx.add_steer(GO_ON)


def _restore_steers(ctx: RunContext, past: Past, turns: range) -> None:
    """Steers that were read before these turns. Those before the first turn stand under the question already."""
    for steer in past.steers:
        if steer.taken_turn in turns:
            ctx.add_steer(steer.content)


def _restore_call(ctx: RunContext, call: StoredCall, seen: Seen) -> None:
    ctx.calls[call.id] = call
    part = ctx.answer.call_part(call.id)
    ctx.answer.set_arguments(part, call.arguments)
    if call.outcome is None:
        return
    ctx.add_result(call)
    ctx.caps.count_call(call.name, call.arguments)
    outcome = call.outcome
    if part["status"] not in ("done", "failed"):
        ctx.answer.tool_result(
            call.id,
            content=outcome.content,
            error=outcome.error,
            duration_ms=outcome.duration_ms,
            is_known=str(call.id) in seen.results,
        )
    if outcome.evaluation and "evaluation" not in part:
        ctx.answer.tool_evaluation(call.id, outcome.evaluation)


def _stored(row: ToolCall) -> StoredCall:
    call = StoredCall(row.id, row.call_id, row.name, row.arguments, row.turn, is_begun=row.status == "running")
    if row.status in ("done", "failed"):
        is_ok = row.status == "done"
        content = row.result if is_ok and row.result is not None else orjson.dumps({"error": row.error}).decode()
        call.outcome = ToolOutcome(
            is_ok, content, row.duration_ms or 0, error=row.error, evaluation=row.evaluation or {}
        )
    return call


def _turn_message(step: RunStep, calls: list[StoredCall]) -> ChatMessage:
    text = "".join(part["text"] for part in step.data["parts"] if part["type"] == "text")
    requests = tuple(ToolCallRequest(call.provider_id, call.name, call.arguments) for call in calls)
    return ChatMessage(role="assistant", content=text, tool_calls=requests)


def _cost(step: RunStep) -> Decimal | None:
    cost = (step.usage or {}).get("cost_usd")
    return Decimal(cost) if cost is not None else None


def _restore_usage(ctx: RunContext, step: RunStep) -> None:
    if step.usage is None:
        return
    tokens = {key: value for key, value in step.usage.items() if key.endswith("_tokens")}
    confidence: Any = step.usage["confidence"]
    ctx.usage.add(MeteredUsage(ChatUsage(**tokens), _cost(step), confidence, "", step.name, "", None))
