"""The tools of a run: what its model is told of them, which need a person's consent, and how one is called."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from coda.core.settings import ToolSettings
from coda.llm.types import ModelInfo, ToolSpec
from coda.runs.execution.calls import StoredCall
from coda.runs.execution.facts import RunFacts
from coda.tools.invocation import invoke, not_repeated
from coda.tools.registry import ToolRegistry
from coda.tools.types import ToolContext, ToolOutcome


@dataclass(frozen=True, slots=True)
class RunTools:
    """The only way from a run to tools."""

    registry: ToolRegistry
    limits: ToolSettings

    def specs(self, model: ModelInfo) -> Sequence[ToolSpec]:
        """What the model is told; nothing where it cannot call tools."""
        return self.registry.specs() if model.capabilities.tools else ()

    def needs_approval(self, call: StoredCall) -> bool:
        """Whether a person has to decide on this call first."""
        tool = self.registry.find(call.name)
        return tool is not None and tool.needs_approval and call.outcome is None

    async def invoke(self, facts: RunFacts, call: StoredCall, *, org_id: UUID) -> ToolOutcome:
        """Make one tool call; its own id is the idempotency key. What may have had its effect is not repeated."""
        tool = self.registry.find(call.name)
        if call.is_begun and tool is not None and not tool.may_repeat:
            return not_repeated(call.name)
        context = ToolContext(
            org_id=org_id, user_id=facts.user_id, idempotency_key=str(call.id), time_zone=facts.time_zone
        )
        return await invoke(self.registry, call.name, call.arguments, context, limits=self.limits)
