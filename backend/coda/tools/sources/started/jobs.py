"""Tries servers for those who have entered them: workers do, whoever was asked."""

from dataclasses import dataclass

from coda.core.db import Database
from coda.core.errors import CodaError
from coda.core.guarded_http import Reach
from coda.core.jobs import Job, JobRegistry
from coda.core.security import Seal
from coda.tools.mcp.stdio.kind import StdioServers
from coda.tools.sources.lister import Listing, ask, words_of
from coda.tools.sources.schemas import SourceErrorRead, ToolSourceTestRead
from coda.tools.sources.started.asking import TRIAL_JOB
from coda.tools.sources.started.models import SourceTrial
from coda.tools.sources.started.repository import TrialRepository
from coda.tools.sources.types import Source


def register_jobs(jobs: JobRegistry, database: Database, servers: StdioServers, seal: Seal) -> None:
    """Tell the process what does the jobs of this domain."""
    jobs.add(TRIAL_JOB, Trying(database, servers, seal).one)


@dataclass(frozen=True, slots=True)
class Trying:
    """Starts a server, asks it what it has, ends it."""

    database: Database
    servers: StdioServers
    seal: Seal

    async def one(self, job: Job) -> None:
        """Try what the job names; nothing where nobody waits for it any more."""
        scope, trial_id = job.tenant, job.ids["trial_id"]
        async with self.database.transaction(scope) as db:
            trial = await TrialRepository(db, scope).find(trial_id)
            if trial is None or trial.answer is not None:
                return
            source = self._source(trial)
        listing = await ask(self.servers, source)
        log = self.servers.log_of(source.id)
        await self.servers.children.forget(source.id)
        async with self.database.transaction(scope) as db:
            trial = await TrialRepository(db, scope).find(trial_id)
            if trial is not None:
                trial.answer = _told(listing, log).model_dump(mode="json")

    def _source(self, trial: SourceTrial) -> Source:
        sealed = trial.sealed
        secret = None if sealed is None else self.seal.open(sealed, bound_to=str(trial.id)).get_secret_value()
        return Source(trial.id, trial.org_id, trial.kind, "new", "new", None, trial.config, Reach.PUBLIC, secret=secret)


def _told(listing: Listing, log: list[str]) -> ToolSourceTestRead:
    if listing.offer is not None:
        return ToolSourceTestRead.of(listing.offer, latency_ms=listing.latency_ms, log=log)
    error: CodaError | None = listing.error
    told = None if error is None else SourceErrorRead(code=error.code, message=words_of(error))
    return ToolSourceTestRead(ok=False, tools=[], left_out=[], error=told, latency_ms=listing.latency_ms, log=log)
