"""Who comes in on a WebSocket."""

import anyio
import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from starlette.requests import HTTPConnection

from coda.access.dependencies import authenticate_socket
from coda.access.errors import NotSignedIn
from coda.access.principal import Principal
from coda.auth.errors import InvalidApiKey
from coda.core.errors import CodaError
from coda.core.http.origin import ForeignOrigin
from coda.identity.errors import LoginOver
from tests.callers import Caller, Town


def knock(app: FastAPI, *, ticket: str | None = None, **headers: str) -> HTTPConnection:
    given = {"host": "coda.lan:8000"} | headers
    raw = [(name.encode(), value.encode()) for name, value in given.items()]
    query = b"" if ticket is None else f"ticket={ticket}".encode()
    return HTTPConnection({"type": "websocket", "app": app, "scheme": "ws", "headers": raw, "query_string": query})


async def ticket_of(client: AsyncClient, caller: Caller) -> str:
    response = await client.post("/api/v1/ws-tickets", headers=caller.headers)
    ticket: str = response.json()["ticket"]
    return ticket


class TestOpen:
    async def test_by_ticket_of_a_login_or_a_key(
        self, app: FastAPI, client: AsyncClient, town: Town, member: Caller
    ) -> None:
        for caller in (member, await town.key(member)):
            ticket = await ticket_of(client, caller)
            assert await authenticate_socket(knock(app, ticket=ticket)) == caller.principal

    async def test_by_bearer(self, app: FastAPI, town: Town, member: Caller) -> None:
        for caller in (member, await town.key(member)):
            opened = await authenticate_socket(knock(app, authorization=f"bearer {caller.bearer}"))
            assert opened == caller.principal

    async def test_a_ticket_opens_once_also_at_the_same_moment(
        self, app: FastAPI, client: AsyncClient, member: Caller
    ) -> None:
        ticket = await ticket_of(client, member)
        opened: list[Principal] = []

        async def enter() -> None:
            try:
                opened.append(await authenticate_socket(knock(app, ticket=ticket)))
            except LoginOver:
                return

        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(enter)
        assert opened == [member.principal]

    async def test_a_ticket_lives_30_seconds(
        self, app: FastAPI, client: AsyncClient, town: Town, member: Caller
    ) -> None:
        ticket = await ticket_of(client, member)
        await town.execute("update ws_tickets set expires_at = expires_at - interval '30 seconds'")

        with pytest.raises(LoginOver):
            await authenticate_socket(knock(app, ticket=ticket))

    async def test_a_ticket_dies_with_its_login(self, app: FastAPI, client: AsyncClient, member: Caller) -> None:
        ticket = await ticket_of(client, member)
        await client.delete(f"/api/v1/me/logins/{member.principal.login_id}", headers=member.headers)

        with pytest.raises(LoginOver):
            await authenticate_socket(knock(app, ticket=ticket))

    async def test_nothing_else_opens(self, app: FastAPI, member: Caller) -> None:
        refused: list[tuple[HTTPConnection, type[CodaError]]] = [
            (knock(app), NotSignedIn),
            (knock(app, authorization=f"Basic {member.bearer}"), NotSignedIn),
            (knock(app, ticket=member.bearer), LoginOver),
            (knock(app, ticket=member.refresh_token or ""), LoginOver),
            (knock(app, authorization=f"Bearer {member.refresh_token}"), InvalidApiKey),
            (knock(app, authorization="Bearer sk-coda-nothing"), InvalidApiKey),
        ]
        for connection, error in refused:
            with pytest.raises(error):
                await authenticate_socket(connection)

    async def test_a_page_of_others_does_not_even_use_up_the_ticket(
        self, app: FastAPI, client: AsyncClient, member: Caller
    ) -> None:
        ticket = await ticket_of(client, member)
        for origin in ("http://evil.example", "http://coda.lan", "null"):
            with pytest.raises(ForeignOrigin):
                await authenticate_socket(knock(app, ticket=ticket, origin=origin))

        opened = await authenticate_socket(knock(app, ticket=ticket, origin="http://coda.lan:8000"))
        assert opened == member.principal
