"""Quotas per minute: never one too many, the same in process and in Redis, and what happens without Redis."""

import asyncio
import multiprocessing
import signal
from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import pytest

from coda.core.redis import connect_redis
from coda.core.redis_request_limits import RedisRequestLimits
from coda.core.request_limits import WINDOW, MemoryRequestLimits, Quota, RateLimited, RequestLimits, Verdict
from tests.redis_server import RedisServer
from tests.runs.waiting import until_async

PROCESSES, CLIENTS, TRIES, LIMIT = 4, 50, 10, 137


def quota(limit: int, *, subject: str | None = None, cost: int = 1, unit: str = "requests") -> Quota:
    return Quota("person", unit, subject or uuid4().hex, limit, cost)  # type: ignore[arg-type]


@pytest.fixture(params=["memory", "redis"])
async def limits(request: pytest.FixtureRequest) -> AsyncIterator[RequestLimits]:
    if request.param == "memory":
        yield MemoryRequestLimits()
        return
    redis = connect_redis(request.getfixturevalue("redis_url"))
    yield RedisRequestLimits(redis, prefix=f"{uuid4().hex}:")
    await redis.aclose()


class TestContract:
    async def test_lets_as_many_through_as_it_should_and_tells_what_is_left(self, limits: RequestLimits) -> None:
        three = quota(3)
        left = [(await limits.take([three])).states[0].remaining for _ in range(3)]

        refused = await limits.take([three])

        assert left == [2, 1, 0]
        assert refused.refused_by == three
        assert WINDOW - 1 <= refused.wait <= WINDOW + 1
        assert 0 < refused.states[0].reset <= WINDOW + 1
        with pytest.raises(RateLimited, match="used up") as told:
            refused.require()
        assert told.value.details["retry_after"] == refused.wait

    async def test_counts_all_quotas_or_none(self, limits: RequestLimits) -> None:
        wide, narrow = quota(10), quota(1)
        assert (await limits.take([wide, narrow])).wait == 0

        for _ in range(5):
            assert (await limits.take([wide, narrow])).refused_by == narrow

        assert (await limits.take([wide])).states[0].remaining == 8

    async def test_tokens_that_were_used_up_refuse_the_next(self, limits: RequestLimits) -> None:
        tokens = quota(1_000, cost=0, unit="tokens")
        assert (await limits.take([tokens])).states[0].remaining == 1_000
        limits.spend([tokens.key], 400)
        limits.spend([tokens.key], 700)

        verdict = await self.until(limits, tokens, lambda verdict: verdict.states[0].remaining == 0)

        assert verdict.refused_by == tokens

    async def until(self, limits: RequestLimits, of: Quota, is_so: Callable[[Verdict], bool]) -> Verdict:
        verdict = await limits.take([of])

        async def is_there() -> bool:
            nonlocal verdict
            verdict = await limits.take([of])
            return is_so(verdict)

        await until_async(is_there, within=5)
        return verdict

    async def test_without_quotas_everything_goes(self, limits: RequestLimits) -> None:
        assert await limits.take([]) == Verdict(())


class TestWindow:
    async def test_slides_by_seconds_and_never_lets_one_too_many_through(self) -> None:
        now = 1_000.0
        limits = MemoryRequestLimits(clock=lambda: now)
        of = quota(5)
        passed: list[float] = []
        for step in range(4_000):
            now = 1_000 + step * 0.1
            if (await limits.take([of])).wait == 0:
                passed.append(now)

        for at in passed:
            assert len([other for other in passed if at - WINDOW < other <= at]) <= 5
        assert len(passed) >= 5 * 400 // (WINDOW + 2)

    async def test_the_wait_that_is_told_is_enough(self) -> None:
        now = 0.0
        limits = MemoryRequestLimits(clock=lambda: now)
        of = quota(3)
        for moment in (0.0, 10.0, 20.0):
            now = moment
            await limits.take([of])
        now = 25.5
        wait = (await limits.take([of])).wait
        now += wait

        assert (await limits.take([of])).wait == 0
        assert wait <= WINDOW

    async def test_idle_counters_are_forgotten(self) -> None:
        now = 0.0
        limits = MemoryRequestLimits(clock=lambda: now, most_keys=50)
        for number in range(200):
            now = number * 0.001
            await limits.take([quota(5)])
        assert len(limits._windows) <= 51
        now = 500.0
        await limits.take([quota(5)])

        assert len(limits._windows) == 1  # its own


def _ask(url: str, prefix: str, subject: str, through: "multiprocessing.Queue[int]") -> None:
    async def clients() -> int:
        redis = connect_redis(url, max_connections=CLIENTS)
        limits = RedisRequestLimits(redis, prefix=prefix)
        of = quota(LIMIT, subject=subject)

        async def client() -> int:
            return sum([(await limits.take([of])).wait == 0 for _ in range(TRIES)])

        counts = await asyncio.gather(*(client() for _ in range(CLIENTS)))
        assert not limits._away_until
        await redis.aclose()
        return sum(counts)

    through.put(asyncio.run(clients()))


class TestRedis:
    def test_four_processes_with_fifty_clients_each_get_exactly_the_limit(self, redis_url: str) -> None:
        spawned = multiprocessing.get_context("spawn")
        through: multiprocessing.Queue[int] = spawned.Queue()
        prefix, subject = f"{uuid4().hex}:", uuid4().hex
        processes = [spawned.Process(target=_ask, args=(redis_url, prefix, subject, through)) for _ in range(PROCESSES)]
        for process in processes:
            process.start()
        counts = [through.get(timeout=60) for _ in processes]
        for process in processes:
            process.join(30)

        assert sum(counts) == LIMIT

    async def test_one_request_is_one_round_trip(self, redis_server: RedisServer) -> None:
        redis = connect_redis(redis_server.url)
        limits = RedisRequestLimits(redis)
        await limits.take([quota(9)])
        before = (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"]

        await limits.take([quota(9), quota(9), quota(9), quota(9)])

        stats = await redis.info("commandstats")
        assert stats["cmdstat_evalsha"]["calls"] == before + 1
        await redis.aclose()

    async def test_leaves_nothing_behind_after_the_window(self, redis_url: str) -> None:
        redis = connect_redis(redis_url)
        of = quota(9)
        await RedisRequestLimits(redis, prefix="t:").take([of])

        assert 0 < await redis.pttl(f"t:{of.key}") <= (WINDOW + 2) * 1_000
        await redis.aclose()

    async def test_without_redis_each_process_counts_for_itself(self, redis_server: RedisServer) -> None:
        redis = connect_redis(redis_server.url)
        limits = RedisRequestLimits(redis)
        of = quota(3)
        await limits.take([of])
        redis_server.stop(signal.SIGKILL)

        verdicts = [await limits.take([of]) for _ in range(5)]

        assert [verdict.wait == 0 for verdict in verdicts] == [True, True, True, False, False]
        await redis.aclose()
