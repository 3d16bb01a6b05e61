"""A provider as this process knows it: how to ask it, what it offers, whether it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from coda.core.breaker import Breaker, Breakers
from coda.core.guarded_http import Reach
from coda.core.guarded_http.route import DIRECT, Route
from coda.llm.dialects.dialect import Dialects
from coda.llm.errors import ModelError
from coda.llm.providers.kinds import ProviderKind, Wire
from coda.llm.providers.options import AS_USUAL, ConnectionOptions
from coda.llm.retry_budget import RetryBudget
from coda.llm.types import Capabilities, ChatAdapter, Health, Price

DISCOVERED = "discovered"
"""The source of a provider that was looked for on this machine, whether it is there or not."""


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model as its provider lists it; what the list does not say is None."""

    name: str
    context_window: int | None = None
    max_output_tokens: int | None = None
    capabilities: Capabilities | None = None
    price: Price | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """Where a provider is and what opens it. `id` is what its models' ids begin with."""

    id: str
    name: str
    kind: ProviderKind
    source: str
    base_url: str
    key: str | None = field(default=None, repr=False)
    reach: Reach = Reach.ANY
    api_version: str | None = None
    fixed_models: tuple[str, ...] = ()
    route: Route = DIRECT
    options: ConnectionOptions = AS_USUAL

    @property
    def names(self) -> tuple[str, ...]:
        """The models that a person has named."""
        return (*self.fixed_models, *self.options.models)

    def headers(self) -> Mapping[str, str]:
        """The headers that carry the key, and those that were set."""
        if not self.key:
            return dict(self.options.headers)
        with_key = {name: value.replace("{key}", self.key) for name, value in (self.kind.key_headers or {}).items()}
        return {**with_key, **self.options.headers}


@dataclass(frozen=True, slots=True)
class Offer:
    """What a provider offered when it was last listed, in its own order; models that a person has named come first."""

    health: Health
    models: Sequence[ListedModel] = ()
    _by_name: Mapping[str, ListedModel] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {model.name: model for model in reversed(self.models)})

    def in_shown_order(self, address: Address) -> Sequence[ListedModel]:
        """By name, behind those that a person has named; Ollama's as it lists them, the last used first."""
        if address.kind.wire is Wire.OLLAMA:
            return self.models
        named = {name: place for place, name in enumerate(address.names)}
        return sorted(self.models, key=lambda model: (named.get(model.name, len(named)), model.name))

    def find(self, name: str) -> ListedModel | None:
        """The listed model of this name; of several, the first."""
        return self._by_name.get(name)


@dataclass(slots=True)
class Provider:
    """An address, the adapter that asks it, its latest offer (replaced whole by discovery), and how calls went."""

    address: Address
    adapter: ChatAdapter
    host: str
    connection_id: UUID | None = None
    dialects: Dialects = field(default_factory=Dialects)
    breakers: Breakers[ModelError] = field(default_factory=Breakers)
    retry_budget: RetryBudget = field(default_factory=RetryBudget)
    offer: Offer = Offer(Health("unknown"))

    @property
    def id(self) -> str:
        """What its models' ids begin with."""
        return self.address.id

    @property
    def health(self) -> Health:
        """Whether it answers: a list of models alone does not tell while calls fail."""
        failing = next(self.breakers.resting(), None)
        return self.offer.health if failing is None else self._failing(*failing)

    def health_of(self, name: str) -> Health:
        """Whether this model answers."""
        breaker = self.breakers.find_resting(name)
        return self.offer.health if breaker is None else self._failing(name, breaker)

    def _failing(self, name: str, breaker: Breaker[ModelError]) -> Health:
        said = breaker.last_error.message if breaker.last_error is not None else "Calls fail."
        return Health("down", f"{name}: {said}", self.offer.health.checked_at)

    def find_model(self, name: str) -> ListedModel | None:
        """The listed model of this name."""
        return self.offer.find(name)
