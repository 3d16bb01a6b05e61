"""Metrics that are asked of the database when they are read."""

import asyncio
from typing import Final

from coda.core.db import Database
from coda.core.errors import CodaError
from coda.core.jobs.repository import JobRepository
from coda.observability.metrics import JOB_AGE, JOBS, QUEUE_AGE, QUEUE_RUNS, job_label
from coda.operations.repository import InstanceRepository

_PATIENCE: Final = 2.0


class QueueGauges:
    """Brings the gauges of runs and jobs up to date; a database that is away leaves them as they were."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def refresh(self) -> None:
        """Ask the database, for two seconds at most."""
        try:
            async with asyncio.timeout(_PATIENCE):
                async with self._database.transaction(None) as db:
                    state = await InstanceRepository(db).queue_state()
                    jobs = await JobRepository(db).counts()
        except (TimeoutError, OSError, CodaError):
            return
        QUEUE_RUNS.labels(state="queued").set(state.queued)
        QUEUE_RUNS.labels(state="running").set(state.running)
        QUEUE_RUNS.labels(state="blocked").set(state.blocked)
        QUEUE_RUNS.labels(state="held").set(state.held)
        QUEUE_AGE.set(state.oldest_seconds)
        JOBS.clear()
        JOB_AGE.clear()
        for job in jobs:
            JOBS.labels(job_label(job.name), job.status).inc(job.count)
            if job.status == "waiting":
                JOB_AGE.labels(job_label(job.name)).set(job.oldest_seconds)
