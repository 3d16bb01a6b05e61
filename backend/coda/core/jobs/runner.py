"""Works jobs off as long as its process lives, through outages of the database; at its stop it requeues the rest."""

import asyncio
import importlib
from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from coda.core.db import Database, is_database_outage
from coda.core.db.listener import DatabaseListener
from coda.core.jobs.queue import CHANNEL
from coda.core.jobs.registry import JobRegistry
from coda.core.jobs.types import Around, Job
from coda.core.settings import JobSettings
from coda.core.tasks import unbroken

if TYPE_CHECKING:
    from coda.core.jobs.worker import JobWorker

log = structlog.get_logger(__name__)

_PAUSE: Final = timedelta(seconds=2)

Hear = Callable[[str | bytes | bytearray], None]


def _nothing(_job: Job) -> nullcontext[None]:
    return nullcontext()


class JobRunner:
    """One per process that works. At least once: a job whose process dies runs again elsewhere."""

    def __init__(
        self, database: Database, registry: JobRegistry, settings: JobSettings, *, around: Around = _nothing
    ) -> None:
        self._database, self._registry, self._settings, self._around = database, registry, settings, around
        self._hearers: set[Hear] = set()
        self._stopping = asyncio.Event()
        self._worker: JobWorker | None = None
        self._task: asyncio.Task[None] | None = None

    def hear(self, listener: DatabaseListener) -> None:
        """Be woken by the database; to be called before the listener starts."""
        listener.hear(CHANNEL, self._heard)

    def start(self) -> None:
        """Begin to work in the background."""
        self._task = asyncio.create_task(self._work_forever(), name="jobs")

    async def stop(self, *, grace: timedelta) -> None:
        """Begin nothing more, let jobs end for a while, then put the rest back into the queue."""
        if self._task is None:
            return
        self._stopping.set()
        if self._worker is not None:
            self._worker.stop()
        await asyncio.wait({self._task}, timeout=grace.total_seconds())
        if self._worker is not None:
            self._worker.requeue()
        await asyncio.wait({self._task}, timeout=grace.total_seconds())
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    def _heard(self, payload: str) -> None:
        for hear in list(self._hearers):
            hear(payload)

    async def _work_forever(self) -> None:
        # PgQueuer is imported beside the start of the process, not in its way.
        module = await asyncio.to_thread(importlib.import_module, "coda.core.jobs.worker")
        while not self._stopping.is_set():
            self._worker = module.JobWorker(
                self._database, self._registry, self._settings, around=self._around, hearers=self._hearers
            )
            with unbroken(log, "jobs.interrupted", is_expected=is_database_outage):
                await self._worker.run()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _PAUSE.total_seconds())
