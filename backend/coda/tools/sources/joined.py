"""The toolsets of people's sources, as this process last read them: a run never asks the database for them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.db import Database
from coda.core.db.listener import DatabaseListener
from coda.core.db.scoped_cache import ScopedCache
from coda.core.jobs import JobQueue
from coda.core.scope import INSTANCE_ORG, Scope, System
from coda.core.security import Seal
from coda.tools.sources.definitions import is_usable
from coda.tools.sources.models import SourceTool, ToolSource
from coda.tools.sources.repository import SourceSecretRepository, SourceToolRepository, ToolSourceRepository
from coda.tools.sources.sealed import source_or_locked
from coda.tools.sources.types import OfferedTool, Owner, SourceKind
from coda.tools.toolsets import Toolset

REFRESH_JOB = "tool-source-refresh"


class JoinedSources:
    """The sources of each owner that is active: of a person, of an organization, and of the instance, kept once."""

    def __init__(
        self, database: Database, listener: DatabaseListener, *, kinds: Mapping[str, SourceKind], seal: Seal
    ) -> None:
        self._database, self._kinds, self._seal = database, kinds, seal
        self._cache: ScopedCache[Owner, tuple[Toolset, ...]] = ScopedCache(
            "tool-sources", listener, key_of=Owner.read, load=self._load
        )

    async def of(self, scope: Scope) -> Sequence[Toolset]:
        """What somebody has besides our own tools: the instance's, the organization's, then theirs.

        To be asked before a transaction is opened.
        """
        owners = [Owner(INSTANCE_ORG), Owner(scope.org_id)]
        if scope.user_id is not None:
            owners.append(Owner(scope.org_id, scope.user_id))
        return [toolset for owner in owners for toolset in await self._cache.of(owner)]

    async def announce(self, db: AsyncSession, owner: Owner) -> None:
        """Have every process read an owner's sources again once this transaction is committed."""
        await self._cache.announce(db, owner)

    async def close(self) -> None:
        """Forget all of them."""
        await self._cache.close()

    async def _load(self, owner: Owner, _previous: tuple[Toolset, ...] | None) -> tuple[Toolset, ...]:
        scope = Scope(owner.org_id, System())
        async with self._database.transaction(scope) as db:
            rows = await ToolSourceRepository(db, scope).list_of(owner.user_id)
            ids = [row.id for row in rows]
            secrets = await SourceSecretRepository(db, scope).of(ids) if rows else {}
            tools = await SourceToolRepository(db, scope).of(ids)
        known = [row for row in rows if row.kind in self._kinds]
        return tuple(self._toolset(row, secrets.get(row.id), tools.get(row.id, ())) for row in known)

    def _toolset(self, row: ToolSource, sealed: bytes | None, tools: Sequence[SourceTool]) -> Toolset:
        source = source_or_locked(row, sealed, seal=self._seal)
        usable = [OfferedTool.of_stored(tool.listed) for tool in tools if is_usable(tool)]

        async def changed() -> None:
            await self._list_again(Scope(source.org_id, System()), source.id)

        return self._kinds[row.kind].toolset(source, usable, changed)

    async def _list_again(self, scope: Scope, source_id: UUID) -> None:
        async with self._database.transaction(scope) as db:
            await JobQueue(db).enqueue(REFRESH_JOB, scope=scope, ids={"source_id": source_id}, once=str(source_id))
