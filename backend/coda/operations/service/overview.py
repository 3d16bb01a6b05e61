"""The instance at a glance, for the operator."""

from collections import Counter
from datetime import timedelta
from typing import Final

from coda.core.db import Database
from coda.core.jobs.repository import JobRepository
from coda.operations.repository import InstanceRepository, SystemRepository
from coda.operations.types import JobFigures, Overview, QueueAge, RunFigures

_DAY: Final = timedelta(days=1)
_LONGEST_WAIT: Final = timedelta(days=30)
_MOST_WORKERS: Final = 200


class OverviewService:
    """Reads figures over all organizations: counts, never content."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self) -> Overview:
        """Jobs, runs, queue and workers now; an answer that has waited a month for a person is not counted any more."""
        async with self._database.system() as connection:
            ended = await SystemRepository(connection).run_figures(since=_DAY, waiting=_LONGEST_WAIT)
        async with self._database.transaction(None) as db:
            instance, jobs = InstanceRepository(db), JobRepository(db)
            queue = await instance.queue_state()
            workers = await instance.list_workers(limit=_MOST_WORKERS)
            counts: Counter[str] = Counter()
            for count in await jobs.counts():
                counts[count.status] += count.count
            done = await jobs.done_within(_DAY)
        return Overview(
            jobs=JobFigures(counts["waiting"], counts["running"], counts["failed"], done),
            runs=RunFigures(
                queued=queue.queued + queue.blocked,
                running=queue.running,
                interrupted=ended.interrupted + queue.held,
                finished_24h=ended.finished,
                failed_24h=ended.failed,
                cancelled_24h=ended.cancelled,
            ),
            workers=workers,
            queue=QueueAge(queue.oldest_seconds),
        )
