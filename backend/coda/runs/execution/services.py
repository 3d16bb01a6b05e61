"""What a run asks of other domains and of its process: a model, a prompt, tools, a log, the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from coda.context.assemble import AssembledContext, assemble, rebuild
from coda.context.budget import budget_of
from coda.context.plan import PromptPlan
from coda.context.sources import ContextRequest
from coda.core.fair_gate import FairGate
from coda.core.scope import Scope
from coda.llm.available import AvailableModels
from coda.llm.gateway import Gateway, ResolvedModel, usage_record
from coda.llm.types import MeteredUsage, ModelInfo
from coda.runs.execution.facts import RunFacts
from coda.runs.execution.tools import RunTools
from coda.runs.log.run_log import RunLog
from coda.runs.log.writer import LogWriter
from coda.runs.queue.run_queue import Claim
from coda.usage.types import UsageSource
from coda.usage.wiring import ledger


@dataclass(frozen=True, slots=True)
class RunServices:
    """One for the whole process."""

    gateway: Gateway
    tools: RunTools
    log_writer: LogWriter
    tool_gate: FairGate
    asks_for_titles: bool = True

    async def available_models(self, scope: Scope) -> AvailableModels:
        """What a run may ask. To be read before a transaction is opened."""
        return await self.gateway.available(scope)

    def open_model(self, models: AvailableModels, model_id: str) -> ResolvedModel:
        """The model of a run; raises ModelNotFound."""
        return self.gateway.open_from(models, model_id)

    def open_log(self, claim: Claim, facts: RunFacts, *, first_seq: int) -> RunLog:
        """The event log of a claimed run; `first_seq` follows the last stored one."""
        return self.log_writer.register(
            run_id=facts.run_id,
            org_id=claim.org_id,
            session_id=facts.session_id,
            fence=claim.fence,
            first_seq=first_seq,
        )

    async def assemble(
        self,
        db: AsyncSession,
        scope: Scope,
        facts: RunFacts,
        model: ModelInfo,
        *,
        plan: Mapping[str, Any] | None = None,
    ) -> AssembledContext:
        """The prompt for the run's question; of a stored plan, the same again."""
        request = ContextRequest(
            db, scope, facts.question_id, budget_of(model), self.tools.specs(model), facts.time_zone
        )
        return await (assemble(request) if plan is None else rebuild(PromptPlan.of(plan), request))

    async def book(
        self, db: AsyncSession, scope: Scope, facts: RunFacts, metered: MeteredUsage, *, step_id: UUID
    ) -> None:
        """Write one model call into the ledger."""
        source = UsageSource(
            source_id=step_id,
            user_id=facts.user_id,
            purpose="answer",
            api_key_id=facts.api_key_id,
            session_id=facts.session_id,
            message_id=facts.message_id,
            run_id=facts.run_id,
            root_run_id=facts.root_run_id,
        )
        await ledger(db, scope).book(source, usage_record(metered))
