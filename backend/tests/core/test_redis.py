"""Connections to a Redis that goes away: every loss is a RedisError, and none leaves a socket open."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
import uvloop
from redis.asyncio import Redis
from redis.exceptions import RedisError

from coda.core.redis import connect_redis
from tests.runs.waiting import until
from tests.simulators.fault_proxy import FaultProxy, fault_proxy

LOSSES = 50
AT_ONCE = 8


@pytest.fixture
async def proxy(redis_url: str) -> AsyncIterator[FaultProxy]:
    async with fault_proxy(redis_url.removeprefix("unix://")) as made:
        yield made


def open_sockets() -> int:
    """How many sockets this process holds."""
    found = 0
    for number in os.listdir("/proc/self/fd"):
        with suppress(FileNotFoundError):
            found += os.readlink(Path("/proc/self/fd", number)).startswith("socket:")
    return found


async def ask(client: Redis, *, within: float) -> None:
    """Ask something that may fail, and that nobody waits for very long."""
    with suppress(RedisError, TimeoutError):
        async with asyncio.timeout(within):
            await client.ping()


class TestLoss:
    def test_a_write_to_a_closed_connection_is_a_redis_error(self, redis_url: str) -> None:
        """Under uvloop, as in production, such a write is refused in words of its own."""

        async def write_on() -> None:
            async with fault_proxy(redis_url.removeprefix("unix://")) as proxy, asyncio.timeout(60):
                client = connect_redis(f"redis://127.0.0.1:{proxy.port}")
                connection = await client.connection_pool.get_connection()  # type: ignore[no-untyped-call]  # redis-py's
                proxy.reset()
                try:
                    while True:
                        await connection.send_command("PING")
                        await asyncio.sleep(0)
                finally:
                    await client.connection_pool.release(connection)
                    await client.aclose()

        with pytest.raises(RedisError):
            uvloop.run(write_on())

    async def test_fifty_losses_leave_no_socket_open(self, proxy: FaultProxy) -> None:
        before = open_sockets()
        client = connect_redis(f"redis://127.0.0.1:{proxy.port}", max_connections=AT_ONCE)
        most = 0
        for loss in range(LOSSES):
            await asyncio.gather(*(ask(client, within=60) for _ in range(AT_ONCE)))
            if loss % 10 == 9:
                proxy.go_silent()
            proxy.reset()
            await asyncio.gather(*(ask(client, within=0.002 * n) for n in range(AT_ONCE)))
            proxy.heal()
            most = max(most, open_sockets() - before)

        await client.aclose()
        await until(lambda: open_sockets() == before)
        assert proxy.accepted > LOSSES
        assert most <= 4 * AT_ONCE  # both ends of both halves of each connection
