"""What a run asks of other domains: its facts, its prompt, its tools, its ledger."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from coda.context.assemble import assemble
from coda.core.settings import ToolSettings
from coda.llm.gateway import Gateway, usage_record
from coda.llm.types import MeteredUsage
from coda.observability.metrics import QUEUE_WAIT
from coda.runs.errors import RunNotFound
from coda.runs.execution.answer import Answer
from coda.runs.execution.context import RunContext, RunFacts, StoredCall
from coda.runs.log.writer import LogWriter
from coda.runs.repository.runs import RunRepository
from coda.runs.stream import events
from coda.tools.invocation import invoke, not_repeated
from coda.tools.registry import ToolRegistry
from coda.tools.types import ToolContext, ToolOutcome
from coda.usage.types import UsageSource
from coda.usage.wiring import ledger


@dataclass(frozen=True, slots=True)
class Doors:
    """Joins a run to the process it works in."""

    gateway: Gateway
    registry: ToolRegistry
    log_writer: LogWriter
    tool_limits: ToolSettings
    asks_for_titles: bool = True

    async def load(self, ctx: RunContext, db: AsyncSession, *, first_seq: int = 1) -> RunFacts:
        """Mark the run as running, learn its facts, open its log and its answer."""
        row = await RunRepository(db, ctx.journal.scope).begin(ctx.claim.run_id, trace_id=ctx.trace_id)
        if row is None:
            raise RunNotFound(ctx.claim.run_id)
        facts = ctx.facts_ = _facts(row)
        ctx.steps.root_run_id = facts.root_run_id
        ctx.log_ = self.log_writer.register(
            run_id=facts.run_id,
            org_id=ctx.claim.org_id,
            session_id=facts.session_id,
            fence=ctx.claim.fence,
            first_seq=first_seq,
        )
        ctx.control.bind(ctx.log_)
        ctx.answer_ = Answer(facts.message_id, ctx.control)
        QUEUE_WAIT.observe(ctx.claim.waited_ms / 1000)
        return facts

    async def begin(self, ctx: RunContext, db: AsyncSession) -> None:
        """A run's first moments: load it, open its stream, resolve its model."""
        if ctx.facts_ is None:
            facts = await self.load(ctx, db)
            self.open_stream(ctx, facts)
            await self.resolve(ctx)

    async def resolve(self, ctx: RunContext) -> None:
        """Find the run's model; raises what `coda.llm` says when it is not there."""
        ctx.model_ = await self.gateway.open(ctx.journal.scope, ctx.facts.model_id)

    def open_stream(self, ctx: RunContext, facts: RunFacts) -> None:
        """The stream's first event, and the time in the queue as a step."""
        ctx.log.append(
            events.run_started(
                session_id=facts.session_id,
                run_id=facts.run_id,
                parent_run_id=facts.parent_run_id,
                coda={
                    "message_id": str(facts.message_id),
                    "root_run_id": str(facts.root_run_id),
                    "model": facts.model_id,
                },
            )
        )
        ctx.open_queue_step()

    async def assemble(self, ctx: RunContext, db: AsyncSession) -> dict[str, Any]:
        """Build the run's first prompt; gives the record of what went in."""
        assembled = await assemble(
            db,
            ctx.journal.scope,
            question_id=ctx.facts.question_id,
            model=ctx.model.info,
            tools=self.registry.specs() if ctx.model.info.capabilities.tools else (),
            time_zone=ctx.facts.time_zone,
        )
        ctx.prompt, ctx.steers = list(assembled.messages), 0
        for content in ctx.first_steers:
            ctx.add_steer(content)
        ctx.question_text = assembled.question_text
        return assembled.record

    async def invoke(self, ctx: RunContext, call: StoredCall) -> ToolOutcome:
        """Make one tool call; its own id is the idempotency key. What may have had its effect is not repeated."""
        tool = self.registry.find(call.name)
        if call.is_begun and tool is not None and not tool.may_repeat:
            return not_repeated(call.name)
        context = ToolContext(
            org_id=ctx.claim.org_id,
            user_id=ctx.claim.user_id,
            idempotency_key=str(call.id),
            time_zone=ctx.facts.time_zone,
        )
        return await invoke(self.registry, call.name, call.arguments, context, limits=self.tool_limits)

    async def book(self, ctx: RunContext, db: AsyncSession, metered: MeteredUsage, source_id: UUID) -> None:
        """Write one model call into the ledger."""
        facts = ctx.facts
        source = UsageSource(
            source_id=source_id,
            user_id=facts.user_id,
            purpose="answer",
            api_key_id=facts.api_key_id,
            session_id=facts.session_id,
            message_id=facts.message_id,
            run_id=facts.run_id,
            root_run_id=facts.root_run_id,
        )
        await ledger(db, ctx.journal.scope).book(source, usage_record(metered))


def _facts(row: Any) -> RunFacts:  # noqa: ANN401 - a joined row
    return RunFacts(
        run_id=row["id"],
        root_run_id=row["root_run_id"],
        parent_run_id=row["parent_run_id"],
        session_id=row["session_id"],
        message_id=row["message_id"],
        question_id=row["question_id"],
        user_id=row["user_id"],
        api_key_id=row["api_key_id"],
        model_id=row["model"],
        params=row["params"],
        session_title=row["title"],
        time_zone=row["time_zone"],
        has_steers=row["has_steers"],
        continues=row["continues"],
    )
