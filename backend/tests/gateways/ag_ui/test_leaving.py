"""Streams that end before their run: the client learns why, and the run goes on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

import orjson
from fastapi import FastAPI
from httpx import AsyncClient

from coda.core.db import Database
from tests.callers import Caller, Town

SLOW: Final = "openrouter/paced-n2000-d20"


@asynccontextmanager
async def following(base_url: str, caller: Caller) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    """The events of a run that works for long."""
    message = {"id": "1", "role": "user", "content": "Count"}
    given = {"threadId": uuid4().hex, "runId": uuid4().hex, "messages": [message], "forwardedProps": {"model": SLOW}}
    async with (
        AsyncClient(timeout=30) as client,
        client.stream("POST", f"{base_url}/ag-ui", json=given, headers=caller.headers) as answer,
    ):
        assert answer.status_code == 200
        lines = (line async for line in answer.aiter_lines() if line.startswith("data: "))
        yield (orjson.loads(line.removeprefix("data: ")) async for line in lines)


async def last_of(events: AsyncIterator[dict[str, Any]]) -> dict[str, Any]:
    last: dict[str, Any] = {}
    async for event in events:
        last = event
    return last


async def stop(base_url: str, caller: Caller, run_id: str) -> str:
    """Stop a run; gives its status before."""
    async with AsyncClient(base_url=base_url, headers=caller.headers) as client:
        run = (await client.get(f"/api/v1/runs/{run_id}")).json()
        await client.post(f"/api/v1/runs/{run_id}/cancel")
    return str(run["status"])


async def test_a_key_that_is_revoked(base_url: str, app: FastAPI, database: Database, caller: Caller) -> None:
    town = Town(database, app.state.identity)
    owner = await town.sign_in(caller.principal, caller.email)
    key = await town.key(owner)
    async with following(base_url, key) as events:
        started = await anext(events)
        async with AsyncClient(base_url=base_url, headers=owner.headers) as client:
            await client.delete(f"/api/v1/api-keys/{key.principal.api_key_id}")
        last = await last_of(events)

    assert (last["type"], last["code"]) == ("RUN_ERROR", "organizations.invalid_api_key")
    assert await stop(base_url, owner, started["metadata"]["coda"]["run_id"]) == "running"


async def test_a_server_that_stops(base_url: str, app: FastAPI, caller: Caller) -> None:
    """The last one here: from now on this process takes no connections."""
    async with following(base_url, caller) as events:
        started = await anext(events)
        await app.state.sockets.registry.disconnect_all(within=timedelta(0))
        last = await last_of(events)

    assert (last["type"], last["code"]) == ("RUN_ERROR", "ag_ui.run_goes_on")
    assert await stop(base_url, caller, started["metadata"]["coda"]["run_id"]) == "running"
