"""PgQueuer's queue and scheduler at work on our handlers; retries, time limits and what a failed try leaves behind."""

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

import structlog
from pgqueuer.core.executors import EntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.core.qm import QueueManager
from pgqueuer.core.sm import SchedulerManager
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Job as QueuedJob
from pgqueuer.domain.models import Schedule

from coda.core.db import Database
from coda.core.errors import CodaError
from coda.core.jobs.pgq import NAMES, RunnerDriver, job_of, queries_over
from coda.core.jobs.queue import JobQueue
from coda.core.jobs.registry import JobRegistry, RegisteredJob
from coda.core.jobs.repository import JobRepository
from coda.core.jobs.types import Around, Job
from coda.core.settings import JobSettings

log = structlog.get_logger(__name__)

_LONGEST_DELAY: Final = timedelta(minutes=10)

Hear = Callable[[str | bytes | bytearray], None]


class JobFailed(Exception):
    """What the queue keeps of a failed try: a code or a type, never what an error said of people's things."""


class JobWorker:
    """Works until told to stop or until the database breaks; then another one is made."""

    def __init__(
        self, database: Database, registry: JobRegistry, settings: JobSettings, *, around: Around, hearers: set[Hear]
    ) -> None:
        self._database, self._settings, self._around = database, settings, around
        self._driver = RunnerDriver(database, hearers)
        self._working: set[asyncio.Task[None]] = set()
        queries = queries_over(self._driver)
        self._queue, self._schedules = QueueManager(queries, NAMES.channel), SchedulerManager(queries)
        for kind in registry:
            parameters = EntrypointExecutorParameters(0, partial(self._try, kind), on_failure="hold")
            self._queue.register_executor(kind.name, EntrypointExecutor(parameters))
            if kind.every is not None:
                self._schedules.schedule(kind.name, kind.cron, clean_old=True)(self._enqueue)

    async def run(self) -> None:
        """Work off the queue and keep the schedules."""
        limit = self._settings.concurrency
        parts = {
            asyncio.create_task(
                self._queue.run(
                    dequeue_timeout=self._settings.poll,
                    batch_size=limit // 2,
                    max_concurrent_tasks=limit,
                    heartbeat_timeout=self._settings.silence,
                    log_aggregation_interval=timedelta(0),
                )
            ),
            asyncio.create_task(self._schedules.run()),
        }
        try:
            await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.stop()
            ends = await asyncio.gather(*parts, return_exceptions=True)
            self._driver.stop_listening()
        for end in ends:
            if isinstance(end, BaseException):
                raise end

    def stop(self) -> None:
        """Begin nothing more."""
        self._queue.shutdown.set()
        self._schedules.shutdown.set()

    def requeue(self) -> None:
        """Put the jobs that are being done back into the queue."""
        for task in self._working:
            task.cancel()

    async def _enqueue(self, schedule: Schedule) -> None:
        async with self._database.transaction(None) as db:
            await JobQueue(db).enqueue(schedule.entrypoint, once="schedule")

    async def _try(self, kind: RegisteredJob, queued: QueuedJob) -> None:
        async with self._database.autocommit() as db:
            tries = queued.attempts + await JobRepository(db).picks(queued.id)
        job = job_of(queued, tries=tries)
        if tries > self._settings.max_tries:
            raise JobFailed("Every process that worked on it died.")
        working = asyncio.create_task(self._do(kind, job))
        self._working.add(working)
        try:
            await working
        except asyncio.CancelledError:
            working.cancel()
            raise RetryRequested(reason="The process stopped.") from None
        except JobFailed as error:
            if tries >= self._settings.max_tries:
                raise
            raise RetryRequested(self._delay(tries), str(error)) from None
        finally:
            self._working.discard(working)

    async def _do(self, kind: RegisteredJob, job: Job) -> None:
        with self._around(job):
            try:
                async with asyncio.timeout(self._settings.timeout.total_seconds()):
                    await kind.handler(job)
            except CodaError as error:
                log.warning("job.failed", job=job.name, job_id=job.id, tries=job.tries, code=error.code)
                raise JobFailed(error.code) from None
            except Exception as error:  # the worker loop: whatever one job does, the next one is done
                log.exception("job.failed", job=job.name, job_id=job.id, tries=job.tries)
                is_late = isinstance(error, TimeoutError)
                raise JobFailed("The job took too long." if is_late else type(error).__name__) from None

    def _delay(self, tries: int) -> timedelta:
        longest = min(self._settings.retry_delay * 2.0 ** (tries - 1), _LONGEST_DELAY)
        return longest * random.uniform(0.5, 1)  # noqa: S311 - spreads load, hides nothing
