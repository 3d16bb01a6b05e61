"""A process that takes a job, says so, and never ends it. Its argument: the database's URLs as JSON."""

import asyncio
import json
import sys
from datetime import timedelta

from coda.core.db import Database, DatabaseUrls
from coda.core.db.listener import DatabaseListener
from coda.core.jobs import Job, JobRegistry, JobRunner
from coda.core.settings import JobSettings


async def hang(job: Job) -> None:
    sys.stdout.write(f"took {job.name} {job.id} try {job.tries}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


async def work(urls: DatabaseUrls) -> None:
    database, listener, jobs = Database(urls, pool_size=2), DatabaseListener(urls.direct), JobRegistry()
    jobs.add("hang", hang)
    runner = JobRunner(database, jobs, JobSettings(silence=timedelta(seconds=2), poll=timedelta(seconds=0.2)))
    runner.hear(listener)
    await listener.start()
    runner.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(work(DatabaseUrls(**json.loads(sys.argv[1]))))
