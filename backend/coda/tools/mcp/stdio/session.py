"""What is asked of a running server: its tools, and calls of them."""

from collections.abc import Mapping
from typing import Any, Final

import mcp_types as types
from mcp.client.session import ClientSession

from coda.tools.mcp.session import IDEMPOTENCY_KEY, offer_of, outcome_of
from coda.tools.mcp.stdio.child import ServerChild
from coda.tools.mcp.stdio.exchange import Talk, converse
from coda.tools.sources.types import MOST_TOOLS, Offer
from coda.tools.types import ToolOutcome

_MOST_PAGES: Final = 20


async def list_tools(child: ServerChild, talk: Talk) -> Offer:
    """All tools of a server, as far as they can be taken; raises SourceError."""

    async def work(session: ClientSession) -> tuple[list[types.Tool], str]:
        tools: list[types.Tool] = []
        cursor = None
        for _ in range(_MOST_PAGES):
            page = await session.list_tools(params=types.PaginatedRequestParams(cursor=cursor))
            tools.extend(page.tools)
            cursor = page.next_cursor
            if not cursor or len(tools) > MOST_TOOLS:
                break
        return tools, session.protocol_version or ""

    return offer_of(*await converse(child, talk, work))


async def call_tool(
    child: ServerChild, talk: Talk, name: str, arguments: Mapping[str, Any], *, key: str
) -> ToolOutcome:
    """Call a tool; raises SourceError, ToolFailed in the server's words."""
    params = types.CallToolRequestParams(name=name, arguments=dict(arguments), _meta={IDEMPOTENCY_KEY: key})

    async def work(session: ClientSession) -> types.CallToolResult:
        return await session.send_request(types.CallToolRequest(params=params), types.CallToolResult)

    return outcome_of(await converse(child, talk, work))
