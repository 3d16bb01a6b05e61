"""Drives one claimed run: graph, events, persistence, and its end whatever happens."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import structlog
from opentelemetry import trace
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.db import Database, is_database_away
from coda.core.errors import CodaError
from coda.core.scope import Scope
from coda.core.settings import RunSettings
from coda.core.tasks import to_the_end
from coda.runs.errors import FencedOut, RunAttemptsExhausted, RunBroken, RunNotFound, RunTimedOut
from coda.runs.execution.context import RunContext, tracer
from coda.runs.execution.limits import Caps
from coda.runs.execution.outcome import CANCELLED, SUCCESS, RunOutcome, failed, interrupted, stopped_at
from coda.runs.execution.steps import StepLog
from coda.runs.execution.stream_control import ControlState, StreamControl, StreamMetrics
from coda.runs.execution.transactions import Journal
from coda.runs.graph.build import AgentGraph
from coda.runs.graph.nodes.boundary import HandedOver
from coda.runs.graph.services import Doors
from coda.runs.queue.run_queue import Claim
from coda.runs.stream.notifications import RunNotes
from coda.runs.types import MOST_STEERS
from coda.runs.worker.completion import close_run, count_cut_call, hand_over, persistently
from coda.runs.worker.recovery import take_over

log = structlog.get_logger(__name__)

CANCEL = "cancel"
PAUSE = "pause"
RESUME = "resume"
RELEASE = "release"
FENCE = "fence"

LateCommand = Callable[[Claim], Awaitable[None]]
"""Obeys a command that came in while its run was being interrupted, and gives its place in the queue up."""


@dataclass(slots=True)
class Drive:
    """A run being driven here, and the way to end it early."""

    claim: Claim
    control: StreamControl
    task: "asyncio.Task[None] | None" = None
    working: "asyncio.Task[RunOutcome] | None" = None
    wanted: str | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)
    is_line_waiting: bool = True
    """At its end: whether a run may wait for the place that it leaves."""

    def obey(self, command: str | None) -> None:
        """Do what a person asked for; the same again changes nothing."""
        if command == CANCEL:
            self.end(CANCEL)
        elif command == PAUSE:
            self.control.pause()
            self._leave_paused()
        elif command == RESUME:
            self.control.resume()

    def leave(self) -> None:
        """Hand the run over at its next step."""
        self.control.leave()
        self._leave_paused()

    def _leave_paused(self) -> None:
        """A paused run comes to no next step: it is handed over at once, and goes on being paused elsewhere."""
        if self.control.is_leaving and self.control.state is ControlState.PAUSED:
            self.end(RELEASE)

    def end(self, reason: str) -> None:
        """Stop the work for a reason; the first reason counts."""
        if self.wanted is None:
            self.wanted = reason
            if self.working is not None:
                self.working.cancel()


@dataclass(frozen=True, slots=True)
class RunExecutor:
    """Drives runs; one for the whole process."""

    database: Database
    graph: AgentGraph
    doors: Doors
    notes: RunNotes
    settings: RunSettings
    obey_late: LateCommand

    async def carry_out(self, claim: Claim) -> None:
        """Do what a seized claim's command asks for, here and now."""
        await self.drive(Drive(claim, StreamControl(grace=self.settings.pause_grace)))

    async def drive(self, drive: Drive) -> None:
        """Work on a run to its end. Never raises for what the run did; a lost database leaves it to the lease."""
        claim = drive.claim
        with tracer.start_as_current_span("run", attributes={"coda.run_id": str(claim.run_id)}) as span:
            ctx = self._context(drive, trace_id=_trace_id(span))
            drive.obey(claim.command)
            try:
                await self._drive(ctx, drive)
            except FencedOut:
                log.warning("run.fenced_out", run_id=str(claim.run_id), fence=claim.fence)
                self._forget(ctx)
            except Exception as error:  # left to the lease
                if is_database_away(error):
                    log.warning("run.left_to_its_lease", run_id=str(claim.run_id), error=type(error).__name__)
                else:
                    log.exception("run.lost", run_id=str(claim.run_id), trace_id=ctx.trace_id)
                self._forget(ctx)
            finally:
                drive.control.close()
                span.set_attributes(_figures(drive.control.metrics))

    async def _drive(self, ctx: RunContext, drive: Drive) -> None:
        try:
            outcome = await self._outcome(ctx, drive)
            if outcome is None:
                await self._let_go(ctx, drive)
            else:
                drive.is_line_waiting = await self._close(ctx, outcome)
        except RunNotFound:
            self._forget(ctx)
            await self.obey_late(ctx.claim)

    async def _outcome(self, ctx: RunContext, drive: Drive) -> RunOutcome | None:
        """Work, and tell how it ended; None when the run is not ours to end."""
        claim = ctx.claim
        if drive.wanted is not None:
            return CANCELLED if drive.wanted == CANCEL else None
        if claim.attempt > self.settings.max_attempts:
            return failed(RunAttemptsExhausted(claim.attempt - 1))
        drive.working = asyncio.create_task(self._work(ctx))
        limit = self.settings.max_duration.total_seconds()
        try:
            return await asyncio.wait_for(drive.working, limit)
        except asyncio.CancelledError:
            if drive.wanted is None:
                raise
            return CANCELLED if drive.wanted == CANCEL else None
        except TimeoutError:
            return stopped_at(RunTimedOut(limit))
        except Exception as error:  # noqa: BLE001 - the last handler of everything that an answer can do
            return self._failure(ctx, drive, error)

    def _failure(self, ctx: RunContext, drive: Drive, error: Exception) -> RunOutcome | None:
        if isinstance(error, (FencedOut, RunNotFound)):
            raise error
        if isinstance(error, HandedOver):
            drive.end(RELEASE)
            return CANCELLED if drive.wanted == CANCEL else None
        if is_database_away(error):  # not the run's fault: it goes on once the database is back
            log.warning("run.database_away", run_id=str(ctx.claim.run_id), error=type(error).__name__)
            drive.end(RELEASE)
            return None
        if isinstance(error, CodaError):
            log.info("run.failed", run_id=str(ctx.claim.run_id), code=error.code, trace_id=ctx.trace_id)
            return failed(error)
        log.error("run.broken", run_id=str(ctx.claim.run_id), trace_id=ctx.trace_id, exc_info=error)
        return failed(RunBroken(ctx.trace_id))

    async def _work(self, ctx: RunContext) -> RunOutcome:
        is_fresh = ctx.claim.is_first and not ctx.claim.resumes
        config: Any = {
            "configurable": {
                "thread_id": str(ctx.claim.run_id),
                "run_id": str(ctx.claim.run_id),
                "org_id": str(ctx.claim.org_id),
                "fence": ctx.claim.fence,
                "fresh": is_fresh,
            },
            "recursion_limit": self.settings.max_steps * 5 + MOST_STEERS * 2 + 8,
        }
        start: Any = {"turn": 0, "pending": [], "capped": False}
        if not is_fresh:
            await to_the_end(self._take_over(ctx))  # closing needs all that it restores
            if ctx.model_ is None:
                await self.doors.resolve(ctx)
            config["configurable"]["thread_id"] = str(ctx.facts.root_run_id)
            known = await self.graph.aget_state(config)
            start = None if known.next else start
        spent = (ctx.earlier_ms + ctx.lost_ms) / 1000
        async with asyncio.timeout(self.settings.max_duration.total_seconds() - spent):
            state: Any = await self.graph.ainvoke(start, config, context=ctx, durability="sync")
        waiting = state.get("__interrupt__")
        return interrupted(waiting[0].value) if waiting else SUCCESS

    async def _take_over(self, ctx: RunContext) -> None:
        async with ctx.journal.transaction() as db:
            await take_over(ctx, db)

    async def _close(self, ctx: RunContext, outcome: RunOutcome) -> bool:
        """End the run; tells whether any run waits for a worker."""
        if ctx.facts_ is None:
            async with ctx.journal.transaction() as db:
                await self._load_for_closing(ctx, db)
        aftermath = await asyncio.shield(close_run(ctx, outcome))
        facts, scope = ctx.facts, ctx.journal.scope
        self.notes.changed(scope, run_id=facts.run_id, session_id=facts.session_id, status=outcome.run_status)
        for follower in aftermath.followers:
            status = "queued" if outcome.message_status == "complete" else "held"
            self.notes.changed(scope, run_id=follower, session_id=facts.session_id, status=status)
        if aftermath.has_late_command:
            await self.obey_late(ctx.claim)
        return aftermath.is_line_waiting

    async def _load_for_closing(self, ctx: RunContext, db: AsyncSession) -> None:
        if ctx.claim.resumes or not ctx.claim.is_first:
            await take_over(ctx, db, to_close=True)
        else:
            self.doors.open_stream(ctx, await self.doors.load(ctx, db))

    async def _let_go(self, ctx: RunContext, drive: Drive) -> None:
        """Leave the run to another worker, or to this one's next start."""
        if drive.wanted == RELEASE and ctx.log_ is not None:
            count_cut_call(ctx)
            await ctx.log_.drained()
        self._forget(ctx)
        if drive.wanted == RELEASE:
            await persistently(ctx, lambda: hand_over(ctx))

    def _forget(self, ctx: RunContext) -> None:
        if ctx.log_ is not None:
            ctx.log_.close()

    def _context(self, drive: Drive, *, trace_id: str | None) -> RunContext:
        claim = drive.claim
        scope = Scope(claim.org_id, claim.user_id)
        return RunContext(
            claim=claim,
            journal=Journal(self.database, scope=scope, run_id=claim.run_id, fence=claim.fence),
            doors=self.doors,
            caps=Caps(self.settings),
            steps=StepLog(run_id=claim.run_id),
            control=drive.control,
            trace_id=trace_id,
        )


def _trace_id(span: trace.Span) -> str | None:
    context = span.get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None


def _figures(metrics: StreamMetrics) -> dict[str, float | int]:
    figures = {
        "coda.stream.first_delta_ms": metrics.first_delta_ms,
        "coda.stream.deltas_per_second": metrics.deltas_per_second,
        "coda.stream.longest_gap_ms": metrics.longest_gap_ms,
        "coda.stream.pauses": metrics.pauses,
        "coda.stream.most_held": metrics.most_held,
    }
    return {name: value for name, value in figures.items() if value is not None}
