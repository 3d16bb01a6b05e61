"""What models cost and can do, by a dated price book; what is not in it is unknown, never free."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import orjson

from coda.llm.types import Capabilities, ChatUsage, Price

_MILLION = Decimal(1_000_000)
OWN_PRICES = "own prices"
FREE = Price(Decimal(0), Decimal(0), Decimal(0), version="free")
"""The price of what runs on a machine of one's own."""
_BOOK_OF_HOST = {
    "api.anthropic.com": "anthropic",
    "api.cerebras.ai": "cerebras",
    "api.deepinfra.com": "deepinfra",
    "api.deepseek.com": "deepseek",
    "api.fireworks.ai": "fireworks_ai",
    "generativelanguage.googleapis.com": "gemini",
    "api.groq.com": "groq",
    "api.mistral.ai": "mistral",
    "api.openai.com": "openai",
    "api.perplexity.ai": "perplexity",
    "api.together.xyz": "together_ai",
    "api.x.ai": "xai",
}
_AZURE_HOSTS = (".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com")

_AT_THE_USUAL_PRICE: Final[Mapping[str, tuple[object, ...]]] = {
    "service_tier": (None, "auto", "default", "flex", "standard", "standard_only"),
    "speed": (None, "standard"),
}
"""Fields that choose how fast and how dear an answer is, and the values that cost no more than the price book says."""


@dataclass(frozen=True, slots=True)
class LongPrompt:
    """The higher price of a prompt above a size."""

    above_tokens: int
    price: Price


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What the book knows of a model; a field that it does not know is None."""

    price: Price | None = None
    long_prompt: LongPrompt | None = None
    context_window: int | None = None
    max_output_tokens: int | None = None
    capabilities: Capabilities | None = None

    def cost_of(self, usage: ChatUsage) -> Decimal | None:
        """USD of one call; None where the price is unknown."""
        long = self.long_prompt
        price = long.price if long is not None and usage.input_tokens > long.above_tokens else self.price
        return None if price is None else cost_at(price, usage)


def dearer_fields(fields: Mapping[str, Any]) -> list[str]:
    """Those fields of a request with which it costs more than the price book says."""
    return [name for name, usual in _AT_THE_USUAL_PRICE.items() if fields.get(name) not in usual]


def cost_at(price: Price, usage: ChatUsage) -> Decimal:
    """Tokens times price. Cached input and reasoning without prices of their own cost as other input and output."""
    cached = min(usage.cached_input_tokens, usage.input_tokens)
    reasoning = min(usage.reasoning_tokens, usage.output_tokens)
    cached_price, reasoning_price = price.cached_input_per_million, price.reasoning_per_million
    total = (
        (usage.input_tokens - cached) * price.input_per_million
        + cached * (price.input_per_million if cached_price is None else cached_price)
        + (usage.output_tokens - reasoning) * price.output_per_million
        + reasoning * (price.output_per_million if reasoning_price is None else reasoning_price)
    )
    return total / _MILLION


class PriceBook:
    """The built-in book, with an administrator's own prices before it."""

    def __init__(self, own_prices: Path | None = None) -> None:
        self._book = _built_in()
        self._own: Mapping[str, Any] = orjson.loads(own_prices.read_bytes()) if own_prices else {}

    def find(self, *, model_id: str, host: str, kind: str, name: str) -> ModelFacts:
        """Facts about a model. Prices belong to the host that serves it; sizes may come from a namesake."""
        own = self._own.get(model_id)
        if own is not None:
            return _facts(own, version=OWN_PRICES)
        models: Mapping[str, Mapping[str, Any]] = self._book["providers"]
        row = models.get(_book_of(host), {}).get(name)
        if row is not None:
            return _facts(row, version=self._book["version"])
        namesake = models.get(kind, {}).get(name)
        if namesake is None:
            return ModelFacts()
        facts = _facts(namesake, version="")
        return ModelFacts(None, None, facts.context_window, facts.max_output_tokens, facts.capabilities)


def _book_of(host: str) -> str:
    name = host.partition(":")[0].lower()
    return "azure" if name.endswith(_AZURE_HOSTS) else _BOOK_OF_HOST.get(name, "")


def _facts(row: Mapping[str, Any], *, version: str) -> ModelFacts:
    long = row.get("long")
    long_price = _price(long, version) if long else None
    can = row.get("can")
    return ModelFacts(
        price=_price(row, version),
        long_prompt=LongPrompt(int(long["above"]), long_price) if long and long_price else None,
        context_window=row.get("window"),
        max_output_tokens=row.get("max_output"),
        # The book may be older than the model: what it does not say of pictures is not known.
        capabilities=None if can is None else Capabilities("tools" in can, "reasoning" in can, "vision" in can or None),
    )


def _price(row: Mapping[str, Any], version: str) -> Price | None:
    if row.get("input") is None or row.get("output") is None:
        return None
    cached, reasoning = row.get("cached"), row.get("reasoning")
    return Price(
        input_per_million=Decimal(str(row["input"])),
        output_per_million=Decimal(str(row["output"])),
        cached_input_per_million=None if cached is None else Decimal(str(cached)),
        version=version,
        reasoning_per_million=None if reasoning is None else Decimal(str(reasoning)),
        is_own=version == OWN_PRICES,
    )


@cache
def _built_in() -> Mapping[str, Any]:
    book: Mapping[str, Any] = orjson.loads(resources.files("coda.llm").joinpath("price_book.json").read_bytes())
    return book
