"""The stored frames of runs."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.scope import Scope
from coda.runs.models import RunEvent


class EventRepository:
    """Stored events of one organization's runs; `log/` writes them."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def worked_ms(self, run_id: UUID) -> int:
        """How long earlier holders of a run worked on it, by database time; what lay between them is left out."""
        worked = func.extract("epoch", func.max(RunEvent.created_at) - func.min(RunEvent.created_at))
        spans = (
            select(worked.label("seconds"))
            .where(RunEvent.org_id == self._scope.org_id, RunEvent.run_id == run_id)
            .group_by(RunEvent.fence)
            .subquery()
        )
        return round(float(await self._db.scalar(select(func.sum(spans.c.seconds))) or 0) * 1000)

    async def list_frames(self, run_id: UUID) -> Sequence[str]:
        """All stored frames of a run, in order."""
        query = (
            select(RunEvent.frame)
            .where(RunEvent.org_id == self._scope.org_id, RunEvent.run_id == run_id)
            .order_by(RunEvent.seq)
        )
        return (await self._db.scalars(query)).all()
