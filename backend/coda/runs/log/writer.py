"""The log writer: one per process, stores the events of all its runs in one statement, then publishes them."""

import asyncio
import math
import random
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import structlog
from asyncpg.pgproto.pgproto import UUID as DriverUUID  # noqa: N811 - the library's
from sqlalchemy.ext.asyncio import AsyncEngine

from coda.core.tasks import unbroken
from coda.runs.log.run_log import LogKey, RunLog
from coda.runs.log.store import Batch, FrameRefused, FrameStore, StoreUnavailable
from coda.runs.stream.frames import FrameRenderer
from coda.runs.stream.hub.port import Hub
from coda.runs.types import RunKey

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0
_MANY_RUNS = 28
_MOST_STRETCHED = 3
_logger = structlog.get_logger(__name__)


class LogWriter:
    """Collects what the runs of this process say, and stores and then publishes it: at most once in `flush_interval`.

    A token that comes after a quiet interval goes at once; only those that follow more closely wait for each other.
    When many runs speak at once the interval stretches, up to three times: more tokens of a run become one event then,
    and what an event costs is paid less often.
    What a watcher has seen is stored. A run that the store refuses has another worker now: its log is fenced. While the
    database is away everything waits in order, and `RunLog.ready` holds the models back.
    """

    def __init__(self, engine: AsyncEngine, hub: Hub, *, flush_interval: timedelta) -> None:
        self.hub = hub
        self._store = FrameStore(engine)
        self._interval = self._stretched = flush_interval.total_seconds()
        self._waiting: dict[RunLog, None] = {}
        self._wake = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._flushed_at = -math.inf
        self._progress = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    def start(self) -> None:
        """Begin to work, on the running event loop."""
        self._task = asyncio.create_task(self._run(), name="log-writer")

    async def close(self, *, within: timedelta = timedelta(seconds=5)) -> None:
        """Store what waits, as far as the database lets it in time, and stop."""
        if self._task is None:
            return
        self._closing = True
        self._wake.set()
        await asyncio.wait({self._task}, timeout=within.total_seconds())
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None
        if self._timer is not None:
            self._timer.cancel()
        await self._store.disconnect()

    def register(self, *, run_id: UUID, org_id: UUID, session_id: UUID, fence: int, first_seq: int) -> RunLog:
        """The log of a run that this process has claimed; `first_seq` follows the last stored one."""
        key = LogKey(RunKey(_hashable(org_id), _hashable(run_id)), fence)
        return RunLog(self, FrameRenderer(run_id=run_id, session_id=session_id), key=key, first_seq=first_seq)

    def schedule(self, log: RunLog) -> None:
        """Store what this log holds within the flush interval: more is about to come that can go with it."""
        self._waiting[log] = None
        if self._timer is None and not self._wake.is_set():
            self._timer = asyncio.get_running_loop().call_later(self._stretched, self._wake.set)

    def flush_soon(self, log: RunLog) -> None:
        """Store what this log holds as soon as the interval since the last flush is over."""
        self._waiting[log] = None
        if self._timer is not None or self._wake.is_set():
            return
        loop = asyncio.get_running_loop()
        due = self._flushed_at + self._stretched
        if due <= loop.time():
            self._wake.set()
        else:
            self._timer = loop.call_at(due, self._wake.set)

    def flush_now(self, log: RunLog) -> None:
        """Store what this log holds now."""
        self._waiting[log] = None
        self._wake.set()

    def forget(self, log: RunLog) -> None:
        """Leave this log alone from now on."""
        self._waiting.pop(log, None)

    async def progress(self) -> None:
        """Return after the next flush."""
        await self._progress.wait()

    async def _run(self) -> None:
        while not (self._closing and not self._waiting):
            await self._wake.wait()
            self._wake.clear()
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            self._flushed_at = asyncio.get_running_loop().time()
            logs, self._waiting = self._waiting, {}
            batches = [Batch(log, frames) for log in logs if (frames := log.take())]
            self._stretched = self._interval * min(1 + len(batches) / _MANY_RUNS, _MOST_STRETCHED)
            if batches:
                await self._write_safely(batches)
            done, self._progress = self._progress, asyncio.Event()
            done.set()

    async def _write_safely(self, batches: list[Batch]) -> None:
        with unbroken(_logger, "run_log.broken", runs=len(batches)) as turn:
            await self._write(batches)
        if turn.has_failed:
            for batch in batches:  # their leases run out, and they are taken up again
                batch.log.fence_out()

    async def _write(self, batches: list[Batch]) -> None:
        pause = _FIRST_PAUSE
        is_unsure = False
        while True:
            try:
                if is_unsure:
                    batches = self._publish(batches, await self._store.find_stored(batches))
                if batches:
                    await self._insert(batches)
                return
            except StoreUnavailable as error:
                _logger.warning("run_log.database_away", runs=len(batches), error=str(error), retry_in_s=pause)
                is_unsure = True
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _insert(self, batches: list[Batch]) -> None:
        try:
            stored = await self._store.insert(batches)
        except FrameRefused as error:
            await self._insert_singly(batches, error)
            return
        for batch in self._publish(batches, stored):
            batch.log.fence_out()

    async def _insert_singly(self, batches: list[Batch], error: FrameRefused) -> None:
        """One run's frames were refused: find it, so that the others go on."""
        unstored = self._publish(batches, await self._store.find_stored(batches))
        if len(unstored) == 1:
            _logger.error("run_log.frames_refused", run_id=str(unstored[0].log.key.run_id), error=str(error))
            unstored[0].log.fence_out()
        elif unstored:
            for batch in unstored:
                await self._insert([batch])

    def _publish(self, batches: Sequence[Batch], stored: Sequence[Batch]) -> list[Batch]:
        """Publish what of the batches is stored, and give the others."""
        for batch in stored:
            batch.log.stored(batch.last_seq)
            self.hub.publish(batch.log.key.run, batch.frames)
        return [] if stored is batches else [batch for batch in batches if batch not in stored]


def _hashable(key: UUID) -> UUID:
    """The driver's own form of it, equal to it: what is looked up with each frame is hashed without a call."""
    same: UUID = DriverUUID(key.bytes)
    return same
