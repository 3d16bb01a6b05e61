"""Recovery from the database: of a run whose worker was lost, or of an answer whose last run was interrupted.

Of a lost attempt, what it left open is closed for its watchers and what it had begun is discarded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import orjson
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from coda.conversations.wiring import messages as message_repository
from coda.core.scope import Scope
from coda.llm.errors import ModelError, ModelNotFound
from coda.llm.types import MeteredUsage
from coda.runs.execution.calls import StoredCall
from coda.runs.execution.claimed import ClaimedRun, ResumePoint
from coda.runs.execution.execution import Execution
from coda.runs.execution.facts import RunFacts
from coda.runs.execution.model import NoModel, RunModel
from coda.runs.execution.output.answer import joined_text
from coda.runs.execution.returned import ReturnedPayload
from coda.runs.execution.services import Available
from coda.runs.models import RunSteer, RunStep, ToolCall
from coda.runs.repository import (
    EventRepository,
    PromptRepository,
    RunRepository,
    SteerRepository,
    StepPayloadRepository,
    StepRepository,
    ToolCallRepository,
)
from coda.runs.stream import events
from coda.runs.worker.lost_calls import LostCall, book_lost_call, find_lost_call
from coda.runs.worker.replay import ReplayedStream, turn_id_of
from coda.tools.selection import ToolSelection
from coda.tools.types import ToolOutcome
from coda.usage.types import UsageFigures

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What the database holds of an answer: all its runs together, and what this run's watchers have seen."""

    replayed: ReplayedStream
    lost_call: LostCall | None
    turns: Sequence[RunStep]
    cut_turns: Sequence[RunStep]
    calls: Sequence[ToolCall]
    steers: Sequence[RunSteer]
    returned: Mapping[UUID, ReturnedPayload]
    tools: ToolSelection | None

    @property
    def first_steers(self) -> list[str]:
        """Steers that were read before the first turn."""
        return [steer.content for steer in self.steers if steer.taken_turn == 1]

    def names_allowed(self, decisions: Mapping[UUID, Mapping[str, Any]]) -> set[str]:
        """The tools that a person has allowed for good while this answer was written."""
        return {call.name for call in self.calls if decisions.get(call.id, {}).get("remember")}

    def calls_of(self, step: RunStep) -> list[ToolCall]:
        """The tool calls of a turn, in the order in which the model has asked for them."""
        places = {part["id"]: place for place, part in enumerate(step.data["parts"]) if part["type"] == "tool_call"}
        calls = (call for call in self.calls if call.turn == step.data["turn"])
        return sorted(calls, key=lambda call: places[str(call.id)])


async def recover(run: ClaimedRun, db: AsyncSession, available: Available, *, to_close: bool = False) -> Execution:
    """The execution where the answer's last stored step ended; the watchers are told.

    `to_close`: the run only has to end, so neither model nor prompt are needed.
    """
    scope = run.transactions.scope
    frames = await EventRepository(db, scope).list_frames(run.claim.run_id)
    replayed = ReplayedStream()
    for frame in frames:
        replayed.read(frame)
    facts = await run.load(db)
    stored = await _read_stored(db, scope, facts, replayed)
    offered = available.tools.select(facts.session_id, facts.tool_policies)
    point = await _resume_point(db, scope, facts, stored)
    tools = offered if stored.tools is None else stored.tools
    point = replace(point, tools=tools.allowing(stored.names_allowed(point.decisions)))
    # Even where the run only has to end, a lost call is metered by its model.
    needs_model = not to_close or stored.lost_call is not None
    execution = run.execute(facts, _open_model(run, facts, available, needs_model=needs_model), point=point)
    await StepRepository(db, scope).close_open(facts.run_id, status="discarded")
    if not frames:
        run.tell_start(execution)
        if not facts.continues:
            await _add_wait_step(execution, RunRepository(db, scope))
    _close_lost_stream(execution, stored)
    _restore_parts(execution, stored)
    if not isinstance(execution.model, NoModel) and (stored.turns or stored.lost_call is not None):
        await _begin_transcript(execution, db)
    _restore_turns(execution, stored)
    if stored.lost_call is not None:
        await book_lost_call(execution, db, stored.lost_call)
    return execution


