"""Models, providers and connections as they are seen over HTTP."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, SecretStr, StringConstraints
from pydantic.config import JsonDict

from coda.core.names import OneLine
from coda.core.scope import INSTANCE_ORG
from coda.llm.available import ModelChoice
from coda.llm.models import ProviderConnection
from coda.llm.providers.provider import Provider
from coda.llm.types import Capabilities, Health, ModelInfo, Price

ConnectionKind = Literal["openai", "anthropic", "gemini", "openrouter", "ollama", "openai_compatible"]
ConnectionOwner = Literal["organization", "instance"]
Name = Annotated[OneLine, StringConstraints(min_length=1, max_length=100)]
BaseUrl = Annotated[str, Field(min_length=1, max_length=2000)]
Key = Annotated[SecretStr, Field(min_length=1, max_length=4000)]
ProxyUrl = Annotated[SecretStr, Field(min_length=1, max_length=2000)]
HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$")]
HeaderValue = Annotated[SecretStr, Field(min_length=1, max_length=4000)]
ModelName = Annotated[OneLine, StringConstraints(min_length=1, max_length=300)]
Visibility = Literal["all"] | Annotated[list[UUID], Field(max_length=1000)]


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
    reasoning_per_million: str | None

    @classmethod
    def of(cls, price: Price) -> "PriceRead":
        """From a price."""
        cached, reasoning = price.cached_input_per_million, price.reasoning_per_million
        return cls(
            input_per_million=decimal_text(price.input_per_million),
            output_per_million=decimal_text(price.output_per_million),
            cached_input_per_million=None if cached is None else decimal_text(cached),
            reasoning_per_million=None if reasoning is None else decimal_text(reasoning),
        )


class CapabilitiesRead(BaseModel):
    """What a model can do. `vision` is true for one that `sees`; `blind` is known to look at no pictures."""

    tools: bool
    reasoning: bool
    vision: bool
    sight: Literal["sees", "blind", "unknown"]

    @classmethod
    def of(cls, can: Capabilities) -> "CapabilitiesRead":
        """From what is known of a model."""
        sight: Literal["sees", "blind", "unknown"] = "unknown" if can.vision is None else "blind"
        if can.vision:
            sight = "sees"
        return cls(tools=can.tools, reasoning=can.reasoning, vision=can.vision is True, sight=sight)


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
        return cls(
            id=info.id,
            name=info.name,
            provider=info.provider,
            context_window=info.context_window,
            max_output_tokens=info.max_output_tokens,
            capabilities=CapabilitiesRead.of(info.capabilities),
            price=None if info.price is None else PriceRead.of(info.price),
            health=HealthRead.of(info.health),
            is_default=info.id == default_model,
        )


class ProviderRead(BaseModel):
    """A provider; `source` is built-in, environment, discovered, instance or connection."""

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
    chosen_default: str | None = Field(description="What the organization, else the server, has set for new chats.")
    providers: list[ProviderRead]

    @classmethod
    def of(cls, choice: ModelChoice) -> "ModelsRead":
        """From what somebody may choose. It may be thousands: to be made beside the event loop."""
        available, default_model = choice.available, choice.default_model
        return cls(
            items=[ModelRead.of(info, default_model=default_model) for info in available.models()],
            default_model=default_model,
            chosen_default=available.chosen_default,
            providers=[ProviderRead.of(provider) for provider in available.providers],
        )


Usd = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=6)]


class OwnPrice(BaseModel):
    """USD per million tokens of one model of a connection, or of all others where none is named; all 0 is free."""

    model_config = ConfigDict(extra="forbid")

    model: ModelName | None = None
    input_per_million: Usd
    output_per_million: Usd
    cached_input_per_million: Usd | None = None
    reasoning_per_million: Usd | None = None

    def as_stored(self) -> dict[str, str]:
        """Decimals as text."""
        told = self.model_dump(exclude_none=True)
        return {name: decimal_text(value) if isinstance(value, Decimal) else value for name, value in told.items()}


class OwnPriceRead(PriceRead):
    """A price that somebody has set."""

    model: str | None


def _without_default(schema: JsonDict) -> None:
    """The generated client would demand a field whose default is in the document."""
    schema.pop("default", None)


class ConnectionOptionsPatch(BaseModel):
    """What is set for one connection. All of it is replaced at once, but headers that are left out stay.

    A header without a value keeps the one that is stored.

    `authority`: certificates in PEM that its server may have. `models`: names that its server does not list.
    `proxy`: the URL of an HTTP proxy; the login that is in it is never shown, and stays where the proxy comes back
    without one. `prices` count in place of the price book and of what the provider reports.
    """

    model_config = ConfigDict(extra="forbid")

    headers: dict[HeaderName, HeaderValue | None] | None = Field(default=None, max_length=20)
    body: dict[str, JsonValue] | None = Field(default=None, max_length=50)
    models: list[ModelName] | None = Field(default=None, max_length=500)
    authority: str | None = Field(default=None, max_length=100_000)
    first_token_seconds: float | None = Field(default=None, ge=1, le=3_600)
    idle_seconds: float | None = Field(default=None, ge=1, le=3_600)
    takes_tools: bool | None = None
    takes_system: bool | None = None
    proxy: ProxyUrl | None = None
    prices: list[OwnPrice] | None = Field(default=None, max_length=500)


class ConnectionOptionsRead(BaseModel):
    """What is set for one connection; of the headers only their names, of a proxy's login only that there is one."""

    header_names: list[str]
    body: dict[str, JsonValue]
    models: list[str]
    authority: str | None
    first_token_seconds: float | None
    idle_seconds: float | None
    takes_tools: bool
    takes_system: bool
    proxy: str | None
    proxy_has_login: bool
    prices: list[OwnPriceRead]

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "ConnectionOptionsRead":
        """As it is stored."""
        return cls(
            header_names=stored.get("header_names", []),
            body=stored.get("body", {}),
            models=stored.get("models", []),
            authority=stored.get("authority"),
            first_token_seconds=stored.get("first_token_seconds"),
            idle_seconds=stored.get("idle_seconds"),
            takes_tools=stored.get("takes_tools", True),
            takes_system=stored.get("takes_system", True),
            proxy=stored.get("proxy"),
            proxy_has_login=stored.get("proxy_has_login", False),
            prices=[
                OwnPriceRead(**{name: price.get(name) for name in OwnPriceRead.model_fields})
                for price in stored.get("prices", ())
            ],
        )


