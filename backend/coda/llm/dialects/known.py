"""Dialects of providers that are known by their host."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from coda.llm.dialects.dialect import Dialect

LITELLM_FIELDS: Final = frozenset({
    "top_k", "thinking", "user", "cache_control", "context_management", "speed", "safety_settings", "service_tier",
})  # fmt: skip
"""Fields that LiteLLM hands on to a provider. Others can set LiteLLM itself: an address, a file to read, a key."""
_BY_HOST: Final[Mapping[str, Mapping[str, Any]]] = {
    "api.mistral.ai": {"call_ids": "nine"},
    "codestral.mistral.ai": {"call_ids": "nine"},
}


def dialect_at(base_url: str, usual: Dialect) -> Dialect:
    """The dialect of a provider at this address; `usual` is that of its kind."""
    known = _BY_HOST.get(urlsplit(base_url).hostname or "")
    return replace(usual, **known) if known else usual
