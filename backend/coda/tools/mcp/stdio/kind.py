"""The kind of sources that are MCP servers which Coda starts itself."""

import asyncio
import importlib
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from coda.core.breaker import Breakers
from coda.core.guarded_http import Reach
from coda.core.settings import ToolSettings
from coda.tools.errors import ToolFailed
from coda.tools.mcp.conversation import hear_nothing
from coda.tools.mcp.kind import note
from coda.tools.mcp.stdio.children import Children
from coda.tools.mcp.stdio.errors import ServerElsewhere, ServerEnded
from coda.tools.mcp.stdio.process import ProcessLimits
from coda.tools.mcp.toolset import McpToolset
from coda.tools.sources.errors import SourceError, SourceResting
from coda.tools.sources.started.commands import STDIO
from coda.tools.sources.types import Offer, OfferedTool, Source
from coda.tools.types import Arguments, ToolCallContext, ToolOutcome

_LARGEST_LISTING: Final = 2_000_000
_ROOM: Final = 50_000
_BEFORE_THE_DEADLINE: Final = 0.5
_MOST_LINES: Final = 30
_OLD: Final = "an older revision"
_SDK: Final = "coda.tools.mcp.stdio.exchange"


class StdioServers:
    """Lists servers and calls their tools, where this process `works` on runs; elsewhere it starts none."""

    name = STDIO
    is_for_workers = True

    def __init__(self, settings: ToolSettings, *, works: bool) -> None:
        self._works = works
        self._breakers: Breakers[SourceError] = Breakers()
        limits = ProcessLimits(settings.server_memory_mb, settings.server_files, settings.server_processes)
        longest = max(_LARGEST_LISTING, 2 * settings.max_result_bytes + _ROOM)
        self.children = Children(limits, idle_seconds=settings.server_idle.total_seconds(), longest=longest)

    async def close(self) -> None:
        """End all servers."""
        await self.children.close()

    def check(self, config: Mapping[str, Any], reach: Reach) -> None:
        """What is entered is checked where it is read; whether it can be started, where that is done."""

    def log_of(self, source_id: UUID) -> list[str]:
        """What a server has written, the newest lines."""
        seat = self.children.seats.get(source_id)
        return [] if seat is None else [line.text for line in seat.log.lines[-_MOST_LINES:]]

    async def offer(self, source: Source) -> Offer:
        """Ask a server for its tools; what it speaks is found out anew. Raises SourceError."""
        try:
            return await self._offer(source, None)
        except ServerEnded:
            return await self._offer(source, _OLD)  # some older servers end at whatever is no handshake

    def toolset(
        self, source: Source, tools: Sequence[OfferedTool], changed: Callable[[], Awaitable[None]]
    ) -> McpToolset:
        """The tools of a server."""
        return McpToolset(source, tools, self, changed)

    async def call(
        self, source: Source, name: str, arguments: Arguments, call: ToolCallContext, *, heard: Callable[[str], None]
    ) -> ToolOutcome:
        """Call a tool of a server; raises SourceError, ToolFailed."""
        if not self._works:
            raise ServerElsewhere
        breaker = self._breakers.of(str(source.id))
        resting = breaker.retry_after()
        if resting is not None:
            raise SourceResting(resting)
        try:
            outcome = await self._call(source, name, arguments, call, heard)
        except ToolFailed:
            breaker.succeeded()
            raise
        except SourceError as error:
            note(breaker, error)
            raise
        except BaseException:
            breaker.abandoned()
            raise
        breaker.succeeded()
        return outcome

    async def _offer(self, source: Source, protocol: str | None) -> Offer:
        if not self._works:
            raise ServerElsewhere
        exchange = await _sdk()
        async with self.children.child(source, is_patient=False) as child:
            talk = exchange.Talk(child.command.start_seconds, hear_nothing, protocol)
            offer: Offer = await exchange.list_tools(child, talk)
        self._breakers.of(str(source.id)).succeeded()
        return offer

    async def _call(
        self, source: Source, name: str, arguments: Arguments, call: ToolCallContext, heard: Callable[[str], None]
    ) -> ToolOutcome:
        exchange = await _sdk()
        async with self.children.child(source) as child:
            left = max(_BEFORE_THE_DEADLINE, call.seconds_left - _BEFORE_THE_DEADLINE)
            talk = exchange.Talk(min(left, child.command.call_seconds), heard, source.protocol)
            outcome: ToolOutcome = await exchange.call_tool(child, talk, name, arguments, key=call.idempotency_key)
        return outcome


async def _sdk() -> Any:  # noqa: ANN401 - a module
    """It takes a second to import: beside the event loop, at first use."""
    return sys.modules.get(_SDK) or await asyncio.to_thread(importlib.import_module, _SDK)