class ConnectionCreate(BaseModel):
    """A provider's address and key. What a kind needs of them depends on the kind.

    `for` the instance, which operators may, everybody can use it, or the organizations in `visible_to`.
    """

    model_config = ConfigDict(extra="forbid")

    kind: ConnectionKind
    name: Name | None = None
    base_url: BaseUrl | None = None
    api_key: Key | None = None
    owner: ConnectionOwner = Field(default="organization", alias="for", json_schema_extra=_without_default)
    visible_to: Visibility | None = None
    options: ConnectionOptionsPatch | None = None


class ConnectionPatch(BaseModel):
    """What changes on a connection; what is left out stays.

    Null gives `name` and `base_url` the kind's own and takes `key` away. A new `base_url` needs the key again.
    """

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    base_url: BaseUrl | None = None
    key: Key | None = None
    allow_private: bool | None = None
    visible_to: Visibility | None = None
    options: ConnectionOptionsPatch | None = None


@dataclass(frozen=True, slots=True)
class ConnectionFacts:
    """What a caller may know of a connection besides its row.

    `in_detail`: its address and how its key ends. `named`: the organizations that a restricted one is for.
    """

    in_detail: bool
    can_change: bool
    key_hint: str | None = None
    named: Collection[UUID] = ()
    shadowed_by: UUID | None = None


class ConnectionRead(BaseModel):
    """A stored connection; of the key only its last characters.

    Only who manages it sees address and key hint. `visible_to` is told to operators, for the instance's.
    `shadowed_by` is the organization's own connection that has the same `provider`, and is used in its place.
    """

    id: UUID
    kind: ConnectionKind
    name: str
    provider: str = Field(description="What the ids of its models begin with.")
    base_url: str | None
    key_hint: str | None
    allow_private: bool | None
    owner: ConnectionOwner = Field(serialization_alias="for")
    visible_to: Visibility | None
    options: ConnectionOptionsRead | None
    can_change: bool
    shadowed_by: UUID | None
    health: HealthRead
    created_at: datetime

    @classmethod
    def of(cls, row: ProviderConnection, *, facts: ConnectionFacts, health: Health | None = None) -> "ConnectionRead":
        """From a row, for a caller who may know of it."""
        in_detail, is_instance = facts.in_detail, row.org_id == INSTANCE_ORG
        visible_to: Visibility = sorted(facts.named) if row.is_restricted else "all"
        return cls(
            id=row.id,
            kind=cast("ConnectionKind", row.kind),
            name=row.name,
            provider=row.slug,
            base_url=row.base_url if in_detail else None,
            key_hint=facts.key_hint if in_detail else None,
            allow_private=row.allow_private if in_detail else None,
            owner="instance" if is_instance else "organization",
            visible_to=visible_to if is_instance and in_detail else None,
            options=ConnectionOptionsRead.of(row.options) if in_detail else None,
            can_change=facts.can_change,
            shadowed_by=facts.shadowed_by,
            health=HealthRead.of(health or Health("unknown")),
            created_at=row.created_at,
        )


class ConnectionPage(BaseModel):
    """One page of connections."""

    items: Sequence[ConnectionRead]
    next_cursor: str | None


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
