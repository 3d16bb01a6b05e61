"""Lists sources again, each once a day and where a server says that its tools have changed; forgets what is gone."""

from datetime import timedelta
from typing import Final

from coda.core.clock import now
from coda.core.db import Database
from coda.core.jobs import Job, JobQueue, JobRegistry
from coda.core.scope import Scope, System
from coda.tools.sources.joined import REFRESH_JOB
from coda.tools.sources.lister import SourceLister
from coda.tools.sources.repository import EverySourceRepository

_DAILY_JOB: Final = "tool-sources"
_FORGETTING_JOB: Final = "tool-sources-gone"
_LISTED_EVERY: Final = timedelta(hours=24)
_BATCH: Final = 200


def register_jobs(jobs: JobRegistry, database: Database, lister: SourceLister) -> None:
    """Tell the process what does the jobs of this domain."""
    refreshing = Refreshing(database, lister)
    jobs.add(REFRESH_JOB, refreshing.one)
    jobs.add(_DAILY_JOB, refreshing.stale, every=timedelta(minutes=10))
    jobs.add(_FORGETTING_JOB, refreshing.forget, every=timedelta(hours=1))


class Refreshing:
    """Lists one source, finds those that were not listed for a day, and forgets those that are gone."""

    def __init__(self, database: Database, lister: SourceLister) -> None:
        self._database, self._lister = database, lister

    async def one(self, job: Job) -> None:
        """List the source that the job names."""
        await self._lister.list(job.tenant, job.ids["source_id"])

    async def forget(self, _job: Job | None = None) -> None:
        """Remove what was decided about tools of sources that are gone, in whatever organization."""
        async with self._database.system() as connection:
            await EverySourceRepository(connection).forget_policies()

    async def stale(self, _job: Job | None = None) -> None:
        """Enqueue a job for each source whose list is old: one that hangs holds up no other one."""
        async with self._database.system() as connection:
            found = await EverySourceRepository(connection).list_unchecked(since=now() - _LISTED_EVERY, limit=_BATCH)
        for org_id, source_id in found:
            scope = Scope(org_id, System())
            async with self._database.transaction(scope) as db:
                await JobQueue(db).enqueue(REFRESH_JOB, scope=scope, ids={"source_id": source_id}, once=str(source_id))
