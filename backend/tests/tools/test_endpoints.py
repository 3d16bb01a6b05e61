"""The list of tools over HTTP."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from coda.access.roles import Role
from coda.auth.wiring import build_authenticator
from coda.core.db import Database
from coda.core.http.install import install_http
from coda.core.rate_limit import MemoryRateLimiter
from coda.core.settings import Settings
from coda.identity.wiring import build_identity
from coda.tools import endpoints
from coda.tools.registry import ToolRegistry
from tests.callers import Town


@pytest.fixture
def app(database: Database, settings: Settings, registry: ToolRegistry) -> FastAPI:
    app = FastAPI()
    app.include_router(endpoints.router)
    install_http(app, settings)
    app.state.settings, app.state.database, app.state.registry = settings, database, registry
    app.state.identity = build_identity(settings, MemoryRateLimiter())
    app.state.authenticator = build_authenticator(app.state.identity)
    return app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(transport=ASGITransport(app), base_url="http://coda.lan:8000") as client:
        yield client


class TestListTools:
    @pytest.mark.parametrize("role", list(Role))
    async def test_everybody_signed_in_sees_the_tools(
        self, client: AsyncClient, app: FastAPI, database: Database, role: Role
    ) -> None:
        town = Town(database, app.state.identity)
        caller = await town.settle(await town.found(), role)

        response = await client.get("/api/v1/tools", headers=caller.headers)

        items = response.json()["items"]
        assert [item["name"] for item in items] == ["calculator", "optimize", "table_statistics", "date_time"]
        assert set(items[0]) == {"name", "title", "description", "parameters", "source"}
        assert (items[0]["title"], items[0]["source"]) == ("Calculated", "built-in")

    async def test_nobody_else_does(self, client: AsyncClient) -> None:
        assert (await client.get("/api/v1/tools")).status_code == 401
