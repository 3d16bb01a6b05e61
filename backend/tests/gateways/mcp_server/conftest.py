"""The official client of MCP, pointed at the served application."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.callers import Caller
from tests.runs.waiting import LONGEST

Connect = Callable[[Caller], AbstractAsyncContextManager[Client]]
ERAS = ("2026-07-28", "legacy")


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> str:
    """The revisions that there are two transports for."""
    return str(request.param)


@pytest.fixture
def connect(base_url: str, era: str) -> Connect:
    """Connects somebody."""

    @asynccontextmanager
    async def connected(caller: Caller) -> AsyncIterator[Client]:
        timeout = httpx2.Timeout(LONGEST)
        async with httpx2.AsyncClient(headers=caller.headers, timeout=timeout) as http:
            transport = streamable_http_client(f"{base_url}/mcp", http_client=http)
            async with Client(transport, mode=era, cache=None) as client:
                yield client

    return connected
