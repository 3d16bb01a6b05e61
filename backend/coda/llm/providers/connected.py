"""The providers that organizations connected, as this process last read them."""

from collections.abc import Iterator, Sequence
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.db import Database
from coda.core.db.listener import DatabaseListener
from coda.core.db.scoped_cache import ScopedCache
from coda.core.guarded_http import Reach
from coda.core.scope import Scope, System
from coda.core.security import Seal, SecretUnreadable
from coda.llm.discovery.discovery import Discovery
from coda.llm.models import ProviderConnection
from coda.llm.providers.factory import ProviderFactory
from coda.llm.providers.kinds import KINDS
from coda.llm.providers.provider import Address, Provider
from coda.llm.repository import ProviderConnectionRepository

_log = structlog.get_logger("coda.llm")
Providers = tuple[Provider, ...]


class ConnectedProviders:
    """Each organization's providers, each listed for as long as the organization is active."""

    def __init__(
        self,
        database: Database,
        *,
        factory: ProviderFactory,
        discovery: Discovery,
        seal: Seal,
        listener: DatabaseListener,
    ) -> None:
        self._database, self._factory, self._discovery, self._seal = database, factory, discovery, seal
        self._cache: ScopedCache[UUID, Providers] = ScopedCache(
            "connections", listener, key_of=UUID, load=self._load, dispose=self._dispose
        )

    async def of(self, org_id: UUID) -> Sequence[Provider]:
        """The organization's providers. To be asked before a transaction is opened."""
        return await self._cache.of(org_id)

    async def announce(self, db: AsyncSession, org_id: UUID) -> None:
        """Have every process read the organization's connections again once this transaction is committed."""
        await self._cache.announce(db, org_id)

    def in_use(self) -> Iterator[Provider]:
        """The providers of organizations that were active lately."""
        for providers in self._cache.values():
            yield from providers

    async def close(self) -> None:
        """Forget all of them."""
        await self._cache.close()

    async def _load(self, org_id: UUID, previous: Providers | None) -> Providers:
        """Those whose connection is as before stay, with what they offered."""
        scope = Scope(org_id, System())
        async with self._database.transaction(scope) as db:
            rows = await ProviderConnectionRepository(db, scope).list_all()
        before = {provider.connection_id: provider for provider in previous or ()}
        return tuple(self._provider(row, before.get(row.id)) for row in rows)

    def _provider(self, row: ProviderConnection, before: Provider | None) -> Provider:
        address = connection_address(row, self._key_of(row))
        if before is not None and before.address == address:
            return before
        provider = self._factory.build(address)
        provider.connection_id = row.id
        self._discovery.refresh(provider)
        self._factory.warm_up([provider])
        return provider

    def _dispose(self, providers: Providers, successors: Providers | None) -> None:
        """Stop listing those that are gone. An answer of theirs that is under way goes on to its end."""
        kept = {id(provider) for provider in successors or ()}
        for provider in providers:
            if id(provider) not in kept:
                self._discovery.forget(provider)

    def _key_of(self, row: ProviderConnection) -> str | None:
        if row.sealed_key is None:
            return None
        try:
            return self._seal.open(row.sealed_key, bound_to=str(row.id)).get_secret_value()
        except SecretUnreadable:
            _log.warning("provider key unreadable", connection_id=str(row.id))
            return None


def connection_address(row: ProviderConnection, key: str | None) -> Address:
    """Where a stored connection leads."""
    kind = KINDS[row.kind]
    return Address(
        id=row.slug,
        name=row.name,
        kind=kind,
        source="connection",
        base_url=row.base_url or kind.base_url or "",
        key=key,
        reach=Reach.PRIVATE if row.allow_private else Reach.PUBLIC,
    )
