"""The toolsets of people's sources, as this process last read them: a run never asks the database for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from coda.tools.sources.types import OfferedTool, SourceKind
from coda.tools.toolsets import Toolset

REFRESH_JOB = "tool-source-refresh"


@dataclass(frozen=True, slots=True)
class OwnedToolset:
    """A source's toolset, and the person whose it is where it is one's."""

    toolset: Toolset
    owner_id: UUID | None


class JoinedSources:
    """The sources of each organization that is active, and those of the instance, which are kept once."""

    def __init__(
        self, database: Database, listener: DatabaseListener, *, kinds: Mapping[str, SourceKind], seal: Seal
    ) -> None:
        self._database, self._kinds, self._seal = database, kinds, seal
        self._cache: ScopedCache[UUID, tuple[OwnedToolset, ...]] = ScopedCache(
            "tool-sources", listener, key_of=UUID, load=self._load
        )

    async def of(self, scope: Scope) -> Sequence[Toolset]:
        """What somebody has besides our own tools: the instance's, the organization's, then theirs.

        To be asked before a transaction is opened.
        """
        own, instance = await self._cache.of(scope.org_id), await self._cache.of(INSTANCE_ORG)
        if not own and not instance:
            return ()
        shared = [each.toolset for each in (*instance, *own) if each.owner_id is None]
        theirs = [each.toolset for each in own if each.owner_id is not None and each.owner_id == scope.user_id]
        return [*shared, *theirs]

    async def announce(self, db: AsyncSession, org_id: UUID) -> None:
        """Have every process read the organization's sources again once this transaction is committed."""
        await self._cache.announce(db, org_id)

    async def close(self) -> None:
        """Forget all of them."""
        await self._cache.close()

    async def _load(self, org_id: UUID, _previous: tuple[OwnedToolset, ...] | None) -> tuple[OwnedToolset, ...]:
        scope = Scope(org_id, System())
        async with self._database.transaction(scope) as db:
            rows = await ToolSourceRepository(db, scope).list_all()
            secrets = await SourceSecretRepository(db, scope).read_all() if rows else {}
            tools = await SourceToolRepository(db, scope).of([row.id for row in rows])
        return tuple(
            OwnedToolset(self._toolset(row, secrets.get(row.id), tools.get(row.id, ())), row.owner_id)
            for row in rows
            if row.kind in self._kinds
        )

    def _toolset(self, row: ToolSource, sealed: bytes | None, tools: Sequence[SourceTool]) -> Toolset:
        source = source_or_locked(row, sealed, seal=self._seal)
        usable = [OfferedTool.of_stored(tool.listed) for tool in tools if is_usable(tool)]

        async def changed() -> None:
            await self._list_again(Scope(source.org_id, System()), source.id)

        return self._kinds[row.kind].toolset(source, usable, changed)

    async def _list_again(self, scope: Scope, source_id: UUID) -> None:
        async with self._database.transaction(scope) as db:
            await JobQueue(db).enqueue(REFRESH_JOB, scope=scope, ids={"source_id": source_id}, once=str(source_id))
