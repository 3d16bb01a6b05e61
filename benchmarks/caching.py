"""`python -m benchmarks.caching`: what an answer of the cache costs, by where it comes from.

Each way is asked one result after the other, and prints the median time of an answer and the processor time of all
processes per answer. `--redis` names a server; without it Redis is left out.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from uuid import UUID

from sqlalchemy import text

from benchmarks.family import cpu_seconds
from coda.core.cache import Address, Cache, Namespace
from coda.core.cache.postgres import PostgresCache
from coda.core.cache.redis import RedisCache
from coda.core.cache.store import CacheStore
from coda.core.db import Database
from coda.core.db.listener import DatabaseListener
from coda.core.db.migrations import migrate
from coda.core.ids import new_id
from coda.core.postgres import EmbeddedPostgres
from coda.core.redis import connect_redis
from coda.core.scope import Scope, System

_ROUNDS = 100  # all of them have room in memory
_SIZES = (1_000, 100_000)
_ORGANIZATION = text("insert into organizations (id, name, kind) values (:id, 'Lab', 'shared')")
_RESULTS = Namespace("benchmark", version=1, keep_for=timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Place:
    """A database with one organization; `postgres_pid` is its server's."""

    database: Database
    listener: DatabaseListener
    org_id: UUID
    postgres_pid: int


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.caching", description=__doc__)
    parser.add_argument("--redis", help="the URL of a Redis or Valkey that may be written to")
    asyncio.run(_measure(parser.parse_args().redis))
    return 0


async def _measure(redis: str | None) -> None:
    with tempfile.TemporaryDirectory(prefix="coda-bench-", ignore_cleanup_errors=True) as folder:
        async with _place(Path(folder)) as place:
            stores: dict[str, CacheStore | None] = {"memory": None, "Postgres": PostgresCache(place.database)}
            if redis:
                stores["Redis"] = RedisCache(connect_redis(redis), prefix=f"coda:benchmark:{new_id()}:")
            for name, store in stores.items():
                cache = Cache(place.listener, store)
                for size in _SIZES:
                    await _tell(name, size, place, cache, is_shared=store is not None)
                await cache.close()


async def _tell(name: str, size: int, place: Place, cache: Cache, *, is_shared: bool) -> None:
    value = b"x" * size

    async def fill() -> bytes:
        return value

    async def ask(number: int) -> None:
        await cache.get(Address.of(place.org_id, _RESULTS, name.encode(), b"%d.%d" % (size, number)), fill)

    async def ask_the_store(number: int) -> None:
        cache.front.forget_all()
        await ask(number)

    ways: dict[str, Callable[[int], Awaitable[None]]] = {"made and kept": ask, "from memory": ask}
    if is_shared:
        ways[f"from {name}"] = ask_the_store
    for way, answer in ways.items():
        wall, cpu = await _cost(place, answer)
        sys.stdout.write(f"{name:9} {size:>7,} bytes  {way:14} {wall:>8.1f} us  {cpu:>8.1f} us of processor time\n")


async def _cost(place: Place, answer: Callable[[int], Awaitable[None]]) -> tuple[float, float]:
    """Microseconds: of an answer, and of processor time of this process and of Postgres."""
    times = []
    postgres = cpu_seconds(place.postgres_pid)
    python = time.process_time()
    for number in range(_ROUNDS):
        began = time.perf_counter()
        await answer(number)
        times.append(time.perf_counter() - began)
    used = time.process_time() - python
    used += cpu_seconds(place.postgres_pid) - postgres
    return median(times) * 1e6, used / _ROUNDS * 1e6


@asynccontextmanager
async def _place(folder: Path) -> AsyncIterator[Place]:
    postgres = EmbeddedPostgres(folder)
    urls = await postgres.start()
    try:
        await migrate(urls)
        database, listener, org_id = Database(urls), DatabaseListener(urls.direct), new_id()
        async with database.transaction(Scope(org_id, System())) as db:
            await db.execute(_ORGANIZATION, {"id": org_id})
        await listener.start()
        while not listener.is_connected:  # noqa: ASYNC110 - it has no event to wait for
            await asyncio.sleep(0.01)
        yield Place(database, listener, org_id, postgres.pid or 0)
        await listener.close()
        await database.close()
    finally:
        await postgres.stop()


if __name__ == "__main__":
    sys.exit(main())
