"""All SQL of provider connections."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.pagination import Cursor
from coda.core.scope import Scope
from coda.llm.models import ProviderConnection


class ProviderConnectionRepository:
    """The organization's connections to model providers."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def list_all(self) -> Sequence[ProviderConnection]:
        """All connections, oldest first."""
        query = (
            select(ProviderConnection)
            .where(ProviderConnection.org_id == self._scope.org_id)
            .order_by(ProviderConnection.created_at, ProviderConnection.id)
        )
        return (await self._db.scalars(query)).all()

    async def list_page(self, *, cursor: Cursor | None, limit: int) -> Sequence[ProviderConnection]:
        """Newest first; one more than `limit` tells of a next page."""
        query = (
            select(ProviderConnection)
            .where(ProviderConnection.org_id == self._scope.org_id)
            .order_by(ProviderConnection.created_at.desc(), ProviderConnection.id.desc())
            .limit(limit + 1)
        )
        if cursor is not None:
            key = tuple_(ProviderConnection.created_at, ProviderConnection.id)
            query = query.where(key < tuple_(cursor.at, cursor.id))
        return (await self._db.scalars(query)).all()

    async def insert(self, connection: ProviderConnection) -> None:
        """Store a connection."""
        self._db.add(connection)
        await self._db.flush()
        await self._db.refresh(connection, ["created_at"])

    async def delete(self, connection_id: UUID) -> bool:
        """Remove a connection; False where there is none."""
        removed = await self._db.scalar(
            delete(ProviderConnection)
            .where(ProviderConnection.org_id == self._scope.org_id, ProviderConnection.id == connection_id)
            .returning(ProviderConnection.id)
        )
        return removed is not None
