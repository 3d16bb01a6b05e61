"""What Ollama says of its models: window and abilities, asked once per model."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from coda.llm.discovery.rows import size_of
from coda.llm.errors import ModelError
from coda.llm.providers.provider import ListedModel
from coda.llm.types import Capabilities

_MOST_DESCRIBED = 40

Post = Callable[[str, Any], Awaitable[Any]]


async def describe_ollama(models: Sequence[ListedModel], post: Post) -> Sequence[ListedModel]:
    """The models with what `/api/show` adds; those that only embed are left out."""
    described = [await _described(model, post) for model in models[:_MOST_DESCRIBED]]
    return [model for model in (*described, *models[_MOST_DESCRIBED:]) if model is not None]


async def _described(model: ListedModel, post: Post) -> ListedModel | None:
    try:
        shown = await post("/api/show", {"model": model.name})
        facts, abilities = shown.get("model_info") or {}, shown.get("capabilities")
        window = next((size_of(size) for key, size in facts.items() if key.endswith(".context_length")), None)
    except (ModelError, AttributeError):
        return model
    if not isinstance(abilities, list):
        return replace(model, context_window=window)
    if "completion" not in abilities:
        return None
    can = Capabilities("tools" in abilities, "thinking" in abilities, "vision" in abilities)
    return replace(model, context_window=window, capabilities=can)
