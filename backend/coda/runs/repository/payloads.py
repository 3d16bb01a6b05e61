"""What providers want back with turns: read only where a run is recovered."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.db import table_of
from coda.core.scope import Scope
from coda.runs.models import StepPayload

_INSERT = insert(table_of(StepPayload))


class StepPayloadRepository:
    """Payloads beside the steps of one organization's runs."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def insert(self, step_id: UUID, root_run_id: UUID, values: Mapping[str, Any]) -> None:
        """Store what goes back with one turn."""
        row = {"org_id": self._scope.org_id, "step_id": step_id, "root_run_id": root_run_id, **values}
        await self._db.execute(_INSERT, [row])

    async def list_of(self, root_run_id: UUID) -> Sequence[StepPayload]:
        """What goes back with the turns of an answer."""
        query = select(StepPayload).where(
            StepPayload.org_id == self._scope.org_id, StepPayload.root_run_id == root_run_id
        )
        return (await self._db.scalars(query)).all()
