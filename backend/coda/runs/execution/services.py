"""What a run asks of other domains and of its process: a model, tools, a log, the ledger."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.fair_gate import FairGate
from coda.core.scope import Scope
from coda.core.settings import ToolSettings
from coda.llm.available import AvailableModels
from coda.llm.gateway import Gateway, ResolvedModel, usage_record
from coda.llm.types import MeteredUsage
from coda.runs.execution.facts import RunFacts
from coda.runs.execution.stored_texts import StoredTexts
from coda.runs.execution.tools import RunTools
from coda.runs.log.run_log import RunLog
from coda.runs.log.writer import LogWriter
from coda.runs.queue.run_queue import Claim
from coda.tools.resolver import OfferedTools, ToolResolver
from coda.tools.selection import ToolSelection
from coda.tools.types import Workers
from coda.usage.types import UsageSource
from coda.usage.wiring import ledger


@dataclass(frozen=True, slots=True)
class Available:
    """What a run may use of its organization's, read before a transaction is opened."""

    models: AvailableModels
    tools: OfferedTools


@dataclass(frozen=True, slots=True)
class RunServices:
    """One for the whole process."""

    gateway: Gateway
    tools: ToolResolver
    tool_limits: ToolSettings
    log_writer: LogWriter
    tool_gate: FairGate
    workers: Workers
    asks_for_titles: bool = True
    stored_texts: StoredTexts = field(default_factory=StoredTexts)

    async def available(self, scope: Scope) -> Available:
        """What a run may use. To be read before a transaction is opened."""
        return Available(await self.gateway.available(scope), await self.tools.offered(scope))

    def open_tools(self, scope: Scope, facts: RunFacts, selection: ToolSelection) -> RunTools:
        """The tools of a run."""
        return RunTools(self.tools, self.tool_limits, scope, facts, selection, self.workers)

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
