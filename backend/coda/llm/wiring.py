"""Builds the model side of a process: one pool of connections, one catalogue, one gateway."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from coda.access.instance import enter_instance, instance_scope
from coda.access.principal import Principal
from coda.core.db import Database
from coda.core.db.listener import DatabaseListener
from coda.core.guarded_http import OutboundHttp
from coda.core.scope import Scope
from coda.core.security import Seal
from coda.core.settings import Settings
from coda.llm.catalogue import Catalogue
from coda.llm.describe import ModelDescriptions
from coda.llm.discovery.discovery import Discovery
from coda.llm.gateway import Gateway
from coda.llm.pricing import PriceBook
from coda.llm.providers.connected import ConnectedProviders
from coda.llm.providers.factory import ProviderFactory, environment_addresses
from coda.llm.repository import (
    ConnectionVisibilityRepository,
    LearntDialectRepository,
    ProviderConnectionRepository,
    ProviderKeyRepository,
)
from coda.llm.service import ConnectionService, ConnectionStore, ConnectionStores
from coda.llm.types import Pictures
from coda.observability.metrics import model_labels
from coda.organizations.wiring import SettingsCache, build_organizations


@dataclass(frozen=True, slots=True)
class ModelServices:
    """What a process needs to ask models. `start` after the loop runs, `close` at the end."""

    gateway: Gateway
    catalogue: Catalogue
    discovery: Discovery
    http: OutboundHttp
    factory: ProviderFactory
    seal: Seal

    async def start(self) -> None:
        """Begin to list providers in the background."""
        self.discovery.start(self.catalogue.in_use)
        self.factory.warm_up(self.catalogue.environment)

    async def close(self) -> None:
        """Stop listing and close all connections to providers."""
        await self.discovery.close()
        await self.catalogue.connected.close()
        await self.http.close()


def build_models(
    settings: Settings,
    database: Database,
    listener: DatabaseListener,
    *,
    seal: Seal,
    organization_settings: SettingsCache,
    pictures: Pictures | None = None,
) -> ModelServices:
    """Join settings, database and providers."""
    http = OutboundHttp()
    factory = ProviderFactory(http, settings.llm)
    discovery = Discovery(http, settings.llm)
    environment = [factory.build(address) for address in environment_addresses(settings)]
    connected = ConnectedProviders(
        database, factory=factory, discovery=discovery, seal=seal, listener=listener, environment=environment
    )
    catalogue = Catalogue(
        environment=environment,
        demo=factory.demo(),
        connected=connected,
        organization_settings=organization_settings,
        discovery=discovery,
        descriptions=ModelDescriptions(PriceBook(settings.llm.price_file), settings.llm),
        default_model=settings.default_model,
    )
    model_labels.come_from_environment(catalogue.reserved_ids)
    return ModelServices(Gateway(catalogue, settings.llm, pictures), catalogue, discovery, http, factory, seal)


def build_stores(db: AsyncSession, principal: Principal, seal: Seal) -> ConnectionStores:
    """The connections that a caller has to do with, within a transaction that is bound to their organization."""

    def store(scope: Scope) -> ConnectionStore:
        return ConnectionStore(
            scope.org_id,
            ProviderConnectionRepository(db, scope),
            ProviderKeyRepository(db, scope),
            ConnectionVisibilityRepository(db, scope),
            LearntDialectRepository(db, scope),
            seal,
        )

    own, instance = store(principal.scope), store(instance_scope(principal))
    return ConnectionStores(principal, own, instance, lambda right: enter_instance(db, principal, right))


def build_connections(db: AsyncSession, principal: Principal, models: ModelServices) -> ConnectionService:
    """Changes to the connections of a caller's organization, and of the instance."""
    catalogue = models.catalogue
    return ConnectionService(
        stores=build_stores(db, principal, models.seal),
        reserved_ids=catalogue.reserved_ids,
        list_unknown=build_organizations(db).list_unknown,
        announce=lambda org_id: catalogue.connected.announce(db, org_id),
    )
