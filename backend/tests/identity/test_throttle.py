"""The throttle of sign-ins, with the limits kept in Redis."""

import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import uuid4

import pytest
from httpx import AsyncClient

from coda.core.db import Database
from coda.core.rate_limit import MemoryRateLimiter, RateLimiterUnavailable, TooManyAttempts
from coda.core.redis import connect_redis
from coda.core.redis_rate_limit import RedisRateLimiter
from coda.core.settings import IdentitySettings, Settings
from coda.identity.throttle import SignInThrottle
from coda.identity.wiring import build_identity
from tests.auth.site import make_app, make_client
from tests.redis_server import RedisServer


@pytest.fixture
async def throttle(redis_url: str) -> AsyncIterator[SignInThrottle]:
    redis = connect_redis(redis_url)
    limiter = RedisRateLimiter(redis, prefix=f"{uuid4().hex}:")
    yield SignInThrottle(limiter, IdentitySettings(attempts_per_account=2, attempts_per_address=3))
    await redis.aclose()


class TestThrottle:
    async def test_counts_per_account_whatever_the_case_and_the_address(self, throttle: SignInThrottle) -> None:
        await throttle.count_sign_in("Ana@example.org", device=None, address="192.0.2.1")
        await throttle.count_sign_in(" ana@EXAMPLE.org", device=None, address="192.0.2.2")

        with pytest.raises(TooManyAttempts):
            await throttle.count_sign_in("ana@example.org", device=None, address="192.0.2.3")

    async def test_a_known_device_is_counted_by_itself(self, throttle: SignInThrottle) -> None:
        account = uuid4()
        for number in range(3):
            with suppress(TooManyAttempts):
                await throttle.count_sign_in(account, device=None, address=f"192.0.2.{number}")

        for _ in range(2):
            await throttle.count_sign_in(account, device="a-device", address="192.0.2.1")
        with pytest.raises(TooManyAttempts):
            await throttle.count_sign_in(account, device="a-device", address="192.0.2.1")

    async def test_a_shut_account_does_not_shut_its_neighbours(self, throttle: SignInThrottle) -> None:
        for _ in range(2):
            await throttle.count_sign_in("ana@example.org", device=None, address="192.0.2.1")
        for _ in range(5):
            with pytest.raises(TooManyAttempts):
                await throttle.count_sign_in("ana@example.org", device=None, address="192.0.2.1")

        await throttle.count_sign_in("bo@example.org", device=None, address="192.0.2.1")

    async def test_what_was_good_is_taken_back(self, throttle: SignInThrottle) -> None:
        for _ in range(5):
            await throttle.forgive(await throttle.count_sign_in("ana@example.org", device=None, address="192.0.2.1"))

    @pytest.mark.parametrize("address", [None, "testclient", "::ffff:192.0.2.1"])
    async def test_every_kind_of_address_is_counted(self, address: str | None) -> None:
        throttle = SignInThrottle(MemoryRateLimiter(), IdentitySettings(attempts_per_address=1))
        await throttle.count_address(address)

        with pytest.raises(TooManyAttempts):
            await throttle.count_address(address)

    async def test_mapped_addresses_are_the_ones_they_map(self) -> None:
        throttle = SignInThrottle(MemoryRateLimiter(), IdentitySettings(attempts_per_address=1))
        await throttle.count_address("192.0.2.1")

        with pytest.raises(TooManyAttempts):
            await throttle.count_address("::ffff:192.0.2.1")


class TestRedisDown:
    async def test_the_throttle_holds(self, redis_server: RedisServer, database: Database, settings: Settings) -> None:
        redis = connect_redis(redis_server.url)
        app = make_app(database, settings)
        app.state.identity = build_identity(settings, RedisRateLimiter(redis))
        client: AsyncClient
        async with make_client(app) as client:
            body = {"email": "ana@example.org", "password": "a password"}
            assert (await client.post("/api/v1/auth/login", json=body)).status_code == 401
            redis_server.stop(signal.SIGKILL)
            refused = await client.post("/api/v1/auth/login", json=body)
            reset = await client.post("/api/v1/auth/reset", json={"token": "x", "password": "a password"})
        await redis.aclose()

        for response in (refused, reset):
            assert (response.status_code, response.json()["error"]["code"]) == (503, RateLimiterUnavailable.code)
            assert response.headers["retry-after"] == "5"
