"""What a caller sees of tools and changes about them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from coda.access.checks import check
from coda.access.permissions import Permission
from coda.access.principal import Principal
from coda.conversations.service import ChatSessionService
from coda.tools.errors import LOCKED, AmbiguousTool, SessionMissing, ToolNotFound
from coda.tools.policies import PolicyChange, PolicyLevels, ShownTool
from coda.tools.repository import ToolPolicyRepository
from coda.tools.types import Approval, Level, Tool

PERMISSIONS = {
    Level.ORGANIZATION: Permission.ORGANIZATION_WRITE,
    Level.PERSON: Permission.ACCOUNT_WRITE,
    Level.SESSION: Permission.SESSIONS_WRITE,
}
"""What a caller needs to decide on each level."""


@dataclass(frozen=True, slots=True)
class ToolPolicyService:
    """The tools of one caller. `announce` tells every process of a change at its commit."""

    principal: Principal
    tools: Sequence[Tool]
    policies: ToolPolicyRepository
    sessions: ChatSessionService
    announce: Callable[[Level, UUID | None], Awaitable[None]]

    async def list(self, session_id: UUID | None) -> Sequence[ShownTool]:
        """All tools, with what holds for the caller; raises ChatSessionNotFound, MissingKeyScope."""
        levels = await self._levels(session_id)
        return [ShownTool(tool, levels, session_id is not None) for tool in self.tools]

    async def change(self, name: str, change: PolicyChange, *, source: str | None) -> ShownTool:
        """Decide about a tool.

        Raises what `check` does, ToolNotFound, AmbiguousTool, SessionMissing, ChatSessionNotFound and ToolLocked,
        the last where a broader level has decided otherwise.
        """
        check(self.principal, PERMISSIONS[change.level])
        tool = self._find(name, source)
        if change.level is Level.SESSION and change.session_id is None:
            raise SessionMissing
        if change.level is Level.SESSION and change.session_id is not None:
            await self.sessions.get_to_change(change.session_id)
        levels = await self._levels(change.session_id)
        _check_open(tool, levels, change)
        if change.words:
            await self.policies.set(change.level, (tool.source, name), change.words, session_id=change.session_id)
            await self.announce(change.level, change.session_id)
            levels = await self.policies.levels(change.session_id)
        return ShownTool(tool, levels, change.session_id is not None)

    async def _levels(self, session_id: UUID | None) -> PolicyLevels:
        if session_id is not None:
            check(self.principal, Permission.SESSIONS_READ)
            await self.sessions.get(session_id)
        return await self.policies.levels(session_id)

    def _find(self, name: str, source: str | None) -> Tool:
        found = [tool for tool in self.tools if tool.name == name and source in (None, tool.source)]
        if not found:
            raise ToolNotFound(name)
        if len(found) > 1:
            raise AmbiguousTool(name, [tool.source for tool in found])
        return found[0]


def _check_open(tool: Tool, levels: PolicyLevels, change: PolicyChange) -> None:
    above = levels.of(tool, above=change.level)
    if change.words.get("enabled") is True and above.switched_off_by is not None:
        raise LOCKED[above.switched_off_by](tool.name, "off")
    approval = change.words.get("approval")
    if approval is not None and approval is not Approval.ALWAYS and above.always_by is not None:
        raise LOCKED[above.always_by](tool.name, "always asking")
