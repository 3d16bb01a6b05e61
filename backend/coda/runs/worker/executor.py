"""Executes one claimed run: recovery, the graph, and its end whatever happens."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import structlog
from opentelemetry import trace

from coda.core.db import Database, is_database_away
from coda.core.errors import CodaError
from coda.core.scope import Person, Scope
from coda.core.settings import RunSettings
from coda.core.tasks import to_the_end
from coda.runs.errors import AnswerTooLong, FencedOut, RunAttemptsExhausted, RunBroken, RunNotFound, RunTimedOut
from coda.runs.execution.claimed import ClaimedRun
from coda.runs.execution.execution import Execution
from coda.runs.execution.model import NoModel
from coda.runs.execution.outcome import CANCELLED, SUCCESS, RunOutcome, failed, interrupted, stopped_at
from coda.runs.execution.output.stream_control import StreamControl, StreamMetrics
from coda.runs.execution.services import RunServices
from coda.runs.execution.transactions import FencedTransactions
from coda.runs.graph.build import AgentGraph
from coda.runs.graph.nodes.boundary import ReleaseRequested
from coda.runs.queue.run_queue import Claim
from coda.runs.stream.notifications import RunNotifier
from coda.runs.types import MOST_STEERS
from coda.runs.worker.active_run import ActiveRun, StopReason
from coda.runs.worker.completion import close_run, persistently, release_run
from coda.runs.worker.recovery import recover

log = structlog.get_logger(__name__)
_tracer = trace.get_tracer("coda.runs")

_BEGINNING: Final[Mapping[str, Any]] = {"turn": 0, "pending": [], "capped": False}

PendingCommand = Callable[[Claim], Awaitable[None]]
"""Applies a command that came in while its run was being interrupted, and removes the run from the queue."""


@dataclass(frozen=True, slots=True)
class RunExecutor:
    """Executes runs; one for the whole process."""

    database: Database
    graph: AgentGraph
    services: RunServices
    notes: RunNotifier
    settings: RunSettings
    apply_pending_command: PendingCommand

    async def execute_claim(self, claim: Claim) -> None:
        """Execute a run that was claimed for the sake of a command."""
        await self.execute(ActiveRun(claim, StreamControl(grace=self.settings.pause_grace)))

    async def execute(self, active: ActiveRun) -> None:
        """Work on a run to its end. Never raises for what the run did; a lost database leaves it to the lease."""
        claim = active.claim
        with _tracer.start_as_current_span("run", attributes={"coda.run_id": str(claim.run_id)}) as span:
            run = self._claimed(active, trace_id=_trace_id(span))
            active.apply(claim.command)
            try:
                await self._execute(run, active)
            except FencedOut:
                log.warning("run.fenced_out", run_id=str(claim.run_id), fence=claim.fence)
                run.close_log()
            except Exception as error:  # the run executor: what it cannot end is left to the lease
                if is_database_away(error):
                    log.warning("run.left_to_its_lease", run_id=str(claim.run_id), error=type(error).__name__)
                else:
                    log.exception("run.lost", run_id=str(claim.run_id), trace_id=run.trace_id)
                run.close_log()
            finally:
                active.control.close()
                span.set_attributes(_figures(active.control.metrics))

    async def _execute(self, run: ClaimedRun, active: ActiveRun) -> None:
        try:
            outcome = await self._outcome(run, active)
            if outcome is None:
                await self._release(run, active)
            else:
                active.has_waiting_runs = await self._close(run, outcome)
        except RunNotFound:
            run.close_log()
            await self.apply_pending_command(run.claim)

    async def _outcome(self, run: ClaimedRun, active: ActiveRun) -> RunOutcome | None:
        """Work, and tell how it ended; None when the run is not ours to end."""
        claim = run.claim
        if active.stop_reason is not None:
            return _cancelled(active)
        if claim.attempt > self.settings.max_attempts:
            return failed(RunAttemptsExhausted(claim.attempt - 1))
        active.working = asyncio.create_task(self._work(run))
        limit = self.settings.max_duration.total_seconds()
        try:
            return await asyncio.wait_for(active.working, limit)
        except asyncio.CancelledError:
            if active.stop_reason is None:
                raise
            return _cancelled(active)
        except TimeoutError:
            return stopped_at(RunTimedOut(limit))
        except Exception as error:  # noqa: BLE001 - the last handler of everything that an answer can do
            return self._failure(run, active, error)

    def _failure(self, run: ClaimedRun, active: ActiveRun, error: Exception) -> RunOutcome | None:
        if isinstance(error, (FencedOut, RunNotFound)):
            raise error
        if isinstance(error, ReleaseRequested):
            active.stop(StopReason.RELEASED)
            return _cancelled(active)
        run_id = str(run.claim.run_id)
        if is_database_away(error):  # not the run's fault: it goes on once the database is back
            log.warning("run.database_away", run_id=run_id, error=type(error).__name__)
            active.stop(StopReason.RELEASED)
            return None
        if isinstance(error, AnswerTooLong):
            log.info("run.answer_too_long", run_id=run_id, **error.details)
            return stopped_at(error)
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
        available = await run.available()
        async with run.transactions.fenced() as db:
            return await recover(run, db, available)

    async def _close(self, run: ClaimedRun, outcome: RunOutcome) -> bool:
        """End the run; tells whether any run waits for a worker."""
        execution = run.execution or await self._begin_to_close(run)
        completion = await asyncio.shield(close_run(execution, outcome))
        facts, scope = execution.facts, execution.scope
        self.notes.changed(scope, run_id=facts.run_id, session_id=facts.session_id, status=outcome.run_status)
        for follower in completion.followers:
            self.notes.changed(scope, run_id=follower, session_id=facts.session_id, status=completion.follower_state)
        if completion.has_pending_command:
            await self.apply_pending_command(run.claim)
        return completion.has_waiting_runs

    async def _begin_to_close(self, run: ClaimedRun) -> Execution:
        """A run that ends before it has begun, or whose model is not there."""
        available = None if run.is_fresh else await run.available()
        async with run.transactions.fenced() as db:
            return await (run.begin(db, None) if available is None else recover(run, db, available, to_close=True))

    async def _release(self, run: ClaimedRun, active: ActiveRun) -> None:
        """Leave the run to another worker, or to this one's next start."""
        execution = run.execution
        if active.stop_reason is StopReason.RELEASED and execution is not None:
            execution.cut_call()
            await execution.log.log.drained()
        run.close_log()
        if active.stop_reason is StopReason.RELEASED:
            await persistently(run.claim.run_id, lambda: release_run(run))

    def _claimed(self, active: ActiveRun, *, trace_id: str | None) -> ClaimedRun:
        claim = active.claim
        scope = Scope(claim.org_id, Person(claim.user_id))
        return ClaimedRun(
            claim=claim,
            transactions=FencedTransactions(self.database, scope=scope, run_id=claim.run_id, fence=claim.fence),
            services=self.services,
            control=active.control,
            settings=self.settings,
            trace_id=trace_id,
        )


def _cancelled(active: ActiveRun) -> RunOutcome | None:
    """How a run that was stopped has ended; None where another worker continues it."""
    return CANCELLED if active.stop_reason is StopReason.CANCELLED else None


def _trace_id(span: trace.Span) -> str | None:
    context = span.get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None


def _figures(metrics: StreamMetrics) -> dict[str, float | int]:
    figures = {
        "coda.stream.first_delta_ms": metrics.first_delta_ms,
        "coda.stream.deltas_per_second": metrics.deltas_per_second,
        "coda.stream.longest_gap_ms": metrics.longest_gap_ms,
        "coda.stream.pauses": metrics.pauses,
        "coda.stream.most_held": metrics.most_buffered,
    }
    return {name: value for name, value in figures.items() if value is not None}
