"""The models that an organization may use at this moment: everything here is known already, nothing waits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from coda.llm.describe import ModelDescriptions
from coda.llm.errors import ModelNotFound
from coda.llm.pricing import ModelFacts
from coda.llm.providers.kinds import Wire
from coda.llm.providers.provider import DISCOVERED, Provider
from coda.llm.types import ModelInfo

DEMO_MODEL = "demo/coda"


@dataclass(frozen=True, slots=True)
class AvailableModels:
    """What was read of an organization before a transaction, to be chosen from inside it.

    `organization_default`: the model that its administrators chose for new chats.
    """

    _providers: Sequence[Provider]
    _descriptions: ModelDescriptions
    organization_default: str | None = None

    @property
    def providers(self) -> Sequence[Provider]:
        """In the order in which they are asked for a model; one that was looked for and is not there is left out."""
        return [provider for provider in self._providers if not _is_absent(provider)]

    def find(self, model_id: str) -> tuple[Provider, str]:
        """The provider of a model id, and the model's name there; raises ModelNotFound.

        A name that is not listed is passed on where the provider's list may not be complete.
        """
        provider_id, _, name = model_id.partition("/")
        for provider in self.providers:
            if provider.id == provider_id and name and _may_offer(provider, name):
                return provider, name
        raise ModelNotFound

    def describe(self, model_id: str) -> tuple[ModelInfo, ModelFacts]:
        """What is known of a model; raises ModelNotFound."""
        return self._descriptions.of(*self.find(model_id))

    def models(self) -> Sequence[ModelInfo]:
        """All models that the providers list."""
        return list(self._each())

    def _each(self) -> Iterator[ModelInfo]:
        for provider in self.providers:
            for model in provider.offer.models:
                yield self._descriptions.of(provider, model.name)[0]

    def default(self, last_used: str | None, instance_default: str | None = None) -> str:
        """The first that can be had of: last used, the organization's, the instance's; else the first healthy model,
        else the demo.
        """
        healthy = {each.id for each in self.providers if each.offer.health.status != "down"}
        for wish in (last_used, self.organization_default, instance_default):
            if wish and wish.partition("/")[0] in healthy:
                return wish
        return next((model.id for model in self._each() if model.health.status == "up"), DEMO_MODEL)


def _is_absent(provider: Provider) -> bool:
    return provider.address.source == DISCOVERED and provider.offer.health.status != "up"


def _may_offer(provider: Provider, name: str) -> bool:
    return provider.address.kind.wire is not Wire.DEMO or provider.find_model(name) is not None
