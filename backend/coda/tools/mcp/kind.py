"""The kind of sources that are MCP servers over streamable HTTP."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from coda.core.breaker import Breaker, Breakers
from coda.core.guarded_http import AddressRefused, OutboundError, OutboundHttp, Reach
from coda.core.guarded_http.client import check_reach, check_url
from coda.core.settings import ToolSettings
from coda.tools.errors import ToolFailed
from coda.tools.mcp.conversation import NOT_SENT, OF_THE_PROTOCOL, Conversation
from coda.tools.mcp.courtesies import Courtesies
from coda.tools.mcp.toolset import McpToolset
from coda.tools.sources.errors import SourceError, SourceInvalid, SourceOutOfReach, SourceRefused, SourceResting
from coda.tools.sources.types import LISTING_SECONDS, Offer, OfferedTool, Source
from coda.tools.types import Arguments, ToolCallContext, ToolOutcome

_LARGEST_LISTING: Final = 2_000_000
_ROOM: Final = 50_000
"""Bytes of an answer besides the result."""
_BEFORE_THE_DEADLINE: Final = 0.5
_SDK: Final = "coda.tools.mcp.session"


class McpServers:
    """Lists servers and calls their tools."""

    name = "mcp"
    is_for_workers = False

    def __init__(self, http: OutboundHttp, settings: ToolSettings) -> None:
        self._http, self._settings = http, settings
        self._breakers: Breakers[SourceError] = Breakers()
        self._courtesies = Courtesies()
        self._sdk: Any = None

    async def close(self) -> None:
        """Tell servers nothing any more; to be closed before `http` is."""
        await self._courtesies.close()

    def check(self, config: Mapping[str, Any], reach: Reach) -> None:
        """Refuse what is no address of a server; raises SourceInvalid, AddressRefused."""
        url = str(config.get("url", ""))
        try:
            check_url(url)
        except OutboundError as error:
            raise SourceInvalid(error.message, field="url") from None
        if urlsplit(url).fragment:
            raise SourceInvalid("An address has no #.", field="url")
        check_reach(url, reach, field="url")
        header = (config.get("auth") or {}).get("name") or ""
        if header.lower() in NOT_SENT | OF_THE_PROTOCOL:
            raise SourceInvalid("A sign-in cannot be in this header.", field="auth")

    async def offer(self, source: Source) -> Offer:
        """Ask a server for its tools; what it speaks is found out anew. Raises SourceError, AddressRefused."""
        session = await self._session()
        how = Conversation(self._http, self._courtesies, LISTING_SECONDS, _LARGEST_LISTING)
        offer: Offer = await session.list_tools(source, how)
        self._breakers.of(str(source.id)).succeeded()
        return offer

    def toolset(
        self, source: Source, tools: Sequence[OfferedTool], changed: Callable[[], Awaitable[None]]
    ) -> McpToolset:
        """The tools of a server."""
        return McpToolset(source, tools, self, changed)

    async def call(
        self, source: Source, name: str, arguments: Arguments, call: ToolCallContext, *, heard: Callable[[str], None]
    ) -> ToolOutcome:
        """Call a tool of a server; raises SourceError, ToolFailed."""
        breaker = self._breakers.of(str(source.id))
        resting = breaker.retry_after()
        if resting is not None:
            raise SourceResting(resting)
        seconds = max(_BEFORE_THE_DEADLINE, call.seconds_left - _BEFORE_THE_DEADLINE)
        largest = 2 * self._settings.max_result_bytes + _ROOM
        how = Conversation(self._http, self._courtesies, seconds, largest, heard, source.protocol)
        try:
            session = await self._session()
            outcome: ToolOutcome = await session.call_tool(source, how, name, arguments, key=call.idempotency_key)
        except ToolFailed:
            breaker.succeeded()
            raise
        except SourceError as error:
            note(breaker, error)
            raise
        except AddressRefused as error:
            breaker.abandoned()
            raise SourceOutOfReach(error.message) from error
        except BaseException:
            breaker.abandoned()
            raise
        breaker.succeeded()
        return outcome

    async def _session(self) -> Any:  # noqa: ANN401 - a module
        """What imports the SDK, which takes a second: beside the event loop, at first use."""
        if self._sdk is None:
            self._sdk = await asyncio.to_thread(importlib.import_module, _SDK)
        return self._sdk


def note(breaker: Breaker[SourceError], error: SourceError) -> None:
    """Only what tells that a server is down counts against it; what it refuses it has answered."""
    if error.is_outage:
        breaker.failed(error)
    elif isinstance(error, SourceRefused):
        breaker.succeeded()
    else:
        breaker.abandoned()
