"""Sends a JSON request whose answer streams."""

from io import BytesIO
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import aiohttp

from coda.core.guarded_http import OutboundError, OutboundHttp
from coda.core.guarded_http.client import read_capped
from coda.core.settings import LlmSettings
from coda.llm.adapters.decoding.lenient_json import dumps
from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.failures.http import status_error
from coda.llm.errors import ModelError

_MAX_ERROR_BYTES: Final = 65_536
_OK, _NOT_OK = 200, 300
_SAME_METHOD: Final = (307, 308)
_MOST_REDIRECTS: Final = 3


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
    for _ in range(_MOST_REDIRECTS):
        response = await http.session(endpoint.reach).post(
            url,
            data=BytesIO(data),
            headers=headers,
            timeout=limits,
            allow_redirects=False,
            **endpoint.route.arguments(),
        )
        target = urljoin(url, response.headers.get("Location", ""))
        if response.status not in _SAME_METHOD or not _is_same_host(url, target):
            break
        response.close()
        url = target
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


def _is_same_host(url: str, target: str) -> bool:
    """Also with TLS where there was none: a proxy that only wants the other scheme."""
    one, other = urlsplit(url), urlsplit(target)
    is_no_worse = other.scheme == one.scheme or other.scheme == "https"
    return one.hostname == other.hostname and is_no_worse
