"""SQL of clean-up and readiness: ids, times and counts, never content."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession


@dataclass(frozen=True, slots=True)
class QueueState:
    """The queue now."""

    queued: int
    running: int
    oldest_seconds: float


class InstanceRepository:
    """Global tables, as the app role sees them without a scope."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def has_live_worker(self, *, within: timedelta) -> bool:
        """Whether a worker has shown itself lately."""
        found = await self._db.scalar(
            text("select exists (select from workers where seen_at > now() - cast(:within as interval))"),
            {"within": within},
        )
        return bool(found)

    async def queue_state(self) -> QueueState:
        """Runs waiting and working."""
        row = (
            await self._db.execute(
                text(
                    "select count(*) filter (where state = 'queued') as queued,"
                    " count(*) filter (where state = 'running') as running,"
                    " coalesce(extract(epoch from now() - min(available_at) filter"
                    " (where state = 'queued' and available_at <= now())), 0) as oldest from run_queue"
                )
            )
        ).one()
        return QueueState(row.queued, row.running, float(row.oldest))

    async def remove_expired(self) -> int:
        """Tickets and tokens that nobody can use any more, and workers long gone."""
        removed = 0
        for statement in (
            "delete from ws_tickets where expires_at < now()",
            "delete from one_time_tokens where expires_at < now() - interval '30 days'",
            "delete from refresh_tokens where expires_at < now()",
            "delete from workers where seen_at < now() - interval '1 day'",
        ):
            result = await self._db.execute(text(statement))
            removed += result.rowcount  # type: ignore[attr-defined]  # a DELETE gives a CursorResult
        return removed


class SystemRepository:
    """All organizations' rows, as the system role sees them: named columns of named tables."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def is_only_cleaner(self) -> bool:
        """Take the clean-up's turn until the end of the transaction; False while another process has it."""
        taken = await self._connection.scalar(text("select pg_try_advisory_xact_lock(:key)"), {"key": 0x0C0DA_C1EA})
        return bool(taken)

    async def remove_run_events(self, *, kept: timedelta) -> int:
        """Single events of runs that ended long enough ago; their answers are stored whole."""
        return await self._change(
            "delete from run_events e using runs r where r.org_id = e.org_id and r.id = e.run_id"
            " and r.finished_at < now() - cast(:kept as interval)",
            kept=kept,
        )

    async def release_reservations(self) -> int:
        """Reservations that nobody settled in time."""
        return await self._change(
            "update reservations set state = 'released', closed_at = now() where state = 'held' and expires_at < now()"
        )

    async def remove_deleted_sessions(self, *, kept: timedelta) -> int:
        """Chat sessions that were deleted and not restored in time."""
        return await self._change(
            "delete from chat_sessions where deleted_at < now() - cast(:kept as interval)", kept=kept
        )

    async def _change(self, statement: str, **values: object) -> int:
        return (await self._connection.execute(text(statement), values)).rowcount
