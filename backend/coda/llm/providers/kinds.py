"""Kinds of providers, as data: address, wire, dialect, how a key is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from coda.llm.dialects.dialect import Dialect
from coda.llm.types import Capabilities


class Wire(StrEnum):
    """What is spoken with a provider."""

    DEMO = "demo"
    OPENAI = "openai"
    OLLAMA = "ollama"
    LITELLM = "litellm"


_PLAIN = Dialect()
_TEXT_AND_TOOLS = Capabilities()


@dataclass(frozen=True, slots=True)
class ProviderKind:
    """One kind. `key_headers` are sent with `{key}` replaced; `listing_path` is where its models are listed.

    `is_free`: its models run on a machine of one's own. `tells_cost`: each answer says what it cost.
    """

    name: str
    title: str
    wire: Wire
    base_url: str | None = None
    chat_path: str = "/chat/completions"
    listing_path: str = "/models"
    needs_key: bool = True
    key_headers: Mapping[str, str] | None = None
    listing_headers: Mapping[str, str] | None = None
    dialect: Dialect = _PLAIN
    capabilities: Capabilities = _TEXT_AND_TOOLS
    is_free: bool = False
    tells_cost: bool = False


_BEARER = {"Authorization": "Bearer {key}"}

KINDS: Mapping[str, ProviderKind] = {
    kind.name: kind
    for kind in (
        ProviderKind("demo", "Demo", Wire.DEMO, needs_key=False, capabilities=Capabilities(True, True, False)),
        ProviderKind(
            "openai",
            "OpenAI",
            Wire.OPENAI,
            base_url="https://api.openai.com/v1",
            key_headers=_BEARER,
            dialect=Dialect(max_tokens_field="max_completion_tokens"),
        ),
        ProviderKind(
            "openrouter",
            "OpenRouter",
            Wire.OPENAI,
            base_url="https://openrouter.ai/api/v1",
            tells_cost=True,
            key_headers=_BEARER,
            dialect=Dialect(extra_body={"usage": {"include": True}}),
        ),
        ProviderKind("openai_compatible", "OpenAI-compatible", Wire.OPENAI, needs_key=False, key_headers=_BEARER),
        ProviderKind(
            "azure",
            "Azure OpenAI",
            Wire.OPENAI,
            listing_path="/openai/deployments?api-version=2023-03-15-preview",
            key_headers={"api-key": "{key}"},
            dialect=Dialect(max_tokens_field="max_completion_tokens"),
        ),
        ProviderKind(
            "ollama",
            "Ollama",
            Wire.OLLAMA,
            base_url="http://127.0.0.1:11434",
            chat_path="/api/chat",
            listing_path="/api/tags",
            needs_key=False,
            is_free=True,
            key_headers=_BEARER,
        ),
        ProviderKind(
            "anthropic",
            "Anthropic",
            Wire.LITELLM,
            base_url="https://api.anthropic.com",
            chat_path="",
            listing_path="/v1/models?limit=1000",
            key_headers={"x-api-key": "{key}"},
            listing_headers={"anthropic-version": "2023-06-01"},
            dialect=Dialect(usual_output=32_000),
        ),
        ProviderKind(
            "gemini",
            "Google Gemini",
            Wire.LITELLM,
            base_url="https://generativelanguage.googleapis.com",
            chat_path="/v1beta",
            listing_path="/v1beta/models?pageSize=1000",
            key_headers={"x-goog-api-key": "{key}"},
        ),
    )
}
