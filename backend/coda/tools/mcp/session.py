"""What is asked of an MCP server: its tools, and calls of them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final, Protocol, TypeVar

import mcp_types as types
from mcp.client.session import ClientSession
from mcp.shared.exceptions import MCPError

from coda.tools.mcp.conversation import Conversation
from coda.tools.mcp.dispatcher import Screen
from coda.tools.mcp.exchange import converse
from coda.tools.mcp.listing import Listing
from coda.tools.mcp.results import outcome_of, screened
from coda.tools.sources.types import Offer, Source
from coda.tools.types import ToolOutcome

T = TypeVar("T")
IDEMPOTENCY_KEY: Final = "coda/idempotency-key"
_MOST_PAGES: Final = 20


class Converse(Protocol):
    """Has something done in a session with a server; raises SourceError, AddressRefused."""

    async def __call__(self, work: Callable[[ClientSession], Awaitable[T]], screens: Mapping[str, Screen]) -> T:
        """What came of it."""
        ...


async def list_tools(source: Source, how: Conversation) -> Offer:
    """All tools of a server, as far as they can be taken; raises SourceError, AddressRefused."""
    return await tools_over(partial(converse, source, how))


async def call_tool(
    source: Source, how: Conversation, name: str, arguments: Mapping[str, Any], *, key: str
) -> ToolOutcome:
    """Call a tool; raises SourceError, AddressRefused, ToolFailed in the server's words."""
    return await call_over(partial(converse, source, how), name, arguments, key=key)


async def tools_over(converse: Converse) -> Offer:
    """The same, however the server is spoken to."""
    listing = Listing()

    async def work(session: ClientSession) -> str:
        cursor, seen = None, set[str]()
        for _ in range(_MOST_PAGES):
            page = await session.list_tools(params=types.PaginatedRequestParams(cursor=cursor))
            await asyncio.to_thread(listing.add, page.tools)  # schemas take their time to compile
            cursor = page.next_cursor
            if not cursor or cursor in seen or listing.is_full:
                break
            seen.add(cursor)
        return session.protocol_version or ""

    protocol = await converse(work, {"tools/list": listing.screen})
    return listing.offer(protocol)


async def call_over(converse: Converse, name: str, arguments: Mapping[str, Any], *, key: str) -> ToolOutcome:
    """The same, however the server is spoken to."""
    params = types.CallToolRequestParams(name=name, arguments=dict(arguments), _meta={IDEMPOTENCY_KEY: key})

    async def work(session: ClientSession) -> types.CallToolResult:
        request = types.CallToolRequest(params=params)
        try:
            return await session.send_request(request, types.CallToolResult)
        except MCPError as error:
            if error.code != types.HEADER_MISMATCH:
                raise
            await session.list_tools()  # the server wants headers that its list tells of
            return await session.send_request(request, types.CallToolResult)

    screens = {"tools/call": screened, "tools/list": Listing().screen}
    return outcome_of(await converse(work, screens))
