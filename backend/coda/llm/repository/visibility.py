"""Queries on who may use the instance's connections."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.scope import Scope
from coda.llm.models import ConnectionVisibility


class ConnectionVisibilityRepository:
    """The organizations that restricted connections name. An organization's own transaction sees its own name only."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def read_all(self) -> Mapping[UUID, frozenset[UUID]]:
        """The named organizations, by connection."""
        query = select(ConnectionVisibility.connection_id, ConnectionVisibility.visible_to)
        named: defaultdict[UUID, set[UUID]] = defaultdict(set)
        for row in await self._db.execute(query.where(ConnectionVisibility.org_id == self._scope.org_id)):
            named[row.connection_id].add(row.visible_to)
        return {connection_id: frozenset(organizations) for connection_id, organizations in named.items()}

    async def replace(self, connection_id: UUID, organizations: Collection[UUID]) -> None:
        """Name these organizations, and no others."""
        await self._db.execute(
            delete(ConnectionVisibility).where(
                ConnectionVisibility.org_id == self._scope.org_id, ConnectionVisibility.connection_id == connection_id
            )
        )
        self._db.add_all(
            ConnectionVisibility(org_id=self._scope.org_id, connection_id=connection_id, visible_to=organization)
            for organization in set(organizations)
        )
        await self._db.flush()
