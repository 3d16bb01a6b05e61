"""A burst of starts on few database connections: nobody waits for a connection while holding one."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from httpx import ASGITransport, AsyncClient

from coda.core.db import DatabaseUrls
from coda.core.settings import Settings
from coda.main import create_app
from tests.callers import Town

BURST = 8
LONGEST = 20.0


@pytest.fixture
async def client(settings: Settings, database_urls: DatabaseUrls) -> AsyncIterator[AsyncClient]:
    """Somebody signed in at an application that has two connections, and has not read any providers yet."""
    llm = settings.llm.model_copy(update={"demo_tokens_per_second": 0, "probe_ollama": False})
    app = create_app(settings.model_copy(update={"database_pool_size": 2, "llm": llm}), database_urls)
    async with app.router.lifespan_context(app):
        town = Town(app.state.database, app.state.identity)
        caller = await town.settle(await town.found())
        transport = ASGITransport(app)
        async with AsyncClient(transport=transport, base_url="http://coda.lan", headers=caller.headers) as client:
            yield client


async def test_a_burst_of_starts(client: AsyncClient) -> None:
    sessions = [(await client.post("/api/v1/sessions", json={})).json()["id"] for _ in range(BURST)]
    question = {"message": {"content": "Hello"}, "model": "demo/coda"}

    async with asyncio.timeout(LONGEST):
        answers = await asyncio.gather(
            *(client.post(f"/api/v1/sessions/{session_id}/runs", json=question) for session_id in sessions)
        )
        ends = await asyncio.gather(
            *(client.get(f"/api/v1/runs/{answer.json()['run']['id']}/events") for answer in answers)
        )

    assert all('"type":"RUN_FINISHED"' in end.text for end in ends)
