"""The instance's own jobs: what may go, goes, in small steps; what was forgotten, is put right."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final

import structlog

from coda.core.db import Database
from coda.core.jobs import Job, JobRegistry
from coda.core.jobs.repository import JobRepository
from coda.core.settings import Settings
from coda.operations.repository import InstanceRepository, SystemRepository
from coda.runs.queue.run_queue import RunQueue

log = structlog.get_logger(__name__)

BATCH: Final = 500
_MOST_BATCHES: Final = 200
_DELETED_SESSIONS_KEPT: Final = timedelta(days=30)
_RESPONSES_KEPT: Final = timedelta(days=30)
_REQUESTS_KEPT: Final = timedelta(days=1)
_UNUSED_TEXTS_KEPT: Final = timedelta(days=1)
_LOST_AFTER: Final = timedelta(minutes=5)
_WORKER_GONE_AFTER: Final = timedelta(minutes=10)

Step = Callable[[int], Awaitable[int]]
"""Does up to so many rows, in a transaction of its own; gives how many it did."""


def register_jobs(jobs: JobRegistry, database: Database, settings: Settings) -> None:
    """Tell the process what does the jobs of this domain."""
    jobs.add("clean-up", CleanUp(database, settings).run, every=timedelta(minutes=5))
    jobs.add("prompt-texts", UnusedTexts(database).run, every=timedelta(days=1))
    jobs.add("reaper", Reaper(database).run, every=timedelta(minutes=1))


class CleanUp:
    """Removes events of old runs, deleted sessions, old responses, requests and results, files that no message shows.

    What has expired and traces of jobs go too.
    """

    def __init__(self, database: Database, settings: Settings, *, batch: int = BATCH) -> None:
        self._database, self._settings, self._batch = database, settings, batch

    async def run(self, _job: Job | None = None) -> None:
        """Clean now."""
        steps = {
            "events": self._events,
            "sessions": self._sessions,
            "responses": self._responses,
            "files": self._files,
            "requests": self._requests,
            "cached": self._cached,
            "expired": self._expired,
            "jobs": self._jobs,
        }
        await _work_off(steps, batch=self._batch)

    async def _events(self, limit: int) -> int:
        async with self._database.system() as connection:
            return await SystemRepository(connection).remove_run_events(
                kept=self._settings.runs.events_kept, runs=limit
            )

    async def _sessions(self, limit: int) -> int:
        async with self._database.system() as connection:
            return await SystemRepository(connection).remove_deleted_sessions(kept=_DELETED_SESSIONS_KEPT, limit=limit)

    async def _responses(self, limit: int) -> int:
        async with self._database.system() as connection:
            return await SystemRepository(connection).remove_responses(kept=_RESPONSES_KEPT, limit=limit)

    async def _files(self, limit: int) -> int:
        async with self._database.system() as connection:
            kept = self._settings.files.unused_kept
            return await SystemRepository(connection).remove_unshown_files(kept=kept, limit=limit)

    async def _requests(self, limit: int) -> int:
        async with self._database.system() as connection:
            return await SystemRepository(connection).remove_requests(kept=_REQUESTS_KEPT, limit=limit)

    async def _cached(self, limit: int) -> int:
        most = self._settings.cache.most_bytes_per_organization
        async with self._database.system() as connection:
            system = SystemRepository(connection)
            return await system.remove_cached(limit=limit) or await system.shrink_cached(most_bytes=most, limit=limit)

    async def _expired(self, limit: int) -> int:
        async with self._database.system() as connection:
            return await SystemRepository(connection).remove_expired(limit=limit)

    async def _jobs(self, limit: int) -> int:
        kept = self._settings.jobs
        async with self._database.transaction(None) as db:
            return await JobRepository(db).forget(done=kept.done_kept, failed=kept.failed_kept, limit=limit)


class UnusedTexts:
    """Removes texts of prompts and specs of tools that no run refers to any more.

    It reads every plan there is, so that it runs seldom.
    """

    def __init__(self, database: Database, *, batch: int = BATCH) -> None:
        self._database, self._batch = database, batch

    async def run(self, _job: Job | None = None) -> None:
        """Clean now."""
        await _work_off({"prompt_texts": self._texts, "tool_specs": self._specs}, batch=self._batch)

    async def _texts(self, limit: int) -> int:
        async with self._database.system() as connection:
            return await SystemRepository(connection).remove_prompt_texts(kept=_UNUSED_TEXTS_KEPT, limit=limit)

    async def _specs(self, limit: int) -> int:
        async with self._database.system() as connection:
            return await SystemRepository(connection).remove_tool_specs(kept=_UNUSED_TEXTS_KEPT, limit=limit)


class Reaper:
    """Releases reservations that nobody settled, forgets workers that died, puts runs back that nobody drives."""

    def __init__(self, database: Database, *, batch: int = BATCH) -> None:
        self._database, self._batch = database, batch

    async def run(self, _job: Job | None = None) -> None:
        """Reap now."""
        await _work_off(
            {"reservations": self._reservations, "workers": self._workers, "runs": self._runs}, batch=self._batch
        )

    async def _reservations(self, limit: int) -> int:
        async with self._database.system() as connection:
            return await SystemRepository(connection).release_reservations(limit=limit)

    async def _workers(self, _limit: int) -> int:
        async with self._database.transaction(None) as db:
            return await InstanceRepository(db).remove_workers(silent=_WORKER_GONE_AFTER)

    async def _runs(self, limit: int) -> int:
        """A run that works has a place in the queue. One without goes on as after the death of its worker."""
        async with self._database.system() as connection:
            lost = await SystemRepository(connection).list_lost_runs(older=_LOST_AFTER, limit=limit)
        async with self._database.transaction(None) as db:
            for run in lost:
                log.warning("reaper.run_put_back", run_id=str(run.run_id))
                await RunQueue(db).requeue(run)
        return len(lost)


async def _work_off(steps: Mapping[str, Step], *, batch: int) -> None:
    done: dict[str, int] = {}
    for name, step in steps.items():
        for _ in range(_MOST_BATCHES):
            count = await step(batch)
            done[name] = done.get(name, 0) + count
            if count < batch:
                break
    if any(done.values()):
        log.info("cleaned", **done)
