"""Queries on the sealed keys and headers of connections."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.scope import Scope
from coda.llm.models import ProviderKey


class ProviderKeyRepository:
    """What is sealed of the scope's connections. A transaction that is bound elsewhere sees none of it."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def read_all(self) -> Mapping[UUID, ProviderKey]:
        """All that is sealed, by connection."""
        rows = await self._db.scalars(select(ProviderKey).where(ProviderKey.org_id == self._scope.org_id))
        return {row.connection_id: row for row in rows}

    async def hints(self) -> Mapping[UUID, str | None]:
        """How the keys end, by connection; a connection without a key is not in it."""
        query = select(ProviderKey.connection_id, ProviderKey.hint)
        is_there = (ProviderKey.org_id == self._scope.org_id, ProviderKey.sealed_key.is_not(None))
        return {row.connection_id: row.hint for row in await self._db.execute(query.where(*is_there))}

    async def find(self, connection_id: UUID) -> ProviderKey | None:
        """What is sealed of a connection."""
        identity = (self._scope.org_id, connection_id)
        return await self._db.get(ProviderKey, identity, populate_existing=True)

    async def put_key(self, connection_id: UUID, *, sealed_key: bytes | None, hint: str | None) -> None:
        """Store a connection's key in the place of the one before; None forgets it."""
        await self._put(connection_id, sealed_key=sealed_key, hint=hint)

    async def put_headers(self, connection_id: UUID, *, sealed_headers: bytes | None) -> None:
        """Store a connection's headers in the place of those before; None forgets them."""
        await self._put(connection_id, sealed_headers=sealed_headers)

    async def put_proxy(self, connection_id: UUID, *, sealed_proxy: bytes | None) -> None:
        """Store a connection's proxy in the place of the one before; None forgets it."""
        await self._put(connection_id, sealed_proxy=sealed_proxy)

    async def _put(self, connection_id: UUID, **values: Any) -> None:  # noqa: ANN401 - columns of ProviderKey
        query = insert(ProviderKey).values(org_id=self._scope.org_id, connection_id=connection_id, **values)
        await self._db.execute(query.on_conflict_do_update(index_elements=["org_id", "connection_id"], set_=values))
        await self._db.execute(
            delete(ProviderKey).where(
                ProviderKey.org_id == self._scope.org_id,
                ProviderKey.connection_id == connection_id,
                ProviderKey.sealed_key.is_(None),
                ProviderKey.sealed_headers.is_(None),
                ProviderKey.sealed_proxy.is_(None),
            )
        )
