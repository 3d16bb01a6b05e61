"""What a caller does with sources in several steps: no transaction is open while a server is asked."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from coda.access.instance import instance_scope
from coda.access.principal import Principal
from coda.core.db import Database
from coda.core.scope import Scope
from coda.tools.sources.lister import ask, words_of
from coda.tools.sources.schemas import (
    SourceErrorRead,
    ToolSourceCreate,
    ToolSourcePatch,
    ToolSourceRead,
    ToolSourceTestRead,
)
from coda.tools.sources.service import entered_source
from coda.tools.sources.wiring import SourceServices, build_source_service


@dataclass(frozen=True, slots=True)
class SourceUseCases:
    """The steps of one caller. `limit` refuses those who have just had servers asked too often."""

    database: Database
    principal: Principal
    services: SourceServices
    limit: Callable[[], Awaitable[None]]

    async def create(self, request: ToolSourceCreate) -> ToolSourceRead:
        """Store a source and list it; one that does not answer is stored, and says why in its health."""
        await self.limit()
        async with self.database.transaction(self.principal.scope) as db:
            scope, source_id = await build_source_service(db, self.principal, self.services).create(request)
        await self._list(scope, source_id)
        return await self.get(source_id)

    async def change(self, source_id: UUID, change: ToolSourcePatch) -> ToolSourceRead:
        """Change a source; one with another address or sign-in is listed again."""
        if not {"url", "auth", "stdio", "allow_private"}.isdisjoint(change.model_fields_set):
            await self.limit()
        async with self.database.transaction(self.principal.scope) as db:
            service = build_source_service(db, self.principal, self.services)
            scope, is_moved = await service.change(source_id, change)
        if is_moved:
            await self._list(scope, source_id)
        return await self.get(source_id)

    async def refresh(self, source_id: UUID) -> ToolSourceRead:
        """List a source now."""
        await self.limit()
        async with self.database.transaction(self.principal.scope) as db:
            scope = await build_source_service(db, self.principal, self.services).get_listing_scope(source_id)
        await self._list(scope, source_id)
        return await self.get(source_id)

    async def get(self, source_id: UUID) -> ToolSourceRead:
        """One source."""
        async with self.database.transaction(self.principal.scope) as db:
            return await build_source_service(db, self.principal, self.services).get(source_id)

    async def test(self, request: ToolSourceCreate) -> ToolSourceTestRead:
        """What a source that is not stored would give; raises what storing it would raise."""
        await self.limit()
        source = entered_source(request, self.principal, self.services.kinds)
        told = await self.services.workers.test(instance_scope(self.principal), source)
        if told is not None:
            return told
        listing = await ask(self.services.kinds[source.kind], source)
        if listing.offer is not None:
            return ToolSourceTestRead.of(listing.offer, latency_ms=listing.latency_ms)
        error = listing.error
        read = None if error is None else SourceErrorRead(code=error.code, message=words_of(error))
        return ToolSourceTestRead(ok=False, tools=[], left_out=[], error=read, latency_ms=listing.latency_ms)

    async def _list(self, scope: Scope, source_id: UUID) -> None:
        if not await self.services.workers.list(scope, source_id):
            await self.services.lister.list(scope, source_id)
