"""Reads a provider's list of models, whatever its form."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from coda.core.clock import now
from coda.core.guarded_http import OutboundError, OutboundHttp
from coda.core.guarded_http.client import FetchedAnswer
from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.failures.http import status_error
from coda.llm.discovery.ollama import describe_ollama
from coda.llm.errors import MalformedAnswer, ProviderUnreachable
from coda.llm.providers.kinds import Wire
from coda.llm.providers.provider import Address, ListedModel
from coda.llm.types import Capabilities, Price

_MILLION = Decimal(1_000_000)
_AZURE_CHECK = "/openai/models?api-version=2024-10-21"
_SECONDS = 8.0
_MAX_BYTES = 8_000_000
_MOST_MODELS = 2_000
_NOT_FOR_CHAT = (
    "embedding", "whisper", "tts", "dall-e", "moderation", "realtime", "transcribe", "image", "sora", "audio",
    "davinci-002", "babbage-002",
)  # fmt: skip


async def list_models(http: OutboundHttp, address: Address) -> Sequence[ListedModel]:
    """The models at an address; raises a ModelError with a sentence for people."""
    if address.fixed_models:
        await fetch_json(http, address, _AZURE_CHECK)
        return tuple(ListedModel(name) for name in address.fixed_models)
    parsed = await fetch_json(http, address, address.kind.listing_path)
    try:
        models = _READERS[address.kind.name](parsed)
    except (KeyError, TypeError, AttributeError, ValueError, InvalidOperation):
        raise MalformedAnswer("Its list of models cannot be read.") from None
    if address.kind.wire is Wire.OLLAMA:
        return await describe_ollama(models, lambda path, body: post_json(http, address, path, body))
    return sorted(models[:_MOST_MODELS], key=lambda model: model.name)


async def fetch_json(http: OutboundHttp, address: Address, path: str) -> Any:  # noqa: ANN401 - any JSON value
    """GET JSON from a provider; raises ModelError."""
    headers = {**address.headers(), **(address.kind.listing_headers or {})}
    try:
        answer = await http.fetch(
            address.base_url + path, reach=address.reach, headers=headers, max_bytes=_MAX_BYTES, seconds=_SECONDS
        )
    except OutboundError as error:
        raise ProviderUnreachable(error.message) from None
    return _json_of(answer, address)


async def post_json(http: OutboundHttp, address: Address, path: str, body: Any) -> Any:  # noqa: ANN401 - any JSON value
    """POST JSON to a provider and read JSON; raises ModelError."""
    try:
        answer = await http.post(
            address.base_url + path,
            reach=address.reach,
            headers={**address.headers(), "Content-Type": "application/json"},
            body=orjson.dumps(body),
            seconds=_SECONDS,
        )
    except OutboundError as error:
        raise ProviderUnreachable(error.message) from None
    return _json_of(answer, address)


def _json_of(answer: FetchedAnswer, address: Address) -> Any:  # noqa: ANN401 - any JSON value
    if not answer.is_ok:
        endpoint = Endpoint(address.base_url, secret=address.key)
        raise status_error(answer.status, answer.body, answer.headers, endpoint)
    try:
        return orjson.loads(answer.body)
    except ValueError:
        raise MalformedAnswer from None


def _openai(parsed: Any) -> list[ListedModel]:  # noqa: ANN401 - any JSON value
    rows = parsed["data"] if isinstance(parsed, dict) else parsed
    return [_openai_row(row) for row in rows if _is_for_chat(str(row["id"]))]


def _openai_row(row: Mapping[str, Any]) -> ListedModel:
    """`max_model_len` is vLLM's, `meta` llama.cpp's, `context_window` Groq's, `max_context_length` Mistral's."""
    meta = row.get("meta") or {}
    windows = (
        row.get("max_model_len"),
        row.get("context_window"),
        row.get("context_length"),
        row.get("max_context_length"),
        meta.get("n_ctx") if isinstance(meta, dict) else None,
    )
    return ListedModel(str(row["id"]), next((int(size) for size in windows if size), None))


def _is_for_chat(name: str) -> bool:
    return not any(word in name.lower() for word in _NOT_FOR_CHAT)


def _openrouter(parsed: Any) -> list[ListedModel]:  # noqa: ANN401 - any JSON value
    return [_openrouter_row(row) for row in parsed["data"]]


def _openrouter_row(row: Mapping[str, Any]) -> ListedModel:
    supported = row.get("supported_parameters") or ()
    inputs = (row.get("architecture") or {}).get("input_modalities") or ()
    return ListedModel(
        name=str(row["id"]),
        context_window=row.get("context_length"),
        max_output_tokens=(row.get("top_provider") or {}).get("max_completion_tokens"),
        capabilities=Capabilities("tools" in supported, "reasoning" in supported, "image" in inputs),
        price=_openrouter_price(row.get("pricing") or {}),
    )


def _openrouter_price(pricing: Mapping[str, str]) -> Price | None:
    """Prices per token as strings; a negative one means that it varies."""
    if "prompt" not in pricing or "completion" not in pricing:
        return None
    prompt, completion = Decimal(pricing["prompt"]), Decimal(pricing["completion"])
    cached = pricing.get("input_cache_read")
    if prompt < 0 or completion < 0:
        return None
    return Price(
        prompt * _MILLION,
        completion * _MILLION,
        Decimal(cached) * _MILLION if cached else None,
        version=f"OpenRouter {now().date().isoformat()}",
    )


def _ollama(parsed: Any) -> list[ListedModel]:  # noqa: ANN401 - any JSON value
    return [ListedModel(str(row.get("model") or row["name"]).removesuffix(":latest")) for row in parsed["models"]]


def _anthropic(parsed: Any) -> list[ListedModel]:  # noqa: ANN401 - any JSON value
    return [ListedModel(str(row["id"])) for row in parsed["data"]]


def _gemini(parsed: Any) -> list[ListedModel]:  # noqa: ANN401 - any JSON value
    rows = (row for row in parsed["models"] if "generateContent" in row.get("supportedGenerationMethods", ()))
    return [
        ListedModel(row["name"].removeprefix("models/"), row.get("inputTokenLimit"), row.get("outputTokenLimit"))
        for row in rows
        if _is_for_chat(row["name"])
    ]


_READERS: Mapping[str, Callable[[Any], list[ListedModel]]] = {
    "openai": _openai,
    "openai_compatible": _openai,
    "azure": _openai,
    "openrouter": _openrouter,
    "ollama": _ollama,
    "anthropic": _anthropic,
    "gemini": _gemini,
}
