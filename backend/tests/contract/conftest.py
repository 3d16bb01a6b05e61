"""The whole application, assembled and at work, over the module's database."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from coda.core.db import DatabaseUrls
from coda.core.settings import Settings
from coda.main import create_app
from tests.callers import Town


@pytest.fixture(scope="module")
def settings(settings: Settings) -> Settings:
    """A demo model without pauses, and nothing that is looked for on this machine."""
    llm = settings.llm.model_copy(update={"demo_tokens_per_second": 0, "probe_ollama": False})
    return settings.model_copy(update={"llm": llm})


@pytest.fixture(scope="module")
async def app(settings: Settings, database_urls: DatabaseUrls) -> AsyncIterator[FastAPI]:
    """The application as `coda serve` runs it."""
    app = create_app(settings, database_urls)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture(scope="module")
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    transport = ASGITransport(app, client=("127.0.0.1", 5000))
    async with AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        yield client


@pytest.fixture(scope="module")
def town(app: FastAPI) -> Town:
    return Town(app.state.database, app.state.identity)
