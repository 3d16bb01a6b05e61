"""Drives one claimed run: graph, events, persistence, and its end whatever happens."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import structlog
from opentelemetry import trace

from coda.core.db import Database, is_database_away
from coda.core.errors import CodaError
from coda.core.scope import Scope
from coda.core.settings import RunSettings
from coda.core.tasks import to_the_end
from coda.runs.errors import FencedOut, RunAttemptsExhausted, RunBroken, RunNotFound, RunTimedOut
from coda.runs.execution.claimed import ClaimedRun
from coda.runs.execution.execution import Execution
from coda.runs.execution.model import NoModel
from coda.runs.execution.outcome import CANCELLED, SUCCESS, RunOutcome, failed, interrupted, stopped_at
from coda.runs.execution.output.stream_control import ControlState, StreamControl, StreamMetrics
from coda.runs.execution.services import RunServices
from coda.runs.execution.transactions import FencedTransactions
from coda.runs.graph.build import AgentGraph
from coda.runs.graph.nodes.boundary import HandedOver
from coda.runs.queue.run_queue import Claim
from coda.runs.stream.notifications import RunNotes
from coda.runs.types import MOST_STEERS
from coda.runs.worker.completion import close_run, hand_over, persistently
from coda.runs.worker.recovery import recover

log = structlog.get_logger(__name__)
_tracer = trace.get_tracer("coda.runs")

CANCEL = "cancel"
PAUSE = "pause"
RESUME = "resume"
RELEASE = "release"
FENCE = "fence"
_BEGINNING: Final[Mapping[str, Any]] = {"turn": 0, "pending": [], "capped": False}

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
    services: RunServices
    notes: RunNotes
    settings: RunSettings
    obey_late: LateCommand

    async def carry_out(self, claim: Claim) -> None:
        """Do what a seized claim's command asks for, here and now."""
        await self.drive(Drive(claim, StreamControl(grace=self.settings.pause_grace)))

    async def drive(self, drive: Drive) -> None:
        """Work on a run to its end. Never raises for what the run did; a lost database leaves it to the lease."""
        claim = drive.claim
        with _tracer.start_as_current_span("run", attributes={"coda.run_id": str(claim.run_id)}) as span:
            run = self._claimed(drive, trace_id=_trace_id(span))
            drive.obey(claim.command)
            try:
                await self._drive(run, drive)
            except FencedOut:
                log.warning("run.fenced_out", run_id=str(claim.run_id), fence=claim.fence)
                run.close_log()
            except Exception as error:  # left to the lease
                if is_database_away(error):
                    log.warning("run.left_to_its_lease", run_id=str(claim.run_id), error=type(error).__name__)
                else:
                    log.exception("run.lost", run_id=str(claim.run_id), trace_id=run.trace_id)
                run.close_log()
            finally:
                drive.control.close()
                span.set_attributes(_figures(drive.control.metrics))

    async def _drive(self, run: ClaimedRun, drive: Drive) -> None:
        try:
            outcome = await self._outcome(run, drive)
            if outcome is None:
                await self._let_go(run, drive)
            else:
                drive.is_line_waiting = await self._close(run, outcome)
        except RunNotFound:
            run.close_log()
            await self.obey_late(run.claim)

    async def _outcome(self, run: ClaimedRun, drive: Drive) -> RunOutcome | None:
        """Work, and tell how it ended; None when the run is not ours to end."""
        claim = run.claim
        if drive.wanted is not None:
            return CANCELLED if drive.wanted == CANCEL else None
        if claim.attempt > self.settings.max_attempts:
            return failed(RunAttemptsExhausted(claim.attempt - 1))
        drive.working = asyncio.create_task(self._work(run))
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
            return self._failure(run, drive, error)

    def _failure(self, run: ClaimedRun, drive: Drive, error: Exception) -> RunOutcome | None:
        if isinstance(error, (FencedOut, RunNotFound)):
            raise error
        if isinstance(error, HandedOver):
            drive.end(RELEASE)
            return CANCELLED if drive.wanted == CANCEL else None
        run_id = str(run.claim.run_id)
        if is_database_away(error):  # not the run's fault: it goes on once the database is back
            log.warning("run.database_away", run_id=run_id, error=type(error).__name__)
            drive.end(RELEASE)
            return None
        if isinstance(error, CodaError):
            log.info("run.failed", run_id=run_id, code=error.code, trace_id=run.trace_id)
            return failed(error)
        log.error("run.broken", run_id=run_id, trace_id=run.trace_id, exc_info=error)
        return failed(RunBroken(run.trace_id))

    async def _work(self, run: ClaimedRun) -> RunOutcome:
        start: Any = dict(_BEGINNING)
        thread_id, spent = run.claim.run_id, 0.0
        if not run.is_fresh:
            execution = await to_the_end(self._recover(run))  # closing needs all that it restores
            if isinstance(execution.model, NoModel):
                raise execution.model.error
            thread_id, spent = execution.facts.root_run_id, execution.progress.timing.spent_seconds
            known = await self.graph.aget_state(self._config(run, thread_id))
            start = None if known.next else start
        config = self._config(run, thread_id)
        async with asyncio.timeout(self.settings.max_duration.total_seconds() - spent):
            state: Any = await self.graph.ainvoke(start, config, context=run, durability="sync")
        waiting = state.get("__interrupt__")
        return interrupted(waiting[0].value) if waiting else SUCCESS

    def _config(self, run: ClaimedRun, thread_id: UUID) -> Any:  # noqa: ANN401 - langgraph's configuration
        claim = run.claim
        return {
            "configurable": {
                "thread_id": str(thread_id),
                "run_id": str(claim.run_id),
                "org_id": str(claim.org_id),
                "fence": claim.fence,
                "fresh": run.is_fresh,
            },
            "recursion_limit": self.settings.max_steps * 5 + MOST_STEERS * 2 + 8,
        }

    async def _recover(self, run: ClaimedRun) -> Execution:
        async with run.transactions.fenced() as db:
            return await recover(run, db)

    async def _close(self, run: ClaimedRun, outcome: RunOutcome) -> bool:
        """End the run; tells whether any run waits for a worker."""
        execution = run.execution or await self._begin_to_close(run)
        aftermath = await asyncio.shield(close_run(execution, outcome))
        facts, scope = execution.facts, execution.scope
        self.notes.changed(scope, run_id=facts.run_id, session_id=facts.session_id, status=outcome.run_status)
        for follower in aftermath.followers:
            status = "queued" if outcome.message_status == "complete" else "held"
            self.notes.changed(scope, run_id=follower, session_id=facts.session_id, status=status)
        if aftermath.has_late_command:
            await self.obey_late(run.claim)
        return aftermath.is_line_waiting

    async def _begin_to_close(self, run: ClaimedRun) -> Execution:
        """A run that ends before it has begun, or whose model is not there."""
        async with run.transactions.fenced() as db:
            if not run.is_fresh:
                return await recover(run, db, to_close=True)
            return await run.begin(db, to_close=True)

    async def _let_go(self, run: ClaimedRun, drive: Drive) -> None:
        """Leave the run to another worker, or to this one's next start."""
        execution = run.execution
        if drive.wanted == RELEASE and execution is not None:
            execution.cut_call()
            await execution.log.log.drained()
        run.close_log()
        if drive.wanted == RELEASE:
            await persistently(run.claim.run_id, lambda: hand_over(run))

    def _claimed(self, drive: Drive, *, trace_id: str | None) -> ClaimedRun:
        claim = drive.claim
        scope = Scope(claim.org_id, claim.user_id)
        return ClaimedRun(
            claim=claim,
            transactions=FencedTransactions(self.database, scope=scope, run_id=claim.run_id, fence=claim.fence),
            services=self.services,
            control=drive.control,
            settings=self.settings,
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
