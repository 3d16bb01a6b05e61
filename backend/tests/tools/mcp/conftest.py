"""MCP servers, and what calls their tools."""

from collections.abc import AsyncIterator

import pytest

from coda.core.guarded_http import OutboundHttp
from coda.core.settings import ToolSettings
from coda.tools.mcp.kind import McpServers
from tests.simulators.mcp_servers import HostileServer, ToolServer


@pytest.fixture(scope="package")
async def new_server() -> AsyncIterator[ToolServer]:
    """One that speaks the newest revision, and older ones."""
    async with ToolServer().serving() as server:
        yield server


@pytest.fixture(scope="package")
async def old_server() -> AsyncIterator[ToolServer]:
    """One that knows the handshake only."""
    async with ToolServer(is_old=True).serving() as server:
        yield server


@pytest.fixture(scope="package")
async def hostile() -> AsyncIterator[HostileServer]:
    """One that answers calls with junk."""
    async with HostileServer().serving() as server:
        yield server


@pytest.fixture
async def servers() -> AsyncIterator[McpServers]:
    """The kind of sources, with breakers of its own."""
    http = OutboundHttp()
    servers = McpServers(http, ToolSettings())
    yield servers
    await servers.close()
    await http.close()
