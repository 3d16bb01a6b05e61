"""The background jobs of runs: better titles, the end of a deleted chat's work and of questions nobody answers."""

from coda.conversations.types import STOP_RUNS_JOB
from coda.core.db import Database
from coda.core.jobs import Job, JobRegistry
from coda.llm.gateway import Gateway
from coda.runs.connections.run_commands import RunCommands
from coda.runs.service.titles import TitleWriter
from coda.runs.stream.notifications import RunNotifier
from coda.runs.types import APPROVAL_JOB, TITLE_JOB


def register_jobs(
    jobs: JobRegistry, database: Database, gateway: Gateway, notes: RunNotifier, commands: RunCommands
) -> None:
    """Tell the process what does the jobs of this domain."""

    async def stop_runs(job: Job) -> None:
        await commands.cancel_deleted(job.tenant, job.ids["session_id"])

    async def expire_approval(job: Job) -> None:
        await commands.expire_approval(job.tenant, job.ids["run_id"])

    jobs.add(TITLE_JOB, TitleWriter(database, gateway, notes).write)
    jobs.add(STOP_RUNS_JOB, stop_runs)
    jobs.add(APPROVAL_JOB, expire_approval)
