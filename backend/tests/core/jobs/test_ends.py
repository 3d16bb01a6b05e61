"""What becomes of a job whose process stops, is killed, or loses its database."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import asyncpg

from coda.core.db import Database
from coda.core.db.external import libpq_url
from coda.core.jobs import Job
from tests.core.jobs.conftest import QUICK, Workshop
from tests.runs.waiting import until

BACKEND = Path(__file__).parents[3]


@asynccontextmanager
async def hanging_process(database: Database) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that has taken the job `hang`; it is killed at the end, if it still lives."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.core.jobs.hanging_process", json.dumps(asdict(database.urls)),
        cwd=BACKEND, stdout=asyncio.subprocess.PIPE, env={"PATH": os.environ["PATH"]},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), 60)
        assert line.startswith(b"took hang")
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_job_whose_process_is_killed_runs_again_elsewhere(workshop: Workshop) -> None:
    workshop.registry.add("hang", workshop.note)
    await workshop.enqueue("hang")
    async with hanging_process(workshop.database) as process, workshop.open():
        before = await workshop.one("running")
        process.kill()
        await until(lambda: bool(workshop.done), within=60)

    assert (workshop.done[0].id, workshop.done[0].tries) == (before.id, 2)


async def test_a_job_that_lives_is_left_alone(workshop: Workshop) -> None:
    workshop.registry.add("hang", workshop.note)
    workshop.registry.add("cook", workshop.note)
    await workshop.enqueue("hang")
    async with (
        hanging_process(workshop.database),
        workshop.open(QUICK.model_copy(update={"silence": timedelta(hours=1)})),
    ):
        await workshop.enqueue("cook")
        await until(lambda: bool(workshop.done), within=60)

        assert [job.name for job in workshop.done] == ["cook"]
        assert ("hang", 1) in {(job.name, job.tries) for job in await workshop.listed("running")}


async def test_a_job_that_kills_every_process_is_given_up(workshop: Workshop) -> None:
    workshop.registry.add("hang", workshop.note)
    await workshop.enqueue("hang")
    job = await workshop.one("waiting")
    await workshop.execute("update jobs set status = 'picked', heartbeat = now() - interval '1 hour'")
    for _ in range(QUICK.max_tries):
        await workshop.execute(
            "insert into job_log (job_id, status, priority, entrypoint) values (:id, 'picked', 0, 'hang')", id=job.id
        )

    async with workshop.open():
        failed = await workshop.one("failed")

    assert "died" in (failed.error or "")
    assert workshop.done == []


async def test_a_stop_waits_for_what_ends_soon_and_lets_the_rest_go(workshop: Workshop) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def hang(_job: Job) -> None:
        begun.set()
        await asyncio.Event().wait()

    async def end(job: Job) -> None:
        await may_end.wait()
        await workshop.note(job)

    workshop.registry.add("hang", hang)
    workshop.registry.add("end", end)
    await workshop.enqueue("end")
    await workshop.enqueue("hang")
    async with workshop.open() as runner:
        await asyncio.wait_for(begun.wait(), 60)
        stopping = asyncio.create_task(runner.stop(grace=timedelta(seconds=2)))
        may_end.set()
        await stopping

    assert [job.name for job in workshop.done] == ["end"]
    assert [job.name for job in await workshop.listed("waiting")] == ["hang"]


async def test_a_lost_database_is_found_again(workshop: Workshop) -> None:
    workshop.registry.add("cook", workshop.note)
    async with workshop.open():
        await workshop.enqueue("cook")
        await until(lambda: len(workshop.done) == 1, within=60)
        direct = await asyncpg.connect(libpq_url(workshop.database.urls.direct))
        await direct.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and usename = current_user and pid <> pg_backend_pid()"
        )
        await direct.execute("insert into jobs (priority, status, entrypoint) values (0, 'queued', 'cook')")
        await direct.close()
        await until(lambda: len(workshop.done) == 2, within=60)
