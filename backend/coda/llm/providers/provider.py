"""A provider as this process knows it: how to ask it, what it offers, whether it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from coda.core.guarded_http import Reach
from coda.llm.dialects.dialect import Dialects
from coda.llm.providers.kinds import ProviderKind
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

    def headers(self) -> Mapping[str, str]:
        """The headers that carry the key."""
        if not self.key:
            return {}
        return {name: value.replace("{key}", self.key) for name, value in (self.kind.key_headers or {}).items()}


@dataclass(frozen=True, slots=True)
class Offer:
    """What a provider offered when it was last listed."""

    health: Health
    models: Sequence[ListedModel] = ()


@dataclass(slots=True)
class Provider:
    """An address, the adapter that asks it, and its latest offer (replaced whole by discovery)."""

    address: Address
    adapter: ChatAdapter
    host: str
    connection_id: UUID | None = None
    dialects: Dialects = field(default_factory=Dialects)
    offer: Offer = Offer(Health("unknown"))

    @property
    def id(self) -> str:
        """What its models' ids begin with."""
        return self.address.id

    def find_model(self, name: str) -> ListedModel | None:
        """The listed model of this name."""
        return next((model for model in self.offer.models if model.name == name), None)
