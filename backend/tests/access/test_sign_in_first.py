"""Rights that were read before a body are used for a moment only."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from starlette.types import Message, Receive, Scope, Send

from coda.access import sign_in_first
from coda.access.sign_in_first import SignInFirst
from tests.callers import Caller, Town


class Interrupted:
    """Lets something happen between the first and the last byte of a body."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self.meanwhile = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def wait() -> Message:
            await self.meanwhile.wait()
            return await receive()

        await self._app(scope, wait, send)


@pytest.fixture
async def guarded(app: FastAPI) -> AsyncIterator[tuple[Interrupted, AsyncClient]]:
    app.add_middleware(SignInFirst)
    slow = Interrupted(app)
    async with AsyncClient(transport=ASGITransport(slow), base_url="http://coda.lan") as client:
        yield slow, client


async def rename(client: AsyncClient, caller: Caller) -> int:
    return (await client.patch("/api/v1/me", json={"name": "A name"}, headers=caller.headers)).status_code


async def end_login(town: Town, login_id: UUID | None) -> None:
    await town.execute("update logins set ended_at = now() where id = :id", id=login_id)


async def test_the_caller_is_read_once_where_the_body_is_there(
    guarded: tuple[Interrupted, AsyncClient], member: Caller
) -> None:
    slow, client = guarded
    slow.meanwhile.set()

    assert await rename(client, member) == 200


async def test_whoever_was_signed_out_while_a_slow_body_came_is_not_served(
    guarded: tuple[Interrupted, AsyncClient], member: Caller, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, client = guarded
    monkeypatch.setattr(sign_in_first, "_FRESH", timedelta(0))
    calling = asyncio.create_task(rename(client, member))
    await end_login(town, member.principal.login_id)
    slow.meanwhile.set()

    assert await calling == 401
