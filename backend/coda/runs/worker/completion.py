"""The end of a run: closes its stream, then writes everything in one fenced transaction, then publishes."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from coda.conversations.parts import size_of
from coda.conversations.titles import title_from
from coda.conversations.types import AnswerEnd
from coda.conversations.wiring import branches, turns
from coda.conversations.wiring import sessions as session_repository
from coda.core.db import DATABASE_ERRORS
from coda.core.jobs import JobQueue
from coda.core.kill_points import KillPoint, reached
from coda.observability.metrics import RUN_SECONDS, RUNS
from coda.runs.errors import FencedOut
from coda.runs.execution.context import RunContext, usage_of
from coda.runs.execution.outcome import RunOutcome
from coda.runs.queue.run_queue import RunQueue
from coda.runs.queue.waiting import WaitingRuns
from coda.runs.repository.runs import RunRepository, StepRepository
from coda.runs.repository.steers import SteerRepository, TakenSteer
from coda.runs.stream import events
from coda.runs.types import ABANDONED, TERMINAL_STATUSES, TITLE_JOB, RunEnd
from coda.usage.wiring import reservations

log = structlog.get_logger(__name__)

T = TypeVar("T")

_RETRY_SECONDS = (0.1, 0.5, 1, 2, 4)

_FOLLOW: Mapping[str, str | None] = {"complete": "queued", "waiting": None}
"""The state of a run that waited for an answer, once that has ended so; else a person decides."""

Frames = Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What a run's end leaves: a command that came in while it was interrupted, runs that waited for its answer, and
    whether any run waits for a worker.

    With a command the run keeps its place in the queue: should this worker die now, the next one obeys.
    """

    has_late_command: bool = False
    followers: Sequence[UUID] = ()
    is_line_waiting: bool = True


async def close_run(ctx: RunContext, outcome: RunOutcome) -> Aftermath:
    """End a run for its watchers and in the database; raises FencedOut when it is not ours any more."""
    unread = await persistently(ctx, lambda: _unread_steers(ctx)) if outcome.is_early else []
    ctx.final_timing = ctx.timing()
    _close_stream(ctx, outcome, unread)
    frames = await ctx.log.seal()
    aftermath = await _store_surely(ctx, outcome, frames)
    ctx.log.publish_stored(frames)
    ctx.log.log.close()
    RUNS.labels(outcome.run_status).inc()
    RUN_SECONDS.observe(ctx.elapsed_ms() / 1000)
    return aftermath


async def hand_over(ctx: RunContext) -> None:
    """Give the run back to the queue as its last step left it; raises FencedOut."""
    scope = ctx.journal.scope
    async with ctx.journal.transaction() as db:
        for step in ctx.planned or ():
            step.finish(status="discarded")
        ctx.steps.finish_open("discarded")
        await ctx.steps.flush(db, scope)
        await StepRepository(db, scope).delete_steps([step.id for step in ctx.planned or ()])
        await _book_cut_call(ctx, db)
        await RunQueue(db).release(run_id=ctx.claim.run_id, fence=ctx.claim.fence)


async def persistently(ctx: RunContext, action: Callable[[], Awaitable[T]]) -> T:
    """Do it again while the database is away, for some seconds."""
    for pause in _RETRY_SECONDS:
        try:
            return await action()
        except DATABASE_ERRORS as error:
            log.warning("run.close_retried", run_id=str(ctx.claim.run_id), error=type(error).__name__)
            await asyncio.sleep(pause)
    return await action()


async def _store_surely(ctx: RunContext, outcome: RunOutcome, frames: Frames) -> Aftermath:
    """Store the end, through short outages; a commit whose answer got lost counts when its frames are there."""
    attempt = 0

    async def store() -> Aftermath:
        nonlocal attempt
        attempt += 1
        try:
            return await _store(ctx, outcome, frames)
        except FencedOut:
            if attempt == 1 or not await _is_stored(ctx, frames):
                raise
            return Aftermath()

    return await persistently(ctx, store)


async def _is_stored(ctx: RunContext, frames: Frames) -> bool:
    async with ctx.journal.unfenced() as db:
        run = await RunRepository(db, ctx.journal.scope).find_any(ctx.claim.run_id)
        return run is not None and run.status in TERMINAL_STATUSES and run.last_seq == frames[-1][0]


async def _unread_steers(ctx: RunContext) -> list[TakenSteer]:
    """What nobody has read when a run ends early: it is kept in the answer all the same."""
    async with ctx.journal.transaction() as db:
        return await SteerRepository(db, ctx.journal.scope).take_last(ctx.facts.run_id, ctx.facts.root_run_id)


def _close_stream(ctx: RunContext, outcome: RunOutcome, unread_steers: Sequence[TakenSteer]) -> None:
    answer, facts = ctx.answer, ctx.facts
    if outcome.run_status == "interrupted":
        answer.wait_for(outcome.waiting_calls)
    else:
        answer.abandon(ABANDONED)
    for steer in unread_steers:
        answer.steer(steer.content, steer.id)
    for step_name in reversed(ctx.open_nodes[:]):
        ctx.close_node(step_name)
    for step in ctx.planned or ():
        step.finish(status="discarded")
    ctx.steps.finish_open(
        {"finished": "done", "interrupted": "done", "failed": "failed"}.get(outcome.run_status, "cancelled")
    )
    count_cut_call(ctx)
    if outcome.notice:
        answer.notice(**_said(outcome.notice))
    ctx.log.append(events.custom("coda.timing", ctx.final_timing))
    if outcome.error:
        answer.fail(**_said(outcome.error))
        ctx.log.append(events.run_error(**_said(outcome.error)))
    else:
        ctx.log.append(events.run_finished(session_id=facts.session_id, run_id=facts.run_id, outcome=outcome.outcome))


