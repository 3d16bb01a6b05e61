"""Queries on the sealed keys of connections."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.scope import Scope
from coda.llm.models import ProviderKey


class ProviderKeyRepository:
    """The sealed keys of the scope's connections. A transaction that is bound elsewhere sees none of them."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def read_all(self) -> Mapping[UUID, bytes]:
        """All sealed keys, by connection."""
        query = select(ProviderKey.connection_id, ProviderKey.sealed_key)
        rows = await self._db.execute(query.where(ProviderKey.org_id == self._scope.org_id))
        return {row.connection_id: row.sealed_key for row in rows}

    async def hints(self) -> Mapping[UUID, str | None]:
        """How the keys end, by connection; a connection without a key is not in it."""
        query = select(ProviderKey.connection_id, ProviderKey.hint)
        rows = await self._db.execute(query.where(ProviderKey.org_id == self._scope.org_id))
        return {row.connection_id: row.hint for row in rows}

    async def find(self, connection_id: UUID) -> ProviderKey | None:
        """A connection's key."""
        return await self._db.get(ProviderKey, (self._scope.org_id, connection_id))

    async def put(self, connection_id: UUID, *, sealed_key: bytes, hint: str | None) -> None:
        """Store a connection's key in the place of the one before."""
        values = {"sealed_key": sealed_key, "hint": hint}
        query = insert(ProviderKey).values(org_id=self._scope.org_id, connection_id=connection_id, **values)
        await self._db.execute(query.on_conflict_do_update(index_elements=["org_id", "connection_id"], set_=values))

    async def delete(self, connection_id: UUID) -> None:
        """Forget a connection's key."""
        await self._db.execute(
            delete(ProviderKey).where(
                ProviderKey.org_id == self._scope.org_id, ProviderKey.connection_id == connection_id
            )
        )
