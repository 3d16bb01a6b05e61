"""The worker loop: claims due runs, has them executed, renews their leases, gives them their commands."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from coda.core.db import Database, is_database_outage
from coda.core.db.listener import DatabaseListener
from coda.core.kill_points import KillPoint, reached
from coda.core.settings import RunSettings
from coda.core.tasks import unbroken
from coda.runs.execution.output.stream_control import StreamControl
from coda.runs.queue.commands import RunCommand
from coda.runs.queue.run_queue import COMMAND_CHANNEL, WAKE_CHANNEL, Claim, Lease, RunQueue, Slot, WorkerIdentity
from coda.runs.types import RunKey
from coda.runs.worker.active_run import ActiveRun, StopReason
from coda.runs.worker.executor import RunExecutor

log = structlog.get_logger(__name__)

_POLL = timedelta(seconds=1)
_CLAIM_AT_ONCE = 32
_LAST_CLAIM = timedelta(seconds=5)
_RELEASE_TIMEOUT = timedelta(seconds=10)
"""To store what was said until now; with the database away, the leases expire instead."""


class RunDispatcher:
    """Executes as many runs at once as the process may."""

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
        self._active: dict[RunKey, ActiveRun] = {}
        self._is_only_worker = False
        self._reserved: Counter[UUID] = Counter()
        self._wake = asyncio.Event()
        self._is_woken = self._found_nothing = False
        self._tasks: list[asyncio.Task[None]] = []
        self._draining_since: float | None = None

    def listen_to(self, listener: DatabaseListener) -> None:
        """Be woken by the database; to be called before the listener starts."""
        listener.hear(WAKE_CHANNEL, lambda _payload: self.wake())
        listener.hear(COMMAND_CHANNEL, self._on_command)
        listener.on_reconnect(self.wake)

    async def start(self, *, is_only_worker: bool) -> None:
        """Begin to claim. The only process lets all leases expire first: their workers are dead."""
        async with self._database.transaction(None) as db:
            queue = RunQueue(db)
            await queue.heartbeat(self._worker)
            if is_only_worker:
                await queue.expire_leases()
        self._is_only_worker = is_only_worker
        self._wake.set()
        self._tasks = [
            asyncio.create_task(self._claim_forever(), name="run-claims"),
            asyncio.create_task(self._every(self._settings.heartbeat, self._renew), name="run-leases"),
            asyncio.create_task(self._every(_POLL, self._poll_commands), name="run-commands"),
        ]

    @property
    def is_well(self) -> bool:
        """Whether the loops are alive (for readiness)."""
        return bool(self._tasks) and not any(task.done() for task in self._tasks)

    @property
    def working(self) -> int:
        """How many runs are executed here now."""
        return len(self._active)

    @contextmanager
    def reserve_slot(self, user_id: UUID) -> Iterator[Slot | None]:
        """Keep room for a run of this person while it starts, so that it is claimed at once; None where there is none.

        Only for the only worker: it knows all runs that are executed, and there is no other one to wake.
        """
        if not self._has_room(user_id):
            yield None
            return
        self._reserved[user_id] += 1
        try:
            yield Slot(self._worker.id, self._settings.lease)
        finally:
            self._reserved[user_id] -= 1
            self._reserved += Counter()  # drops zero counts

    def _has_room(self, user_id: UUID) -> bool:
        if not self._is_only_worker or not self._tasks or self.is_draining or self._room() <= 0:
            return False
        own = sum(run.claim.user_id == user_id for run in self._active.values())
        return own + self._reserved[user_id] < self._settings.max_per_user

    def _room(self) -> int:
        return self._settings.concurrency - len(self._active) - self._reserved.total()

    def wake(self) -> None:
        """Look into the queue now."""
        self._is_woken = True
        self._wake.set()

    @property
    def is_draining(self) -> bool:
        """Whether this process is about to end."""
        return self._draining_since is not None

    def drain(self) -> None:
        """Claim nothing more; what runs here is released at its next step, unless it ends before."""
        if self._draining_since is None:
            self._draining_since = asyncio.get_running_loop().time()
            self._wake.set()
            for run in self._active.values():
                run.request_release()

    def release_all(self) -> None:
        """Drain without grace: release every run now; another worker goes on from its last step."""
        self.drain()
        for run in self._active.values():
            run.stop(StopReason.RELEASED)

    async def stop(self) -> None:
        """Drain, release what still runs after the grace, and deregister. Stopping twice is stopping once."""
        self.drain()
        tasks, self._tasks = self._tasks, []
        if not tasks:
            return
        await asyncio.wait(tasks[:1], timeout=_LAST_CLAIM.total_seconds())
        await self._wait_for_ends(within=self.grace_left())
        self.release_all()
        await self._wait_for_ends(within=_RELEASE_TIMEOUT.total_seconds())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with unbroken(log, "runs.not_deregistered", is_expected=is_database_outage):
            async with self._database.transaction(None) as db:
                await RunQueue(db).deregister(self._worker.id)

    def grace_left(self) -> float:
        """Seconds for which a draining process still waits for its runs."""
        drained_for = asyncio.get_running_loop().time() - (self._draining_since or 0)
        return max(0.0, self._grace.total_seconds() - drained_for)

    async def _wait_for_ends(self, *, within: float) -> None:
        ends = [run.task for run in self._active.values() if run.task is not None]
        if ends:
            await asyncio.wait(ends, timeout=within)

    async def _claim_forever(self) -> None:
        while not self.is_draining:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _POLL.total_seconds())
            self._wake.clear()
            with unbroken(log, "runs.claim_failed", is_expected=is_database_outage) as turn:
                await self._claim()
            if turn.has_failed:
                await asyncio.sleep(_POLL.total_seconds())

    async def _claim(self) -> None:
        is_woken, self._is_woken = self._is_woken, False
        room = min(self._room(), _CLAIM_AT_ONCE)
        if self.is_draining:
            return
        claims = await self._take(room) if room > 0 else []
        self._found_nothing |= is_woken and not claims
        for claim in claims:
            self.dispatch(claim)
        if 0 < room == len(claims):
            self._wake.set()

    async def _take(self, room: int) -> list[Claim]:
        async with self._database.autocommit() as db:
            return await RunQueue(db).claim(
                self._worker.id,
                lease=self._settings.lease,
                limit=room,
                per_user=self._settings.max_per_user,
                max_attempts=self._settings.max_attempts,
            )

    def dispatch(self, claim: Claim) -> None:
        """Work on a run that was claimed for this worker."""
        run = ActiveRun(claim, StreamControl(grace=self._settings.pause_grace))
        lost = self._active.get(claim.key)
        if lost is not None:
            lost.stop(StopReason.FENCED)
        self._active[claim.key] = run
        run.task = asyncio.create_task(self._run(run), name=f"run-{claim.run_id}")
        if self.is_draining:  # the claim was under way
            run.stop(StopReason.RELEASED)

    async def _run(self, run: ActiveRun) -> None:
        reached(KillPoint.AFTER_CLAIM)
        try:
            await self._executor.execute(run)
        finally:
            if self._active.get(run.claim.key) is run:
                del self._active[run.claim.key]
            if run.has_waiting_runs or self._found_nothing:
                self._found_nothing = False
                self._wake.set()

    async def _renew(self) -> None:
        before = {run.claim.key: run.claim.fence for run in self._active.values()}
        async with self._database.autocommit() as db:
            queue = RunQueue(db)
            await queue.heartbeat(self._worker)
            leases = await queue.renew(self._worker.id, list(before), lease=self._settings.lease)
        kept = {lease.key: lease.fence for lease in leases}
        for key, fence in before.items():
            run = self._active.get(key)
            if run is not None and run.claim.fence == fence and kept.get(key) != fence:
                run.stop(StopReason.FENCED)
        self._apply_all(leases)

    async def _poll_commands(self) -> None:
        if self._active:
            async with self._database.autocommit() as db:
                self._apply_all(await RunQueue(db).list_commands(self._worker.id))

    def _apply_all(self, leases: list[Lease]) -> None:
        for lease in leases:
            self._command(lease.key, lease.command)

    def _on_command(self, payload: str) -> None:
        org_id, run_id, command = payload.split(":")
        self._command(RunKey(UUID(org_id), UUID(run_id)), RunCommand(command))

    def _command(self, key: RunKey, command: RunCommand | None) -> None:
        run = self._active.get(key)
        if run is not None:
            run.apply(command)

    async def _every(self, interval: timedelta, action: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            await asyncio.sleep(interval.total_seconds())
            with unbroken(log, "runs.beat_failed", is_expected=is_database_outage):
                await action()
