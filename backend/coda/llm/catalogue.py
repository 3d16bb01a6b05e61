"""Which models a scope may choose: the environment's providers, the organization's own, and the demo."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from coda.core.scope import Scope
from coda.core.settings import LlmSettings
from coda.llm.discovery.discovery import Discovery
from coda.llm.errors import ModelNotFound
from coda.llm.pricing import ModelFacts, PriceBook
from coda.llm.providers.kinds import Wire
from coda.llm.providers.organization import OrganizationProviders
from coda.llm.providers.provider import ListedModel, Provider
from coda.llm.types import ModelInfo

DEMO_MODEL = "demo/coda"
_FIRST_LISTING_WAIT = 0.4
_FOUND = "found"


class Catalogue:
    """Finds and describes models. Discovery keeps the offers fresh; nothing here waits for a provider for long."""

    def __init__(
        self,
        *,
        environment: Sequence[Provider],
        demo: Provider,
        organizations: OrganizationProviders,
        discovery: Discovery,
        prices: PriceBook,
        settings: LlmSettings,
    ) -> None:
        self._environment = tuple(environment)
        self._demo = demo
        self.organizations = organizations
        self._discovery = discovery
        self._prices = prices
        self._settings = settings

    def in_use(self) -> Iterator[Provider]:
        """The providers to be listed regularly."""
        yield from self._environment
        yield from self.organizations.in_use()

    @property
    def reserved_ids(self) -> frozenset[str]:
        """Provider ids that a connection cannot take."""
        return frozenset({"demo", "coda-agent", *(provider.id for provider in self._environment)})

    async def providers(self, scope: Scope) -> Sequence[Provider]:
        """The organization's own first, then the environment's, then the demo; an Ollama not found is left out."""
        own = await self.organizations.of(scope.org_id)
        found = [provider for provider in self._environment if not _is_absent(provider)]
        return (*own, *found, self._demo)

    async def find(self, scope: Scope, model_id: str) -> tuple[Provider, str]:
        """The provider of a model id, and the model's name there; raises ModelNotFound.

        A name that is not listed is passed on where the provider's list may not be complete.
        """
        provider_id, _, name = model_id.partition("/")
        for provider in await self.providers(scope):
            if provider.id == provider_id and name and _may_offer(provider, name):
                return provider, name
        raise ModelNotFound

    def describe(self, provider: Provider, name: str) -> tuple[ModelInfo, ModelFacts]:
        """What is known of a model: its provider's word first, then the price book's."""
        listed = provider.find_model(name) or ListedModel(name)
        kind = provider.address.kind
        model_id = f"{provider.id}/{name}"
        facts = self._prices.find(model_id=model_id, host=provider.host, kind=kind.name, name=name)
        if listed.price is not None and facts.price is None:
            facts = replace(facts, price=listed.price)
        info = ModelInfo(
            id=model_id,
            name=name,
            provider=provider.id,
            context_window=self._window(provider, listed, facts),
            max_output_tokens=listed.max_output_tokens or facts.max_output_tokens,
            capabilities=listed.capabilities or facts.capabilities or kind.capabilities,
            price=facts.price,
            health=provider.offer.health,
        )
        return info, facts

    def _window(self, provider: Provider, listed: ListedModel, facts: ModelFacts) -> int | None:
        window = listed.context_window or facts.context_window
        if provider.address.kind.wire is Wire.OLLAMA:
            most = self._settings.ollama_max_window
            return min(window, most) if window else most
        return window

    async def models(self, scope: Scope) -> tuple[Sequence[Provider], Sequence[ModelInfo]]:
        """All providers and models of the scope."""
        providers = await self.providers(scope)
        await self._discovery.wait_for_first(providers, seconds=_FIRST_LISTING_WAIT)
        providers = await self.providers(scope)
        return providers, [
            self.describe(provider, model.name)[0] for provider in providers for model in provider.offer.models
        ]

    async def default_model(self, scope: Scope, *wishes: str | None) -> str:
        """The first wish (last used, settings) that can be had, else the first healthy model, else the demo."""
        healthy = {each.id for each in await self.providers(scope) if each.offer.health.status != "down"}
        for wish in wishes:
            if wish and wish.partition("/")[0] in healthy:
                return wish
        _, models = await self.models(scope)
        return next((model.id for model in models if model.health.status == "up"), DEMO_MODEL)


def _is_absent(provider: Provider) -> bool:
    return provider.address.source == _FOUND and provider.offer.health.status != "up"


def _may_offer(provider: Provider, name: str) -> bool:
    return provider.address.kind.wire is not Wire.DEMO or provider.find_model(name) is not None
