"""Simulated providers, an HTTP pool, and an application for the tests of models."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from coda.core.db import Database, DatabaseUrls
from coda.core.guarded_http import OutboundHttp
from coda.core.settings import Settings
from coda.main import create_app
from tests.callers import Town
from tests.simulators.aimock import AIMock
from tests.simulators.fixtures import aimock, faults, module_faults, scripted

__all__ = ["aimock", "faults", "module_faults", "scripted"]


@pytest.fixture(scope="session")
async def http() -> AsyncIterator[OutboundHttp]:
    """The pool of outgoing connections."""
    pool = OutboundHttp()
    yield pool
    await pool.close()


@pytest.fixture(scope="module")
async def app(settings: Settings, database_urls: DatabaseUrls, aimock: AIMock) -> AsyncIterator[FastAPI]:
    """The application; the machine's own OpenAI is simulated, its OpenRouter is down."""
    changes = {
        "openai_base_url": f"{aimock.url}/v1",
        "openrouter_base_url": "http://127.0.0.1:9/v1",
        "llm": settings.llm.model_copy(update={"demo_tokens_per_second": 0, "probe_ollama": False}),
    }
    application = create_app(settings.model_copy(update=changes), database_urls)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """HTTP against the application."""
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://coda.lan", timeout=20) as made:
        yield made


@pytest.fixture
def town(app: FastAPI, database: Database) -> Town:
    """Makes people in the application's database."""
    return Town(database, app.state.identity)
