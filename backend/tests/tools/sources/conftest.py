"""The application, people in it, and an MCP server."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from coda.access.roles import Role
from coda.core.db import Database, DatabaseUrls
from coda.core.settings import Settings
from coda.main import create_app
from tests.callers import Caller, Town
from tests.simulators.mcp_servers import ToolServer

PATH = "/api/v1/tool-sources"


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[ToolServer]:
    """A server with a few tools."""
    async with ToolServer().serving() as server:
        yield server


@pytest.fixture(scope="module")
async def app(settings: Settings, database_urls: DatabaseUrls) -> AsyncIterator[FastAPI]:
    """The application, without providers."""
    llm = settings.llm.model_copy(update={"demo_tokens_per_second": 0, "probe_ollama": False})
    application = create_app(settings.model_copy(update={"llm": llm}), database_urls)
    async with application.router.lifespan_context(application):
        yield application


@dataclass(frozen=True, slots=True)
class Panel:
    """Sources as one caller sees and changes them."""

    client: AsyncClient
    caller: Caller

    async def send(self, method: str, path: str = "", **body: Any) -> Response:  # noqa: ANN401 - JSON
        body = {"for" if key == "owner" else key: value for key, value in body.items()}
        return await self.client.request(method, f"{PATH}{path}", headers=self.caller.headers, json=body or None)

    async def add(self, url: str, *, owner: str = "me", **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        return body_of(
            await self.send("POST", **{"kind": "mcp", "name": "The box", "url": url, "owner": owner} | fields)
        )

    async def change(self, source: dict[str, Any], **body: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        return body_of(await self.send("PATCH", f"/{source['id']}", **body))

    async def refresh(self, source: dict[str, Any]) -> dict[str, Any]:
        return body_of(await self.send("POST", f"/{source['id']}/refresh"))

    async def listed(self) -> dict[str, dict[str, Any]]:
        return {source["id"]: source for source in body_of(await self.send("GET"))["items"]}

    async def tools(self) -> dict[str, dict[str, Any]]:
        """The tools of sources that the agent has for the caller."""
        response = await self.client.get("/api/v1/tools", headers=self.caller.headers)
        return {tool["name"]: tool for tool in body_of(response)["items"] if tool["source"] != "built-in"}


def body_of(response: Response) -> dict[str, Any]:
    assert response.is_success, response.text
    body: dict[str, Any] = response.json()
    return body


def refusal(response: Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


@pytest.fixture
def town(app: FastAPI, database: Database) -> Town:
    """Makes people in the application's database."""
    return Town(database, app.state.identity)


@pytest.fixture
async def panels(app: FastAPI, town: Town) -> AsyncIterator[dict[str, Panel]]:
    """An administrator, a member and an operator of one organization, an administrator of another.

    `admin` may not reach private addresses, so sources on this machine are added by operators: `boss` is both.
    """
    here, there = await town.found(), await town.found()
    callers = {
        "admin": await town.settle(here, Role.ADMIN),
        "member": await town.settle(here),
        "boss": await town.settle(here, Role.ADMIN, is_operator=True),
        "stranger": await town.settle(there, Role.ADMIN),
    }
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://coda.lan", timeout=20) as client:
        panels = {name: Panel(client, caller) for name, caller in callers.items()}
        yield panels
        for source in (await panels["boss"].listed()).values():
            await panels["boss"].send("DELETE", f"/{source['id']}")
