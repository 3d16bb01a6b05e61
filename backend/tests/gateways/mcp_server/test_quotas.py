"""Quotas of callers over MCP: one count for all processes."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr

from coda.core.db import DatabaseUrls
from coda.core.settings import RateLimitSettings, Settings
from coda.main import create_app
from tests.callers import Caller
from tests.gateways.mcp_server.test_wire import ACCEPT, call, error_of, modern


@pytest.fixture
async def processes(
    settings: Settings, database_urls: DatabaseUrls, redis_url: str
) -> AsyncIterator[tuple[AsyncClient, AsyncClient]]:
    """Two that share a Redis."""
    changes = {"redis_url": SecretStr(redis_url), "rate_limits": RateLimitSettings(requests_per_key=3)}
    made = []
    async with AsyncExitStack() as stack:
        for _ in range(2):
            app = create_app(settings.model_copy(update=changes), database_urls)
            await stack.enter_async_context(app.router.lifespan_context(app))
            made.append(await stack.enter_async_context(AsyncClient(transport=ASGITransport(app), base_url="http://c")))
        yield made[0], made[1]


async def test_two_processes_count_together(processes: tuple[AsyncClient, AsyncClient], caller: Caller) -> None:
    headers = {**ACCEPT, **modern("tools/list"), **caller.headers}
    answers = [
        await client.post("/mcp", json=call("tools/list"), headers=headers) for client in (*processes, *processes)
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    refused = answers[-1]
    assert error_of(refused)["data"]["code"] == "core.rate_limited"
    assert refused.json()["jsonrpc"] == "2.0"
    assert int(refused.headers["retry-after"]) == error_of(refused)["data"]["details"]["retry_after"]
