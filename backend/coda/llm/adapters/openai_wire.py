"""Everything that speaks OpenAI's wire: raw server-sent events on a pooled client."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import aiohttp

from coda.core.guarded_http import OutboundHttp
from coda.core.settings import LlmSettings
from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.http_errors import connection_error
from coda.llm.adapters.openai_body import chat_body, drop_refused_field
from coda.llm.adapters.openai_chunks import ChunkReader
from coda.llm.adapters.posting import post_stream, timeouts
from coda.llm.errors import MalformedAnswer, RequestRejected
from coda.llm.types import ChatDelta, ChatRequest

_MAX_ADAPTIONS = 2
_MAX_WHOLE_ANSWER = 16_000_000
_LINGER = 0.05


class OpenAIWire:
    """Chat completions at one endpoint."""

    def __init__(self, http: OutboundHttp, endpoint: Endpoint, settings: LlmSettings) -> None:
        self._http = http
        self._endpoint = endpoint
        self._limits = timeouts(settings)

    async def stream(self, request: ChatRequest) -> AsyncIterator[ChatDelta]:
        """Ask, and yield what comes; closing the iterator closes the connection."""
        response: aiohttp.ClientResponse | None = None
        try:
            response = await self._open(request)
            reader = ChunkReader(self._endpoint)
            if response.content_type == "application/json":
                for delta in reader.read(await _read_whole(response)):
                    yield delta
            else:
                while not reader.is_done and (block := await response.content.readany()):
                    for delta in reader.feed(block):
                        yield delta
                reader.expect_end()
            if reader.usage is not None:
                yield ChatDelta(usage=reader.usage)
            if (payload := reader.payload()) is not None:
                yield ChatDelta(payload=payload)
            await _let_end(response)
        except (aiohttp.ClientError, OSError) as error:
            raise connection_error(error, has_begun=response is not None) from error
        finally:
            if response is not None:
                response.close()

    async def _open(self, request: ChatRequest) -> aiohttp.ClientResponse:
        """Send the request; a server that does not know an optional field is asked again without it."""
        body = chat_body(request, self._endpoint.dialect)
        for _ in range(_MAX_ADAPTIONS):
            try:
                return await post_stream(self._http, self._endpoint, request.model, body, self._limits)
            except RequestRejected as rejected:
                if not drop_refused_field(body, rejected.message):
                    raise
        return await post_stream(self._http, self._endpoint, request.model, body, self._limits)


async def _read_whole(response: aiohttp.ClientResponse) -> bytes:
    """The body of a server that did not stream although it was asked to."""
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > _MAX_WHOLE_ANSWER:
            raise MalformedAnswer
        parts.append(part)
    return b"".join(parts)


async def _let_end(response: aiohttp.ClientResponse) -> None:
    """Read the end of the body if it is about to come: only then can the connection be used again."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_LINGER):
            while await response.content.readany():
                pass
