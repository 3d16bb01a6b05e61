"""Rows of lists of models, in the forms of many servers. What cannot be read of a list is left out, not the list."""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from coda.core.clock import now
from coda.core.patterns import Pattern
from coda.llm.errors import MalformedAnswer
from coda.llm.providers.provider import ListedModel
from coda.llm.types import Capabilities, Price

_MILLION: Final = Decimal(1_000_000)
_MOST_PER_MILLION: Final = Decimal(1_000_000)
_LISTS: Final = ("data", "models", "items", "results", "result")
_NAMES: Final = ("id", "model", "name", "model_name", "model_id")
_WINDOWS: Final = (
    "max_model_len", "context_window", "context_length", "max_context_length", "max_input_tokens", "inputTokenLimit",
    "max_sequence_length", "context_size", "n_ctx",
)  # fmt: skip
_OUTPUTS: Final = ("max_completion_tokens", "outputTokenLimit", "max_output_tokens")
_SIZE: Final = Pattern(r"(\d+(?:\.\d+)?)\s*([kKmM]?)")
_FACTORS: Final = {"": 1, "k": 1_000, "m": 1_000_000}
_SMALLEST_SIZE, _LARGEST_SIZE = 128, 100_000_000
_LONGEST_NAME: Final = 300
_NOT_FOR_CHAT: Final = frozenset({
    "embedding", "embeddings", "embed", "whisper", "tts", "moderation", "realtime", "transcribe", "image", "images",
    "sora", "audio", "rerank", "reranker",
})  # fmt: skip
_NOT_FOR_CHAT_NAMES: Final = ("dall-e", "davinci-002", "babbage-002")
_BETWEEN_WORDS: Final = Pattern(r"[^a-zA-Z]+")


def rows_in(parsed: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - any JSON value
    """The rows of a list, each with at least an `id`. Raises MalformedAnswer where nothing of it can be read."""
    rows = parsed
    if isinstance(parsed, dict):
        key = next((key for key in _LISTS if key in parsed), None)
        if key is None:
            raise MalformedAnswer("Its list of models cannot be read.")
        rows = parsed[key] or []
    if not isinstance(rows, list):
        raise MalformedAnswer("Its list of models cannot be read.")
    named = [(row, name) for row in rows if (name := _name_of(row)) is not None]
    if rows and not named:
        raise MalformedAnswer("Its list of models cannot be read.")
    for row, name in named:
        yield {**(row if isinstance(row, dict) else {}), "id": name}


def _name_of(row: Any) -> str | None:  # noqa: ANN401 - any JSON value
    found = row if isinstance(row, str) else None
    if isinstance(row, dict):
        found = next((row[key] for key in _NAMES if isinstance(row.get(key), str) and row[key].strip()), None)
    name = found.strip() if found is not None else ""
    return name if name and name.isprintable() and len(name) <= _LONGEST_NAME else None


def size_of(value: object) -> int | None:
    """Tokens as a number, as text, or as `128k`; None for what is no size."""
    if isinstance(value, str):
        found = _SIZE.fullmatch(value.replace(",", "").replace("_", "").strip())
        value = float(found.group(1)) * _FACTORS[found.group(2).lower()] if found else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if _SMALLEST_SIZE <= value <= _LARGEST_SIZE else None


def window_of(row: Mapping[str, Any]) -> int | None:
    """The window by whatever name: vLLM's, Groq's, OpenRouter's, Mistral's, Gemini's, llama.cpp's `meta`."""
    meta = row.get("meta")
    places = (row, meta) if isinstance(meta, dict) else (row,)
    return next((size for place in places for key in _WINDOWS if (size := size_of(place.get(key)))), None)


def output_of(row: Mapping[str, Any]) -> int | None:
    """The longest answer by whatever name."""
    top = row.get("top_provider")
    places = (row, top) if isinstance(top, dict) else (row,)
    return next((size for place in places for key in _OUTPUTS if (size := size_of(place.get(key)))), None)


def capabilities_of(row: Mapping[str, Any]) -> Capabilities | None:
    """What OpenRouter, and who lists in its way, says that a model can do."""
    supported, architecture = row.get("supported_parameters"), row.get("architecture")
    if not isinstance(supported, list):
        return None
    inputs = architecture.get("input_modalities") if isinstance(architecture, dict) else None
    can_see = "image" in inputs if isinstance(inputs, list) else None
    return Capabilities("tools" in supported, "reasoning" in supported, can_see)


def price_of(row: Mapping[str, Any]) -> Price | None:
    """OpenRouter's prices per token, as strings; a negative one means that it varies."""
    pricing = row.get("pricing")
    if not isinstance(pricing, dict):
        return None
    prompt, completion = _per_million(pricing.get("prompt")), _per_million(pricing.get("completion"))
    if prompt is None or completion is None:
        return None
    cached = _per_million(pricing.get("input_cache_read"))
    return Price(prompt, completion, cached or None, version=f"OpenRouter {now().date().isoformat()}")


def _per_million(value: object) -> Decimal | None:
    try:
        price = Decimal(str(value)) * _MILLION
    except InvalidOperation:
        return None
    return price if price.is_finite() and 0 <= price <= _MOST_PER_MILLION else None


def listed(row: Mapping[str, Any]) -> ListedModel:
    """A row as a model, with all that it says in one of the usual ways."""
    return ListedModel(str(row["id"]), window_of(row), output_of(row), capabilities_of(row))


def is_for_chat(name: str) -> bool:
    """Whether a model can chat, as far as the words of its name tell."""
    lowered = name.lower()
    words = set(_BETWEEN_WORDS.split(lowered))
    return not (words & _NOT_FOR_CHAT or any(each in lowered for each in _NOT_FOR_CHAT_NAMES))
