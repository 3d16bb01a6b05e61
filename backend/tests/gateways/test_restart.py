"""The agent's answer when its server stops, and when the caller's key is gone: a clear end, and no second question."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from openai import APIError, AsyncOpenAI, InternalServerError
from sqlalchemy import select, text

from coda.core.db import Database
from coda.runs.connections.registry import ConnectionRegistry
from coda.runs.models import Run
from tests.callers import Caller
from tests.runs.waiting import open_connections, until, until_async

MODEL = "coda-agent/openrouter/paced-n3000-d20"
QUESTION: Any = [{"role": "user", "content": "hi"}]
Statuses = Callable[[], Awaitable[list[str]]]


@pytest.fixture
async def statuses(app: FastAPI, database: Database, caller: Caller) -> AsyncIterator[Statuses]:
    """What became of this test's runs; they are stopped at its end."""
    scope = caller.principal.scope
    async with database.transaction(scope) as db:
        earlier = set(await db.scalars(select(Run.id)))

    async def runs() -> dict[Any, str]:
        async with database.transaction(scope) as db:
            return {run.id: run.status for run in await db.scalars(select(Run)) if run.id not in earlier}

    async def now() -> list[str]:
        return list((await runs()).values())

    yield now
    for run_id in await runs():
        await app.state.run_commands.cancel(caller.principal, run_id)


@pytest.fixture
def registry(app: FastAPI) -> ConnectionRegistry:
    """Who is connected."""
    registry: ConnectionRegistry = app.state.sockets.registry
    return registry


async def test_a_key_that_is_revoked_ends_the_stream_and_the_run(
    openai: AsyncOpenAI, database: Database, caller: Caller, registry: ConnectionRegistry, statuses: Statuses
) -> None:
    stream = await openai.chat.completions.create(model=MODEL, messages=QUESTION, stream=True)
    async with database.transaction(caller.principal.scope) as db:
        await db.execute(text("update api_keys set revoked_at = now() where id = :id"), {"id": _key(caller)})
    await registry.recheck_rights()

    with pytest.raises(APIError, match="API key is not valid"):
        await _read(stream)
    await until_async(lambda: _is(statuses, ["cancelled"]))
    async with database.transaction(caller.principal.scope) as db:
        await db.execute(text("update api_keys set revoked_at = null where id = :id"), {"id": _key(caller)})


async def test_a_chat_that_may_no_longer_be_read_ends_the_stream_and_not_the_run(
    openai: AsyncOpenAI, database: Database, caller: Caller, registry: ConnectionRegistry, statuses: Statuses
) -> None:
    stream = await openai.chat.completions.create(model=MODEL, messages=QUESTION, stream=True)
    async with database.transaction(caller.principal.scope) as db:
        before: list[Any] = list((await db.execute(text("select id, owner_id from chat_sessions"))).all())
        await db.execute(text("update chat_sessions set owner_id = org_id"))
    await registry.recheck_rights()

    with pytest.raises(APIError, match="no longer read"):
        await _read(stream)
    assert await statuses() in (["queued"], ["running"])
    async with database.transaction(caller.principal.scope) as db:
        for session_id, owner_id in before:
            given = {"id": session_id, "owner": owner_id}
            await db.execute(text("update chat_sessions set owner_id = :owner where id = :id"), given)


async def test_a_whole_answer_is_not_asked_for_twice(
    openai: AsyncOpenAI, caller: Caller, registry: ConnectionRegistry, statuses: Statuses
) -> None:
    asking = asyncio.create_task(
        openai.with_options(max_retries=2).chat.completions.create(model=MODEL, messages=QUESTION)
    )
    await until(lambda: open_connections(registry, caller.principal) == 1)
    await registry.disconnect_all(within=timedelta(0))

    with pytest.raises(InternalServerError, match="The answer goes on") as refused:
        await asking
    assert refused.value.code == "openai_api.restarting"
    assert await statuses() in (["queued"], ["running"])


async def test_a_stream_says_that_the_run_goes_on(
    openai: AsyncOpenAI, registry: ConnectionRegistry, statuses: Statuses
) -> None:
    await registry.disconnect_all(within=timedelta(0))
    with pytest.raises(APIError, match="The answer goes on"):
        await _read(await openai.chat.completions.create(model=MODEL, messages=QUESTION, stream=True))

    assert await statuses() in (["queued"], ["running"])


async def _read(stream: Any) -> None:  # noqa: ANN401 - the client's own stream
    async for _ in stream:
        pass


async def _is(statuses: Statuses, wanted: list[str]) -> bool:
    return await statuses() == wanted


def _key(caller: Caller) -> Any:  # noqa: ANN401 - a UUID
    return caller.principal.api_key_id
