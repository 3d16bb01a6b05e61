"""The tools of one MCP server, as they were listed and approved: the server is asked only when one is called."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

import structlog

from coda.core.db import is_database_outage
from coda.core.scope import Scope
from coda.core.tasks import unbroken
from coda.tools.errors import SourceGone
from coda.tools.mcp.conversation import TOOLS_CHANGED
from coda.tools.sources.definitions import as_tool
from coda.tools.sources.errors import SourceError
from coda.tools.sources.types import OfferedTool, Source
from coda.tools.types import Arguments, Tool, ToolCallContext, ToolOutcome

_UNKNOWN: Final = " It may have done its work or not: check that before it is called again."
log = structlog.get_logger(__name__)


class Caller(Protocol):
    """Calls tools of servers."""

    async def call(
        self, source: Source, name: str, arguments: Arguments, call: ToolCallContext, *, heard: Callable[[str], None]
    ) -> ToolOutcome:
        """Call a tool by its server's name for it; `heard` gets the server's notifications meanwhile."""
        ...


class McpToolset:
    """One server. `changed` is told, after a call, that the server has other tools by now."""

    def __init__(
        self, source: Source, tools: Sequence[OfferedTool], caller: Caller, changed: Callable[[], Awaitable[None]]
    ) -> None:
        self.source_id = str(source.id)
        self._source, self._caller, self._changed = source, caller, changed
        self._tools = {(tool := as_tool(source, offered)).name: (tool, offered.name) for offered in tools}

    async def list(self, scope: Scope) -> Sequence[Tool]:  # noqa: ARG002 - whose it is was looked at before
        """All of them."""
        return [tool for tool, _ in self._tools.values()]

    async def call(self, name: str, arguments: Arguments, call: ToolCallContext) -> ToolOutcome:
        """Call a tool; raises ToolError."""
        found = self._tools.get(name)
        if found is None:
            raise SourceGone(name)
        tool, server_name = found
        said = set[str]()
        try:
            return await self._caller.call(self._source, server_name, arguments, call, heard=said.add)
        except SourceError as error:
            if error.may_have_worked and not tool.may_repeat:
                error.message += _UNKNOWN
            raise
        finally:
            if TOOLS_CHANGED in said:
                with unbroken(log, "tools.change_unheard", is_expected=is_database_outage):
                    await self._changed()