async def _begin_transcript(execution: Execution, db: AsyncSession) -> None:
    """The prompt as it was planned. Where something that it refers to is gone, the context is told again."""
    context = await execution.begin_transcript(db)
    if not context.is_as_planned:
        log.warning("run.prompt_changed", run_id=str(execution.facts.run_id))
        execution.output.tell_context(context.record)
        await StepRepository(db, execution.scope).rewrite_context(execution.facts.root_run_id, context.record)


async def _read_stored(db: AsyncSession, scope: Scope, facts: RunFacts, replayed: ReplayedStream) -> StoredAnswer:
    steps = StepRepository(db, scope)
    payloads = await StepPayloadRepository(db, scope).list_of(facts.root_run_id)
    return StoredAnswer(
        replayed,
        find_lost_call(await steps.find_open_call(facts.run_id), replayed),
        await steps.list_turns(facts.root_run_id),
        await steps.list_cut_turns(facts.root_run_id),
        await ToolCallRepository(db, scope).list_of(facts.root_run_id),
        await SteerRepository(db, scope).list_taken(facts.root_run_id),
        {row.step_id: ReturnedPayload.of_row(row) for row in payloads},
        await PromptRepository(db, scope).find_tools(facts.root_run_id),
    )


async def _resume_point(db: AsyncSession, scope: Scope, facts: RunFacts, stored: StoredAnswer) -> ResumePoint:
    replayed, message = stored.replayed, await message_repository(db, scope).find_any(facts.message_id)
    ttft_ms = message.ttft_ms if replayed.ttft_ms is None and message is not None else replayed.ttft_ms
    return ResumePoint(
        last_seq=replayed.last_seq,
        parts=message.content if message is not None else (),
        visits=await StepRepository(db, scope).visits(facts.root_run_id) | replayed.visits,
        decisions=await RunRepository(db, scope).decisions(facts.root_run_id),
        first_steers=stored.first_steers,
        ttft_ms=ttft_ms,
        earlier_ms=(message.total_ms or 0) if message is not None else 0,
        lost_ms=await EventRepository(db, scope).worked_ms(facts.run_id),
    )


def _open_model(run: ClaimedRun, facts: RunFacts, available: Available, *, needs_model: bool) -> RunModel:
    if not needs_model:
        return NoModel(ModelNotFound(facts.model_id))
    try:
        return run.services.open_model(available.models, facts.model_id)
    except ModelError as error:
        return NoModel(error)


async def _add_wait_step(execution: Execution, runs: RunRepository) -> None:
    """The time that the answer waited for a person."""
    facts = execution.facts
    parent = await runs.find_any(facts.parent_run_id) if facts.parent_run_id else None
    run = await runs.find_any(facts.run_id)
    if parent is None or run is None or parent.finished_at is None:
        return
    step = execution.progress.steps.open("wait", (parent.interrupts or [{"reason": "pause"}])[0]["reason"])
    step.started_at = parent.finished_at
    step.finish(duration_ms=round((run.created_at - parent.finished_at).total_seconds() * 1000))


def _close_lost_stream(execution: Execution, stored: StoredAnswer) -> None:
    replayed, log = stored.replayed, execution.log
    for message_id in replayed.open_texts:
        log.append(events.text_end(message_id))
    for message_id in replayed.open_reasonings:
        for event in events.reasoning_end(message_id, at_ms=0):
            log.append({key: value for key, value in event.items() if key != "timestamp"})
    for call_id in replayed.open_calls:
        log.append(events.tool_call_end(UUID(call_id)))
    stored_turns = {f"{execution.facts.message_id}.{step.data['turn']}" for step in stored.turns}
    lost = [name for name in dict.fromkeys(replayed.message_ids) if turn_id_of(name) not in stored_turns]
    if lost:
        log.append(events.discard(lost))
    for step_name in reversed(replayed.open_steps):
        log.append(events.step_finished(step_name))


