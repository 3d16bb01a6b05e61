"""The worker loop: claims due runs, drives them, renews their leases, carries commands to them."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from coda.core.db import DATABASE_ERRORS, Database
from coda.core.db.listener import DatabaseListener
from coda.core.kill_points import KillPoint, reached
from coda.core.settings import RunSettings
from coda.core.tasks import unbroken
from coda.runs.execution.output.stream_control import StreamControl
from coda.runs.queue.run_queue import COMMAND_CHANNEL, WAKE_CHANNEL, Claim, Lease, RunQueue, Slot, WorkerIdentity
from coda.runs.worker.executor import FENCE, RELEASE, Drive, RunExecutor

log = structlog.get_logger(__name__)

_POLL = timedelta(seconds=1)
_CLAIM_AT_ONCE = 32
_LAST_CLAIM = timedelta(seconds=5)
_HAND_OVER = timedelta(seconds=10)
"""For storing what was said until now; with the database away, the leases run out instead."""


class RunDispatcher:
    """Keeps as many runs working as the process may drive."""

    def __init__(
        self,
        database: Database,
        executor: RunExecutor,
        *,
        worker: WorkerIdentity,
        settings: RunSettings,
        grace: timedelta,
    ) -> None:
        self._database, self._executor, self._worker, self._settings = database, executor, worker, settings
        self._grace = grace
        self._drives: dict[UUID, Drive] = {}
        self._is_only_worker = False
        self._kept: Counter[UUID] = Counter()
        self._wake = asyncio.Event()
        self._is_asked = self._was_in_vain = False
        self._tasks: list[asyncio.Task[None]] = []
        self._draining_since: float | None = None

    def hear(self, listener: DatabaseListener) -> None:
        """Be woken by the database; to be called before the listener starts."""
        listener.hear(WAKE_CHANNEL, lambda _payload: self.wake())
        listener.hear(COMMAND_CHANNEL, self._on_command)
        listener.on_reconnect(self.wake)

    async def start(self, *, is_only_worker: bool) -> None:
        """Begin to claim. The only process voids leases first: whoever held them is dead."""
        async with self._database.transaction(None) as db:
            queue = RunQueue(db)
            await queue.beat(self._worker)
            if is_only_worker:
                await queue.void_leases()
        self._is_only_worker = is_only_worker
        self._wake.set()
        self._tasks = [
            asyncio.create_task(self._claim_forever(), name="run-claims"),
            asyncio.create_task(self._every(self._settings.heartbeat, self._renew), name="run-leases"),
            asyncio.create_task(
                self._every(timedelta(seconds=_POLL.total_seconds()), self._poll_commands), name="run-commands"
            ),
        ]

    @property
    def is_well(self) -> bool:
        """Whether the loops are alive (for readiness)."""
        return bool(self._tasks) and not any(task.done() for task in self._tasks)

    @property
    def working(self) -> int:
        """How many runs are being driven here now."""
        return len(self._drives)

    @contextmanager
    def keep(self, user_id: UUID) -> Iterator[Slot | None]:
        """Keep room for a run of this person while it starts, so that it needs no claim; None where there is none.

        Only where no other worker is: there all that work are known here, and nobody else has to be woken.
        """
        if not self._has_room(user_id):
            yield None
            return
        self._kept[user_id] += 1
        try:
            yield Slot(self._worker.id, self._settings.lease)
        finally:
            self._kept[user_id] -= 1
            self._kept += Counter()  # forgets who keeps nothing any more

    def _has_room(self, user_id: UUID) -> bool:
        if not self._is_only_worker or not self._tasks or self.is_draining or self._room() <= 0:
            return False
        own = sum(drive.claim.user_id == user_id for drive in self._drives.values())
        return own + self._kept[user_id] < self._settings.max_per_user

    def _room(self) -> int:
        return self._settings.concurrency - len(self._drives) - self._kept.total()

    def wake(self) -> None:
        """There is something new in line."""
        self._is_asked = True
        self._wake.set()

    @property
    def is_draining(self) -> bool:
        """Whether this process is about to end."""
        return self._draining_since is not None

    def drain(self) -> None:
        """Claim nothing more; what works here is handed over at its next step, unless it ends before."""
        if self._draining_since is None:
            self._draining_since = asyncio.get_running_loop().time()
            self._wake.set()
            for drive in self._drives.values():
                drive.leave()

    def hand_over(self) -> None:
        """Drain without grace: what works here goes on elsewhere, from its last step."""
        self.drain()
        for drive in self._drives.values():
            drive.end(RELEASE)

    async def stop(self) -> None:
        """Drain, hand over what still works after the grace, and leave. Stopping twice is stopping once."""
        self.drain()
        tasks, self._tasks = self._tasks, []
        if not tasks:
            return
        await asyncio.wait(tasks[:1], timeout=_LAST_CLAIM.total_seconds())
        await self._ends(within=self.grace_left())
        self.hand_over()
        await self._ends(within=_HAND_OVER.total_seconds())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(*DATABASE_ERRORS):
            async with self._database.transaction(None) as db:
                await RunQueue(db).leave(self._worker.id)

    def grace_left(self) -> float:
        """Seconds for which a process that drains still waits for what works."""
        drained_for = asyncio.get_running_loop().time() - (self._draining_since or 0)
        return max(0.0, self._grace.total_seconds() - drained_for)

    async def _ends(self, *, within: float) -> None:
        ends = [drive.task for drive in self._drives.values() if drive.task is not None]
        if ends:
            await asyncio.wait(ends, timeout=within)

    async def _claim_forever(self) -> None:
        while not self.is_draining:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _POLL.total_seconds())
            self._wake.clear()
            with unbroken(log, "runs.claim_failed", expected=DATABASE_ERRORS) as turn:
                await self._claim()
            if turn.has_failed:
                await asyncio.sleep(_POLL.total_seconds())

    async def _claim(self) -> None:
        is_asked, self._is_asked = self._is_asked, False
        room = min(self._room(), _CLAIM_AT_ONCE)
        if self.is_draining:
            return
        claims = await self._take(room) if room > 0 else []
        self._was_in_vain |= is_asked and not claims
        for claim in claims:
            self.drive(claim)
        if 0 < room == len(claims):
            self._wake.set()

    async def _take(self, room: int) -> list[Claim]:
        async with self._database.autocommit() as db:
            return await RunQueue(db).claim(
                self._worker.id, lease=self._settings.lease, limit=room, per_user=self._settings.max_per_user
            )

    def drive(self, claim: Claim) -> None:
        """Work on a run that was claimed for this worker."""
        drive = Drive(claim, StreamControl(grace=self._settings.pause_grace))
        lost = self._drives.get(claim.run_id)
        if lost is not None:
            lost.end(FENCE)
        self._drives[claim.run_id] = drive
        drive.task = asyncio.create_task(self._run(drive), name=f"run-{claim.run_id}")
        if self.is_draining:  # the claim was under way
            drive.end(RELEASE)

    async def _run(self, drive: Drive) -> None:
        reached(KillPoint.AFTER_CLAIM)
        try:
            await self._executor.drive(drive)
        finally:
            if self._drives.get(drive.claim.run_id) is drive:
                del self._drives[drive.claim.run_id]
            drive.done.set()
            if drive.is_line_waiting or self._was_in_vain:
                self._was_in_vain = False
                self._wake.set()

    async def _renew(self) -> None:
        before = {drive.claim.run_id: drive.claim.fence for drive in self._drives.values()}
        async with self._database.autocommit() as db:
            queue = RunQueue(db)
            await queue.beat(self._worker)
            leases = await queue.renew(self._worker.id, list(before), lease=self._settings.lease)
        held = {lease.run_id: lease.fence for lease in leases}
        for run_id, fence in before.items():
            drive = self._drives.get(run_id)
            if drive is not None and drive.claim.fence == fence and held.get(run_id) != fence:
                drive.end(FENCE)
        self._obey(leases)

    async def _poll_commands(self) -> None:
        if self._drives:
            async with self._database.autocommit() as db:
                self._obey(await RunQueue(db).commands(self._worker.id))

    def _obey(self, leases: list[Lease]) -> None:
        for lease in leases:
            self._command(lease.run_id, lease.command)

    def _on_command(self, payload: str) -> None:
        run_id, _, command = payload.partition(":")
        self._command(UUID(run_id), command)

    def _command(self, run_id: UUID, command: str | None) -> None:
        drive = self._drives.get(run_id)
        if drive is not None:
            drive.obey(command)

    async def _every(self, interval: timedelta, action: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            await asyncio.sleep(interval.total_seconds())
            with unbroken(log, "runs.beat_failed", expected=DATABASE_ERRORS):
                await action()
