"""Requests of callers are counted once, told in headers, and refused with a time to come back."""

from collections.abc import AsyncIterator
from typing import Final

import pytest
from fastapi import FastAPI, WebSocket
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from httpx import ASGITransport, AsyncClient
from httpx_ws import AsyncWebSocketSession, WebSocketDisconnect, aconnect_ws
from httpx_ws.transport import ASGIWebSocketTransport

from coda.access.dependencies import authenticate, authenticate_apart
from coda.access.quotas import Quotas
from coda.access.sign_in_first import SignInFirst
from coda.core.db import Database
from coda.core.http.install import install_http
from coda.core.request_limits import MemoryRequestLimits
from coda.core.settings import RateLimitSettings, Settings
from coda.core.tokens_spent import TokensSpent
from coda.main import create_app
from tests.callers import Caller, Town


@pytest.fixture
def quotas() -> Quotas:
    few = RateLimitSettings(
        requests_per_person=3, requests_per_key=2, requests_per_organization=100, tokens_per_person=1_000
    )
    return Quotas(MemoryRequestLimits(), few)


@pytest.fixture
async def client(app: FastAPI, quotas: Quotas) -> AsyncIterator[AsyncClient]:
    app.state.quotas = quotas
    app.add_middleware(SignInFirst)
    transport = ASGITransport(app, client=("198.51.100.1", 5000))
    async with AsyncClient(transport=transport, base_url="http://coda.lan:8000") as client:
        yield client


async def test_what_is_left_is_told_and_what_is_too_much_refused(client: AsyncClient, member: Caller) -> None:
    answers = [await client.get("/api/v1/me", headers=member.headers) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    first, refused = answers[0], answers[-1]
    assert first.headers["ratelimit-policy"].startswith(
        '"person-requests";q=3;w=60, "organization-requests";q=100;w=60'
    )
    assert first.headers["ratelimit"].startswith('"person-requests";r=2;t=')
    assert refused.headers["ratelimit"].startswith('"person-requests";r=0;t=')
    error = refused.json()["error"]
    assert error["code"] == "core.rate_limited"
    assert error["details"]["retry_after"] == int(refused.headers["retry-after"])
    assert (error["details"]["quota"], error["details"]["unit"], error["details"]["limit"]) == ("person", "requests", 3)


async def test_a_request_with_a_body_is_counted_once(client: AsyncClient, member: Caller) -> None:
    answers = [await client.patch("/api/v1/me", json={"name": "A"}, headers=member.headers) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]


async def test_a_key_has_a_quota_of_its_own(client: AsyncClient, town: Town, member: Caller) -> None:
    key = await town.key(member)
    answers = [await client.get("/api/v1/me", headers=key.headers) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].json()["error"]["details"]["quota"] == "key"
    assert (await client.get("/api/v1/me", headers=member.headers)).status_code == 200


async def test_others_are_not_slowed_down(client: AsyncClient, member: Caller, viewer: Caller) -> None:
    for _ in range(4):
        await client.get("/api/v1/me", headers=member.headers)

    assert (await client.get("/api/v1/me", headers=viewer.headers)).status_code == 200


async def test_tokens_that_were_used_up_refuse_requests(client: AsyncClient, quotas: Quotas, member: Caller) -> None:
    person = member.principal
    quotas.spend(TokensSpent(person.org_id, person.user_id, None, 1_000))

    refused = await client.get("/api/v1/me", headers=member.headers)

    assert refused.status_code == 429
    assert refused.json()["error"]["details"]["unit"] == "tokens"
    assert "tokens of this minute are used up" in refused.json()["error"]["message"]


async def test_zero_is_no_limit(app: FastAPI, client: AsyncClient, member: Caller) -> None:
    none = RateLimitSettings.model_validate(dict.fromkeys(RateLimitSettings.model_fields, 0))
    app.state.quotas = Quotas(MemoryRequestLimits(), none)
    answers = [await client.get("/api/v1/me", headers=member.headers) for _ in range(10)]

    assert {answer.status_code for answer in answers} == {200}
    assert "ratelimit" not in answers[0].headers


async def test_an_address_that_asks_too_often_is_refused(app: FastAPI) -> None:
    (counting,) = (each for each in app.user_middleware if "requests_per_address" in each.kwargs)
    counting.kwargs["requests_per_address"] = 2
    transport = ASGITransport(app, client=("203.0.113.9", 1))
    async with AsyncClient(transport=transport, base_url="http://coda.lan") as client:
        answers = [await client.get("/api/v1/me") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert answers[-1].json()["error"]["details"]["quota"] == "address"
    assert answers[-1].headers["ratelimit"].startswith('"address-requests";r=0;t=')


async def test_an_address_is_counted_on_every_path_and_for_every_socket(settings: Settings) -> None:
    app = FastAPI()
    app.add_api_websocket_route("/anywhere/socket", _echo)
    install_http(app, settings.model_copy(update={"rate_limits": RateLimitSettings(requests_per_address=3)}))
    transport = ASGIWebSocketTransport(app, client=("203.0.113.9", 1))
    socket: AsyncWebSocketSession
    async with AsyncClient(transport=transport, base_url="http://coda.lan") as client:
        statuses = [(await client.get(path)).status_code for path in ("/", "/s/shared")]
        async with aconnect_ws("http://coda.lan/anywhere/socket", client) as socket:
            assert await socket.receive_text() == "in"
        async with aconnect_ws("http://coda.lan/anywhere/socket", client) as socket:
            with pytest.raises(WebSocketDisconnect) as refused:
                await socket.receive_text()
        statuses.append((await client.get("/healthz")).status_code)

    assert refused.value.code == 4429
    assert statuses == [404, 404, 429]


async def _echo(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("in")


# Routes that ask for no caller, and what bounds them besides the quota of their address.
WITHOUT_CALLER: Final = {
    "/api/v1/auth/state": "one query by a key",
    "/api/v1/auth/links/{token}": "the throttle of links, per address",
    "/api/v1/auth/setup": "the throttle of links, per address",
    "/api/v1/auth/invite": "the throttle of links, per address",
    "/api/v1/auth/reset": "the throttle of links, per address",
    "/api/v1/auth/login": "the throttle of sign-ins, per account, device and address",
    "/api/v1/auth/refresh": "one query by a token that nobody can guess",
    "/api/v1/auth/logout": "one query by a token that nobody can guess",
    "/api/v1/files/{file_id}/content": "counted by hand for a Bearer; a signed address is good for some minutes",
    "/api/v1/ws": "counted by hand in `open_socket`, as each of its commands is",
    "/healthz": "no query",
    "/readyz": "what is known for a second",
    "/metrics": "a token, or this machine itself",
    "/docs": "no query",
    "/docs/style.css": "no query",
    "/openapi.json": "no query",
}


def test_every_route_counts_its_caller_or_says_what_bounds_it(settings: Settings, database: Database) -> None:
    """A route without a line here that asks for no caller would be bounded by nothing but its address."""
    app = create_app(settings, database.urls)
    uncounted = {
        str(route.path)
        for route in iter_route_contexts(app.routes)
        if not _asks_for_caller(getattr(route, "dependant", None) or getattr(route.route, "dependant", None))
    }

    assert uncounted == set(WITHOUT_CALLER)


def _asks_for_caller(dependant: Dependant | None) -> bool:
    if dependant is None:
        return False
    return dependant.call in (authenticate, authenticate_apart) or any(map(_asks_for_caller, dependant.dependencies))