def _restore_parts(execution: Execution, stored: StoredAnswer) -> None:
    """Behind what earlier runs left: what this run's turns made, and what was put between them."""
    answer, run_id = execution.answer, execution.claim.run_id
    interjections = list(stored.replayed.interjections)
    for step in stored.turns:
        if step.run_id != run_id:
            continue
        while interjections and interjections[0][0] < step.data["turn"]:
            answer.restore([interjections.pop(0)[1]])
        answer.restore(step.data["parts"])
    answer.restore([part for _, part in interjections])
    own = [steer for steer in stored.steers if steer.taken_by == run_id]
    for steer in own[stored.replayed.steers :]:
        answer.steer(steer.content, steer.id, is_read=steer.is_read)


def _restore_turns(execution: Execution, stored: StoredAnswer) -> None:
    facts, transcript, progress = execution.facts, execution.transcript, execution.progress
    for step in stored.cut_turns:
        if (metered := _metered(step)) is not None:
            progress.count_lost_call(metered)
    last = 1
    for step in stored.turns:
        turn = int(step.data["turn"])
        _restore_steers(execution, stored, range(last + 1, turn + 1))
        last = turn
        returned, parts = stored.returned.get(step.id), step.data["parts"]
        calls = [_stored(call, returned) for call in stored.calls_of(step)]
        reasoning = returned.reasoning(joined_text(parts, "reasoning")) if returned is not None else None
        is_earlier = facts.continues and step.run_id != facts.run_id
        transcript.record_turn(turn, calls, step.data.get("finish"), is_earlier=is_earlier)
        transcript.restore_words(joined_text(parts, "text"), calls, reasoning=reasoning)
        progress.count_turn(_metered(step))
        for call in calls:
            _restore_call(execution, call, stored.replayed)
    _restore_steers(execution, stored, range(last + 1, last + 2))
    if facts.continues and transcript.earlier_turns == max(transcript.turns, default=0):
        transcript.ask_to_continue()


def _restore_steers(execution: Execution, stored: StoredAnswer, turns: range) -> None:
    """Steers that were read before these turns. Those before the first turn follow the question already."""
    for steer in stored.steers:
        if steer.taken_turn in turns:
            execution.transcript.add_steer(steer.content)


def _restore_call(execution: Execution, call: StoredCall, replayed: ReplayedStream) -> None:
    answer = execution.answer
    part = answer.call_part(call.id)
    answer.set_arguments(part, call.arguments)
    if call.outcome is None:
        return
    execution.transcript.add_result(call)
    execution.progress.limits.count_call(call.name, call.arguments)
    outcome = call.outcome
    if part["status"] not in ("done", "failed"):
        answer.tool_result(
            call.id,
            content=outcome.content,
            error=outcome.error,
            duration_ms=outcome.duration_ms,
            is_known=str(call.id) in replayed.results,
        )
    if outcome.evaluation and "evaluation" not in part:
        answer.tool_evaluation(call.id, outcome.evaluation)


def _stored(row: ToolCall, returned: ReturnedPayload | None) -> StoredCall:
    opaque = returned.of_call(row.id) if returned is not None else None
    is_begun = row.status == "running"
    call = StoredCall(row.id, row.call_id, row.name, row.arguments, row.turn, opaque, is_begun=is_begun)
    if row.status in ("done", "failed"):
        is_ok = row.status == "done"
        content = row.result if row.result is not None else orjson.dumps({"error": row.error}).decode()
        call.outcome = ToolOutcome(
            is_ok, content, row.duration_ms or 0, error=row.error, evaluation=row.evaluation or {}
        )
    return call


def _metered(step: RunStep) -> MeteredUsage | None:
    """A finished or cut model call as it was booked."""
    if step.usage is None:
        return None
    return MeteredUsage.of(UsageFigures.from_dict(step.usage), provider="", model=step.name)
