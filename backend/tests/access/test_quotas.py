"""Requests of callers are counted once, told in headers, and refused with a time to come back."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from coda.access.quotas import Quotas
from coda.access.sign_in_first import SignInFirst
from coda.core.request_limits import MemoryRequestLimits
from coda.core.settings import RateLimitSettings
from coda.core.tokens_spent import TokensSpent
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
