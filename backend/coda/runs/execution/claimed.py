"""A run that this worker has claimed: the one place where it becomes an execution."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from coda.conversations.types import Part
from coda.core.clock import Stopwatch
from coda.core.settings import RunSettings
from coda.llm.errors import ModelNotFound
from coda.observability.metrics import QUEUE_WAIT
from coda.runs.errors import RunNotFound
from coda.runs.execution.execution import Execution
from coda.runs.execution.facts import RunFacts
from coda.runs.execution.model import NoModel, RunModel
from coda.runs.execution.output.answer import Answer
from coda.runs.execution.output.output import Output
from coda.runs.execution.output.stream_control import StreamControl
from coda.runs.execution.progress.limits import Caps
from coda.runs.execution.progress.progress import Progress
from coda.runs.execution.progress.timing import Timing
from coda.runs.execution.services import Available, RunServices
from coda.runs.execution.steps import StepLog
from coda.runs.execution.transactions import FencedTransactions
from coda.runs.execution.transcript import Transcript
from coda.runs.queue.run_queue import Claim
from coda.runs.repository import RunRepository
from coda.tools.selection import ToolSelection


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """What earlier runs of the answer and earlier attempts at this run have left; by default nothing.

    `last_seq`: the last stored event. `first_steers`: the steers that were read before the first turn. `tools`: those
    that the answer was begun with, or is begun with now.
    """

    last_seq: int = 0
    parts: Sequence[Part] = ()
    visits: Mapping[str, int] = field(default_factory=dict)
    decisions: Mapping[UUID, Mapping[str, Any]] = field(default_factory=dict)
    first_steers: Sequence[str] = ()
    ttft_ms: int | None = None
    earlier_ms: int = 0
    lost_ms: int = 0
    tools: ToolSelection = field(default_factory=ToolSelection)


_NOTHING = ResumePoint()


@dataclass(slots=True)
class ClaimedRun:
    """A claim, and what the process gives a run. `execution` is None until it has begun."""

    claim: Claim
    transactions: FencedTransactions
    services: RunServices
    control: StreamControl
    settings: RunSettings
    trace_id: str | None = None
    watch: Stopwatch = field(default_factory=Stopwatch)
    execution: Execution | None = None

    @property
    def is_fresh(self) -> bool:
        """Whether nothing of its answer was worked on before."""
        return self.claim.is_first and not self.claim.resumes

    async def load(self, db: AsyncSession) -> RunFacts:
        """Mark the run as running and learn its facts; raises RunNotFound where it is over or gone."""
        row = await RunRepository(db, self.transactions.scope).begin(self.claim.run_id, trace_id=self.trace_id)
        if row is None:
            raise RunNotFound(self.claim.run_id)
        return RunFacts.of(row)

    async def available(self) -> Available:
        """What the run may use. To be read before a transaction is opened."""
        return await self.services.available(self.transactions.scope)

    async def begin(self, db: AsyncSession, available: Available | None) -> Execution:
        """A fresh run's first moments; raises what `coda.llm` says where its model is not available.

        Without `available` the run only has to end, and neither its model nor its tools are looked for.
        """
        facts = await self.load(db)
        if available is None:
            execution = self.execute(facts, NoModel(ModelNotFound(facts.model_id)))
        else:
            model = self.services.open_model(available.models, facts.model_id)
            tools = available.tools.select(facts.session_id, facts.tool_policies)
            execution = self.execute(facts, model, point=ResumePoint(tools=tools))
        self.tell_start(execution)
        return execution

    def execute(self, facts: RunFacts, model: RunModel, *, point: ResumePoint = _NOTHING) -> Execution:
        """Make the execution, which starts at `point`; from now on the run has a log."""
        self.control.bind(self.services.open_log(self.claim, facts, first_seq=point.last_seq + 1))
        timing = Timing(
            self.watch,
            waited_ms=self.claim.waited_ms,
            earlier_ms=point.earlier_ms,
            lost_ms=point.lost_ms,
            ttft_ms=point.ttft_ms,
        )
        steps = StepLog(run_id=facts.run_id, root_run_id=facts.root_run_id)
        self.execution = Execution(
            claim=self.claim,
            facts=facts,
            model=model,
            tools=self.services.open_tools(self.transactions.scope, facts, point.tools),
            transcript=Transcript(decisions=point.decisions, first_steers=point.first_steers),
            progress=Progress(steps=steps, limits=Caps(self.settings), timing=timing, visits=point.visits),
            output=Output(Answer(facts.message_id, self.control, parts=point.parts), self.control),
            services=self.services,
            transactions=self.transactions,
        )
        QUEUE_WAIT.observe(self.claim.waited_ms / 1000)
        return self.execution

    def tell_start(self, execution: Execution) -> None:
        """The stream's first event; the time that the run waited for a worker, as database time tells it, is a step."""
        execution.output.tell_start(execution.facts)
        step = execution.progress.steps.open("wait", "queue")
        step.started_at -= timedelta(milliseconds=self.claim.waited_ms)
        step.finish(duration_ms=self.claim.waited_ms)

    def close_log(self) -> None:
        """The run is over, or another worker continues it: forget what is left of its log here."""
        if self.execution is not None:
            self.execution.log.log.close()
