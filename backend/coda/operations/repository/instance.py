"""Global tables, as the app role sees them without a scope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from coda.operations.types import WorkerState

# When each kind of pass is of no use any more.
_EXPIRED: Final[Mapping[str, str]] = {
    "ws_tickets": "expires_at < now()",
    "one_time_tokens": "expires_at < now() - interval '30 days'",
    "refresh_tokens": "expires_at < now()",
}
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

    async def remove_expired(self, *, limit: int) -> int:
        """Remove up to `limit` of each kind of ticket and token that is of no use; gives the most of a kind."""
        most = 0
        for table, condition in _EXPIRED.items():
            expired = f"select hash from {table} where {condition} limit :limit"  # noqa: S608 - our own words only
            statement = text(f"delete from {table} where hash in ({expired})")  # noqa: S608 - our own words only
            most = max(most, (await self._db.execute(statement, {"limit": limit})).rowcount)  # type: ignore[attr-defined]  # a DELETE gives a CursorResult
        return most

    async def remove_workers(self, *, silent: timedelta) -> int:
        """Forget workers that have not shown themselves for so long."""
        result = await self._db.execute(_REMOVE_WORKERS, {"silent": silent})
        return int(result.rowcount)  # type: ignore[attr-defined]  # a DELETE gives a CursorResult
