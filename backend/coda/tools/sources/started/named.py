"""The commands that a setting names, kept as sources of the instance: added, changed and removed with the setting."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.db import Database
from coda.core.ids import new_id
from coda.core.jobs import JobQueue
from coda.core.scope import INSTANCE_ORG, Scope, System
from coda.core.security import Seal, SecretUnreadable
from coda.tools.sources.definitions import slug_of
from coda.tools.sources.joined import REFRESH_JOB
from coda.tools.sources.models import ToolSource
from coda.tools.sources.repository import SourceSecretRepository, ToolSourceRepository
from coda.tools.sources.started.commands import STDIO, StdioEntry, stored
from coda.tools.sources.types import Owner
from coda.tools.sources.wiring import SourceServices

_NOBODY: Final = UUID(int=0)
_SCOPE: Final = Scope(INSTANCE_ORG, System())
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class NamedServers:
    """Brings what is stored to what the setting says, at the start of a process that works on runs."""

    database: Database
    services: SourceServices
    seal: Seal
    servers: Mapping[str, StdioEntry]

    async def settle(self) -> None:
        """Add, change and remove; processes that start at once take turns."""
        taken = await self.services.lister.slugs_everywhere()
        async with self.database.transaction(_SCOPE) as db:
            sources = ToolSourceRepository(db, _SCOPE)
            await sources.begin_adding()
            rows = [row for row in await sources.list_of_kind(STDIO) if row.config.get("is_fixed")]
            by_name = {row.name: row for row in rows}
            changed = [row.id for row in rows if row.name not in self.servers]
            for source_id in changed:
                await sources.delete(source_id)
            for name, entered in self.servers.items():
                config, secret = stored(entered)
                row = by_name.get(name) or await self._add(sources, name, taken)
                if await self._differs(db, row, config, secret):
                    changed.append(row.id)
                    await self._change(db, row, config, secret)
            if changed:
                await self.services.joined.announce(db, Owner(INSTANCE_ORG))
                _log.info("tools.named_servers_changed", count=len(changed))

    async def _add(self, sources: ToolSourceRepository, name: str, taken: set[str]) -> ToolSource:
        row = ToolSource(
            org_id=INSTANCE_ORG,
            id=new_id(),
            owner_id=None,
            kind=STDIO,
            slug=slug_of(name, taken=taken),
            name=name,
            config={},
            allow_private=False,
            created_by=_NOBODY,
        )
        taken.add(row.slug)
        await sources.insert(row)
        return row

    async def _differs(self, db: AsyncSession, row: ToolSource, config: dict[str, Any], secret: str | None) -> bool:
        sealed = await SourceSecretRepository(db, _SCOPE).find(row.id)
        try:
            known = None if sealed is None else self.seal.open(sealed, bound_to=str(row.id)).get_secret_value()
        except SecretUnreadable:
            return True
        return row.config != {**config, "is_fixed": True} or known != secret

    async def _change(self, db: AsyncSession, row: ToolSource, config: dict[str, Any], secret: str | None) -> None:
        row.config = {**config, "is_fixed": True}
        sealed = None if secret is None else self.seal.close(secret, bound_to=str(row.id))
        await SourceSecretRepository(db, _SCOPE).put(row.id, sealed=sealed, hint=None)
        await JobQueue(db).enqueue(REFRESH_JOB, scope=_SCOPE, ids={"source_id": row.id})
