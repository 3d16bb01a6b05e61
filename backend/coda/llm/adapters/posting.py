"""Sends a JSON request whose answer streams."""

from io import BytesIO
from typing import Any, Final

import aiohttp

from coda.core.guarded_http import OutboundError, OutboundHttp
from coda.core.guarded_http.client import read_capped
from coda.core.guarded_http.redirects import is_same_host, request_within
from coda.core.settings import LlmSettings
from coda.llm.adapters.decoding.lenient_json import dumps
from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.failures.http import status_error
from coda.llm.errors import ModelError

_MAX_ERROR_BYTES: Final = 65_536
_OK, _NOT_OK = 200, 300


def timeouts(settings: LlmSettings) -> aiohttp.ClientTimeout:
    """A limit on connecting only: how long a model may be silent depends on whether it has begun."""
    return aiohttp.ClientTimeout(total=None, sock_connect=settings.connect_timeout.total_seconds())


async def post_stream(
    http: OutboundHttp, endpoint: Endpoint, model: str, body: dict[str, Any], limits: aiohttp.ClientTimeout
) -> aiohttp.ClientResponse:
    """The response to a request that was accepted; the caller closes it. Raises what a refusal means.

    A redirect that keeps the method is followed within the same host: the key goes to no other.
    """
    url, data = endpoint.url_for(model), dumps(body).encode()
    headers = {"Content-Type": "application/json", "Accept": "text/event-stream", **endpoint.headers}
    response = await request_within(
        is_same_host,
        http.session(endpoint.reach),
        "POST",
        url,
        body=lambda: BytesIO(data),
        headers=headers,
        timeout=limits,
        **endpoint.route.arguments(),
    )
    if _OK <= response.status < _NOT_OK:
        return response
    try:
        raise await _error_of(response, endpoint)
    finally:
        response.close()


async def _error_of(response: aiohttp.ClientResponse, endpoint: Endpoint) -> ModelError:
    """Read the body of a refused request and say what it means."""
    try:
        body = await read_capped(response, _MAX_ERROR_BYTES, unpacks=True)
    except (aiohttp.ClientError, OSError, OutboundError):
        body = b""
    return status_error(response.status, body, response.headers, endpoint)