def _said(error: Mapping[str, Any]) -> dict[str, Any]:
    return {"code": error["code"], "message": error["message"], "details": error.get("details", {})}


def count_cut_call(ctx: RunContext) -> None:
    """A model call that was cut is paid for all the same."""
    flight = ctx.in_flight
    metered = flight.call.metered() if flight else None
    if flight is None or metered is None:
        return
    flight.metered = metered
    flight.step.data.update(turn=ctx.answer.turn, parts=ctx.answer.turn_parts())
    flight.step.usage = usage_of(metered)
    ctx.usage.add(metered)
    ctx.log.append(events.custom("coda.usage", ctx.usage.as_dict()))


async def _book_cut_call(ctx: RunContext, db: AsyncSession) -> None:
    if ctx.in_flight is not None and ctx.in_flight.metered is not None:
        await ctx.doors.book(ctx, db, ctx.in_flight.metered, ctx.in_flight.step.id)


async def _store(ctx: RunContext, outcome: RunOutcome, frames: Frames) -> Aftermath:
    facts, scope = ctx.facts, ctx.journal.scope
    async with ctx.journal.transaction() as db:
        await ctx.steps.flush(db, scope)
        steps = StepRepository(db, scope)
        await steps.delete_steps([step.id for step in ctx.planned or ()])
        if outcome.waiting_calls:
            await steps.update_calls(outcome.waiting_calls, status="waiting")
        if outcome.is_early and ctx.calls:
            await steps.fail_open_calls(facts.root_run_id, error=dict(ABANDONED))
        await _book_cut_call(ctx, db)
        await turns(db, scope).finish(facts.message_id, _answer_end(ctx, outcome))
        await reservations(db, scope).settle(facts.run_id)
        has_late_command = await _has_late_command(ctx, RunQueue(db), outcome)
        end = _run_end(ctx, outcome, frames)
        follow = _FOLLOW.get(outcome.message_status, "held")
        # After the session is locked, so that nothing queues up behind this answer unseen.
        followers, is_line_waiting = await RunRepository(db, scope).end(end, leaves=not has_late_command, follow=follow)
        await _tell_branch(ctx, db, followers, is_sent=follow == "queued")
        await _ask_for_title(ctx, db, outcome)
        reached(KillPoint.BEFORE_FINAL_COMMIT)
        return Aftermath(has_late_command, followers, is_line_waiting or bool(followers))


async def _has_late_command(ctx: RunContext, queue: RunQueue, outcome: RunOutcome) -> bool:
    if outcome.run_status != "interrupted":
        return False
    command = await queue.wanted(ctx.facts.run_id)
    return command == "cancel" or (command == "resume" and not outcome.waiting_calls)


async def _tell_branch(ctx: RunContext, db: AsyncSession, followers: Sequence[UUID], *, is_sent: bool) -> None:
    """What stands below the answer: how long it has grown, and that it is next."""
    facts, scope = ctx.facts, ctx.journal.scope
    if followers or ctx.claim.resumes:
        await branches(db, scope).recount(facts.session_id, facts.message_id, size=size_of(ctx.answer.parts))
    if followers and is_sent:
        await session_repository(db, scope).set_run_status(facts.session_id, "queued")
        await WaitingRuns(db, scope).wake()


def _run_end(ctx: RunContext, outcome: RunOutcome, frames: Frames) -> RunEnd:
    return RunEnd(
        run_id=ctx.facts.run_id,
        message_id=ctx.facts.message_id,
        fence=ctx.claim.fence,
        status=outcome.run_status,
        last_seq=ctx.log.last_seq,
        frames=frames,
        error=outcome.error,
        interrupts=outcome.interrupts,
    )


def _answer_end(ctx: RunContext, outcome: RunOutcome) -> AnswerEnd:
    title = None
    if ctx.facts.session_title is None and ctx.question_text:
        answer_text = " ".join(part["text"] for part in ctx.answer.parts if part["type"] == "text")
        title = title_from(ctx.question_text, answer_text)
    return AnswerEnd(
        content=ctx.answer.parts,
        status=outcome.message_status,
        run_status=outcome.session_status,
        usage=ctx.usage.as_dict(),
        timing=ctx.final_timing,
        title=title,
    )


async def _ask_for_title(ctx: RunContext, db: AsyncSession, outcome: RunOutcome) -> None:
    is_untitled = ctx.facts.session_title is None and bool(ctx.question_text)
    is_said = outcome.run_status in ("finished", "interrupted")
    if is_untitled and is_said and ctx.doors.asks_for_titles and not ctx.model.is_demo:
        await JobQueue(db).enqueue(TITLE_JOB, scope=ctx.journal.scope, ids={"run_id": ctx.facts.run_id})
