"""Sends a JSON request whose answer streams."""

from typing import Any

import aiohttp
import orjson

from coda.core.guarded_http import OutboundHttp
from coda.core.settings import LlmSettings
from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.http_errors import error_of

_OK = 200


def timeouts(settings: LlmSettings) -> aiohttp.ClientTimeout:
    """No limit on the whole answer; limits on connecting and on silence."""
    return aiohttp.ClientTimeout(
        total=None,
        sock_connect=settings.connect_timeout.total_seconds(),
        sock_read=settings.idle_timeout.total_seconds(),
    )


async def post_stream(
    http: OutboundHttp, endpoint: Endpoint, model: str, body: dict[str, Any], limits: aiohttp.ClientTimeout
) -> aiohttp.ClientResponse:
    """The response to a request that was accepted; the caller closes it. Raises what a refusal means."""
    response = await http.session(endpoint.reach).post(
        endpoint.url_for(model),
        data=orjson.dumps(body),
        headers={"Content-Type": "application/json", "Accept": "text/event-stream", **endpoint.headers},
        timeout=limits,
        allow_redirects=False,
    )
    if response.status == _OK:
        return response
    try:
        raise await error_of(response, endpoint)
    finally:
        response.close()
