"""Runs per second with several worker processes behind one API process: real Redis, one Postgres."""

import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from benchmarks import servers
from benchmarks.api import CodaApi
from benchmarks.family import cpu_seconds
from benchmarks.load import Job
from benchmarks.plan import SHORT
from benchmarks.servers import Server, put_to_work, wait_until_ready
from benchmarks.site import EMAIL, PASSWORD, Site
from tests.redis_server import RedisServer, find_redis_server

WORKERS = (1, 2, 4)
_LANES = 48
_ROUNDS = 8


async def measure_processes(site: Site) -> None:
    """The same short answers with one, two and four workers."""
    for count in WORKERS:
        folder = site.folder / f"workers-{count}"
        folder.mkdir()
        site.results.add(f"workers_{count}", await _runs_per_second(site, folder, count))


async def _runs_per_second(site: Site, folder: Path, count: int) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        redis = stack.enter_context(RedisServer(find_redis_server(), folder))
        place = {"upstream_url": site.upstream.url, "redis_url": redis.url}
        api = await stack.enter_async_context(servers.coda(folder, email=EMAIL, password=PASSWORD, **place))
        workers = [
            await stack.enter_async_context(servers.coda_worker(folder, number, **place)) for number in range(count)
        ]
        await wait_until_ready(api)
        return await _under_load(api, workers)


async def _under_load(api: Server, workers: list[Server]) -> dict[str, Any]:
    async with CodaApi(api.url) as client:
        token = await client.sign_in(email=EMAIL, password=PASSWORD)
    pids = [api.pid, *(worker.pid for worker in workers)]
    before, began = sum(map(cpu_seconds, pids)), time.perf_counter()
    done = await put_to_work(Job(api.url, SHORT.model, api.pid, token=token, streams=_LANES, rounds=_ROUNDS))
    cores = (sum(map(cpu_seconds, pids)) - before) / (time.perf_counter() - began)
    return done | {"runs_per_second": round(done["runs"] / done["wall_s"], 1), "cores_used": round(cores, 2)}
