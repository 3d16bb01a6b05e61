"""Tools that somebody calls themselves, outside of any chat: the same ones, within the same limits, as a run's."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final
from uuid import UUID

import structlog

from coda.core.fair_gate import FairGate
from coda.core.ids import new_id
from coda.core.scope import Scope
from coda.core.settings import ToolSettings
from coda.observability.metrics import TOOL_CALLS, TOOL_SECONDS, tool_label
from coda.tools.errors import CallsNeedApproval, ToolError
from coda.tools.invocation import invoke, refused
from coda.tools.resolver import AdmittedTool, ToolResolver
from coda.tools.types import Tool, ToolCallContext, ToolOutcome, Workers

_MS: Final = 1_000
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DirectCalls:
    """For the whole process; `gate` and `workers` are those of its runs."""

    resolver: ToolResolver
    limits: ToolSettings
    gate: FairGate
    workers: Workers

    async def list(self, scope: Scope) -> Sequence[Tool]:
        """The tools that somebody has switched on, one of each name, in the order in which a model is told of them."""
        return (await self.resolver.live(scope, None)).list_allowed()

    async def call(
        self, scope: Scope, user_id: UUID, name: str, arguments: str, *, time_zone: str | None
    ) -> ToolOutcome:
        """Call a tool with arguments as JSON, once there is room for it.

        What there is not, is switched off, or needs a person's consent, is refused in the outcome.
        """
        async with self.gate.place(user_id):
            live = await self.resolver.live(scope, None)
            try:
                admitted = live.admit_now(name)
                if admitted.needs_approval:
                    raise CallsNeedApproval(name)
            except ToolError as error:
                return refused(error)
            call = ToolCallContext(
                org_id=scope.org_id,
                user_id=user_id,
                idempotency_key=str(new_id()),
                deadline=monotonic() + self.limits.timeout.total_seconds(),
                workers=self.workers,
                time_zone=time_zone or "UTC",
            )
            return await self._counted(admitted, arguments, call)

    async def _counted(self, admitted: AdmittedTool, arguments: str, call: ToolCallContext) -> ToolOutcome:
        outcome = await invoke(admitted.toolset, admitted.tool, arguments, call, limits=self.limits)
        error = None if outcome.error is None else outcome.error["code"]
        _log.info("direct tool call", tool=admitted.tool.name, error=error, duration_ms=outcome.duration_ms)
        label = tool_label(admitted.tool.name)
        TOOL_CALLS.labels(label, "ok" if outcome.ok else "failed").inc()
        TOOL_SECONDS.labels(label).observe(outcome.duration_ms / _MS)
        return outcome
