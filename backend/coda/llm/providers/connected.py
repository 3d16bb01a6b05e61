"""The providers that organizations and operators connected, as this process last read them."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.db import Database, is_database_outage
from coda.core.db.listener import DatabaseListener
from coda.core.db.scoped_cache import ScopedCache
from coda.core.guarded_http import Reach
from coda.core.guarded_http.route import Route
from coda.core.scope import INSTANCE_ORG, Scope, System
from coda.core.security import Seal, SecretUnreadable
from coda.core.tasks import unbroken
from coda.llm.discovery.discovery import Discovery
from coda.llm.models import ProviderConnection, ProviderKey
from coda.llm.providers.factory import ProviderFactory
from coda.llm.providers.kinds import KINDS
from coda.llm.providers.options import ConnectionOptions, read_options
from coda.llm.providers.provider import Address, Provider
from coda.llm.providers.remembering import RefusalMemory
from coda.llm.providers.sealed import opened_headers, opened_key, opened_proxy
from coda.llm.repository import (
    ConnectionVisibilityRepository,
    LearntDialectRepository,
    ProviderConnectionRepository,
    ProviderKeyRepository,
)
from coda.llm.types import Health

_log = structlog.get_logger("coda.llm")


@dataclass(frozen=True, slots=True)
class Connected:
    """A provider, and the organizations that it is for where they are named."""

    provider: Provider
    named: frozenset[UUID] | None = None

    def is_for(self, org_id: UUID) -> bool:
        """Whether the organization may use it."""
        return self.named is None or org_id in self.named


class ConnectedProviders:
    """Each organization's providers, listed for as long as the organization is active, and the instance's, always.

    The instance's are kept once, under its own organization.
    """

    def __init__(
        self,
        database: Database,
        *,
        factory: ProviderFactory,
        discovery: Discovery,
        seal: Seal,
        listener: DatabaseListener,
        environment: Sequence[Provider] = (),
    ) -> None:
        self._database, self._factory, self._discovery, self._seal = database, factory, discovery, seal
        self._environment = environment
        self._memory = RefusalMemory(database, self.announce)
        for provider in environment:
            self._memory.watch(provider, INSTANCE_ORG)
        self._cache: ScopedCache[UUID, tuple[Connected, ...]] = ScopedCache(
            "connections", listener, key_of=UUID, load=self._load, dispose=self._dispose
        )

    async def of(self, org_id: UUID) -> Sequence[Provider]:
        """The organization's providers, then those of the instance that it may use. To be asked before a transaction.

        Where both have one of the same id it is the organization's: its models go on being what they were.
        """
        own, instance = await self._read(org_id)
        taken = {each.provider.id for each in own}
        usable = [each for each in instance if each.is_for(org_id) and each.provider.id not in taken]
        return [each.provider for each in (*own, *usable)]

    async def health(self, org_id: UUID) -> Mapping[UUID, Health]:
        """How the providers are, the organization's and all of the instance's, by connection."""
        own, instance = await self._read(org_id)
        providers = (each.provider for each in (*own, *instance))
        return {each.connection_id: each.health for each in providers if each.connection_id is not None}

    async def read_instance(self) -> None:
        """Keep the instance's providers at hand, as those of the environment are, before anybody asks for them."""
        with unbroken(_log, "llm.instance_unread", is_expected=is_database_outage):
            await self._cache.of(INSTANCE_ORG)

    async def _read(self, org_id: UUID) -> tuple[tuple[Connected, ...], tuple[Connected, ...]]:
        own, instance = await asyncio.gather(self._cache.of(org_id), self._cache.of(INSTANCE_ORG))
        return own, instance

    async def announce(self, db: AsyncSession, org_id: UUID) -> None:
        """Have every process read the organization's connections again once this transaction is committed."""
        await self._cache.announce(db, org_id)

    def in_use(self) -> Iterator[Provider]:
        """The instance's providers, and those of organizations that were active lately."""
        for connected in self._cache.values():
            yield from (each.provider for each in connected)

    async def close(self) -> None:
        """Forget all of them."""
        await self._memory.close()
        await self._cache.close()

    async def _load(self, org_id: UUID, previous: tuple[Connected, ...] | None) -> tuple[Connected, ...]:
        """Those whose connection is as before stay, with what they offered."""
        scope = Scope(org_id, System())
        async with self._database.transaction(scope) as db:
            rows = await ProviderConnectionRepository(db, scope).list_all()
            sealed = await ProviderKeyRepository(db, scope).read_all() if rows else {}
            named = await ConnectionVisibilityRepository(db, scope).read_all() if org_id == INSTANCE_ORG else {}
            has_any = rows or (org_id == INSTANCE_ORG and self._environment)
            learnt = await LearntDialectRepository(db, scope).read_all() if has_any else ()
        before = {each.provider.connection_id: each.provider for each in previous or ()}
        providers = [self._provider(row, sealed.get(row.id), before.get(row.id)) for row in rows]
        for provider in (*providers, *(self._environment if org_id == INSTANCE_ORG else ())):
            self._memory.recall(provider, learnt)
        nobody: frozenset[UUID] = frozenset()
        return tuple(
            Connected(provider, named.get(row.id, nobody) if row.is_restricted else None)
            for row, provider in zip(rows, providers, strict=True)
        )

    def _provider(self, row: ProviderConnection, sealed: ProviderKey | None, before: Provider | None) -> Provider:
        key, headers, proxy = self._open(row.id, sealed)
        address = connection_address(row, key, read_options(row.options, headers, proxy))
        if before is not None and before.address == address:
            return before
        provider = self._factory.build(address)
        provider.connection_id = row.id
        self._memory.watch(provider, row.org_id)
        self._discovery.refresh(provider)
        self._factory.warm_up([provider])
        return provider

    def _dispose(self, connected: tuple[Connected, ...], successors: tuple[Connected, ...] | None) -> None:
        """Stop listing those that are gone. An answer of theirs that is under way goes on to its end."""
        kept = {id(each.provider) for each in successors or ()}
        for each in connected:
            if id(each.provider) not in kept:
                self._discovery.forget(each.provider)

    def _open(
        self, connection_id: UUID, sealed: ProviderKey | None
    ) -> tuple[str | None, Mapping[str, str], str | None]:
        """Key, headers and proxy; none of them where they cannot be read any more."""
        try:
            key = opened_key(sealed, seal=self._seal, connection_id=connection_id)
            headers = opened_headers(sealed, seal=self._seal, connection_id=connection_id)
            return key, headers, opened_proxy(sealed, seal=self._seal, connection_id=connection_id)
        except SecretUnreadable:
            _log.warning("provider key unreadable", connection_id=str(connection_id))
            return None, {}, None


def connection_address(row: ProviderConnection, key: str | None, options: ConnectionOptions) -> Address:
    """Where a stored connection leads."""
    kind = KINDS[row.kind]
    return Address(
        id=row.slug,
        name=row.name,
        kind=kind,
        source="instance" if row.org_id == INSTANCE_ORG else "connection",
        base_url=row.base_url or kind.base_url or "",
        key=key,
        reach=Reach.PRIVATE if row.allow_private else Reach.PUBLIC,
        route=Route(options.proxy, options.authority),
        options=options,
    )
