"""What all wires over plain HTTP share: send the request, read the stream, know when it is over."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from coda.core.guarded_http import OutboundError, OutboundHttp
from coda.core.settings import LlmSettings
from coda.llm.adapters.blocks import Blocks, Patience
from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.failures.http import connection_error
from coda.llm.adapters.posting import post_stream, timeouts
from coda.llm.adapters.reader import StreamReader
from coda.llm.dialects.dialect import Dialect
from coda.llm.dialects.speaking import send_adapted
from coda.llm.types import ChatDelta, ChatRequest


class HttpChat(ABC):
    """Chat at one endpoint."""

    def __init__(self, http: OutboundHttp, endpoint: Endpoint, settings: LlmSettings) -> None:
        self._http, self._endpoint = http, endpoint
        self._limits = timeouts(settings)
        self._patience = Patience.of(endpoint, settings)

    @abstractmethod
    def _body(self, request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
        """The JSON of a request that is put into the dialect already."""

    @abstractmethod
    def _reader(self, request: ChatRequest) -> StreamReader:
        """What reads the answer."""

    async def _send(self, request: ChatRequest, dialect: Dialect) -> aiohttp.ClientResponse:
        body = self._body(request, dialect)
        async with asyncio.timeout(self._patience.first):
            return await post_stream(self._http, self._endpoint, request.model, body, self._limits)

    async def stream(self, request: ChatRequest) -> AsyncIterator[ChatDelta]:
        """Ask, and yield what comes; closing the iterator closes the connection."""
        blocks: Blocks | None = None
        reader = self._reader(request)
        try:
            accepted = await send_adapted(request, self._endpoint.dialects, self._send)
            blocks = Blocks(accepted.answer, self._patience)
            if accepted.left_out:
                yield ChatDelta(left_out=accepted.left_out)
            while not reader.is_over and (block := await blocks.next()):
                deltas = reader.feed(block)
                for delta in deltas:
                    yield delta
                is_finished = reader.turn.finish_word is not None
                if is_finished or not blocks.has_news:  # in between, a block changes nothing for those that follow
                    blocks.heard(is_news=bool(deltas), is_finished=is_finished, has_usage=reader.usage is not None)
            for delta in reader.end():
                yield delta
            if reader.failure is not None:
                raise reader.failure
            await blocks.let_end()
        except (aiohttp.ClientError, OSError, OutboundError) as error:
            for delta in reader.held_back():
                yield delta
            raise connection_error(error, has_begun=blocks is not None) from error
        finally:
            if blocks is not None:
                blocks.close()
