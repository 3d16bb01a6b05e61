"""Reads a provider's list of models, whatever its form: page by page, and as much of it as can be read."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Final
from urllib.parse import quote

from coda.core.guarded_http import OutboundHttp
from coda.llm.discovery.fetching import fetch_json, post_json
from coda.llm.discovery.ollama import describe_ollama
from coda.llm.discovery.rows import is_for_chat, listed, price_of, rows_in
from coda.llm.providers.kinds import Wire
from coda.llm.providers.provider import Address, ListedModel

_AZURE_CHECK: Final = "/openai/models?api-version=2024-10-21"
_MOST_PAGES: Final = 20
MOST_MODELS: Final = 5_000
"""No provider has as many; what comes beyond is left out, and said."""


async def list_models(http: OutboundHttp, address: Address) -> Sequence[ListedModel]:
    """The models at an address in its own order, those that a person has named first; raises a ModelError."""
    if address.kind.name == "azure" and address.fixed_models:
        await fetch_json(http, address, _AZURE_CHECK)
        return with_named((), address)
    models = await _all_pages(http, address)
    if address.kind.wire is Wire.OLLAMA:
        models = await describe_ollama(models, lambda path, body: post_json(http, address, path, body))
    return with_named(models, address)


def with_named(models: Iterable[ListedModel], address: Address) -> Sequence[ListedModel]:
    """Each name once; those that a person has named come first."""
    found = {model.name: model for model in models}
    named = [found.pop(name, ListedModel(name)) for name in dict.fromkeys(address.names)]
    return [*named, *found.values()][:MOST_MODELS]


async def _all_pages(http: OutboundHttp, address: Address) -> Sequence[ListedModel]:
    read = _READERS.get(address.kind.name, _openai)
    models: list[ListedModel] = []
    path: str | None = address.kind.listing_path
    for _ in range(_MOST_PAGES):
        if path is None or len(models) > MOST_MODELS:
            break
        parsed = await fetch_json(http, address, path)
        models.extend(await asyncio.to_thread(_first, read, parsed))
        path = _next_page(address, parsed)
    return models


def _first(read: Callable[[Any], Iterator[ListedModel]], parsed: Any) -> list[ListedModel]:  # noqa: ANN401 - any JSON value
    return list(islice(read(parsed), MOST_MODELS + 1))


def _next_page(address: Address, parsed: Any) -> str | None:  # noqa: ANN401 - any JSON value
    """The path of the next page: Anthropic and Gemini give their lists in several."""
    if not isinstance(parsed, dict):
        return None
    base = address.kind.listing_path
    if isinstance(parsed.get("nextPageToken"), str) and parsed["nextPageToken"]:
        return f"{base}&pageToken={quote(parsed['nextPageToken'], safe='')}"
    if parsed.get("has_more") is True and isinstance(parsed.get("last_id"), str) and "?" in base:
        return f"{base}&after_id={quote(parsed['last_id'], safe='')}"
    return None


def _openai(parsed: Any) -> Iterator[ListedModel]:  # noqa: ANN401 - any JSON value
    return (listed(row) for row in rows_in(parsed) if is_for_chat(row["id"]))


def _openrouter(parsed: Any) -> Iterator[ListedModel]:  # noqa: ANN401 - any JSON value
    return (replace(listed(row), price=price_of(row)) for row in rows_in(parsed))


def _ollama(parsed: Any) -> Iterator[ListedModel]:  # noqa: ANN401 - any JSON value
    return (ListedModel(row["id"].removesuffix(":latest")) for row in rows_in(parsed))


def _anthropic(parsed: Any) -> Iterator[ListedModel]:  # noqa: ANN401 - any JSON value
    return (listed(row) for row in rows_in(parsed))


def _gemini(parsed: Any) -> Iterator[ListedModel]:  # noqa: ANN401 - any JSON value
    rows = (row for row in rows_in(parsed) if "generateContent" in (row.get("supportedGenerationMethods") or ()))
    return (listed({**row, "id": row["id"].removeprefix("models/")}) for row in rows if is_for_chat(row["id"]))


_READERS: Final[Mapping[str, Callable[[Any], Iterator[ListedModel]]]] = {
    "openrouter": _openrouter,
    "ollama": _ollama,
    "anthropic": _anthropic,
    "gemini": _gemini,
}
