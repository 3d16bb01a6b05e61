"""The models that an organization may use at this moment: everything here is known already, nothing waits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from coda.llm.describe import ModelDescriptions
from coda.llm.errors import ModelNotFound
from coda.llm.pricing import ModelFacts
from coda.llm.providers.kinds import Wire
from coda.llm.providers.provider import DISCOVERED, Provider
from coda.llm.types import ModelInfo

DEMO_MODEL = "demo/coda"
_MOST_LOOKED_AT: Final = 50
"""Models of a provider among which a healthy one is looked for: all of thousands are told of beside the loop only."""


@dataclass(frozen=True, slots=True)
class AvailableModels:
    """What was read of an organization before a transaction, to be chosen from inside it.

    `organization_default`: the model that its administrators chose for new chats. `instance_default`: that of the
    settings.
    """

    _providers: Sequence[Provider]
    _descriptions: ModelDescriptions
    organization_default: str | None = None
    instance_default: str | None = None

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
        """All models that the providers list, in the order in which they are shown.

        They may be thousands: to be asked for beside the event loop.
        """
        return [
            self._descriptions.of(provider, model.name)[0]
            for provider in self.providers
            for model in provider.offer.in_shown_order(provider.address)
        ]

    @property
    def chosen_default(self) -> str | None:
        """What was set for everybody, whether or not it is there."""
        return self.organization_default or self.instance_default

    def default(self, last_used: str | None) -> str:
        """The first that can be had of: last used, the organization's, the instance's; else the first healthy model,
        else the demo.
        """
        healthy = {each.id for each in self.providers if each.offer.health.status != "down"}
        for wish in (last_used, self.organization_default, self.instance_default):
            if wish and wish.partition("/")[0] in healthy:
                return wish
        return next(self._healthy(), DEMO_MODEL)

    def _healthy(self) -> Iterator[str]:
        """Of each provider that answers its healthy models, in its own order, those that take tools first."""
        for provider in self.providers:
            if provider.offer.health.status != "up":
                continue
            looked_at = [
                self._descriptions.of(provider, model.name)[0]
                for model in islice(provider.offer.models, _MOST_LOOKED_AT)
            ]
            up = [model for model in looked_at if model.health.status == "up"]
            yield from (model.id for model in (*(each for each in up if each.capabilities.tools), *up))


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """What somebody may choose, and what the default is looked for in: see `AvailableModels.default`."""

    available: AvailableModels
    last_used: str | None

    @property
    def default_model(self) -> str:
        """What is chosen while nothing else is."""
        return self.available.default(self.last_used)


def _is_absent(provider: Provider) -> bool:
    return provider.address.source == DISCOVERED and provider.offer.health.status != "up"


def _may_offer(provider: Provider, name: str) -> bool:
    return provider.address.kind.wire is not Wire.DEMO or provider.find_model(name) is not None
