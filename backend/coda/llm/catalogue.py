"""Which models an organization may use: its own providers', the instance's, the environment's, and the demo."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from coda.llm.available import AvailableModels
from coda.llm.describe import ModelDescriptions
from coda.llm.discovery.discovery import Discovery
from coda.llm.providers.connected import ConnectedProviders
from coda.llm.providers.provider import Provider
from coda.organizations.wiring import SettingsCache

_FIRST_LISTING_WAIT = 0.4


@dataclass(slots=True, kw_only=True)
class Catalogue:
    """Joins providers and settings. Discovery keeps the offers fresh; nothing here waits for a provider for long.

    `default_model`: that of the server's settings.
    """

    environment: Sequence[Provider]
    demo: Provider
    connected: ConnectedProviders
    organization_settings: SettingsCache
    discovery: Discovery
    descriptions: ModelDescriptions
    default_model: str | None

    async def in_use(self) -> Sequence[Provider]:
        """The providers to be listed regularly."""
        await self.connected.read_instance()
        return (*self.environment, *self.connected.in_use())

    @property
    def reserved_ids(self) -> frozenset[str]:
        """Provider ids that a connection cannot take."""
        return frozenset({"demo", "coda-agent", *(provider.id for provider in self.environment)})

    async def available(self, org_id: UUID, *, listed: bool = False) -> AvailableModels:
        """What the organization may use: its own providers first, the instance's, the environment's, then the demo.

        Where two have the same id the first is used. To be asked before a transaction is opened. `listed`: after a
        moment for providers that were never listed.
        """
        connected, settings = await asyncio.gather(self.connected.of(org_id), self.organization_settings.of(org_id))
        taken = {provider.id for provider in connected}
        environment = [provider for provider in self.environment if provider.id not in taken]
        providers = (*connected, *environment, self.demo)
        if listed:
            await self.discovery.wait_for_first(providers, seconds=_FIRST_LISTING_WAIT)
        return AvailableModels(providers, self.descriptions, settings.default_model, self.default_model)
