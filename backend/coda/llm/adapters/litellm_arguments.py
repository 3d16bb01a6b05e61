"""What LiteLLM is told of a request: nothing that it would drop in silence, fetch by itself, or take for its own."""

from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any, Final

from coda.llm.adapters.openai_body import chat_body
from coda.llm.dialects.dialect import Dialect
from coda.llm.dialects.known import LITELLM_FIELDS
from coda.llm.errors import ImagesRefused, ParameterRefused
from coda.llm.types import ChatRequest

_ALWAYS: Final = frozenset({"model", "messages", "stream", "stream_options", "tools", "max_tokens"})
_HINTS: Final = frozenset({
    "user", "metadata", "store", "service_tier", "prompt_cache_key", "safety_identifier", "prediction", "verbosity",
})  # fmt: skip
"""Fields of OpenAI's that change nothing of what is said; where a provider has none, nothing is lost."""


def spoken_arguments(litellm: ModuleType, provider: str, request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
    """The arguments that say what is asked; raises ParameterRefused, ImagesRefused.

    LiteLLM drops what a provider has not, and fetches pictures from any address, so that both are refused before.
    """
    if any(image.base64 is None for message in request.messages for image in message.images):
        raise ImagesRefused("Send it as a data: URL in base64.")
    known = frozenset(litellm.get_supported_openai_params(model=request.model, custom_llm_provider=provider) or ())
    extra = {name: value for name, value in request.extra.items() if _is_handed_on(name, known)}
    body = chat_body(replace(request, extra=extra), replace(dialect, extra_body=_own_fields(dialect)))
    refused = next((name for name in body if name not in known | _ALWAYS | LITELLM_FIELDS), None)
    if refused is not None:
        raise ParameterRefused(param=refused)
    return body


def _own_fields(dialect: Dialect) -> Mapping[str, Any]:
    return {name: value for name, value in dialect.extra_body.items() if name in LITELLM_FIELDS}


def _is_handed_on(name: str, known: frozenset[str]) -> bool:
    """Raises ParameterRefused for what would be lost."""
    if name in LITELLM_FIELDS and (name in known or name not in _HINTS):
        return True
    if name in _HINTS:
        return False
    raise ParameterRefused(param=name)
