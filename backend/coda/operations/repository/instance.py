"""Global tables, as the app role sees them without a scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from coda.operations.types import WorkerState

_LIVE_WORKER = text("select exists (select from workers where seen_at > now() - cast(:within as interval))")
_QUEUE = text("""
    select count(*) filter (where state = 'queued') as queued,
           count(*) filter (where state = 'running') as running,
           count(*) filter (where state = 'blocked') as blocked,
           count(*) filter (where state = 'held') as held,
           coalesce(extract(epoch from now() - min(available_at) filter
                    (where state = 'queued' and available_at <= now())), 0) as oldest
      from run_queue
""")
_WORKERS = text("""
    select w.id, w.host, w.pid, w.version, w.started_at, w.seen_at,
           extract(epoch from now() - w.seen_at)::float as silent_seconds,
           (select count(*) from run_queue q where q.worker_id = w.id and q.state = 'running') as runs
      from workers w order by w.started_at, w.id limit :limit
""")
_REMOVE_WORKERS = text("delete from workers where seen_at < now() - cast(:silent as interval)")


@dataclass(frozen=True, slots=True)
class QueueState:
    """The queue now: runs that wait for a worker, work, wait for an answer above, wait for a person."""

    queued: int
    running: int
    blocked: int
    held: int
    oldest_seconds: float


class InstanceRepository:
    """What the instance consists of now."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def has_live_worker(self, *, within: timedelta) -> bool:
        """Whether a worker has shown itself lately."""
        return bool(await self._db.scalar(_LIVE_WORKER, {"within": within}))

    async def queue_state(self) -> QueueState:
        """Runs waiting and working."""
        row = (await self._db.execute(_QUEUE)).one()
        return QueueState(row.queued, row.running, row.blocked, row.held, float(row.oldest))

    async def list_workers(self, *, limit: int) -> Sequence[WorkerState]:
        """The processes that drive runs, oldest first."""
        return [WorkerState(**row) for row in (await self._db.execute(_WORKERS, {"limit": limit})).mappings()]

    async def remove_workers(self, *, silent: timedelta) -> int:
        """Forget workers that have not shown themselves for so long."""
        result = await self._db.execute(_REMOVE_WORKERS, {"silent": silent})
        return int(result.rowcount)  # type: ignore[attr-defined]  # a DELETE gives a CursorResult
