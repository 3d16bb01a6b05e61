"""The providers that organizations connected, as this process last read them."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic
from uuid import UUID

import structlog

from coda.core.db import Database
from coda.core.db.listener import DatabaseListener
from coda.core.guarded_http import Reach
from coda.core.scope import Scope
from coda.core.security import Seal, SecretUnreadable
from coda.llm.discovery.discovery import Discovery
from coda.llm.models import ProviderConnection
from coda.llm.providers.factory import ProviderFactory
from coda.llm.providers.kinds import KINDS
from coda.llm.providers.provider import Address, Provider
from coda.llm.repository import CONNECTIONS_CHANNEL, ProviderConnectionRepository

_log = structlog.get_logger("coda.llm")
_FRESH_WHILE_LISTENING = 60.0
_FRESH_WHILE_DEAF = 2.0
_FORGET_AFTER = 1800.0


@dataclass(slots=True)
class _Known:
    providers: tuple[Provider, ...] = ()
    read_at: float | None = None
    used_at: float = field(default_factory=monotonic)


class OrganizationProviders:
    """Reads an organization's connections once; a NOTIFY makes every process read them again."""

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
        self._listener = listener
        self._known: dict[UUID, _Known] = defaultdict(_Known)
        self._locks: dict[UUID, asyncio.Lock] = defaultdict(asyncio.Lock)
        listener.hear(CONNECTIONS_CHANNEL, self._heard)
        listener.on_reconnect(self.forget_all)

    async def of(self, org_id: UUID) -> Sequence[Provider]:
        """The organization's providers; read from the database only where something may have changed."""
        known = self._known[org_id]
        known.used_at = monotonic()
        if not self._is_fresh(known):
            async with self._locks[org_id]:
                if not self._is_fresh(known):
                    await self._read(org_id, known)
        return known.providers

    def _is_fresh(self, known: _Known) -> bool:
        limit = _FRESH_WHILE_LISTENING if self._listener.is_connected else _FRESH_WHILE_DEAF
        return known.read_at is not None and monotonic() - known.read_at < limit

    async def _read(self, org_id: UUID, known: _Known) -> None:
        read_at = monotonic()
        scope = Scope(org_id)
        async with self._database.aside(scope) as db:  # whoever starts a run asks from inside its transaction
            rows = await ProviderConnectionRepository(db, scope).list_all()
        before = {provider.connection_id: provider for provider in known.providers}
        known.providers = tuple(before.get(row.id) or self._build(row) for row in rows)
        known.read_at = read_at

    def _build(self, row: ProviderConnection) -> Provider:
        provider = self._factory.build(connection_address(row, self._key_of(row)))
        provider.connection_id = row.id
        self._discovery.refresh(provider)
        self._factory.warm_up([provider])
        return provider

    def _key_of(self, row: ProviderConnection) -> str | None:
        if row.sealed_key is None:
            return None
        try:
            return self._seal.open(row.sealed_key, bound_to=str(row.id)).get_secret_value()
        except SecretUnreadable:
            _log.warning("provider key unreadable", connection_id=str(row.id))
            return None

    def forget(self, org_id: UUID) -> None:
        """The organization's connections changed: read them again when next asked."""
        known = self._known.get(org_id)
        if known is not None:
            known.read_at = None

    def forget_all(self) -> None:
        """Changes may have been missed."""
        for known in self._known.values():
            known.read_at = None

    def _heard(self, payload: str) -> None:
        self.forget(UUID(payload))

    def in_use(self) -> Iterator[Provider]:
        """The providers of organizations that were active lately; the others are forgotten."""
        now = monotonic()
        for org_id in [org_id for org_id, known in self._known.items() if now - known.used_at > _FORGET_AFTER]:
            del self._known[org_id]
            self._locks.pop(org_id, None)
        for known in self._known.values():
            yield from known.providers


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
