"""One contract for both rate limiters, and what each does when it is strained."""

import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import anyio
import pytest

from coda.core.rate_limit import (
    Limit,
    MemoryRateLimiter,
    RateLimiter,
    RateLimiterUnavailable,
    TooManyAttempts,
)
from coda.core.redis import connect_redis
from coda.core.redis_rate_limit import RedisRateLimiter
from tests.redis_server import RedisServer

THREE = Limit(3, timedelta(minutes=1))


@pytest.fixture(params=["memory", "redis"])
async def limiter(request: pytest.FixtureRequest, redis_url: str) -> AsyncIterator[RateLimiter]:
    if request.param == "memory":
        yield MemoryRateLimiter()
        return
    redis = connect_redis(redis_url)
    yield RedisRateLimiter(redis)
    await redis.aclose()


@pytest.fixture
def key() -> str:
    return uuid4().hex


class TestContract:
    async def test_lets_as_many_through_as_it_should(self, limiter: RateLimiter, key: str) -> None:
        for _ in range(3):
            await limiter.hit(key, THREE)

        with pytest.raises(TooManyAttempts) as refused:
            await limiter.hit(key, THREE)
        assert 55 <= refused.value.details["retry_after"] <= 60

    async def test_keys_do_not_share(self, limiter: RateLimiter, key: str) -> None:
        for name in ("a", "b"):
            for _ in range(3):
                await limiter.hit(key + name, THREE)

    async def test_a_forgiven_hit_is_free_again(self, limiter: RateLimiter, key: str) -> None:
        hits = [await limiter.hit(key, THREE) for _ in range(3)]
        await limiter.forgive(hits[1])
        await limiter.forgive(hits[1])

        await limiter.hit(key, THREE)
        with pytest.raises(TooManyAttempts):
            await limiter.hit(key, THREE)

    async def test_the_window_slides(self, limiter: RateLimiter, key: str) -> None:
        short = Limit(1, timedelta(milliseconds=150))
        await limiter.hit(key, short)
        with pytest.raises(TooManyAttempts):
            await limiter.hit(key, short)

        with anyio.fail_after(2):
            while True:
                try:
                    await limiter.hit(key, short)
                except TooManyAttempts:
                    await anyio.sleep(0.01)
                else:
                    break

    async def test_never_lets_more_through_at_once(self, limiter: RateLimiter, key: str) -> None:
        through = 0

        async def hit() -> None:
            nonlocal through
            try:
                await limiter.hit(key, THREE)
            except TooManyAttempts:
                return
            through += 1

        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(hit)
        assert through == 3


class TestMemory:
    async def test_forgets_the_keys_untouched_for_longest(self) -> None:
        limiter = MemoryRateLimiter(max_keys=2)
        one = Limit(1, timedelta(minutes=1))
        for key in ("a", "b", "c"):
            await limiter.hit(key, one)

        await limiter.hit("a", one)
        with pytest.raises(TooManyAttempts):
            await limiter.hit("c", one)

    async def test_forgiving_what_was_forgotten_is_nothing(self) -> None:
        limiter = MemoryRateLimiter(max_keys=1)
        hit = await limiter.hit("a", THREE)
        await limiter.hit("b", THREE)

        await limiter.forgive(hit)


class TestRedis:
    async def test_servers_share_one_window(self, redis_url: str, key: str) -> None:
        clients = [connect_redis(redis_url) for _ in range(2)]
        limiters = [RedisRateLimiter(client) for client in clients]
        for number in range(3):
            await limiters[number % 2].hit(key, THREE)

        with pytest.raises(TooManyAttempts):
            await limiters[1].hit(key, THREE)
        for client in clients:
            await client.aclose()

    async def test_leaves_nothing_behind_after_the_window(self, redis_url: str, key: str) -> None:
        redis = connect_redis(redis_url)
        await RedisRateLimiter(redis, prefix="t:").hit(key, THREE)

        assert 0 < await redis.pttl(f"t:{key}") <= 60_000
        await redis.aclose()

    async def test_fails_closed_when_redis_is_down(self, redis_server: RedisServer, key: str) -> None:
        redis = connect_redis(redis_server.url)
        limiter = RedisRateLimiter(redis)
        hit = await limiter.hit(key, THREE)
        redis_server.stop(signal.SIGKILL)

        with pytest.raises(RateLimiterUnavailable):
            await limiter.hit(key, THREE)
        await limiter.forgive(hit)
        await redis.aclose()
