"""The tools of a run: what its model is told of them, which calls need a person's consent, and how one is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

from coda.core.scope import Scope
from coda.core.settings import ToolSettings
from coda.llm.types import ModelInfo, ToolSpec
from coda.runs.execution.calls import StoredCall
from coda.runs.execution.facts import RunFacts
from coda.tools.errors import ConsentNeeded, ToolError
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

    def specs(self, model: ModelInfo, *, only_of_client: bool = False) -> Sequence[ToolSpec]:
        """What the model is told; nothing where it cannot call tools. A client's tool takes the place of ours."""
        if not model.capabilities.tools:
            return ()
        client_tools = self.facts.asked.client_tools
        if only_of_client:
            return client_tools
        taken = {tool.name for tool in client_tools}
        return [*(spec for spec in self.selection.specs if spec.name not in taken), *client_tools]

    def of_client(self, calls: Sequence[StoredCall]) -> list[StoredCall]:
        """The calls that are made by whoever asks, and whose results come with their next request."""
        names = {tool.name for tool in self.facts.asked.client_tools}
        return [call for call in calls if call.name in names]

    async def needing_consent(self, calls: Sequence[StoredCall]) -> list[StoredCall]:
        """The calls on which a person has to decide before they are made, decided or not."""
        live = await self._live()
        own = set(map(id, calls)) - set(map(id, self.of_client(calls)))
        return [call for call in calls if id(call) in own and self._needs_consent(call, live)]

    async def invoke(self, call: StoredCall, *, has_consent: bool) -> ToolOutcome:
        """Make one tool call; its own id is the idempotency key. What may have had its effect is not repeated.

        `has_consent`: a person has allowed it. Calls wait for their place, and what needs nobody's consent when they
        are let pass may need it when it is their turn.
        """
        live = await self._live()
        if self._is_lost(call, live):
            return not_repeated(call.name)
        try:
            admitted = live.admit(call.name, self.selection)
            if admitted.needs_approval and not has_consent:
                raise ConsentNeeded(call.name)
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
