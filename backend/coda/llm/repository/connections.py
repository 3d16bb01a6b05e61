"""Queries on the connections of one organization, or of the instance."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Select, delete, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.pagination import Cursor
from coda.core.scope import Scope
from coda.llm.errors import ConnectionExists
from coda.llm.models import ProviderConnection


class ProviderConnectionRepository:
    """The scope's connections to model providers, as far as the transaction may see them."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def list_all(self) -> Sequence[ProviderConnection]:
        """All connections, oldest first."""
        query = self._of_scope().order_by(ProviderConnection.created_at, ProviderConnection.id)
        return (await self._db.scalars(query)).all()

    async def list_page(self, *, cursor: Cursor | None, limit: int) -> Sequence[ProviderConnection]:
        """Newest first; one more than `limit` tells of a next page."""
        query = (
            self._of_scope()
            .order_by(ProviderConnection.created_at.desc(), ProviderConnection.id.desc())
            .limit(limit + 1)
        )
        if cursor is not None:
            key = tuple_(ProviderConnection.created_at, ProviderConnection.id)
            query = query.where(key < tuple_(cursor.at, cursor.id))
        return (await self._db.scalars(query)).all()

    async def slugs(self) -> Mapping[str, UUID]:
        """The ids that the connections' models begin with, and whose they are."""
        query = select(ProviderConnection.slug, ProviderConnection.id)
        rows = await self._db.execute(query.where(ProviderConnection.org_id == self._scope.org_id))
        return {row.slug: row.id for row in rows}

    async def find(self, connection_id: UUID) -> ProviderConnection | None:
        """One connection."""
        return await self._db.scalar(self._of_scope().where(ProviderConnection.id == connection_id))

    async def lock(self, connection_id: UUID) -> ProviderConnection | None:
        """One connection as it is now; nobody else changes it until this transaction ends."""
        query = self._of_scope().where(ProviderConnection.id == connection_id).with_for_update()
        return await self._db.scalar(query.execution_options(populate_existing=True))

    async def insert(self, connection: ProviderConnection) -> None:
        """Store a connection; raises ConnectionExists where another of this slug came in at the same moment."""
        self._db.add(connection)
        try:
            await self._db.flush()
        except IntegrityError:
            raise ConnectionExists(connection.slug) from None
        await self._db.refresh(connection, ["created_at"])

    async def delete(self, connection_id: UUID) -> None:
        """Remove a connection, with its key."""
        await self._db.execute(
            delete(ProviderConnection).where(
                ProviderConnection.org_id == self._scope.org_id, ProviderConnection.id == connection_id
            )
        )

    def _of_scope(self) -> Select[ProviderConnection]:
        return select(ProviderConnection).where(ProviderConnection.org_id == self._scope.org_id)
