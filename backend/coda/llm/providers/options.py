"""What a person has set for one connection, beside its address and key."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from coda.llm.dialects.dialect import Dialect
from coda.llm.pricing import FREE, OWN_PRICES
from coda.llm.types import Price

OWN_HEADERS: Final = frozenset({
    "host", "content-length", "content-type", "transfer-encoding", "connection", "accept-encoding", "upgrade", "te",
    "trailer", "proxy-authorization", "keep-alive", "expect",
})  # fmt: skip
"""Headers that belong to the connection itself."""
OWN_FIELDS: Final = frozenset({
    "model", "models", "fallbacks", "messages", "input", "prompt", "stream", "stream_options", "tools", "tool_choice",
    "functions", "function_call", "n", "best_of", "candidate_count", "candidateCount", "num_completions",
    "max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens", "max_new_tokens", "num_predict",
    "prediction", "modalities", "audio", "plugins", "web_search_options", "background", "extra_body",
})  # fmt: skip
"""Fields of a request that a connection cannot change: what each request says itself, and what would make an answer
longer, several, or dearer than what is reserved for it."""


@dataclass(frozen=True, slots=True)
class ConnectionOptions:
    """`headers` and `body` go with every request. `models`: names by hand. `authority`: certificates in PEM.

    `takes_tools` and `takes_system`: whether its models are told of tools, and instructed in a role of its own.
    `proxy`: the URL of an HTTP proxy, with a name and password where it wants them. `prices`: what somebody pays for a
    model by its name, and under None for all others of the connection.
    """

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Mapping[str, Any] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    authority: str | None = None
    first_token_seconds: float | None = None
    idle_seconds: float | None = None
    takes_tools: bool = True
    takes_system: bool = True
    proxy: str | None = field(default=None, repr=False)
    prices: Mapping[str | None, Price] = field(default_factory=dict)

    def price_of(self, model: str) -> Price | None:
        """The price that was set for a model: its own, else that of all."""
        return self.prices.get(model) or self.prices.get(None)

    def spoken(self, dialect: Dialect) -> Dialect:
        """The dialect with what was set."""
        refused = {"tools"} if not self.takes_tools else set()
        if not self.takes_system:
            refused.add("system")
        return replace(dialect, refuses=dialect.refuses | refused, extra_body={**dialect.extra_body, **self.body})


PRICE_FIGURES: Final = (
    "input_per_million", "output_per_million", "cached_input_per_million", "reasoning_per_million",
)  # fmt: skip
AS_USUAL: Final = ConnectionOptions()


def read_options(stored: Mapping[str, Any], headers: Mapping[str, str], proxy: str | None = None) -> ConnectionOptions:
    """What is stored, with what lies elsewhere, sealed: the headers, and a proxy with a login."""
    told = {name: value for name, value in stored.items() if name not in ("header_names", "proxy_has_login")}
    return ConnectionOptions(
        headers=headers,
        **{
            **told,
            "body": {name: value for name, value in told.get("body", {}).items() if name not in OWN_FIELDS},
            "models": tuple(told.get("models", ())),
            "proxy": proxy or told.get("proxy"),
            "prices": {price.get("model"): _own_price(price) for price in told.get("prices", ())},
        },
    )


def _own_price(stored: Mapping[str, Any]) -> Price:
    figures = {name: Decimal(stored[name]) for name in PRICE_FIGURES if stored.get(name) is not None}
    return Price(
        input_per_million=figures["input_per_million"],
        output_per_million=figures["output_per_million"],
        cached_input_per_million=figures.get("cached_input_per_million"),
        reasoning_per_million=figures.get("reasoning_per_million"),
        version=OWN_PRICES if any(figures.values()) else FREE.version,
        is_own=True,
    )
