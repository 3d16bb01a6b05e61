"""Background jobs, for the operator."""

from coda.core.jobs import JobQueue
from coda.core.jobs.repository import JobRepository
from coda.core.jobs.types import JobRecord, JobStatus
from coda.core.pagination import Page, position_of
from coda.operations.errors import JobNotFailed, JobNotFound

_LATEST = 2**63 - 1
_STATUSES: tuple[JobStatus, ...] = ("waiting", "running", "failed", "done")


class JobService:
    """Reads the jobs of the whole instance and lets failed ones be tried again."""

    def __init__(self, jobs: JobRepository, queue: JobQueue) -> None:
        self._jobs, self._queue = jobs, queue

    async def list_jobs(self, *, status: JobStatus | None, cursor: str | None, limit: int) -> Page[JobRecord]:
        """Jobs in a state, or all, newest first. Raises InvalidCursor."""
        before = position_of(cursor) or _LATEST
        rows: list[JobRecord] = []
        for wanted in (status,) if status else _STATUSES:
            rows += await self._jobs.list_page(wanted, before=before, limit=limit + 1)
        rows.sort(key=lambda job: job.id, reverse=True)
        shown = rows[:limit]
        return Page(shown, str(shown[-1].id) if len(rows) > limit else None)

    async def retry(self, job_id: int) -> JobRecord:
        """Put a failed job back into the queue, with all its tries. Raises JobNotFound or JobNotFailed."""
        job = await self._get(job_id)
        if job.status != "failed":
            raise JobNotFailed(job_id, job.status)
        await self._queue.retry(job_id)
        return await self._get(job_id)

    async def _get(self, job_id: int) -> JobRecord:
        job = await self._jobs.find(job_id)
        if job is None:
            raise JobNotFound(job_id)
        return job
