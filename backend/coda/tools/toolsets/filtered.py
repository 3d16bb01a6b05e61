"""A toolset of which only some tools may be used."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from coda.core.scope import Scope
from coda.tools.errors import ToolNotAllowed
from coda.tools.toolsets.toolset import Toolset
from coda.tools.types import Arguments, Tool, ToolCallContext, ToolOutcome


@dataclass(frozen=True, slots=True)
class Filtered:
    """Shows and calls what `allows` lets pass, by source and name."""

    toolset: Toolset
    allows: Callable[[str, str], bool]

    @property
    def source_id(self) -> str:
        """The wrapped one's."""
        return self.toolset.source_id

    async def list(self, scope: Scope) -> Sequence[Tool]:
        """Those that may be used."""
        return [tool for tool in await self.toolset.list(scope) if self.allows(tool.source, tool.name)]

    async def call(self, name: str, arguments: Arguments, call: ToolCallContext) -> ToolOutcome:
        """Call one of them; raises ToolNotAllowed for any other."""
        if not self.allows(self.source_id, name):
            raise ToolNotAllowed(name)
        return await self.toolset.call(name, arguments, call)
