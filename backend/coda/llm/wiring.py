"""Builds the model side of a process: one pool of connections, one catalogue, one gateway."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from coda.access.principal import Principal
from coda.core.db import Database
from coda.core.db.listener import DatabaseListener
from coda.core.guarded_http import OutboundHttp
from coda.core.security import Seal
from coda.core.settings import Settings
from coda.llm.catalogue import Catalogue
from coda.llm.discovery.discovery import Discovery
from coda.llm.gateway import Gateway
from coda.llm.pricing import PriceBook
from coda.llm.providers.factory import ProviderFactory, environment_addresses
from coda.llm.providers.organization import OrganizationProviders
from coda.llm.repository import ProviderConnectionRepository
from coda.llm.service import ConnectionService


@dataclass(frozen=True, slots=True)
class ModelHouse:
    """What a process needs to ask models. `start` after the loop runs, `close` at the end."""

    gateway: Gateway
    catalogue: Catalogue
    discovery: Discovery
    http: OutboundHttp
    factory: ProviderFactory
    seal: Seal

    def forget(self, org_id: UUID) -> None:
        """Read an organization's connections anew when next asked."""
        self.catalogue.organizations.forget(org_id)

    async def start(self) -> None:
        """Begin to list providers in the background."""
        self.discovery.start(self.catalogue.in_use)
        self.factory.warm_up(self.catalogue.in_use())

    async def close(self) -> None:
        """Stop listing and close all connections to providers."""
        await self.discovery.close()
        await self.http.close()


def build_models(settings: Settings, database: Database, listener: DatabaseListener, *, seal: Seal) -> ModelHouse:
    """Join settings, database and providers."""
    http = OutboundHttp()
    factory = ProviderFactory(http, settings.llm)
    discovery = Discovery(http, settings.llm)
    organizations = OrganizationProviders(database, factory=factory, discovery=discovery, seal=seal, listener=listener)
    catalogue = Catalogue(
        environment=[factory.build(address) for address in environment_addresses(settings)],
        demo=factory.demo(),
        organizations=organizations,
        discovery=discovery,
        prices=PriceBook(settings.llm.price_file),
        settings=settings.llm,
    )
    return ModelHouse(Gateway(catalogue, settings.llm), catalogue, discovery, http, factory, seal)


def build_connections(db: AsyncSession, principal: Principal, models: ModelHouse) -> ConnectionService:
    """The connections of a caller's organization; this process sees a change as soon as it is committed."""
    event.listen(db.sync_session, "after_commit", lambda _: models.forget(principal.org_id), once=True)
    return ConnectionService(
        connections=ProviderConnectionRepository(db, principal.scope),
        principal=principal,
        seal=models.seal,
        reserved_ids=models.catalogue.reserved_ids,
    )
