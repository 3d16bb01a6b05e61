"""Queries on what workers are asked to try, and on the servers that they have started."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.scope import Scope
from coda.tools.sources.started.models import SourceProcess, SourceTrial

_IS_ALIVE: Final = text("now() - interval '60 seconds'")
_KEPT: Final = text("now() - interval '1 day'")
_REPORT: Final = text("""
    insert into tool_source_processes (org_id, source_id, worker_id, state, lines, seen_at)
    select s.org_id, s.id, :worker_id, :state, cast(:lines as jsonb), now()
      from tool_sources s where s.org_id = :org_id and s.id = :source_id and s.is_enabled
        on conflict (org_id, source_id, worker_id)
        do update set state = excluded.state, lines = excluded.lines, seen_at = excluded.seen_at
 returning source_id
""")


class TrialRepository:
    """The scope's trials."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def insert(self, trial: SourceTrial) -> None:
        """Store a trial, and forget those that nobody has read."""
        is_old = SourceTrial.created_at < text("now() - interval '1 hour'")
        await self._db.execute(delete(SourceTrial).where(SourceTrial.org_id == self._scope.org_id, is_old))
        self._db.add(trial)
        await self._db.flush()

    async def find(self, trial_id: UUID) -> SourceTrial | None:
        """One trial as it is now."""
        return await self._db.get(SourceTrial, (self._scope.org_id, trial_id), populate_existing=True)

    async def delete(self, trial_id: UUID) -> None:
        """Forget a trial."""
        is_it = (SourceTrial.org_id == self._scope.org_id, SourceTrial.id == trial_id)
        await self._db.execute(delete(SourceTrial).where(*is_it))


class ProcessRepository:
    """The servers of the scope's sources, beside all workers."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def report(self, source_id: UUID, worker_id: UUID, *, state: str, lines: str) -> bool:
        """Store how a worker's server is; gives whether there is such a source, switched on."""
        values = {"worker_id": worker_id, "state": state, "lines": lines}
        asked = {"org_id": self._scope.org_id, "source_id": source_id}
        is_there = await self._db.scalar(_REPORT, values | asked) is not None
        is_its = (SourceProcess.org_id == self._scope.org_id, SourceProcess.source_id == source_id)
        is_old = SourceProcess.seen_at < _KEPT
        await self._db.execute(delete(SourceProcess).where(*is_its, is_old))
        return is_there

    async def states(self, source_ids: Collection[UUID]) -> Mapping[UUID, Collection[str]]:
        """What the workers that are there say of each source."""
        found: dict[UUID, set[str]] = defaultdict(set)
        if source_ids:
            query = select(SourceProcess.source_id, SourceProcess.state).where(
                SourceProcess.org_id == self._scope.org_id,
                SourceProcess.source_id.in_(source_ids),
                SourceProcess.seen_at > _IS_ALIVE,
            )
            for source_id, state in await self._db.execute(query):
                found[source_id].add(state)
        return found

    async def logs(self, source_id: UUID) -> Sequence[Mapping[str, Any]]:
        """The lines of all of a source's servers, each beside whichever worker."""
        query = select(SourceProcess.lines).where(
            SourceProcess.org_id == self._scope.org_id, SourceProcess.source_id == source_id
        )
        return [line for lines in await self._db.scalars(query) for line in lines]
