"""Models, providers and connections as they are seen over HTTP."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from coda.core.pagination import Page
from coda.core.text import OneLine
from coda.llm.available import AvailableModels
from coda.llm.models import ProviderConnection
from coda.llm.providers.provider import Provider
from coda.llm.types import Health, ModelInfo, Price

ConnectionKind = Literal["openai", "anthropic", "gemini", "openrouter", "ollama", "openai_compatible"]


class HealthRead(BaseModel):
    """Whether a provider answers; `detail` is a sentence."""

    status: Literal["up", "down", "unknown"]
    detail: str | None
    checked_at: datetime | None

    @classmethod
    def of(cls, health: Health) -> "HealthRead":
        """From a provider's health."""
        checked_at = datetime.fromisoformat(health.checked_at) if health.checked_at else None
        return cls(status=health.status, detail=health.detail, checked_at=checked_at)


class PriceRead(BaseModel):
    """USD per million tokens, as decimal strings."""

    input_per_million: str
    output_per_million: str
    cached_input_per_million: str | None

    @classmethod
    def of(cls, price: Price) -> "PriceRead":
        """From a price."""
        cached = price.cached_input_per_million
        return cls(
            input_per_million=decimal_text(price.input_per_million),
            output_per_million=decimal_text(price.output_per_million),
            cached_input_per_million=None if cached is None else decimal_text(cached),
        )


class CapabilitiesRead(BaseModel):
    """What a model can do."""

    tools: bool
    reasoning: bool
    vision: bool


class ModelRead(BaseModel):
    """A model that the caller may choose."""

    id: str
    name: str
    provider: str
    context_window: int | None
    max_output_tokens: int | None
    capabilities: CapabilitiesRead
    price: PriceRead | None
    health: HealthRead
    is_default: bool

    @classmethod
    def of(cls, info: ModelInfo, *, default_model: str) -> "ModelRead":
        """From a model's description."""
        can = info.capabilities
        return cls(
            id=info.id,
            name=info.name,
            provider=info.provider,
            context_window=info.context_window,
            max_output_tokens=info.max_output_tokens,
            capabilities=CapabilitiesRead(tools=can.tools, reasoning=can.reasoning, vision=can.vision),
            price=None if info.price is None else PriceRead.of(info.price),
            health=HealthRead.of(info.health),
            is_default=info.id == default_model,
        )


class ProviderRead(BaseModel):
    """A provider; `source` is built-in, environment, discovered or connection."""

    id: str
    name: str
    source: str
    health: HealthRead
    models: int

    @classmethod
    def of(cls, provider: Provider) -> "ProviderRead":
        """From a provider."""
        return cls(
            id=provider.id,
            name=provider.address.name,
            source=provider.address.source,
            health=HealthRead.of(provider.health),
            models=len(provider.offer.models),
        )


class ModelsRead(BaseModel):
    """Everything that the model picker shows."""

    items: list[ModelRead]
    default_model: str | None
    providers: list[ProviderRead]

    @classmethod
    def of(cls, available: AvailableModels, *, default_model: str) -> "ModelsRead":
        """From what an organization may use."""
        return cls(
            items=[ModelRead.of(info, default_model=default_model) for info in available.models()],
            default_model=default_model,
            providers=[ProviderRead.of(provider) for provider in available.providers],
        )


class ConnectionCreate(BaseModel):
    """A provider's address and key. What a kind needs of them depends on the kind."""

    model_config = ConfigDict(extra="forbid")

    kind: ConnectionKind
    name: Annotated[OneLine, StringConstraints(min_length=1, max_length=100)] | None = None
    base_url: str | None = Field(default=None, min_length=1, max_length=2000)
    api_key: SecretStr | None = Field(default=None, min_length=1, max_length=4000)


class ConnectionRead(BaseModel):
    """A stored connection; of the key only its last characters."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: ConnectionKind
    name: str
    base_url: str | None
    key_hint: str | None
    created_at: datetime


class ConnectionPage(BaseModel):
    """One page of connections."""

    items: list[ConnectionRead]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[ProviderConnection]) -> "ConnectionPage":
        """From a page of rows."""
        items = [ConnectionRead.model_validate(row) for row in page.items]
        return cls(items=items, next_cursor=page.next_cursor)


class ConnectionTestRead(BaseModel):
    """What a provider said when it was tried."""

    ok: bool
    models: list[str]
    error: str | None
    latency_ms: int | None


def decimal_text(value: Decimal) -> str:
    """A decimal string without exponent and trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
