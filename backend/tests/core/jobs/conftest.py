"""A runner over an empty queue, and jobs that do what a test says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text

from coda.core.db import Database
from coda.core.db.listener import DatabaseListener
from coda.core.jobs import Job, JobQueue, JobRegistry, JobRunner
from coda.core.jobs.repository import JobRepository
from coda.core.jobs.types import JobRecord, JobStatus
from coda.core.scope import Scope
from coda.core.settings import JobSettings
from tests.runs.waiting import until_async

QUICK = JobSettings(
    silence=timedelta(seconds=2),
    poll=timedelta(seconds=0.1),
    retry_delay=timedelta(milliseconds=10),
    max_tries=3,
)


class Workshop:
    """The queue of one database, seen from outside."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.registry = JobRegistry()
        self.done: list[Job] = []

    async def note(self, job: Job) -> None:
        """A handler that keeps its job."""
        self.done.append(job)

    async def enqueue(self, name: str, *, scope: Scope | None = None, once: str | None = None) -> None:
        async with self.database.transaction(scope) as db:
            await JobQueue(db).enqueue(name, scope=scope, once=once)

    async def listed(self, status: JobStatus) -> list[JobRecord]:
        async with self.database.transaction(None) as db:
            return list(await JobRepository(db).list_page(status, before=2**62, limit=100))

    async def one(self, status: JobStatus) -> JobRecord:
        """The one job in a state, once there is one."""

        async def is_there() -> bool:
            return bool(await self.listed(status))

        await until_async(is_there, within=60)
        (job,) = await self.listed(status)
        return job

    async def execute(self, statement: str, **values: object) -> None:
        async with self.database.transaction(None) as db:
            await db.execute(text(statement), values)

    @asynccontextmanager
    async def open(self, settings: JobSettings = QUICK) -> AsyncIterator[JobRunner]:
        """Work for as long as the block lasts."""
        listener = DatabaseListener(self.database.urls.direct)
        runner = JobRunner(self.database, self.registry, settings)
        runner.hear(listener)
        await listener.start()
        runner.start()
        try:
            yield runner
        finally:
            await runner.stop(grace=timedelta(seconds=5))
            await listener.close()


@pytest.fixture
async def workshop(database: Database) -> AsyncIterator[Workshop]:
    made = Workshop(database)
    yield made
    for table in ("jobs", "job_log", "job_schedules"):
        await made.execute(f"delete from {table}")  # noqa: S608 - our own table names
