"""The end of a run: closes its stream, then writes everything in one fenced transaction, then publishes."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from coda.conversations.parts import size_of
from coda.conversations.titles import title_from
from coda.conversations.types import AnswerEnd
from coda.conversations.wiring import branches, turns
from coda.conversations.wiring import sessions as session_repository
from coda.core.db.outages import through_outage
from coda.core.jobs import JobQueue
from coda.core.kill_points import KillPoint, reached
from coda.observability.metrics import RUN_SECONDS, RUNS
from coda.runs.errors import FencedOut
from coda.runs.execution.claimed import ClaimedRun
from coda.runs.execution.execution import Execution
from coda.runs.execution.outcome import RunOutcome
from coda.runs.execution.output.output import notice_of
from coda.runs.queue.admission import WaitingState
from coda.runs.queue.commands import RunCommand
from coda.runs.queue.run_queue import RunQueue
from coda.runs.queue.waiting import WaitingRuns
from coda.runs.repository import RunRepository, SteerRepository, StepRepository, TakenSteer, ToolCallRepository
from coda.runs.types import ABANDONED, APPROVAL, APPROVAL_JOB, TERMINAL_STATUSES, TITLE_JOB, RunEnd, RunKey
from coda.usage.wiring import reservations

log = structlog.get_logger(__name__)

T = TypeVar("T")

_RETRY_SECONDS = (0.1, 0.5, 1, 2, 4)

_FOLLOW: Mapping[str, WaitingState | None] = {"complete": "queued", "waiting": None}
"""The state of a run that waited for an answer, once that has ended so; else a person decides."""

_STEP_ENDS: Mapping[str, str] = {"finished": "done", "interrupted": "done", "failed": "failed"}


@dataclass(frozen=True, slots=True)
class Completion:
    """What a run's end leaves: a command that came in while it was interrupted, runs that waited for its answer, and
    whether any run waits for a worker.

    With a pending command the run stays in the queue: should this worker die now, the next one applies it.
    """

    has_pending_command: bool = False
    followers: Sequence[UUID] = ()
    follower_state: WaitingState = "blocked"
    has_waiting_runs: bool = True


@dataclass(frozen=True, slots=True)
class _Ending:
    """A run whose stream is closed and whose end is to be stored."""

    execution: Execution
    outcome: RunOutcome
    timing: Mapping[str, int | None]
    frames: Sequence[tuple[int, str]]


async def close_run(execution: Execution, outcome: RunOutcome) -> Completion:
    """End a run for its watchers and in the database; raises FencedOut when it is not ours any more."""
    run_id = execution.claim.run_id
    unread = await persistently(run_id, lambda: _unread_steers(execution)) if outcome.is_early else []
    timing = execution.progress.timing.as_dict()
    _close_stream(execution, outcome, unread, timing)
    frames = await execution.log.seal()
    completion = await _store_surely(_Ending(execution, outcome, timing, frames))
    execution.log.publish_stored(frames)
    execution.log.log.close()
    RUNS.labels(outcome.run_status).inc()
    RUN_SECONDS.observe(execution.progress.timing.elapsed_ms() / 1000)
    return completion


async def release_run(run: ClaimedRun) -> None:
    """Give the run back to the queue as its last step left it; raises FencedOut."""
    async with run.transactions.fenced() as db:
        if run.execution is not None:
            await _discard_open_steps(run.execution, db)
            await run.execution.book_cut_call(db)
        await RunQueue(db).release(run.claim.key, fence=run.claim.fence)


async def persistently(run_id: UUID, action: Callable[[], Awaitable[T]]) -> T:
    """Do it again while the database is away, for some seconds."""

    def note(error: Exception) -> None:
        log.warning("run.close_retried", run_id=str(run_id), error=type(error).__name__)

    return await through_outage(action, pauses=_RETRY_SECONDS, note=note)


async def _discard_open_steps(execution: Execution, db: AsyncSession) -> None:
    execution.progress.end("discarded")
    await execution.flush_steps(db)
    await StepRepository(db, execution.scope).delete_steps(execution.progress.never_begun)


async def _unread_steers(execution: Execution) -> list[TakenSteer]:
    """Steers that were not read when a run ends early: they are kept in the answer."""
    async with execution.transaction() as db:
        steers = SteerRepository(db, execution.scope)
        return await steers.take_last(execution.facts.run_id, execution.facts.root_run_id)


def _close_stream(
    execution: Execution,
    outcome: RunOutcome,
    unread_steers: Sequence[TakenSteer],
    timing: Mapping[str, int | None],
) -> None:
    answer, output = execution.answer, execution.output
    if outcome.run_status == "interrupted":
        answer.wait_for(outcome.waiting_calls)
    else:
        answer.abandon(ABANDONED)
    for steer in unread_steers:
        answer.steer(steer.content, steer.id, is_read=False)
    for visit_name in reversed(execution.progress.open_nodes):
        execution.leave_node(visit_name)
    execution.progress.end(_STEP_ENDS.get(outcome.run_status, "cancelled"))
    execution.cut_call()
    if outcome.notice:
        answer.notice(**notice_of(outcome.notice))
    output.tell_timing(timing)
    output.tell_end(execution.facts, outcome)


async def _store_surely(ending: _Ending) -> Completion:
    """Store the end, through short outages; a commit whose answer got lost counts when its frames are there."""
    attempt = 0

    async def store() -> Completion:
        nonlocal attempt
        attempt += 1
        try:
            return await _store(ending)
        except FencedOut:
            if attempt == 1 or not await _is_stored(ending):
                raise
            return Completion()

    return await persistently(ending.execution.claim.run_id, store)


async def _is_stored(ending: _Ending) -> bool:
    execution = ending.execution
    async with execution.transactions.unfenced() as db:
        run = await RunRepository(db, execution.scope).find_any(execution.claim.run_id)
        return run is not None and run.status in TERMINAL_STATUSES and run.last_seq == ending.frames[-1][0]


async def _store(ending: _Ending) -> Completion:
    execution, outcome = ending.execution, ending.outcome
    facts, scope = execution.facts, execution.scope
    async with execution.transaction() as db:
        await _store_steps(ending, db)
        await execution.book_cut_call(db)
        await turns(db, scope).finish(facts.message_id, _answer_end(ending))
        await reservations(db, scope).settle(facts.run_id)
        has_pending_command = await _has_late_command(execution.claim.key, RunQueue(db), outcome)
        follow = _FOLLOW.get(outcome.message_status, "held")
        # After the session is locked, so that nothing queues up behind this answer unseen.
        followers, has_waiting_runs = await RunRepository(db, scope).end(
            _run_end(ending), leaves=not has_pending_command, follow=follow
        )
        await _tell_branch(execution, db, followers, is_sent=follow == "queued")
        await _ask_for_title(execution, db, outcome)
        await _let_approval_expire(execution, db, outcome)
        reached(KillPoint.BEFORE_FINAL_COMMIT)
        return Completion(has_pending_command, followers, follow or "blocked", has_waiting_runs or bool(followers))


async def _store_steps(ending: _Ending, db: AsyncSession) -> None:
    execution, outcome = ending.execution, ending.outcome
    await execution.flush_steps(db)
    await StepRepository(db, execution.scope).delete_steps(execution.progress.never_begun)
    calls = ToolCallRepository(db, execution.scope)
    if outcome.waiting_calls:
        await calls.update(outcome.waiting_calls, status="waiting")
    if outcome.is_early and execution.transcript.calls:
        await calls.fail_open(execution.facts.root_run_id, error=dict(ABANDONED))


async def _has_late_command(key: RunKey, queue: RunQueue, outcome: RunOutcome) -> bool:
    if outcome.run_status != "interrupted":
        return False
    command = await queue.find_command(key)
    return command is RunCommand.CANCEL or (command is RunCommand.RESUME and not outcome.waiting_calls)


async def _tell_branch(execution: Execution, db: AsyncSession, followers: Sequence[UUID], *, is_sent: bool) -> None:
    """Tell the messages below the answer its new size, and the session that a run below it is next."""
    facts, scope = execution.facts, execution.scope
    if followers or execution.claim.resumes:
        size = size_of(execution.answer.parts)
        await branches(db, scope).recount(facts.session_id, facts.message_id, size=size)
    if followers and is_sent:
        await session_repository(db, scope).set_run_status(facts.session_id, "queued")
        await WaitingRuns(db, scope).wake()


def _run_end(ending: _Ending) -> RunEnd:
    execution, outcome = ending.execution, ending.outcome
    return RunEnd(
        run_id=execution.facts.run_id,
        message_id=execution.facts.message_id,
        fence=execution.claim.fence,
        status=outcome.run_status,
        last_seq=execution.log.last_seq,
        frames=ending.frames,
        error=outcome.error,
        interrupts=outcome.interrupts,
    )


def _answer_end(ending: _Ending) -> AnswerEnd:
    execution, outcome = ending.execution, ending.outcome
    title, question_text = None, execution.transcript.question_text
    if not execution.facts.is_session_named and question_text:
        answer_text = " ".join(part["text"] for part in execution.answer.parts if part["type"] == "text")
        title = title_from(question_text, answer_text)
    return AnswerEnd(
        content=execution.answer.parts,
        status=outcome.message_status,
        run_status=outcome.session_status,
        usage=execution.progress.usage.as_dict(),
        timing=dict(ending.timing),
        title=title,
    )


async def _let_approval_expire(execution: Execution, db: AsyncSession, outcome: RunOutcome) -> None:
    if any(item["reason"] == APPROVAL for item in outcome.interrupts):
        ids, kept = {"run_id": execution.facts.run_id}, execution.progress.limits.settings.approval_kept
        await JobQueue(db).enqueue(APPROVAL_JOB, scope=execution.scope, ids=ids, run_after=kept)


async def _ask_for_title(execution: Execution, db: AsyncSession, outcome: RunOutcome) -> None:
    is_untitled = not execution.facts.is_session_named and bool(execution.transcript.question_text)
    is_said = outcome.run_status in ("finished", "interrupted")
    if is_untitled and is_said and execution.services.asks_for_titles and not execution.model.is_demo:
        await JobQueue(db).enqueue(TITLE_JOB, scope=execution.scope, ids={"run_id": execution.facts.run_id})
