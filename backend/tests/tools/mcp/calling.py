"""Calls tools of MCP servers as an answer does."""

import asyncio
from dataclasses import replace
from time import monotonic
from typing import Any, Final
from uuid import uuid4

import orjson

from coda.core.guarded_http import Reach
from coda.core.scope import Person, Scope
from coda.core.settings import ToolSettings
from coda.tools.invocation import invoke
from coda.tools.mcp.kind import McpServers
from coda.tools.mcp.toolset import McpToolset
from coda.tools.sources.types import Offer, Source
from coda.tools.types import ToolCallContext, ToolOutcome

SOMEBODY: Final = Scope(uuid4(), Person(uuid4()))


def source_at(url: str, *, reach: Reach = Reach.PRIVATE, **fields: Any) -> Source:  # noqa: ANN401 - of a Source
    plain = Source(uuid4(), SOMEBODY.org_id, "mcp", "box", "The box", None, {"url": url}, reach)
    return replace(plain, **fields)


async def not_changed() -> None:
    """Nobody is told."""


async def joined(servers: McpServers, source: Source) -> tuple[McpToolset, Offer]:
    offer = await servers.offer(source)
    return servers.toolset(replace(source, protocol=offer.protocol), offer.tools, not_changed), offer


async def call(toolset: McpToolset, name: str, caller: ToolCallContext, **arguments: object) -> ToolOutcome:
    tools = {tool.name: tool for tool in await toolset.list(SOMEBODY)}
    text = orjson.dumps(arguments).decode()
    context = replace(caller, deadline=min(caller.deadline, monotonic() + 20), cancelled=asyncio.Event())
    return await invoke(toolset, tools[name], text, context, limits=ToolSettings())


def code_of(outcome: ToolOutcome) -> str:
    assert not outcome.ok
    assert outcome.error is not None
    return str(outcome.error["code"])
