"""Queries on the sources of one organization, or of the instance, and on their tools."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from coda.core.pagination import Cursor
from coda.core.scope import Scope
from coda.tools.models import StoredToolPolicy
from coda.tools.sources.models import SourceTool, ToolSource, ToolSourceSecret


class ToolSourceRepository:
    """The scope's sources: those of all, and those of the scope's person; Coda itself sees everybody's."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def list_page(self, *, cursor: Cursor | None, limit: int) -> Sequence[ToolSource]:
        """Newest first; one more than `limit` tells of a next page."""
        query = self._visible().order_by(ToolSource.created_at.desc(), ToolSource.id.desc()).limit(limit + 1)
        if cursor is not None:
            query = query.where(tuple_(ToolSource.created_at, ToolSource.id) < tuple_(cursor.at, cursor.id))
        return (await self._db.scalars(query)).all()

    async def list_all(self) -> Sequence[ToolSource]:
        """Everybody's of the organization that are switched on, oldest first."""
        query = select(ToolSource).where(ToolSource.org_id == self._scope.org_id, ToolSource.is_enabled)
        return (await self._db.scalars(query.order_by(ToolSource.created_at, ToolSource.id))).all()

    async def find(self, source_id: UUID) -> ToolSource | None:
        """One source."""
        return await self._db.scalar(self._visible().where(ToolSource.id == source_id))

    async def lock(self, source_id: UUID) -> ToolSource | None:
        """One source as it is now; nobody else changes it until this transaction ends."""
        query = select(ToolSource).where(ToolSource.org_id == self._scope.org_id, ToolSource.id == source_id)
        return await self._db.scalar(query.with_for_update().execution_options(populate_existing=True))

    async def slugs(self) -> set[str]:
        """Those that are taken."""
        query = select(ToolSource.slug).where(ToolSource.org_id == self._scope.org_id, self._owned())
        return set(await self._db.scalars(query))

    async def count(self, owner_id: UUID | None) -> int:
        """How many an owner has. Who asks this goes on alone until the transaction ends."""
        await self._db.execute(
            select(
                func.pg_advisory_xact_lock(func.hashtextextended(f"tool-sources {self._scope.org_id} {owner_id}", 0))
            )
        )
        query = select(func.count()).select_from(ToolSource)
        owned = ToolSource.owner_id.is_not_distinct_from(owner_id)
        return await self._db.scalar(query.where(ToolSource.org_id == self._scope.org_id, owned)) or 0

    async def insert(self, source: ToolSource) -> None:
        """Store a source."""
        self._db.add(source)
        await self._db.flush()
        await self._db.refresh(source, ["created_at", "left_out", "is_enabled"])

    async def delete(self, source_id: UUID) -> None:
        """Remove a source, with its secret, its tools, and what the organization's people have decided about them."""
        org_id = self._scope.org_id
        await self._db.execute(delete(ToolSource).where(ToolSource.org_id == org_id, ToolSource.id == source_id))
        is_its = (StoredToolPolicy.org_id == org_id, StoredToolPolicy.source == str(source_id))
        await self._db.execute(delete(StoredToolPolicy).where(*is_its))

    def _visible(self) -> Select[ToolSource]:
        return select(ToolSource).where(ToolSource.org_id == self._scope.org_id, self._owned())

    def _owned(self) -> Any:  # noqa: ANN401 - a condition
        return or_(ToolSource.owner_id.is_(None), ToolSource.owner_id == self._scope.user_id)


class SourceSecretRepository:
    """What is sealed of the scope's sources. A transaction that is bound elsewhere sees none of it."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def read_all(self) -> Mapping[UUID, bytes]:
        """All that is sealed, by source."""
        rows = await self._db.scalars(select(ToolSourceSecret).where(ToolSourceSecret.org_id == self._scope.org_id))
        return {row.source_id: row.sealed for row in rows}

    async def hints(self, source_ids: Collection[UUID]) -> Mapping[UUID, str | None]:
        """How the secrets end, by source; a source without one is not in it."""
        query = select(ToolSourceSecret.source_id, ToolSourceSecret.hint)
        is_its = (ToolSourceSecret.org_id == self._scope.org_id, ToolSourceSecret.source_id.in_(source_ids))
        return {row.source_id: row.hint for row in await self._db.execute(query.where(*is_its))}

    async def find(self, source_id: UUID) -> bytes | None:
        """What is sealed of a source."""
        row = await self._db.get(ToolSourceSecret, (self._scope.org_id, source_id), populate_existing=True)
        return None if row is None else row.sealed

    async def put(self, source_id: UUID, *, sealed: bytes | None, hint: str | None) -> None:
        """Store a source's secret in the place of the one before; None forgets it."""
        if sealed is None:
            is_its = (ToolSourceSecret.org_id == self._scope.org_id, ToolSourceSecret.source_id == source_id)
            await self._db.execute(delete(ToolSourceSecret).where(*is_its))
            return
        values = {"sealed": sealed, "hint": hint}
        query = insert(ToolSourceSecret).values(org_id=self._scope.org_id, source_id=source_id, **values)
        await self._db.execute(query.on_conflict_do_update(index_elements=["org_id", "source_id"], set_=values))


class SourceToolRepository:
    """The tools of the scope's sources."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def of(self, source_ids: Collection[UUID]) -> Mapping[UUID, Sequence[SourceTool]]:
        """By source, each in the order of their names."""
        found: dict[UUID, list[SourceTool]] = defaultdict(list)
        if source_ids:
            is_its = (SourceTool.org_id == self._scope.org_id, SourceTool.source_id.in_(source_ids))
            for row in await self._db.scalars(select(SourceTool).where(*is_its).order_by(SourceTool.name)):
                found[row.source_id].append(row)
        return found

    async def put(self, rows: Collection[SourceTool]) -> None:
        """Store new ones; those that were read are stored with the transaction."""
        self._db.add_all(rows)
        await self._db.flush()


class StaleSourceRepository:
    """The sources of all organizations that were not listed lately."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def list_unchecked(self, *, since: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
        """Organization and id, the longest unchecked first."""
        is_old = or_(ToolSource.checked_at.is_(None), ToolSource.checked_at < since)
        query = select(ToolSource.org_id, ToolSource.id).where(ToolSource.is_enabled, is_old)
        rows = await self._connection.execute(query.order_by(ToolSource.checked_at.nulls_first()).limit(limit))
        return [(row.org_id, row.id) for row in rows]
