"""The tools of a run: what its model is told of them, which calls need a person's consent, and how one is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

from coda.core.scope import Scope
from coda.core.settings import ToolSettings
from coda.llm.types import ModelInfo, ToolSpec
from coda.runs.execution.calls import StoredCall
from coda.runs.execution.facts import RunFacts
from coda.tools.errors import ToolError
from coda.tools.invocation import invoke, not_repeated, refused
from coda.tools.resolver import AdmittedTool, LiveTools, ToolResolver
from coda.tools.selection import ToolSelection
from coda.tools.types import ToolCallContext, ToolOutcome, Workers


@dataclass(frozen=True, slots=True)
class RunTools:
    """The only way from a run to tools: those that its answer was begun with, as far as they are still allowed."""

    resolver: ToolResolver
    limits: ToolSettings
    scope: Scope
    facts: RunFacts
    selection: ToolSelection
    workers: Workers

    def specs(self, model: ModelInfo) -> Sequence[ToolSpec]:
        """What the model is told; nothing where it cannot call tools."""
        return self.selection.specs if model.capabilities.tools else ()

    async def needing_consent(self, calls: Sequence[StoredCall]) -> list[StoredCall]:
        """The calls on which a person has to decide before they are made, decided or not."""
        live = await self._live()
        return [call for call in calls if self._needs_consent(call, live)]

    async def invoke(self, call: StoredCall) -> ToolOutcome:
        """Make one tool call; its own id is the idempotency key. What may have had its effect is not repeated."""
        live = await self._live()
        if self._is_lost(call, live):
            return not_repeated(call.name)
        try:
            admitted = live.admit(call.name, self.selection)
        except ToolError as error:
            return refused(error)
        return await self._make(call, admitted)

    async def _make(self, call: StoredCall, admitted: AdmittedTool) -> ToolOutcome:
        context = ToolCallContext(
            org_id=self.scope.org_id,
            user_id=self.facts.user_id,
            idempotency_key=str(call.id),
            deadline=monotonic() + self.limits.timeout.total_seconds(),
            workers=self.workers,
            time_zone=self.facts.time_zone,
        )
        return await invoke(admitted.toolset, admitted.tool, call.arguments, context, limits=self.limits)

    async def _live(self) -> LiveTools:
        return await self.resolver.live(self.scope, self.facts.session_id)

    def _needs_consent(self, call: StoredCall, live: LiveTools) -> bool:
        """Nobody is asked about a call that will not be made."""
        if call.outcome is not None or self._is_lost(call, live):
            return False
        try:
            return live.admit(call.name, self.selection).needs_approval
        except ToolError:
            return False

    def _is_lost(self, call: StoredCall, live: LiveTools) -> bool:
        """Whether a lost attempt may have made it and a second time would count."""
        selected = self.selection.find(call.name)
        if not call.is_begun or selected is None:
            return False
        tool = live.find(selected)
        return tool is None or not tool.may_repeat
