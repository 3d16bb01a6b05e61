"""Asks a provider for JSON; whatever goes wrong becomes a ModelError with a sentence for people."""

import asyncio
from typing import Any, Final

import orjson

from coda.core.guarded_http import OutboundError, OutboundHttp
from coda.core.guarded_http.client import FetchedAnswer
from coda.core.json_limits import JsonLimits, TooDeep, TooManyValues, check_shape
from coda.llm.adapters.decoding.events import stray_error
from coda.llm.adapters.decoding.lenient_json import loads
from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.failures.http import says_error, status_error, stream_error
from coda.llm.errors import MalformedAnswer, ProviderUnreachable
from coda.llm.providers.provider import Address

_SECONDS: Final = 8.0
_MAX_BYTES: Final = 16_000_000
_LIMITS: Final = JsonLimits(values=200_000)
"""What is parsed in one go: no other thread gets on meanwhile."""
_MARK: Final = b"\xef\xbb\xbf"


async def fetch_json(http: OutboundHttp, address: Address, path: str) -> Any:  # noqa: ANN401 - any JSON value
    """GET JSON from a provider; raises ModelError."""
    headers = {**address.headers(), **(address.kind.listing_headers or {})}
    try:
        answer = await http.fetch(
            address.base_url + path,
            reach=address.reach,
            headers=headers,
            max_bytes=_MAX_BYTES,
            seconds=_SECONDS,
            route=address.route,
        )
    except OutboundError as error:
        raise ProviderUnreachable(error.message) from None
    return await asyncio.to_thread(_json_of, answer, address)


async def post_json(http: OutboundHttp, address: Address, path: str, body: Any) -> Any:  # noqa: ANN401 - any JSON value
    """POST JSON to a provider and read JSON; raises ModelError."""
    try:
        answer = await http.post(
            address.base_url + path,
            reach=address.reach,
            headers={**address.headers(), "Content-Type": "application/json"},
            body=orjson.dumps(body),
            seconds=_SECONDS,
            route=address.route,
        )
    except OutboundError as error:
        raise ProviderUnreachable(error.message) from None
    return await asyncio.to_thread(_json_of, answer, address)


def _json_of(answer: FetchedAnswer, address: Address) -> Any:  # noqa: ANN401 - any JSON value
    endpoint = Endpoint(address.base_url, secret=address.key)
    if not answer.is_ok:
        raise status_error(answer.status, answer.body, answer.headers, endpoint)
    body = answer.body.removeprefix(_MARK).strip()
    try:
        check_shape(body, _LIMITS)
        parsed = loads(body)
    except (TooManyValues, TooDeep):
        raise MalformedAnswer("There is too much in it to be read.") from None
    except ValueError:
        raise (stray_error(body) if body.startswith(b"<") else MalformedAnswer()) from None
    if isinstance(parsed, dict) and not ({"data", "models"} & parsed.keys()) and says_error(parsed):
        raise stream_error(parsed, endpoint)
    return parsed
