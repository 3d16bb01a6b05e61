"""Queries on the sources of one organization, or of the instance, and on their tools."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, Text, cast, delete, func, or_, select, true, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from coda.core.pagination import Cursor
from coda.core.scope import Scope
from coda.tools.models import StoredToolPolicy
from coda.tools.sources.models import SourceTool, ToolSource, ToolSourceSecret
from coda.tools.sources.types import ToolCounts

_ID: Final = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
"""What a source that people have added is called in policies; our own tools' have names."""


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

    async def list_of(self, owner_id: UUID | None) -> Sequence[ToolSource]:
        """An owner's that are switched on, oldest first."""
        query = self._of(owner_id).where(ToolSource.is_enabled)
        return (await self._db.scalars(query.order_by(ToolSource.created_at, ToolSource.id))).all()

    async def list_of_kind(self, kind: str) -> Sequence[ToolSource]:
        """Everybody's of a kind."""
        query = select(ToolSource).where(ToolSource.org_id == self._scope.org_id, ToolSource.kind == kind)
        return (await self._db.scalars(query.order_by(ToolSource.created_at, ToolSource.id))).all()

    async def find(self, source_id: UUID) -> ToolSource | None:
        """One source."""
        return await self._db.scalar(self._visible().where(ToolSource.id == source_id))

    async def lock(self, source_id: UUID) -> ToolSource | None:
        """One source as it is now; nobody else changes it until this transaction ends."""
        query = select(ToolSource).where(ToolSource.org_id == self._scope.org_id, ToolSource.id == source_id)
        return await self._db.scalar(query.with_for_update().execution_options(populate_existing=True))

    async def begin_adding(self) -> None:
        """Go on alone until the transaction ends: nobody else adds a source in between, whoever it is for."""
        await self._db.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("tool-sources", 0))))

    async def slugs(self, *, everybodys: bool = False) -> set[str]:
        """Those that the scope's person sees, or that anybody here has."""
        is_its = ToolSource.org_id == self._scope.org_id
        query = select(ToolSource.slug).where(is_its, true() if everybodys else self._owned())
        return set(await self._db.scalars(query))

    async def count_owned(self, owner_id: UUID | None) -> int:
        """How many an owner has."""
        return await self._db.scalar(select(func.count()).select_from(self._of(owner_id).subquery())) or 0

    async def insert(self, source: ToolSource) -> None:
        """Store a source."""
        self._db.add(source)
        await self._db.flush()
        await self._db.refresh(source, ["created_at", "left_out", "is_enabled"])

    async def delete(self, source_id: UUID) -> None:
        """Remove a source, with its secret and its tools. What was decided about them a job removes, everywhere."""
        is_its = (ToolSource.org_id == self._scope.org_id, ToolSource.id == source_id)
        await self._db.execute(delete(ToolSource).where(*is_its))

    def _of(self, owner_id: UUID | None) -> Select[ToolSource]:
        is_its = ToolSource.owner_id.is_not_distinct_from(owner_id)
        return select(ToolSource).where(ToolSource.org_id == self._scope.org_id, is_its)

    def _visible(self) -> Select[ToolSource]:
        return select(ToolSource).where(ToolSource.org_id == self._scope.org_id, self._owned())

    def _owned(self) -> Any:  # noqa: ANN401 - a condition
        return or_(ToolSource.owner_id.is_(None), ToolSource.owner_id == self._scope.user_id)


class SourceSecretRepository:
    """What is sealed of the scope's sources. A transaction that is bound elsewhere sees none of it."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def of(self, source_ids: Collection[UUID]) -> Mapping[UUID, bytes]:
        """What is sealed, by source."""
        is_its = (ToolSourceSecret.org_id == self._scope.org_id, ToolSourceSecret.source_id.in_(source_ids))
        return {row.source_id: row.sealed for row in await self._db.scalars(select(ToolSourceSecret).where(*is_its))}

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

    async def counts(self, source_ids: Collection[UUID]) -> Mapping[UUID, ToolCounts]:
        """How many there are, and wait for approval, by source."""
        waits = SourceTool.listed.is_distinct_from(SourceTool.approved)
        query = select(SourceTool.source_id, func.count(), func.count().filter(waits)).group_by(SourceTool.source_id)
        is_its = (SourceTool.org_id == self._scope.org_id, SourceTool.source_id.in_(source_ids))
        rows = await self._db.execute(query.where(*is_its, SourceTool.gone_at.is_(None)))
        return {source_id: ToolCounts(listed, waiting) for source_id, listed, waiting in rows}

    async def put(self, rows: Collection[SourceTool]) -> None:
        """Store new ones; those that were read are stored with the transaction."""
        self._db.add_all(rows)
        await self._db.flush()

    async def forget(self, rows: Collection[SourceTool]) -> None:
        """Remove some."""
        for row in rows:
            await self._db.delete(row)


class EverySourceRepository:
    """The sources of all organizations, as far as Coda itself has to know them."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def list_unchecked(self, *, since: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
        """Organization and id, the longest unchecked first."""
        is_old = or_(ToolSource.checked_at.is_(None), ToolSource.checked_at < since)
        query = select(ToolSource.org_id, ToolSource.id).where(ToolSource.is_enabled, is_old)
        rows = await self._connection.execute(query.order_by(ToolSource.checked_at.nulls_first()).limit(limit))
        return [(row.org_id, row.id) for row in rows]

    async def slugs(self) -> set[str]:
        """Those that anybody has anywhere."""
        return set(await self._connection.scalars(select(ToolSource.slug).distinct()))

    async def forget_policies(self) -> None:
        """Remove what people have decided about tools of sources that are gone."""
        is_there = select(ToolSource.id).where(cast(ToolSource.id, Text) == StoredToolPolicy.source).exists()
        is_of_one = StoredToolPolicy.source.regexp_match(_ID)
        await self._connection.execute(delete(StoredToolPolicy).where(is_of_one, ~is_there))
