"""Connections over HTTP, for tests."""

from typing import Any

from httpx import AsyncClient, Response

from tests.callers import Caller

KEY = "sk-canary-0123456789"


async def connect(client: AsyncClient, caller: Caller, **fields: Any) -> Response:  # noqa: ANN401 - JSON
    """Ask for a new connection."""
    return await client.post("/api/v1/connections", json=fields, headers=caller.headers)


async def connected(client: AsyncClient, caller: Caller, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """A new connection."""
    return body_of(await connect(client, caller, **fields), 201)


async def change(client: AsyncClient, caller: Caller, connection_id: str, **fields: Any) -> Response:  # noqa: ANN401 - JSON
    """Ask for a change."""
    return await client.patch(f"/api/v1/connections/{connection_id}", json=fields, headers=caller.headers)


async def listed(client: AsyncClient, caller: Caller) -> dict[str, dict[str, Any]]:
    """The connections that a caller sees, by id."""
    response = await client.get("/api/v1/connections?limit=200", headers=caller.headers)
    return {row["id"]: row for row in body_of(response)["items"]}


async def model_ids(client: AsyncClient, caller: Caller) -> set[str]:
    """The models that a caller may choose."""
    body = body_of(await client.get("/api/v1/models", headers=caller.headers))
    return {model["id"] for model in body["items"]}


def body_of(response: Response, status: int = 200) -> dict[str, Any]:
    """What a successful answer says."""
    assert response.status_code == status, response.text
    body: dict[str, Any] = response.json()
    return body


def code_of(response: Response) -> str:
    """The code of an error."""
    code: str = response.json()["error"]["code"]
    return code
